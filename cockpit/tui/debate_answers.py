"""Debates as the control API tells them, or the journal where no bot runs, as what the dashboard shows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cockpit.domain.debates import Debate, DebateMessage, Stance, SymbolConsensus, SymbolStance
from cockpit.domain.decisions import Target, Thesis
from cockpit.domain.formats import money
from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.tui.debate_history import DebateEntry, DebateStatus
from cockpit.tui.spending import Spent

_STATUSES = {
    "under_way": DebateStatus.UNDER_WAY,
    "held": DebateStatus.HELD,
    "failed": DebateStatus.FAILED,
    "abandoned": DebateStatus.ABANDONED,
}


def debate_entry(row: Mapping[str, Any]) -> DebateEntry:
    """A debate as ``GET /debates`` tells it: without what was said."""
    elapsed_s = row["elapsed_s"]
    return DebateEntry(
        debate_id=row["debate_id"],
        ts_ms=row["ts_ms"],
        agent=row["agent"],
        status=_STATUSES[row["status"]],
        symbols=tuple(row["symbols"]),
        is_asked=bool(row["asked"]),
        round=row["round"],
        by=row["by"] or "",
        execute=bool(row["asked"] and row["execute"]),
        reason=row["reason"],
        decision_id=row["decision_id"],
        agreement=row["agreement"],
        is_disagreed=bool(row["is_disagreed"]),
        sides={each["symbol"]: each["stance"] for each in row["verdict"]},
        spent=Spent(
            calls=row["calls"],
            unpriced=row["unpriced_calls"],
            cost=round((row["cost_usd"] or 0) * MICROS_PER_UNIT),
        ),
        took_ms=None if elapsed_s is None else round(elapsed_s * 1_000),
    )


def whole_debate(row: Mapping[str, Any]) -> DebateEntry:
    """A debate as ``GET /debates/{id}`` tells it."""
    debate = Debate(
        symbols=tuple(row["symbols"]),
        messages=tuple(_message(each) for each in row["messages"]),
        consensus=tuple(_consensus(each) for each in row["consensus"]),
        agreement=row["agreement"],
        is_disagreed=bool(row["is_disagreed"]),
        shadow=None if row["shadow"] is None else _message(row["shadow"]),
        prompt_version=row["prompt_version"] or "",
        horizon_ms=round((row["horizon_s"] or 0) * 1_000),
    )
    is_told = bool(debate.messages)
    return replace(
        debate_entry(row),
        debate=debate if is_told else None,
        first_call_id=0,  # each message says which call it is
        targets=tuple(_target(each) for each in row["proposal"]),
        refused=tuple(row["refused"]),
        checks=tuple(row["checks"]),
        outcome=_outcome(row["outcomes"]),
    )


def _message(row: Mapping[str, Any]) -> DebateMessage:
    stances = (
        SymbolStance(symbol=each["symbol"], stance=Stance(each["stance"]), confidence=each["confidence"])
        for each in row["stances"]
    )
    return DebateMessage(
        turn=row["turn"],
        role=row["role"],
        model=row["model"],
        stances=tuple(stances),
        signals=tuple(row["signals"]),
        argument=row["argument"],
        tools=tuple(row["tools"]),
        failed=row["failed"],
        call=row["call_id"],
    )


def _consensus(row: Mapping[str, Any]) -> SymbolConsensus:
    stance = row["stance"]
    return SymbolConsensus(
        symbol=row["symbol"],
        stance=None if stance is None else Stance(stance),
        confidence=row["confidence"],
        agreement=row["agreement"],
        opinions=row["opinions"],
        mark=row["mark"],
    )


def _target(row: Mapping[str, Any]) -> Target:
    return Target(
        symbol=row["symbol"],
        exposure=row["exposure"],
        stop=row["stop"],
        take_profit=row["take_profit"],
        confidence=row["confidence"],
        reason=row["reason"] or "",
        quantity=row["quantity"],
        thesis=Thesis(invalidation=row["invalidation"] or "", leverage=row["leverage"], risk=row["risk"]),
    )


def _outcome(rows: Sequence[Mapping[str, Any]]) -> str:
    """What became of the orders: what was won or lost, else that it is not known yet."""
    known = [each["pnl"] for each in rows if each["pnl"] is not None]
    if known:
        return money(round(sum(known) * MICROS_PER_UNIT), signed=True)
    return "pending" if any(each["outcome"] == "pending" for each in rows) else ""
