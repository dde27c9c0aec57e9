"""The journal: in order, durable, all or nothing."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.domain.events import DecisionMade, Event, MarketAdvanced, PauseSet, Recorded, RunFinished
from cockpit.domain.market import Micros
from cockpit.domain.orders import Fill, Liquidity
from cockpit.journal.errors import (
    EventUnwritable,
    JournalConflict,
    JournalCorrupt,
    JournalTooNew,
    JournalUnavailable,
)
from cockpit.journal.journal import Journal
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState
from tests.journal.event_stream import EventStream


def pause(by: str) -> PauseSet:
    return PauseSet(on=True, by=by)


async def fill_up(journal: Journal, stream: EventStream, rounds: int) -> list[Recorded]:
    return [
        recorded
        for ts_ms, batch in stream.batches(rounds)
        for recorded in await journal.commit(stream.run_id, ts_ms, batch)
    ]


def move(path: Path, target: Path) -> None:
    path.rename(target)


def by_hand(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


async def test_events_get_places_in_order_and_are_read_back_equal(
    journal: Journal, stream: EventStream
) -> None:
    recorded = await fill_up(journal, stream, 5)
    assert [each.seq for each in recorded] == list(range(1, len(recorded) + 1))
    assert list(journal.events()) == recorded
    assert journal.last_seq == len(recorded)


async def test_a_replay_of_the_journal_gives_the_state_it_was_written_from(
    journal: Journal, stream: EventStream
) -> None:
    await fill_up(journal, stream, 40)
    state = ArenaState()
    for recorded in journal.events():
        apply(state, recorded)
    assert state == stream.state


async def test_events_are_found_between_two_places_and_by_run(journal: Journal) -> None:
    for run_id in ("a", "b", "a"):
        await journal.commit(run_id, 5, [pause(run_id), pause(run_id)])
    assert [each.seq for each in journal.events(after_seq=2, until_seq=4)] == [3, 4]
    assert [each.seq for each in journal.events(run_id="a")] == [1, 2, 5, 6]
    assert [each.seq for each in journal.events(after_seq=1, run_id="a", until_seq=5)] == [2, 5]
    assert list(journal.events(after_seq=6)) == []


async def test_more_events_than_one_chunk_are_read_in_order(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cockpit.journal.reading._CHUNK", 3)
    await journal.commit("a", 5, [pause(str(number)) for number in range(10)])
    assert [each.seq for each in journal.events()] == list(range(1, 11))


async def test_a_reader_that_dawdles_holds_up_nobody(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cockpit.journal.reading._CHUNK", 1)
    await journal.commit("a", 5, [pause("x"), pause("y")])
    slow = journal.events()
    assert next(slow).seq == 1
    await journal.commit("a", 6, [pause("z")])
    assert [each.seq for each in slow] == [2, 3]


async def test_a_journal_opened_again_goes_on_where_it_ended(path: Path) -> None:
    first = Journal.open(path)
    await first.commit("a", 5, [pause("x")])
    first.close()
    first.close()
    second = Journal.open(path)
    assert second.last_seq == 1
    (recorded,) = await second.commit("a", 6, [pause("y")])
    second.close()
    assert recorded.seq == 2


async def test_no_events_are_no_commit(journal: Journal) -> None:
    assert await journal.commit("a", 5, []) == ()
    assert journal.last_seq == 0


async def test_the_newest_run_is_known(journal: Journal) -> None:
    assert journal.last_run() is None
    for run_id in ("first", "second"):
        stream = EventStream(agents=2, run_id=run_id)
        await fill_up(journal, stream, 1)
        assert journal.last_run() == (run_id, stream.state.run)


async def test_commits_at_once_are_written_one_after_the_other(journal: Journal) -> None:
    done = await asyncio.gather(
        *(journal.commit("a", 5, [pause(f"{number}"), pause(f"{number}")]) for number in range(20))
    )
    seqs = [[each.seq for each in recorded] for recorded in done]
    assert sorted(seqs) == [[2 * number + 1, 2 * number + 2] for number in range(20)]
    assert list(journal.events()) == sorted((e for r in done for e in r), key=lambda each: each.seq)


async def test_the_loop_goes_on_while_a_commit_is_written(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_write = threading.Event()
    write = journal._writer.append

    def slow(*values: object) -> tuple[Recorded, ...]:
        assert may_write.wait(5)
        return write(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(journal._writer, "append", slow)
    commit = asyncio.create_task(journal.commit("a", 5, [pause("x")]))
    await asyncio.sleep(0.01)
    assert not commit.done()
    may_write.set()
    assert [each.seq for each in await commit] == [1]


async def test_a_cancelled_commit_still_tells_its_caller_and_cancels_it_afterwards(journal: Journal) -> None:
    told: list[Recorded] = []
    reached_the_end = False

    async def commits() -> None:
        nonlocal reached_the_end
        told.extend(await journal.commit("a", 5, [pause("x")]))
        await asyncio.sleep(5)
        reached_the_end = True

    task = asyncio.create_task(commits())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == list(journal.events())
    assert len(told) == 1
    assert not reached_the_end


async def test_a_locked_journal_is_unavailable_and_takes_the_same_events_later(
    journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert journal._writer._connection is not None
    journal._writer._connection.execute("PRAGMA busy_timeout = 20")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            with pytest.raises(JournalUnavailable, match="locked"):
                await journal.commit("a", 5, [pause("x"), pause("y")])
        assert journal.last_seq == 0
        other.execute("ROLLBACK")
    recorded = await journal.commit("a", 5, [pause("x"), pause("y")])
    assert [each.seq for each in recorded] == [1, 2]
    assert list(journal.events()) == list(recorded)


async def test_a_full_disk_writes_nothing_and_the_journal_goes_on_when_there_is_room(
    journal: Journal, stream: EventStream
) -> None:
    await fill_up(journal, stream, 2)
    before = journal.last_seq
    connection = journal._writer._connection
    assert connection is not None
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    events: list[Event] = [pause("x" * 400)] * 200
    with pytest.raises(JournalUnavailable, match="full"):
        await journal.commit(stream.run_id, 5, events)
    assert (journal.last_seq, len(list(journal.events()))) == (before, before)
    connection.execute(f"PRAGMA max_page_count = {pages * 100}")
    recorded = await journal.commit(stream.run_id, 5, events)
    assert [each.seq for each in recorded] == list(range(before + 1, before + 201))


class Failing(sqlite3.Connection):
    """Fails as a bad disk would at the statement that begins with `at`, before or after it is done."""

    at = ""
    is_done = False

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]
        if not Failing.at or not statement.startswith(Failing.at):
            return super().execute(statement, *values)  # type: ignore[arg-type]
        Failing.at = ""
        if Failing.is_done:
            super().execute(statement, *values)  # type: ignore[arg-type]
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error


@pytest.fixture
def failing_journal(path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **kw: connect(*args, **kw, factory=Failing))
    monkeypatch.setattr(Failing, "at", "")
    return Journal.open(path)


@pytest.mark.parametrize("at", ["BEGIN", "SELECT coalesce", "INSERT INTO decisions", "INSERT INTO", "COMMIT"])
@pytest.mark.parametrize("is_done", [False, True])
async def test_a_write_error_anywhere_writes_nothing_and_the_next_commit_succeeds(
    failing_journal: Journal, stream: EventStream, at: str, is_done: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = await fill_up(failing_journal, stream, 1)
    *_, (ts_ms, batch) = stream.batches(1)
    monkeypatch.setattr(Failing, "is_done", is_done)
    monkeypatch.setattr(Failing, "at", at)
    decided = [each for each in batch if isinstance(each, DecisionMade)]
    with pytest.raises(JournalUnavailable, match="disk I/O error"):
        await failing_journal.commit(stream.run_id, ts_ms, decided)
    assert failing_journal.last_seq == len(recorded)
    recorded += await failing_journal.commit(stream.run_id, ts_ms, [pause("the disk"), *decided])
    assert list(failing_journal.events()) == recorded
    failing_journal.close()


async def test_a_journal_moved_away_is_unavailable_until_it_is_back(journal: Journal, path: Path) -> None:
    await journal.commit("a", 5, [pause("x")])
    move(path, path.with_name("elsewhere"))
    with pytest.raises(JournalUnavailable, match="moved or deleted"):
        await journal.commit("a", 5, [pause("y")])
    move(path.with_name("elsewhere"), path)
    (recorded,) = await journal.commit("a", 5, [pause("y")])
    assert recorded.seq == 2


async def test_a_second_writer_is_noticed(journal: Journal, path: Path) -> None:
    await journal.commit("a", 5, [pause("x")])
    other = Journal.open(path)
    await other.commit("a", 5, [pause("y")])
    other.close()
    with pytest.raises(JournalConflict, match="another program wrote to it"):
        await journal.commit("a", 5, [pause("z")])
    assert journal.last_seq == 1


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_one_event_that_cannot_be_written_keeps_back_all_of_its_commit(
    journal: Journal, place: int
) -> None:
    events: list[Event] = [pause("x"), pause("y")]
    events.insert(place, MarketAdvanced(marks=(float("nan"),), fresh=(True,)))
    with pytest.raises(EventUnwritable):
        await journal.commit("a", 5, events)
    assert list(journal.events()) == []
    (recorded,) = await journal.commit("a", 5, [pause("z")])
    assert recorded.seq == 1


async def test_events_that_contradict_the_journal_are_refused_together(
    journal: Journal, stream: EventStream
) -> None:
    recorded = await fill_up(journal, stream, 2)
    known = next(each.event for each in recorded if isinstance(each.event, DecisionMade))
    with pytest.raises(JournalConflict, match="contradict"):
        await journal.commit(stream.run_id, 5, [pause("x"), known])
    assert journal.last_seq == len(recorded)
    assert len(list(journal.events())) == len(recorded)


async def test_a_number_too_large_to_store_is_refused(journal: Journal) -> None:
    event = DecisionMade(decision_id=2**63, agent="a", round=1, confidence=None, targets=())
    with pytest.raises(EventUnwritable, match="too large"):
        await journal.commit("a", 5, [pause("x"), event])
    assert list(journal.events()) == []


async def test_a_fill_without_a_run_is_refused(journal: Journal) -> None:
    from cockpit.domain.events import OrderFilled
    from cockpit.domain.market import Lots

    fill = Fill(
        fill_id=1,
        order_id=1,
        agent="a",
        symbol="BTC",
        ts_ms=5,
        signed_lots=Lots(1),
        price=1.0,
        fee_micros=Micros(0),
        liquidity=Liquidity.TAKER,
    )
    with pytest.raises(JournalConflict, match="has not started"):
        await journal.commit("a", 5, [OrderFilled(fill=fill, notional=Micros(1), realized=Micros(0))])


async def test_an_event_that_was_tampered_with_is_told_with_its_place(journal: Journal, path: Path) -> None:
    await journal.commit("a", 5, [pause("x"), RunFinished(reason="done")])
    by_hand(path, "UPDATE events SET payload = '{\"reason\": 1}' WHERE seq = 2")
    with pytest.raises(JournalCorrupt, match="event 2 is no valid run_finished"):
        list(journal.events())
    by_hand(path, "UPDATE events SET kind = 'eclipse' WHERE seq = 2")
    with pytest.raises(JournalCorrupt, match="event 2 is of unknown kind"):
        list(journal.events())
    with pytest.raises(JournalCorrupt, match="event 2"):
        journal.rebuild()


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("my diary\n" * 1000)
    with pytest.raises(JournalCorrupt, match="move it away"):
        Journal.open(path)
    assert path.read_text() == "my diary\n" * 1000


def test_another_programs_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    by_hand(path, "CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(JournalCorrupt, match="another program"):
        Journal.open(path)


def test_a_newer_schema_is_refused(path: Path) -> None:
    Journal.open(path).close()
    by_hand(path, "PRAGMA user_version = 99")
    with pytest.raises(JournalTooNew, match="schema 99"):
        Journal.open(path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "bot").write_text("a file")
    with pytest.raises(JournalUnavailable, match="can't be opened"):
        Journal.open(tmp_path / "bot" / "journal.sqlite")


def test_a_folder_in_the_place_of_the_file_is_told(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(JournalUnavailable, match="unable to open"):
        Journal.open(path)


def test_an_odd_path_is_no_obstacle(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "a b?c=d#e%20é" / "journal.sqlite")
    assert list(journal.events()) == []
    assert journal.path.exists()
    journal.close()


async def test_commits_are_synced_to_disk(journal: Journal) -> None:
    assert journal._writer._connection is not None
    pragma = journal._writer._connection.execute
    assert pragma("PRAGMA journal_mode").fetchone() == ("wal",)
    assert pragma("PRAGMA synchronous").fetchone() == (2,)
