"""What roles say to each other before an agent decides, in the read models."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from cockpit.domain.debates import Debate, DebateMessage
from cockpit.domain.events import (
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    Recorded,
    RunStarted,
)
from cockpit.journal.statements import Row, insert, place, update

_ASKED = (
    'INSERT INTO debate_sessions (run_id, seq, ts_ms, asked_ms, debate_id, agent, symbols, "by", execute,'
    " asked, status, round) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 'under_way',"
    " (SELECT coalesce(max(round), 0) FROM competition_rounds WHERE run_id = ?))"
)
_OF_ROUND = (
    " WHERE run_id = :run_id AND agent = :agent AND round = :round AND asked = 0 AND decision_id IS NULL"
    " AND status = 'held'"
)
_DECIDED = (
    "UPDATE debate_sessions SET decision_id = :decision_id"  # noqa: S608 - constants
    f"{_OF_ROUND} AND NOT EXISTS (SELECT 1 FROM debate_sessions AS s WHERE s.run_id = :run_id"
    " AND s.agent = :agent AND s.round = :round AND s.decision_id = :decision_id)"
)
_FAILED = f"UPDATE debate_sessions SET status = 'failed', reason = :reason{_OF_ROUND}"  # noqa: S608 - constants
_STANCE = (
    "INSERT INTO debate_stances (run_id, debate_id, number, symbol, stance, confidence)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_CONSENSUS = (
    "INSERT INTO debate_consensus"
    " (run_id, debate_id, symbol, ts_ms, stance, confidence, agreement, opinions, mark)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def debate_asked(recorded: Recorded, event: DebateAsked, run: RunStarted | None) -> Iterator[Row]:
    """That somebody wants a debate, and on what."""
    asked = (event.debate_id, event.agent, _list((event.symbol,)), event.by, event.execute)
    run_id, ts_ms = recorded.run_id, recorded.ts_ms
    yield _ASKED, (run_id, recorded.seq, ts_ms, ts_ms, *asked, run_id)


def debate_held(recorded: Recorded, event: DebateHeld, run: RunStarted | None) -> Iterator[Row]:
    """The debate, what each role said in each turn, and what it comes to for each instrument."""
    debate = event.debate
    if event.asked:
        yield _update(recorded, event.debate_id, **_verdict(event), **_facts(debate))
    else:
        yield insert(
            "debate_sessions",
            **place(recorded),
            debate_id=event.debate_id,
            agent=event.agent,
            round=event.round,
            asked=False,
            status="held",
            **_facts(debate),
        )
    for number, message in enumerate(_messages(debate), 1):
        yield from _said(recorded.run_id, event, number, message)
    for each in debate.consensus:
        figures = (each.stance, each.confidence, each.agreement, each.opinions, each.mark)
        yield _CONSENSUS, (recorded.run_id, event.debate_id, each.symbol, recorded.ts_ms, *figures)


def debate_abandoned(recorded: Recorded, event: DebateAbandoned, run: RunStarted | None) -> Iterator[Row]:
    """That a debate came to nothing, and why."""
    yield _update(recorded, event.debate_id, status="abandoned", reason=event.reason)


def debate_led_to(recorded: Recorded, event: DecisionMade | DecisionFailed) -> Row:
    """What a round's debate led to, where one was held for the decision.

    The decision that somebody asked for by asking for a debate is linked to that debate already.
    """
    where = {"run_id": recorded.run_id, "agent": event.agent, "round": event.round}
    if isinstance(event, DecisionFailed):
        return _FAILED, where | {"reason": event.message}
    return _DECIDED, where | {"decision_id": event.decision_id}


def _facts(debate: Debate) -> dict[str, Any]:
    return {
        "symbols": _list(debate.symbols),
        "agreement": debate.agreement,
        "is_disagreed": debate.is_disagreed,
        "prompt_version": debate.prompt_version,
        "horizon_ms": debate.horizon_ms,
    }


def _verdict(event: DebateHeld) -> dict[str, Any]:
    return {
        "round": event.round,
        "status": "failed" if event.failed else "held",
        "reason": event.failed,
        "decision_id": event.decision_id,
        "proposal": _list(event.proposal),
        "refused": _list(event.refused),
        "checks": _list(event.checks),
    }


def _update(recorded: Recorded, debate_id: int, **values: Any) -> Row:
    return update(
        "debate_sessions",
        {"run_id": recorded.run_id, "debate_id": debate_id},
        seq=recorded.seq,
        ts_ms=recorded.ts_ms,
        **values,
    )


def _messages(debate: Debate) -> tuple[DebateMessage, ...]:
    return debate.messages if debate.shadow is None else (*debate.messages, debate.shadow)


def _said(run_id: str, event: DebateHeld, number: int, message: DebateMessage) -> Iterator[Row]:
    yield insert(
        "debate_messages",
        run_id=run_id,
        debate_id=event.debate_id,
        number=number,
        turn=message.turn,
        role=message.role,
        model=message.model,
        argument=message.argument,
        signals=_list(message.signals),
        tools=_list(message.tools),
        failed=message.failed,
        call_id=None if message.call is None else event.first_call_id + message.call,
    )
    for each in message.stances:
        yield _STANCE, (run_id, event.debate_id, number, each.symbol, each.stance, each.confidence)


def _list(each: Sequence[object]) -> str:
    return msgspec.json.encode(each).decode()
