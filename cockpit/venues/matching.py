"""One agent's orders of one instrument against one bar: what happens to them, in the order it happens."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from heapq import heappop, heappush
from math import inf, isnan, nan
from typing import NamedTuple

from cockpit.domain.market import MINUTE_MS, Bar, Instrument, Lots, Micros
from cockpit.domain.orders import Liquidity, Order, OrderKind, OrderPurpose, OrderStatus, TimeInForce
from cockpit.domain.reports import Canceled, Executed, MarginCalled, Rejected, Report, Triggered, TriggerMoved
from cockpit.trading.accounting import fee_micros, notional_micros
from cockpit.trading.agent_state import AgentState
from cockpit.trading.book import Book, walk
from cockpit.trading.fill_model import FillModel
from cockpit.trading.fills import (
    is_marketable,
    nearest_tick,
    queue_uniform,
    resting_event,
    stop_event,
    target_event,
    trailing_event,
)
from cockpit.trading.impact import bar_volatility, fillable_lots, impact_fraction, taker_price
from cockpit.trading.margin import liquidation_fee_micros
from cockpit.trading.path import Path, arrival, elapsed, price_at
from cockpit.trading.state import ArenaState
from cockpit.venues.liquidation import MarginWatch
from cockpit.venues.reach import reached


class Action(Enum):
    """What happens to an order: it is cancelled, wakes, arrives as a limit, takes, or is met where it rests."""

    CANCEL = auto()
    WAKE = auto()
    ARRIVE = auto()
    TAKE = auto()
    REST = auto()


class Happening(NamedTuple):
    """The next thing that happens to an order.

    Attributes:
        position: Where on the bar's path.
        rank: Among those at one position, lowest first.
        price: That stands there for the order, quote per base unit.
        action: What.
        order: As it was when this was found.
    """

    position: float
    rank: int
    price: float
    action: Action
    order: Order
