"""What an agent says, and the ways it can fail to."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an agent wants to hold of one instrument.

    Attributes:
        symbol: Which instrument.
        exposure: Signed fraction of the agent's equity, of the share this instrument has; −1 … 1.
        stop: Price that ends the position at a loss, if any.
        take_profit: Price that ends it at a profit, if any.
        confidence: 0 … 1, or None where the agent gives none.
        reason: Why, in words for people.
        weights: Where several strategies stand behind it: each one's name and weight.
    """

    symbol: str
    exposure: float
    stop: float | None = None
    take_profit: float | None = None
    confidence: float | None = None
    reason: str = ""
    weights: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An agent's answer in one round: a target for each instrument it has an opinion on.

    Attributes:
        agent: Whose.
        targets: At most one for each instrument.
        thinking_ms: How long it took where that is part of the market's time, as with a model; else 0.
    """

    agent: str
    targets: tuple[Target, ...]
    thinking_ms: int = 0


MAX_MESSAGE = 500
"""Characters of a failure's message; what an agent raises is not always meant for people."""


class FailureKind(StrEnum):
    """How an agent failed to decide."""

    TIMEOUT = "timeout"
    CRASH = "crash"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFailure:
    """An agent that gave no usable answer.

    Attributes:
        agent: Whose failure.
        failure: In which way.
        message: One line for people.
    """

    agent: str
    failure: FailureKind
    message: str


def crash_of(agent: str, error: Exception) -> DecisionFailure:
    """What an agent's error is to the arena: its type and words, bounded, and free of lone surrogates."""
    try:
        words = str(error)
    except Exception as second:  # noqa: BLE001 - whatever an error's own words raise
        words = f"its message raised {type(second).__name__}"
    message = f"{type(error).__name__}: {words}"[:MAX_MESSAGE].encode("utf-8", "replace").decode()
    return DecisionFailure(agent=agent, failure=FailureKind.CRASH, message=message)
