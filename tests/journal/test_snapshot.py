"""Snapshots: whole or not there, checked when read, five backups deep."""

import json
import os
from itertools import count
from pathlib import Path

import pytest

from cockpit.journal import snapshot as snapshot_module
from cockpit.journal.codec import decode_state, encode_state
from cockpit.journal.snapshot import (
    LoadedSnapshot,
    Snapshot,
    SnapshotInvalid,
    SnapshotStore,
    decode_snapshot,
    encode_snapshot,
)
from cockpit.trading.state import ArenaState
from tests.journal.event_stream import EventStream


def at(seq: int) -> Snapshot:
    state = encode_state(ArenaState(seq=seq, run_id="run-1"))
    return Snapshot(seq=seq, run_id="run-1", state=state, agents=b'{"ema": {"fast": [1.5, null]}}')


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "bot")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "bot"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def loaded_seq(store: SnapshotStore) -> int | None:
    found = store.load().snapshot
    return None if found is None else found.seq


def test_what_is_saved_is_loaded_byte_for_byte(store: SnapshotStore) -> None:
    store.save(at(5))
    assert store.load() == LoadedSnapshot(snapshot=at(5), source="state.json")
    assert store.load().summary == "state.json (event 5)"


def test_a_whole_arena_survives(store: SnapshotStore) -> None:
    stream = EventStream(agents=3)
    for _ in stream.batches(30):
        pass
    state = encode_state(stream.state)
    store.save(Snapshot(seq=stream.state.seq, run_id="run-1", state=state, agents=b"[]"))
    found = store.load().snapshot
    assert found is not None
    assert decode_state(found.state) == stream.state


def test_the_file_is_plain_json_with_the_keys_people_look_for(store: SnapshotStore, folder: Path) -> None:
    store.save(at(5))
    document = json.loads((folder / "state.json").read_text())
    assert list(document) == ["schema", "checksum", "seq", "run_id", "shape", "state", "agents"]
    assert (document["schema"], document["seq"], document["run_id"]) == (2, 5, "run-1")
    assert document["state"]["seq"] == 5
    assert document["agents"] == {"ema": {"fast": [1.5, None]}}
    assert len((folder / "state.json").read_text().splitlines()) > 25


def test_nothing_saved_is_nothing_found(store: SnapshotStore) -> None:
    assert store.load() == LoadedSnapshot(snapshot=None, source="")
    assert store.load().summary == "no snapshot"


def test_whoever_only_looks_finds_the_newest_and_leaves_a_damaged_one_where_it_is(
    store: SnapshotStore, folder: Path
) -> None:
    assert store.newest() is None
    for seq in (5, 6):
        store.save(at(seq))
    assert store.newest() == at(6)
    (folder / "state.json").write_bytes(b"{}")
    before = names(folder)
    assert store.newest() is None
    assert names(folder) == before


def test_five_backups_are_kept_newest_first(store: SnapshotStore, folder: Path) -> None:
    for seq in range(1, 10):
        store.save(at(seq))
    backups = [
        decode_snapshot((folder / "backups" / f"state.{n}.json").read_bytes()).seq for n in range(1, 6)
    ]
    assert backups == [8, 7, 6, 5, 4]
    assert names(folder) == ["backups", "state.json"]
    assert len(names(folder / "backups")) == 5


def test_no_backups_can_be_asked_for(folder: Path) -> None:
    store = SnapshotStore(folder, backups=0)
    store.save(at(1))
    store.save(at(2))
    assert names(folder) == ["state.json"]
    assert loaded_seq(store) == 2


def test_a_save_is_two_syncs_however_many_backups_move(
    store: SnapshotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (synced.append(descriptor), sync(descriptor)))
    for seq in range(1, 9):
        synced.clear()
        store.save(at(seq))
        assert len(synced) == 2


def test_backups_move_on_without_hard_links(store: SnapshotStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        if not target.exists():
            raise FileNotFoundError(target)
        raise PermissionError(1, "no hard links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    for seq in range(1, 4):
        store.save(at(seq))
    assert loaded_seq(store) == 3
    (store._folder / "state.json").unlink()
    assert loaded_seq(store) == 2


def test_a_file_cut_off_anywhere_is_noticed_and_set_aside(store: SnapshotStore, folder: Path) -> None:
    store.save(at(1))
    store.save(at(2))
    path = folder / "state.json"
    whole = path.read_bytes()
    for length in range(0, len(whole), 10):
        path.write_bytes(whole[:length])
        found = store.load()
        assert found.snapshot == at(1)
        assert found.source == "backups/state.1.json"
        (aside,) = folder.glob("state.json.corrupt-*")
        assert aside.read_bytes() == whole[:length]
        aside.unlink()


def test_no_flipped_bit_passes() -> None:
    whole = encode_snapshot(at(1))
    assert decode_snapshot(whole) == at(1)
    for place in range(len(whole)):
        for bit in (1 << (place % 8), 0x20):
            flipped = bytearray(whole)
            flipped[place] ^= bit
            with pytest.raises(SnapshotInvalid):
                decode_snapshot(bytes(flipped))


def test_corrupted_files_are_passed_over_one_by_one_and_never_deleted(
    store: SnapshotStore, folder: Path
) -> None:
    for seq in range(1, 7):
        store.save(at(seq))
    (folder / "state.json").write_bytes(b"")
    (folder / "backups" / "state.1.json").write_bytes(b"{}")
    (folder / "backups" / "state.2.json").unlink()
    found = store.load()
    assert found.snapshot == at(3)
    assert found.source == "backups/state.3.json"
    assert found.summary.startswith("backups/state.3.json (event 3); state.json is not usable (no whole JSON")
    assert "set aside as state.1.json.corrupt-1" in found.summary
    assert (folder / "state.json.corrupt-1").exists()
    assert (folder / "backups" / "state.1.json.corrupt-1").read_bytes() == b"{}"


def test_files_set_aside_do_not_overwrite_each_other(store: SnapshotStore, folder: Path) -> None:
    for content in (b"one", b"two"):
        folder.mkdir(exist_ok=True)
        (folder / "state.json").write_bytes(content)
        assert store.load().snapshot is None
    assert [(folder / f"state.json.corrupt-{n}").read_bytes() for n in (1, 2)] == [b"one", b"two"]


def test_all_files_gone_bad_are_no_snapshot(store: SnapshotStore, folder: Path) -> None:
    for seq in range(1, 7):
        store.save(at(seq))
    for path in [folder / "state.json", *(folder / "backups").iterdir()]:
        path.write_bytes(path.read_bytes()[:-9])
    found = store.load()
    assert found.snapshot is None
    assert len(found.notices) == 6


@pytest.mark.parametrize(("name", "value"), [("SCHEMA", 3), ("state_shape", lambda: "another")])
def test_a_snapshot_of_another_version_is_passed_over(
    store: SnapshotStore, name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(at(1))
    monkeypatch.setattr(snapshot_module, name, value)
    found = store.load()
    assert found.snapshot is None
    assert "another version" in found.summary


def test_a_whole_file_around_no_state_is_passed_over(store: SnapshotStore) -> None:
    store.save(Snapshot(seq=1, run_id="a", state=b'{"seq": "many"}', agents=b"{}"))
    assert "no valid state" in store.load().summary


@pytest.mark.parametrize("broken", [{"state": b"{"}, {"agents": b""}])
def test_what_is_no_json_is_never_saved(store: SnapshotStore, broken: dict[str, bytes]) -> None:
    store.save(at(1))
    parts = {"state": b"{}", "agents": b"{}"} | broken
    with pytest.raises(SnapshotInvalid):
        store.save(Snapshot(seq=2, run_id="a", **parts))
    assert loaded_seq(store) == 1


def test_a_file_that_cannot_be_read_is_passed_over_in_place(store: SnapshotStore, folder: Path) -> None:
    store.save(at(1))
    store.save(at(2))
    (folder / "state.json").unlink()
    (folder / "state.json").mkdir()
    found = store.load()
    assert found.snapshot == at(1)
    assert "can't be read" in found.summary


class Crash(BaseException):
    """The process ends here."""


def crash_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets so many calls to the system through and ends the process before the next."""
    left = step

    def ends(owner: object, name: str) -> None:
        call = getattr(owner, name)

        def wrapper(*args: object, **kw: object) -> object:
            nonlocal left
            if left == 0:
                raise Crash
            left -= 1
            return call(*args, **kw)

        monkeypatch.setattr(owner, name, wrapper)

    for name in ("open", "mkdir", "replace", "hardlink_to"):
        ends(Path, name)
    for name in ("fsync", "rename"):
        ends(os, name)


def is_saved(store: SnapshotStore, seq: int, crash_step: int) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        crash_at(crash_step, patch)
        try:
            store.save(at(seq))
        except Crash:
            return False
        return True


def test_a_crash_between_any_two_steps_of_a_save_leaves_the_new_snapshot_or_the_one_before(
    tmp_path: Path,
) -> None:
    for step in count():
        store = SnapshotStore(tmp_path / f"bot{step}")
        for seq in range(1, 8):
            store.save(at(seq))
        is_whole = is_saved(store, 8, step)
        assert loaded_seq(store) in ({8} if is_whole else {7, 8}), f"after step {step}"
        store.save(at(9))
        assert loaded_seq(store) == 9
        (store._folder / "state.json").unlink()
        assert loaded_seq(store) in {7, 8}, f"the backup after step {step}"
        if is_whole:
            break
    assert step >= 10


def test_crashes_at_the_same_step_of_every_save_keep_the_last_whole_snapshot(tmp_path: Path) -> None:
    for step in range(15):
        store = SnapshotStore(tmp_path / f"bot{step}")
        for seq in range(1, 5):
            store.save(at(seq))
        for seq in range(5, 15):
            before = loaded_seq(store)
            is_whole = is_saved(store, seq, step)
            assert loaded_seq(store) in ({seq} if is_whole else {before, seq})
        store.save(at(20))
        assert loaded_seq(store) == 20
