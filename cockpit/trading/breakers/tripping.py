"""When breakers trip, and when they are armed again by themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cockpit.domain.events import ARENA, BreakerReset, BreakerTripped
from cockpit.trading.agent_state import BreakerState, BreakerStatus
from cockpit.trading.breakers.catalog import BREAKERS, agent_value, arena_value
from cockpit.trading.breakers.words import describe, describe_limit
from cockpit.trading.state import ArenaState

ARENA_STOPS = "whatever adds exposure; positions stay, and may be reduced"
AGENT_STOPS = "the agent: flattened and benched"


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


def changes(state: ArenaState, limits: BreakerLimits) -> Iterator[BreakerTripped | BreakerReset]:
    """The breakers that have to trip or re-arm now, the arena's first, then each agent's.

    Limits are those that were agreed when the run started, in each `BreakerState`; of `limits`, only
    the cool-downs count.
    """
    cool_downs = limits.cool_down_ms
    for name, breaker in state.breakers.items():
        if _may_change(breaker, state.ts_ms):
            yield from _change(ARENA, name, breaker, arena_value(name, state), state.ts_ms, cool_downs)
    for scope, agent in state.agents.items():
        for name, breaker in agent.breakers.items():
            # Nearly all of them are armed and far from their limits: that is found out first.
            limit = breaker.limit
            if breaker.status is BreakerStatus.ARMED:
                if limit is None:
                    continue
                value = agent_value(name, agent, state)
                if value is None or value < limit:
                    continue
            elif _may_change(breaker, state.ts_ms):
                value = agent_value(name, agent, state)
            else:
                continue
            yield from _change(scope, name, breaker, value, state.ts_ms, cool_downs)


def _may_change(breaker: BreakerState, now_ms: int) -> bool:
    """Whether its value has to be looked at: it could trip, or its time is over."""
    if breaker.status is BreakerStatus.ARMED:
        return breaker.limit is not None
    return breaker.until_ms is not None and now_ms >= breaker.until_ms


def _change(
    scope: str,
    name: str,
    breaker: BreakerState,
    value: float | None,
    now_ms: int,
    cool_downs: Mapping[str, int | None],
) -> Iterator[BreakerTripped | BreakerReset]:
    limit = breaker.limit
    breached = limit is not None and value is not None and value >= limit
    if breaker.status is not BreakerStatus.ARMED:
        if not (breached and BREAKERS[name].waits_until_well):
            yield BreakerReset(scope=scope, breaker=name, by="cool-down")
    elif breached and limit is not None and value is not None:
        yield _tripped(scope, name, value, limit, now_ms, cool_downs.get(name))


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
        stopped=ARENA_STOPS if scope == ARENA else AGENT_STOPS,
        until_ms=None if cool_down_ms is None else now_ms + cool_down_ms,
    )
