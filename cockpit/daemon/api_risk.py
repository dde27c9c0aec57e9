"""The risk gate's limits and how near everybody is to them, in the words and units of the control API."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Literal, TypeAlias

from cockpit.daemon.api_models import Answer
from cockpit.daemon.plain_units import times
from cockpit.domain.events import ARENA, TradingMode
from cockpit.domain.formats import time_of
from cockpit.domain.market import MICROS_PER_UNIT, MINUTE_MS
from cockpit.trading.risk import RiskLimits
from cockpit.trading.risk.limits import LIMIT_UNITS, Unit, spelled
from cockpit.trading.risk.measures import Measure, arena_measured, measured
from cockpit.trading.state import ArenaState

PlainUnit: TypeAlias = Literal["money", "percent", "multiple", "count", "minutes"]

_UNITS: dict[Unit, tuple[float, PlainUnit]] = {
    Unit.MONEY: (1 / MICROS_PER_UNIT, "money"),
    Unit.FRACTION: (100.0, "percent"),
    Unit.MULTIPLE: (1.0, "multiple"),
    Unit.COUNT: (1.0, "count"),
    Unit.DURATION: (1 / MINUTE_MS, "minutes"),
}
"""A limit's unit → what its figures are multiplied by, and the unit they then have."""

_OFF_AT_ZERO = frozenset({"cooldown_after_loss_ms", "cooldown_after_stop_ms"})


class MeasureLine(Answer):
    """One limit and what stands against it.

    Attributes:
        scope: An agent's name, or ``arena``.
        name: The limit's.
        value: What it is now, working orders counted as filled; null where it is undefined.
        limit: What orders may not take it past.
        unit: Of both.
    """

    scope: str
    name: str
    value: float | None
    limit: float
    unit: PlainUnit


class LimitLine(Answer):
    """One limit in force.

    Attributes:
        limit: What orders may not exceed; null: off.
        words: The same with its unit, as people write it.
    """

    name: str
    limit: float | None
    unit: PlainUnit
    words: str


class AgentLimits(Answer):
    """What the risk gate allows one agent.

    Attributes:
        symbols: What it may trade, as unified symbols or base coins; null: everything.
    """

    agent: str
    symbols: list[str] | None
    limits: list[LimitLine]


class Risk(Answer):
    """The risk gate.

    Attributes:
        trading_mode: What orders may do now.
        asked_mode: What a person lets them do.
        measures: Of every agent, then of the arena.
        agents: In start-list order.
    """

    run_id: str
    seq: int
    ts_ms: int
    time: str
    quote: str | None
    trading_mode: TradingMode
    asked_mode: TradingMode
    measures: list[MeasureLine]
    agents: list[AgentLimits]


def risk_answer(state: ArenaState, limits: Mapping[str, RiskLimits]) -> Risk:
    """The limits in force, and what stands against them.

    Args:
        state: The arena's.
        limits: In force for each agent, by name.
    """
    return Risk(
        run_id=state.run_id,
        seq=state.seq,
        ts_ms=state.ts_ms,
        time=time_of(state.ts_ms),
        quote=None if state.run is None else state.run.quote,
        trading_mode=state.trading_mode,
        asked_mode=state.mode,
        measures=list(_measures(state, limits)),
        agents=[_agent_limits(name, limits[name]) for name in state.agents],
    )


def _measures(state: ArenaState, limits: Mapping[str, RiskLimits]) -> Iterator[MeasureLine]:
    for name in state.agents:
        yield from (_measure_line(name, each) for each in measured(state, name, limits[name]))
    for name in list(state.agents)[:1]:  # the arena's part is the same in all of them
        yield from (_measure_line(ARENA, each) for each in arena_measured(state, limits[name]))


def _measure_line(scope: str, measure: Measure) -> MeasureLine:
    factor, unit = _UNITS[LIMIT_UNITS[measure.limit]]
    return MeasureLine(
        scope=scope,
        name=measure.limit,
        value=times(measure.value, factor),
        limit=measure.ceiling * factor,
        unit=unit,
    )


def _agent_limits(agent: str, limits: RiskLimits) -> AgentLimits:
    return AgentLimits(
        agent=agent,
        symbols=None if limits.symbols is None else list(limits.symbols),
        limits=[_limit_line(each.name, limits) for each in fields(RiskLimits) if each.name != "symbols"],
    )


def _limit_line(name: str, limits: RiskLimits) -> LimitLine:
    factor, unit = _UNITS[LIMIT_UNITS[name]]
    value = getattr(limits, name)
    is_off = name in _OFF_AT_ZERO and value == 0
    return LimitLine(
        name=name,
        limit=None if is_off else value * factor,
        unit=unit,
        words="off" if is_off else spelled(name, value),
    )
