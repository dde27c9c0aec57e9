"""Keeps a bot's snapshot on disk near its newest committed state, without getting in the bot's way."""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from cockpit.arena.coordinator import Coordinator
from cockpit.domain.events import Recorded
from cockpit.journal.codec import encode_state
from cockpit.journal.snapshot import Snapshot, SnapshotStore
from cockpit.journal.snapshot_writer import SnapshotWriter

SAVE_REST = 4.0
"""A save is followed by a rest of so many times its length: at most a fifth of the time is spent saving."""

_LOG = logging.getLogger(__name__)


class SnapshotSaver:
    """Saves whenever something was committed; commits that come meanwhile share a save."""

    def __init__(self, root: Path, coordinator: Coordinator) -> None:
        """Listens from now on.

        Args:
            root: The bot's folder.
            coordinator: Whose state, and whose agents' memories.
        """
        self._coordinator = coordinator
        self._snapshots = SnapshotWriter(SnapshotStore(root), on_error=_LOG.error)
        self._saving: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        coordinator.recorder.listen(self._save_soon)

    async def aclose(self) -> None:
        """Saves what is left to save, and lets the folder go."""
        self._closing.set()
        if self._saving is not None:
            await self._saving
        await self._snapshots.aclose()

    def _save_soon(self, recorded: Sequence[Recorded]) -> None:
        if self._saving is None or self._saving.done():
            self._saving = asyncio.get_running_loop().create_task(self._save())

    async def _save(self) -> None:
        """Saves until the newest committed state is on disk."""
        saved_seq = -1
        while saved_seq != self._coordinator.recorder.committed.seq:
            async with self._coordinator.between_steps:
                if self._coordinator.is_torn:
                    return
                snapshot = self._snapshot()
            saved_seq = snapshot.seq
            began_s = time.monotonic()
            self._snapshots.submit(snapshot)
            await self._snapshots.flush()
            await self._rest(SAVE_REST * (time.monotonic() - began_s))

    async def _rest(self, length_s: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), length_s)

    def _snapshot(self) -> Snapshot:
        state, agents = self._coordinator.recorder.committed, self._coordinator.agents
        memories = {name: msgspec.Raw(agent.memory()) for name, agent in agents.items()}
        return Snapshot(
            seq=state.seq,
            run_id=state.run_id,
            state=encode_state(state),
            agents=msgspec.json.encode(memories),
        )
