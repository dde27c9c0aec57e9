"""The journal: everything that happened, in order, durable before it takes effect."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from cockpit.domain.events import Event, Recorded, RunStarted
from cockpit.journal.reading import read_events, read_run
from cockpit.journal.writer import JournalWriter

T = TypeVar("T")


class Journal:
    """The only writer of a bot's journal, on a thread of its own.

    All methods but `commit` block; `commit` is for one event loop.
    """

    def __init__(self, thread: ThreadPoolExecutor, writer: JournalWriter) -> None:
        """Use `Journal.open`."""
        self._thread = thread
        self._writer = writer
        self.path = writer.path

    @classmethod
    def open(cls, path: Path) -> "Journal":
        """The journal in a file, made new with its folders if it isn't there, its schema brought up to date.

        Raises:
            JournalUnavailable: If the file can't be opened or written now, or is locked.
            JournalCorrupt: If it is no database, or another program's.
            JournalTooNew: If a newer program made it.
        """
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        try:
            return cls(thread, thread.submit(JournalWriter, path).result())
        except BaseException:
            thread.shutdown()
            raise

    @property
    def last_seq(self) -> int:
        """The last durable event; 0 before the first."""
        return self._writer.last_seq

    async def commit(self, run_id: str, ts_ms: int, events: Sequence[Event]) -> tuple[Recorded, ...]:
        """Makes events durable, with their rows in the read models: all of them, or none and an error.

        A caller is never left in doubt: once begun, a commit runs to its end. If the calling task is
        cancelled meanwhile, the commit still returns (or raises) as always, and the cancellation
        arrives at the task's next await. So it must not stand under `asyncio.timeout`; waiting for
        a lock is bounded by itself.

        Args:
            run_id: Which run they belong to.
            ts_ms: Market time at which they became known.
            events: In order.

        Raises:
            EventUnwritable: If JSON can't carry one of them.
            JournalUnavailable: If the disk is full, the file locked, moved or read-only. The same call
                may be made again and gives the same places.
            JournalConflict: If they contradict what is there, or somebody else wrote to the journal.
        """
        if not events:
            return ()
        loop = asyncio.get_running_loop()
        written = loop.run_in_executor(self._thread, self._writer.append, run_id, ts_ms, tuple(events))
        return await _to_its_end(written)

    def events(
        self, after_seq: int = 0, until_seq: int | None = None, run_id: str | None = None
    ) -> Iterator[Recorded]:
        """See `read_events`."""
        return read_events(self.path, after_seq, until_seq, run_id)

    def last_run(self) -> tuple[str, RunStarted] | None:
        """Name and agreement of the newest run; None before any.

        Raises:
            JournalCorrupt, JournalUnavailable: As `events`.
        """
        started = read_run(self.path)
        if started is None:
            return None
        assert isinstance(started.event, RunStarted)
        return started.run_id, started.event

    def rebuild(self) -> int:
        """Empties the read models and makes them anew from the events, in one transaction.

        Returns:
            How many events were read.

        Raises:
            JournalUnavailable: If the disk is full or the file locked; nothing was changed.
            JournalConflict: If the events contradict each other; nothing was changed.
            JournalCorrupt: If an event can't be read; nothing was changed.
        """
        return self._thread.submit(self._writer.rebuild).result()

    def close(self) -> None:
        """Waits for the commit under way and gives the file back; a second time does nothing."""
        self._thread.shutdown(wait=True)
        self._writer.close()


async def _to_its_end(future: asyncio.Future[T]) -> T:
    """Waits for a result through cancellations of the calling task, which are passed on afterwards."""
    is_cancelled = False
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            is_cancelled = True
    task = asyncio.current_task()
    if is_cancelled and task is not None:
        task.uncancel()  # so that it counts as one request, not two
        task.cancel()
    return future.result()
