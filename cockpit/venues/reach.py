"""Which working orders a bar can reach at all: most of them it can't, and they cost a glance."""

from collections.abc import Iterable

from cockpit.domain.market import Bar
from cockpit.domain.orders import IMMEDIATE, Order, OrderKind, OrderStatus


def reached(orders: Iterable[Order], bar: Bar, close_ms: int) -> tuple[list[Order], list[Order]]:
    """The orders that something may happen to in a bar, and the guards among the others.

    Args:
        orders: Working ones of the bar's instrument.
        bar: It.
        close_ms: When it closed, UTC milliseconds; what arrives at the venue later is in neither.
    """
    low, high = bar.low, bar.high
    met: list[Order] = []
    missed: list[Order] = []  # Guards follow their position inside the bar; other orders stay as they are.
    for order in orders:
        if order.cancel_ms is not None and order.cancel_ms < close_ms:
            met.append(order)
        elif order.live_ms < close_ms:
            if _is_met(order, low, high):
                met.append(order)
            elif order.reduce_only:
                missed.append(order)
    at_venue = [order for order in met if not order.is_split and order.status is not OrderStatus.CREATED]
    return at_venue, missed


def _is_met(order: Order, low: float, high: float) -> bool:
    trigger = order.trigger_price
    if trigger is not None:
        kind = order.kind
        if kind is OrderKind.TRAILING_STOP:
            return True
        rises = order.signed_lots > 0 if kind is not OrderKind.TAKE_PROFIT else order.signed_lots < 0
        if high >= trigger if rises else low <= trigger:
            return True
        # Its trigger may have been reached in a bar before.
        if order.status is OrderStatus.ACCEPTED or not order.is_triggered:
            return False
    limit = order.limit_price
    if limit is None or order.time_in_force in IMMEDIATE:
        return True
    return low <= limit if order.signed_lots > 0 else high >= limit
