"""What keeps the arena from trading, and what people do about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

ARENA = "arena"
"""The scope of a breaker that guards all agents together."""


class TradingMode(StrEnum):
    """What orders may do: anything; let exposure fall only; nothing. Cancels always pass."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


class EmergencyStage(StrEnum):
    """An emergency stop, step by step: orders cancelled, positions closed, nothing sent any more.

    Halted it is also where something could not be cancelled or closed in time; then the event says so.
    """

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
        is_long: Whether longs or shorts are locked; None: both.
    """

    agent: str
    symbol: str | None
    protection: str
    reason: str
    until_ms: int
    is_long: bool | None = None


def side_word(is_long: bool | None) -> Literal["long", "short"] | None:
    """A side of the market in a word; None where both are meant."""
    return None if is_long is None else "long" if is_long else "short"


def protection_words(protection: str, is_long: bool | None) -> str:
    """A protection by name, with the side where it locks one alone: ``StoplossGuard (long)``."""
    return protection if is_long is None else f"{protection} ({side_word(is_long)})"


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
        left: How much is left once it has halted: open positions, and orders that close none of them.
    """

    stage: EmergencyStage
    by: str
    attempt: int
    detail: str
    left: int = 0


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
