"""What a provider counts is taken where it makes sense, and else is unknown."""

import pytest

from cockpit.agents.providers.token_counts import TokenCounts


def counts_of(*said):
    counts = TokenCounts()
    for each in said:
        counts.add(each)
    return counts


@pytest.mark.parametrize(
    ("said", "cached"),
    [
        ({"prompt_tokens_details": {"cached_tokens": 30, "audio_tokens": 0}}, 30),
        ({"prompt_tokens_details": {"audio_tokens": 0}, "prompt_cache_hit_tokens": 30}, 30),
        ({"cached_tokens": 30}, 30),
        ({"prompt_tokens_details": {"cached_tokens": 41}}, 40),
        ({"prompt_tokens_details": {"cached_tokens": -1}}, 0),
        ({"prompt_tokens_details": {"cached_tokens": 30.5}}, 0),
        ({"prompt_tokens_details": 30}, 0),
        ({}, 0),
    ],
)
def test_of_what_was_read_a_provider_says_what_it_had_in_its_cache(said, cached):
    counts = counts_of({"prompt_tokens": 40, "completion_tokens": 9} | said)
    assert (counts.input_tokens, counts.cached_tokens) == (40, cached)


def test_counts_are_the_largest_there_were_and_the_last_words_are_kept():
    counts = counts_of(
        {"prompt_tokens": 40, "completion_tokens": 1, "cached_tokens": 20},
        {"prompt_tokens": 0, "completion_tokens": 9, "note": "x" * 10_000},
    )
    assert (counts.input_tokens, counts.cached_tokens) == (40, 20)
    assert counts.output_tokens(is_empty=False) == 9
    assert counts.usage == {"prompt_tokens": 0, "completion_tokens": 9}


def test_one_count_without_sense_makes_it_unknown_whatever_else_was_said():
    counts = counts_of({"prompt_tokens": 40}, {"prompt_tokens": -5}, {"prompt_tokens": 41})
    assert (counts.input_tokens, counts.cached_tokens) == (None, 0)


def test_only_an_empty_answer_may_have_taken_no_token_to_write():
    counts = counts_of({"prompt_tokens": 40, "completion_tokens": 0})
    assert (counts.output_tokens(is_empty=True), counts.output_tokens(is_empty=False)) == (0, None)


@pytest.mark.parametrize(
    ("said", "billed"),
    [
        ({"cost": 0.5}, 0.5),
        ({"cost": 1}, 1.0),
        ({"cost": True}, None),
        ({"cost": {"total": 1}}, None),
        ({}, None),
    ],
)
def test_a_bill_is_a_number_of_dollars(said, billed):
    assert counts_of(said).billed_usd == billed
