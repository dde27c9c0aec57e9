"""The fold: how each event changes the arena's state."""

from collections.abc import Callable
from typing import Any

from cockpit.domain.accounts import Account
from cockpit.domain.events import (
    ARENA,
    BreakerReset,
    BreakerTripped,
    CapitalAllocated,
    DecisionFailed,
    DecisionMade,
    Event,
    FundingPaid,
    KillSwitchSet,
    MarketAdvanced,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    PauseSet,
    Recorded,
    RoundClosed,
    RoundOpened,
    RunFinished,
    RunStarted,
    TradeClosed,
)
from cockpit.domain.market import Micros
from cockpit.domain.orders import Order, OrderPurpose, OrderStatus
from cockpit.trading.accounting import apply_fill, apply_funding, unrealized_micros
from cockpit.trading.allocation import allocate
from cockpit.trading.lifecycle import TERMINAL, check_transition
from cockpit.trading.state import (
    RECENT_DECISIONS,
    AgentState,
    ArenaState,
    BreakerState,
    BreakerStatus,
    utc_day,
)


class FoldError(Exception):
    """An event does not fit the state it was applied to: the journal is not what this program wrote."""


def apply(state: ArenaState, recorded: Recorded) -> None:
    """Changes `state` by one event; the events of a journal in order give the arena's state.

    Raises:
        FoldError: If the event contradicts the state.
        IllegalTransition: If it moves an order against the table.
    """
    fold = _FOLDS.get(type(recorded.event))
    if fold is not None:
        if isinstance(recorded.event, RunStarted):
            state.run_id = recorded.run_id
        fold(state, recorded.event, recorded.ts_ms)
    state.seq = recorded.seq
    if not isinstance(recorded.event, RunStarted):
        state.ts_ms = recorded.ts_ms


def _run_started(state: ArenaState, event: RunStarted, ts_ms: int) -> None:
    fresh = ArenaState(run_id=state.run_id, run=event, treasury=event.capital_in)
    fresh.ts_ms = fresh.round_ms = fresh.marked_ms = event.start_ms
    for name in ArenaState.__slots__:
        setattr(state, name, getattr(fresh, name))
    state.breakers = {name: BreakerState(limit=limit) for name, limit in event.arena_limits.items()}
    for contestant in event.contestants:
        state.agents[contestant.name] = AgentState(
            account=Account(agent=contestant.name),
            breakers={name: BreakerState(limit=limit) for name, limit in event.agent_limits.items()},
        )


def _run_finished(state: ArenaState, event: RunFinished, ts_ms: int) -> None:
    state.finished = event.reason


def _capital_allocated(state: ArenaState, event: CapitalAllocated, ts_ms: int) -> None:
    agent = state.agents[event.agent]
    state.treasury = allocate(state.treasury, event.amount)
    agent.capital = Micros(agent.capital + event.amount)
    account = agent.account
    agent.account = Account(
        agent=account.agent, cash=Micros(account.cash + event.amount), positions=account.positions
    )
    agent.watch.begin(agent.watch.equity + event.amount)
    agent.last_round_equity = agent.watch.equity
    state.watch.begin(sum(each.watch.equity for each in state.agents.values()))


def _market_advanced(state: ArenaState, event: MarketAdvanced, ts_ms: int) -> None:
    instruments = state.agreement.instruments
    for instrument, mark, fresh in zip(instruments, event.marks, event.fresh, strict=True):
        if mark is not None:
            state.marks[instrument.symbol] = mark
            state.first_marks.setdefault(instrument.symbol, mark)
        if fresh:
            state.fresh_ms[instrument.symbol] = ts_ms
    new_day = utc_day(ts_ms) != utc_day(state.marked_ms)
    state.marked_ms = ts_ms
    by_symbol = {instrument.symbol: instrument for instrument in instruments}
    total = 0
    for agent in state.agents.values():
        equity: int = agent.account.cash
        for position in agent.account.positions.values():
            symbol = position.symbol
            equity += unrealized_micros(position, by_symbol[symbol], state.marks[symbol])
        agent.watch.mark(equity, new_day)
        if new_day:
            agent.entries_today = 0
        total += equity
    state.watch.mark(total, new_day)
    if new_day:
        state.entries_today = 0


def _round_opened(state: ArenaState, event: RoundOpened, ts_ms: int) -> None:
    state.round = event.round
    state.round_ms = ts_ms
    state.view_hash = event.view_hash


def _decision_made(state: ArenaState, event: DecisionMade, ts_ms: int) -> None:
    agent = state.agents[event.agent]
    agent.decisions += 1
    _remember_outcome(agent, failed=False)
    if event.confidence is not None:
        agent.confidence.add(event.confidence)
    for target in event.targets:
        agent.targets[target.symbol] = target
    state.next_decision_id = event.decision_id + 1


def _decision_failed(state: ArenaState, event: DecisionFailed, ts_ms: int) -> None:
    agent = state.agents[event.agent]
    agent.failures += 1
    agent.last_failure = event.message
    _remember_outcome(agent, failed=True)


def _remember_outcome(agent: AgentState, *, failed: bool) -> None:
    agent.recent_failures.append(failed)
    del agent.recent_failures[:-RECENT_DECISIONS]


def _round_closed(state: ArenaState, event: RoundClosed, ts_ms: int) -> None:
    state.rounds_closed += 1
    for agent, equity in zip(state.agents.values(), event.equities, strict=True):
        before = agent.last_round_equity
        if before is not None and before > 0:
            agent.returns.add(equity / before - 1)
        agent.last_round_equity = equity
        agent.curve.add(ts_ms, equity)


def _order_created(state: ArenaState, event: OrderCreated, ts_ms: int) -> None:
    agent = state.agents[event.order.agent]
    agent.working[event.order.order_id] = event.order
    agent.orders += 1
    state.next_order_id = event.order.order_id + 1


def _order_moved(state: ArenaState, event: OrderMoved, ts_ms: int) -> None:
    agent = state.agents[event.agent]
    order = _working_order(agent, event.order_id)
    if order.status is not event.before:
        raise FoldError(f"order {order.order_id} is {order.status}, not {event.before}")
    check_transition(order.order_id, order.status, event.after)
    if event.after is OrderStatus.DENIED:
        agent.denied += 1
    elif event.after is OrderStatus.HELD:
        agent.held += 1
    if event.after in TERMINAL:
        del agent.working[order.order_id]
    else:
        agent.working[order.order_id] = _with(order, event.after, order.filled_lots)


def _order_filled(state: ArenaState, event: OrderFilled, ts_ms: int) -> None:
    fill = event.fill
    agent = state.agents[fill.agent]
    order = _working_order(agent, fill.order_id)
    filled = order.filled_lots + fill.signed_lots
    if abs(filled) > abs(order.signed_lots) or (filled > 0) != (order.signed_lots > 0):
        raise FoldError(f"fill {fill.fill_id} takes order {order.order_id} past its {order.signed_lots} lots")
    complete = filled == order.signed_lots
    after = OrderStatus.FILLED if complete else OrderStatus.PARTIALLY_FILLED
    check_transition(order.order_id, order.status, after)
    outcome = apply_fill(agent.account, fill, state.instrument(fill.symbol), order.purpose, order.decision_id)
    if outcome.realized != event.realized:
        raise FoldError(f"fill {fill.fill_id} realized {outcome.realized}, the journal says {event.realized}")
    if complete:
        del agent.working[order.order_id]
    else:
        agent.working[order.order_id] = _with(order, after, filled)
    agent.account = outcome.account
    agent.fills += 1
    agent.realized = Micros(agent.realized + event.realized)
    agent.fees = Micros(agent.fees + fill.fee_micros)
    agent.turnover = Micros(agent.turnover + event.notional)
    if order.purpose is OrderPurpose.REBALANCE and not order.reduce_only:
        agent.entries_today += 1
        state.entries_today += 1
    state.next_fill_id = fill.fill_id + 1


def _trade_closed(state: ArenaState, event: TradeClosed, ts_ms: int) -> None:
    agent = state.agents[event.trade.agent]
    pnl = event.trade.pnl
    agent.trades += 1
    if pnl > 0:
        agent.wins += 1
        agent.consecutive_losses = 0
        agent.gross_profit = Micros(agent.gross_profit + pnl)
    else:
        agent.consecutive_losses += 1
        agent.gross_loss = Micros(agent.gross_loss + pnl)
    agent.best_trade = pnl if agent.best_trade is None else max(agent.best_trade, pnl)
    agent.worst_trade = pnl if agent.worst_trade is None else min(agent.worst_trade, pnl)


def _funding_paid(state: ArenaState, event: FundingPaid, ts_ms: int) -> None:
    agent = state.agents[event.agent]
    agent.account = apply_funding(agent.account, event.symbol, event.paid)
    agent.funding = Micros(agent.funding + event.paid)


def _breakers(state: ArenaState, scope: str) -> dict[str, BreakerState]:
    return state.breakers if scope == ARENA else state.agents[scope].breakers


def _breaker_tripped(state: ArenaState, event: BreakerTripped, ts_ms: int) -> None:
    breaker = _breakers(state, event.scope)[event.breaker]
    breaker.status = BreakerStatus.TRIPPED if event.until_ms is None else BreakerStatus.COOLING
    breaker.reason = event.reason
    breaker.stopped = event.stopped
    breaker.tripped_ms = ts_ms
    breaker.until_ms = event.until_ms
    breaker.trips += 1


def _breaker_reset(state: ArenaState, event: BreakerReset, ts_ms: int) -> None:
    breaker = _breakers(state, event.scope)[event.breaker]
    breaker.status = BreakerStatus.ARMED
    breaker.reason = breaker.stopped = ""
    breaker.tripped_ms = breaker.until_ms = None
    agent = state.agents.get(event.scope)
    watch = agent.watch if agent else state.watch
    if event.breaker == "drawdown":
        watch.guard_peak = watch.equity
    elif event.breaker == "daily_loss":
        watch.day_start = watch.equity
    elif event.breaker == "daily_trades":
        if agent:
            agent.entries_today = 0
        else:
            state.entries_today = 0
    elif agent and event.breaker == "consecutive_losses":
        agent.consecutive_losses = 0
    elif event.breaker == "errors":
        for each in [agent] if agent else state.agents.values():
            each.recent_failures.clear()


def _kill_switch_set(state: ArenaState, event: KillSwitchSet, ts_ms: int) -> None:
    state.killed = event.on
    state.killed_by = event.by


def _pause_set(state: ArenaState, event: PauseSet, ts_ms: int) -> None:
    state.paused = event.on


def _working_order(agent: AgentState, order_id: int) -> Order:
    order = agent.working.get(order_id)
    if order is None:
        raise FoldError(f"{agent.account.agent} has no working order {order_id}")
    return order


def _with(order: Order, status: OrderStatus, filled_lots: int) -> Order:
    values = {name: getattr(order, name) for name in Order.__slots__}
    return Order(**(values | {"status": status, "filled_lots": filled_lots}))


_FOLDS: dict[type[Event], Callable[[ArenaState, Any, int], None]] = {
    RunStarted: _run_started,
    RunFinished: _run_finished,
    CapitalAllocated: _capital_allocated,
    MarketAdvanced: _market_advanced,
    RoundOpened: _round_opened,
    DecisionMade: _decision_made,
    DecisionFailed: _decision_failed,
    RoundClosed: _round_closed,
    OrderCreated: _order_created,
    OrderMoved: _order_moved,
    OrderFilled: _order_filled,
    TradeClosed: _trade_closed,
    FundingPaid: _funding_paid,
    BreakerTripped: _breaker_tripped,
    BreakerReset: _breaker_reset,
    KillSwitchSet: _kill_switch_set,
    PauseSet: _pause_set,
}
