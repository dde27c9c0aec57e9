"""Questions to models: those among the latest events, without their words."""

from collections import deque
from dataclasses import dataclass, field

from cockpit.domain.events import ModelCalled, Recorded
from cockpit.domain.market import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEntry:
    """One question to a model.

    Attributes:
        call_id: Counts within the run.
        ts_ms: Market time of its round.
        agent: Who asked.
        round: In which round.
        role: What the model was asked as.
        model: litellm's name for it.
        fault: Why there is no answer, as one word; empty where there is one.
        cost: Micro-dollars; None where nobody knows.
        input_tokens: None where the provider did not say.
        output_tokens: Likewise.
        latency_ms: Real time it took.
    """

    call_id: int
    ts_ms: int
    agent: str
    round: int
    role: str
    model: str
    fault: str
    cost: Micros | None
    input_tokens: int | None
    output_tokens: int | None
    latency_ms: int


@dataclass(slots=True)
class CallHistory:
    """The questions among the latest events.

    Attributes:
        entries: By number, oldest first.
    """

    entries: dict[int, CallEntry] = field(default_factory=dict)
    _places: deque[tuple[int, int]] = field(default_factory=deque)

    def take(self, recorded: Recorded) -> None:
        """Takes in the next event."""
        event = recorded.event
        if isinstance(event, ModelCalled):
            self.entries[event.call_id] = _entry(event, recorded.ts_ms)
            self._places.append((recorded.seq, event.call_id))

    def prune(self, until_seq: int) -> None:
        """Forgets questions asked up to an event."""
        while self._places and self._places[0][0] <= until_seq:
            self.entries.pop(self._places.popleft()[1], None)


def _entry(event: ModelCalled, ts_ms: int) -> CallEntry:
    call = event.call
    return CallEntry(
        call_id=event.call_id,
        ts_ms=ts_ms,
        agent=event.agent,
        round=event.round,
        role=call.role,
        model=call.model,
        fault=call.fault,
        cost=call.cost,
        input_tokens=call.input_tokens,
        output_tokens=call.output_tokens,
        latency_ms=call.latency_ms,
    )
