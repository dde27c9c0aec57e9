"""Records what happens: an event changes a draft, is made durable, and only then counts and is shown."""

import asyncio
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Protocol

from cockpit.domain.errors import CockpitError
from cockpit.domain.events import Event, JournalOutage, Recorded
from cockpit.journal.errors import JournalUnavailable
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState, conserved_difference

RETRY_SECONDS = 1.0
"""Between two attempts at a journal that can't be written."""


class LedgerLeak(CockpitError):
    """Cash is not conserved. The bot stops at once: nothing that follows could be trusted."""


class EventSink(Protocol):
    """Where events become durable."""

    async def commit(self, run_id: str, ts_ms: int, events: Sequence[Event]) -> Sequence[Recorded]:
        """Writes all of the events or none, and returns them with their places in the journal.

        Raises:
            JournalUnavailable: If they can't be written now; the same call may be made again.
        """
        ...


@dataclass(slots=True)
class Outage:
    """The journal can't be written; the bot is halted until it can.

    Attributes:
        reason: What the first failed attempt said.
        since_s: When, by the monotonic clock.
    """

    reason: str
    since_s: float


@dataclass(slots=True, kw_only=True)
class Recorder:
    """The arena's state at two moments: as it is about to be, and as it can never be lost.

    Attributes:
        sink: The journal.
        committed: The state that counts. Everything shown comes from here.
        draft: The committed state and the events emitted since.
        now_ms: Market time of what is being emitted; one commit has one time.
        monotonic: Seconds, for measuring outages.
        outage: Set while the journal can't be written.
    """

    sink: EventSink
    committed: ArenaState
    monotonic: Callable[[], float]
    draft: ArenaState = field(init=False)
    now_ms: int = field(init=False)
    outage: Outage | None = field(init=False, default=None)
    _pending: list[Event] = field(init=False, default_factory=list)
    _listeners: list[Callable[[Sequence[Recorded]], None]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.draft = deepcopy(self.committed)
        self.now_ms = self.committed.ts_ms

    def listen(self, listener: Callable[[Sequence[Recorded]], None]) -> None:
        """Calls `listener` with the events of every commit, once they count."""
        self._listeners.append(listener)

    def emit(self, event: Event, run_id: str | None = None) -> None:
        """Changes the draft by an event, and keeps the event for the next commit.

        Args:
            event: What happened.
            run_id: Names a new run; otherwise the run goes on.
        """
        recorded = Recorded(
            self.draft.seq + 1, self.now_ms, self.draft.run_id if run_id is None else run_id, event
        )
        apply(self.draft, recorded)
        self._pending.append(event)

    @property
    def mark(self) -> int:
        """How much is emitted and not committed yet: a place to `rewind` to."""
        return len(self._pending)

    @property
    def pending(self) -> Sequence[Event]:
        """What is emitted and not committed yet, in order."""
        return tuple(self._pending)

    def rewind(self, mark: int) -> None:
        """Drops what was emitted since a mark; what was emitted before it still waits for its commit."""
        kept, run_id = self._pending[:mark], self.draft.run_id
        self._pending.clear()
        self.draft = deepcopy(self.committed)
        for event in kept:
            self.emit(event, run_id)

    async def commit(self) -> None:
        """Makes what was emitted durable, however long that takes, then lets it count.

        Cancelled while the journal can't be written, it leaves the committed state as it was.

        Raises:
            LedgerLeak: If the events would break the conservation of cash; nothing is written.
        """
        if not self._pending:
            return
        if conserved_difference(self.draft) != 0:
            raise LedgerLeak(f"cash is off by {conserved_difference(self.draft)} micro-units; bot halted")
        recorded = await self._write()
        del self._pending[: len(recorded)]
        for each in recorded:
            apply(self.committed, each)
        for listener in self._listeners:
            listener(recorded)
        self._tell_outage()

    def abandon(self) -> None:
        """Drops what was emitted and never committed: the draft is the committed state again."""
        self._pending.clear()
        self.draft = deepcopy(self.committed)
        self.now_ms = self.committed.ts_ms

    async def _write(self) -> Sequence[Recorded]:
        while True:
            try:
                return await self.sink.commit(self.draft.run_id, self.now_ms, tuple(self._pending))
            except JournalUnavailable as error:
                if self.outage is None:
                    self.outage = Outage(str(error), self.monotonic())
                await asyncio.sleep(RETRY_SECONDS)

    def _tell_outage(self) -> None:
        if self.outage is None:
            return
        lasted_ms = round((self.monotonic() - self.outage.since_s) * 1000)
        reason, self.outage = self.outage.reason, None
        self.emit(JournalOutage(lasted_ms=lasted_ms, reason=reason))
