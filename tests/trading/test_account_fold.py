"""What fills, trades, funding and losses change in the state, beside the account itself."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.accounts import Trade
from cockpit.domain.events import (
    AccountSynced,
    EmergencyAdvanced,
    EmergencyStage,
    FundingPaid,
    MarketAdvanced,
    OrderFilled,
    ReportRefused,
    ShortfallCovered,
    TradeClosed,
)
from cockpit.domain.market import DAY_MS, MINUTE_MS
from cockpit.domain.orders import OrderKind, OrderPurpose, OrderStatus
from cockpit.trading.agent_state import GONE_ORDERS, RECENT_TRADE_IDS, RECENT_TRADES, ClosedTrade
from cockpit.trading.fold import FoldError
from cockpit.trading.state import conserved_difference
from tests.trading.arena_facts import BTC, CAPITAL, ETH, START_MS, Past, fill, usd


def executed(past, order_id, lots, price=50_000.0, **changes):
    filled = fill(BTC, lots, price, 0, fill_id=past.state.next_fill_id, order_id=order_id, **changes)
    return OrderFilled(fill=replace(filled, ts_ms=past.now_ms), notional=usd(1), realized=0)


def trade(pnl=1, **changes):
    given = {
        "agent": "ann",
        "symbol": BTC.symbol,
        "signed_lots": -20,
        "opened_ms": START_MS,
        "closed_ms": START_MS + MINUTE_MS,
        "entry_price": 50_000.0,
        "exit_price": 49_000.0,
        "realized": pnl,
        "fees": 0,
        "funding": 0,
        "decision_id": None,
        "exit_purpose": "stop",
    }
    return Trade(**(given | changes))


# --- Fills


def test_a_trade_id_counts_once(past):
    order_id = past.work("ann", BTC, 100)
    past.tell(executed(past, order_id, 40, trade_id="t1"))
    untouched = past.copy()
    with pytest.raises(FoldError, match="execution t1 counts already"):
        past.tell(executed(past, order_id, 40, trade_id="t1"))
    assert past.state == untouched.state
    past.tell(executed(past, order_id, 60, trade_id="t2"))
    assert past.state.agents["ann"].trade_ids == {"t1": order_id, "t2": order_id}


def test_of_orders_that_can_still_be_filled_every_trade_id_is_remembered(past):
    order_id, other = past.work("ann", BTC, 100), past.work("ann", BTC, 200)
    for number in range(3):
        past.tell(executed(past, order_id, 1, trade_id=f"a{number}"))
    for number in range(RECENT_TRADE_IDS + 1):
        past.tell(executed(past, other, 1, trade_id=f"b{number}"))
    ann = past.state.agents["ann"]
    assert (len(ann.trade_ids), next(iter(ann.trade_ids))) == (RECENT_TRADE_IDS, "b1")
    assert ann.older_trade_ids == {order_id: ["a0", "a1", "a2"], other: ["b0"]}
    for known in ("a0", "b0", "b64"):
        with pytest.raises(FoldError, match=f"execution {known} counts already"):
            past.tell(executed(past, other, 1, trade_id=known))


@pytest.mark.parametrize("ending", ["filled", "rejected", "cancelled and filled late", "cancelled long ago"])
def test_when_an_order_can_t_be_filled_any_more_its_older_trade_ids_are_forgotten(past, ending):
    order_id, other = past.work("ann", BTC, 100), past.work("ann", BTC, 200)
    if ending != "rejected":
        past.tell(executed(past, order_id, 40, trade_id="a0"))
    for number in range(RECENT_TRADE_IDS):
        past.tell(executed(past, other, 1, trade_id=f"b{number}"))
    ann = past.state.agents["ann"]
    match ending:
        case "filled":
            past.tell(executed(past, order_id, 60, trade_id="a1"))
        case "rejected":
            past.move(order_id, OrderStatus.REJECTED)
        case "cancelled and filled late":
            past.move(order_id, OrderStatus.CANCELED)
            assert ann.older_trade_ids == {order_id: ["a0"]}
            past.tell(executed(past, order_id, 60, trade_id="a1"))
        case "cancelled long ago":
            for each in (order_id, *(past.work("ann", BTC, 1) for _ in range(GONE_ORDERS))):
                past.move(each, OrderStatus.CANCELED)
    assert order_id not in ann.older_trade_ids
    assert not ann.has_counted("a0")
    assert len(ann.trade_ids) == RECENT_TRADE_IDS


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["fill", "fill", "fill", "cancel"])), max_size=200)
)
def test_no_execution_of_an_order_that_can_still_be_filled_is_ever_forgotten(course):
    past = Past.begun()
    orders = [past.work("ann", BTC, 300 if place else 2) for place in range(4)]
    ann, told = past.state.agents["ann"], {order_id: [] for order_id in orders}
    for count, (place, what) in enumerate(course):
        order_id = orders[place]
        if what == "fill" and (order_id in ann.working or order_id in ann.gone):
            past.tell(executed(past, order_id, 1, trade_id=f"t{count}"))
            told[order_id].append(f"t{count}")
        elif what == "cancel" and order_id in ann.working:
            past.move(order_id, OrderStatus.CANCELED)
    fillable = {*ann.working, *ann.gone}
    assert all(ann.has_counted(each) for order_id in fillable for each in told[order_id])
    assert len(ann.trade_ids) <= RECENT_TRADE_IDS
    assert set(ann.older_trade_ids) <= fillable


def test_in_an_emergency_stop_market_steps_without_a_fill_are_counted(past):
    order_id = past.work("ann", BTC, 100)
    past.tell(EmergencyAdvanced(stage=EmergencyStage.CANCELING, by="a test", attempt=1, detail="d"))
    past.mark(50_000.0, 2_000.0)
    past.mark(50_000.0, 2_000.0)
    past.tell(executed(past, order_id, 40, trade_id="t1"))
    past.mark(50_000.0, 2_000.0)
    assert (past.state.emergency_steps, past.state.emergency_idle_steps) == (3, 1)


def test_a_gone_order_filled_late_is_counted_and_forgotten_once_it_is_full(past):
    order_id = past.work("ann", BTC, 100)
    past.move(order_id, OrderStatus.CANCELED)
    past.tell(executed(past, order_id, 40, trade_id="t1"))
    ann = past.state.agents["ann"]
    assert (ann.gone[order_id].status, ann.gone[order_id].filled_lots) == (OrderStatus.CANCELED, 40)
    past.tell(executed(past, order_id, 60, trade_id="t2"))
    assert (ann.gone, ann.working, ann.account.positions[BTC.symbol].signed_lots) == ({}, {}, 100)


def test_slippage_and_costs_are_summed_and_costs_begin_anew_each_day(past):
    order_id = past.work("ann", BTC, 100)
    past.tell(executed(past, order_id, 100, slippage=70))
    past.tell(FundingPaid(agent="ann", symbol=BTC.symbol, rate=0.1, paid=-20))
    ann = past.state.agents["ann"]
    assert (ann.slippage, ann.costs_today) == (70, 50)
    past.now_ms += DAY_MS
    past.mark(50_000.0, 2_000.0)
    assert (ann.slippage, ann.costs_today) == (70, 0)


def test_the_worst_fill_of_the_day_is_told_against_the_mark(past):
    past.trade("ann", BTC, 10, 50_500.0).trade("ann", BTC, 10, 49_000.0).trade("ann", BTC, 10, 50_000.0)
    assert past.state.agents["ann"].worst_fill_today == pytest.approx(0.02)
    past.now_ms += DAY_MS
    past.mark(50_000.0, 2_000.0)
    assert past.state.agents["ann"].worst_fill_today == 0.0


def test_only_the_first_part_of_an_order_is_an_entry(past):
    order_id = past.work("ann", BTC, 100)
    past.fill(order_id, 50_000.0, lots=40).fill(order_id, 50_000.0)
    assert (past.state.agents["ann"].entries_today, past.state.entries_today) == (1, 1)


# --- How far prices went while a position was held


def bars(*low_high):
    lows, highs = zip(*low_high, strict=True)
    return MarketAdvanced(marks=(50_000.0, 2_000.0), fresh=(True, True), lows=lows, highs=highs)


def seen(past, symbol=BTC.symbol):
    each = past.state.agents["ann"].excursions.get(symbol)
    return None if each is None else (each.lowest, each.highest)


def test_a_bar_in_which_a_position_was_opened_tells_nothing_of_it(past):
    past.after(0.5).trade("ann", BTC, 100, 50_000.0)
    past.after(0.5).tell(bars((48_000.0, 52_000.0), (2_000.0, 2_000.0)))
    assert seen(past) == (50_000.0, 50_000.0)
    past.after(1).tell(bars((49_000.0, 51_000.0), (2_000.0, 2_000.0)))
    assert seen(past) == (49_000.0, 51_000.0)
    past.after(1).tell(bars((49_500.0, 51_500.0), (2_000.0, 2_000.0)))
    assert seen(past) == (49_000.0, 51_500.0)


def test_without_a_bar_nothing_was_seen(past):
    past.trade("ann", BTC, 100, 50_000.0)
    past.after(1).tell(
        MarketAdvanced(
            marks=(50_000.0, 2_000.0), fresh=(False, True), lows=(None, 1.0), highs=(None, 9_000.0)
        )
    )
    assert seen(past) == (50_000.0, 50_000.0)
    assert seen(past, ETH.symbol) is None


def test_excursions_begin_anew_with_a_position_and_end_with_it(past):
    past.trade("ann", BTC, 100, 50_000.0)
    past.after(1).tell(bars((49_000.0, 51_000.0), (2_000.0, 2_000.0)))
    past.trade("ann", BTC, 50, 50_500.0)
    assert seen(past) == (49_000.0, 51_000.0)
    past.trade("ann", BTC, -200, 50_500.0)
    assert seen(past) == (50_500.0, 50_500.0)
    past.trade("ann", BTC, 50, 50_500.0)
    assert seen(past) is None


# --- Positions without a stop


def stop(past, lots=-100):
    return past.work(
        "ann",
        BTC,
        lots,
        kind=OrderKind.STOP_MARKET,
        trigger_price=49_000.0,
        purpose=OrderPurpose.STOP,
        reduce_only=True,
    )


def unguarded(past):
    return past.state.agents["ann"].unguarded_ms


@pytest.fixture
def demanding():
    return Past.begun(agent_limits={"missing_stop": 1.0 * MINUTE_MS})


def test_a_position_without_a_stop_is_noted_from_the_bar_before_it_was_found_so(demanding):
    past = demanding
    past.trade("ann", BTC, 100, 50_000.0)
    past.after(1).mark(50_000.0, 2_000.0)
    assert unguarded(past) == {BTC.symbol: START_MS}
    past.after(1).mark(50_000.0, 2_000.0)
    assert unguarded(past) == {BTC.symbol: START_MS}
    order_id = stop(past)
    past.after(1).mark(50_000.0, 2_000.0)
    assert unguarded(past) == {}
    past.move(order_id, OrderStatus.CANCELED)
    past.after(1).mark(50_000.0, 2_000.0)
    assert unguarded(past) == {BTC.symbol: START_MS + 3 * MINUTE_MS}


@pytest.mark.parametrize("lots", [-100, -150])
def test_a_position_that_ends_or_turns_is_no_longer_without(demanding, lots):
    past = demanding.trade("ann", BTC, 100, 50_000.0)
    past.after(1).mark(50_000.0, 2_000.0)
    assert unguarded(past)
    past.trade("ann", BTC, lots, 50_000.0)
    assert unguarded(past) == {}


def test_where_no_stop_is_demanded_none_is_missed(past):
    past.trade("ann", BTC, 100, 50_000.0)
    past.after(1).mark(50_000.0, 2_000.0)
    assert unguarded(past) == {}


# --- Trades


def test_a_closed_trade_is_kept_in_brief_for_protections(past):
    past.tell(TradeClosed(trade=trade(usd(20))))
    assert past.state.agents["ann"].closed_trades == [
        ClosedTrade(
            symbol=BTC.symbol,
            closed_ms=START_MS + MINUTE_MS,
            pnl=usd(20),
            return_fraction=0.02,
            exit_purpose="stop",
            is_long=False,
        )
    ]


def test_so_many_closed_trades_are_kept(past):
    past.tell(*[TradeClosed(trade=trade(pnl)) for pnl in range(RECENT_TRADES + 2)])
    kept = [each.pnl for each in past.state.agents["ann"].closed_trades]
    assert kept == list(range(2, RECENT_TRADES + 2))


# --- Funding and equity


def test_funding_counts_in_equity_at_once_and_equity_in_drawdown(past):
    past.trade("ann", BTC, 100, 50_000.0).mark(50_000.0, 2_000.0)
    past.tell(FundingPaid(agent="ann", symbol=BTC.symbol, rate=0.1, paid=usd(1_000)))
    assert past.state.agents["ann"].watch.equity == usd(9_000)
    assert past.state.agents["ann"].watch.max_drawdown == pytest.approx(0.1)
    assert past.state.watch.equity == usd(19_000)


# --- Bankruptcy


def ruined(past):
    past.trade("ann", BTC, 1_000, 50_000.0).trade("ann", BTC, -1_000, 38_000.0)
    assert past.state.agents["ann"].account.cash == CAPITAL - usd(12_000)
    return past


def test_a_shortfall_is_borne_by_the_venue_and_closes_the_account(past):
    ruined(past).tell(ShortfallCovered(agent="ann", amount=usd(2_000)))
    ann = past.state.agents["ann"]
    assert (ann.account.cash, ann.covered, ann.closed) == (0, usd(2_000), "bankrupt")
    assert conserved_difference(past.state) == 0


def test_an_account_that_still_holds_something_stays_open(past):
    past.trade("ann", ETH, 10, 2_000.0)
    ruined(past).tell(ShortfallCovered(agent="ann", amount=usd(2_000)))
    assert past.state.agents["ann"].closed == ""


@pytest.mark.parametrize("amount", [0, -5])
def test_a_shortfall_of_nothing_is_a_contradiction(past, amount):
    untouched = past.copy()
    with pytest.raises(FoldError, match="is none that a venue could bear for ann"):
        past.tell(ShortfallCovered(agent="ann", amount=amount))
    assert past.state == untouched.state


# --- Syncs


def test_a_synced_account_is_the_venue_s_again(past):
    past.tell(ReportRefused(agent="ann", order_id=1, report="executed", reason="too much"))
    past.tell(AccountSynced(agent="ann", by="a person"))
    assert past.state.agents["ann"].unsynced == ""
