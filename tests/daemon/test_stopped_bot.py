"""What a bot that isn't running left, told from its snapshot and its journal, with every file as it was."""

from pathlib import Path

import pytest

from cockpit.daemon.folder import BotFolder
from cockpit.daemon.stopped_bot import alerts_left, state_left, status_left
from cockpit.daemon.stopping import NotRunning
from cockpit.domain.events import AlertAcknowledged, Event, KillSwitchSet
from cockpit.journal.codec import encode_state
from cockpit.journal.journal import Journal
from cockpit.journal.snapshot import Snapshot, SnapshotStore
from cockpit.journal.writer import JournalWriter
from tests.journal import trade_story
from tests.journal.trade_story import RUN, TradeStory


@pytest.fixture
def folder(tmp_path: Path) -> BotFolder:
    root = tmp_path / "arena"
    root.mkdir()
    return BotFolder(root)


def left(folder: BotFolder, story: TradeStory) -> TradeStory:
    """The story's journal, as its bot would have left it."""
    writer = JournalWriter(folder.journal)
    for ts_ms, batch in story.batches:
        writer.append(RUN, ts_ms, batch)
    writer.close()
    return story


def saved(folder: BotFolder, story: TradeStory, run_id: str = RUN, ahead: int = 0) -> None:
    state, seq = encode_state(story.state), story.state.seq + ahead
    SnapshotStore(folder.root).save(Snapshot(seq=seq, run_id=run_id, state=state, agents=b"{}"))


def contents(folder: BotFolder) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in folder.root.rglob("*")
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def held_and_killed() -> TradeStory:
    """A short that stays open, an order that waits, and the kill switch on."""
    story = trade_story.enlarged_and_flipped()
    story.tell(KillSwitchSet(on=True, by="the command line"))
    return story


async def test_it_says_that_it_was_killed_and_what_is_held(folder: BotFolder) -> None:
    left(folder, held_and_killed())
    told = await status_left(folder)
    health = told["health"]
    assert (health["pid"], health["bot"], health["run_id"]) == (None, "arena", RUN)
    assert health["killed"]
    assert told["positions"] == [
        {
            "agent": "ann",
            "symbol": "BTC/USDC:USDC",
            "side": "short",
            "quantity": 0.03,
            "entry_price": 49_000.0,
        }
    ]
    assert [row["agent"] for row in told["leaderboard"]["rows"]] == ["ann", "bob"]


def test_alerts_wait_for_a_person_until_they_are_acknowledged(folder: BotFolder) -> None:
    story = trade_story.liquidation()
    raised = [alert.seq for alert in story.state.alerts]
    story.tell(AlertAcknowledged(alert=raised[0], by="ann"))
    left(folder, story)
    told = alerts_left(folder)
    assert [each["seq"] for each in told] == raised[1:]
    assert told[0]["text"] == "drawdown 99% reached its limit of 20%; stopped: ann"


def test_what_came_after_the_snapshot_counts(folder: BotFolder) -> None:
    story = trade_story.enlarged_and_flipped()
    saved(folder, story)
    story.tell(KillSwitchSet(on=True, by="the command line"))
    left(folder, story)
    assert state_left(folder) == story.state


def test_what_came_before_the_snapshot_is_not_read(folder, monkeypatch) -> None:
    story = left(folder, trade_story.enlarged_and_flipped())
    saved(folder, story)
    applied: list[Event] = []
    monkeypatch.setattr("cockpit.daemon.newest_state.apply", lambda state, recorded: applied.append(recorded))
    assert state_left(folder) == story.state
    assert applied == []


@pytest.mark.parametrize("wrong", ["of another run", "ahead of the journal", "damaged"])
def test_a_snapshot_that_does_not_fit_is_passed_over_and_left_where_it_is(
    folder: BotFolder, wrong: str
) -> None:
    story = left(folder, held_and_killed())
    other = trade_story.bracket()
    saved(
        folder,
        other,
        run_id="run-0" if wrong == "of another run" else RUN,
        ahead=1_000 if wrong == "ahead of the journal" else 0,
    )
    if wrong == "damaged":
        (folder.root / "state.json").write_bytes(b"{}")
    before = contents(folder)
    assert state_left(folder) == story.state
    assert contents(folder) == before


async def test_only_the_newest_run_is_told(folder: BotFolder) -> None:
    left(folder, held_and_killed())
    newer = TradeStory()
    journal = Journal.open(folder.journal)
    for ts_ms, batch in newer.batches:
        await journal.commit("run-2", ts_ms, batch)
    journal.close()
    told = await status_left(folder)
    assert (told["health"]["run_id"], told["health"]["killed"], told["positions"]) == ("run-2", False, [])


def test_where_no_bot_has_run_there_is_nothing_to_tell(folder: BotFolder) -> None:
    with pytest.raises(NotRunning, match="isn't running; `cockpit start` starts it"):
        state_left(folder)
    assert not folder.journal.exists()
    Journal.open(folder.journal).close()
    with pytest.raises(NotRunning):
        alerts_left(folder)
