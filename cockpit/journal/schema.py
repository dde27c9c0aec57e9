"""The journal's file: opening it, and bringing its schema up to date."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from importlib.resources import files
from pathlib import Path

from cockpit.journal import sql_functions
from cockpit.journal.errors import JournalCorrupt, JournalError, JournalTooNew, JournalUnavailable

EventRow = tuple[int, int, str, str, str]
"""An event as it lies in the table: seq, ts_ms, run_id, kind, payload."""

BUSY_TIMEOUT_S = 2.0
"""How long a lock held by another process is waited for."""

_APPLICATION_ID = 0x636B7074
"""Marks the file as cockpit's ("ckpt"); see SQLite's documentation, "PRAGMA application_id"."""


@cache
def migrations() -> tuple[tuple[str, str], ...]:
    """Name and SQL of every migration, in order; the n-th brings a journal from schema n − 1 to n."""
    folder = files("cockpit.journal") / "migrations"
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    for number, name in enumerate(found, start=1):
        assert int(name.split("_")[0]) == number, f"migrations are not numbered one by one: {name}"
    return tuple((name, (folder / name).read_text(encoding="utf-8")) for name in found)


def schema_version() -> int:
    """The schema this program writes and reads."""
    return len(migrations())


def error_of(error: sqlite3.Error, path: Path) -> JournalError:
    """What an error of SQLite means for a caller."""
    if isinstance(error, sqlite3.OperationalError):
        return JournalUnavailable(f"the journal {path} is unavailable: {error}")
    return JournalCorrupt(f"{path} is no readable journal ({error}); move it away to begin a new one")


def connect_writer(path: Path) -> tuple[sqlite3.Connection, bool]:
    """The connection that writes: durable, strict, its schema up to date.

    Returns:
        The connection, and whether the schema was changed.

    Raises:
        JournalUnavailable: If the file can't be opened or is locked.
        JournalCorrupt: If it is no database, or another program's.
        JournalTooNew: If a newer program made it.
    """
    connection = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        _check_ours(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        sql_functions.register(connection)
        return connection, _migrate(connection)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise error_of(error, path) from error
        if isinstance(error, OSError):
            raise JournalUnavailable(f"the journal {path} can't be opened: {error.strerror}") from error
        raise


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads.

    Raises:
        JournalUnavailable, JournalCorrupt, JournalTooNew: As `connect_writer`.
    """
    try:
        connection = sqlite3.connect(
            reader_uri(path), uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            _check_ours(connection, path)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise error_of(error, path) from error
    return connection


def reader_uri(path: Path) -> str:
    """The file as SQLite wants it named to open it for reading only."""
    return path.resolve().as_uri() + "?mode=ro"


def check_version(found: int, path: Path) -> None:
    """Lets the program's own schema and older ones pass.

    Raises:
        JournalTooNew: If a newer program made the journal.
    """
    if found > schema_version():
        raise JournalTooNew(
            f"{path} has schema {found}, this program knows up to {schema_version()}: install a newer cockpit"
        )


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    application = _pragma(connection, "application_id")
    check_version(_pragma(connection, "user_version"), path)
    with closing(connection.execute("SELECT count(*) FROM sqlite_schema")) as cursor:
        is_empty = cursor.fetchone()[0] == 0
    if application != _APPLICATION_ID and not is_empty:
        raise JournalCorrupt(f"{path} is a database of another program; move it away to begin a journal here")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value = connection.execute(f"PRAGMA {name}").fetchone()[0]
    assert isinstance(value, int)
    return value


def _migrate(connection: sqlite3.Connection) -> bool:
    """Applies what is missing, each migration in a transaction of its own; says whether any was."""
    changed = False
    while _pragma(connection, "user_version") < schema_version():
        connection.execute("BEGIN IMMEDIATE")
        try:
            _apply_next(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        changed = True
    return changed


def _apply_next(connection: sqlite3.Connection) -> None:
    version = _pragma(connection, "user_version")  # again, now that nobody else can change it
    if version >= schema_version():
        return
    for statement in _statements(migrations()[version][1]):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version + 1}")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; `executescript` would commit before it begins."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    assert not statement.strip() or statement.strip().startswith("--"), f"unfinished statement: {statement}"
