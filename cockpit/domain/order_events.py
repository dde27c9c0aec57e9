"""What happens to orders, positions and accounts."""

from dataclasses import dataclass

from cockpit.domain.accounts import Trade
from cockpit.domain.market import Lots, Micros
from cockpit.domain.orders import Fill, Order, OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCreated:
    """An order exists; nothing has been sent."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMoved:
    """An order went from one status to another, by the table in `trading/lifecycle.py`.

    Attributes:
        agent: Whose order.
        rule: The risk rule that spoke, for DENIED.
        reason: Why, in words with figures; may be empty where the status says it all.
        cancel_ms: Market time at which a request to cancel reaches the venue, for PENDING_CANCEL.
        value: What that rule measured, where it measures.
        limit: What it must not pass, in the same unit.
    """

    agent: str
    order_id: int
    before: OrderStatus
    after: OrderStatus
    rule: str | None = None
    reason: str = ""
    cancel_ms: int | None = None
    value: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAmended:
    """An order has another size or trigger: a guard follows its position, a trailing stop the price.

    Attributes:
        agent: Whose order.
        signed_lots: Its whole size from now on, what is filled included.
        trigger_price: Quote per base unit; None where it has none.
        limit_price: Quote per base unit; None where it has none.
        reason: Why.
    """

    agent: str
    order_id: int
    signed_lots: Lots
    trigger_price: float | None
    limit_price: float | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRefused:
    """A venue said what can't be true of an order; nothing was changed, and the account needs a sync.

    Attributes:
        agent: Whose order.
        report: Which kind of report, and what it said.
        reason: Why it can't be.
    """

    agent: str
    order_id: int
    report: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSynced:
    """An account was compared with the venue's, and they agree."""

    agent: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilled:
    """A fill, and what it realized.

    Attributes:
        notional: Unsigned.
        realized: Profit before fees.
    """

    fill: Fill
    notional: Micros
    realized: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeClosed:
    """A round trip is complete."""

    trade: Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingPaid:
    """A position paid (or, negative, received) funding."""

    agent: str
    symbol: str
    rate: float
    paid: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginExhausted:
    """What stands behind a position fell under its maintenance margin: it is liquidated.

    Attributes:
        price: The liquidation price reached, quote per base unit.
        equity: What stood behind the position there, micro-units.
        maintenance: What had to, micro-units.
    """

    agent: str
    symbol: str
    price: float
    equity: Micros
    maintenance: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortfallCovered:
    """An account lost more than it had; the venue bears the rest, and the account is closed.

    Attributes:
        amount: What was missing, micro-units.
    """

    agent: str
    amount: Micros
