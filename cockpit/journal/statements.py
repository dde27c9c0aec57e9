"""What the projections are written with: SQL statements and their parameters."""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias

from cockpit.domain.events import Recorded, RunStarted
from cockpit.journal.errors import JournalConflict

Row: TypeAlias = tuple[str, tuple[Any, ...] | dict[str, Any]]
"""An SQL statement and its parameters."""


def insert(table: str, **values: Any) -> Row:
    """One row of a table, by column."""
    return _insert_statement(table, tuple(values)), tuple(values.values())


@cache
def _insert_statement(table: str, columns: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our own names


def update(table: str, key: Mapping[str, Any], **values: Any) -> Row:
    """A change of the rows that a key fits, by column."""
    statement = _update_statement(table, tuple(key), tuple(values))
    return statement, (*values.values(), *key.values())


@cache
def _update_statement(table: str, key: tuple[str, ...], columns: tuple[str, ...]) -> str:
    changes = ", ".join(f"{each} = ?" for each in columns)
    return f"UPDATE {table} SET {changes} WHERE {' AND '.join(f'{each} = ?' for each in key)}"  # noqa: S608 - our own names


def place(recorded: Recorded) -> dict[str, Any]:
    """The columns that say where in the journal a row comes from."""
    return {"seq": recorded.seq, "run_id": recorded.run_id, "ts_ms": recorded.ts_ms}


_ADD_TO_BALANCE = (
    "UPDATE balances SET cash_micros = cash_micros + :capital + :realized - :fees - :funding + :covered,"
    " capital_micros = capital_micros + :capital, realized_micros = realized_micros + :realized,"
    " fees_micros = fees_micros + :fees, funding_micros = funding_micros + :funding,"
    " covered_micros = covered_micros + :covered, slippage_micros = slippage_micros + :slippage,"
    " updated_ms = :ts_ms"
    " WHERE run_id = :run_id AND agent = :agent"
)


_NO_CHANGE = {"capital": 0, "realized": 0, "fees": 0, "funding": 0, "covered": 0, "slippage": 0}


def balance(recorded: Recorded, agent: str, **amounts: int) -> Row:
    """What changes an agent's balance, in micro-units.

    Args:
        recorded: The event it comes from.
        agent: Whose balance.
        **amounts: Of `capital`, `realized`, `fees`, `funding`, `covered` (by the venue) and `slippage`;
            fees and funding > 0 are paid, slippage is in the prices paid and moves no cash.
    """
    return _ADD_TO_BALANCE, {**place(recorded), "agent": agent, **_NO_CHANGE, **amounts}


def risk_event(recorded: Recorded, kind: str, scope: str, *, reason: str = "", **facts: Any) -> Row:
    """One row of `risk_events`."""
    return insert("risk_events", **place(recorded), kind=kind, scope=scope, reason=reason, **facts)


def started(run: RunStarted | None, recorded: Recorded) -> RunStarted:
    """How the event's run was started.

    Raises:
        JournalConflict: If it was not.
    """
    if run is None:
        raise JournalConflict(
            f"event {recorded.seq} belongs to run {recorded.run_id!r}, which has not started"
        )
    return run
