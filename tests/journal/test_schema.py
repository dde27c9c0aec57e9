"""Migrations: numbered, each whole or not at all."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.journal import schema
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


async def test_an_older_journal_gets_what_is_missing_and_its_read_models_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = schema.migrations()
    monkeypatch.setattr(schema, "migrations", lambda: whole[:2])
    journal = Journal.open(path)
    for ts_ms, batch in EventStream(agents=2).batches(5):
        await journal.commit("run-1", ts_ms, batch)
    journal.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM decisions")
        connection.commit()
    monkeypatch.setattr(schema, "migrations", lambda: whole)
    Journal.open(path).close()
    assert version(path) == len(whole)
    assert "fills_readable" in tables(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM decisions").fetchone()[0] >= 9


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
