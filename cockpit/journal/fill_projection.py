"""What fills, trades and funding write into the read models."""

from collections.abc import Iterator

from cockpit.domain.events import FundingPaid, OrderFilled, Recorded, RunStarted, TradeClosed
from cockpit.journal.outcome_projection import outcome_known, outcome_pending
from cockpit.journal.statements import Row, balance, insert, place, started

_FILL = (
    "INSERT INTO fills (run_id, fill_id, order_id, agent, symbol, ts_ms, signed_lots, price, fee_micros,"
    " liquidity, notional_micros, realized_micros, seq, trade_id, slippage_micros, position_fill_id)"
    " VALUES (:run_id, :fill_id, :order_id, :agent, :symbol, :fill_ms, :signed_lots, :price, :fee,"
    " :liquidity, :notional, :realized, :seq, :trade_id, :slippage,"
    " coalesce((SELECT opening_fill_id FROM positions"
    " WHERE run_id = :run_id AND agent = :agent AND symbol = :symbol), :fill_id))"
)
_FILL_LIFECYCLE = (
    "INSERT INTO order_lifecycle_events (seq, run_id, ts_ms, order_id, status_before, status_after, reason)"
    " SELECT :seq, run_id, :ts_ms, order_id, status, status_after(status, filled_lots + :lots, lots),"
    " CASE WHEN status IN ('canceled', 'expired') THEN 'an execution that came late'"
    " WHEN status = 'pending_cancel' THEN 'executed before it could be canceled' ELSE '' END"
    " FROM orders WHERE run_id = :run_id AND order_id = :order_id"
)
_FILL_ORDER = (
    "UPDATE orders SET status = status_after(status, filled_lots + :lots, lots),"
    " filled_lots = filled_lots + :lots, updated_ms = :ts_ms WHERE run_id = :run_id AND order_id = :order_id"
)
_FILL_SPLIT_PARENT = (
    "UPDATE orders SET filled_lots = filled_lots + :lots, updated_ms = :ts_ms"
    " WHERE run_id = :run_id AND is_split = 1 AND order_id ="
    " (SELECT parent_id FROM orders WHERE run_id = :run_id AND order_id = :order_id)"
)
_IS_FLIP = "signed_lots * (signed_lots + :signed_lots) < 0"
_FILL_POSITION = (
    "INSERT INTO positions"  # noqa: S608 - constants
    " (run_id, agent, symbol, signed_lots, cost_micros, opened_ms, decision_id, updated_ms, entry_lots,"
    " fees_micros, order_id, opening_fill_id)"
    " VALUES (:run_id, :agent, :symbol, :signed_lots,"
    " position_cost(0, 0, :signed_lots, :lot_size, :price), :fill_ms,"
    " (SELECT decision_id FROM orders WHERE run_id = :run_id AND order_id = :order_id), :fill_ms, :lots,"
    " :fee, :order_id, :fill_id)"
    " ON CONFLICT (run_id, agent, symbol) DO UPDATE SET"
    f" opened_ms = iif({_IS_FLIP}, excluded.opened_ms, opened_ms),"
    f" decision_id = iif({_IS_FLIP}, excluded.decision_id, decision_id),"
    f" order_id = iif({_IS_FLIP}, excluded.order_id, order_id),"
    f" opening_fill_id = iif({_IS_FLIP}, excluded.opening_fill_id, opening_fill_id),"
    f" entry_lots = max(iif({_IS_FLIP}, 0, entry_lots), abs(signed_lots + :signed_lots)),"
    f" realized_micros = iif({_IS_FLIP}, 0, realized_micros + :realized),"
    f" fees_micros = iif({_IS_FLIP}, :fee - closing_fee(:fee, abs(signed_lots), :lots), fees_micros + :fee),"
    f" funding_micros = iif({_IS_FLIP}, 0, funding_micros),"
    " cost_micros = position_cost(signed_lots, cost_micros, :signed_lots, :lot_size, :price),"
    " signed_lots = signed_lots + :signed_lots, updated_ms = :fill_ms"
)
_SNAPSHOT_COLUMNS = (
    "run_id, agent, symbol, signed_lots, cost_micros, entry_lots, realized_micros, fees_micros,"
    " funding_micros, decision_id, order_id, opening_fill_id"
)
_SNAPSHOT_POSITION = (
    f"INSERT INTO position_snapshots (fill_id, seq, ts_ms, {_SNAPSHOT_COLUMNS})"  # noqa: S608 - constants
    f" SELECT :fill_id, :seq, :fill_ms, {_SNAPSHOT_COLUMNS} FROM positions"
    " WHERE run_id = :run_id AND agent = :agent AND symbol = :symbol"
)
_DROP_FLAT_POSITION = (
    "DELETE FROM positions WHERE run_id = :run_id AND agent = :agent AND symbol = :symbol AND signed_lots = 0"
)


def order_filled(recorded: Recorded, event: OrderFilled, run: RunStarted | None) -> Iterator[Row]:
    """The fill, and what it does to its order, the position, the balance and its decision's outcome."""
    fill = event.fill
    instruments = started(run, recorded).instruments
    facts = place(recorded) | {
        "fill_id": fill.fill_id,
        "order_id": fill.order_id,
        "agent": fill.agent,
        "symbol": fill.symbol,
        "fill_ms": fill.ts_ms,
        "lots": abs(fill.signed_lots),
        "signed_lots": fill.signed_lots,
        "price": fill.price,
        "fee": fill.fee_micros,
        "liquidity": fill.liquidity,
        "notional": event.notional,
        "realized": event.realized,
        "trade_id": fill.trade_id,
        "slippage": fill.slippage,
        "lot_size": next(each.lot_size for each in instruments if each.symbol == fill.symbol),
    }
    yield _FILL, facts
    yield _FILL_LIFECYCLE, facts
    yield _FILL_ORDER, facts
    yield _FILL_SPLIT_PARENT, facts
    yield _FILL_POSITION, facts
    yield _SNAPSHOT_POSITION, facts
    yield _DROP_FLAT_POSITION, facts
    paid = {"fees": fill.fee_micros, "slippage": fill.slippage}
    yield balance(recorded, fill.agent, realized=event.realized, **paid)
    yield outcome_pending(facts)


_CLOSING_FILL = (
    "UPDATE trades SET closing_fill_id = f.fill_id, opening_fill_id = f.position_fill_id"
    " FROM (SELECT fill_id, position_fill_id FROM fills"
    " WHERE run_id = :run_id AND agent = :agent AND symbol = :symbol ORDER BY fill_id DESC LIMIT 1) AS f"
    " WHERE trades.seq = :seq"
)


def trade_closed(recorded: Recorded, event: TradeClosed, run: RunStarted | None) -> Iterator[Row]:
    """The round trip, which fills opened and ended it, and the outcome of the decisions behind it.

    The fill that ended it is the account's last one on that symbol.
    """
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
        lowest_price=trade.lowest_price,
        highest_price=trade.highest_price,
        realized_micros=trade.realized,
        fees_micros=trade.fees,
        funding_micros=trade.funding,
        pnl_micros=trade.pnl,
        decision_id=trade.decision_id,
        exit_purpose=trade.exit_purpose,
    )
    yield _CLOSING_FILL, place(recorded) | {"agent": trade.agent, "symbol": trade.symbol}
    yield outcome_known(recorded, trade.pnl)


_FUND_POSITION = (
    "UPDATE positions SET funding_micros = funding_micros + ? WHERE run_id = ? AND agent = ? AND symbol = ?"
)


def funding_paid(recorded: Recorded, event: FundingPaid, run: RunStarted | None) -> Iterator[Row]:
    """The payment, and what it takes from the balance."""
    facts = {"agent": event.agent, "symbol": event.symbol, "rate": event.rate, "paid_micros": event.paid}
    yield insert("funding_payments", **place(recorded), **facts)
    yield _FUND_POSITION, (event.paid, recorded.run_id, event.agent, event.symbol)
    yield balance(recorded, event.agent, funding=event.paid)
