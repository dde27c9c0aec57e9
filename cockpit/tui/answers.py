"""The control API's answers as what the dashboard works with: limits, orders, audit trails."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cockpit.domain.market import MICROS_PER_UNIT, MINUTE_MS, Instrument, Lots, Micros
from cockpit.domain.orders import Order, OrderKind, OrderPurpose, OrderStatus, TimeInForce
from cockpit.trading.risk.limits import LIMIT_UNITS, LimitValue, RiskLimits, Unit, with_changes
from cockpit.tui.call_history import CallEntry
from cockpit.tui.order_history import OrderEntry
from cockpit.tui.spending import DaySpending, Spent

if TYPE_CHECKING:  # loaded when a trail is asked for
    from cockpit.journal.audit import Trail

_FROM_API: Mapping[Unit, Callable[[float], int | float]] = {
    Unit.MONEY: lambda units: round(units * MICROS_PER_UNIT),
    Unit.FRACTION: lambda percent: percent / 100,
    Unit.MULTIPLE: float,
    Unit.COUNT: round,
    Unit.DURATION: lambda minutes: round(minutes * MINUTE_MS),
}
"""Unit of a limit → its value from the API's units, which people read."""


def limits_of(answer: Mapping[str, Any]) -> dict[str, RiskLimits]:
    """What ``GET /risk`` says that each agent's orders may not exceed."""
    return {each["agent"]: _limits(each) for each in answer["agents"]}


def _limits(said: Mapping[str, Any]) -> RiskLimits:
    known = {field.name for field in fields(RiskLimits)}
    changes: dict[str, LimitValue] = {
        each["name"]: _limit(each["name"], each["limit"]) for each in said["limits"] if each["name"] in known
    }
    changes["symbols"] = None if said["symbols"] is None else tuple(said["symbols"])
    return with_changes(RiskLimits(), changes)


def _limit(name: str, value: float | None) -> int | float:
    return 0 if value is None else _FROM_API[LIMIT_UNITS[name]](value)


def order_entry(row: Mapping[str, Any], instrument: Instrument) -> OrderEntry:
    """An order as ``GET /orders`` tells it.

    Args:
        row: One of the answer's.
        instrument: The order's, for the size of its lots.
    """
    sign = 1 if row["side"] == "buy" else -1
    filled = round(row["filled_quantity"] / instrument.lot_size) * sign
    order = Order(
        order_id=row["order_id"],
        client_order_id=row["client_order_id"],
        parent_id=row["parent_id"],
        decision_id=row["decision_id"],
        agent=row["agent"],
        symbol=row["symbol"],
        kind=OrderKind(row["kind"]),
        purpose=OrderPurpose(row["purpose"]),
        signed_lots=Lots(round(row["quantity"] / instrument.lot_size) * sign),
        filled_lots=Lots(filled),
        limit_price=row["limit_price"],
        trigger_price=row["trigger_price"],
        trail_distance=row["trail_distance"],
        time_in_force=TimeInForce(row["time_in_force"]),
        reduce_only=row["reduce_only"],
        strategy=row["strategy"],
        is_split=row["is_split"],
        created_ms=row["ts_ms"],
        status=OrderStatus(row["status"]),
    )
    average = row["average_price"]
    return OrderEntry(
        order=order,
        updated_ms=round(datetime.fromisoformat(row["updated_time"]).timestamp() * 1_000),
        words=f"{row['rule']}: {row['reason']}" if row["rule"] else row["reason"],
        value=None if average is None else average * filled,
        amended=row["amendment_count"],
    )


def call_entry(row: Mapping[str, Any]) -> CallEntry:
    """A question to a model as ``GET /calls`` tells it."""
    cost = row["cost_usd"]
    return CallEntry(
        call_id=row["call_id"],
        ts_ms=row["ts_ms"],
        agent=row["agent"],
        round=row["round"],
        role=row["role"],
        model=row["model"],
        fault=row["fault"],
        cost=None if cost is None else Micros(round(cost * MICROS_PER_UNIT)),
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
        latency_ms=round(row["latency_s"] * 1_000),
    )


def day_spending(answer: Mapping[str, Any]) -> DaySpending:
    """What models cost today, as ``GET /costs`` tells it."""
    agents = {
        each["agent"]: Spent(
            calls=each["calls"],
            unpriced=each["unpriced_calls"],
            cost=round((each["cost_at_least"] or 0) * MICROS_PER_UNIT),
        )
        for each in answer["agents"]
    }
    return DaySpending(day=answer["day"], seq=answer["seq"], agents=agents)


def trail_of(answer: Mapping[str, Any]) -> "Trail":
    """The audit trail that ``GET /audit/…`` tells."""
    from cockpit.journal.audit import Trail, TrailStep  # noqa: PLC0415 - when a trail is asked for

    steps = (
        TrailStep(
            seq=step["seq"], ts_ms=step["ts_ms"], what=step["what"], asked=step["asked"], facts=step["facts"]
        )
        for step in answer["steps"]
    )
    return Trail(
        run_id=answer["run_id"],
        ident=answer["ident"],
        candidates=tuple(answer["candidates"]),
        steps=tuple(steps),
        open_positions=tuple(answer["open_positions"]),
        outcomes=tuple(answer["outcomes"]),
    )
