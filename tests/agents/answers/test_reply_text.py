"""What is JSON in a model's words is found, what is nearly JSON is mended, and nothing is completed."""

import json
import re
from math import inf, isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.agents.answers.json_mending import MAX_BROKEN_LENGTH, mended
from cockpit.agents.answers.reply_text import (
    MAX_DEPTH,
    MAX_OBJECTS,
    ReplyObjects,
    ReplyStage,
    TextFault,
    Unusable,
    objects_in,
    quoted,
    spoken,
)

HOLD = {"signal": "hold"}
CUT = Unusable.CUT

# fmt: off
STRICT = [
    ('{"signal": "hold"}', [HOLD]),
    ('\ufeff \n{"signal": "hold"}\x00', [HOLD]),
    ('```json\n{"signal": "hold"}\n```', [HOLD]),
    ('```\n{"signal": "hold"}\n```\nGood luck!', [HOLD]),
    ('I think {see above} it falls. {"signal": "hold"} That is all.', [HOLD]),
    ('RSI was [41.2, 38.0, 35.5] and [], so [sic] \\boxed{} {"signal": "hold"}', [HOLD]),
    ('"Hold," it said: {"signal": "hold"}', [HOLD]),
    ('<think>{"signal": "close"} or not?</think>{"signal": "hold"}', [HOLD]),
    ('thinking without an opening tag {"signal": "close"}</think>\n{"signal": "hold"}', [HOLD]),
    ('{"signal": "hold"}<think>{"signal": "close"}', [HOLD]),
    ('{"a": 1} and {"b": [2, 3]}', [{"a": 1.0}, {"b": [2.0, 3.0]}]),
    ('[{"coin": "BTC"}, {"coin": "ETH"}]', [{"coin": "BTC"}, {"coin": "ETH"}]),
    ('{"a": "} { \\" ]", "b": 1}', [{"a": '} { " ]', "b": 1.0}]),
    ('{"a": 1, "a": 1}', [{"a": 1.0}]),
    ('{"a": 1, "a": 2}', [{"a": Unusable.CONTRADICTED}]),
    ('{"a": 1, "a": 2, "a": 2}', [{"a": Unusable.CONTRADICTED}]),
    ('{"a": Infinity, "b": -Infinity, "c": 1e999}', [{"a": inf, "b": -inf, "c": inf}]),
    ('{"a": ' + "9" * 5_000 + "}", [{"a": inf}]),
    ('{"a": "\\ud800"}', [{"a": "\ud800"}]),
]
MENDED = [
    ("{'signal': 'hold'}", [HOLD]),
    ("{signal: hold}", [HOLD]),
    ("{“signal”: “hold”}", [HOLD]),
    ('{"signal": "hold",}', [HOLD]),
    ('{"signal": "hold" "confidence": 0.5}', [HOLD | {"confidence": 0.5}]),
    ('{"signal": "hold", // because\n "confidence": 0.5 /* or so */} # done', [HOLD | {"confidence": 0.5}]),
    ('{"signal": "hold", "url": "http://x.y"; }', None),
    ("{'signal': 'hold', 'why': 'see http://x.y', 'stop_loss': 5,\n}",
     [HOLD | {"why": "see http://x.y", "stop_loss": 5}]),
    ('{"signal": "hold", "is_add": False, "quantity": None}', [HOLD | {"is_add": False, "quantity": None}]),
    ('{"signal": "hold", "why": "two\nlines"}', [HOLD | {"why": "two\nlines"}]),
    ('{"signal": "hold", "why": "so "strong" now"}', [HOLD | {"why": 'so "strong" now'}]),
    ('{"signal": "hold", "quantity": 1,000.5, "leverage": 5}',
     [HOLD | {"quantity": "1,000.5", "leverage": 5}]),
    ('{"signal": "hold", "leverage": 10x, "quantity": .5}', [HOLD | {"leverage": "10x", "quantity": 0.5}]),
    ('{"signal": "hold", "a": [1, 2}', [HOLD | {"a": [1, 2]}]),
    ('{"signal": "hold", "quantity": }', [HOLD | {"quantity": ""}]),
]
# What json_repair would change, drop or hide is not mended, so that the whole is refused.
CHANGED = [
    ('{"signal": "hold", "confidence": 50%, "leverage": 5}', "50% would be 50"),
    ('{"signal": "hold", "confidence": 50 %, "leverage": 5}', "50 % would be 50"),
    ('{"signal": "hold", "quantity": 1 000}', "1 000 would be 1"),
    ('{"signal": "hold", "quantity": 1_000}', "an underscore would go"),
    ('{"signal": "hold", "risk_usd": $500}', "the unit would go"),
    ('{"signal": "hold", "risk_usd": (500)}', "a negative number, for some"),
    ('{"signal": "hold", "quantity": 1, "quantity": 2,}', "the first of two would go"),
    ('{"signal": "hold", "quantity":\n"stop_loss": 5}', "a key would be a value"),
    ('{signal: hold, why: go up stop_loss: 5}', "a stop would be part of the words"),
    ("{signal: hold, why: it's up, stop_loss: 5}", "a field would be part of the words"),
    ('{"signal"="hold", "quantity"=1}', "two keys would be one"),
    ('{"signal": "hold", "confidence": 0.7, ...}', "what was left out would be forgotten"),
]
CUT_OFF = [
    ('{"BTC": {"signal": "hold"}, "ETH": {"signal": "hold", "quantity": 0.1', [{"BTC": HOLD, "ETH": CUT}]),
    ('{"BTC": {"signal": "hold"}, "ETH": {"signal": "hold", "quantity": 0.1\n```',
     [{"BTC": HOLD, "ETH": CUT}]),
    ('{"BTC": {"signal": "hold"}, "E', [{"BTC": HOLD, "": CUT}]),
    ('{"BTC": {"signal": "hold"}', [{"BTC": HOLD, "": CUT}]),
    ('{"BTC": {"signal": "hold"},', [{"BTC": HOLD, "": CUT}]),
    ('{"BTC": {"meta": {}, "signal": "hold", "quan', [{"BTC": {"meta": {}, "signal": CUT}}]),
    ('{"BTC": {"meta": [1], "quantity": 0.1', [{"BTC": {"meta": [1.0], "quantity": CUT}}]),
    ('{"decisions": [{"coin": "BTC"}, {"coin": "ETH", "quan', [{"decisions": [{"coin": "BTC"}, CUT]}]),
    ('{"ETH": {"a": {}}, "BTC": {}, "ETH": {"a": {}, "quantity": 0.1',
     [{"BTC": {}, "ETH": {"a": {}, "quantity": CUT}}]),
]
# fmt: on


def objects(text):
    found = objects_in(text)
    assert isinstance(found, ReplyObjects), found
    return list(found.objects), found.stage


@pytest.mark.parametrize(("text", "values"), STRICT)
def test_json_is_read_as_it_stands_with_whatever_is_around_it(text, values):
    assert objects(text) == (values, ReplyStage.STRICT)


@pytest.mark.parametrize(("text", "values"), MENDED)
def test_what_is_nearly_json_is_mended_where_only_punctuation_is_wrong(text, values):
    if values is None:
        assert isinstance(objects_in(text), TextFault)
    else:
        assert objects(text) == (values, ReplyStage.JSON_REPAIR)


@pytest.mark.parametrize(("text", "why"), CHANGED)
def test_mending_that_would_change_what_was_said_is_not_taken(text, why):
    assert objects_in(text) == TextFault(reason="its JSON is broken", is_repairable=True), why


@pytest.mark.parametrize(("text", "values"), CUT_OFF)
def test_of_a_text_cut_off_only_what_was_closed_is_read(text, values):
    assert objects(text) == (values, ReplyStage.JSON_REPAIR)


@pytest.mark.parametrize("end", range(1, len('{"signal": "hold", "quantity": 0.15}')))
def test_a_lone_decision_cut_off_anywhere_is_never_completed(end):
    found = objects_in('{"signal": "hold", "quantity": 0.15}'[:end])
    assert isinstance(found, TextFault)
    assert not found.is_repairable or end < 3  # a brace alone is no JSON yet


def test_nan_is_kept_for_its_field_to_be_refused():
    [value], _ = objects('{"a": NaN}')
    assert isnan(value["a"])


# fmt: off
UNREADABLE = [
    ("", "it has no JSON object that can be read", False),
    (" \n", "it has no JSON object that can be read", False),
    ("I would hold.", "it has no JSON object that can be read", True),
    ("[1, 2, 3]", "it has no JSON object that can be read", True),
    ('"hold"', "it has no JSON object that can be read", True),
    ("null", "it has no JSON object that can be read", True),
    ("{}", "it has no JSON object that can be read", True),
    ('<think>{"signal": "hold"}', "it has no JSON object that can be read", False),
    ('{"signal": "hold, "confidence": 0.5}', "its JSON is broken: quotes or braces don't match", True),
    ('{"signal": "hold", "why": "' + "x" * MAX_BROKEN_LENGTH + '",}', "its JSON is broken", True),
    ('{"a":' * (MAX_DEPTH + 1), "its JSON is nested too deeply, or in too many pieces", False),
    ('{"a":' + "[" * 100_000, "the answer has 100005 characters, more than 100000", False),
    ('{"a":' + "[" * 90_000, "its JSON is nested too deeply, or in too many pieces", False),
    ('{"a": 1}' * (MAX_OBJECTS + 1), "its JSON is nested too deeply, or in too many pieces", False),
    ("x" * 5_000_000, "the answer has 5000000 characters, more than 100000", False),
]
# fmt: on


@pytest.mark.parametrize(("text", "reason", "is_repairable"), UNREADABLE)
def test_what_can_not_be_read_is_refused_with_a_reason(text, reason, is_repairable):
    assert objects_in(text) == TextFault(reason=reason, is_repairable=is_repairable)


def test_what_is_said_ends_the_thinking():
    assert spoken("<think>a</think>b<thinking>c</thinking>d<THINK>e") == "d"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("10x", "'10x'"),
        ("[red]BTC[/red]", "'?red?BTC?/red?'"),
        ("<b>\x1b[31m\u202e\u200b{{x}}`", "'?b???31m????x???'"),
        ("B\u0422C \ud800", "'B?C ?'"),
        ("x" * 41, "'" + "x" * 40 + "...'"),
        (0.5, "'0.5'"),
    ],
)
def test_words_are_quoted_short_and_plain(words, shown):
    assert quoted(words) == shown


ANY_TEXT = st.text(st.characters(exclude_categories=[]))  # lone surrogates too
FRAGMENTS = st.sampled_from(
    [
        *"{}[]:,-\"“('\\#\n\x00",
        "signal",
        '"BTC": ',
        "0.1",
        "//",
        "/*",
        "```",
        "<think>",
        "</think>",
        "NaN",
        "null",
    ]
)


@settings(max_examples=200)
@given(st.one_of(ANY_TEXT, st.lists(FRAGMENTS, max_size=40).map("".join)))
def test_no_text_makes_reading_fail(text):
    assert isinstance(objects_in(text), ReplyObjects | TextFault)


WORDS = st.text("ab,: {}[]'\"\\\n#/-0.", max_size=8)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), WORDS),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from("abc"), VALUES, min_size=1, max_size=3), st.data())
def test_every_number_of_what_is_mended_was_written_just_so(value, data):
    text = json.dumps(value)
    at = data.draw(st.integers(1, len(text) - 2))
    broken = text[:at] + data.draw(st.sampled_from(["", text[at] * 2, ",", "%", " "])) + text[at + 1 :]
    written = {
        float(each) for each in re.findall(r"-?[\d.]*\d[\d.]*(?:e[+-]?\d+)?", broken) if each.count(".") < 2
    }
    assert set(numbers(mended(broken))) <= written


def numbers(value):
    if isinstance(value, dict):
        return [each for member in value.values() for each in numbers(member)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(["BTC", "ETH"]), VALUES, min_size=1), st.data())
def test_a_text_cut_off_says_what_the_whole_says_or_that_it_was_cut(value, data):
    text = json.dumps(value)
    found = objects_in(text[: data.draw(st.integers(0, len(text)))])
    if isinstance(found, ReplyObjects):
        (part,), ((whole,), _) = found.objects, objects(text)
        assert_is_part(part, whole)


def assert_is_part(part, whole):
    if part is CUT or part == whole:
        return
    assert has_cut(part)
    for key, member in part.items():
        assert member is CUT or key in whole
        if member is not CUT:
            assert_is_part(member, whole[key])


def has_cut(value):
    return value is CUT or (isinstance(value, dict) and any(map(has_cut, value.values())))
