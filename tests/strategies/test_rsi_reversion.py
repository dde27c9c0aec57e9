"""RSI coming back from an extreme."""

import pytest

from cockpit.strategies.rsi_reversion import RsiReversion

WAVE = [100 + 0.2 * (index % 2) for index in range(20)]
FALL = [100 - 0.3 * index for index in range(1, 9)]
TURN = [97.9, 98.3]


@pytest.fixture
def trader(desk):
    return desk(RsiReversion, rsi_bars=5, atr_bars=10, extreme=30.0, stop_atrs=3.0)


def test_it_buys_only_when_the_fall_lets_go(trader, table):
    answers = trader.watch(table([*WAVE, *FALL, *TURN]))[20:]
    assert {answer.exposure for answer in answers[:8]} == {0.0}
    assert trader.reason() in {"RSI came back from an extreme", "holding"}
    assert answers[-1].exposure > 0
    assert answers[-1].stop < 97.6
    entry = next(answer for answer in answers if answer.exposure)
    assert entry.take_profit > 98.3


def test_it_sells_when_a_rise_lets_go(trader, table):
    answers = trader.watch(table([*WAVE, *(200 - close for close in [*FALL, *TURN])]))
    assert answers[-1].exposure < 0


def test_it_leaves_past_the_middle_and_rests(trader, table):
    bars = table([*WAVE, *FALL, *TURN, 98.6, 98.8, 98.9, 98.8, 98.9])
    answers = trader.watch(bars)
    assert "RSI is past its middle again" in {RsiReversion.reasons[answer.reason] for answer in answers}
    assert trader.reason() == "resting after a trade"


def test_stopped_out_it_waits_for_the_next_extreme(trader, table):
    answers = trader.watch(table([*WAVE, *FALL, *TURN, (98.3, 98.3, 90, 98.2), *[98.2, 98.3] * 20]))[30:]
    assert RsiReversion.reasons[answers[0].reason] == "stop reached"
    assert {answer.exposure for answer in answers} == {0.0}


def test_a_deeper_extreme_is_more_confident(desk, table):
    def confidence(fall):
        trader = desk(RsiReversion, rsi_bars=5, atr_bars=10, extreme=20.0, stop_atrs=3.0)
        answers = trader.watch(table([*WAVE, *fall, fall[-1] + 1.0]))
        return answers[-1].confidence

    assert 0.0 < confidence(FALL[:2]) < confidence(FALL) <= 1.0
