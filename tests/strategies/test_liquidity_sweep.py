"""Liquidity sweeps on small candle tables."""

import math

import pytest

from cockpit.strategies.liquidity_sweep import LiquiditySweep

RANGE = [(100, 101, 99.5, 100.5), (100.5, 101, 99.5, 100)] * 5
SWING_LOW = (100, 100.5, 98, 99.5)
SWING_HIGH = (100, 102, 99.5, 100.5)
QUIET = (100, 100.5, 99.5, 100)


@pytest.fixture
def sweeper(desk):
    return desk(LiquiditySweep, swing_bars=12, least_age_bars=3, atr_bars=5, max_sweep_bars=2, depth_atrs=0.5)


def test_a_swept_low_that_closes_back_inside_is_bought_with_the_stop_beyond_the_wick(sweeper, table):
    answers = sweeper.watch(table([*RANGE, SWING_LOW, *[QUIET] * 4, (100, 100, 96.5, 99)]))
    assert [answer.exposure for answer in answers[12:-1]] == [0.0] * 3
    entry = answers[-1]
    assert sweeper.reason() == "a swing low was swept"
    assert entry.exposure > 0
    assert entry.stop < 96.5
    assert entry.take_profit - 99 == pytest.approx(2.0 * (99 - entry.stop))


def test_a_swept_high_that_closes_back_inside_is_sold(sweeper, table):
    entry = sweeper.watch(table([*RANGE, SWING_HIGH, *[QUIET] * 4, (100, 103.5, 100, 101)]))[-1]
    assert sweeper.reason() == "a swing high was swept"
    assert entry.exposure < 0
    assert entry.stop > 103.5 > 101 > entry.take_profit


@pytest.mark.parametrize(
    ("case", "rows"),
    [
        ("closes beyond the level", [(100, 100, 96.5, 97.5)]),
        ("does not reach deep enough", [(100, 100, 97.9, 99)]),
        ("comes back too late", [(100, 100, 96.5, 97), (97, 97.5, 96, 97), (97, 99.5, 97, 99)]),
        ("sweeps both ends", [(100, 103.5, 96.5, 99)]),
    ],
)
def test_no_entry_where_the_bar(sweeper, table, case, rows):
    answers = sweeper.watch(table([*RANGE, SWING_LOW, *[QUIET] * 4, *rows]))
    assert {answer.exposure for answer in answers[12:]} == {0.0}, case


def test_a_level_younger_than_a_swing_is_no_setup(sweeper, table):
    answers = sweeper.watch(table([*RANGE, *[QUIET] * 4, SWING_LOW, (100, 100, 96.5, 99)]))
    assert answers[-1].exposure == 0.0


def test_a_sweep_that_takes_two_bars_to_come_back_counts(sweeper, table):
    answers = sweeper.watch(
        table([*RANGE, SWING_LOW, *[QUIET] * 4, (100, 100, 96.5, 97), (97, 99.5, 97, 99)])
    )
    assert [answer.exposure > 0 for answer in answers[-2:]] == [False, True]


def test_a_deeper_sweep_is_more_confident(desk, table):
    def confidence(low):
        sweeper = desk(LiquiditySweep, swing_bars=12, least_age_bars=3, atr_bars=5)
        return sweeper.watch(table([*RANGE, SWING_LOW, *[QUIET] * 4, (100, 100, low, 99)]))[-1].confidence

    assert 0.0 < confidence(95) < confidence(92) < 1.0


def test_stopped_out_it_rests_and_waits_for_a_new_sweep(sweeper, table):
    entry = [*RANGE, SWING_LOW, *[QUIET] * 4, (100, 100, 96.5, 99)]
    after = sweeper.watch(table([*entry, (99, 99, 80, 99), *[QUIET] * 60]))[len(entry) :]
    assert LiquiditySweep.reasons[after[0].reason] == "stop reached"
    assert {answer.exposure for answer in after} == {0.0}
    assert all(math.isnan(answer.stop) for answer in after)


def test_a_trade_that_goes_nowhere_is_given_up(desk, table):
    sweeper = desk(
        LiquiditySweep, swing_bars=12, least_age_bars=3, atr_bars=5, depth_atrs=0.5, max_hold_bars=5
    )
    entry = [*RANGE, SWING_LOW, *[QUIET] * 4, (100, 100, 96.5, 99)]
    answers = sweeper.watch(table([*entry, *[(99, 99.2, 98.8, 99)] * 5]))
    assert [answer.exposure > 0 for answer in answers[-6:]] == [True] * 5 + [False]
    assert sweeper.reason() == "held long enough"
