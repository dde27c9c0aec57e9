"""Events and the arena's state as JSON, and back to the very same values.

The decoders are msgspec's, one for each kind of event, made once.
"""

from collections.abc import Callable
from dataclasses import is_dataclass
from functools import cache
from hashlib import blake2b
from math import isfinite
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

import msgspec

from cockpit.domain.events import KIND_OF, Event
from cockpit.journal.errors import EventUnwritable, JournalCorrupt
from cockpit.trading.agent_state import AgentState
from cockpit.trading.state import ArenaState

_ENCODER = msgspec.json.Encoder()
_STATE_DECODER = msgspec.json.Decoder(ArenaState)

Check = Callable[[Any], bool]


def encode_event(event: Event) -> bytes:
    """An event's payload: one JSON object, on one line, field by field.

    Raises:
        EventUnwritable: If it holds NaN, an infinity or text that isn't Unicode, which JSON would not
            give back (msgspec would write null for a NaN, and a null may be read as "none given").
    """
    kind = KIND_OF[type(event)]
    check = _FINITE[kind]
    try:
        if check is not None and not check(event):
            raise EventUnwritable(f"{kind} holds a number that is not finite: {event}")
        return _ENCODER.encode(event)
    except (UnicodeEncodeError, TypeError, OverflowError) as error:
        raise EventUnwritable(f"{kind} can't be written as JSON ({error}): {event!r}") from error


def decode_event(kind: str, payload: bytes | str, seq: int | None = None) -> Event:
    """The event behind a payload.

    Args:
        kind: Its word, from `KIND_OF`.
        payload: What `encode_event` gave.
        seq: Its place in the journal, for the message.

    Raises:
        JournalCorrupt: If the kind is unknown or the payload is not one of that kind.
    """
    decode = DECODERS.get(kind)
    if decode is None:
        raise JournalCorrupt(f"journal event {_place(seq)} is of unknown kind {kind!r}")
    try:
        return decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JournalCorrupt(f"journal event {_place(seq)} is no valid {kind}: {error}") from error


def _place(seq: int | None) -> str:
    return "(not numbered)" if seq is None else str(seq)


def encode_state(state: ArenaState) -> bytes:
    """The whole state as JSON that people can read: a field a line, series on one line each."""
    lines = []
    for name in ArenaState.__slots__:
        value = getattr(state, name)
        text = _encode_agents(value) if name == "agents" else _ENCODER.encode(value)
        lines.append(b'"%s": %s' % (name.encode(), text))
    return b"{\n " + b",\n ".join(lines) + b"\n}"


def _encode_agents(agents: dict[str, AgentState]) -> bytes:
    if not agents:
        return b"{}"
    encode = _ENCODER.encode
    sections = []
    for agent_name, agent in agents.items():
        fields = [
            b'"%s": %s' % (name.encode(), encode(getattr(agent, name))) for name in AgentState.__slots__
        ]
        sections.append(encode(agent_name) + b": {\n   " + b",\n   ".join(fields) + b"}")
    return b"{\n  " + b",\n  ".join(sections) + b"}"


def decode_state(data: bytes) -> ArenaState:
    """The state that `encode_state` was given.

    Raises:
        JournalCorrupt: If it is none.
    """
    try:
        return _STATE_DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JournalCorrupt(f"the snapshot holds no valid state: {error}") from error


@cache
def state_shape() -> str:
    """Identifies the state's fields and types: a snapshot of another shape is not this program's fold."""
    shape = msgspec.json.encode(msgspec.json.schema(ArenaState), order="deterministic")
    return blake2b(shape, digest_size=8).hexdigest()


def _finite_check(annotation: Any) -> Check | None:
    """What tells whether all floats in a value of this type are finite; None where it has none."""
    if isinstance(annotation, NewType):
        return _finite_check(annotation.__supertype__)
    if is_dataclass(annotation):
        return _fields_check(annotation)
    rule = _CHECKS.get(get_origin(annotation))
    if rule is not None:
        return rule(*get_args(annotation))
    return isfinite if annotation is float else None


def _optional_check(*choices: Any) -> Check | None:
    checks = [check for check in map(_finite_check, choices) if check is not None]
    if not checks:
        return None
    if len(choices) != 2 or NoneType not in choices:
        raise TypeError(f"no rule tells which float is meant in {choices}")
    (check,) = checks
    return lambda value: value is None or check(value)


def _elements_check(element: Any, *_others: Any) -> Check | None:
    check = _finite_check(element)
    return None if check is None else lambda values: all(map(check, values))


def _values_check(_key: Any, value: Any) -> Check | None:
    check = _elements_check(value)
    return None if check is None else lambda mapping: check(mapping.values())


def _fields_check(dataclass_type: Any) -> Check | None:
    checks = [
        (attrgetter(name), check)
        for name, annotation in get_type_hints(dataclass_type).items()
        if (check := _finite_check(annotation)) is not None
    ]
    if not checks:
        return None
    return lambda value: all(check(get(value)) for get, check in checks)


_CHECKS: dict[Any, Callable[..., Check | None]] = {
    Union: _optional_check,
    UnionType: _optional_check,
    tuple: _elements_check,
    list: _elements_check,
    dict: _values_check,
}

_FINITE: dict[str, Check | None] = {kind: _fields_check(event) for event, kind in KIND_OF.items()}

DECODERS: dict[str, Callable[[bytes | str], Event]] = {
    kind: msgspec.json.Decoder(event).decode for event, kind in KIND_OF.items()
}
"""Kind → what decodes its payloads, raising msgspec's errors: for loops over many events."""
