"""What keeps the arena from trading, in the words and units of the control API: breakers, locks, alerts."""

from collections.abc import Iterator
from typing import Literal

from cockpit.daemon.api_models import Answer, Emergency
from cockpit.daemon.plain_units import time_or_none, times
from cockpit.domain.events import ARENA, TradingMode
from cockpit.domain.formats import time_of
from cockpit.domain.market import MINUTE_MS
from cockpit.domain.safety_events import side_word
from cockpit.trading.agent_state import BreakerState
from cockpit.trading.breakers import BREAKER_DOCS, BREAKERS, value_of
from cockpit.trading.breakers.catalog import Unit
from cockpit.trading.state import ArenaState

_UNITS: dict[Unit, tuple[float, str]] = {
    Unit.FRACTION: (100.0, "percent"),
    Unit.COUNT: (1.0, "count"),
    Unit.MINUTES: (1 / MINUTE_MS, "minutes"),
    Unit.SECONDS: (1 / 1_000, "seconds"),
}
"""A breaker's unit → what its figures are multiplied by, and the unit they then have."""


class BreakerLine(Answer):
    """A circuit breaker.

    Attributes:
        scope: An agent's name, or ``arena``.
        doc: What it guards against.
        status: Armed, tripped (until somebody resets it) or cooling (until `until_time`).
        value: What it measures now; null where there is nothing to measure yet.
        limit: What the value must not reach; null: off.
        unit: Of both: ``percent``, ``minutes``, ``seconds`` or ``count``.
    """

    scope: str
    breaker: str
    doc: str
    status: str
    value: float | None
    limit: float | None
    unit: str
    reason: str
    stopped: str
    tripped_time: str | None
    until_time: str | None
    trips: int


class LockLine(Answer):
    """A protection keeps an agent from opening positions for a while.

    Attributes:
        symbol: In which instrument; null: in all.
        side: Of the positions that are not opened; null: both.
    """

    agent: str
    symbol: str | None
    side: Literal["long", "short"] | None
    protection: str
    reason: str
    until_time: str
    until_ms: int


class Breakers(Answer):
    """Everything that keeps orders back.

    Attributes:
        killed: Whether the kill switch is on, which holds every order back.
        trading_mode: What orders may do now.
        asked_mode: What a person lets them do.
        emergency: Where an emergency stop stands; null where none was asked for.
        locks: Of protections, those in force.
    """

    killed: bool
    killed_by: str
    trading_mode: TradingMode
    asked_mode: TradingMode
    emergency: Emergency | None
    breakers: list[BreakerLine]
    locks: list[LockLine]


class AlertLine(Answer):
    """What a person has to see.

    Attributes:
        seq: Of the event that raised it, by which it is acknowledged.
        kind: Of that event.
        scope: An agent's name, or ``arena``.
    """

    seq: int
    ts_ms: int
    time: str
    kind: str
    scope: str
    text: str


def emergency_answer(state: ArenaState) -> Emergency | None:
    """Where an emergency stop stands; None where none was asked for."""
    if state.emergency is None:
        return None
    return Emergency(
        stage=state.emergency,
        attempt=state.emergency_attempt,
        by=state.emergency_by,
        open_positions=state.open_positions,
    )


def breakers_answer(state: ArenaState) -> Breakers:
    """Every breaker, the arena's first, and all else that keeps orders back."""
    return Breakers(
        killed=state.killed,
        killed_by=state.killed_by,
        trading_mode=state.trading_mode,
        asked_mode=state.mode,
        emergency=emergency_answer(state),
        breakers=list(_breaker_lines(state)),
        locks=list(_lock_lines(state)),
    )


def alerts_answer(state: ArenaState) -> list[AlertLine]:
    """What nobody has acknowledged yet, oldest first."""
    return [
        AlertLine(
            seq=alert.seq,
            ts_ms=alert.ts_ms,
            time=time_of(alert.ts_ms),
            kind=alert.kind,
            scope=alert.scope,
            text=alert.text,
        )
        for alert in state.alerts
    ]


def _breaker_lines(state: ArenaState) -> Iterator[BreakerLine]:
    for name, breaker in state.breakers.items():
        yield _breaker_line(ARENA, name, breaker, value_of(ARENA, name, state))
    for scope, agent in state.agents.items():
        for name, breaker in agent.breakers.items():
            yield _breaker_line(scope, name, breaker, value_of(scope, name, state))


def _breaker_line(scope: str, name: str, breaker: BreakerState, value: float | None) -> BreakerLine:
    factor, unit = _UNITS[BREAKERS[name].unit]
    return BreakerLine(
        scope=scope,
        breaker=name,
        doc=BREAKER_DOCS[name],
        status=breaker.status.value,
        value=times(value, factor),
        limit=times(breaker.limit, factor),
        unit=unit,
        reason=breaker.reason,
        stopped=breaker.stopped,
        tripped_time=time_or_none(breaker.tripped_ms),
        until_time=time_or_none(breaker.until_ms),
        trips=breaker.trips,
    )


def _lock_lines(state: ArenaState) -> Iterator[LockLine]:
    for name, agent in state.agents.items():
        for lock in agent.locks:
            if lock.until_ms > state.ts_ms:
                yield LockLine(
                    agent=name,
                    symbol=lock.symbol,
                    side=side_word(lock.is_long),
                    protection=lock.protection,
                    reason=lock.reason,
                    until_time=time_of(lock.until_ms),
                    until_ms=lock.until_ms,
                )
