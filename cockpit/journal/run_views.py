"""Runs, told from the journal alone: how each went and who led, and what every agent of one did in it.

Everything a row says of money is in units of its run's quote currency, but what models cost is US dollars.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cockpit.domain.formats import time_of
from cockpit.domain.ranks import ranks_of
from cockpit.journal.agent_views import read_agent_figures, read_controls
from cockpit.journal.views import JournalReader, Row
from cockpit.strategies.buy_and_hold import BuyAndHold

# Decisions and calls are numbered from 1 within their run, so the last number says how many there are.
_COUNTS = (
    "SELECT run.run_id, run.finished_ms,"
    " (SELECT max(decision_id) FROM decisions AS made WHERE made.run_id = run.run_id) AS decisions,"
    " (SELECT count(*) FROM decision_failures AS failed WHERE failed.run_id = run.run_id) AS failures,"
    " (SELECT max(call_id) FROM llm_calls AS call WHERE call.run_id = run.run_id) AS calls"
    " FROM competition_runs AS run WHERE run.run_id IN (SELECT value FROM json_each(:runs))"
)
_COSTS = (
    "SELECT run_id, sum(cost_micros IS NULL) AS unpriced_calls, sum(cost_micros) / 1000000.0 AS cost_at_least"
    " FROM llm_calls WHERE run_id IN (SELECT value FROM json_each(:runs)) GROUP BY run_id"
)
# A process that takes up a run says so right after the run's beginning and the capital of its agents.
_STARTS = (
    "SELECT run.run_id, (SELECT json_extract(payload, '$.wall_ms') FROM events"
    " WHERE events.seq > run.seq AND events.seq <= run.seq + 1000 AND events.run_id = run.run_id"
    " AND kind = 'bot_started' ORDER BY seq LIMIT 1) AS began_ms"
    " FROM competition_runs AS run WHERE run.run_id IN (SELECT value FROM json_each(:runs))"
)
# Who can't take part is grounded right after the run's beginning as well.
_STANDINGS = (
    "SELECT entry.run_id, entry.agent, capital_micros, equity_micros, score.ts_ms,"
    " NOT EXISTS (SELECT 1 FROM decisions AS made"
    " WHERE made.run_id = entry.run_id AND made.agent = entry.agent)"
    " AND NOT EXISTS (SELECT 1 FROM decision_failures AS failed"
    " WHERE failed.run_id = entry.run_id AND failed.agent = entry.agent)"
    " AND EXISTS (SELECT 1 FROM events WHERE events.seq > run.seq AND events.seq <= run.seq + 1000"
    " AND events.run_id = entry.run_id AND events.kind = 'agent_grounded'"
    " AND json_extract(payload, '$.agent') = entry.agent"
    " AND json_extract(payload, '$.reason') <> '') AS is_grounded"
    " FROM contestants AS entry"
    " JOIN competition_runs AS run ON run.run_id = entry.run_id"
    " LEFT JOIN balances AS held ON held.run_id = entry.run_id AND held.agent = entry.agent"
    " LEFT JOIN competition_scores AS score ON score.run_id = entry.run_id AND score.agent = entry.agent"
    " AND score.round = (SELECT max(round) FROM competition_scores WHERE run_id = entry.run_id)"
    " WHERE entry.run_id IN (SELECT value FROM json_each(:runs)) ORDER BY entry.run_id, entry.place"
)


async def read_runs(reader: JournalReader, limit: int = 100) -> list[Row]:
    """The newest runs, newest first, each with how long it lasted, who led and what deciding came to.

    Raises:
        JournalUnavailable, JournalCorrupt: If the journal can't be read.
    """
    runs = await reader.runs(limit)
    facts = await _facts(reader, [row["run_id"] for row in runs])
    return [row | facts.summary(row) for row in runs]


async def read_run(reader: JournalReader, run_id: str | None = None) -> Row:
    """One run like those of `read_runs`, with its `instruments`, and of its `contestants` each one's
    standing and what it did.

    Raises:
        UnknownIdent: If the journal has no such run.
        JournalUnavailable, JournalCorrupt: If it can't be read.
    """
    run = await reader.run(run_id)
    name = run["run_id"]
    facts = await _facts(reader, [name])
    figures = await read_agent_figures(reader, name)
    contestants = [
        each | figures[each["agent"]] | standing
        for each, standing in zip(run["contestants"], facts.standings[name], strict=True)
    ]
    return run | facts.summary(run) | {"contestants": contestants}


class _Facts:
    """What is known of some runs besides their own rows, by run."""

    def __init__(self, runs: Iterable[str]) -> None:
        names = list(runs)
        self.standings: dict[str, list[Row]] = {name: [] for name in names}
        self.controls: dict[str, set[str]] = {name: set() for name in names}
        self.counts: dict[str, Row] = {}
        self.costs: dict[str, Row] = {}
        self.began_ms: dict[str, int | None] = {}
        self.latest_ms: dict[str, int] = {}

    def summary(self, run: Mapping[str, Any]) -> Row:
        """What `read_runs` adds to a run."""
        name = run["run_id"]
        counts, began_ms = self.counts[name], self.began_ms[name]
        calls = counts["calls"] or 0
        cost = self.costs.get(name, {})
        standings = self.standings[name]
        leader = _best(standings, {each["agent"] for each in standings})
        control = _best(standings, _measures(self.controls[name]))
        return {
            "began_time": None if began_ms is None else time_of(began_ms),
            "lasted_s": (self._end_ms(name, run["start_ms"]) - run["start_ms"]) / 1000,
            "agents": len(standings),
            "leader": leader.get("agent"),
            "leader_return_percent": leader.get("return_percent"),
            "control": control.get("agent"),
            "control_return_percent": control.get("return_percent"),
            "decisions": counts["decisions"] or 0,
            "failures": counts["failures"],
            "calls": calls,
            "unpriced_calls": cost.get("unpriced_calls", 0),
            "cost_at_least": cost.get("cost_at_least"),
        }

    def _end_ms(self, name: str, start_ms: int) -> int:
        """When it was over; of one that isn't, when its last round closed."""
        finished: int | None = self.counts[name]["finished_ms"]
        return self.latest_ms.get(name, start_ms) if finished is None else finished


async def _facts(reader: JournalReader, runs: Sequence[str]) -> _Facts:
    facts, named = _Facts(runs), {"runs": json.dumps(runs)}
    facts.counts = {row["run_id"]: row for row in await reader.query(_COUNTS, named)}
    facts.costs = {row["run_id"]: row for row in await reader.query(_COSTS, named)}
    facts.began_ms = {row["run_id"]: row["began_ms"] for row in await reader.query(_STARTS, named)}
    facts.controls |= await read_controls(reader, runs)
    found = await reader.query(_STANDINGS, named)
    ranks = {name: _ranks([row for row in found if row["run_id"] == name]) for name in runs}
    for row in found:
        if row["ts_ms"] is not None:
            facts.latest_ms[row["run_id"]] = row["ts_ms"]
        rank = ranks[row["run_id"]].get(row["agent"])
        facts.standings[row["run_id"]].append(_standing(row, rank))
    return facts


def _standing(row: Row, rank: int | None) -> Row:
    """An agent's equity at the end of the run's last round, and what that is of its capital."""
    capital, equity = row["capital_micros"], row["equity_micros"]
    is_known = equity is not None and bool(capital)
    return {
        "agent": row["agent"],
        "rank": rank,
        "equity": None if equity is None else equity / 1_000_000,
        "pnl": (equity - capital) / 1_000_000 if is_known else None,
        "return_percent": 100 * (equity - capital) / capital if is_known else None,
    }


def _ranks(rows: Iterable[Row]) -> dict[str, int]:
    """By equity as on the leaderboard, at the close of a round, of those who could take part."""
    return ranks_of(
        {
            each["agent"]: each["equity_micros"]
            for each in rows
            if each["equity_micros"] is not None and not each["is_grounded"]
        }
    )


def _best(standings: Sequence[Row], among: set[str]) -> Row:
    """The first of those who lead, in start-list order; empty where nobody has a standing."""
    ranked = [each for each in standings if each["rank"] is not None and each["agent"] in among]
    return min(ranked, key=lambda each: each["rank"]) if ranked else {}


def _measures(controls: set[str]) -> set[str]:
    """The control that others are measured by: buy & hold where it competes, else any."""
    return controls & {BuyAndHold.name} or controls
