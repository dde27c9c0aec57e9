"""What the rules of the risk gate look at, and what they answer.

Tuples, since an order is judged in microseconds.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from cockpit.domain.market import Instrument
from cockpit.domain.orders import OrderIntent
from cockpit.trading.agent_state import AgentState
from cockpit.trading.risk.book import ExposureBook
from cockpit.trading.risk.exposure import NO_EXPOSURE, NOWHERE, Exposure, symbol_exposure, widened
from cockpit.trading.risk.limits import RiskLimits
from cockpit.trading.state import ArenaState


class Breach(NamedTuple):
    """What a rule says of an order that breaks it.

    Attributes:
        reason: A sentence with figures.
        value: What was measured, in the unit of the rule's limit; None where there is no such figure.
        limit: What it may not exceed (or, for a cooldown, come under), likewise.
    """

    reason: str
    value: float | None = None
    limit: float | None = None


class OrderContext(NamedTuple):
    """An order and everything it is judged by.

    Attributes:
        intent: The order, well-formed.
        instrument: Its instrument.
        agent: Whose it is.
        state: The arena, without this order.
        limits: What is in force for the agent.
    """

    intent: OrderIntent
    instrument: Instrument
    agent: AgentState
    state: ArenaState
    limits: RiskLimits


class SizedOrder(NamedTuple):
    """What an order would make of exposure.

    Attributes:
        asked: The order, and what it is judged by.
        limits: What is in force for the agent.
        buys: Whether it buys.
        equity: The agent's, micro-units.
        mark: Of its symbol, quote per base unit.
        price: What it trades at, as far as it says: its limit, else its trigger, else the mark.
        symbol: The agent's exposure to the order's symbol, the order counted.
        added: What of that the order adds; negative where it takes away.
        agent: The agent's exposure to all symbols, without the order.
        arena: All agents' exposure, without the order.
    """

    asked: OrderContext
    limits: RiskLimits
    buys: bool
    equity: int
    mark: float
    price: float
    symbol: Exposure
    added: Exposure
    agent: Exposure
    arena: Exposure


Rule: TypeAlias = Callable[[OrderContext], Breach | None]
SizeRule: TypeAlias = Callable[[SizedOrder], Breach | None]


def sized(asked: OrderContext, book: ExposureBook) -> SizedOrder:
    """Counts what an order would make of exposure; its symbol has a mark.

    Raises:
        Unpriced: If something is held that has no mark, so that nobody knows what it is worth.
    """
    intent, limits = asked.intent, asked.limits
    symbol = intent.symbol
    book.update(asked.state, intent.agent)
    page, worth = book.page(intent.agent, limits.leverage), book.worth[symbol]
    span = widened(page.reach.get(symbol, NOWHERE), intent.signed_lots)
    after = symbol_exposure(span, worth, limits.leverage)
    return SizedOrder(
        asked,
        limits,
        intent.signed_lots > 0,
        asked.agent.watch.equity,
        worth.mark,
        intent.limit_price or intent.trigger_price or worth.mark,
        after,
        after.minus(page.exposures.get(symbol, NO_EXPOSURE)),
        page.total,
        book.arena,
    )
