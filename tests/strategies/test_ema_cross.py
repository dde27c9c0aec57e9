"""The cross of two averages."""

import math

import pytest

from cockpit.strategies.ema_cross import EmaCross

WAVE = [100 + 0.1 * (index % 2) for index in range(70)]


@pytest.fixture
def trader(desk):
    return desk(EmaCross, fast_bars=5, slow_bars=61, atr_bars=14, band_atrs=1.0)


def rise(start, count, step=0.1):
    return [start + step * index for index in range(1, count + 1)]


def test_it_has_no_opinion_until_the_slow_average_stands(trader, table):
    answers = trader.watch(table(WAVE))
    assert [math.isnan(answer.exposure) for answer in answers] == [True] * 60 + [False] * 10
    assert answers[-1].exposure == 0.0


def test_it_buys_once_the_margin_is_clear_and_holds_the_same_target(trader, table):
    answers = trader.watch(table([*WAVE, *rise(100.1, 20)]))[70:]
    first = next(index for index, answer in enumerate(answers) if answer.exposure)
    assert first > 0
    assert EmaCross.reasons[answers[first].reason] == "the averages crossed"
    entry = answers[first]
    assert entry.exposure > 0
    assert {(answer.exposure, answer.stop) for answer in answers[first:]} == {(entry.exposure, entry.stop)}
    assert answers[-1].confidence > answers[first].confidence


def test_it_reverses_on_the_opposite_cross(trader, table):
    answers = trader.watch(table([*WAVE, *rise(100.1, 20), *rise(102.1, 60, step=-0.1)]))
    sides = [answer.exposure > 0 for answer in answers[70:] if answer.exposure]
    assert sides == sorted(sides, reverse=True)
    assert set(sides) == {True, False}
    assert trader.position.exposure < 0
    assert trader.answer.stop > 96.1


def test_stopped_out_it_waits_for_the_next_cross(trader, table):
    bars = table([*WAVE, *rise(100.1, 20), (102.1, 102.1, 95, 102.1), *rise(102.1, 40)])
    after = trader.watch(bars)[90:]
    assert EmaCross.reasons[after[0].reason] == "stop reached"
    assert {answer.exposure for answer in after} == {0.0}


def test_closed_from_outside_it_does_not_buy_again_at_once(trader, table):
    bars = table([*WAVE, *rise(100.1, 40)])
    trader.watch(bars[:95])
    trader.close_from_outside()
    assert {answer.exposure for answer in trader.watch(bars[95:])} == {0.0}


def test_an_entry_that_is_refused_is_asked_for_again_until_it_is_stale(trader, table):
    trader.is_filling = False
    answers = trader.watch(table([*WAVE, *rise(100.1, 90, step=0.02)]))
    wanted = [answer.exposure > 0 for answer in answers[70:]]
    first = wanted.index(True)
    assert wanted[first : first + 61] == [True] * 61
    assert not any(wanted[first + 61 :])
