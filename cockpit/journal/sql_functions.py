"""What the projections' SQL asks of Python: the ledger's arithmetic, the order table's moves, and words."""

import sqlite3

from cockpit.domain.formats import price
from cockpit.domain.orders import OrderStatus
from cockpit.trading.accounting import fill_position
from cockpit.trading.lifecycle import status_after_fill


def register(connection: sqlite3.Connection) -> None:
    """Offers the functions to the statements of a connection."""
    for name, function in (
        ("position_cost", position_cost),
        ("closing_fee", closing_fee),
        ("status_after", status_after),
        ("amendment", amendment),
    ):
        count = function.__code__.co_argcount
        connection.create_function(name, count, function, deterministic=True)


def position_cost(lots: int, cost: int, fill_lots: int, lot_size: float, fill_price: float) -> int:
    """A position's cost after a fill, micro-units."""
    return fill_position(lots, cost, fill_lots, lot_size, fill_price)[1]


def closing_fee(fee: int, closed: int, lots: int) -> int:
    """The part of a fill's fee, micro-units, that falls on what it closed; both quantities unsigned."""
    return round(fee * closed / lots)


def status_after(before: str, filled_lots: int, lots: int) -> str:
    """Where an order stands once so much of it is filled."""
    return status_after_fill(OrderStatus(before), is_complete=filled_lots >= lots)


def amendment(
    lots_before: int,
    lots: int,
    trigger_before: float | None,
    trigger: float | None,
    limit_before: float | None,
    limit: float | None,
    lot_size: float,
    reason: str,
) -> str:
    """What was changed of an order, and why: ``trigger 58,500.00 → 59,200.00: follows the price``."""
    changes = []
    if lots != lots_before:
        changes.append(f"size {quantity(lots_before, lot_size):g} → {quantity(lots, lot_size):g}")
    if trigger != trigger_before:
        changes.append(f"trigger {price(trigger_before)} → {price(trigger)}")
    if limit != limit_before:
        changes.append(f"limit {price(limit_before)} → {price(limit)}")
    return ": ".join(filter(None, (", ".join(changes) or "nothing changed", reason)))


def quantity(lots: int, lot_size: float) -> float:
    """Base units in so many lots, as the float nearest to their decimal spelling."""
    return lots / round(1 / lot_size) if lot_size < 1 else lots * lot_size
