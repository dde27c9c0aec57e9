"""What belongs to the trail of a decision, order or fill: whole positions, and all that touched them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from cockpit.journal.views import JournalReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A position from the fill that opened it to the end.

    Attributes:
        opening_fill_id: Names it.
        opened_seq: The event of that fill.
        closed_seq: The event of the round trip it became; None while it is open.
        closed_ms: Market time of that event.
    """

    opening_fill_id: int
    agent: str
    symbol: str
    opened_seq: int
    closed_seq: int | None
    closed_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a trail is made of.

    Attributes:
        order_ids: In order.
        decision_ids: In order; of what was asked for and of every order.
        lives: Of the positions, in the order they were opened.
        symbols: What of the decisions matters; None: all.
    """

    order_ids: tuple[int, ...]
    decision_ids: tuple[int, ...]
    lives: tuple[Life, ...]
    symbols: tuple[str, ...] | None


async def scope_of(reader: JournalReader, run: str, kind: str, number: int) -> Scope:
    """What belongs to a decision, or to the trade of an order or fill.

    Args:
        reader: Of the journal.
        run: Its name.
        kind: ``decision``, ``order`` or ``fill``.
        number: Which; the run has it.
    """
    finder = _Finder(reader, run)
    roots = await finder.family(await finder.roots(kind, number))
    fills = [number] if kind == "fill" else await finder.fills_of(roots)
    positions = await finder.positions_of(fills) | await finder.held_at_creation(roots)
    if not positions:
        roots |= await finder.parents(roots)
        positions = await finder.positions_of(await finder.fills_of(roots))
    lives = await finder.lives(positions)
    order_ids = roots | await finder.guards_of(roots)
    for life in lives:
        order_ids |= await finder.orders_in(life)
    order_ids = await finder.family(order_ids)
    decisions, symbols = await finder.decisions_of(order_ids)
    return Scope(
        order_ids=tuple(sorted(order_ids)),
        decision_ids=tuple(sorted(decisions | ({number} if kind == "decision" else set()))),
        lives=lives,
        symbols=None if kind == "decision" else tuple(sorted(symbols)),
    )


class _Finder:
    """Looks up ids in one run."""

    def __init__(self, reader: JournalReader, run: str) -> None:
        self._reader = reader
        self._run = run

    async def roots(self, kind: str, number: int) -> set[int]:
        """The orders that an identifier stands for."""
        if kind == "decision":
            return await self._ids(
                "SELECT order_id FROM orders WHERE run_id = :run AND decision_id = :id", number
            )
        if kind == "fill":
            return await self._ids("SELECT order_id FROM fills WHERE run_id = :run AND fill_id = :id", number)
        return {number}

    async def family(self, order_ids: set[int]) -> set[int]:
        """Orders with the sums they are shares of, and with all shares of those."""
        parents = await self._ids(
            "SELECT p.order_id FROM orders AS c JOIN orders AS p"
            " ON p.run_id = c.run_id AND p.order_id = c.parent_id AND p.is_split = 1"
            " WHERE c.run_id = :run AND c.order_id IN (SELECT value FROM json_each(:ids))",
            order_ids,
        )
        shares = await self._ids(
            "SELECT c.order_id FROM orders AS p JOIN orders AS c"
            " ON c.run_id = p.run_id AND c.parent_id = p.order_id"
            " WHERE p.run_id = :run AND p.is_split = 1 AND p.order_id IN (SELECT value FROM json_each(:ids))",
            order_ids | parents,
        )
        return order_ids | parents | shares

    async def fills_of(self, order_ids: set[int]) -> set[int]:
        """The fills of some orders."""
        return await self._ids(
            "SELECT fill_id FROM fills WHERE run_id = :run"
            " AND order_id IN (SELECT value FROM json_each(:ids))",
            order_ids,
        )

    async def positions_of(self, fill_ids: Iterable[int]) -> set[int]:
        """The positions that some fills met, and those they opened."""
        return await self._ids(
            "SELECT position_fill_id FROM fills WHERE run_id = :run"
            " AND fill_id IN (SELECT value FROM json_each(:ids))"
            " UNION SELECT opening_fill_id FROM position_snapshots WHERE run_id = :run"
            " AND fill_id IN (SELECT value FROM json_each(:ids))",
            fill_ids,
        )

    async def held_at_creation(self, order_ids: set[int]) -> set[int]:
        """The positions that orders without a fill were to guard or end."""
        return await self._ids(
            "SELECT p.opening_fill_id FROM orders AS o JOIN position_snapshots AS p"
            " ON p.run_id = o.run_id AND p.agent = o.agent AND p.symbol = o.symbol"
            " AND p.seq = (SELECT max(q.seq) FROM position_snapshots AS q"
            " WHERE q.run_id = o.run_id AND q.agent = o.agent AND q.symbol = o.symbol AND q.seq < o.seq)"
            " WHERE o.run_id = :run AND o.order_id IN (SELECT value FROM json_each(:ids))"
            " AND p.signed_lots != 0 AND o.filled_lots = 0"
            " AND (o.reduce_only = 1 OR o.purpose != 'rebalance')",
            order_ids,
        )

    async def parents(self, order_ids: set[int]) -> set[int]:
        """The orders that some are to guard, once those are filled."""
        return await self._ids(
            "SELECT parent_id FROM orders WHERE run_id = :run AND parent_id IS NOT NULL"
            " AND order_id IN (SELECT value FROM json_each(:ids))",
            order_ids,
        )

    async def guards_of(self, order_ids: set[int]) -> set[int]:
        """The orders that guard what some open."""
        return await self._ids(
            "SELECT order_id FROM orders WHERE run_id = :run"
            " AND parent_id IN (SELECT value FROM json_each(:ids))",
            order_ids,
        )

    async def lives(self, positions: set[int]) -> tuple[Life, ...]:
        """Positions, from the fill that opened each."""
        found = await self._reader.query(
            "SELECT f.fill_id AS opening_fill_id, f.agent, f.symbol, f.seq AS opened_seq,"
            " t.seq AS closed_seq, e.ts_ms AS closed_ms FROM fills AS f"
            " LEFT JOIN trades AS t ON t.run_id = f.run_id AND t.opening_fill_id = f.fill_id"
            " LEFT JOIN events AS e ON e.seq = t.seq"
            " WHERE f.run_id = :run AND f.fill_id IN (SELECT value FROM json_each(:ids)) ORDER BY f.fill_id",
            {"run": self._run, "ids": json.dumps(sorted(positions))},
        )
        return tuple(Life(**row) for row in found)

    async def orders_in(self, life: Life) -> set[int]:
        """The orders that filled a position, and those that were to guard or end it."""
        found = await self._reader.query(
            "SELECT order_id FROM fills WHERE run_id = :run"
            " AND (position_fill_id = :position OR fill_id = :position)"
            " UNION SELECT order_id FROM orders WHERE run_id = :run AND agent = :agent AND symbol = :symbol"
            " AND seq > :opened AND (:closed IS NULL OR seq < :closed)"
            " AND (reduce_only = 1 OR purpose != 'rebalance')",
            {
                "run": self._run,
                "position": life.opening_fill_id,
                "agent": life.agent,
                "symbol": life.symbol,
                "opened": life.opened_seq,
                "closed": life.closed_seq,
            },
        )
        return {row["order_id"] for row in found}

    async def decisions_of(self, order_ids: set[int]) -> tuple[set[int], set[str]]:
        """The decisions behind some orders, and what those are on."""
        found = await self._reader.query(
            "SELECT DISTINCT decision_id, symbol FROM orders WHERE run_id = :run"
            " AND order_id IN (SELECT value FROM json_each(:ids))",
            {"run": self._run, "ids": json.dumps(sorted(order_ids))},
        )
        decisions = {row["decision_id"] for row in found if row["decision_id"] is not None}
        return decisions, {row["symbol"] for row in found}

    async def _ids(self, statement: str, ids: int | Iterable[int]) -> set[int]:
        number, several = (ids, ()) if isinstance(ids, int) else (None, ids)
        named = {"run": self._run, "id": number, "ids": json.dumps(sorted(several))}
        used = {name: value for name, value in named.items() if f":{name}" in statement}
        return {int(next(iter(row.values()))) for row in await self._reader.query(statement, used)}
