"""`cockpit audit`: the trail of a decision, order or fill, from the journal, for people and as data."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from textwrap import wrap
from typing import Any

from cockpit.domain.formats import time_of
from cockpit.domain.plain_text import plain_text
from cockpit.journal.audit import Trail, TrailStep, audit
from cockpit.journal.views import JournalReader
from cockpit.report.trail_words import dollars, position_words, step_words

WIDTH = 80
"""Columns a line takes at most, words that are longer by themselves aside."""

ASKED = "▶"
"""Stands before what the trail was asked for."""

_TIME_WIDTH = 20


def read_trail(journal: Path, ident: str) -> Trail:
    """The trail behind an identifier such as ``order:12``, in the newest run.

    Raises:
        UnknownIdent: If the run has no such thing.
        JournalError: If the journal can't be read.
    """

    async def read() -> Trail:
        async with await JournalReader.open(journal) as reader:
            return await audit(reader, ident)

    return asyncio.run(read())


def trail_document(trail: Trail) -> dict[str, Any]:
    """The trail as plain data, the same bytes each time it is written as JSON."""
    return asdict(trail)


def trail_lines(trail: Trail, width: int | None = WIDTH) -> list[str]:
    """The trail for people; or what the identifier could mean.

    Steps come in the journal's order, at the times the bot learned of them, but for a split order's verdict:
    it stands before the order's shares.

    Args:
        trail: What is told.
        width: Columns that lines are wrapped at; None: each takes as many as it needs.
    """
    if trail.candidates:
        return [f"that could be {' or '.join(trail.candidates)}; say which"]
    lines = [_heading(trail)]
    told_ms = None
    for step, learned_ms, facts in _told(trail.steps):
        for number, line in enumerate(step_words(step.what, facts)):
            time = time_of(learned_ms) if learned_ms != told_ms else ""
            told_ms = learned_ms
            lines += _laid_out(ASKED if step.asked and number == 0 else "", time, line, width)
    tick_sizes = {
        step.facts["symbol"]: step.facts["tick_size"] for step in trail.steps if step.what == "fill"
    }
    for position in trail.open_positions:
        lines += _laid_out("", "still open", _still_open(position, tick_sizes[position["symbol"]]), width)
    for heading, words_of in _outcomes(trail):
        lines += _laid_out("", heading, words_of, width)
    return lines


def _told(steps: Sequence[TrailStep]) -> Iterator[tuple[TrailStep, int, dict[str, Any]]]:
    """Each step in the order it is told in, when the bot learned of it, and its facts with what others say.

    A fill and the trade it closes carry the venue's time, what else came of it that of the bar's end.
    """
    shares = {step.facts["order_id"] for step in steps if step.what == "order" and step.facts["strategy"]}
    event_ms: dict[int, int] = {}
    for step in steps:
        event_ms[step.seq] = max(step.ts_ms, event_ms.get(step.seq, 0))
    learned_ms = 0
    for step in _verdicts_first(steps):
        learned_ms = max(learned_ms, event_ms[step.seq])
        executed_ms = None if step.ts_ms == learned_ms else step.ts_ms
        more = {"is_share": step.facts.get("order_id") in shares, "executed_ms": executed_ms}
        yield step, learned_ms, step.facts | more


def _verdicts_first(steps: Sequence[TrailStep]) -> Iterator[TrailStep]:
    """The steps, with the verdict on each split order right below the order: it holds for all shares."""
    split = {step.facts["order_id"] for step in steps if step.what == "order" and step.facts["is_split"]}
    verdicts = {
        step.facts["order_id"]: step
        for step in steps
        if step.what == "lifecycle"
        and step.facts["status_before"] == "created"
        and step.facts["order_id"] in split
    }
    moved = {step.seq for step in verdicts.values()}
    for step in steps:
        if step.what != "lifecycle" or step.seq not in moved:
            yield step
        if step.what == "order" and step.facts["order_id"] in verdicts:
            yield verdicts[step.facts["order_id"]]


def _heading(trail: Trail) -> str:
    of = next((_whose(step) for step in trail.steps if step.what in {"order", "decision"}), "")
    return plain_text(f"{trail.ident} of run {trail.run_id}{of}")


def _whose(step: TrailStep) -> str:
    return f": {step.facts['agent']}"


def _laid_out(mark: str, time: str, words: str, width: int | None) -> Iterator[str]:
    """A line of words beside its time, wrapped below itself."""
    beside = f"{mark:<2}{time:<{_TIME_WIDTH}}  "
    words = plain_text(words)
    if width is None:
        yield beside + words
        return
    wrapped = wrap(words, width - len(beside), subsequent_indent="  ", break_long_words=False)
    for number, line in enumerate(wrapped):
        yield (" " * len(beside) if number else beside) + line


def _still_open(position: Mapping[str, Any], tick_size: float) -> str:
    held = position_words(position["signed_quantity"], position["entry_price"], tick_size, position["symbol"])
    return (
        f"{held}; realized {dollars(position['realized'], signed=True)}, fees {dollars(position['fees'])},"
        f" funding {dollars(position['funding'])}"
    )


def _outcomes(trail: Trail) -> Iterator[tuple[str, str]]:
    heading = "outcome"
    for link in trail.outcomes:
        what = f"decision {link['decision_id']}, order {link['order_id']}: {link['outcome']}"
        brought = "" if link["pnl"] is None else f", {dollars(link['pnl'], signed=True)}"
        why = f" ({link['reason']})" if link["reason"] else ""
        yield heading, f"{what}{brought}{why}"
        heading = ""
