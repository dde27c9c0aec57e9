"""Circuit breakers: what each measures, and when it trips or re-arms."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from cockpit.domain.events import ARENA, BreakerReset, BreakerTripped
from cockpit.domain.market import HOUR_MS, MINUTE_MS
from cockpit.trading.agent_state import AgentState, BreakerState, BreakerStatus
from cockpit.trading.series import EquityWatch
from cockpit.trading.state import ArenaState

MIN_DECISIONS_FOR_RATE = 5
"""An error rate over fewer decisions than this is no rate."""

DRAWDOWN_LIMITS = {"paper": 0.20, "testnet": 0.20, "mainnet": 0.10}
"""Largest fall from peak equity by mode, as a fraction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerLimits:
    """What each breaker's value must not reach, and how long each cools down; None: off, or by hand only.

    Attributes:
        agent: Breaker name → limit for each agent.
        arena: The same for the arena.
        cool_down_ms: Breaker name → market time after which it re-arms by itself.
    """

    agent: Mapping[str, float | None]
    arena: Mapping[str, float | None]
    cool_down_ms: Mapping[str, int | None] = field(default_factory=dict)


AGENT_LIMITS: Mapping[str, float | None] = {
    "drawdown": None,
    "daily_loss": 0.10,
    "daily_trades": 50,
    "consecutive_losses": 8,
    "errors": 0.5,
}
"""Defaults for each agent; drawdown comes from `DRAWDOWN_LIMITS`."""

ARENA_LIMITS: Mapping[str, float | None] = {
    "drawdown": None,
    "daily_loss": 0.10,
    "daily_trades": None,
    "stale_data": 10 * MINUTE_MS,
    "errors": 0.5,
}
"""Defaults for the arena; `stale_data` is in milliseconds since any instrument last had a bar."""

COOL_DOWN_MS: Mapping[str, int | None] = {
    "daily_loss": 24 * HOUR_MS,
    "daily_trades": 24 * HOUR_MS,
    "consecutive_losses": 4 * HOUR_MS,
    "stale_data": 0,
    "errors": HOUR_MS,
}
"""Defaults; a breaker without one is reset by hand. `stale_data` re-arms with the first fresh bar."""


def agent_value(name: str, agent: AgentState) -> float | None:
    """What an agent's breaker measures now; None where there is nothing to measure yet."""
    return _AGENT_VALUES[name](agent)


def arena_value(name: str, state: ArenaState) -> float | None:
    """What one of the arena's own breakers measures now; None where there is nothing to measure yet."""
    return _ARENA_VALUES[name](state)


def changes(state: ArenaState, limits: BreakerLimits) -> Iterator[BreakerTripped | BreakerReset]:
    """The breakers that have to trip or re-arm now, the arena's first, then each agent's."""
    for name, breaker in state.breakers.items():
        change = _change(ARENA, name, breaker, arena_value(name, state), state.ts_ms, limits)
        if change is not None:
            yield change
    for scope, agent in state.agents.items():
        for name, breaker in agent.breakers.items():
            change = _change(scope, name, breaker, agent_value(name, agent), state.ts_ms, limits)
            if change is not None:
                yield change


def _change(
    scope: str, name: str, breaker: BreakerState, value: float | None, now_ms: int, limits: BreakerLimits
) -> BreakerTripped | BreakerReset | None:
    limit = breaker.limit
    breached = limit is not None and value is not None and value >= limit
    if breaker.status is BreakerStatus.ARMED:
        if breached and limit is not None and value is not None:
            return _tripped(scope, name, value, limit, now_ms, limits.cool_down_ms.get(name))
        return None
    waits_for_value = name == "stale_data"
    if breaker.until_ms is None or now_ms < breaker.until_ms or (waits_for_value and breached):
        return None
    return BreakerReset(scope=scope, breaker=name, by="cool-down")


def _tripped(
    scope: str, name: str, value: float, limit: float, now_ms: int, cool_down_ms: int | None
) -> BreakerTripped:
    whose = "the arena's" if scope == ARENA else f"{scope}'s"
    return BreakerTripped(
        scope=scope,
        breaker=name,
        value=value,
        limit=limit,
        reason=f"{whose} {describe(name, value)} reached the limit of {describe_limit(name, limit)}",
        stopped="all trading; positions stay" if scope == ARENA else "the agent: flattened and benched",
        until_ms=None if cool_down_ms is None else now_ms + cool_down_ms,
    )


def describe(name: str, value: float) -> str:
    """A breaker's value in words, with its unit."""
    return f"{name.replace('_', ' ')} of {describe_limit(name, value)}"


def describe_limit(name: str, value: float) -> str:
    """A breaker's figure with its unit."""
    if name in {"drawdown", "daily_loss", "errors"}:
        return f"{value:.1%}"
    if name == "stale_data":
        return f"{value / MINUTE_MS:.0f} min"
    return f"{value:.0f}"


def _drawdown(watch: EquityWatch) -> float | None:
    return (watch.guard_peak - watch.equity) / watch.guard_peak if watch.guard_peak > 0 else None


def _daily_loss(watch: EquityWatch) -> float | None:
    return max(0.0, (watch.day_start - watch.equity) / watch.day_start) if watch.day_start > 0 else None


def _error_rate(failures: list[bool]) -> float | None:
    return sum(failures) / len(failures) if len(failures) >= MIN_DECISIONS_FOR_RATE else None


def _stale_ms(state: ArenaState) -> float | None:
    return float(state.ts_ms - max(state.fresh_ms.values())) if state.fresh_ms else None


def _arena_error_rate(state: ArenaState) -> float | None:
    return _error_rate([failed for agent in state.agents.values() for failed in agent.recent_failures])


_AGENT_VALUES: dict[str, Callable[[AgentState], float | None]] = {
    "drawdown": lambda agent: _drawdown(agent.watch),
    "daily_loss": lambda agent: _daily_loss(agent.watch),
    "daily_trades": lambda agent: float(agent.entries_today),
    "consecutive_losses": lambda agent: float(agent.consecutive_losses),
    "errors": lambda agent: _error_rate(agent.recent_failures),
}

_ARENA_VALUES: dict[str, Callable[[ArenaState], float | None]] = {
    "drawdown": lambda state: _drawdown(state.watch),
    "daily_loss": lambda state: _daily_loss(state.watch),
    "daily_trades": lambda state: float(state.entries_today),
    "stale_data": _stale_ms,
    "errors": _arena_error_rate,
}
