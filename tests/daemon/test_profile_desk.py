"""Profiles of a bot, running or not, are changed one by one, and its run is none the wiser."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from cockpit.daemon.folder import BotFolder
from cockpit.daemon.lock import AlreadyRunning, BotLock
from cockpit.daemon.profile_changes import ProfileRefused, ProfileUnknown, RemoveProfile, SaveProfile
from cockpit.daemon.profile_desk import missing_keys
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import BotStarted, BotStopped
from cockpit.domain.profile_events import ProfileEvent
from cockpit.domain.profiles import AiProfile, ProfileBook, ProfileKind, TraderKind, TraderProfile
from cockpit.journal.codec import encode_state
from cockpit.journal.journal import Journal
from cockpit.journal.profile_reading import read_profiles
from cockpit.journal.reading import read_events
from cockpit.settings.model_tree import ModelRouteSettings, ModelSettings
from tests.daemon.profile_bot import EMA5, PRO, SOLO, SWEEP, add, edit, opened, play, remove


@pytest.fixture
def folder(tmp_path):
    return BotFolder(tmp_path / "arena")


def runs(folder):
    with closing(sqlite3.connect(folder.journal)) as connection:
        return connection.execute("SELECT run_id FROM competition_runs ORDER BY seq").fetchall()


def story(folder):
    """What happened in the run, but for profiles and processes, without the places of the journal."""
    skipped = ProfileEvent | BotStarted | BotStopped
    return [
        (each.ts_ms, each.run_id, each.event)
        for each in read_events(folder.journal)
        if not isinstance(each.event, skipped)
    ]


def test_a_bot_that_never_ran_has_profiles_and_no_run(folder):
    add(folder, PRO, SOLO)
    edit(folder, AiProfile(name="pro", model="x/other"))
    assert read_profiles(folder.journal).ai["pro"].model == "x/other"
    assert {each.run_id for each in read_events(folder.journal)} == {""}
    assert runs(folder) == []


def test_what_is_refused_leaves_no_folder_behind(folder):
    with pytest.raises(ProfileUnknown):
        remove(folder, ProfileKind.AI, "pro")
    assert not folder.root.exists()


def test_a_bot_that_runs_is_not_written_to_from_outside(folder):
    add(folder, PRO)
    with BotLock(folder), pytest.raises(AlreadyRunning):
        add(folder, SOLO)
    assert read_profiles(folder.journal) == ProfileBook(ai={"pro": PRO})


async def test_an_unfinished_run_goes_on_bit_for_bit_after_profiles_were_changed(folder, tmp_path):
    await play(await opened(folder), 12)
    other = BotFolder(tmp_path / "other" / "arena")
    shutil.copytree(folder.root, other.root)
    await asyncio.to_thread(add, other, PRO, SOLO, EMA5)
    await asyncio.to_thread(remove, other, ProfileKind.TRADER, "solo")
    end, other_end = (list(read_events(each.journal))[-1] for each in (folder, other))
    assert (other_end.ts_ms, other_end.run_id) == (end.ts_ms, end.run_id)
    assert other_end.seq == end.seq + 4
    for each in (folder, other):
        await play(await opened(each), 30)
    assert story(other) == story(folder)
    assert runs(other) == runs(folder) == [("run-1",)]
    assert read_profiles(other.journal) == ProfileBook(ai={"pro": PRO}, traders={"ema5": EMA5})
    assert {each.run_id for each in read_events(other.journal)} == {"run-1"}


async def test_without_a_snapshot_the_journal_alone_gives_the_same_run(folder, tmp_path):
    await play(await opened(folder), 9)
    await asyncio.to_thread(add, folder, EMA5)
    other = BotFolder(tmp_path / "other" / "arena")
    shutil.copytree(folder.root, other.root)
    (other.root / "state.json").unlink()
    shutil.rmtree(other.root / "backups")
    states = []
    for each in (folder, other):
        bot = await opened(each)
        states.append(encode_state(bot.state))
        await bot.close("enough")
    assert states[0] == states[1]


async def test_profiles_of_a_finished_run_s_bot_belong_to_it_and_leave_it_finished(folder):
    bot = await opened(folder, {"arena": {"rounds": 3, "interval": "1m"}, "market": {"speed": "max"}})
    await bot.close(await bot.run())
    await asyncio.to_thread(add, folder, EMA5)
    last = list(read_events(folder.journal))[-1]
    assert (last.run_id, isinstance(last.event, ProfileEvent)) == ("run-1", True)
    bot = await opened(folder, run_id="run-2")
    assert list(bot.state.agents) == ["ema_cross", "buy_and_hold", "random", "ema5"]
    await bot.close("enough")
    assert runs(folder) == [("run-1",), ("run-2",)]


async def test_a_running_bot_journals_a_change_and_its_state_stays_as_it_is(folder):
    bot = await opened(folder)
    before = bot.state.seq
    agents = list(bot.state.agents)
    await bot.change_profile(SaveProfile(profile=SWEEP, is_new=True), "alice")
    assert bot.state.seq == before + 1
    assert list(bot.state.agents) == agents
    assert read_profiles(folder.journal) == ProfileBook(traders={"sweep": SWEEP})
    await bot.change_profile(SaveProfile(profile=SWEEP, is_new=False), "alice")
    assert bot.state.seq == before + 1  # it is so already
    await bot.close("enough")


async def test_of_two_who_add_the_same_at_once_one_is_refused(folder):
    bot = await opened(folder)
    wishes = (bot.change_profile(SaveProfile(profile=SWEEP, is_new=True), by) for by in ("alice", "bob"))
    came = await asyncio.gather(*wishes, return_exceptions=True)
    assert [type(each) for each in came] == [type(None), ProfileRefused]
    saved = [each.event for each in read_events(folder.journal) if isinstance(each.event, ProfileEvent)]
    assert [each.by for each in saved] == ["alice"]
    await bot.close("enough")


async def test_of_an_ai_profile_that_is_removed_while_a_trader_takes_it_only_one_comes_about(folder):
    await asyncio.to_thread(add, folder, PRO)
    bot = await opened(folder)
    came = await asyncio.gather(
        bot.change_profile(SaveProfile(profile=SOLO, is_new=True), "alice"),
        bot.change_profile(RemoveProfile(kind=ProfileKind.AI, name="pro"), "bob"),
        return_exceptions=True,
    )
    assert sum(isinstance(each, CockpitError) for each in came) == 1
    book = read_profiles(folder.journal)
    assert all(name in book.ai for trader in book.traders.values() for name in trader.minds)
    await bot.close("enough")


async def test_a_rebuild_gives_the_read_models_of_profiles_again(folder):
    await asyncio.to_thread(add, folder, PRO, replace(SOLO, competes=False), EMA5)
    bot = await opened(folder)
    await bot.change_profile(RemoveProfile(kind=ProfileKind.TRADER, name="ema5"), "alice")
    await play(bot, 3)
    tables = ("ai_agent_profiles", "trader_profiles")

    def rows():
        with closing(sqlite3.connect(folder.journal)) as connection:
            return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]

    before = rows()
    assert [len(each) for each in before] == [1, 1]
    journal = Journal.open(folder.journal)
    journal.rebuild()
    journal.close()
    assert rows() == before


def test_what_has_to_be_set_before_a_model_can_be_asked(tmp_path):
    book = ProfileBook(
        ai={
            each.name: each
            for each in (
                PRO,
                AiProfile(name="own", model="openai/own"),
                AiProfile(name="home", model="ollama/llama"),
            )
        }
    )
    routes = {"openai/own": ModelRouteSettings(key="OWN_KEY")}
    settings = ModelSettings(routes=routes)
    assert missing_keys(book, settings, {}) == {"pro": "set DEEPSEEK_API_KEY", "own": "set OWN_KEY"}
    assert missing_keys(book, settings, {"DEEPSEEK_API_KEY": "k", "OWN_KEY": "k"}) == {}
    assert missing_keys(book, ModelSettings(mode="replay"), {}) == {}
    keys = tmp_path / "keys"
    keys.write_text("OWN_KEY=abcdefgh\n")
    keys.chmod(0o644)
    told = missing_keys(book, ModelSettings(keys_file=keys, routes=routes), {})
    assert set(told) == set(book.ai)
    assert "chmod 600" in told["own"]
    keys.chmod(0o600)
    assert missing_keys(book, ModelSettings(keys_file=keys, routes=routes), {}) == {
        "pro": "set DEEPSEEK_API_KEY"
    }


def test_a_trader_of_no_kind_that_asks_models_needs_no_ai_profile(folder):
    add(folder, TraderProfile(name="b", kind=TraderKind.STRATEGY, strategy="cash"))
    assert read_profiles(folder.journal).traders["b"].minds == ()
