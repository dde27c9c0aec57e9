"""Migrations: numbered, each whole or not at all."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.domain.events import KIND_OF
from cockpit.journal import schema
from cockpit.journal.codec import encode_event
from cockpit.journal.errors import JournalUnavailable
from cockpit.journal.journal import Journal
from tests.journal.event_stream import EventStream


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_an_empty_file_is_brought_to_the_newest_schema(path: Path) -> None:
    Journal.open(path).close()
    assert version(path) == schema.schema_version() == len(schema.migrations())
    assert {"events", "orders", "fills", "fills_readable"} <= tables(path)


def test_opening_again_changes_nothing(path: Path) -> None:
    Journal.open(path).close()
    before = tables(path)
    connection, is_changed = schema.connect_writer(path)
    connection.close()
    assert not is_changed
    assert tables(path) == before


@pytest.mark.parametrize("number", range(1, 5))
def test_a_journal_of_any_older_schema_gets_what_is_missing_and_its_read_models_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    whole = schema.migrations()
    with monkeypatch.context() as patch:
        patch.setattr(schema, "migrations", lambda: whole[:number])
        connection, _ = schema.connect_writer(path)
    with closing(connection):
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", event_rows(rounds=5))
    Journal.open(path).close()
    assert version(path) == len(whole)
    assert "ai_outcome_links_readable" in tables(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM decisions").fetchone()[0] >= 9


def event_rows(rounds: int) -> Iterator[tuple[int, int, str, str, str]]:
    batches = EventStream(agents=2).batches(rounds)
    events = ((ts_ms, event) for ts_ms, batch in batches for event in batch)
    for seq, (ts_ms, event) in enumerate(events, start=1):
        yield seq, ts_ms, "run-1", KIND_OF[type(event)], encode_event(event).decode()


def test_a_migration_that_fails_leaves_the_schema_before_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = schema.migrations()
    broken = ("9999_broken.sql", "CREATE TABLE half (a TEXT);\nCREATE TABLE half (a TEXT);\n")
    monkeypatch.setattr(schema, "migrations", lambda: (*whole, broken))
    with pytest.raises(JournalUnavailable, match="already exists"):
        Journal.open(path)
    assert version(path) == len(whole)
    assert "half" not in tables(path)
