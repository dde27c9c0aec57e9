"""What roles say to each other before an agent decides, in the read models."""

from collections.abc import Iterator

import msgspec

from cockpit.domain.debates import Debate, DebateMessage
from cockpit.domain.events import DebateHeld, Recorded, RunStarted
from cockpit.journal.statements import Row, insert, place

_STANCE = (
    "INSERT INTO debate_stances (run_id, debate_id, number, symbol, stance, confidence)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_CONSENSUS = (
    "INSERT INTO debate_consensus"
    " (run_id, debate_id, symbol, ts_ms, stance, confidence, agreement, opinions, mark)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def debate_held(recorded: Recorded, event: DebateHeld, run: RunStarted | None) -> Iterator[Row]:
    """The debate, what each role said in each turn, and what it comes to for each instrument."""
    debate = event.debate
    yield insert(
        "debate_sessions",
        **place(recorded),
        debate_id=event.debate_id,
        agent=event.agent,
        round=event.round,
        symbols=_list(debate.symbols),
        agreement=debate.agreement,
        is_disagreed=debate.is_disagreed,
        prompt_version=debate.prompt_version,
        horizon_ms=debate.horizon_ms,
    )
    for number, message in enumerate(_messages(debate), 1):
        yield from _said(recorded.run_id, event, number, message)
    for each in debate.consensus:
        figures = (each.stance, each.confidence, each.agreement, each.opinions, each.mark)
        yield _CONSENSUS, (recorded.run_id, event.debate_id, each.symbol, recorded.ts_ms, *figures)


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


def _list(words: tuple[str, ...]) -> str:
    return msgspec.json.encode(words).decode()
