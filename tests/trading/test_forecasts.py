"""Brier scores: tables worked out by hand, and what a proper score has to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.debates import Debate, DebateMessage, Stance, SymbolConsensus, SymbolStance
from cockpit.trading.forecasts import (
    NOTHING_KNOWN,
    ForecastBook,
    StanceForecast,
    direction_of,
    role_scores,
    stance_brier_score,
)

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
    assert stance_brier_score(stance, confidence, outcome) == pytest.approx(score)


@pytest.mark.parametrize(("before", "after", "fee_rate", "outcome"), DIRECTIONS)
def test_a_move_counts_once_it_pays_for_a_round_trip(before, after, fee_rate, outcome):
    assert direction_of(before, after, fee_rate) is outcome


def forecast(role, stance, confidence, after, *, agent="ann", mark=100.0):
    return StanceForecast(
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
        return sum(odds[each] * stance_brier_score(stance, confidence, each) for each in Stance)

    assert expected(believed) <= expected(said) + 1e-12
    assert 0 <= stance_brier_score(stance, said, stance) <= 2


# from debates


def said(role, stance, turn=1, symbol="BTC", confidence=0.6):
    spoken = (SymbolStance(symbol=symbol, stance=stance, confidence=confidence),)
    return DebateMessage(turn=turn, role=role, model="x/y", stances=spoken)


def debate(mark, *messages, shadow=None, symbol="BTC"):
    view = SymbolConsensus(symbol=symbol, stance=None, confidence=None, agreement=None, opinions=0, mark=mark)
    return Debate(
        symbols=(symbol,),
        messages=messages,
        consensus=(view,),
        agreement=None,
        is_disagreed=False,
        shadow=shadow,
        prompt_version="v",
        horizon_ms=10,
    )


def forecasts_of(*held):
    """Role → what its forecasts were measured by, of debates at these times."""
    book = ForecastBook({"BTC": 0.001, "ETH": 0.002})
    for ts_ms, each in held:
        book.note(ts_ms, "ann", each)
    return [
        (each.role, each.stance, each.mark, each.mark_after, each.taker_fee_rate) for each in book.forecasts()
    ]


def test_a_role_s_last_word_counts_and_the_shadow_s_comes_last():
    bull, bear, again = said("bull", LONG), said("bear", SHORT), said("bull", FLAT, 2)
    assert forecasts_of((0, debate(100.0, bull, bear, again, shadow=said("shadow", LONG, 0)))) == [
        ("bear", SHORT, 100.0, None, 0.001),
        ("bull", FLAT, 100.0, None, 0.001),
        ("shadow", LONG, 100.0, None, 0.001),
    ]


@pytest.mark.parametrize(
    ("later", "mark_after"),
    [
        ([(9, 101.0)], None),
        ([(10, 101.0)], 101.0),
        ([(9, 101.0), (15, 102.0), (16, 103.0)], 102.0),
        ([(10, None), (20, 104.0)], 104.0),
        ([(21, 105.0)], None),
    ],
    ids=["too early", "in time", "the first in time", "the first there is", "too late"],
)
def test_the_first_price_noted_within_another_horizon_counts(later, mark_after):
    held = [(0, debate(100.0, said("bull", LONG)))]
    held += [(ts_ms, debate(mark)) for ts_ms, mark in later]
    assert forecasts_of(*held) == [("bull", LONG, 100.0, mark_after, 0.001)]


def test_prices_of_another_instrument_are_none_of_its():
    held = [
        (0, debate(100.0, said("bull", LONG))),
        (10, debate(4.0, said("bear", SHORT, symbol="ETH"), symbol="ETH")),
    ]
    assert forecasts_of(*held) == [("bull", LONG, 100.0, None, 0.001), ("bear", SHORT, 4.0, None, 0.002)]


def test_what_nobody_trades_is_forecast_by_nobody():
    assert forecasts_of((0, debate(1.0, said("bull", LONG, symbol="DOGE"), symbol="DOGE"))) == []
    assert forecasts_of((0, debate(1.0, said("bull", LONG, symbol="ETH")))) == []
