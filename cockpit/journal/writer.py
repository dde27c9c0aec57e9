"""Writing the journal: one connection, on whichever single thread its owner runs it."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from cockpit.domain.events import KIND_OF, Event, Recorded, RunStarted
from cockpit.journal import projection
from cockpit.journal.codec import decode_event, encode_event
from cockpit.journal.errors import EventUnwritable, JournalConflict, JournalUnavailable
from cockpit.journal.schema import EventRow, connect_writer, error_of

_INSERT_EVENT = "INSERT INTO events (seq, ts_ms, run_id, kind, payload) VALUES (?, ?, ?, ?, ?)"
_REBUILD_CHUNK = 5_000

_KEEP_CONNECTION = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CONSTRAINT}
)
"""Errors that say nothing against the connection itself; after others a new one is made."""


class JournalWriter:
    """The only one that writes a journal. Not for use by two threads at once.

    Attributes:
        path: The file.
        last_seq: The last event that is durable; 0 before the first.
    """

    def __init__(self, path: Path) -> None:
        """Opens the file, made new if it isn't there.

        Raises:
            JournalUnavailable, JournalCorrupt, JournalTooNew: As `connect_writer`.
        """
        self.path = path
        self._runs: dict[str, RunStarted] = {}
        self._unacknowledged: list[EventRow] = []
        connection, is_changed = connect_writer(path)
        self._connection: sqlite3.Connection | None = connection
        try:
            self.last_seq = _last_seq(connection)
            self._identity = _identity(path)
            if is_changed and self.last_seq:
                self.rebuild()
        except sqlite3.Error as error:
            connection.close()
            raise error_of(error, path) from error

    def append(self, run_id: str, ts_ms: int, events: Sequence[Event]) -> tuple[Recorded, ...]:
        """Makes events and their rows in the read models durable, all of them or none.

        Raises:
            EventUnwritable: If JSON can't carry one of them.
            JournalUnavailable: If the disk is full, the file locked, moved or read-only; may be tried again.
            JournalConflict: If they contradict what is there, or somebody else wrote to the journal.
        """
        places = enumerate(events, self.last_seq + 1)
        recorded = tuple(Recorded(seq, ts_ms, run_id, event) for seq, event in places)
        event_rows = [_event_row(each) for each in recorded]
        with self._transaction() as connection:
            self._expect_own_end(connection)
            connection.executemany(_INSERT_EVENT, event_rows)
            self._project(connection, recorded)
            self._unacknowledged = event_rows
        self._unacknowledged = []
        self.last_seq += len(recorded)
        return recorded

    def rebuild(self) -> int:
        """Empties the read models and makes them anew from the events, in one transaction.

        Returns:
            How many events were read.

        Raises:
            JournalUnavailable, JournalConflict: As `append`.
            JournalCorrupt: If an event can't be read.
        """
        with self._transaction() as connection:
            return self._remake_read_models(connection)

    def close(self) -> None:
        """Gives the file back; a second time does nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All of what is done inside is durable afterwards, or none of it and an error says why."""
        try:
            connection = self._connected()
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.IntegrityError as error:
            self._take_back(error)
            message = f"the journal {self.path} refuses events that contradict it: {error}"
            raise JournalConflict(message) from error
        except sqlite3.Error as error:
            self._take_back(error)
            raise error_of(error, self.path) from error
        except OverflowError as error:
            self._take_back(error)
            raise EventUnwritable(f"an event holds a number that is too large to store: {error}") from error
        except BaseException as error:
            self._take_back(error)
            raise

    def _connected(self) -> sqlite3.Connection:
        """The connection, made anew if the last was given up."""
        if self._connection is None:
            self._connection, _ = connect_writer(self.path)
            self._identity = _identity(self.path)
        elif _identity(self.path) != self._identity:
            message = f"the journal {self.path} was moved or deleted while in use; put it back"
            raise JournalUnavailable(message)
        return self._connection

    def _take_back(self, error: BaseException) -> None:
        """Rolls back, and gives the connection up if the error speaks against it."""
        self._runs.clear()
        connection = self._connection
        if connection is None:
            return
        is_usable = not isinstance(error, sqlite3.Error) or _primary_code(error) in _KEEP_CONNECTION
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            is_usable = False
        if not is_usable:
            self._connection = None
            with suppress(sqlite3.Error):  # what is wrong with it has been told already
                connection.close()

    def _expect_own_end(self, connection: sqlite3.Connection) -> None:
        """Makes sure that the journal ends where this writer left it.

        A commit whose last sync failed may turn out to be in the file after all once the connection is
        made anew. Nobody was told of those events, so they are taken back.
        """
        found = _last_seq(connection)
        if found == self.last_seq:
            return
        if found > self.last_seq and self._unacknowledged == self._rows_after(connection, self.last_seq):
            connection.execute("DELETE FROM events WHERE seq > ?", (self.last_seq,))
            self._remake_read_models(connection)
            return
        raise JournalConflict(
            f"the journal {self.path} ends at event {found}, not {self.last_seq}: another program wrote to it"
        )

    @staticmethod
    def _rows_after(connection: sqlite3.Connection, seq: int) -> list[EventRow]:
        query = "SELECT seq, ts_ms, run_id, kind, payload FROM events WHERE seq > ? ORDER BY seq"
        return connection.execute(query, (seq,)).fetchall()

    def _project(self, connection: sqlite3.Connection, recorded: Iterable[Recorded]) -> None:
        for each in recorded:
            for statement, values in projection.rows(each, self._run_of(connection, each)):
                connection.execute(statement, values)

    def _run_of(self, connection: sqlite3.Connection, recorded: Recorded) -> RunStarted | None:
        if isinstance(recorded.event, RunStarted):
            self._runs[recorded.run_id] = recorded.event
        elif recorded.run_id not in self._runs:
            query = "SELECT seq, payload FROM events WHERE kind = 'run_started' AND run_id = ?"
            row = connection.execute(query, (recorded.run_id,)).fetchone()
            if row is None:
                return None
            event = decode_event("run_started", row[1], row[0])
            assert isinstance(event, RunStarted)
            self._runs[recorded.run_id] = event
        return self._runs[recorded.run_id]

    def _remake_read_models(self, connection: sqlite3.Connection) -> int:
        self._runs.clear()
        for table in projection.TABLES:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        count = 0
        cursor = connection.execute("SELECT seq, ts_ms, run_id, kind, payload FROM events ORDER BY seq")
        while chunk := cursor.fetchmany(_REBUILD_CHUNK):
            self._project(
                connection,
                (
                    Recorded(seq, ts_ms, run_id, decode_event(kind, payload, seq))
                    for seq, ts_ms, run_id, kind, payload in chunk
                ),
            )
            count += len(chunk)
        return count


def _event_row(recorded: Recorded) -> EventRow:
    payload = encode_event(recorded.event).decode()
    return recorded.seq, recorded.ts_ms, recorded.run_id, KIND_OF[type(recorded.event)], payload


def _last_seq(connection: sqlite3.Connection) -> int:
    last: int = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
    return last


def _primary_code(error: sqlite3.Error) -> int | None:
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file stands behind a path; None if there is none."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
