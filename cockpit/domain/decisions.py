"""What an agent says, what it asked of models for that, and the ways it can fail to."""

from dataclasses import dataclass
from enum import StrEnum

from cockpit.domain.debates import Debate
from cockpit.domain.market import Micros
from cockpit.domain.routing import Routing


@dataclass(frozen=True, slots=True, kw_only=True)
class Thesis:
    """Why an agent holds what it holds, and what would prove it wrong.

    Attributes:
        invalidation: The condition under which it is wrong, in the agent's words; empty: none.
        leverage: Notional per unit of margin that the agent asked for, if any.
        risk: What the agent says it is ready to lose, in quote currency, if it says so.
    """

    invalidation: str = ""
    leverage: float | None = None
    risk: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an agent wants to hold of one instrument.

    Attributes:
        symbol: Which instrument.
        exposure: Signed fraction of the agent's equity, of the share this instrument has; −1 … 1.
        quantity: Base units to hold, unsigned, where the agent says how many by itself; the exposure then
            only says which way.
        stop: Price that ends the position at a loss, if any.
        take_profit: Price that ends it at a profit, if any.
        confidence: 0 … 1, or None where the agent gives none.
        reason: Why, in words for people.
        weights: Where several strategies stand behind it: each one's name and weight.
        thesis: What the agent expects of the position, where it says so.
    """

    symbol: str
    exposure: float
    stop: float | None = None
    take_profit: float | None = None
    confidence: float | None = None
    reason: str = ""
    weights: tuple[tuple[str, float], ...] = ()
    quantity: float | None = None
    thesis: Thesis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One question to a language model, and what came of it.

    Attributes:
        role: What it was asked as: ``decide``, ``cheap``, ``powerful``, ``repair``, ``judge``, ``bull`` …
        model: litellm's name for it.
        key: Identifies the request; equal requests have equal keys.
        request: The exact messages, parameters, tools and schema, as JSON.
        reply: Its words, untrusted; empty where there are none.
        raw: The provider's whole answer as JSON, bounded, without secrets.
        finish_reason: Why it stopped; empty where there is no answer.
        fault: Why there is no answer, as one word; empty where there is one.
        error: The same in a line for people.
        input_tokens: As the provider counted them; None where it did not say.
        output_tokens: Likewise.
        cost: Micro-dollars; None where nobody knows.
        latency_ms: Real time it took.
        attempts: Requests sent.
        asked_ms: When, UTC milliseconds of real time.
    """

    role: str
    model: str
    key: str
    request: str
    reply: str = ""
    raw: str = ""
    finish_reason: str = ""
    fault: str = ""
    error: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Micros | None = None
    latency_ms: int = 0
    attempts: int = 0
    asked_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An agent's answer in one round: a target for each instrument it has an opinion on.

    Attributes:
        agent: Whose.
        targets: At most one for each instrument.
        thinking_ms: How long it took where that is part of the market's time, as with a model; else 0.
        refused: What of the answer could not be used and why, a line each, for its next round.
        calls: What models were asked for it.
        debate: What was said before it, where several roles debated.
        routing: How it came to the model that made it, where that is to be told.
    """

    agent: str
    targets: tuple[Target, ...]
    thinking_ms: int = 0
    refused: tuple[str, ...] = ()
    calls: tuple[ModelCall, ...] = ()
    debate: Debate | None = None
    routing: Routing | None = None


MAX_MESSAGE = 500
"""Characters of a failure's message; what an agent raises is not always meant for people."""


class FailureKind(StrEnum):
    """How an agent failed to decide."""

    TIMEOUT = "timeout"
    UNANSWERED = "unanswered"
    CRASH = "crash"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFailure:
    """An agent that gave no usable answer.

    Attributes:
        agent: Whose failure.
        failure: In which way.
        message: One line for people.
        calls: What models were asked all the same.
        debate: What was said all the same, where several roles debated.
        routing: How it came to the model that failed to make it, where that is to be told.
    """

    agent: str
    failure: FailureKind
    message: str
    calls: tuple[ModelCall, ...] = ()
    debate: Debate | None = None
    routing: Routing | None = None


def crash_of(agent: str, error: Exception) -> DecisionFailure:
    """What an agent's error is to the arena: its type and words, bounded, and free of lone surrogates."""
    try:
        words = str(error)
    except Exception as second:  # noqa: BLE001 - whatever an error's own words raise
        words = f"its message raised {type(second).__name__}"
    message = f"{type(error).__name__}: {words}"[:MAX_MESSAGE].encode("utf-8", "replace").decode()
    return DecisionFailure(agent=agent, failure=FailureKind.CRASH, message=message)
