"""What the rules of the risk gate look at, and what they answer.

Tuples, since an order is judged in microseconds.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from cockpit.domain.market import Instrument
from cockpit.domain.orders import Order, OrderIntent
from cockpit.trading.accounting import notional_micros
from cockpit.trading.agent_state import AgentState
from cockpit.trading.risk.book import ExposureBook
from cockpit.trading.risk.exposure import NOWHERE, exposure_of, reach_of, widened
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
        entries: The agent's working orders that may open or enlarge a position.
        closing: Those that are closing one, guards left out.
        state: The arena, without this order.
        limits: What is in force for the agent.
        orders: As how many orders it goes out.
    """

    intent: OrderIntent
    instrument: Instrument
    agent: AgentState
    entries: list[Order]
    closing: list[Order]
    state: ArenaState
    limits: RiskLimits
    orders: int


class SizedOrder(NamedTuple):
    """What an order would make of exposure. Amounts are micro-units of quote, the order counted.

    Attributes:
        asked: The order, and what it is judged by.
        limits: What is in force for the agent.
        buys: Whether it buys.
        mark: Of its symbol, quote per base unit.
        price: What it trades at, as far as it says: its limit, else its trigger, else the mark.
        notional: Of the order at its price.
        equity: The agent's.
        symbol_gross: The agent's exposure to the order's symbol.
        gross: The agent's exposure to all symbols.
        margin: Initial margin of that.
        net: The agent's net exposure on the order's side; negative where it is on the other.
        arena_gross: All agents' exposure.
        arena_net: All agents' net exposure on the order's side.
        adds: Whether it adds to exposure, or leaves the agent with no more than it had.
    """

    asked: OrderContext
    limits: RiskLimits
    buys: bool
    mark: float
    price: float
    notional: int
    equity: int
    symbol_gross: int
    gross: int
    margin: int
    net: int
    arena_gross: int
    arena_net: int
    adds: bool


Rule: TypeAlias = Callable[[OrderContext], Breach | None]
SizeRule: TypeAlias = Callable[[SizedOrder], Breach | None]


def sized(asked: OrderContext, book: ExposureBook) -> SizedOrder:
    """Counts what an order would make of exposure; its symbol has a mark.

    Raises:
        Unpriced: If something is held that has no mark, so that nobody knows what it is worth.
    """
    intent, state, limits = asked.intent, asked.state, asked.limits
    symbol, lots = intent.symbol, intent.signed_lots
    others_gross, others_longest, others_shortest, _ = book.exposure(state, but=intent.agent)
    reach = reach_of(asked.agent.account.positions, asked.entries, asked.closing)
    span_before = reach.get(symbol, NOWHERE)
    span = reach[symbol] = widened(span_before, lots)
    gross, longest, shortest, margin = exposure_of(reach, book.worth, limits.leverage, book.counted)
    mark = book.worth[symbol].mark
    price = intent.limit_price or intent.trigger_price or mark
    lot_size = asked.instrument.lot_size
    return SizedOrder(
        asked,
        limits,
        lots > 0,
        mark,
        price,
        abs(notional_micros(lots, lot_size, price)),
        asked.agent.watch.equity,
        abs(notional_micros(_furthest(span), lot_size, mark)),
        gross,
        margin,
        longest if lots > 0 else -shortest,
        others_gross + gross,
        others_longest + longest if lots > 0 else -others_shortest - shortest,
        _furthest(span) > _furthest(span_before),
    )


def _furthest(span: tuple[int, int]) -> int:
    """Lots, unsigned, of the way that reaches further."""
    highest, lowest = span
    return highest if highest >= -lowest else -lowest
