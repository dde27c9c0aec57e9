"""Which working orders a bar can reach at all: most of them it can't, and they cost a glance."""

from collections.abc import Iterable

from cockpit.domain.market import Bar
from cockpit.domain.orders import Order, OrderKind, OrderStatus, TimeInForce

_IMMEDIATE = (TimeInForce.IOC, TimeInForce.FOK)
_NEVER_WAKES = (OrderKind.MARKET, OrderKind.LIMIT)


def reached(orders: Iterable[Order], bar: Bar, close_ms: int) -> tuple[list[Order], list[Order]]:
    """The orders that something may happen to in a bar, and the others.

    Args:
        orders: Working ones of the bar's instrument.
        bar: It.
        close_ms: When it closed, UTC milliseconds; what arrives at the venue later is in neither.
    """
    low, high = bar.low, bar.high
    met: list[Order] = []
    missed: list[Order] = []
    for order in orders:
        if order.is_split or order.status is OrderStatus.CREATED:
            continue
        if order.cancel_ms is not None and order.cancel_ms < close_ms:
            met.append(order)
        elif order.live_ms < close_ms:
            (met if _is_met(order, low, high) else missed).append(order)
    return met, missed


def _is_met(order: Order, low: float, high: float) -> bool:
    kind = order.kind
    if kind is OrderKind.MARKET or kind is OrderKind.TRAILING_STOP:
        return True
    buys = order.signed_lots > 0
    if kind is not OrderKind.LIMIT:
        trigger = order.trigger_price
        rising = buys is not (kind is OrderKind.TAKE_PROFIT)
        if trigger is not None and (high >= trigger if rising else low <= trigger):
            return True
        # Its trigger may have been reached in a bar before.
        if order.status is OrderStatus.ACCEPTED or not order.is_triggered:
            return False
    limit = order.limit_price
    if limit is None or order.time_in_force in _IMMEDIATE:
        return True
    return low <= limit if buys else high >= limit
