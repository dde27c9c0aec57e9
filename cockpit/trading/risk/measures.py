"""How near an agent, or the arena, is to its standing limits: the figures that the gate itself goes by."""

from contextlib import suppress
from typing import NamedTuple

from cockpit.trading.agent_state import AgentState
from cockpit.trading.risk.book import ExposureBook
from cockpit.trading.risk.entry_rules import orders_last_minute
from cockpit.trading.risk.exposure import Unpriced, at_work, exposure_of, reach_of, worth_of
from cockpit.trading.risk.limits import RiskLimits
from cockpit.trading.state import ArenaState


class Measure(NamedTuple):
    """One limit and what stands against it, both in the limit's unit.

    Attributes:
        limit: A field of `RiskLimits`.
        value: What it is now, working orders counted as filled; None where it is undefined.
        ceiling: The limit itself.
    """

    limit: str
    value: float | None
    ceiling: float


def measured(state: ArenaState, agent: str, limits: RiskLimits) -> list[Measure]:
    """An agent's standing figures against its limits, in the order of `RiskLimits`.

    Args:
        state: The arena.
        agent: Its name.
        limits: In force for it.
    """
    own = state.agents[agent]
    values = _exposure_values(state, own, limits.leverage) | {
        "max_open_orders": len(at_work(own)[0]),
        "max_orders_per_minute": orders_last_minute(own, state.ts_ms),
        "max_mark_age_ms": _oldest_mark_ms(state, own),
    }
    return [Measure(limit, values.get(limit), getattr(limits, limit)) for limit in _AGENT_LIMITS]


def arena_measured(state: ArenaState, limits: RiskLimits, book: ExposureBook | None = None) -> list[Measure]:
    """All agents' standing figures against the arena's limits.

    Args:
        state: The arena.
        limits: Any agent's: the arena's part is the same for all of them.
        book: What is kept from one time to the next, for speed alone.
    """
    equity = state.watch.equity
    gross_leverage = net_leverage = None
    with suppress(Unpriced):
        gross, longest, shortest, _ = (book or ExposureBook()).exposure(state)
        gross_leverage = _per_equity(gross, equity)
        net_leverage = _per_equity(max(longest, -shortest), equity)
    return [
        Measure("max_arena_gross_leverage", gross_leverage, limits.max_arena_gross_leverage),
        Measure("max_arena_net_leverage", net_leverage, limits.max_arena_net_leverage),
    ]


_AGENT_LIMITS = (
    "max_position_notional",
    "max_gross_leverage",
    "max_margin_use",
    "max_concentration",
    "max_gross_exposure",
    "max_net_exposure",
    "max_open_orders",
    "max_orders_per_minute",
    "max_mark_age_ms",
)


def _exposure_values(state: ArenaState, agent: AgentState, leverage: float) -> dict[str, float | None]:
    worth = worth_of(state.agreement.instruments, state.marks)
    reach = reach_of(agent.account.positions, *at_work(agent))
    try:
        gross, longest, shortest, margin = exposure_of(reach, worth, leverage)
    except Unpriced:
        return {}
    each = (exposure_of({symbol: span}, worth, leverage) for symbol, span in reach.items())
    largest = max((symbol_gross for symbol_gross, *_ in each), default=0)
    equity = agent.watch.equity
    return {
        "max_position_notional": largest,
        "max_gross_leverage": _per_equity(gross, equity),
        "max_margin_use": _per_equity(margin, equity),
        "max_concentration": _per_equity(largest, equity),
        "max_gross_exposure": gross,
        "max_net_exposure": max(longest, -shortest),
    }


def _per_equity(amount: int, equity: int) -> float | None:
    return amount / equity if equity > 0 else None


def _oldest_mark_ms(state: ArenaState, agent: AgentState) -> int | None:
    ages_ms = [state.ts_ms - state.fresh_ms.get(symbol, 0) for symbol in agent.account.positions]
    return max(ages_ms, default=None)
