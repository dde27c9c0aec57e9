"""One call as a tape keeps it: a line of JSON, whose beginning says whose call it was.

A line reads ``{"call":{…},"request":{…},"reply":{…},"failure":null,"cancelled_after_ms":null}``; of the
last three exactly one is given. A tape's first line, and the first of every later recording on it, is a
`TapeHeader`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec

from cockpit.agents.models.model_call import CallFailed, CallFault, CallPurpose, ModelReply, ModelRequest
from cockpit.domain.errors import CockpitError
from cockpit.domain.market import Micros

VERSION: Final = 1
HEADER_START: Final = b'{"tape":'
_CALL_START: Final = b'{"call":'
_CALL_END: Final = b',"request":'  # stands in no JSON string: a quote in one has a backslash before it


class TapeUnusable(CockpitError):
    """A tape of recorded calls can't be read or written."""


class Slot(NamedTuple):
    """Calls that share a slot are told apart by the order in which they began, and by nothing else.

    Attributes:
        agent: Who asked.
        role: What for.
        round: When; None outside of a round.
        key: What: `ModelRequest.key`.
    """

    agent: str
    role: str
    round: int | None
    key: str

    @classmethod
    def of(cls, request: ModelRequest, purpose: CallPurpose) -> "Slot":
        """The slot of a call.

        Raises:
            CallFailed: If it holds text that has no key, and that no provider takes.
        """
        try:
            return cls(purpose.agent, purpose.role, purpose.round, request.key())
        except UnicodeEncodeError as error:
            raise CallFailed(
                CallFault.REFUSED,
                f"what {purpose.agent} asks {request.model} holds text that isn't Unicode: nothing was sent",
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class TapeHeader:
    """Begins a recording.

    Attributes:
        tape: Version of the format.
        grounded: Who could not take part in what was recorded, and why.
    """

    tape: int = VERSION
    grounded: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHead:
    """Whose call it was, and which.

    Attributes:
        agent: Who asked.
        role: What for.
        round: When; None outside of a round.
        key: Of the request.
        begun: 1, 2, 3 … in the order in which the calls of one recording began.
    """

    agent: str
    role: str
    round: int | None
    key: str
    begun: int

    @property
    def slot(self) -> Slot:
        """Where the call is looked for."""
        return Slot(self.agent, self.role, self.round, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFailure:
    """A call that brought no answer; the fields are those of `CallFailed`."""

    fault: CallFault
    message: str
    latency_ms: int
    attempts: int
    cost: Micros | None
    asked_ms: int = 0

    @classmethod
    def of(cls, failure: CallFailed) -> "RecordedFailure":
        """What there is to know of a failure."""
        return cls(
            fault=failure.fault,
            message=str(failure),
            latency_ms=failure.latency_ms,
            attempts=failure.attempts,
            cost=failure.cost,
            asked_ms=failure.asked_ms,
        )

    def error(self) -> CallFailed:
        """The failure again, to be raised."""
        return CallFailed(
            self.fault,
            self.message,
            latency_ms=self.latency_ms,
            attempts=self.attempts,
            cost=self.cost,
            asked_ms=self.asked_ms,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """A call and what came of it: one of the last three.

    Attributes:
        call: Whose, and which.
        request: In full.
        reply: The answer.
        failure: Why there was none.
        cancelled_after_ms: Whoever asked stopped waiting, before the call's own deadline.
    """

    call: CallHead
    request: ModelRequest
    reply: ModelReply | None = None
    failure: RecordedFailure | None = None
    cancelled_after_ms: int | None = None


_ENCODER = msgspec.json.Encoder()
_HEADER = msgspec.json.Decoder(TapeHeader)
_HEAD = msgspec.json.Decoder(CallHead)
_CALL = msgspec.json.Decoder(RecordedCall)


def header_line(grounded: Mapping[str, str]) -> bytes:
    """What a recording begins with; see `TapeHeader`."""
    return _ENCODER.encode(TapeHeader(grounded=dict(grounded))) + b"\n"


def call_line(recorded: RecordedCall) -> bytes:
    """A call as a line of a tape.

    Raises:
        UnicodeEncodeError: If it holds text that isn't Unicode.
    """
    return _ENCODER.encode(recorded) + b"\n"


def read_head(line: bytes) -> CallHead:
    """Whose call a line holds, without reading the rest of it.

    Raises:
        ValueError: If it holds none.
    """
    end = line.find(_CALL_END)
    if not line.startswith(_CALL_START) or end < 0:
        raise ValueError("not a recorded call")
    return _HEAD.decode(memoryview(line)[len(_CALL_START) : end])


def read_call(line: bytes) -> RecordedCall:
    """The call a line holds.

    Raises:
        ValueError: If it holds none.
    """
    return _CALL.decode(line)


def read_header(line: bytes, path: object) -> TapeHeader:
    """What a line that begins a recording says.

    Raises:
        TapeUnusable: If it begins none that this program can read.
    """
    try:
        header = _HEADER.decode(line)
    except ValueError as error:
        raise TapeUnusable(f"{path} is no tape of recorded calls: give another file") from error
    if header.tape != VERSION:
        raise TapeUnusable(
            f"the tape {path} is of format {header.tape}, and this version of cockpit reads format {VERSION}:"
            " record the session again, or use the version it was recorded with"
        )
    return header
