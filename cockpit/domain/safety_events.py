"""What keeps the arena from trading, and what people do about it."""

from dataclasses import dataclass
from enum import StrEnum

ARENA = "arena"
"""The scope of a breaker that guards all agents together."""


class TradingMode(StrEnum):
    """What orders may do: anything; let exposure fall only; nothing. Cancels always pass."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


class EmergencyStage(StrEnum):
    """An emergency stop, step by step: orders cancelled, positions closed, nothing sent any more."""

    CANCELING = "canceling"
    FLATTENING = "flattening"
    HALTED = "halted"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerTripped:
    """A circuit breaker stopped something.

    Attributes:
        scope: An agent's name, or `ARENA`.
        value: What was measured.
        limit: What it must not reach.
        reason: In words with figures.
        stopped: What it stopped, in words.
        until_ms: When it re-arms by itself; None: by hand only.
    """

    scope: str
    breaker: str
    value: float
    limit: float
    reason: str
    stopped: str
    until_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerReset:
    """A breaker is armed again; `by` says whether a person or the cool-down did it."""

    scope: str
    breaker: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesLocked:
    """A protection keeps an agent from opening positions for a while.

    Attributes:
        agent: Whose entries.
        symbol: In which instrument; None: in all.
        protection: Which one.
        reason: In words with figures.
        until_ms: When it is over.
    """

    agent: str
    symbol: str | None
    protection: str
    reason: str
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingModeSet:
    """A person said what orders may do: anything, only reduce exposure, or nothing."""

    mode: TradingMode
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyAdvanced:
    """An emergency stop came to a new stage, or tries the same one again.

    Attributes:
        attempt: Of this stage, from 1.
        detail: What was done or is still to do, in words.
    """

    stage: EmergencyStage
    by: str
    attempt: int
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAcknowledged:
    """A person has seen an alert, named by the seq of the event that raised it."""

    alert: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KillSwitchSet:
    """While the kill switch is on, orders are created and never sent."""

    on: bool
    by: str
