"""MACD with the trend."""

import pytest

from cockpit.strategies.macd_trend import MacdTrend

FLAT_WAVE = [100 + 0.1 * (index % 2) for index in range(80)]


@pytest.fixture
def trader(desk):
    return desk(MacdTrend, fast_bars=12, slow_bars=61, signal_bars=9, atr_bars=14, band_atrs=0.1)


def climb(start, count, step):
    return [start + step * index for index in range(1, count + 1)]


def test_it_joins_a_rise_and_leaves_when_the_rise_slows(trader, table):
    answers = trader.watch(table([*FLAT_WAVE, *climb(100, 20, 0.2), *[104.0] * 40]))[80:]
    sides = [answer.exposure > 0 for answer in answers]
    first = sides.index(True)
    leaves = sides.index(False, first)
    assert first < 20 < leaves
    assert MacdTrend.reasons[answers[first].reason] == "momentum turned with the trend"
    assert MacdTrend.reasons[answers[leaves].reason] == "momentum faded"
    assert not any(sides[leaves:])


def test_it_sells_a_fall(trader, table):
    trader.watch(table([*FLAT_WAVE, *climb(100, 20, -0.2)]))
    assert trader.answer.exposure < 0
    assert trader.answer.stop > 96


def test_a_dip_of_momentum_against_the_trend_is_no_entry(trader, table):
    answers = trader.watch(table([*FLAT_WAVE, *climb(100, 40, 0.2), *[108.0] * 15]))
    assert trader.state.turn == -1
    assert {answer.exposure >= 0 for answer in answers[69:]} == {True}
    assert trader.answer.exposure == 0.0


def test_stopped_out_it_waits_for_the_next_turn(trader, table):
    bars = table([*FLAT_WAVE, *climb(100, 15, 0.2), (103, 103.2, 90, 103.2), *climb(103.2, 30, 0.2)])
    answers = trader.watch(bars)[80:]
    assert answers[14].exposure > 0
    assert MacdTrend.reasons[answers[15].reason] == "stop reached"
    assert {answer.exposure for answer in answers[15:]} == {0.0}
