"""Places in an order of merit."""

import pytest

from cockpit.domain.ranks import rank_words, ranks_of


@pytest.mark.parametrize(
    ("results", "ranks"),
    [
        ({}, {}),
        ({"a": 1.0}, {"a": 1}),
        ({"a": 1, "b": 3, "c": 2}, {"a": 3, "b": 1, "c": 2}),
        ({"a": 2, "b": 2, "c": 1}, {"a": 1, "b": 1, "c": 3}),
        ({"a": 0, "b": float("-inf"), "c": -1}, {"a": 1, "b": 3, "c": 2}),
    ],
)
def test_the_largest_is_first_and_equals_share_a_rank(results, ranks):
    assert ranks_of(results) == ranks


def test_no_rank_is_told_as_none():
    assert (rank_words(None), rank_words(12)) == ("–", "12")
