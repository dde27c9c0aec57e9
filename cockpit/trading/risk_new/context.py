"""What the rules of the risk gate look at, and what they answer.

Tuples, since an order is judged in microseconds.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from cockpit.domain.market import Instrument
from cockpit.domain.orders import OrderIntent
from cockpit.trading.agent_state import AgentState
from cockpit.trading.risk.exposure import (
    NO_EXPOSURE,
    Exposure,
    arena_exposure,
    exposures_of,
    reach_of,
    symbol_exposure,
    total,
    worth_of,
)
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
        mark: Of its symbol, quote per base unit.
        price: What it trades at, as far as it says: its limit, else its trigger, else the mark.
        symbol_before: The agent's exposure to the order's symbol without it.
        symbol_after: The same with it.
        agent_before: The agent's exposure to all symbols without it.
        agent_after: The same with it.
        arena_before: All agents' exposure without it.
        arena_after: The same with it.
    """

    asked: OrderContext
    mark: float
    price: float
    symbol_before: Exposure
    symbol_after: Exposure
    agent_before: Exposure
    agent_after: Exposure
    arena_before: Exposure
    arena_after: Exposure


Rule: TypeAlias = Callable[[OrderContext], Breach | None]
SizeRule: TypeAlias = Callable[[SizedOrder], Breach | None]


def sized(asked: OrderContext) -> SizedOrder:
    """Counts what an order would make of exposure; its symbol has a mark.

    Raises:
        Unpriced: If something is held that has no mark, so that nobody knows what it is worth.
    """
    intent, state = asked.intent, asked.state
    symbol, lots = intent.symbol, intent.signed_lots
    worth = worth_of(state.agreement.instruments, state.marks, asked.limits.leverage)
    reach = reach_of(asked.agent)
    exposures = exposures_of(reach, worth)
    before = exposures.get(symbol, NO_EXPOSURE)
    highest, lowest = reach.highest.get(symbol, 0), reach.lowest.get(symbol, 0)
    after = symbol_exposure(highest + max(lots, 0), lowest + min(lots, 0), worth[symbol])
    agent_before = total(exposures.values())
    arena_before = arena_exposure(state.agents.values(), worth)
    mark = state.marks[symbol]
    price = next((each for each in (intent.limit_price, intent.trigger_price) if each is not None), mark)
    return SizedOrder(
        asked,
        mark,
        price,
        before,
        after,
        agent_before,
        agent_before.changed(before, after),
        arena_before,
        arena_before.changed(before, after),
    )
