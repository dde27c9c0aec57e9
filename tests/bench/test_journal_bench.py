"""What the journal and the snapshots cost, each beside the plain way of doing the same work.

Run by hand (`pytest -m bench -s tests/bench/test_journal_bench.py`): both sides of a pair run in turns
in the same process, and the ratio of their medians is what is asked for.
"""

import asyncio
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest

from cockpit.domain.events import KIND_OF, Event, Recorded, RunStarted
from cockpit.journal import projection
from cockpit.journal.codec import encode_event, encode_state
from cockpit.journal.journal import Journal
from cockpit.journal.schema import connect_writer
from cockpit.journal.snapshot import Snapshot, SnapshotStore
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState
from tests.journal.event_stream import EventStream

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

COMMIT_EVENTS = 100
COMMITS = 200
SAVES = 300
REPLAYED = int(os.environ.get("COCKPIT_BENCH_EVENTS", "1000000"))


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    def tell(line: str) -> None:
        with capsys.disabled():
            print(f"\n  {line}", end="")

    return tell


def hundreds(count: int) -> list[list[Event]]:
    """Batches of 100 events of an arena, each ready to be committed after the one before."""
    stream = EventStream()
    events = (event for _, batch in stream.batches(10 * count) for event in batch)
    return [[next(events) for _ in range(COMMIT_EVENTS)] for _ in range(count)]


class PlainJournal:
    """The same rows with nothing but sqlite3, in whatever thread calls it."""

    def __init__(self, path: Path) -> None:
        self.connection, _ = connect_writer(path)
        self.last_seq = 0
        self.run: RunStarted | None = None

    def append(self, events: list[Event]) -> None:
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        rows = []
        recorded = []
        for event in events:
            self.last_seq += 1
            rows.append((self.last_seq, 0, "run-1", KIND_OF[type(event)], encode_event(event).decode()))
            recorded.append(Recorded(self.last_seq, 0, "run-1", event))
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", rows)
        for each in recorded:
            if isinstance(each.event, RunStarted):
                self.run = each.event
            for statement, values in projection.rows(each, self.run):
                connection.execute(statement, values)
        connection.execute("COMMIT")


async def test_durable_append_keeps_up_with_plain_sqlite(tmp_path: Path, told: Callable[[str], None]) -> None:
    batches = hundreds(COMMITS)
    plain = PlainJournal(tmp_path / "plain.sqlite")
    journal = Journal.open(tmp_path / "journal.sqlite")
    costs: dict[str, list[float]] = {"plain": [], "journal": []}

    def append_plain(batch: list[Event]) -> None:
        began = time.perf_counter()
        plain.append(batch)
        costs["plain"].append(time.perf_counter() - began)

    for batch in batches:
        await asyncio.to_thread(append_plain, batch)
        began = time.perf_counter()
        await journal.commit("run-1", 0, batch)
        costs["journal"].append(time.perf_counter() - began)
    journal.close()
    plain.connection.close()
    ratio = median(costs["plain"]) / median(costs["journal"])
    per_commit = median(costs["journal"]) * 1e3
    told(f"append: {ratio:.2f} × plain sqlite3's throughput (≥ 0.8); {per_commit:.2f} ms a commit of 100")
    assert ratio >= 0.8


def test_rotation_costs_little_beside_the_save(tmp_path: Path, told: Callable[[str], None]) -> None:
    stream = EventStream()
    for _ in stream.batches(480):
        pass
    state = encode_state(stream.state)
    stores = {
        "plain": SnapshotStore(tmp_path / "plain", backups=0),
        "rotated": SnapshotStore(tmp_path / "rotated"),
    }
    costs: dict[str, list[float]] = {name: [] for name in stores}
    for seq in range(SAVES):
        snapshot = Snapshot(seq=seq, run_id="run-1", state=state, agents=b"{}")
        for name, store in stores.items():
            began = time.perf_counter()
            store.save(snapshot)
            costs[name].append(time.perf_counter() - began)
    ratio = median(costs["rotated"][10:]) / median(costs["plain"][10:])
    per_save = median(costs["rotated"]) * 1e3
    told(f"snapshot of {len(state) / 1e3:.0f} kB: {per_save:.2f} ms, {ratio:.2f} × an unrotated save (≤ 1.1)")
    began = time.perf_counter()
    for _ in range(100):
        encode_state(stream.state)
    told(f"encoding the state on the loop: {(time.perf_counter() - began) * 10:.2f} ms")
    assert ratio <= 1.1


def filled_journal(path: Path, count: int) -> None:
    """A journal of so many events, without the read models, which a replay doesn't read."""
    connection, _ = connect_writer(path)
    connection.execute("PRAGMA synchronous = OFF")
    with closing(connection):
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", _rows(count))
        connection.execute("COMMIT")


def _rows(count: int) -> Iterator[tuple[int, int, str, str, str]]:
    seq = 0
    for ts_ms, batch in EventStream().batches(count):
        for event in batch:
            seq += 1
            yield seq, ts_ms, "run-1", KIND_OF[type(event)], encode_event(event).decode()
            if seq == count:
                return


def _plain_read(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT seq, ts_ms, run_id, kind, payload FROM events ORDER BY seq"
        count = 0
        for _seq, _ts_ms, _run_id, _kind, payload in connection.execute(query):
            json.loads(payload)
            count += 1
    return count


def _decode_all(journal: Journal) -> int:
    count = 0
    for _ in journal.events():
        count += 1
    return count


def _replay(journal: Journal) -> int:
    state = ArenaState()
    for recorded in journal.events():
        apply(state, recorded)
    return state.seq


def _timed(work: Callable[[], int]) -> float:
    began = time.perf_counter()
    assert work() == REPLAYED
    return time.perf_counter() - began


def test_typed_replay_keeps_up_with_plain_json(tmp_path: Path, told: Callable[[str], None]) -> None:
    path = tmp_path / "journal.sqlite"
    filled_journal(path, REPLAYED)
    journal = Journal.open(path)
    costs: dict[str, list[float]] = {"plain": [], "decode": [], "replay": []}
    for _ in range(3):
        costs["plain"].append(_timed(lambda: _plain_read(path)))
        costs["decode"].append(_timed(lambda: _decode_all(journal)))
        costs["replay"].append(_timed(lambda: _replay(journal)))
    journal.close()
    plain, decode, replay = (median(costs[name]) for name in ("plain", "decode", "replay"))
    told(
        f"{REPLAYED} events: rows + json.loads {plain:.2f} s; typed decode {decode:.2f} s"
        f" ({decode / plain:.2f} ×); decode and fold {replay:.2f} s ({replay / plain:.2f} ×, ≤ 2)"
    )
    assert replay <= 2 * plain
