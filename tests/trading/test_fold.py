"""The fold: what each event changes, and that one which contradicts the state changes nothing."""

from dataclasses import replace
from math import inf, nan

import pytest

from cockpit.domain.accounts import Trade
from cockpit.domain.decisions import FailureKind, Target
from cockpit.domain.events import (
    ARENA,
    AccountSynced,
    AlertAcknowledged,
    BotStarted,
    BotStopped,
    BreakerReset,
    BreakerTripped,
    CapitalAllocated,
    Contestant,
    DecisionFailed,
    DecisionMade,
    EntriesLocked,
    FundingPaid,
    JournalOutage,
    KillSwitchSet,
    MarketAdvanced,
    OrderAmended,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    PauseSet,
    Recorded,
    RoundClosed,
    RoundOpened,
    RunFinished,
    ShortfallCovered,
    TradeClosed,
)
from cockpit.domain.market import LEDGER_BOUND, MINUTE_MS
from cockpit.domain.orders import OrderPurpose, OrderStatus
from cockpit.trading.accounting import LedgerOverflow
from cockpit.trading.agent_state import BreakerStatus
from cockpit.trading.allocation import AllocationError
from cockpit.trading.fold import FoldError, apply
from cockpit.trading.lifecycle import IllegalTransition
from cockpit.trading.state import ArenaState, conserved_difference
from tests.trading.arena_facts import BTC, CAPITAL, ETH, START_MS, Past, fill, order, run_started, usd


def trade(pnl, agent="ann"):
    return Trade(
        agent=agent,
        symbol=BTC.symbol,
        signed_lots=1,
        opened_ms=0,
        closed_ms=1,
        entry_price=1.0,
        exit_price=1.0,
        realized=pnl,
        fees=0,
        funding=0,
        decision_id=None,
        exit_purpose="stop",
    )


# --- A run


def test_a_run_begins_with_its_contestants_its_breakers_and_all_capital_in_the_treasury():
    state = Past().tell(run_started()).state
    assert list(state.agents) == ["ann", "bob"]
    assert state.treasury == usd(20_000)
    assert (state.run_id, state.seq, state.ts_ms, state.round_ms) == ("run-1", 1, START_MS, START_MS)
    assert state.breakers["stale_data"].limit == 10.0 * MINUTE_MS
    assert state.agents["ann"].breakers["drawdown"].limit == 0.20
    assert state.agents["ann"].breakers["drawdown"] is not state.agents["bob"].breakers["drawdown"]
    assert all(each.status is BreakerStatus.ARMED for each in state.breakers.values())


def test_a_new_run_leaves_nothing_of_the_run_before(past):
    past.trade("ann", BTC, 100, 50_000.0).tell(KillSwitchSet(on=True, by="x"), RunFinished(reason="over"))
    fresh = Past().tell(run_started()).state
    past.now_ms = START_MS
    past.tell(run_started())
    assert past.state.seq > fresh.seq
    past.state.seq = fresh.seq
    assert past.state == fresh


def test_market_time_is_that_of_the_latest_event(past):
    past.after(7).tell(PauseSet(on=True, by="x"))
    assert past.state.ts_ms == START_MS + 7 * MINUTE_MS


def test_capital_goes_from_the_treasury_to_an_agent():
    past = Past().tell(run_started(), CapitalAllocated(agent="ann", amount=CAPITAL))
    ann = past.state.agents["ann"]
    assert past.state.treasury == usd(10_000)
    assert (ann.capital, ann.account.cash, ann.watch.equity, ann.watch.peak) == (CAPITAL,) * 4
    assert (ann.watch.day_start, ann.watch.guard_peak, ann.last_round_equity) == (CAPITAL,) * 3
    assert past.state.watch.equity == CAPITAL
    assert conserved_difference(past.state) == 0


def test_a_finished_run_says_why(past):
    assert past.tell(RunFinished(reason="its time is over")).state.finished == "its time is over"


@pytest.mark.parametrize(
    "event",
    [
        BotStarted(wall_ms=1, recovered_from=""),
        BotStopped(wall_ms=1, reason="stopped"),
    ],
)
def test_what_concerns_the_process_alone_changes_only_the_place_in_the_journal(past, event):
    before = past.copy()
    past.after(1).tell(event)
    assert past.state.seq == before.state.seq + 1
    past.state.seq, past.state.ts_ms = before.state.seq, before.state.ts_ms
    assert past.state == before.state


def test_a_time_without_a_journal_waits_for_a_person_to_see_it(past):
    past.tell(JournalOutage(lasted_ms=5, reason="disk full"))
    (alert,) = past.state.alerts
    assert (alert.seq, alert.scope, alert.kind) == (past.state.seq, ARENA, "journal_outage")
    assert alert.text == "the journal could not be written for 0s: disk full"


# --- The market


def test_marks_set_equity_to_cash_and_unrealized_profit(past):
    past.trade("ann", BTC, 100, 50_000.0).trade("ann", ETH, -100, 2_000.0)
    past.mark(51_000.0, 2_010.0)
    assert past.state.agents["ann"].watch.equity == usd(10_000 + 100 - 10)
    assert past.state.agents["bob"].watch.equity == CAPITAL
    assert past.state.watch.equity == usd(20_090)


def test_an_instrument_without_a_bar_keeps_its_mark_and_its_age(past):
    past.after(1).mark(None, 2_010.0)
    assert past.state.marks == {BTC.symbol: 50_000.0, ETH.symbol: 2_010.0}
    assert past.state.first_marks == {BTC.symbol: 50_000.0, ETH.symbol: 2_000.0}
    assert past.state.fresh_ms == {BTC.symbol: START_MS, ETH.symbol: START_MS + MINUTE_MS}
    assert past.state.marked_ms == START_MS + MINUTE_MS


# --- Rounds and decisions


def test_rounds_give_returns_and_a_curve(past):
    past.after(3).tell(RoundOpened(round=1, view_hash="abc"))
    assert (past.state.round, past.state.round_ms, past.state.view_hash) == (1, past.now_ms, "abc")
    past.tell(RoundClosed(round=1, equities=(usd(11_000), usd(9_000))))
    past.tell(RoundClosed(round=2, equities=(usd(11_000), usd(9_900))))
    ann, bob = past.state.agents.values()
    assert past.state.rounds_closed == 2
    assert (ann.returns.count, ann.returns.mean) == (2, pytest.approx(0.05))
    assert bob.returns.mean == pytest.approx(0.0, abs=1e-12)
    assert bob.curve.points == [(past.now_ms, usd(9_000)), (past.now_ms, usd(9_900))]
    assert bob.last_round_equity == usd(9_900)


def test_there_is_no_return_on_no_equity(past):
    past.tell(RoundClosed(round=1, equities=(usd(0), usd(-5))))
    past.tell(RoundClosed(round=2, equities=(usd(10), usd(10))))
    assert [agent.returns.count for agent in past.state.agents.values()] == [1, 1]


def test_a_decision_is_counted_and_each_target_is_the_last_word_on_its_instrument(past):
    long, short = Target(symbol=BTC.symbol, exposure=1.0), Target(symbol=BTC.symbol, exposure=-1.0)
    eth = Target(symbol=ETH.symbol, exposure=0.5)
    assert past.decide("ann", long, eth) == 1
    assert past.decide("ann", short) == 2
    ann = past.state.agents["ann"]
    assert ann.targets == {BTC.symbol: short, ETH.symbol: eth}
    assert (ann.decisions, ann.recent_failures) == (2, [False, False])
    assert past.state.next_decision_id == 3


def test_confidence_is_averaged_over_decisions_that_give_one(past):
    for number, confidence in enumerate((0.2, None, 0.8), 1):
        past.tell(DecisionMade(decision_id=number, agent="ann", round=1, confidence=confidence, targets=()))
    assert past.state.agents["ann"].confidence.count == 2
    assert past.state.agents["ann"].confidence.mean == pytest.approx(0.5)


def test_a_failed_decision_is_counted_and_its_message_kept(past):
    past.tell(DecisionFailed(agent="ann", round=1, failure=FailureKind.TIMEOUT, message="too slow"))
    ann = past.state.agents["ann"]
    assert (ann.failures, ann.decisions, ann.recent_failures) == (1, 0, [True])
    assert ann.last_failure == "too slow"


# --- Orders


def test_an_order_works_from_its_creation_to_its_end(past):
    order_id = past.create("ann", BTC, 100)
    assert past.order(order_id).status is OrderStatus.CREATED
    past.move(order_id, OrderStatus.SUBMITTED, OrderStatus.ACCEPTED)
    assert past.order(order_id).status is OrderStatus.ACCEPTED
    past.move(order_id, OrderStatus.CANCELED)
    assert past.state.agents["ann"].working == {}
    assert (past.state.agents["ann"].orders, past.state.next_order_id) == (1, 2)


@pytest.mark.parametrize(("after", "denied", "held"), [(OrderStatus.DENIED, 1, 0), (OrderStatus.HELD, 0, 1)])
def test_what_is_never_sent_is_counted(past, after, denied, held):
    past.move(past.create("ann", BTC, 100), after)
    ann = past.state.agents["ann"]
    assert (ann.denied, ann.held, ann.working) == (denied, held, {})


def test_a_fill_changes_the_account_the_counts_and_the_order(past):
    order_id = past.work("ann", BTC, 100)
    past.fill(order_id, 50_000.0, lots=40, fee=3)
    ann = past.state.agents["ann"]
    assert past.order(order_id).status is OrderStatus.PARTIALLY_FILLED
    assert (past.order(order_id).filled_lots, past.order(order_id).open_lots) == (40, 60)
    assert ann.account.positions[BTC.symbol].signed_lots == 40
    past.fill(order_id, 51_000.0, fee=4)
    assert ann.working == {}
    assert (ann.fills, ann.fees, ann.turnover) == (2, 7, usd(2_000 + 3_060))
    assert ann.account.cash == CAPITAL - 7
    assert (ann.entries_today, past.state.entries_today) == (1, 1)
    assert past.state.next_fill_id == 3


def test_a_fill_realizes_profit(past):
    past.trade("ann", BTC, 100, 50_000.0, fee=5).trade("ann", BTC, -100, 51_000.0, fee=5)
    ann = past.state.agents["ann"]
    assert (ann.realized, ann.fees, ann.trades, ann.wins) == (usd(100), 10, 1, 1)
    assert ann.account.cash == CAPITAL + usd(100) - 10
    assert conserved_difference(past.state) == 0


@pytest.mark.parametrize(
    "how", [{"purpose": purpose} for purpose in OrderPurpose if purpose is not OrderPurpose.REBALANCE]
    + [{"reduce_only": True}],
)  # fmt: skip
def test_a_fill_that_reduces_is_no_entry(past, how):
    past.trade("ann", BTC, 100, 50_000.0)
    past.trade("ann", BTC, -50, 50_000.0, **how)
    assert past.state.agents["ann"].entries_today == 1


def test_trades_are_counted_by_what_they_brought(past):
    past.tell(*[TradeClosed(trade=trade(pnl)) for pnl in (50, -20, -10, 0, 30)])
    ann = past.state.agents["ann"]
    assert (ann.trades, ann.wins, ann.gross_profit, ann.gross_loss) == (5, 2, 80, -30)
    assert (ann.best_trade, ann.worst_trade, ann.consecutive_losses) == (50, -20, 0)


def test_funding_moves_cash_and_is_summed(past):
    past.trade("ann", BTC, 100, 50_000.0)
    past.tell(FundingPaid(agent="ann", symbol=BTC.symbol, rate=0.0001, paid=500))
    past.tell(FundingPaid(agent="ann", symbol=BTC.symbol, rate=-0.0001, paid=-800))
    ann = past.state.agents["ann"]
    assert (ann.funding, ann.account.cash) == (-300, CAPITAL + 300)
    assert ann.account.positions[BTC.symbol].funding == -300
    assert conserved_difference(past.state) == 0


# --- Switches


def test_the_kill_switch_and_the_pause_are_remembered(past):
    past.tell(KillSwitchSet(on=True, by="settings"), PauseSet(on=True, by="a person"))
    assert (past.state.killed, past.state.killed_by, past.state.paused) == (True, "settings", True)
    past.tell(KillSwitchSet(on=False, by="a person"), PauseSet(on=False, by="a person"))
    assert (past.state.killed, past.state.killed_by, past.state.paused) == (False, "a person", False)


def test_a_breaker_trips_in_its_own_scope(past):
    event = BreakerTripped(
        scope="bob", breaker="drawdown", value=0.3, limit=0.2, reason="it fell", stopped="bob", until_ms=None
    )
    past.tell(event)
    bob = past.state.agents["bob"].breakers["drawdown"]
    assert (bob.status, bob.reason, bob.stopped, bob.tripped_ms) == (
        BreakerStatus.TRIPPED,
        "it fell",
        "bob",
        START_MS,
    )
    assert past.state.breakers["drawdown"].status is BreakerStatus.ARMED
    past.tell(replace(event, scope=ARENA, until_ms=START_MS + 5))
    assert past.state.breakers["drawdown"].status is BreakerStatus.COOLING
    assert past.state.breakers["drawdown"].until_ms == START_MS + 5


# --- Contradictions


def contested():
    """Ann holds 100 lots of BTC; order 2 sells 60 of them, 20 are filled; bob's order 3 buys ETH."""
    past = Past.begun().trade("ann", BTC, 100, 50_000.0)
    past.decide("ann", Target(symbol=BTC.symbol, exposure=1.0))
    past.fill(past.work("ann", BTC, -60), 51_000.0, lots=-20, fee=1)
    past.work("bob", ETH, 100)
    return past


def filled(lots=-40, listed=BTC, realized=40_000_000, price=51_000.0, **changes):
    given = {"fill_id": 3, "order_id": 2, "agent": "ann"} | changes
    return OrderFilled(fill=fill(listed, lots, price, 1, **given), notional=usd(1), realized=realized)


def moved(before=OrderStatus.PARTIALLY_FILLED, after=OrderStatus.CANCELED, agent="ann", order_id=2):
    return OrderMoved(agent=agent, order_id=order_id, before=before, after=after)


def decided(decision_id=2, agent="ann"):
    return DecisionMade(decision_id=decision_id, agent=agent, round=1, confidence=None, targets=())


def tripped(scope, breaker):
    return BreakerTripped(scope=scope, breaker=breaker, value=1.0, limit=0.5, reason="r", stopped="s")


def advanced(*marks, fresh=(True, True)):
    return MarketAdvanced(marks=marks, fresh=fresh)


def extremes(lows=(), highs=()):
    return MarketAdvanced(marks=(51_000.0, 2_000.0), fresh=(True, True), lows=lows, highs=highs)


def amended(agent="ann", order_id=2, lots=-50, trigger=None):
    return OrderAmended(
        agent=agent, order_id=order_id, signed_lots=lots, trigger_price=trigger, limit_price=None, reason="r"
    )


def failed(agent):
    return DecisionFailed(agent=agent, round=1, failure=FailureKind.CRASH, message="")


def paid(agent="ann", symbol=BTC.symbol, amount=5):
    return FundingPaid(agent=agent, symbol=symbol, rate=0.1, paid=amount)


DUPLICATES = tuple(Contestant(name="ann", kind="strategy", summary="") for _ in range(2))
NAMED_ARENA = (Contestant(name=ARENA, kind="strategy", summary=""),)

# fmt: off
CONTRADICTIONS = [
    # event, what is said
    (run_started(contestants=DUPLICATES), FoldError, "contestants need names of their own"),
    (run_started(contestants=NAMED_ARENA), FoldError, "none of them arena"),
    (CapitalAllocated(agent="zoe", amount=1), FoldError, "no agent of this run is called zoe"),
    (CapitalAllocated(agent="ann", amount=1), AllocationError, "the treasury holds"),
    (advanced(1.0, fresh=(True,)), FoldError, "1 marks, 1 of them told fresh or not, for 2 instruments"),
    (advanced(1.0, 2.0, 3.0, fresh=(True,) * 3), FoldError, "3 marks"),
    (advanced(1.0, 2.0, fresh=(True,)), FoldError, "2 marks, 1 of them"),
    (advanced(51_000.0, nan), FoldError, f"{ETH.symbol} can't be marked at nan"),
    (advanced(51_000.0, inf), FoldError, f"{ETH.symbol} can't be marked at inf"),
    (advanced(51_000.0, 0.0), FoldError, f"{ETH.symbol} can't be marked at 0.0"),
    (advanced(51_000.0, -1.0), FoldError, f"{ETH.symbol} can't be marked at -1.0"),
    (advanced(51_000.0, 1e30), FoldError, f"{ETH.symbol} can't be marked at 1e\\+30"),
    (decided(agent="zoe"), FoldError, "called zoe"),
    (decided(1), FoldError, "the next decision has number 2, not 1"),
    (decided(3), FoldError, "the next decision has number 2, not 3"),
    (failed("zoe"), FoldError, "called zoe"),
    (RoundClosed(round=1, equities=(1,)), FoldError, "round 1 closed with 1 equities of 2 agents"),
    (RoundClosed(round=1, equities=(1, 2, 3)), FoldError, "3 equities of 2 agents"),
    (OrderCreated(order=order(4, "zoe", BTC, 1)), FoldError, "called zoe"),
    (OrderCreated(order=order(3, "ann", BTC, 1)), FoldError, "the next order has number 4, not 3"),
    (OrderCreated(order=order(5, "ann", BTC, 1)), FoldError, "the next order has number 4, not 5"),
    (OrderCreated(order=order(4, "ann", BTC, 1, status=OrderStatus.ACCEPTED)), FoldError, "as accepted"),
    (moved(agent="zoe"), FoldError, "called zoe"),
    (moved(order_id=1), FoldError, "ann has no working order 1"),
    (moved(order_id=99), FoldError, "ann has no working order 99"),
    (moved(agent="bob"), FoldError, "bob has no working order 2"),
    (moved(before=OrderStatus.ACCEPTED), FoldError, "order 2 is partially_filled, not accepted"),
    (moved(after=OrderStatus.ACCEPTED), IllegalTransition, "can't go from partially_filled to accepted"),
    (moved(after=OrderStatus.FILLED), FoldError, "order 2 can't be filled without a fill"),
    (filled(agent="zoe"), FoldError, "called zoe"),
    (filled(order_id=1), FoldError, "ann has no working order 1"),
    (filled(fill_id=2), FoldError, "the next fill has number 3, not 2"),
    (filled(fill_id=4), FoldError, "the next fill has number 3, not 4"),
    (filled(listed=ETH), FoldError, "fill 3 is not of what order 2 asks for"),
    (filled(lots=40), FoldError, "fill 3 is not of what order 2 asks for"),
    (filled(lots=10), FoldError, "fill 3 is not of what order 2 asks for"),
    (filled(lots=0), FoldError, "fill 3 is not of what order 2 asks for"),
    (filled(lots=-41), FoldError, "fill 3 takes order 2 past its -60 lots"),
    (filled(realized=usd(41)), FoldError, "fill 3 realized 40000000, the journal says 41000000"),
    (filled(price=1e30), LedgerOverflow, "larger than the ledger can count"),
    (TradeClosed(trade=trade(1, agent="zoe")), FoldError, "called zoe"),
    (paid(agent="zoe"), FoldError, "called zoe"),
    (paid(agent="bob"), FoldError, f"bob has no position in {BTC.symbol} to pay funding for"),
    (paid(symbol="XRP"), FoldError, "ann has no position in XRP"),
    (paid(amount=LEDGER_BOUND), LedgerOverflow, "funding on BTC"),
    (tripped("zoe", "drawdown"), FoldError, "called zoe"),
    (tripped("ann", "stale_data"), FoldError, "ann has no breaker stale_data"),
    (tripped(ARENA, "consecutive_losses"), FoldError, "arena has no breaker consecutive_losses"),
    (BreakerReset(scope="ann", breaker="volume", by="x"), FoldError, "ann has no breaker volume"),
    (BreakerReset(scope="zoe", breaker="drawdown", by="x"), FoldError, "called zoe"),
    (extremes(lows=(1.0,)), FoldError, "1 extremes of bars, for 2 instruments"),
    (extremes(highs=(1.0, 2.0, 3.0)), FoldError, "3 extremes of bars, for 2 instruments"),
    (amended(agent="zoe"), FoldError, "called zoe"),
    (amended(order_id=1), FoldError, "ann has no working order 1"),
    (amended(lots=60), FoldError, "order 2 can't be amended to \\+60 lots"),
    (amended(lots=-20), FoldError, "order 2 can't be amended to -20 lots"),
    (amended(trigger=50_000.0), FoldError, "order 2 can't be amended to a price of 50000.0"),
    (AccountSynced(agent="zoe", by="x"), FoldError, "called zoe"),
    (ShortfallCovered(agent="zoe", amount=1), FoldError, "called zoe"),
    (ShortfallCovered(agent="ann", amount=0), FoldError, "a loss of 0 is none"),
    (ShortfallCovered(agent="ann", amount=-1), FoldError, "a loss of -1 is none"),
    (EntriesLocked(agent="zoe", symbol=None, protection="p", reason="", until_ms=1), FoldError, "called zoe"),
    (AlertAcknowledged(alert=1, by="x"), FoldError, "there is no alert 1 to acknowledge"),
]
# fmt: on


@pytest.mark.parametrize(
    ("event", "error", "words"),
    CONTRADICTIONS,
    ids=[f"{number}-{type(row[0]).__name__}" for number, row in enumerate(CONTRADICTIONS)],
)
def test_an_event_that_contradicts_the_state_raises_and_changes_nothing(event, error, words):
    past, untouched = contested(), contested()
    with pytest.raises(error, match=words):
        apply(past.state, Recorded(past.state.seq + 1, past.now_ms + 1, "run-2", event))
    assert past.state == untouched.state


def test_what_contradicts_nothing_is_taken():
    past = contested()
    past.tell(filled(), moved(agent="bob", order_id=3, before=OrderStatus.ACCEPTED), decided(), paid())
    assert past.state.agents["ann"].working == {}
    assert past.state.agents["bob"].working == {}
    assert conserved_difference(past.state) == 0


def test_a_fill_of_what_the_run_does_not_trade_is_a_contradiction(past):
    stranger = order(1, "ann", BTC, 10)
    past.tell(OrderCreated(order=replace(stranger, symbol="XRP")))
    past.move(1, OrderStatus.SUBMITTED)
    untouched = past.copy()
    with pytest.raises(FoldError, match="XRP is not traded in this run"):
        past.tell(filled(lots=10, symbol="XRP", fill_id=1, order_id=1, realized=0))
    assert past.state == untouched.state


def test_before_a_run_the_market_can_not_move():
    state = ArenaState()
    with pytest.raises(FoldError, match="before a run has started"):
        apply(state, Recorded(1, START_MS, "run-1", advanced(1.0, 2.0)))
    assert state == ArenaState()


def test_a_later_round_does_not_see_the_earlier_state_change(past):
    # What a fold has given out is never changed in place: views and snapshots may keep it.
    past.trade("ann", BTC, 100, 50_000.0)
    account, marks = past.state.agents["ann"].account, past.state.marks
    kept = (dict(account.positions), dict(marks))
    past.trade("ann", BTC, -150, 51_000.0).mark(51_000.0, 2_100.0)
    assert (account.positions, marks) == kept
