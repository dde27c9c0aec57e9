"""A disk that is really full: nothing half-written, and on it goes when there is room."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.domain.events import PauseSet
from cockpit.journal.codec import encode_state
from cockpit.journal.errors import JournalUnavailable
from cockpit.journal.journal import Journal
from cockpit.journal.snapshot import Snapshot, SnapshotStore
from cockpit.trading.state import ArenaState

pytestmark = pytest.mark.e2e


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None:
        pytest.skip("no mount command")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("a small tmpfs can't be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def commits_until_refused(journal: Journal) -> int:
    for acknowledged in range(2_000):
        try:
            (recorded,) = await journal.commit("a", 5, [PauseSet(on=True, by="x" * 2_000)])
        except JournalUnavailable:
            return acknowledged
        assert recorded.seq == acknowledged + 1
    pytest.fail("the disk never filled up")


async def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 600_000)
    journal = Journal.open(small_disk / "journal.sqlite")
    acknowledged = await commits_until_refused(journal)
    assert len(list(journal.events())) == acknowledged == journal.last_seq
    ballast.unlink()
    (recorded,) = await journal.commit("a", 5, [PauseSet(on=False, by="x")])
    assert recorded.seq == acknowledged + 1
    journal.close()
    again = Journal.open(small_disk / "journal.sqlite")
    assert len(list(again.events())) == acknowledged + 1
    again.close()


def test_a_snapshot_that_finds_no_room_leaves_the_one_before(small_disk: Path) -> None:
    store = SnapshotStore(small_disk)
    store.save(Snapshot(seq=1, run_id="a", state=encode_state(ArenaState(seq=1)), agents=b"{}"))
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space"):
        ballast.write_bytes(b"x" * 3_000_000)
    big = b'"' + b"x" * 100_000 + b'"'
    second = Snapshot(seq=2, run_id="a", state=encode_state(ArenaState(seq=2)), agents=big)
    with pytest.raises(OSError, match="No space"):
        store.save(second)
    found = store.load().snapshot
    assert found is not None
    assert found.seq == 1
    ballast.unlink()
    store.save(second)
    assert store.load().snapshot == second
