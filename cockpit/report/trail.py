"""`cockpit audit`: the trail of a decision, order or fill, from the journal, for people and as data."""

import asyncio
from collections.abc import Iterator, Mapping
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


def trail_lines(trail: Trail) -> list[str]:
    """The trail for a terminal of `WIDTH` columns; or what the identifier could mean."""
    if trail.candidates:
        return [f"that could be {' or '.join(trail.candidates)}; say which"]
    lines = [_heading(trail)]
    told_ms = None
    for step in trail.steps:
        words = step_words(step.what, step.facts)
        for number, line in enumerate(words):
            time = time_of(step.ts_ms) if step.ts_ms != told_ms else ""
            told_ms = step.ts_ms
            lines += _laid_out(ASKED if step.asked and number == 0 else "", time, line)
    tick_sizes = {
        step.facts["symbol"]: step.facts["tick_size"] for step in trail.steps if step.what == "fill"
    }
    for position in trail.open_positions:
        lines += _laid_out("", "still open", _still_open(position, tick_sizes[position["symbol"]]))
    for heading, words_of in _outcomes(trail):
        lines += _laid_out("", heading, words_of)
    return lines


def _heading(trail: Trail) -> str:
    of = next((_whose(step) for step in trail.steps if step.what in {"order", "decision"}), "")
    return plain_text(f"{trail.ident} of run {trail.run_id}{of}")


def _whose(step: TrailStep) -> str:
    return f": {step.facts['agent']}"


def _laid_out(mark: str, time: str, words: str) -> Iterator[str]:
    """A line of words beside its time, wrapped below itself."""
    beside = f"{mark:<2}{time:<{_TIME_WIDTH}}  "
    wrapped = wrap(plain_text(words), WIDTH - len(beside), subsequent_indent="  ", break_long_words=False)
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
