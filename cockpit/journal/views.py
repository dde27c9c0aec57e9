"""What the journal tells people: read models in plain units, read beside the writer."""

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

import aiosqlite

from cockpit.journal.errors import JournalUnavailable, UnknownIdent
from cockpit.journal.schema import BUSY_TIMEOUT_S, connect_reader, error_of, reader_uri, schema_version

Row: TypeAlias = dict[str, Any]
"""Column → value in plain units: money and quantities as decimals, times as ISO 8601 (and in `ts_ms`)."""


class JournalReader:
    """Reads a journal through a connection of its own, on a thread of its own; writes nothing.

    All rows are of one run: the one named, or else the newest.
    """

    def __init__(self, connection: aiosqlite.Connection, path: Path) -> None:
        """Use `JournalReader.open`."""
        self._connection = connection
        self._path = path

    @classmethod
    async def open(cls, path: Path) -> "JournalReader":
        """A reader of the journal in a file.

        Raises:
            JournalUnavailable: If there is none, it can't be opened, or its schema is an older one.
            JournalCorrupt: If it is no database, or another program's.
            JournalTooNew: If a newer program made it.
        """
        await asyncio.to_thread(_check_schema, path)
        connection = aiosqlite.connect(reader_uri(path), uri=True, timeout=BUSY_TIMEOUT_S)
        try:
            await connection
        except sqlite3.Error as error:
            raise error_of(error, path) from error
        connection.row_factory = sqlite3.Row
        return cls(connection, path)

    async def __aenter__(self) -> "JournalReader":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Gives the file back."""
        await self._connection.close()

    async def runs(self, limit: int = 100) -> list[Row]:
        """The newest runs, newest first."""
        return await self.query(
            "SELECT * FROM competition_runs_readable ORDER BY seq DESC LIMIT :limit", {"limit": limit}
        )

    async def run(self, run_id: str | None = None) -> Row:
        """One run, with its `contestants` and `instruments`.

        Raises:
            UnknownIdent: If the journal has no such run.
        """
        name = {"run_id": await self.run_id(run_id)}
        (run,) = await self.query("SELECT * FROM competition_runs_readable WHERE run_id = :run_id", name)
        run["contestants"] = await self.query(
            "SELECT agent, kind, summary FROM contestants WHERE run_id = :run_id ORDER BY place", name
        )
        run["instruments"] = await self.query(
            "SELECT symbol, base, quote, tick_size, lot_size FROM instruments WHERE run_id = :run_id", name
        )
        return run

    async def run_id(self, run_id: str | None = None) -> str:
        """The run named, or the newest.

        Raises:
            UnknownIdent: If the journal has no such run.
        """
        found = await self.query(
            "SELECT run_id FROM competition_runs WHERE :run_id IS NULL OR run_id = :run_id"
            " ORDER BY seq DESC LIMIT 1",
            {"run_id": run_id},
        )
        if not found:
            which = "no run yet" if run_id is None else f"no run {run_id}"
            raise UnknownIdent(f"the journal {self._path} has {which}")
        name: str = found[0]["run_id"]
        return name

    async def decisions(
        self, limit: int = 50, agent: str | None = None, run_id: str | None = None
    ) -> list[Row]:
        """The latest decisions, newest first, each with its `targets`; failures to decide among them.

        A failure has neither `decision_id` nor targets, but `failure` and `message`.
        """
        run = await self.run_id(run_id)
        bounds = {"run_id": run, "agent": agent, "limit": limit}
        made = await self.query(
            "SELECT decision_id, seq, ts_ms, agent, round, confidence FROM decisions"
            " WHERE run_id = :run_id AND (:agent IS NULL OR agent = :agent)"
            " ORDER BY decision_id DESC LIMIT :limit",
            bounds,
        )
        failed = await self.query(
            "SELECT NULL AS decision_id, seq, ts_ms, agent, round, failure, message FROM decision_failures"
            " WHERE run_id = :run_id AND (:agent IS NULL OR agent = :agent)"
            " ORDER BY ts_ms DESC, seq DESC LIMIT :limit",
            bounds,
        )
        latest = sorted(made + failed, key=lambda row: row["seq"], reverse=True)[:limit]
        made_ids = [row["decision_id"] for row in latest if row["decision_id"] is not None]
        targets = await self.targets(run, made_ids)
        for row in latest:
            row["targets"] = targets.get(row["decision_id"], [])
        return latest

    async def targets(self, run_id: str, decision_ids: list[int]) -> dict[int, list[Row]]:
        """What each of some decisions wants to hold."""
        found = await self.query(
            "SELECT decision_id, symbol, exposure, stop, take_profit, confidence, reason, quantity"
            " FROM decision_targets WHERE run_id = :run_id"
            " AND decision_id IN (SELECT value FROM json_each(:ids))",
            {"run_id": run_id, "ids": json.dumps(decision_ids)},
        )
        targets: dict[int, list[Row]] = {}
        for row in found:
            targets.setdefault(row.pop("decision_id"), []).append(row)
        return targets

    async def orders(self, limit: int = 50, agent: str | None = None, run_id: str | None = None) -> list[Row]:
        """The latest orders, newest first."""
        of_agent = "" if agent is None else "AND agent = :agent"
        return await self.query(
            f"SELECT * FROM orders_readable WHERE run_id = :run_id {of_agent}"  # noqa: S608 - our own words
            " ORDER BY order_id DESC LIMIT :limit",
            {"run_id": await self.run_id(run_id), "agent": agent, "limit": limit},
        )

    async def query(self, statement: str, values: Mapping[str, Any]) -> list[Row]:
        """The rows that a statement finds.

        Raises:
            JournalUnavailable, JournalCorrupt: If the file can't be read.
        """
        try:
            async with self._connection.execute(statement, dict(values)) as cursor:
                return [dict(row) for row in await cursor.fetchall()]
        except sqlite3.Error as error:
            raise error_of(error, self._path) from error


def _check_schema(path: Path) -> None:
    if not path.exists():
        raise JournalUnavailable(f"there is no journal at {path}: no bot has run there yet")
    connection = connect_reader(path)
    try:
        found = connection.execute("PRAGMA user_version").fetchone()[0]
    finally:
        connection.close()
    if found < schema_version():
        raise JournalUnavailable(
            f"{path} has schema {found}, this program reads {schema_version()}: start the bot or"
            " `cockpit rebuild` to bring it up to date"
        )
