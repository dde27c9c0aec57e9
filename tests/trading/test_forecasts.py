"""Brier scores: tables worked out by hand, and what a proper score has to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.debates import Stance
from cockpit.trading.forecasts import NOTHING_KNOWN, Forecast, brier_score, direction_of, role_scores

LONG, SHORT, FLAT = Stance.LONG, Stance.SHORT, Stance.FLAT


# fmt: off
SCORES = [
    # said   sure   came about   score
    (LONG,   1.0,   LONG,        0.0),
    (LONG,   1.0,   SHORT,       2.0),
    (LONG,   1.0,   FLAT,        2.0),
    (FLAT,   0.7,   FLAT,        0.3**2 + 2 * 0.15**2),
    (SHORT,  0.6,   SHORT,       0.4**2 + 2 * 0.2**2),
    (SHORT,  0.6,   LONG,        0.6**2 + 0.8**2 + 0.2**2),
    (LONG,   0.0,   SHORT,       2 * 0.5**2),
    (LONG,   1 / 3, SHORT,       NOTHING_KNOWN),
    (FLAT,   1 / 3, FLAT,        NOTHING_KNOWN),
]
DIRECTIONS = [
    # before  after     fee     came about
    (100.0,   100.11,   0.0005, LONG),
    (100.0,   100.09,   0.0005, FLAT),
    (100.0,   99.91,    0.0005, FLAT),
    (100.0,   99.89,    0.0005, SHORT),
    (100.0,   100.0,    0.0,    FLAT),
    (100.0,   100.0001, 0.0,    LONG),
]
# fmt: on


@pytest.mark.parametrize(("stance", "confidence", "outcome", "score"), SCORES)
def test_a_score_is_the_sum_of_squares_over_all_three(stance, confidence, outcome, score):
    assert brier_score(stance, confidence, outcome) == pytest.approx(score)


@pytest.mark.parametrize(("before", "after", "fee_rate", "outcome"), DIRECTIONS)
def test_a_move_counts_once_it_pays_for_a_round_trip(before, after, fee_rate, outcome):
    assert direction_of(before, after, fee_rate) is outcome


def forecast(role, stance, confidence, after, *, agent="ann", mark=100.0):
    return Forecast(
        agent=agent,
        role=role,
        symbol="BTC",
        ts_ms=0,
        stance=stance,
        confidence=confidence,
        mark=mark,
        mark_after=after,
        taker_fee_rate=0.0005,
    )


def test_roles_are_scored_over_what_is_known():
    said = [
        forecast("bull", LONG, 1.0, 101.0),
        forecast("bear", SHORT, 0.6, 101.0),
        forecast("bull", LONG, 1.0, 99.0),
        forecast("bull", LONG, 0.9, None),
        forecast("bull", LONG, 0.9, 100.0, mark=None),
        forecast("judge", FLAT, None, 100.0),
        forecast("bull", LONG, 0.5, 101.0, agent="bob"),
    ]
    bull, bear, judge, other = role_scores(said)
    assert (bull.agent, bull.role, bull.forecasts, bull.scored) == ("ann", "bull", 4, 2)
    assert (bull.brier, bull.hit_rate, bull.confidence) == (1.0, 0.5, 1.0)
    assert (bear.role, bear.hit_rate, bear.brier) == ("bear", 0.0, pytest.approx(1.04))
    assert (judge.scored, judge.brier, judge.hit_rate, judge.confidence) == (0, None, None, None)
    assert (other.agent, other.scored) == ("bob", 1)


def test_nobody_who_said_nothing_is_scored():
    assert role_scores([]) == ()


@given(st.sampled_from(Stance), st.floats(0, 1), st.floats(0, 1))
def test_it_never_pays_to_say_more_or_less_than_one_believes(stance, believed, said):
    """The expected score is least where the confidence told is the probability believed."""
    others = (1 - believed) / 2
    odds = {each: believed if each is stance else others for each in Stance}

    def expected(confidence):
        return sum(odds[each] * brier_score(stance, confidence, each) for each in Stance)

    assert expected(believed) <= expected(said) + 1e-12
    assert 0 <= brier_score(stance, said, stance) <= 2
