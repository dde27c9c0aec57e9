"""What orders, fills, trades and funding write into the read models."""

from collections.abc import Iterator

from cockpit.domain.events import (
    FundingPaid,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    Recorded,
    RunStarted,
    TradeClosed,
)
from cockpit.domain.orders import OrderStatus
from cockpit.journal.statements import Row, balance, insert, place, risk_event, started
from cockpit.trading.accounting import fill_position


def position_cost(lots: int, cost: int, fill_lots: int, lot_size: float, price: float) -> int:
    """A position's cost after a fill, micro-units: the ledger's own arithmetic, offered to SQL."""
    return fill_position(lots, cost, fill_lots, lot_size, price)[1]


def order_created(recorded: Recorded, event: OrderCreated, run: RunStarted | None) -> Iterator[Row]:
    """The order, and the first step of its life."""
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
        trigger_price=order.trigger_price,
        reduce_only=order.reduce_only,
        client_order_id=order.client_order_id,
        created_ms=order.created_ms,
        updated_ms=recorded.ts_ms,
        seq=recorded.seq,
    )
    yield _moved(recorded, order.order_id, None, order.status, None, "")


def order_moved(recorded: Recorded, event: OrderMoved, run: RunStarted | None) -> Iterator[Row]:
    """Its new status, one more step of its life, and what risk said if it denied it."""
    yield _moved(recorded, event.order_id, event.before, event.after, event.rule, event.reason)
    statement = "UPDATE orders SET status = ?, updated_ms = ? WHERE run_id = ? AND order_id = ?"
    yield statement, (event.after, recorded.ts_ms, recorded.run_id, event.order_id)
    if event.after is OrderStatus.DENIED:
        said = {"rule": event.rule, "order_id": event.order_id}
        yield risk_event(recorded, "order_denied", event.agent, reason=event.reason, **said)


def _moved(
    recorded: Recorded, order_id: int, before: str | None, after: str, rule: str | None, reason: str
) -> Row:
    return insert(
        "order_lifecycle_events",
        **place(recorded),
        order_id=order_id,
        status_before=before,
        status_after=after,
        rule=rule,
        reason=reason,
    )


_STATUS_AFTER_FILL = "CASE WHEN filled_lots + :lots >= lots THEN 'filled' ELSE 'partially_filled' END"
_FILL_LIFECYCLE = (
    "INSERT INTO order_lifecycle_events (seq, run_id, ts_ms, order_id, status_before, status_after, reason)"  # noqa: S608 - constants
    f" SELECT :seq, run_id, :ts_ms, order_id, status, {_STATUS_AFTER_FILL}, ''"
    " FROM orders WHERE run_id = :run_id AND order_id = :order_id"
)
_FILL_ORDER = (
    f"UPDATE orders SET status = {_STATUS_AFTER_FILL}, filled_lots = filled_lots + :lots,"  # noqa: S608 - constants
    " updated_ms = :ts_ms WHERE run_id = :run_id AND order_id = :order_id"
)
_FILL_POSITION = (
    "INSERT INTO positions"
    " (run_id, agent, symbol, signed_lots, cost_micros, opened_ms, decision_id, updated_ms)"
    " VALUES (:run_id, :agent, :symbol, :signed_lots,"
    " position_cost(0, 0, :signed_lots, :lot_size, :price), :fill_ms,"
    " (SELECT decision_id FROM orders WHERE run_id = :run_id AND order_id = :order_id), :fill_ms)"
    " ON CONFLICT (run_id, agent, symbol) DO UPDATE SET"
    " opened_ms = iif(signed_lots * (signed_lots + :signed_lots) < 0, excluded.opened_ms, opened_ms),"
    " decision_id = iif(signed_lots * (signed_lots + :signed_lots) < 0, excluded.decision_id, decision_id),"
    " cost_micros = position_cost(signed_lots, cost_micros, :signed_lots, :lot_size, :price),"
    " signed_lots = signed_lots + :signed_lots, updated_ms = :fill_ms"
)
_DROP_FLAT_POSITION = (
    "DELETE FROM positions WHERE run_id = :run_id AND agent = :agent AND symbol = :symbol AND signed_lots = 0"
)


def order_filled(recorded: Recorded, event: OrderFilled, run: RunStarted | None) -> Iterator[Row]:
    """The fill, and what it does to its order, the position and the balance."""
    fill = event.fill
    yield insert(
        "fills",
        run_id=recorded.run_id,
        fill_id=fill.fill_id,
        order_id=fill.order_id,
        agent=fill.agent,
        symbol=fill.symbol,
        ts_ms=fill.ts_ms,
        signed_lots=fill.signed_lots,
        price=fill.price,
        fee_micros=fill.fee_micros,
        liquidity=fill.liquidity,
        notional_micros=event.notional,
        realized_micros=event.realized,
        seq=recorded.seq,
    )
    instruments = started(run, recorded).instruments
    facts = place(recorded) | {
        "order_id": fill.order_id,
        "agent": fill.agent,
        "symbol": fill.symbol,
        "fill_ms": fill.ts_ms,
        "lots": abs(fill.signed_lots),
        "signed_lots": fill.signed_lots,
        "price": fill.price,
        "lot_size": next(each.lot_size for each in instruments if each.symbol == fill.symbol),
    }
    yield _FILL_LIFECYCLE, facts
    yield _FILL_ORDER, facts
    yield _FILL_POSITION, facts
    yield _DROP_FLAT_POSITION, facts
    yield balance(recorded, fill.agent, realized=event.realized, fees=fill.fee_micros)


_CLOSING_FILL = (
    "UPDATE trades SET closing_fill_id = (SELECT fill_id FROM fills"
    " WHERE run_id = :run_id AND agent = :agent AND symbol = :symbol ORDER BY fill_id DESC LIMIT 1)"
    " WHERE seq = :seq"
)


def trade_closed(recorded: Recorded, event: TradeClosed, run: RunStarted | None) -> Iterator[Row]:
    """The round trip, and which fill ended it: the account's last one on that symbol."""
    trade = event.trade
    yield insert(
        "trades",
        seq=recorded.seq,
        run_id=recorded.run_id,
        agent=trade.agent,
        symbol=trade.symbol,
        signed_lots=trade.signed_lots,
        opened_ms=trade.opened_ms,
        closed_ms=trade.closed_ms,
        entry_price=trade.entry_price,
        exit_price=trade.exit_price,
        realized_micros=trade.realized,
        fees_micros=trade.fees,
        funding_micros=trade.funding,
        pnl_micros=trade.pnl,
        decision_id=trade.decision_id,
        exit_purpose=trade.exit_purpose,
    )
    yield _CLOSING_FILL, place(recorded) | {"agent": trade.agent, "symbol": trade.symbol}


def funding_paid(recorded: Recorded, event: FundingPaid, run: RunStarted | None) -> Iterator[Row]:
    """The payment, and what it takes from the balance."""
    facts = {"agent": event.agent, "symbol": event.symbol, "rate": event.rate, "paid_micros": event.paid}
    yield insert("funding_payments", **place(recorded), **facts)
    yield balance(recorded, event.agent, funding=event.paid)
