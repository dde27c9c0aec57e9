"""Every circuit breaker, a line of words, a measure and its defaults each; a new one gets its entry here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from cockpit.domain.events import ARENA
from cockpit.domain.market import HOUR_MS, MINUTE_MS
from cockpit.trading.agent_state import AgentState
from cockpit.trading.breakers import measures
from cockpit.trading.state import ArenaState


class Unit(Enum):
    """What a breaker's value is told in."""

    FRACTION = "fraction"
    COUNT = "count"
    MINUTES = "min"
    SECONDS = "s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """One kind of circuit breaker. Its value must not reach its limit.

    Attributes:
        doc: What it guards against, on one line.
        words: What its value is called.
        unit: What its value is told in; values in minutes and seconds are kept in milliseconds.
        agent: Measures an agent, where agents have it: from the agent alone.
        agent_in_arena: The same, from the agent and the market it stands in.
        arena: Measures the arena, where the arena has it.
        agent_limit: Default for each agent; None: off, or by mode.
        arena_limit: Default for the arena; None: off, or by mode.
        cool_down_ms: Default of the market time after which it re-arms by itself; None: by hand.
        waits_until_well: It re-arms by itself only once its value is below the limit again.
    """

    doc: str
    words: str
    unit: Unit
    agent: Callable[[AgentState], float | None] | None = None
    agent_in_arena: Callable[[AgentState, ArenaState], float | None] | None = None
    arena: Callable[[ArenaState], float | None] | None = None
    agent_limit: float | None = None
    arena_limit: float | None = None
    cool_down_ms: int | None = None
    waits_until_well: bool = False


DRAWDOWN_LIMITS: Mapping[str, float] = {"paper": 0.20, "testnet": 0.20, "mainnet": 0.10}
"""Largest fall from peak equity by mode, as a fraction."""

BREAKERS: Mapping[str, Breaker] = {
    "drawdown": Breaker(
        doc="fall from the peak of equity, at the last known marks",
        words="drawdown",
        unit=Unit.FRACTION,
        agent=lambda agent: measures.drawdown(agent.watch),
        arena=lambda state: measures.drawdown(state.watch),
    ),
    "daily_loss": Breaker(
        doc="loss since the UTC day began, at the last known marks",
        words="daily loss",
        unit=Unit.FRACTION,
        agent=lambda agent: measures.daily_loss(agent.watch),
        arena=lambda state: measures.daily_loss(state.watch),
        agent_limit=0.10,
        arena_limit=0.10,
        cool_down_ms=24 * HOUR_MS,
    ),
    "daily_trades": Breaker(
        doc="entries in a UTC day",
        words="daily trades",
        unit=Unit.COUNT,
        agent=lambda agent: float(agent.entries_today),
        arena=lambda state: float(state.entries_today),
        agent_limit=50,
        cool_down_ms=24 * HOUR_MS,
    ),
    "consecutive_losses": Breaker(
        doc="losing trades in a row",
        words="consecutive losses",
        unit=Unit.COUNT,
        agent=lambda agent: float(agent.consecutive_losses),
        agent_limit=8,
        cool_down_ms=4 * HOUR_MS,
    ),
    "stale_data": Breaker(
        doc="market time without a bar of any instrument",
        words="stale data",
        unit=Unit.MINUTES,
        arena=measures.stale_ms,
        arena_limit=10 * MINUTE_MS,
        cool_down_ms=0,
        waits_until_well=True,
    ),
    "errors": Breaker(
        doc="failed decisions, as a share of the latest 20",
        words="errors",
        unit=Unit.FRACTION,
        agent=lambda agent: measures.error_rate(agent.recent_failures),
        arena=measures.arena_error_rate,
        agent_limit=0.5,
        arena_limit=0.5,
        cool_down_ms=HOUR_MS,
    ),
    "consecutive_refusals": Breaker(
        doc="orders denied or rejected since one was accepted",
        words="consecutive refusals",
        unit=Unit.COUNT,
        agent=lambda agent: float(agent.refusals_in_a_row),
        agent_limit=10,
        cool_down_ms=HOUR_MS,
    ),
    "missing_stop": Breaker(
        doc="market time a position has had no stop at work, where stops are demanded",
        words="time without a stop",
        unit=Unit.MINUTES,
        agent_in_arena=measures.missing_stop_ms,
        waits_until_well=True,
    ),
    "fill_off_mark": Breaker(
        doc="how far the worst fill of the UTC day was off the mark",
        words="fill off the mark",
        unit=Unit.FRACTION,
        agent=lambda agent: agent.worst_fill_today,
        agent_limit=0.10,
        cool_down_ms=24 * HOUR_MS,
    ),
    "costs": Breaker(
        doc="fees, slippage and funding of the UTC day, as a share of the equity it began with",
        words="costs",
        unit=Unit.FRACTION,
        agent=lambda agent: measures.costs(agent.costs_today, agent.watch),
        arena=measures.arena_costs,
        agent_limit=0.05,
        arena_limit=0.05,
        cool_down_ms=24 * HOUR_MS,
    ),
    "blind": Breaker(
        doc="market time without a bar of a symbol that is held",
        words="blindness",
        unit=Unit.MINUTES,
        agent_in_arena=measures.blind_ms,
        agent_limit=10 * MINUTE_MS,
        cool_down_ms=0,
        waits_until_well=True,
    ),
    "feed_age": Breaker(
        doc="real time since a live market's feed last spoke",
        words="feed age",
        unit=Unit.SECONDS,
        arena=measures.feed_age_ms,
        arena_limit=MINUTE_MS,
        cool_down_ms=0,
        waits_until_well=True,
    ),
    "clock_skew": Breaker(
        doc="how far a live venue's clock and ours are apart",
        words="clock skew",
        unit=Unit.SECONDS,
        arena=measures.clock_skew_ms,
        arena_limit=5_000,
        cool_down_ms=0,
        waits_until_well=True,
    ),
}
"""By name, in the order in which they are looked at and shown."""

AGENT_LIMITS: Mapping[str, float | None] = {
    name: each.agent_limit for name, each in BREAKERS.items() if each.agent or each.agent_in_arena
}
"""Defaults for each agent; drawdown comes from `DRAWDOWN_LIMITS`."""

ARENA_LIMITS: Mapping[str, float | None] = {
    name: each.arena_limit for name, each in BREAKERS.items() if each.arena
}
"""Defaults for the arena; those of time in milliseconds."""

COOL_DOWN_MS: Mapping[str, int | None] = {name: each.cool_down_ms for name, each in BREAKERS.items()}
"""Defaults; None: reset by hand."""

BREAKER_DOCS: Mapping[str, str] = {name: each.doc for name, each in BREAKERS.items()}
"""What each guards against, on one line."""


def value_of(scope: str, name: str, state: ArenaState) -> float | None:
    """What a breaker measures now; None where there is nothing to measure.

    Args:
        scope: An agent's name, or `ARENA`.
        name: The breaker's.
        state: The arena's.

    Raises:
        KeyError: If there is no such agent, or it has no such breaker.
    """
    return arena_value(name, state) if scope == ARENA else agent_value(name, state.agents[scope], state)


def agent_value(name: str, agent: AgentState, state: ArenaState | None = None) -> float | None:
    """What an agent's breaker measures now; None where there is nothing to measure yet.

    Args:
        name: The breaker's.
        agent: The agent's state.
        state: The arena's; without it, what needs the market's time can't be measured.

    Raises:
        KeyError: If agents have no such breaker.
    """
    breaker = BREAKERS[name]
    if breaker.agent is not None:
        return breaker.agent(agent)
    if breaker.agent_in_arena is None:
        raise KeyError(name)
    return None if state is None else breaker.agent_in_arena(agent, state)


def arena_value(name: str, state: ArenaState) -> float | None:
    """What one of the arena's own breakers measures now; None where there is nothing to measure yet.

    Raises:
        KeyError: If the arena has no such breaker.
    """
    measure = BREAKERS[name].arena
    if measure is None:
        raise KeyError(name)
    return measure(state)
