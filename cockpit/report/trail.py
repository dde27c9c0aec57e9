"""`cockpit audit`: the trail of a decision, order or fill, from the journal, for people and as data."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cockpit.domain.formats import time_of
from cockpit.journal.audit import Trail, audit
from cockpit.journal.views import JournalReader


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
    """The trail as plain data."""
    return asdict(trail)


def trail_lines(trail: Trail) -> list[str]:
    """The trail, one line a step; or what the identifier could mean."""
    if trail.candidates:
        return [f"that could be {' or '.join(trail.candidates)}; say which"]
    lines = [f"{trail.ident} of run {trail.run_id}"]
    lines += [
        f"{time_of(step.ts_ms)}  #{step.seq:<8} {step.what:<9} {_facts(step.facts)}" for step in trail.steps
    ]
    lines += [f"still open: {_facts(position)}" for position in trail.open_positions]
    return lines


def _facts(facts: Mapping[str, Any]) -> str:
    return "  ".join(f"{name} {value}" for name, value in facts.items() if value not in (None, ""))
