"""The whole trail of one trade: from the decision to what became of it."""

import json
from dataclasses import dataclass

from cockpit.journal.errors import UnknownIdent
from cockpit.journal.trail_scope import Scope, scope_of
from cockpit.journal.trail_steps import TrailStep, steps_of
from cockpit.journal.views import JournalReader, Row

__all__ = ["Trail", "TrailStep", "audit"]

_KINDS = ("decision", "order", "fill")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """What an identifier stands for.

    Attributes:
        run_id: The run it was looked up in.
        ident: Such as ``order:12``; empty if the number given could mean several.
        candidates: What it could mean, if several.
        steps: What happened, in the journal's order.
        open_positions: What of it is still held.
        outcomes: What became of each order that a decision asked for: ``pending``, ``win``, ``loss`` or
            ``none`` with a reason.
    """

    run_id: str
    ident: str
    candidates: tuple[str, ...] = ()
    steps: tuple[TrailStep, ...] = ()
    open_positions: tuple[Row, ...] = ()
    outcomes: tuple[Row, ...] = ()


async def audit(reader: JournalReader, ident: str, run_id: str | None = None) -> Trail:
    """The trail of a decision, or of the whole trade that an order or fill belongs to.

    Args:
        reader: Of the journal.
        ident: ``decision:7``, ``order:12``, ``fill:3``, or a bare number.
        run_id: Which run's; the newest if None.

    Raises:
        UnknownIdent: If the run has no such thing, or `ident` is none.
    """
    run = await reader.run_id(run_id)
    found = await _resolve(reader, run, ident)
    if len(found) > 1:
        return Trail(run_id=run, ident="", candidates=tuple(f"{kind}:{number}" for kind, number in found))
    if not found:
        raise UnknownIdent(f"run {run} has no {ident}; name it like decision:7, order:12 or fill:3")
    ((kind, number),) = found
    scope = await scope_of(reader, run, kind, number)
    return Trail(
        run_id=run,
        ident=f"{kind}:{number}",
        steps=await steps_of(reader, run, scope, kind, number),
        open_positions=await _open_positions(reader, run, scope),
        outcomes=await _outcomes(reader, run, scope),
    )


async def _resolve(reader: JournalReader, run: str, ident: str) -> list[tuple[str, int]]:
    """The things in the run that an identifier could mean."""
    kind, _, digits = ident.rpartition(":")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18 or kind not in {"", *_KINDS}:
        raise UnknownIdent(f"{ident!r} names nothing; give decision:7, order:12, fill:3 or a number")
    number = int(digits)
    return [
        (each, number)
        for each in ([kind] if kind else _KINDS)
        if await reader.query(
            f"SELECT 1 FROM {each}s WHERE run_id = :run AND {each}_id = :number",  # noqa: S608 - our own names
            {"run": run, "number": number},
        )
    ]


async def _open_positions(reader: JournalReader, run: str, scope: Scope) -> tuple[Row, ...]:
    openings = [life.opening_fill_id for life in scope.lives]
    found = await reader.query(
        "SELECT * FROM positions_readable WHERE run_id = :run"
        " AND opening_fill_id IN (SELECT value FROM json_each(:ids)) ORDER BY opening_fill_id",
        {"run": run, "ids": json.dumps(openings)},
    )
    return tuple(found)


async def _outcomes(reader: JournalReader, run: str, scope: Scope) -> tuple[Row, ...]:
    found = await reader.query(
        "SELECT * FROM ai_outcome_links_readable WHERE run_id = :run"
        " AND order_id IN (SELECT value FROM json_each(:ids)) ORDER BY order_id",
        {"run": run, "ids": json.dumps(scope.order_ids)},
    )
    return tuple(found)
