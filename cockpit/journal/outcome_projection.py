"""What became of decisions: each order they asked for, the position it was part of, and how that ended.

An order is its decision's entry once a fill of it opens or enlarges a position: it is pending while the
position is open, and a win or a loss by the whole round trip's profit after fees and funding. An order
that only reduces what is held is an exit, which has no outcome of its own; nor has one without a fill.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cockpit.domain.events import OrderMoved, Recorded
from cockpit.domain.orders import Order, OrderPurpose
from cockpit.journal.statements import Row, insert


def outcome_awaited(recorded: Recorded, order: Order) -> Iterator[Row]:
    """A link for an order that a decision asked for; none for what guards or ends a position."""
    if order.decision_id is None or order.purpose is not OrderPurpose.REBALANCE:
        return
    yield insert(
        "ai_outcome_links",
        run_id=recorded.run_id,
        order_id=order.order_id,
        decision_id=order.decision_id,
        agent=order.agent,
        symbol=order.symbol,
        outcome="pending",
        reason="",
        updated_ms=recorded.ts_ms,
    )


_GIVE_UP = (
    "UPDATE ai_outcome_links SET outcome = 'none', reason = :reason, updated_ms = :ts_ms"
    " WHERE run_id = :run_id AND order_id = :order_id AND fills = 0"
)


def outcome_given_up(recorded: Recorded, moved: OrderMoved) -> Row:
    """No outcome for an order that works no more and was never filled."""
    by = f" by {moved.rule}" if moved.rule else ""
    why = f": {moved.reason}" if moved.reason else ""
    return _GIVE_UP, {
        "run_id": recorded.run_id,
        "ts_ms": recorded.ts_ms,
        "order_id": moved.order_id,
        "reason": f"{moved.after}{by}{why}",
    }


_EXIT_WORDS = "it reduced a position and opened none"
_PEND = (
    "UPDATE ai_outcome_links AS l SET fills = l.fills + 1, signed_lots = l.signed_lots + :signed_lots,"  # noqa: S608 - constants
    " role = iif(m.is_entry, 'entry', coalesce(l.role, 'exit')),"
    " opening_fill_id = CASE WHEN m.is_entry THEN m.opened WHEN l.role = 'entry' THEN l.opening_fill_id"
    " ELSE m.met END,"
    " outcome = CASE WHEN m.is_entry THEN 'pending' WHEN l.role = 'entry' THEN l.outcome ELSE 'none' END,"
    " reason = CASE WHEN m.is_entry THEN '' WHEN l.role = 'entry' THEN l.reason"
    f" ELSE '{_EXIT_WORDS}' END,"
    " updated_ms = :ts_ms"
    " FROM (SELECT p.signed_lots * f.signed_lots > 0 AS is_entry, p.opening_fill_id AS opened,"
    " f.position_fill_id AS met FROM fills AS f JOIN position_snapshots AS p"
    " ON p.run_id = f.run_id AND p.fill_id = f.fill_id"
    " WHERE f.run_id = :run_id AND f.fill_id = :fill_id) AS m"
    " WHERE l.run_id = :run_id AND (l.order_id = :order_id OR l.order_id ="
    " (SELECT parent.order_id FROM orders AS child JOIN orders AS parent"
    " ON parent.run_id = child.run_id AND parent.order_id = child.parent_id"
    " WHERE child.run_id = :run_id AND child.order_id = :order_id AND parent.is_split = 1))"
)


def outcome_pending(filled: Mapping[str, Any]) -> Row:
    """What a fill tells of its order's decision, and of the one whose order it is split from.

    Args:
        filled: The fill's `run_id`, `ts_ms`, `fill_id`, `order_id` and `signed_lots`; it and the position
            as it left it are in their tables already.
    """
    names = ("run_id", "ts_ms", "fill_id", "order_id", "signed_lots")
    return _PEND, {name: filled[name] for name in names}


_KNOW = (
    "UPDATE ai_outcome_links SET trade_seq = :seq, updated_ms = :ts_ms,"
    " pnl_micros = iif(role = 'entry', coalesce(pnl_micros, 0) + :pnl, NULL),"
    " outcome = CASE WHEN role = 'exit' THEN outcome WHEN coalesce(pnl_micros, 0) + :pnl > 0 THEN 'win'"
    " WHEN coalesce(pnl_micros, 0) + :pnl < 0 THEN 'loss' ELSE 'none' END,"
    " reason = iif(role = 'entry' AND coalesce(pnl_micros, 0) + :pnl = 0, 'it broke even', reason)"
    " WHERE run_id = :run_id AND opening_fill_id = (SELECT opening_fill_id FROM trades WHERE seq = :seq)"
)


def outcome_known(recorded: Recorded, pnl: int) -> Row:
    """The outcome of every decision behind a round trip that is over; it is in its table already.

    An order that was part of several positions, one after the other, has what they brought together.
    """
    named = {"seq": recorded.seq, "ts_ms": recorded.ts_ms, "run_id": recorded.run_id, "pnl": pnl}
    return _KNOW, named
