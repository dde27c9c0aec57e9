"""What every agent of a run did, from the journal alone: how it decided, asked, traded and was refused.

Figures of a stretch of market time begin at the last row before it, which is found from the newest row
backwards: what lies before is not read through.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cockpit.journal.views import JournalReader, Row

FOREVER_MS = 2**62
LAST_WORDS = 8
"""Coins of an agent's last word that are told."""

_BASES = {
    "decision": "SELECT decision_id FROM decisions WHERE run_id = :run AND ts_ms <= :start_ms"
    " ORDER BY decision_id DESC LIMIT 1",
    "order": "SELECT order_id FROM orders WHERE run_id = :run AND created_ms <= :start_ms"
    " ORDER BY order_id DESC LIMIT 1",
    "denial": "SELECT seq FROM risk_events WHERE run_id = :run AND ts_ms <= :start_ms"
    " ORDER BY seq DESC LIMIT 1",
}
"""What a stretch begins after → the statement that finds it."""

_CONTROLS = (
    "SELECT run.run_id, json_extract(contestant.value, '$.name') AS agent FROM competition_runs AS run"
    " JOIN events ON events.seq = run.seq, json_each(events.payload, '$.contestants') AS contestant"
    " WHERE run.run_id IN (SELECT value FROM json_each(:runs))"
    " AND json_extract(contestant.value, '$.is_control')"
)
_DECIDED = (
    "SELECT agent, count(*) AS decisions FROM decisions"
    " WHERE run_id = :run AND decision_id > :decision AND ts_ms <= :end_ms GROUP BY agent"
)
_FAILED = (
    "SELECT agent, failure AS word, count(*) AS count FROM decision_failures"
    " WHERE run_id = :run AND ts_ms > :start_ms AND ts_ms <= :end_ms GROUP BY agent, failure ORDER BY 1, 2"
)
_REFUSED = (
    "SELECT agent, count(*) AS refusals FROM decision_refusals AS refused"
    " JOIN decisions AS made ON made.run_id = refused.run_id AND made.decision_id = refused.decision_id"
    " WHERE refused.run_id = :run AND refused.decision_id > :decision AND made.ts_ms <= :end_ms"
    " GROUP BY agent"
)
_ORDERED = (
    "SELECT agent, count(*) AS orders FROM orders"
    " WHERE run_id = :run AND order_id > :order AND created_ms <= :end_ms GROUP BY agent"
)
_DENIED = (
    "SELECT scope AS agent, rule AS word, count(*) AS count FROM risk_events"
    " WHERE run_id = :run AND seq > :denial AND ts_ms <= :end_ms AND kind = 'order_denied'"
    " GROUP BY scope, rule ORDER BY 1, 2"
)
_SKIPPED = (
    "SELECT agent, count(*) AS skipped FROM skipped_rounds"
    " WHERE run_id = :run AND ts_ms > :start_ms AND ts_ms <= :end_ms GROUP BY agent"
)
# The plus keeps SQLite from the index by round, in whose order it would read every prompt.
_CALLED = (
    "SELECT agent, count(*) AS calls, sum(fault <> '') AS failed_calls,"
    " sum(cost_micros IS NULL) AS unpriced_calls, sum(cost_micros) / 1000000.0 AS cost_at_least"
    " FROM llm_calls WHERE run_id = :run GROUP BY +agent"
)
_TRADED = (
    "SELECT agent, count(*) AS trades, sum(pnl_micros > 0) AS wins FROM trades"
    " WHERE run_id = :run GROUP BY agent"
)
_ESCALATED = (
    "SELECT agent, count(*) AS escalations, sum(changed = 1) AS changed FROM escalations"
    " WHERE run_id = :run GROUP BY agent"
)
_DEBATED = (
    "SELECT agent, count(*) AS debates FROM debate_sessions WHERE run_id = :run AND asked = 0 GROUP BY agent"
)
_TOOLS = (
    "SELECT agent, tool.value AS word, count(*) AS count FROM debate_sessions AS held"
    " JOIN debate_messages AS said ON said.run_id = held.run_id AND said.debate_id = held.debate_id,"
    " json_each(said.tools) AS tool WHERE held.run_id = :run GROUP BY agent, tool.value ORDER BY 1, 2"
)
# Looked for from each agent's newest decision backwards.
_LAST_WORDS = (
    "SELECT made.agent, made.decision_id, made.ts_ms AS last_word_ms FROM contestants AS entry"
    " JOIN decisions AS made ON made.run_id = entry.run_id AND made.decision_id = ("
    "SELECT own.decision_id FROM decisions AS own WHERE own.run_id = entry.run_id AND own.agent = entry.agent"
    " AND EXISTS (SELECT 1 FROM decision_targets AS target"
    " WHERE target.run_id = own.run_id AND target.decision_id = own.decision_id)"
    " ORDER BY own.round DESC, own.decision_id DESC LIMIT 1) WHERE entry.run_id = :run"
)
_NOTHING: Mapping[str, Any] = {
    "decisions": 0,
    "refusals": 0,
    "orders": 0,
    "skipped": 0,
}
_NOTHING_IN_A_RUN: Mapping[str, Any] = {
    "calls": 0,
    "failed_calls": 0,
    "unpriced_calls": 0,
    "cost_at_least": None,
    "trades": 0,
    "wins": 0,
    "escalations": 0,
    "changed": 0,
    "debates": 0,
    "last_word_ms": None,
}


async def read_controls(reader: JournalReader, runs: Sequence[str]) -> dict[str, set[str]]:
    """The agents of each run that show what luck, the market or doing nothing would have earned.

    Raises:
        JournalUnavailable, JournalCorrupt: If the journal can't be read.
    """
    controls: dict[str, set[str]] = {name: set() for name in runs}
    for row in await reader.query(_CONTROLS, {"runs": json.dumps(runs)}):
        controls[row["run_id"]].add(row["agent"])
    return controls


async def read_reliability(
    reader: JournalReader, run_id: str, start_ms: int = -1, end_ms: int = FOREVER_MS
) -> dict[str, Row]:
    """How often each agent decided, failed to, was refused parts of its answers, or denied orders.

    Args:
        reader: Of the journal.
        run_id: Which run.
        start_ms: Only what came after this market time; the whole run unless given.
        end_ms: Up to this one.

    Returns:
        By agent, in start-list order: ``is_control``, ``decisions``, ``refusals``, ``orders``, ``skipped``,
        and how often by kind or rule ``failures`` and ``denials``.

    Raises:
        JournalUnavailable, JournalCorrupt: If the journal can't be read.
    """
    bounds: dict[str, Any] = {"run": run_id, "start_ms": start_ms, "end_ms": end_ms}
    for name, statement in _BASES.items():
        found = await reader.query(statement, bounds)
        bounds[name] = next(iter(found[0].values())) if found else 0
    controls = (await read_controls(reader, [run_id]))[run_id]
    entries = await reader.query("SELECT agent FROM contestants WHERE run_id = :run ORDER BY place", bounds)
    rows: dict[str, Row] = {
        each["agent"]: {**_NOTHING, "is_control": each["agent"] in controls, "failures": {}, "denials": {}}
        for each in entries
    }
    for statement in (_DECIDED, _REFUSED, _ORDERED, _SKIPPED):
        _add_figures(rows, await reader.query(statement, bounds))
    _add_counts(rows, "failures", await reader.query(_FAILED, bounds))
    _add_counts(rows, "denials", await reader.query(_DENIED, bounds))
    return rows


async def read_agent_figures(reader: JournalReader, run_id: str) -> dict[str, Row]:
    """What each agent did in a whole run: its reliability, questions to models, trades, debates, last words.

    Returns:
        By agent, in start-list order; ``tools`` is how often by name, ``last_words`` what it
        wanted of each coin and why when it last wanted anything, at ``last_word_ms`` of market time.

    Raises:
        JournalUnavailable, JournalCorrupt: If the journal can't be read.
    """
    rows, run = await read_reliability(reader, run_id), {"run": run_id}
    for row in rows.values():
        row |= {**_NOTHING_IN_A_RUN, "tools": {}, "last_words": []}
    for statement in (_CALLED, _TRADED, _ESCALATED, _DEBATED):
        _add_figures(rows, await reader.query(statement, run))
    _add_counts(rows, "tools", await reader.query(_TOOLS, run))
    last = {each.pop("decision_id"): each for each in await reader.query(_LAST_WORDS, run)}
    _add_figures(rows, last.values())
    targets = await reader.targets(run_id, list(last))
    for decision_id, words in targets.items():
        rows[last[decision_id]["agent"]]["last_words"] = words[:LAST_WORDS]
    return rows


def _add_figures(rows: Mapping[str, Row], found: Any) -> None:
    for each in found:
        if each["agent"] in rows:
            rows[each["agent"]] |= each


def _add_counts(rows: Mapping[str, Row], name: str, found: list[Row]) -> None:
    """Counts by a word; what an agent is denied under no rule counts as ``other``."""
    for each in found:
        if each["agent"] in rows:
            rows[each["agent"]][name][each["word"] or "other"] = each["count"]
