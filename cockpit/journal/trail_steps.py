"""The steps of a trail, read from the journal's tables in plain units."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cockpit.journal.sql_functions import quantity
from cockpit.journal.trail_scope import Life, Scope
from cockpit.journal.views import JournalReader, Row

STEPS = ("decision", "risk", "order", "fill", "lifecycle", "funding", "trade")
"""What a step can be; where several come of one event, in this order."""

_TOUCHING = ("breaker_tripped", "kill_switch_set", "trading_mode_set", "emergency_advanced")
"""What stops an agent or the arena while it holds a position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailStep:
    """One thing that happened.

    Attributes:
        seq: Its place in the journal.
        ts_ms: Market time, UTC milliseconds.
        what: One of `STEPS`.
        asked: Whether it is what the trail was asked for.
        facts: In plain units, by name.
    """

    seq: int
    ts_ms: int
    what: str
    asked: bool
    facts: Row


async def steps_of(
    reader: JournalReader, run: str, scope: Scope, kind: str, number: int
) -> tuple[TrailStep, ...]:
    """Everything that happened to what belongs to a trail, in the journal's order.

    Args:
        reader: Of the journal.
        run: Its name.
        scope: What belongs to the trail.
        kind: What was asked for: ``decision``, ``order`` or ``fill``.
        number: Which.
    """
    teller = _Teller(reader, run)
    found = {
        "decision": await teller.decisions(scope),
        "order": await teller.orders(scope.order_ids),
        "lifecycle": await teller.lifecycle(scope.order_ids),
        "fill": await teller.fills(scope),
        "risk": await teller.risks(scope),
        "funding": [row for life in scope.lives for row in await teller.funding(life)],
        "trade": await teller.trades(scope.lives),
    }
    steps = {
        (row["seq"], what, row.get("order_id")): _step(
            what, row, kind == what and row[f"{kind}_id"] == number
        )
        for what, rows in found.items()
        for row in rows
    }
    return tuple(sorted(steps.values(), key=lambda step: (step.seq, STEPS.index(step.what))))


def _step(what: str, row: Row, asked: bool) -> TrailStep:
    facts = {name: value for name, value in row.items() if name not in {"seq", "ts_ms", "run_id"}}
    return TrailStep(seq=row["seq"], ts_ms=row["ts_ms"], what=what, asked=asked, facts=facts)


class _Teller:
    """Reads the rows of one run."""

    def __init__(self, reader: JournalReader, run: str) -> None:
        self._reader = reader
        self._run = run

    async def decisions(self, scope: Scope) -> list[Row]:
        """Decisions with the view they were made on, and with what each target led to."""
        found = await self._among(
            "SELECT d.*, r.view_hash FROM decisions AS d"
            " LEFT JOIN competition_rounds AS r USING (run_id, round)",
            "decision_id",
            scope.decision_ids,
        )
        targets = await self._reader.targets(self._run, list(scope.decision_ids))
        for decision in found:
            decision["targets"] = [
                target | await self._allocation(decision, target["symbol"])
                for target in targets.get(decision["decision_id"], [])
                if scope.symbols is None or target["symbol"] in scope.symbols
            ]
        return found

    async def _allocation(self, decision: Row, symbol: str) -> Row:
        """What was held when it was decided, what it ordered, and what it would hold with that."""
        (found,) = await self._reader.query(
            "SELECT lot_size, tick_size,"
            " coalesce((SELECT signed_lots FROM position_snapshots WHERE run_id = :run AND agent = :agent"
            " AND symbol = :symbol AND seq < :seq ORDER BY seq DESC LIMIT 1), 0) AS held,"
            " (SELECT coalesce(sum(iif(o.side = 'buy', e.lots, -e.lots)), 0)"
            " FROM orders AS o JOIN order_lifecycle_events AS e"
            " ON e.run_id = o.run_id AND e.order_id = o.order_id AND e.seq = o.seq"
            " WHERE o.run_id = :run AND o.decision_id = :decision AND o.symbol = :symbol"
            " AND o.purpose = 'rebalance' AND o.strategy IS NULL) AS ordered"
            " FROM instruments WHERE run_id = :run AND symbol = :symbol",
            {
                "run": self._run,
                "agent": decision["agent"],
                "symbol": symbol,
                "seq": decision["seq"],
                "decision": decision["decision_id"],
            },
        )
        held, ordered, lot_size = found["held"], found["ordered"], found["lot_size"]
        return {
            "tick_size": found["tick_size"],
            "held_quantity": quantity(held, lot_size),
            "ordered_quantity": quantity(ordered, lot_size),
            "wanted_quantity": quantity(held + ordered, lot_size),
        }

    async def orders(self, order_ids: tuple[int, ...]) -> list[Row]:
        """Orders as they were asked for and as they stand now, with risk's verdict on each."""
        found = await self._among("SELECT * FROM orders_readable", "order_id", order_ids)
        moves: dict[int, list[Row]] = {}
        for move in await self.lifecycle(order_ids):
            moves.setdefault(move["order_id"], []).append(move)
        return [row | _as_asked(*moves[row["order_id"]]) for row in found]

    async def lifecycle(self, order_ids: tuple[int, ...]) -> list[Row]:
        """Every step of the orders' lives, the oldest first."""
        return await self._among("SELECT * FROM order_lifecycle_events_readable", "order_id", order_ids)

    async def fills(self, scope: Scope) -> list[Row]:
        """Fills, each with the position as it left it."""
        found = await self._among("SELECT * FROM fills_readable", "order_id", scope.order_ids)
        after = {
            row["fill_id"]: {
                "position_quantity": row["signed_quantity"],
                "position_entry_price": row["entry_price"],
                "position_realized": row["realized"],
                "tick_size": row["tick_size"],
            }
            for row in await self._among(
                _with_tick_size("position_snapshots_readable"), "fill_id", [row["fill_id"] for row in found]
            )
        }
        positions = {life.opening_fill_id for life in scope.lives}
        return [
            row | after[row["fill_id"]]
            for row in found
            if not positions or row["position_fill_id"] in positions or row["fill_id"] in positions
        ]

    async def risks(self, scope: Scope) -> list[Row]:
        """What stopped the agent or the arena while it held, took something away, or was refused."""
        found = await self._among(
            "SELECT * FROM risk_events_readable", "order_id", scope.order_ids, "AND kind = 'report_refused'"
        )
        for life in scope.lives:
            found += await self._reader.query(
                "SELECT * FROM risk_events_readable WHERE run_id = :run AND seq > :opened"
                " AND ((:closed IS NULL OR seq < :closed) AND ("
                " kind IN (SELECT value FROM json_each(:touching)) AND scope IN (:agent, 'arena')"
                " OR kind = 'margin_exhausted' AND scope = :agent AND symbol = :symbol)"
                " OR kind = 'shortfall_covered' AND scope = :agent AND seq > :closed AND ts_ms = :closed_ms)",
                _bounds(self._run, life) | {"touching": json.dumps(_TOUCHING), "closed_ms": life.closed_ms},
            )
        return found

    async def funding(self, life: Life) -> list[Row]:
        """What a position paid and received."""
        return await self._reader.query(
            "SELECT * FROM funding_payments_readable WHERE run_id = :run AND agent = :agent"
            " AND symbol = :symbol AND seq > :opened AND (:closed IS NULL OR seq < :closed)",
            _bounds(self._run, life),
        )

    async def trades(self, lives: tuple[Life, ...]) -> list[Row]:
        """The round trips that positions became."""
        openings = [life.opening_fill_id for life in lives]
        return await self._among(_with_tick_size("trades_readable"), "opening_fill_id", openings)

    async def _among(
        self, select: str, column: str, ids: Iterable[int], condition: str = ""
    ) -> list[dict[str, Any]]:
        among = f"{column} IN (SELECT value FROM json_each(:ids))"  # noqa: S608 - our own names
        return await self._reader.query(
            f"{select} WHERE run_id = :run AND {among} {condition} ORDER BY seq",
            {"run": self._run, "ids": json.dumps(sorted(ids))},
        )


def _with_tick_size(view: str) -> str:
    """Selects a view's rows, each with its instrument's smallest price step: mean prices are told by it."""
    return f"SELECT v.*, tick_size FROM {view} AS v JOIN instruments USING (run_id, symbol)"  # noqa: S608 - our own names


def _bounds(run: str, life: Life) -> dict[str, Any]:
    return {
        "run": run,
        "agent": life.agent,
        "symbol": life.symbol,
        "opened": life.opened_seq,
        "closed": life.closed_seq,
    }


def _as_asked(created: Row, *moves: Row) -> Row:
    """What an order asked for at first, before any amendment, and what was said of it."""
    asked = {name: created[name] for name in ("quantity", "trigger_price", "limit_price")}
    return asked | {"risk": _verdict(moves[0]) if moves else None}


_VERDICTS = {"denied": "denied", "held": "held"}


def _verdict(move: Row) -> Row:
    """What the risk gate and the kill switch said of an order: its first move says it."""
    return {
        "verdict": _VERDICTS.get(move["status_after"], "passed"),
        "rule": move["rule"],
        "value": move["value"],
        "limit": move["limit_value"],
        "reason": move["reason"] if move["status_after"] in _VERDICTS else "",
    }
