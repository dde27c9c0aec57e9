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
        state: The arena, without this order.
        limits: What is in force for the agent.
    """

    intent: OrderIntent
    instrument: Instrument
    agent: AgentState
    entries: list[Order]
    state: ArenaState
    limits: RiskLimits


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
        arena_equity: All agents' together.
        symbol_gross: The agent's exposure to the order's symbol.
        gross: The agent's exposure to all symbols.
        margin: Initial margin of that.
        net: The agent's net exposure on the order's side; negative where it is on the other.
        arena_gross: All agents' exposure.
        arena_net: All agents' net exposure on the order's side.
        added_gross: What of the gross exposures the order adds; negative where it takes away.
        added_margin: What of the margin it adds.
    """

    asked: OrderContext
    limits: RiskLimits
    buys: bool
    mark: float
    price: float
    notional: int
    equity: int
    arena_equity: int
    symbol_gross: int
    gross: int
    margin: int
    net: int
    arena_gross: int
    arena_net: int
    added_gross: int
    added_margin: int


Rule: TypeAlias = Callable[[OrderContext], Breach | None]
SizeRule: TypeAlias = Callable[[SizedOrder], Breach | None]


def sized(asked: OrderContext, book: ExposureBook) -> SizedOrder:
    """Counts what an order would make of exposure; its symbol has a mark.

    Raises:
        Unpriced: If something is held that has no mark, so that nobody knows what it is worth.
    """
    intent, state, leverage = asked.intent, asked.state, asked.limits.leverage
    symbol, lots = intent.symbol, intent.signed_lots
    worth = book.worth(state)
    reach = reach_of(asked.agent.account.positions, asked.entries)
    span = reach.pop(symbol, NOWHERE)
    rest = exposure_of(reach, worth, leverage)
    before = exposure_of({symbol: span}, worth, leverage)
    after = exposure_of({symbol: widened(span, lots)}, worth, leverage)
    others = book.exposure(state, but=intent.agent)
    gross = rest.gross + after.gross
    if lots > 0:
        net = rest.longest + after.longest
        others_net = others.longest
    else:
        net = -rest.shortest - after.shortest
        others_net = -others.shortest
    mark = worth[symbol].mark
    price = intent.limit_price or intent.trigger_price or mark
    return SizedOrder(
        asked,
        asked.limits,
        lots > 0,
        mark,
        price,
        abs(notional_micros(lots, asked.instrument.lot_size, price)),
        asked.agent.watch.equity,
        state.watch.equity,
        after.gross,
        gross,
        rest.margin + after.margin,
        net,
        others.gross + gross,
        others_net + net,
        after.gross - before.gross,
        after.margin - before.margin,
    )
