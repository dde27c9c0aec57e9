"""What orders write into the read models: what they ask for, and every step of their lives."""

from collections.abc import Iterator

from cockpit.domain.events import OrderAmended, OrderCreated, OrderMoved, Recorded, ReportRefused, RunStarted
from cockpit.domain.orders import OrderStatus
from cockpit.journal.outcome_projection import outcome_awaited, outcome_given_up
from cockpit.journal.statements import Row, insert, place, risk_event
from cockpit.trading.lifecycle import TERMINAL


def order_created(recorded: Recorded, event: OrderCreated, run: RunStarted | None) -> Iterator[Row]:
    """The order, the first step of its life, and the outcome its decision waits for."""
    order = event.order
    yield insert(
        "orders",
        run_id=recorded.run_id,
        order_id=order.order_id,
        parent_id=order.parent_id,
        decision_id=order.decision_id,
        agent=order.agent,
        symbol=order.symbol,
        kind=order.kind,
        side=order.side,
        lots=abs(order.signed_lots),
        status=order.status,
        filled_lots=abs(order.filled_lots),
        purpose=order.purpose,
        limit_price=order.limit_price,
        trigger_price=order.trigger_price,
        trail_distance=order.trail_distance,
        time_in_force=order.time_in_force,
        reduce_only=order.reduce_only,
        strategy=order.strategy,
        is_split=order.is_split,
        client_order_id=order.client_order_id,
        created_ms=order.created_ms,
        live_ms=order.live_ms,
        updated_ms=recorded.ts_ms,
        seq=recorded.seq,
    )
    yield insert(
        "order_lifecycle_events",
        **place(recorded),
        order_id=order.order_id,
        status_before=None,
        status_after=order.status,
        reason="",
        lots=abs(order.signed_lots),
        trigger_price=order.trigger_price,
        limit_price=order.limit_price,
    )
    yield from outcome_awaited(recorded, order)


_MOVE_ORDER = "UPDATE orders SET status = ?, updated_ms = ? WHERE run_id = ? AND order_id = ?"


def order_moved(recorded: Recorded, event: OrderMoved, run: RunStarted | None) -> Iterator[Row]:
    """Its new status, one more step of its life, and what risk said if it denied it."""
    yield insert(
        "order_lifecycle_events",
        **place(recorded),
        order_id=event.order_id,
        status_before=event.before,
        status_after=event.after,
        rule=event.rule,
        reason=event.reason,
        value=event.value,
        limit_value=event.limit,
    )
    yield _MOVE_ORDER, (event.after, recorded.ts_ms, recorded.run_id, event.order_id)
    if event.after is OrderStatus.DENIED:
        yield risk_event(
            recorded,
            "order_denied",
            event.agent,
            rule=event.rule,
            order_id=event.order_id,
            value=event.value,
            limit_value=event.limit,
            reason=event.reason,
        )
    if event.after in TERMINAL:
        yield outcome_given_up(recorded, event)


_AMENDED_LIFECYCLE = (
    "INSERT INTO order_lifecycle_events (seq, run_id, ts_ms, order_id, status_before, status_after, reason,"
    " lots, trigger_price, limit_price)"
    " SELECT :seq, run_id, :ts_ms, order_id, status, status,"
    " amendment(lots, :lots, trigger_price, :trigger, limit_price, :limit,"
    " (SELECT lot_size FROM instruments AS i WHERE i.run_id = o.run_id AND i.symbol = o.symbol), :reason),"
    " :lots, :trigger, :limit FROM orders AS o WHERE run_id = :run_id AND order_id = :order_id"
)
_AMEND_ORDER = (
    "UPDATE orders SET lots = :lots, trigger_price = :trigger, limit_price = :limit, updated_ms = :ts_ms"
    " WHERE run_id = :run_id AND order_id = :order_id"
)


def order_amended(recorded: Recorded, event: OrderAmended, run: RunStarted | None) -> Iterator[Row]:
    """What it asks for from now on, and a step of its life that says what changed."""
    facts = place(recorded) | {
        "order_id": event.order_id,
        "lots": abs(event.signed_lots),
        "trigger": event.trigger_price,
        "limit": event.limit_price,
        "reason": event.reason,
    }
    yield _AMENDED_LIFECYCLE, facts
    yield _AMEND_ORDER, facts


def report_refused(recorded: Recorded, event: ReportRefused, run: RunStarted | None) -> Iterator[Row]:
    """What a venue said that can't be true."""
    said = f"{event.report}: {event.reason}"
    yield risk_event(recorded, "report_refused", event.agent, order_id=event.order_id, reason=said)
