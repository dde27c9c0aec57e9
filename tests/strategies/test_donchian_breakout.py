"""Breakouts from the channel."""

import pytest

from cockpit.strategies.donchian_breakout import DonchianBreakout

RANGE = [(100, 101, 99, 100)] * 21


@pytest.fixture
def trader(desk):
    return desk(
        DonchianBreakout, channel_bars=20, atr_bars=10, margin_atrs=0.5, stop_atrs=2.0, trail_step_atrs=0.5
    )


@pytest.mark.parametrize(
    ("row", "side"),
    [
        ((100, 101.9, 100, 101.8), 0),  # outside, within the margin
        ((100, 103, 100, 101), 0),  # only a wick
        ((100, 102.5, 100, 102.5), 1),
        ((100, 100, 97.5, 97.5), -1),
    ],
)
def test_only_a_close_clearly_outside_is_a_breakout(trader, table, row, side):
    answer = trader.watch(table([*RANGE, row]))[-1]
    assert (answer.exposure > 0) - (answer.exposure < 0) == side


def test_the_stop_lies_atrs_behind_and_follows_the_price(trader, table):
    answers = trader.watch(
        table([*RANGE, (100, 102.5, 100, 102.5), (103, 105, 103, 105), (105, 105, 104, 104)])
    )
    first, second, third = answers[-3:]
    assert 96.5 < first.stop < 99
    assert second.stop > first.stop + 1
    assert third.stop == second.stop


def test_it_leaves_when_price_falls_back_through_the_middle_and_stays_out(trader, table):
    rows = [*RANGE, (100, 102.5, 100, 102.5), (102, 102, 99.5, 99.5), (100, 101, 100, 101)]
    answers = trader.watch(table(rows))
    assert DonchianBreakout.reasons[answers[-2].reason] == "fell back through the channel's middle"
    assert [answer.exposure for answer in answers[-2:]] == [0.0, 0.0]


def test_stopped_out_it_needs_a_return_to_the_middle_before_the_same_side_counts_again(trader, table):
    out = [*RANGE, (100, 102.5, 100, 102.5), (102.5, 102.5, 90, 102.5)]
    without_return = trader.watch(table([*out, *[(102.5, 104, 102, 106)] * 3]))
    assert [answer.exposure for answer in without_return[-4:]] == [0.0] * 4


def test_after_a_return_the_same_side_counts_again(trader, table):
    rows = [
        *RANGE,
        (100, 102.5, 100, 102.5),
        (102.5, 102.5, 90, 102.5),
        (102, 102, 94, 94),
        (102, 108, 102, 108),
    ]
    assert trader.watch(table(rows))[-1].exposure > 0


def test_a_clearer_breakout_is_more_confident(desk, table):
    def confidence(close):
        trader = desk(DonchianBreakout, channel_bars=20, atr_bars=10)
        return trader.watch(table([*RANGE, (100, close, 100, close)]))[-1].confidence

    assert 0.0 < confidence(105) < confidence(107) < 1.0
