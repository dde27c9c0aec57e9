"""What happens next to an order in a bar, and which of two things at one place comes first."""

from enum import Enum, auto
from math import inf
from typing import NamedTuple

from cockpit.domain.market import MINUTE_MS
from cockpit.domain.orders import IMMEDIATE, Order, OrderKind, OrderPurpose
from cockpit.trading.fills import queue_uniform, resting_event, stop_event, target_event, trailing_event
from cockpit.venues.bar_market import BarMarket, Supply

_STOPS = (OrderKind.STOP_MARKET, OrderKind.STOP_LIMIT, OrderKind.TRAILING_STOP)


class Action(Enum):
    """An order is cancelled, wakes at its trigger, arrives with a limit, takes, or is met where it rests."""

    CANCEL = auto()
    WAKE = auto()
    ARRIVE = auto()
    TAKE = auto()
    REST = auto()


class Happening(NamedTuple):
    """The next thing that happens to an order.

    Attributes:
        position: Where on the bar's path.
        price: That stands there, quote per base unit.
        action: What.
    """

    position: float
    price: float
    action: Action


class Place(NamedTuple):
    """A place on a bar's path, and the price that stands there."""

    position: float
    here: float


def rank_of(order: Order, action: Action, held_lots: int) -> int:
    """The rank of what happens at one place of the path, lowest first: what is worse for the account.

    A cancel that has arrived comes first, then a liquidation. A market order that closes comes before the
    stop at the same price, which it would otherwise leave without a position to close; then stops, targets,
    and entries last.
    """
    if action is Action.CANCEL:
        return 0
    if order.purpose is OrderPurpose.LIQUIDATION:
        return 1
    if order.kind is OrderKind.MARKET:
        return 2 if order.signed_lots * held_lots < 0 else 5
    if order.purpose is OrderPurpose.STOP or (order.reduce_only and order.kind in _STOPS):
        return 3
    return 4 if order.purpose is OrderPurpose.TARGET or order.reduce_only else 5


def next_happening(
    order: Order, market: BarMarket, supply: Supply, at: Place, *, has_rested: bool
) -> Happening | None:
    """What happens to an order from a place on, apart from trailing stops and cancels; None: nothing.

    Args:
        order: A working one, at the venue by then.
        market: The bar.
        supply: What its agent can take from it.
        at: From where on the order is at work.
        has_rested: Whether it has met the market before, so that it does not arrive any more.
    """
    if order.trigger_price is not None and not order.is_triggered:
        event = target_event if order.kind is OrderKind.TAKE_PROFIT else stop_event
        position, price = event(market.path, *at, order.signed_lots, order.trigger_price)
        return _if_any(position, price, Action.WAKE)
    if order.limit_price is None:
        return Happening(*at, Action.TAKE)
    if order.time_in_force in IMMEDIATE:
        return Happening(*at, Action.ARRIVE)
    if not has_rested and supply.is_marketable(order.signed_lots, order.limit_price, at.here):
        return Happening(*at, Action.ARRIVE)
    position, price = resting_event(
        market.path, at.position, order.signed_lots, order.limit_price, _fills_on_touch(order, market)
    )
    return _if_any(position, price, Action.REST)


def trailed(order: Order, market: BarMarket, at: Place) -> tuple[Happening | None, float]:
    """Where a trailing stop wakes, if it does, and its trigger by then or at the bar's end."""
    assert order.trigger_price is not None, f"trailing stop {order.order_id} has no trigger"
    assert order.trail_distance is not None, f"trailing stop {order.order_id} has no distance"
    position, price, trigger = trailing_event(
        market.path,
        *at,
        order.signed_lots,
        order.trigger_price,
        order.trail_distance,
        market.instrument.tick_size,
    )
    return _if_any(position, price, Action.WAKE), trigger


def _if_any(position: float, price: float, action: Action) -> Happening | None:
    return Happening(position, price, action) if position < inf else None


def _fills_on_touch(order: Order, market: BarMarket) -> bool:
    drawn = queue_uniform(market.model.seed, order.order_id, market.bar.open_ms // MINUTE_MS)
    return drawn < market.model.touch_fill_probability
