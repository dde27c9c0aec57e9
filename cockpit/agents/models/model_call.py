"""What is asked of a language model, what it answers, and the ways a call can fail.

The one way to a model is a `ModelGateway`; `agents/gateway.py` has the real one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Protocol

import msgspec

from cockpit.domain.market import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A model wants a tool used.

    Attributes:
        call_id: The model's own name for this call; the tool's answer refers to it.
        name: Of the tool, as the model wrote it.
        arguments: JSON, as the model wrote it; may be anything.
    """

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation.

    Attributes:
        role: ``system``, ``user``, ``assistant`` or ``tool``.
        content: Its text.
        tool_calls: What an assistant's message wants used.
        tool_call_id: For role ``tool``: which call it answers.
    """

    role: str
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool a model may use.

    Attributes:
        name: Unique among the tools offered.
        description: What it tells, in words for the model.
        parameters: JSON schema of its arguments.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """Everything that decides what a model answers; two equal requests are the same call.

    Attributes:
        model: litellm's name for it, such as ``deepseek/deepseek-chat``.
        messages: The conversation so far, oldest first.
        max_tokens: Of the answer.
        temperature: None: the provider's own.
        seed: For providers that take one.
        tools: What the model may use.
        schema: JSON schema that the answer has to keep to, where the model can be held to one.
    """

    model: str
    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float | None = None
    seed: int | None = None
    tools: tuple[ToolSpec, ...] = ()
    schema: Mapping[str, Any] | None = None

    def key(self) -> str:
        """Identifies the request: equal for equal requests, in any process."""
        return blake2b(msgspec.json.encode(self, order="sorted"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPurpose:
    """Who asks, what for, and how long they wait; none of it changes the answer.

    Attributes:
        agent: Whose call; its budget pays.
        role: ``decide``, ``repair``, ``judge``, ``bull`` …
        round: Of the arena; None outside of one.
        deadline_s: Real seconds for everything together: waiting in line, every attempt, every word.
        on_words: Is given the text as it streams in, piece by piece, and before it, in ``<think>`` tags, what
            the model thinks where its provider shows that; passing by, and no state.
    """

    agent: str
    role: str
    round: int | None
    deadline_s: float
    on_words: Callable[[str], None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReply:
    """What a model answered.

    Attributes:
        text: Its words, untrusted.
        tool_calls: What it wants used, untrusted.
        finish_reason: Why it stopped, in litellm's words (``stop``, ``length``, ``tool_calls`` …).
        input_tokens: As the provider counted them; None where it did not say, or said nonsense.
        output_tokens: Likewise, reasoning included.
        cost: Micro-dollars; None where nobody knows the price.
        latency_ms: From the call to the last word, waiting and retries included.
        attempts: Requests that were sent.
        raw: The provider's answer as JSON, bounded, without secrets.
        asked_ms: When the call was made, UTC milliseconds of real time.
    """

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str = "stop"
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Micros | None = None
    latency_ms: int = 0
    attempts: int = 1
    raw: str = ""
    asked_ms: int = 0


class CallFault(StrEnum):
    """Why a call brought no answer."""

    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    SERVER = "server"
    UNREACHABLE = "unreachable"
    DENIED = "denied"
    REFUSED = "refused"
    MISSING_KEY = "missing_key"
    BUDGET = "budget"
    BENCHED = "benched"
    NOT_RECORDED = "not_recorded"


class CallFailed(Exception):
    """A call brought no answer.

    Attributes:
        fault: In which way.
        latency_ms: How long it took to know.
        attempts: Requests that were sent; 0 where none was.
        cost: Micro-dollars that were or may have been spent on it; None where nobody knows.
        asked_ms: When the call was made, UTC milliseconds of real time.
    """

    def __init__(
        self,
        fault: CallFault,
        message: str,
        *,
        latency_ms: int = 0,
        attempts: int = 0,
        cost: Micros | None = Micros(0),
        asked_ms: int = 0,
    ) -> None:
        """Say what happened.

        Args:
            fault: In which way.
            message: One line for people: what is wrong and what to do; bounded, without secrets.
            latency_ms: How long it took to know.
            attempts: Requests that were sent.
            cost: Micro-dollars that were or may have been spent.
            asked_ms: When the call was made.
        """
        super().__init__(message)
        self.fault = fault
        self.latency_ms = latency_ms
        self.attempts = attempts
        self.cost = cost
        self.asked_ms = asked_ms


class ModelGateway(Protocol):
    """The way to models: live, recording, or replaying what was recorded."""

    async def call(self, request: ModelRequest, purpose: CallPurpose) -> ModelReply:
        """A model's answer.

        Raises:
            CallFailed: If there is none.
        """
        ...

    async def aclose(self) -> None:
        """Lets go of threads and connections; calls in flight fail."""
        ...
