"""A journal that keeps its events in memory, and fails when a test says so."""

import asyncio
from collections.abc import Sequence

from cockpit.domain.events import Event, Recorded
from cockpit.journal.errors import JournalUnavailable


class MemoryJournal:
    """An `EventSink`.

    Attributes:
        recorded: Everything that is durable, in order.
        failures: What the next attempts say, first one first; then they succeed.
        attempts: How often something was asked to be written.
        has_failed: Set once an attempt has.
    """

    def __init__(self, first_seq: int = 1) -> None:
        self.recorded: list[Recorded] = []
        self.failures: list[str] = []
        self.attempts = 0
        self.has_failed = asyncio.Event()
        self._next_seq = first_seq

    async def commit(self, run_id: str, ts_ms: int, events: Sequence[Event]) -> Sequence[Recorded]:
        self.attempts += 1
        if self.failures:
            self.has_failed.set()
            raise JournalUnavailable(self.failures.pop(0))
        written = [Recorded(self._next_seq + index, ts_ms, run_id, each) for index, each in enumerate(events)]
        self._next_seq += len(written)
        self.recorded += written
        return written

    def events(self, *types: type) -> list[Event]:
        return [each.event for each in self.recorded if isinstance(each.event, types)]
