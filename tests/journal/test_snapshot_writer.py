"""Saving snapshots off the loop: one at a time, the newest wins, failures are told."""

import asyncio
import errno
import threading
from pathlib import Path

import pytest

from cockpit.journal.codec import encode_state
from cockpit.journal.snapshot import Snapshot, SnapshotStore
from cockpit.journal.snapshot_writer import SnapshotWriter
from cockpit.trading.state import ArenaState


def at(seq: int) -> Snapshot:
    return Snapshot(seq=seq, run_id="a", state=encode_state(ArenaState(seq=seq)), agents=b"{}")


class Gated(SnapshotStore):
    """A store that saves only when it is let, and remembers what it was asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.gate = threading.Event()
        self.asked: list[int] = []
        self.error: OSError | None = None

    def save(self, snapshot: Snapshot) -> None:
        assert self.gate.wait(5)
        self.asked.append(snapshot.seq)
        if self.error is not None:
            raise self.error
        super().save(snapshot)


@pytest.fixture
def store(tmp_path: Path) -> Gated:
    return Gated(tmp_path)


async def test_what_is_submitted_is_on_disk_after_a_flush(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    writer = SnapshotWriter(store)
    writer.submit(at(3))
    assert store.load().snapshot is None
    await writer.flush()
    assert store.load().snapshot == at(3)
    await writer.aclose()


async def test_snapshots_overtaken_while_one_is_written_are_not(store: Gated) -> None:
    writer = SnapshotWriter(store)
    writer.submit(at(1))
    await asyncio.sleep(0.01)
    for seq in range(2, 9):
        writer.submit(at(seq))
    store.gate.set()
    await writer.aclose()
    assert store.asked == [1, 8]
    assert store.load().snapshot == at(8)


async def test_a_failed_save_is_told_once_and_tried_again_with_the_next(store: Gated) -> None:
    told: list[str] = []
    writer = SnapshotWriter(store, told.append)
    store.gate.set()
    store.error = OSError(errno.ENOSPC, "No space left on device")
    for seq in (1, 2):
        writer.submit(at(seq))
        await writer.flush()
        assert store.load().snapshot is None
    store.error = None
    writer.submit(at(3))
    await writer.flush()
    assert store.load().snapshot == at(3)
    store.error = OSError(errno.EACCES, "Permission denied")
    writer.submit(at(4))
    await writer.aclose()
    assert told == [
        "the snapshot could not be saved: No space left on device",
        "the snapshot could not be saved: Permission denied",
    ]
    assert store.load().snapshot == at(3)


async def test_a_flush_with_nothing_to_do_returns(tmp_path: Path) -> None:
    writer = SnapshotWriter(SnapshotStore(tmp_path))
    await writer.flush()
    await writer.aclose()
