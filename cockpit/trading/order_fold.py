"""How the events of orders, fills, trades and funding change the arena's state."""

from collections.abc import Callable
from typing import Any

from cockpit.domain.events import Event, FundingPaid, OrderCreated, OrderFilled, OrderMoved, TradeClosed
from cockpit.domain.market import Lots, Micros
from cockpit.domain.orders import Fill, Order, OrderPurpose, OrderStatus
from cockpit.trading.accounting import apply_fill, apply_funding
from cockpit.trading.agent_state import AgentState
from cockpit.trading.fold_checks import FoldError, agent_of, expect_id, instruments_of
from cockpit.trading.lifecycle import TERMINAL, check_transition
from cockpit.trading.state import ArenaState


def _order_created(state: ArenaState, event: OrderCreated, ts_ms: int) -> None:
    agent = agent_of(state, event.order.agent)
    expect_id("order", event.order.order_id, state.next_order_id)
    if event.order.status is not OrderStatus.CREATED:
        raise FoldError(f"order {event.order.order_id} begins as {event.order.status}")
    agent.working[event.order.order_id] = event.order
    agent.orders += 1
    state.next_order_id = event.order.order_id + 1


def _order_moved(state: ArenaState, event: OrderMoved, ts_ms: int) -> None:
    agent = agent_of(state, event.agent)
    order = _working_order(agent, event.order_id)
    if order.status is not event.before:
        raise FoldError(f"order {order.order_id} is {order.status}, not {event.before}")
    check_transition(order.order_id, order.status, event.after)
    if event.after is OrderStatus.FILLED:
        raise FoldError(f"order {order.order_id} can't be filled without a fill")
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
    agent = agent_of(state, fill.agent)
    order = _working_order(agent, fill.order_id)
    expect_id("fill", fill.fill_id, state.next_fill_id)
    filled_order = _filled(order, fill)
    instrument = instruments_of(state).get(fill.symbol)
    if instrument is None:
        raise FoldError(f"{fill.symbol} is not traded in this run")
    outcome = apply_fill(agent.account, fill, instrument, order.purpose, order.decision_id)
    if outcome.realized != event.realized:
        raise FoldError(f"fill {fill.fill_id} realized {outcome.realized}, the journal says {event.realized}")
    if filled_order.status is OrderStatus.FILLED:
        del agent.working[order.order_id]
    else:
        agent.working[order.order_id] = filled_order
    agent.account = outcome.account
    agent.fills += 1
    agent.realized = Micros(agent.realized + event.realized)
    agent.fees = Micros(agent.fees + fill.fee_micros)
    agent.turnover = Micros(agent.turnover + event.notional)
    if order.purpose is OrderPurpose.REBALANCE and not order.reduce_only:
        agent.entries_today += 1
        state.entries_today += 1
    state.next_fill_id = fill.fill_id + 1


def _filled(order: Order, fill: Fill) -> Order:
    if fill.symbol != order.symbol or fill.signed_lots * order.signed_lots <= 0:
        raise FoldError(f"fill {fill.fill_id} is not of what order {order.order_id} asks for")
    filled = order.filled_lots + fill.signed_lots
    if abs(filled) > abs(order.signed_lots):
        raise FoldError(f"fill {fill.fill_id} takes order {order.order_id} past its {order.signed_lots} lots")
    after = OrderStatus.FILLED if filled == order.signed_lots else OrderStatus.PARTIALLY_FILLED
    check_transition(order.order_id, order.status, after)
    return _with(order, after, filled)


def _trade_closed(state: ArenaState, event: TradeClosed, ts_ms: int) -> None:
    agent = agent_of(state, event.trade.agent)
    pnl = event.trade.pnl
    agent.trades += 1
    if pnl > 0:
        agent.wins += 1
        agent.consecutive_losses = 0
        agent.gross_profit = Micros(agent.gross_profit + pnl)
    else:
        agent.consecutive_losses = agent.consecutive_losses + 1 if pnl < 0 else 0
        agent.gross_loss = Micros(agent.gross_loss + pnl)
    agent.best_trade = pnl if agent.best_trade is None else max(agent.best_trade, pnl)
    agent.worst_trade = pnl if agent.worst_trade is None else min(agent.worst_trade, pnl)


def _funding_paid(state: ArenaState, event: FundingPaid, ts_ms: int) -> None:
    agent = agent_of(state, event.agent)
    if event.symbol not in agent.account.positions:
        raise FoldError(f"{event.agent} has no position in {event.symbol} to pay funding for")
    agent.account = apply_funding(agent.account, event.symbol, event.paid)
    agent.funding = Micros(agent.funding + event.paid)
    agent.watch.mark(Micros(agent.watch.equity - event.paid), new_day=False)
    state.watch.mark(Micros(state.watch.equity - event.paid), new_day=False)


def _working_order(agent: AgentState, order_id: int) -> Order:
    order = agent.working.get(order_id)
    if order is None:
        raise FoldError(f"{agent.account.agent} has no working order {order_id}")
    return order


def _with(order: Order, status: OrderStatus, filled_lots: int) -> Order:
    # Spelled out: a replay does this a million times, and dataclasses.replace costs three times as much.
    return Order(
        order_id=order.order_id,
        client_order_id=order.client_order_id,
        parent_id=order.parent_id,
        decision_id=order.decision_id,
        agent=order.agent,
        symbol=order.symbol,
        kind=order.kind,
        purpose=order.purpose,
        signed_lots=order.signed_lots,
        filled_lots=Lots(filled_lots),
        trigger_price=order.trigger_price,
        reduce_only=order.reduce_only,
        created_ms=order.created_ms,
        status=status,
    )


ORDER_FOLDS: dict[type[Event], Callable[[ArenaState, Any, int], None]] = {
    OrderCreated: _order_created,
    OrderMoved: _order_moved,
    OrderFilled: _order_filled,
    TradeClosed: _trade_closed,
    FundingPaid: _funding_paid,
}
"""Event type → what it does to the state, given market time; each checks everything, then changes."""
