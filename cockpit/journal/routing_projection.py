"""Which of an agent's models decided, in the read models."""

from collections.abc import Iterator

import msgspec

from cockpit.domain.events import AskingSkipped, EntriesWithheld, Escalated, Recorded, RunStarted
from cockpit.journal.statements import Row, insert, place


def escalated(recorded: Recorded, event: Escalated, run: RunStarted | None) -> Iterator[Row]:
    """What was passed on, why, and what came of it."""
    escalation = event.escalation
    yield insert(
        "escalations",
        **place(recorded),
        agent=event.agent,
        round=event.round,
        triggers=_list(escalation.triggers),
        reason=escalation.reason,
        cheap=_list(escalation.cheap),
        powerful=escalation.powerful,
        changed=escalation.changed,
        cheap_cost_micros=escalation.cheap_cost,
        powerful_cost_micros=escalation.powerful_cost,
    )


def entries_withheld(recorded: Recorded, event: EntriesWithheld, run: RunStarted | None) -> Iterator[Row]:
    """One row for each instrument."""
    for symbol in event.symbols:
        yield insert(
            "withheld_entries", **place(recorded), agent=event.agent, round=event.round, symbol=symbol
        )


def asking_skipped(recorded: Recorded, event: AskingSkipped, run: RunStarted | None) -> Iterator[Row]:
    """Whose round, and why."""
    yield insert(
        "skipped_rounds", **place(recorded), agent=event.agent, round=event.round, reason=event.reason
    )


def _list(words: tuple[str, ...]) -> str:
    return msgspec.json.encode(words).decode()
