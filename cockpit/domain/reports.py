"""What a venue says of orders. It may say it twice, late, out of order, or never."""

from dataclasses import dataclass
from typing import TypeAlias

from cockpit.domain.market import Lots, Micros
from cockpit.domain.orders import Liquidity


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The venue has the order."""

    order_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The venue does not take the order, and says why."""

    order_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggered:
    """A stop or target has woken."""

    order_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerMoved:
    """A trailing stop followed the price; `trigger_price` is in quote per base unit."""

    order_id: int
    trigger_price: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """An execution.

    Attributes:
        order_id: Of which order.
        trade_id: The venue's name for it: what comes again under the same name is the same execution.
        ts_ms: When, UTC milliseconds.
        signed_lots: > 0 bought.
        price: Quote per base unit.
        fee: Micro-units; > 0 paid.
        liquidity: Maker or taker.
        slippage: Micro-units lost (> 0) against the price that stood when the order met the market.
    """

    order_id: int
    trade_id: str
    ts_ms: int
    signed_lots: Lots
    price: float
    fee: Micros
    liquidity: Liquidity
    slippage: Micros = Micros(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canceled:
    """What was not filled of an order never will be."""

    order_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRejected:
    """The venue does not cancel the order: it stands as it stood before."""

    order_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """An order's time ran out at the venue."""

    order_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginCalled:
    """A position's margin is used up: the venue takes the account's orders away and closes the position.

    Attributes:
        agent: Whose.
        symbol: Of which instrument.
        ts_ms: When, UTC milliseconds.
        price: The liquidation price reached, quote per base unit.
        equity: What stood behind the position at that price, micro-units.
        maintenance: What had to, micro-units.
    """

    agent: str
    symbol: str
    ts_ms: int
    price: float
    equity: Micros
    maintenance: Micros


Report: TypeAlias = (
    Accepted
    | Rejected
    | Triggered
    | TriggerMoved
    | Executed
    | Canceled
    | CancelRejected
    | Expired
    | MarginCalled
)
