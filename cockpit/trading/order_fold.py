"""How the events of orders change the arena's state."""

from collections.abc import Callable
from typing import Any

from cockpit.domain.events import Event, OrderAmended, OrderCreated, OrderMoved, ReportRefused
from cockpit.domain.market import LEDGER_BOUND, MINUTE_MS, Lots
from cockpit.domain.orders import Order, OrderStatus
from cockpit.trading.agent_state import GONE_ORDERS, LESSONS, AgentState
from cockpit.trading.fold_checks import FoldError, agent_of, expect_id
from cockpit.trading.lifecycle import TERMINAL, check_transition
from cockpit.trading.state import ArenaState

_TOLD_TO_WAIT = frozenset({"trading_mode", "agent_benched", "entry_locks", "account_synced", "cooldown"})
"""Rules that say nothing against the order: who runs into them has not gone wrong."""

_LATE_FILLS = frozenset({OrderStatus.CANCELED, OrderStatus.EXPIRED})


def _order_created(state: ArenaState, event: OrderCreated, ts_ms: int) -> None:
    agent = agent_of(state, event.order.agent)
    expect_id("order", event.order.order_id, state.next_order_id)
    if event.order.status is not OrderStatus.CREATED:
        raise FoldError(f"order {event.order.order_id} begins as {event.order.status}")
    agent.working[event.order.order_id] = event.order
    agent.orders += 1
    agent.revision += 1
    if not event.order.is_split:
        _count_sent(agent, ts_ms)
    state.next_order_id = event.order.order_id + 1


def _count_sent(agent: AgentState, ts_ms: int) -> None:
    while agent.sent_ms and agent.sent_ms[0] <= ts_ms - MINUTE_MS:
        del agent.sent_ms[0]
    agent.sent_ms.append(ts_ms)


def _order_moved(state: ArenaState, event: OrderMoved, ts_ms: int) -> None:
    agent = agent_of(state, event.agent)
    order = working_order(agent, event.order_id)
    if order.status is not event.before:
        raise FoldError(f"order {order.order_id} is {order.status}, not {event.before}")
    check_transition(order.order_id, order.status, event.after)
    if event.after is OrderStatus.FILLED and not (order.is_split and order.open_lots == 0):
        raise FoldError(f"order {order.order_id} can't be filled without a fill")
    if not order.is_split:
        _count(agent, event)
    moved = _moved(order, event)
    agent.revision += 1
    if event.after in TERMINAL:
        del agent.working[order.order_id]
        if event.after in _LATE_FILLS:
            remember_gone(agent, moved)
        else:
            agent.older_trade_ids.pop(order.order_id, None)
    else:
        agent.working[order.order_id] = moved


def _count(agent: AgentState, event: OrderMoved) -> None:
    match event.after:
        case OrderStatus.ACCEPTED:
            agent.refusals_in_a_row = 0
        case OrderStatus.DENIED:
            agent.denied += 1
            agent.refusals_in_a_row += event.rule not in _TOLD_TO_WAIT
            if len(agent.lessons) < LESSONS:
                symbol = agent.working[event.order_id].symbol
                agent.lessons.append(f"{symbol}: the risk gate denied the order: {event.reason}")
        case OrderStatus.REJECTED:
            agent.refusals_in_a_row += 1
        case OrderStatus.HELD:
            agent.held += 1


def _moved(order: Order, event: OrderMoved) -> Order:
    if event.after is not OrderStatus.PENDING_CANCEL:
        return changed(order, status=event.after, cancel_ms=None, resume_status=None)
    if event.before is OrderStatus.PENDING_CANCEL:  # it woke while a request to cancel it was on its way
        resume = OrderStatus.TRIGGERED
        return changed(order, status=event.after, cancel_ms=order.cancel_ms, resume_status=resume)
    return changed(order, status=event.after, cancel_ms=event.cancel_ms, resume_status=event.before)


def remember_gone(agent: AgentState, order: Order) -> None:
    """Keeps an order that works no more, should an execution of it come late."""
    agent.gone[order.order_id] = order
    if len(agent.gone) > GONE_ORDERS:
        forgotten = next(iter(agent.gone))
        del agent.gone[forgotten]
        agent.older_trade_ids.pop(forgotten, None)


def _order_amended(state: ArenaState, event: OrderAmended, ts_ms: int) -> None:
    agent = agent_of(state, event.agent)
    order = working_order(agent, event.order_id)
    if event.signed_lots * order.signed_lots <= 0 or abs(event.signed_lots) <= abs(order.filled_lots):
        raise FoldError(f"order {order.order_id} can't be amended to {event.signed_lots:+d} lots")
    for price, before in (
        (event.trigger_price, order.trigger_price),
        (event.limit_price, order.limit_price),
    ):
        if (price is None) != (before is None) or (price is not None and not 0 < price < LEDGER_BOUND):
            raise FoldError(f"order {order.order_id} can't be amended to a price of {price}")
    agent.revision += 1
    agent.working[order.order_id] = changed(
        order,
        signed_lots=event.signed_lots,
        trigger_price=event.trigger_price,
        limit_price=event.limit_price,
        status=order.status,
        cancel_ms=order.cancel_ms,
        resume_status=order.resume_status,
    )


def _report_refused(state: ArenaState, event: ReportRefused, ts_ms: int) -> None:
    agent = state.agents.get(event.agent)
    if agent is not None:
        agent.unsynced = event.reason


def working_order(agent: AgentState, order_id: int) -> Order:
    """An agent's order that can still move.

    Raises:
        FoldError: If it has none of that number.
    """
    order = agent.working.get(order_id)
    if order is None:
        raise FoldError(f"{agent.account.agent} has no working order {order_id}")
    return order


_SAME = object()


def changed(
    order: Order,
    *,
    status: OrderStatus,
    cancel_ms: int | None,
    resume_status: OrderStatus | None,
    filled_lots: int | None = None,
    signed_lots: int | None = None,
    trigger_price: Any = _SAME,
    limit_price: Any = _SAME,
) -> Order:
    """The order in another state; what is not named stays."""
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
        signed_lots=order.signed_lots if signed_lots is None else Lots(signed_lots),
        filled_lots=order.filled_lots if filled_lots is None else Lots(filled_lots),
        limit_price=order.limit_price if limit_price is _SAME else limit_price,
        trigger_price=order.trigger_price if trigger_price is _SAME else trigger_price,
        trail_distance=order.trail_distance,
        time_in_force=order.time_in_force,
        reduce_only=order.reduce_only,
        strategy=order.strategy,
        is_split=order.is_split,
        created_ms=order.created_ms,
        live_ms=order.live_ms,
        cancel_ms=cancel_ms,
        status=status,
        resume_status=resume_status,
    )


ORDER_FOLDS: dict[type[Event], Callable[[ArenaState, Any, int], None]] = {
    OrderCreated: _order_created,
    OrderMoved: _order_moved,
    OrderAmended: _order_amended,
    ReportRefused: _report_refused,
}
"""Event type → what it does to the state, given market time; each checks everything, then changes."""
