"""Reading events from a journal's file, whether or not its bot is running; writes nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from cockpit.domain.events import Recorded, RunStarted
from cockpit.journal.codec import DECODERS, decode_event
from cockpit.journal.schema import EventRow, connect_reader, error_of

_CHUNK = 2_000
"""Events read at a time: a reader that dawdles between two chunks holds nothing open."""

_NO_END = 2**63 - 1
_EVENTS = (
    "SELECT seq, ts_ms, run_id, kind, payload FROM events"
    " WHERE seq > :after AND seq <= :until AND (:run_id IS NULL OR run_id = :run_id)"
    " ORDER BY seq LIMIT :chunk"
)
_RUN = (
    "SELECT seq, run_id, payload FROM events WHERE kind = 'run_started'"
    " AND (:run_id IS NULL OR run_id = :run_id) ORDER BY seq DESC LIMIT 1"
)


def read_events(
    path: Path, after_seq: int = 0, until_seq: int | None = None, run_id: str | None = None
) -> Iterator[Recorded]:
    """The events after one place and up to another, in order, read in chunks.

    Args:
        path: The journal's file.
        after_seq: Only later ones.
        until_seq: Only up to this one.
        run_id: Only this run's.

    Raises:
        JournalCorrupt: If an event can't be read.
        JournalUnavailable: If the file can't be.
    """
    started = None if run_id is None else read_run(path, run_id)
    after = after_seq if started is None else max(after_seq, started.seq - 1)
    until = _NO_END if until_seq is None else until_seq
    bounds: dict[str, Any] = {"after": after, "until": until, "run_id": run_id, "chunk": _CHUNK}
    with closing(connect_reader(path)) as connection:
        while chunk := _rows(connection, path, _EVENTS, bounds):
            yield from _decoded(chunk)
            bounds["after"] = chunk[-1][0]


def read_run(path: Path, run_id: str | None = None) -> Recorded | None:
    """The event that began a run, a `RunStarted`; None if there is no such run.

    Args:
        path: The journal's file.
        run_id: Which; the newest unless given.

    Raises:
        JournalCorrupt, JournalUnavailable: As `read_events`.
    """
    with closing(connect_reader(path)) as connection:
        found = _rows(connection, path, _RUN, {"run_id": run_id})
    for seq, run, payload in found:
        event = decode_event("run_started", payload, seq)
        assert isinstance(event, RunStarted)
        return Recorded(seq, event.start_ms, run, event)
    return None


def _rows(connection: sqlite3.Connection, path: Path, query: str, values: dict[str, Any]) -> list[Any]:
    try:
        return connection.execute(query, values).fetchall()
    except sqlite3.Error as error:
        raise error_of(error, path) from error


def _decoded(chunk: list[EventRow]) -> Iterator[Recorded]:
    decoders = DECODERS
    for seq, ts_ms, run_id, kind, payload in chunk:
        try:
            event = decoders[kind](payload)
        except (KeyError, msgspec.DecodeError):
            event = decode_event(kind, payload, seq)  # says what is wrong, and where
        yield Recorded(seq, ts_ms, run_id, event)
