"""Margin calls: when a position is taken away, at what price, and what it costs."""

from dataclasses import replace

import pytest

from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.domain.orders import OrderKind, OrderPurpose
from cockpit.domain.reports import Executed, MarginCalled
from cockpit.trading.margin import MarginMode
from tests.venues.paper_desk import EXACT, START_MS, PaperDesk, instrument

MARKET, LIMIT, STOP = OrderKind.MARKET, OrderKind.LIMIT, OrderKind.STOP_MARKET
QUIET = (100.0, 101.0, 99.0, 100.0)
USD = MICROS_PER_UNIT
TEN_TIMES = instrument(max_leverage=10.0)
"""Maintenance is a twentieth of the notional."""


def holding(lots, cash, model=EXACT, listed=TEN_TIMES, **order):
    desk = PaperDesk(model, listed, cash=cash)
    desk.place(MARKET, lots, **order)
    desk.play(QUIET)
    return desk


def calls(desk):
    return [report for report in desk.said if isinstance(report, MarginCalled)]


# fmt: off
LIQUIDATIONS = [
    # lots  cash   bar                          closed at  why
    (10,    200.0, (100.0, 101.0, 84.22, 90.0), None,      "long, a tick above: 800 / 9.5 is 84.2105…"),
    (10,    200.0, (100.0, 101.0, 84.21, 90.0), 84.21,     "long, reached by the low"),
    (10,    200.0, (100.0, 101.0, 70.0, 90.0),  84.21,     "long, passed inside the bar"),
    (10,    200.0, (82.0, 83.0, 70.0, 75.0),    82.0,      "long, gapped through: at the open"),
    (10,    200.0, (75.0, 76.0, 70.0, 75.0),    75.0,      "long, gapped beyond bankruptcy"),
    (-10,   200.0, (100.0, 114.28, 99.0, 99.0), None,      "short, a tick below: 1,200 / 10.5 is 114.2857…"),
    (-10,   200.0, (100.0, 114.29, 99.0, 99.0), 114.29,    "short, reached by the high"),
    (-10,   199.98, (100.0, 114.28, 99.0, 99.0), None,     "short, a tick below 114.2838…"),
    (-10,   199.98, (100.0, 114.29, 99.0, 99.0), 114.29,   "short, the tick above 114.2838…"),
    (-10,   200.0, (130.0, 131.0, 120.0, 125.0), 130.0,    "short, gapped beyond bankruptcy"),
    (10,    1_000.0, (100.0, 101.0, 0.01, 1.0), None,      "long and paid in full: never"),
]
# fmt: on


@pytest.mark.parametrize(
    ("lots", "cash", "bar", "price", "why"), LIQUIDATIONS, ids=[r[-1] for r in LIQUIDATIONS]
)
def test_a_position_is_taken_away_where_the_path_uses_up_its_margin(lots, cash, bar, price, why):
    desk = holding(lots, cash)
    fills = desk.play(bar)
    assert [fill.price for fill in fills] == ([] if price is None else [price])
    assert desk.held() == (lots if price is None else 0)
    for call in calls(desk):
        equity = round((cash + lots * (call.price - 100.0)) * USD)
        assert (call.agent, call.symbol, call.price) == ("ann", "X", price)
        assert call.equity == pytest.approx(equity, abs=1)
        assert call.equity <= call.maintenance == round(abs(lots) * call.price * USD / 20)
        assert call.ts_ms == fills[0].ts_ms


def test_a_liquidation_before_the_stop_leaves_the_stop_nothing():
    desk = holding(10, 200.0, guards=(80.0, None))
    (fill,) = desk.play((100.0, 101.0, 70.0, 90.0))
    assert fill.price == 84.21
    assert desk.state.agents["ann"].working == {}


def test_a_stop_before_the_liquidation_saves_the_account():
    desk = holding(10, 200.0, guards=(90.0, None))
    (fill,) = desk.play((100.0, 101.0, 70.0, 90.0))
    assert fill.price == 90.0
    assert calls(desk) == []


def test_in_a_gap_beyond_both_the_liquidation_comes_first():
    desk = holding(10, 200.0, guards=(90.0, None))
    (fill,) = desk.play((82.0, 83.0, 81.0, 82.0))
    assert len(calls(desk)) == 1
    assert fill.price == 82.0


def test_all_other_orders_are_gone_before_the_position_is():
    desk = holding(10, 200.0)
    entry = desk.place(LIMIT, 5, limit_price=80.0)
    fills = desk.play((100.0, 101.0, 70.0, 90.0))
    assert entry not in {fill.order_id for fill in fills}
    assert desk.held() == 0


def test_a_liquidation_pays_its_fee_besides_the_taker_fee_and_slippage():
    listed = instrument(max_leverage=10.0, taker_fee_rate=0.0005)
    model = replace(EXACT, liquidation_fee_fraction=0.01, half_spread_fraction=0.001)
    desk = holding(10, 201.501, model, listed)  # bought at 100.10, and paid 50 cents
    (fill,) = desk.play((100.0, 101.0, 70.0, 90.0))
    (call,) = calls(desk)
    assert fill.price == round(call.price * 0.999, 2)
    notional = round(10 * fill.price * USD)
    assert fill.fee_micros == round(notional * 0.0005) + round(notional * 0.01)
    assert fill.slippage == round(10 * (call.price - fill.price) * USD)


def test_a_liquidation_goes_through_whatever_the_volume_and_moves_the_price():
    model = replace(EXACT, participation=0.1, impact_coefficient=0.1)
    desk = PaperDesk(model, TEN_TIMES, cash=200.0)
    desk.place(MARKET, 10)
    desk.play((100.0, 100.0, 100.0, 100.0, 1e6))
    (fill,) = desk.play((100.0, 101.0, 70.0, 90.0, 20.0))
    (call,) = calls(desk)
    assert fill.signed_lots == -10  # its share was two
    assert fill.price < call.price - 1.0


def test_where_nobody_trades_margin_is_not_called():
    desk = holding(10, 200.0, replace(EXACT, participation=1.0))
    assert desk.play((70.0, 70.0, 70.0, 70.0, 0.0)) == []
    assert calls(desk) == []
    desk.play((70.0, 70.0, 70.0, 70.0, 100.0))
    assert len(calls(desk)) == 1


def test_an_entry_too_large_for_its_margin_is_taken_away_where_it_was_made():
    desk = PaperDesk(EXACT, TEN_TIMES, cash=40.0)
    desk.place(MARKET, 10)
    fills = desk.play(QUIET)
    assert [(fill.signed_lots, fill.price) for fill in fills] == [(10, 100.0), (-10, 100.0)]
    assert calls(desk)[0].ts_ms == START_MS


def test_margin_is_called_once_in_a_bar_even_where_nobody_acts_on_it():
    desk = holding(10, 200.0)
    desk.deaf_to = (MarginCalled,)
    desk.play((100.0, 101.0, 70.0, 90.0))
    assert len(calls(desk)) == 1
    assert desk.held() == 10


# Cross and isolated.


def two_positions(model):
    desk = PaperDesk(model, instrument("X", max_leverage=10.0), instrument("Y", max_leverage=5.0), cash=300.0)
    for symbol, lots in (("X", 10), ("Y", -4)):
        desk.place(MARKET, lots, symbol=symbol)
    desk.step({"X": QUIET, "Y": (50.0, 50.0, 50.0, 50.0)})
    return desk


def test_a_cross_position_falls_with_losses_elsewhere():
    desk = two_positions(EXACT)
    desk.step({"Y": (50.0, 60.0, 50.0, 60.0)})
    assert calls(desk) == []
    # $260 are left behind it, of which the other position must keep $24: (1,000 − 236) / 9.5 = 80.42…
    desk.step({"X": (100.0, 101.0, 80.0, 81.0)})
    assert [(call.symbol, call.price) for call in calls(desk)] == [("X", 80.42)]
    (call,) = calls(desk)
    assert call.equity == round((260 - 10 * 19.58) * USD)
    assert call.maintenance == round((24 + 10 * 80.42 / 20) * USD)


def test_an_isolated_position_falls_alone():
    desk = two_positions(replace(EXACT, margin=MarginMode.ISOLATED, leverage=10.0))
    desk.step({"Y": (50.0, 60.0, 50.0, 60.0)})
    # Y: $40 set aside for −4 at 50 with maintenance of a tenth: (200 + 40) / 4.4 = 54.54…
    assert [(call.symbol, call.price) for call in calls(desk)] == [("Y", 54.55)]
    desk.step({"X": (100.0, 101.0, 94.75, 95.0)})
    assert len(calls(desk)) == 1
    desk.step({"X": (95.0, 95.0, 94.73, 95.0)})  # 900 / 9.5
    assert [call.price for call in calls(desk)] == [54.55, 94.73]


@pytest.mark.parametrize(
    ("lots", "bar", "bankrupt"),
    [(10, (80.0, 81.0, 79.0, 80.0), 90.0), (-10, (120.0, 121.0, 119.0, 120.0), 110.0)],
)
def test_beyond_its_bankruptcy_price_an_isolated_position_loses_no_more_than_its_margin(lots, bar, bankrupt):
    desk = holding(lots, 1_000.0, replace(EXACT, margin=MarginMode.ISOLATED, leverage=10.0))
    (fill,) = desk.play(bar)
    assert fill.price == bankrupt
    assert desk.state.agents["ann"].account.cash == 900 * USD


def test_a_liquidation_order_is_reduce_only_and_says_what_it_is():
    desk = holding(10, 200.0)
    desk.play((100.0, 101.0, 70.0, 90.0))
    executed = [report for report in desk.said if isinstance(report, Executed)]
    assert [report.signed_lots for report in executed] == [10, -10]
    assert OrderPurpose.LIQUIDATION not in {
        order.purpose for order in desk.state.agents["ann"].working.values()
    }
