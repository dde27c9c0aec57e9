"""Orders and fills."""

from dataclasses import dataclass
from enum import StrEnum

from cockpit.domain.market import Lots, Micros


class Side(StrEnum):
    """Which way an order or fill moves a position."""

    BUY = "buy"
    SELL = "sell"

    @classmethod
    def of(cls, signed_lots: int) -> "Side":
        """The side of a signed quantity (> 0 buys)."""
        return cls.BUY if signed_lots > 0 else cls.SELL


class OrderKind(StrEnum):
    """How an order becomes a fill."""

    MARKET = "market"
    LIMIT = "limit"
    STOP_MARKET = "stop_market"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"
    TRAILING_STOP = "trailing_stop"


class TimeInForce(StrEnum):
    """How long a limit order stands, and whether it may take liquidity.

    Good till cancelled; what fills at once and no more; all at once or nothing; never a taker.
    """

    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    POST_ONLY = "post_only"


class OrderStatus(StrEnum):
    """Where an order stands; `trading/lifecycle.py` has the legal ways from one to the next."""

    CREATED = "created"
    DENIED = "denied"
    HELD = "held"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TRIGGERED = "triggered"
    PARTIALLY_FILLED = "partially_filled"
    PENDING_CANCEL = "pending_cancel"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"


class Liquidity(StrEnum):
    """Whether a fill took liquidity or provided it, which sets its fee."""

    MAKER = "maker"
    TAKER = "taker"


class OrderPurpose(StrEnum):
    """Why an order exists, which also says what its fill means."""

    REBALANCE = "rebalance"
    STOP = "stop"
    TARGET = "target"
    FLATTEN = "flatten"
    LIQUIDATION = "liquidation"


WAYS_OUT = frozenset({OrderPurpose.FLATTEN, OrderPurpose.LIQUIDATION})
"""Orders that close a position from outside, whatever its agent wants."""

IMMEDIATE = frozenset({TimeInForce.IOC, TimeInForce.FOK})
"""Limits that never rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderIntent:
    """What allocation asks for, before risk has seen it.

    Attributes:
        agent: Whose account.
        symbol: Which instrument.
        kind: How it is to be filled.
        signed_lots: > 0 buys.
        limit_price: Quote per base unit, the worst price it may fill at; for limit and stop-limit orders.
        trigger_price: Quote per base unit at which a stop or target wakes; for a trailing stop, at first.
        trail_distance: Quote per base unit between a trailing stop's trigger and the best price seen.
        time_in_force: Of the limit, where there is one.
        reduce_only: Never opens or enlarges a position.
        purpose: Why.
        decision_id: The decision behind it; None when a breaker or a person asked.
        parent_id: The order it protects or is split from, if any.
        strategy: Whose share of the parent it is, where the parent is split by strategies.
        thinking_ms: How long the agent thought about it, which delays its arrival at the venue.
    """

    agent: str
    symbol: str
    kind: OrderKind
    signed_lots: Lots
    limit_price: float | None = None
    trigger_price: float | None = None
    trail_distance: float | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    reduce_only: bool = False
    purpose: OrderPurpose = OrderPurpose.REBALANCE
    decision_id: int | None = None
    parent_id: int | None = None
    strategy: str | None = None
    thinking_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as the journal knows it.

    Attributes:
        order_id: Counter of its run, from 1.
        client_order_id: What a venue is told; the same for every retry, so a retry can't trade twice.
            Unique within its run.
        parent_id: The order this one protects or is split from, if any.
        decision_id: The decision behind it, if any.
        agent: Whose account.
        symbol: Which instrument.
        kind: How it is to be filled.
        purpose: Why it exists.
        signed_lots: > 0 buys.
        filled_lots: How much of it is filled, same sign.
        limit_price: Quote per base unit, the worst price it may fill at; None where there is no limit.
        trigger_price: Quote per base unit at which a stop or target wakes; a trailing stop's moves.
        trail_distance: Quote per base unit between a trailing stop's trigger and the best price seen.
        time_in_force: Of the limit, where there is one.
        reduce_only: Never opens or enlarges a position.
        strategy: Whose share of the parent it is, where the parent is split by strategies.
        is_split: Whether it is only the sum of its children, and never sent itself.
        created_ms: Market time, UTC milliseconds.
        live_ms: Market time at which it reaches the venue.
        cancel_ms: Market time at which a request to cancel it reaches the venue; None unless one is out.
        status: Where it stands.
        resume_status: Where it stands again if the venue refuses to cancel it; None unless one is asked to.
    """

    order_id: int
    client_order_id: str
    parent_id: int | None
    decision_id: int | None
    agent: str
    symbol: str
    kind: OrderKind
    purpose: OrderPurpose
    signed_lots: Lots
    filled_lots: Lots = Lots(0)
    limit_price: float | None = None
    trigger_price: float | None = None
    trail_distance: float | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    reduce_only: bool = False
    strategy: str | None = None
    is_split: bool = False
    created_ms: int
    live_ms: int = 0
    cancel_ms: int | None = None
    status: OrderStatus = OrderStatus.CREATED
    resume_status: OrderStatus | None = None

    @property
    def side(self) -> Side:
        """Buy or sell."""
        return Side.of(self.signed_lots)

    @property
    def open_lots(self) -> Lots:
        """What is not filled yet, signed."""
        return Lots(self.signed_lots - self.filled_lots)

    @property
    def is_triggered(self) -> bool:
        """Whether a stop or target has woken: from then on it is the market or limit order it becomes."""
        standing = self.resume_status or self.status
        return self.trigger_price is not None and standing in _AWAKE


_AWAKE = frozenset({OrderStatus.TRIGGERED, OrderStatus.PARTIALLY_FILLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution, as the venue reported it.

    Attributes:
        fill_id: Counter of the journal, from 1.
        order_id: The order it fills.
        agent: Whose account.
        symbol: Which instrument.
        ts_ms: When, UTC milliseconds.
        signed_lots: > 0 bought.
        price: Quote per base unit.
        fee_micros: > 0 paid.
        liquidity: Maker or taker.
        trade_id: The venue's own name for the execution; a second report under the same name is the same one.
        slippage: Micro-units lost (> 0) against the price that stood when the order met the market.
    """

    fill_id: int
    order_id: int
    agent: str
    symbol: str
    ts_ms: int
    signed_lots: Lots
    price: float
    fee_micros: Micros
    liquidity: Liquidity
    trade_id: str = ""
    slippage: Micros = Micros(0)
