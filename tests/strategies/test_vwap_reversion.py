"""Back to the volume-weighted price."""

import pytest

from cockpit.strategies.vwap_reversion import VwapReversion

WAVE = [100 + 0.1 * (-1) ** index for index in range(30)]
EXCURSION = [99, 98, 97, 96.5]


@pytest.fixture
def trader(desk):
    return desk(
        VwapReversion, vwap_bars=30, atr_bars=10, far_atrs=2.0, far_fraction=0.01, return_fraction=0.25
    )


def test_it_buys_when_a_far_excursion_has_come_back_part_of_the_way(trader, table):
    answers = trader.watch(table([*WAVE, *EXCURSION, 96.8, 98.2]))
    assert {answer.exposure for answer in answers[29:-1]} == {0.0}
    assert trader.reason() == "turned back towards the VWAP"
    entry = answers[-1]
    assert entry.exposure > 0
    assert entry.stop < 98.2 < entry.take_profit == pytest.approx(99.6, abs=0.2)


def test_it_sells_from_above(trader, table):
    answer = trader.watch(table([*WAVE, *(200 - close for close in [*EXCURSION, 96.8, 98.2])]))[-1]
    assert answer.exposure < 0
    assert answer.take_profit < 101.8 < answer.stop


def test_an_excursion_that_is_not_far_is_no_setup(trader, table):
    answers = trader.watch(table([*WAVE, 99.5, 99.3, 99.9]))
    assert {answer.exposure for answer in answers[29:]} == {0.0}


def test_stopped_out_it_waits_for_the_next_excursion(trader, table):
    rows = [*WAVE, *EXCURSION, 96.8, 98.2, (98.2, 98.2, 90, 98.2), *[98.2] * 40]
    answers = trader.watch(table(rows))[36:]
    assert VwapReversion.reasons[answers[0].reason] == "stop reached"
    assert {answer.exposure for answer in answers} == {0.0}


def test_without_volume_it_has_no_opinion(trader, table):
    answers = trader.watch(table([*WAVE, *EXCURSION, 98.2], volume=0.0))
    assert all(answer.exposure != answer.exposure for answer in answers)
