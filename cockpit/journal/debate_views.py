"""Debates as the journal tells people: what was said, what it cost, what it led to, what became of it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cockpit.domain.debates import JUDGE, SHADOW
from cockpit.journal.errors import UnknownIdent
from cockpit.journal.views import JournalReader, Row

_REPAIR = "repair"
"""The role of a call that mends the form of an answer; in a debate only the judge's is mended."""

# A debate that somebody asked for names its calls; those of a round's are its agent's calls of that round.
_ITS_CALLS = (
    "c.run_id = s.run_id AND c.agent = s.agent AND c.round = s.round"
    " AND c.debate_id IS iif(s.asked, s.debate_id, NULL)"
)
_LINE = (
    "SELECT s.run_id, s.debate_id, s.seq, s.ts_ms,"
    " strftime('%Y-%m-%dT%H:%M:%fZ', s.ts_ms / 1000.0, 'unixepoch') AS time, s.agent, s.round, s.symbols,"
    ' s.asked, s."by", (s.execute OR NOT s.asked) AS execute, s.status, s.reason, s.decision_id,'
    " s.agreement, s.is_disagreed, s.prompt_version, s.horizon_ms / 1000.0 AS horizon_s,"
    " s.proposal, s.refused, s.checks FROM debate_sessions AS s WHERE s.run_id = :run_id"
)
_DEBATES = (
    f"{_LINE} AND (:agent IS NULL OR s.agent = :agent) AND (:before IS NULL OR s.debate_id < :before)"
    " ORDER BY s.debate_id DESC LIMIT :limit"
)
_DEBATE = f"{_LINE} AND s.debate_id = :debate_id"
_AMONG = "run_id = :run_id AND debate_id IN (SELECT value FROM json_each(:ids))"
_CONSENSUS = (
    "SELECT debate_id, symbol, stance, confidence, agreement, opinions, mark FROM debate_consensus"  # noqa: S608 - constants
    f" WHERE {_AMONG}"
)
_VERDICTS = (
    "SELECT debate_id, symbol, stance, confidence FROM debate_messages"  # noqa: S608 - constants
    f" JOIN debate_stances USING (run_id, debate_id, number) WHERE {_AMONG} AND role = '{JUDGE}'"
)
_CALLS = (
    "SELECT s.debate_id, c.call_id, c.role, c.cost_micros, c.latency_ms, c.asked_ms"  # noqa: S608 - constants
    f" FROM debate_sessions AS s JOIN llm_calls AS c ON {_ITS_CALLS}"
    " WHERE s.run_id = :run_id AND s.debate_id IN (SELECT value FROM json_each(:ids))"
    " ORDER BY s.debate_id, c.call_id"
)
_MESSAGES = (
    "SELECT number, turn, role, model, argument, signals, tools, failed, call_id FROM debate_messages"
    " WHERE run_id = :run_id AND debate_id = :debate_id ORDER BY number"
)
_STANCES = (
    "SELECT number, symbol, stance, confidence FROM debate_stances"
    " WHERE run_id = :run_id AND debate_id = :debate_id ORDER BY number, symbol"
)
_TARGETS = (
    "SELECT symbol, exposure, stop, take_profit, confidence, reason, quantity, leverage, risk, invalidation"
    " FROM decision_targets WHERE run_id = :run_id AND decision_id = :decision_id ORDER BY symbol"
)
_REFUSALS = (
    "SELECT reason FROM decision_refusals WHERE run_id = :run_id AND decision_id = :decision_id"
    " ORDER BY number"
)
_ORDERS = (
    "SELECT o.order_id, o.parent_id, o.symbol, o.kind, o.purpose, o.side, o.quantity, o.filled_quantity,"
    " o.status, e.rule, e.reason, max(e.seq) FROM orders_readable AS o JOIN order_lifecycle_events AS e"
    " ON e.run_id = o.run_id AND e.order_id = o.order_id"
    " WHERE o.run_id = :run_id AND o.decision_id = :decision_id GROUP BY o.order_id ORDER BY o.order_id"
)
_OUTCOMES = (
    "SELECT order_id, symbol, role, outcome, reason, pnl FROM ai_outcome_links_readable"
    " WHERE run_id = :run_id AND decision_id = :decision_id ORDER BY order_id"
)


async def read_debates(
    reader: JournalReader,
    limit: int,
    *,
    agent: str | None = None,
    before: int | None = None,
    run_id: str | None = None,
) -> list[Row]:
    """The latest debates of a run, newest first: what they came to and cost, without what was said.

    Args:
        reader: Of the journal.
        limit: How many at most.
        agent: Of this one only.
        before: Only those with a lower number.
        run_id: Which run; the newest unless given.

    Raises:
        UnknownIdent: If the journal has no such run.
        JournalUnavailable, JournalCorrupt: If it can't be read.
    """
    run = await reader.run_id(run_id)
    bounds = {"run_id": run, "agent": agent, "before": before, "limit": limit}
    found = await reader.query(_DEBATES, bounds)
    await _add_views(reader, run, found)
    calls = await _calls(reader, run, found)
    for row in found:
        for name in ("proposal", "refused", "checks"):
            del row[name]
        row.update(_spent(calls.get(row["debate_id"], ())))
    return found


async def read_debate(reader: JournalReader, debate_id: int, run_id: str | None = None) -> Row:
    """One debate with all that was said, the decision it led to, its orders, and what became of them.

    Raises:
        UnknownIdent: If the run has no such debate, or the journal no such run.
        JournalUnavailable, JournalCorrupt: If it can't be read.
    """
    run = await reader.run_id(run_id)
    found = await reader.query(_DEBATE, {"run_id": run, "debate_id": debate_id})
    if not found:
        raise UnknownIdent(f"run {run} has no debate {debate_id}")
    (row,) = found
    await _add_views(reader, run, found)
    calls = (await _calls(reader, run, found)).get(debate_id, [])
    messages = await _messages(reader, run, debate_id, calls)
    row |= _spent(calls)
    row["messages"] = [each for each in messages if each["role"] != SHADOW]
    row["shadow"] = next((each for each in messages if each["role"] == SHADOW), None)
    return row | await _led_to(reader, row)


async def _add_views(reader: JournalReader, run_id: str, debates: Sequence[Row]) -> None:
    """Adds what the analysts and the judge come to on each instrument, in the debate's order of them."""
    by_id = {row["debate_id"]: row for row in debates}
    for row in debates:
        row |= {"symbols": json.loads(row["symbols"]), "consensus": [], "verdict": []}
    for name, statement in (("consensus", _CONSENSUS), ("verdict", _VERDICTS)):
        for view in await reader.query(statement, _named(run_id, debates)):
            by_id[view.pop("debate_id")][name].append(view)
    for row in debates:
        for name in ("consensus", "verdict"):
            row[name].sort(key=lambda view: row["symbols"].index(view["symbol"]))


async def _calls(reader: JournalReader, run_id: str, debates: Sequence[Row]) -> dict[int, list[Row]]:
    """The model calls of some debates, by their number."""
    calls: dict[int, list[Row]] = {}
    for row in await reader.query(_CALLS, _named(run_id, debates)):
        calls.setdefault(row["debate_id"], []).append(row)
    return calls


def _named(run_id: str, debates: Sequence[Row]) -> dict[str, Any]:
    return {"run_id": run_id, "ids": json.dumps([row["debate_id"] for row in debates])}


async def _messages(reader: JournalReader, run_id: str, debate_id: int, calls: Sequence[Row]) -> list[Row]:
    named = {"run_id": run_id, "debate_id": debate_id}
    messages = {row["number"]: row for row in await reader.query(_MESSAGES, named)}
    for row in messages.values():
        row["signals"], row["tools"] = json.loads(row["signals"]), json.loads(row["tools"])
        row["stances"] = []
    for row in await reader.query(_STANCES, named):
        messages[row.pop("number")]["stances"].append(row)
    ended: dict[str, int] = {}
    for row in messages.values():
        mine = _calls_of(row, calls, ended.get(row["role"], 0))
        ended[row["role"]] = max((each["call_id"] for each in mine), default=ended.get(row["role"], 0))
        row.update(_spent(mine))
        del row["elapsed_s"]
        row["latency_s"] = sum(each["latency_ms"] for each in mine) / 1000 if mine else None
    return list(messages.values())


def _calls_of(message: Row, calls: Sequence[Row], after: int) -> list[Row]:
    """The calls that brought a message: its role's since its last message, tools and mending included."""
    if message["call_id"] is None:
        return []
    roles = {message["role"]} | ({_REPAIR} if message["role"] == JUDGE else set())
    return [
        each
        for each in calls
        if each["role"] in roles
        and each["call_id"] > after
        and (each["call_id"] <= message["call_id"] or each["role"] == _REPAIR)
    ]


def _spent(calls: Sequence[Row]) -> dict[str, Any]:
    """What calls cost; those that were refused before they were made cost nothing."""
    costs = [each["cost_micros"] for each in calls]
    known = [cost for cost in costs if cost is not None]
    ends_ms = [each["asked_ms"] + each["latency_ms"] for each in calls]
    return {
        "calls": len(calls),
        "unpriced_calls": len(costs) - len(known),
        "cost_usd": sum(known) / 1_000_000 if known else None,
        "elapsed_s": (max(ends_ms) - min(each["asked_ms"] for each in calls)) / 1000 if calls else None,
    }


async def _led_to(reader: JournalReader, debate: Mapping[str, Any]) -> dict[str, Any]:
    """What the judge wants, what was done of it, and what became of that."""
    named = {"run_id": debate["run_id"], "decision_id": debate["decision_id"]}
    if debate["asked"]:
        proposal = [_target(each) for each in json.loads(debate["proposal"])]
        refused = json.loads(debate["refused"])
    else:
        proposal = await reader.query(_TARGETS, named)
        refused = [each["reason"] for each in await reader.query(_REFUSALS, named)]
    orders = await reader.query(_ORDERS, named)
    for each in orders:
        del each["max(e.seq)"]
    return {
        "proposal": proposal,
        "refused": refused,
        "checks": json.loads(debate["checks"]),
        "orders": orders,
        "outcomes": await reader.query(_OUTCOMES, named),
    }


def _target(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A target as a decision's would be told."""
    thesis = stored["thesis"] or {}
    told = ("symbol", "exposure", "stop", "take_profit", "confidence", "reason", "quantity")
    return {name: stored[name] for name in told} | {
        name: thesis.get(name) for name in ("leverage", "risk", "invalidation")
    }
