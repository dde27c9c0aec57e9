"""Back to the average from outside the bands."""

import pytest

from cockpit.strategies.bollinger_reversion import BollingerReversion

WAVE = [100 + 0.5 * (-1) ** index for index in range(20)]


@pytest.fixture
def trader(desk):
    return desk(BollingerReversion, band_bars=20, band_width=2.0, least_way=0.005, max_hold_bars=6)


def test_it_buys_the_close_back_inside_with_the_average_as_target(trader, table):
    outside, inside = trader.watch(table([*WAVE, 96.0, 98.5]))[-2:]
    assert outside.exposure == 0.0
    assert trader.reason() == "closed back inside the bands"
    assert inside.exposure > 0
    assert inside.take_profit == pytest.approx(sum([*WAVE[2:], 96.0, 98.5]) / 20)
    assert inside.stop == pytest.approx(98.5 - (inside.take_profit - 98.5))


def test_it_sells_from_above(trader, table):
    answer = trader.watch(table([*WAVE, 104.0, 101.5]))[-1]
    assert answer.exposure < 0
    assert answer.take_profit < 101.5 < answer.stop


def test_a_way_too_short_to_pay_the_fees_is_no_setup(desk, table):
    trader = desk(BollingerReversion, band_bars=20, band_width=2.0, least_way=0.02)
    assert trader.watch(table([*WAVE, 96.0, 98.5]))[-1].exposure == 0.0


def test_the_target_reached_it_rests(trader, table):
    trader.watch(table([*WAVE, 96.0, 98.5, 100.5]))
    assert trader.reason() == "target reached"
    trader.see(table([100.0])[0])
    assert trader.reason() == "resting after a trade"


def test_stopped_out_it_waits_for_the_next_return(trader, table):
    answers = trader.watch(table([*WAVE, 96.0, 98.5, (98.5, 98.5, 90, 98.5), *[98.5] * 20]))[22:]
    assert BollingerReversion.reasons[answers[0].reason] == "stop reached"
    assert {answer.exposure for answer in answers} == {0.0}


def test_a_trade_that_goes_nowhere_is_given_up(trader, table):
    answers = trader.watch(table([*WAVE, 96.0, 98.5, *[98.5] * 6]))
    assert [answer.exposure > 0 for answer in answers[-7:]] == [True] * 6 + [False]
    assert trader.reason() == "held long enough"
