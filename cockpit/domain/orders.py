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
    STOP_MARKET = "stop_market"
    TAKE_PROFIT = "take_profit"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderIntent:
    """What allocation asks for, before risk has seen it.

    Attributes:
        agent: Whose account.
        symbol: Which instrument.
        kind: How it is to be filled.
        signed_lots: > 0 buys.
        trigger_price: Quote per base unit at which a stop or target wakes; None for market orders.
        reduce_only: Never opens or enlarges a position.
        purpose: Why.
        decision_id: The decision behind it; None when a breaker or a person asked.
    """

    agent: str
    symbol: str
    kind: OrderKind
    signed_lots: Lots
    trigger_price: float | None = None
    reduce_only: bool = False
    purpose: OrderPurpose = OrderPurpose.REBALANCE
    decision_id: int | None = None


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
        trigger_price: Quote per base unit at which a stop or target wakes; None for market orders.
        reduce_only: Never opens or enlarges a position.
        created_ms: Market time, UTC milliseconds.
        status: Where it stands.
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
    trigger_price: float | None = None
    reduce_only: bool = False
    created_ms: int
    status: OrderStatus = OrderStatus.CREATED

    @property
    def side(self) -> Side:
        """Buy or sell."""
        return Side.of(self.signed_lots)

    @property
    def open_lots(self) -> Lots:
        """What is not filled yet, signed."""
        return Lots(self.signed_lots - self.filled_lots)


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
