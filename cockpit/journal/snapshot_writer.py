"""Saving snapshots off the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from cockpit.journal.snapshot import Snapshot, SnapshotInvalid, SnapshotStore


class SnapshotWriter:
    """Saves the newest snapshot it was given, one at a time, on a thread of its own.

    A snapshot that is overtaken before its turn is not written. A save that fails is told and tried
    again with the next snapshot: the journal has everything, a snapshot only saves time.
    """

    def __init__(self, store: SnapshotStore, on_error: Callable[[str], None] | None = None) -> None:
        """Begins with nothing to do.

        Args:
            store: Where snapshots go.
            on_error: Called on the event loop with one line, when a save fails that follows one that did not.
        """
        self._store = store
        self._on_error = on_error
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="snapshot")
        self._waiting: Snapshot | None = None
        self._saving: asyncio.Task[None] | None = None
        self._is_failing = False

    def submit(self, snapshot: Snapshot) -> None:
        """Asks for a snapshot to be written; returns at once. To be called on the event loop."""
        self._waiting = snapshot
        if self._saving is None:
            self._saving = asyncio.get_running_loop().create_task(self._save_waiting())

    async def flush(self) -> None:
        """Returns when what was submitted has been written, or has failed."""
        while self._saving is not None:
            await asyncio.shield(self._saving)

    async def aclose(self) -> None:
        """Flushes and ends the thread."""
        await self.flush()
        self._thread.shutdown()

    async def _save_waiting(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting is not None:
                snapshot, self._waiting = self._waiting, None
                try:
                    await loop.run_in_executor(self._thread, self._store.save, snapshot)
                except (OSError, SnapshotInvalid) as error:
                    self._failed(error)
                else:
                    self._is_failing = False
        finally:
            self._saving = None

    def _failed(self, error: OSError | SnapshotInvalid) -> None:
        is_first, self._is_failing = not self._is_failing, True
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        if is_first and self._on_error is not None:
            self._on_error(f"the snapshot could not be saved: {reason}")
