"""Orders out of the journal, with the lives they had, in the words and units of the control API."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from cockpit.daemon.api_models import Answer
from cockpit.domain.orders import OrderKind, OrderPurpose, OrderStatus, Side, TimeInForce
from cockpit.journal.views import JournalReader, Row
from cockpit.trading.lifecycle import TERMINAL

AMENDMENTS_TOLD = 10
"""Of one order, the newest: a trailing stop has one for every bar it follows."""

Standing: TypeAlias = Literal[
    "working",
    "done",
    "created",
    "denied",
    "held",
    "submitted",
    "accepted",
    "rejected",
    "triggered",
    "partially_filled",
    "pending_cancel",
    "filled",
    "canceled",
    "expired",
]
"""A status, or all of those in which an order may still move, or all in which it is done."""


class AmendmentLine(Answer):
    """What an order asked for from some time on."""

    seq: int
    ts_ms: int
    time: str
    quantity: float
    trigger_price: float | None
    limit_price: float | None
    reason: str


class OrderLine(Answer):
    """An order, as the journal has it.

    Attributes:
        parent_id: The order it guards the position of, or is split from.
        child_ids: The orders that name it as theirs.
        strategy: Whose share of its parent it is.
        is_split: Whether it is only the sum of its children.
        average_price: Of what was filled of it.
        trail_distance: Between a trailing stop's trigger and the best price seen.
        rule: The risk rule that denied it.
        reason: Why it stands where it stands, where the status does not say it all.
        live_time: When it reaches the venue.
        ts_ms: When it was created.
        amendment_count: How often it was given another size or price.
        amendments: The latest of them, newest first.
    """

    run_id: str
    order_id: int
    parent_id: int | None
    child_ids: list[int]
    decision_id: int | None
    strategy: str | None
    is_split: bool
    agent: str
    symbol: str
    kind: OrderKind
    purpose: OrderPurpose
    side: Side
    quantity: float
    filled_quantity: float
    average_price: float | None
    limit_price: float | None
    trigger_price: float | None
    trail_distance: float | None
    time_in_force: TimeInForce
    reduce_only: bool
    status: OrderStatus
    rule: str | None
    reason: str
    client_order_id: str
    created_time: str
    live_time: str | None
    updated_time: str
    ts_ms: int
    seq: int
    amendment_count: int
    amendments: list[AmendmentLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders are asked for; None: whatever it is.

    Attributes:
        symbol: A unified symbol, or its base coin.
    """

    status: Standing | None = None
    agent: str | None = None
    symbol: str | None = None
    purpose: OrderPurpose | None = None
    kind: OrderKind | None = None


_ORDERS = (
    "SELECT * FROM orders_readable WHERE run_id = :run_id"
    " AND (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))"
    " AND (:agent IS NULL OR agent = :agent)"
    " AND (:symbol IS NULL OR symbol = :symbol OR substr(symbol, 1, instr(symbol, '/') - 1) = :symbol)"
    " AND (:purpose IS NULL OR purpose = :purpose) AND (:kind IS NULL OR kind = :kind)"
    " ORDER BY order_id DESC LIMIT :limit"
)
_AMONG = "run_id = :run_id AND {} IN (SELECT value FROM json_each(:ids))"
_IS_AMENDMENT = "status_before = status_after AND quantity IS NOT NULL"
_CHILDREN = f"SELECT order_id, parent_id FROM orders WHERE {_AMONG.format('parent_id')} ORDER BY order_id"  # noqa: S608 - constants
_LAST_STEPS = (
    "SELECT order_id, max(seq) AS seq, rule, reason FROM order_lifecycle_events_readable"  # noqa: S608 - constants
    f" WHERE {_AMONG.format('order_id')} AND NOT ({_IS_AMENDMENT} AND status_before IS NOT NULL)"
    " GROUP BY order_id"
)
_AMENDMENTS = (
    "SELECT * FROM (SELECT order_id, seq, ts_ms, time, quantity, trigger_price, limit_price, reason,"  # noqa: S608 - constants
    " count(*) OVER (PARTITION BY order_id) AS amendment_count,"
    " row_number() OVER (PARTITION BY order_id ORDER BY seq DESC) AS place"
    f" FROM order_lifecycle_events_readable WHERE {_AMONG.format('order_id')} AND {_IS_AMENDMENT})"
    " WHERE place <= :most ORDER BY order_id, seq DESC"
)
_FILLED = (
    "SELECT order_id, sum(price * abs(signed_quantity)) AS worth, sum(abs(signed_quantity)) AS quantity"  # noqa: S608 - constants
    f" FROM fills_readable WHERE {_AMONG.format('order_id')} GROUP BY order_id"
)


async def orders_answer(
    reader: JournalReader, limit: int, wanted: OrderFilter, run_id: str | None = None
) -> list[OrderLine]:
    """The latest orders that are asked for, newest first.

    Args:
        reader: Of the journal.
        limit: How many at most.
        wanted: Which.
        run_id: Of which run; the newest if None.

    Raises:
        UnknownIdent: If there is no such run.
        JournalUnavailable, JournalCorrupt: If the journal can't be read.
    """
    run = await reader.run_id(run_id)
    asked = {
        "run_id": run,
        "limit": limit,
        "statuses": _statuses(wanted.status),
        "agent": wanted.agent,
        "symbol": wanted.symbol,
        "purpose": wanted.purpose,
        "kind": wanted.kind,
    }
    found = await reader.query(_ORDERS, asked)
    lives = await _lives(reader, run, [row["order_id"] for row in found])
    return [OrderLine.model_validate(row | lives.of(row)) for row in found]


def _statuses(standing: Standing | None) -> str | None:
    if standing is None:
        return None
    done = [status.value for status in OrderStatus if status in TERMINAL]
    working = [status.value for status in OrderStatus if status not in TERMINAL]
    return json.dumps({"working": working, "done": done}.get(standing, [standing]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lives:
    """What became of some orders, each by its id."""

    children: Mapping[int, Sequence[int]]
    steps: Mapping[int, Row]
    amendments: Mapping[int, Sequence[Row]]
    filled: Mapping[int, Row]

    def of(self, order: Row) -> dict[str, Any]:
        """What of an order's line the order itself does not say."""
        order_id = order["order_id"]
        children = self.children.get(order_id, ())
        step = self.steps[order_id]
        amendments = self.amendments.get(order_id, ())
        return {
            "child_ids": children,
            "average_price": self._average_price(children if order["is_split"] else [order_id]),
            "rule": step["rule"],
            "reason": step["reason"],
            "amendment_count": amendments[0]["amendment_count"] if amendments else 0,
            "amendments": amendments,
        }

    def _average_price(self, order_ids: Sequence[int]) -> float | None:
        filled = [self.filled[each] for each in order_ids if each in self.filled]
        quantity = sum(row["quantity"] for row in filled)
        return sum(row["worth"] for row in filled) / quantity if quantity else None


async def _lives(reader: JournalReader, run_id: str, order_ids: list[int]) -> _Lives:
    named = {"run_id": run_id, "ids": json.dumps(order_ids)}
    children: dict[int, list[int]] = {}
    for row in await reader.query(_CHILDREN, named):
        children.setdefault(row["parent_id"], []).append(row["order_id"])
    amendments: dict[int, list[Row]] = {}
    for row in await reader.query(_AMENDMENTS, named | {"most": AMENDMENTS_TOLD}):
        amendments.setdefault(row["order_id"], []).append(row)
    every = [*order_ids, *(child for family in children.values() for child in family)]
    filled = await reader.query(_FILLED, named | {"ids": json.dumps(every)})
    return _Lives(
        children=children,
        steps={row["order_id"]: row for row in await reader.query(_LAST_STEPS, named)},
        amendments=amendments,
        filled={row["order_id"]: row for row in filled},
    )
