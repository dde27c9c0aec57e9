"""The whole trail of one trade: from the decision to what became of it."""

import json
from dataclasses import dataclass
from typing import Any

from cockpit.journal.errors import UnknownIdent
from cockpit.journal.views import JournalReader, Row

_KINDS = ("decision", "order", "fill")
_WHAT = ("decision", "order", "fill", "lifecycle", "trade")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailStep:
    """One thing that happened.

    Attributes:
        seq: Its place in the journal.
        ts_ms: Market time, UTC milliseconds.
        what: ``decision``, ``order``, ``lifecycle``, ``fill`` or ``trade``.
        facts: In plain units, by name.
    """

    seq: int
    ts_ms: int
    what: str
    facts: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """What an identifier stands for.

    Attributes:
        run_id: The run it was looked up in.
        ident: Such as ``order:12``; empty if the number given could mean several.
        candidates: What it could mean, if several.
        steps: What happened, in the journal's order.
        open_positions: What the decision opened and still holds.
    """

    run_id: str
    ident: str
    candidates: tuple[str, ...] = ()
    steps: tuple[TrailStep, ...] = ()
    open_positions: tuple[Row, ...] = ()


async def audit(reader: JournalReader, ident: str, run_id: str | None = None) -> Trail:
    """The trail of the decision behind a decision, order or fill; of the order itself if none is.

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
        return Trail(run_id=run, ident="", candidates=tuple(found))
    if not found:
        raise UnknownIdent(f"run {run} has no {ident}; name it like decision:7, order:12 or fill:3")
    decision_id, order_ids = await _root(reader, run, found[0])
    steps, open_positions = await _gather(reader, run, decision_id, order_ids)
    return Trail(run_id=run, ident=found[0], steps=steps, open_positions=open_positions)


async def _resolve(reader: JournalReader, run: str, ident: str) -> list[str]:
    """The things in the run that an identifier could mean."""
    kind, _, digits = ident.rpartition(":")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18 or kind not in {"", *_KINDS}:
        raise UnknownIdent(f"{ident!r} names nothing; give decision:7, order:12, fill:3 or a number")
    number = int(digits)
    return [
        f"{each}:{number}"
        for each in ([kind] if kind else _KINDS)
        if await reader.query(
            f"SELECT 1 FROM {each}s WHERE run_id = :run AND {each}_id = :number",  # noqa: S608 - our own names
            {"run": run, "number": number},
        )
    ]


async def _root(reader: JournalReader, run: str, ident: str) -> tuple[int | None, set[int]]:
    """The decision behind a thing, and the order to begin with where none is."""
    kind, _, digits = ident.partition(":")
    number = int(digits)
    if kind == "decision":
        return number, set()
    if kind == "fill":
        (fill,) = await _of_run(reader, run, "SELECT order_id FROM fills", "fill_id = :id", number)
        number = fill["order_id"]
    order_ids = {number}
    while True:
        select = "SELECT decision_id, parent_id FROM orders"
        (order,) = await _of_run(reader, run, select, "order_id = :id", number)
        number = order["parent_id"]
        if order["decision_id"] is not None or number is None or number in order_ids:
            return order["decision_id"], order_ids
        order_ids.add(number)


async def _gather(
    reader: JournalReader, run: str, decision_id: int | None, order_ids: set[int]
) -> tuple[tuple[TrailStep, ...], tuple[Row, ...]]:
    steps: dict[tuple[int, str], TrailStep] = {}
    open_positions: list[Row] = []
    order_ids = set(order_ids)
    if decision_id is not None:
        for step in await _decision_steps(reader, run, decision_id):
            steps[step.seq, step.what] = step
        asked = await _of_run(reader, run, "SELECT order_id FROM orders", "decision_id = :id", decision_id)
        order_ids |= {row["order_id"] for row in asked}
        order_ids |= await _closing_orders(reader, run, decision_id)
        open_positions = await _of_run(
            reader, run, "SELECT * FROM positions_readable", "decision_id = :id", decision_id
        )
    order_ids |= await _children(reader, run, order_ids)
    for order_id in sorted(order_ids):
        for step in await _order_steps(reader, run, order_id):
            steps[step.seq, step.what] = step
    in_order = sorted(steps.values(), key=lambda step: (step.seq, _WHAT.index(step.what)))
    return tuple(in_order), tuple(open_positions)


async def _decision_steps(reader: JournalReader, run: str, decision_id: int) -> list[TrailStep]:
    (decision,) = await _of_run(
        reader,
        run,
        "SELECT d.*, r.view_hash FROM decisions AS d LEFT JOIN competition_rounds AS r USING (run_id, round)",
        "decision_id = :id",
        decision_id,
    )
    targets = await reader.targets(run, [decision_id])
    decision["targets"] = targets.get(decision_id, [])
    trades = await _of_run(reader, run, "SELECT * FROM trades_readable", "decision_id = :id", decision_id)
    return [_step("decision", decision), *(_step("trade", trade) for trade in trades)]


async def _closing_orders(reader: JournalReader, run: str, decision_id: int) -> set[int]:
    """The orders that ended what a decision opened, whoever asked for them."""
    found = await reader.query(
        "SELECT f.order_id FROM trades AS t JOIN fills AS f"
        " ON f.run_id = t.run_id AND f.fill_id = t.closing_fill_id"
        " WHERE t.run_id = :run AND t.decision_id = :id",
        {"run": run, "id": decision_id},
    )
    return {row["order_id"] for row in found}


async def _children(reader: JournalReader, run: str, order_ids: set[int]) -> set[int]:
    """The orders that protect others or are split from them."""
    found = await reader.query(
        "SELECT order_id FROM orders"
        " WHERE run_id = :run AND parent_id IN (SELECT value FROM json_each(:ids))",
        {"run": run, "ids": json.dumps(sorted(order_ids))},
    )
    return {row["order_id"] for row in found}


async def _order_steps(reader: JournalReader, run: str, order_id: int) -> list[TrailStep]:
    """An order's life, its fills and the trades they closed."""
    fills = await _of_run(reader, run, "SELECT * FROM fills_readable", "order_id = :id", order_id)
    sources = {
        "order": await _of_run(reader, run, "SELECT * FROM orders_readable", "order_id = :id", order_id),
        "lifecycle": await _of_run(
            reader, run, "SELECT * FROM order_lifecycle_events_readable", "order_id = :id", order_id
        ),
        "fill": fills,
    }
    steps = [_step(what, row) for what, found in sources.items() for row in found]
    for fill in fills:
        trades = await _of_run(
            reader, run, "SELECT * FROM trades_readable", "closing_fill_id = :id", fill["fill_id"]
        )
        steps += [_step("trade", trade) for trade in trades]
    return steps


async def _of_run(
    reader: JournalReader, run: str, select: str, condition: str, number: int
) -> list[dict[str, Any]]:
    return await reader.query(f"{select} WHERE run_id = :run AND {condition}", {"run": run, "id": number})


def _step(what: str, row: Row) -> TrailStep:
    facts = {name: value for name, value in row.items() if name not in {"seq", "ts_ms", "run_id"}}
    return TrailStep(seq=row["seq"], ts_ms=row["ts_ms"], what=what, facts=facts)
