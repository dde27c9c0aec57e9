"""Who competes: settings' agents, and profiles' traders in new runs; unfinished ones keep theirs."""

import asyncio
from dataclasses import replace

import pytest

from cockpit.daemon.enrolment import enrolled
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.remembered_settings import remember_settings, remembered_settings
from cockpit.daemon.runs import RunDiffers
from cockpit.domain.events import BotStarted
from cockpit.domain.market import Micros
from cockpit.domain.profiles import ProfileKind, TraderKind, TraderProfile
from cockpit.settings.sources import ConfigInvalid
from tests.daemon.profile_bot import (
    EMA5,
    FLAGS,
    PRO,
    SOLO,
    SWEEP,
    add,
    edit,
    opened,
    play,
    remove,
    settings_of,
)

OWN = ["ema_cross", "buy_and_hold", "random"]


@pytest.fixture
def folder(tmp_path):
    return BotFolder(tmp_path / "arena")


@pytest.fixture(autouse=True)
def nobody_s_keys(monkeypatch):
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)


def names(start_list):
    return [each.name for each in start_list.settings.agents]


def test_without_profiles_settings_are_left_as_they_are(folder):
    settings = settings_of()
    start_list = enrolled(settings, folder, new=True)
    assert start_list.settings is settings
    assert (start_list.traders, start_list.notices) == ((), ())
    assert not folder.root.exists()


def test_traders_that_compete_enter_a_new_run_after_the_settings_agents(folder):
    resting = TraderProfile(name="idle", kind=TraderKind.STRATEGY, strategy="cash", competes=False)
    add(folder, SWEEP, EMA5, resting)
    start_list = enrolled(settings_of(), folder, new=True)
    assert names(start_list) == [*OWN, "ema5", "sweep"]
    assert list(start_list.parts.agents) == [*OWN, "ema5", "sweep"]
    assert start_list.traders == ("ema5", "sweep")
    assert start_list.notices == ("by their profiles compete ema5, sweep",)


def test_settings_go_before_a_profile_of_the_same_name(folder):
    add(folder, TraderProfile(name="random", kind=TraderKind.STRATEGY, strategy="cash"))
    start_list = enrolled(settings_of(), folder, new=True)
    assert names(start_list) == OWN
    assert start_list.parts.agents["random"].is_control
    assert start_list.notices == (
        "settings name an agent random: it competes, and the trader's profile does not",
    )


def test_contestants_that_were_chosen_by_hand_are_all_there_are(folder):
    add(folder, EMA5)
    start_list = enrolled(settings_of(), folder, new=True, by_hand=True)
    assert names(start_list) == OWN
    assert start_list.notices == ("trader ema5 stays out: contestants were chosen by hand",)


@pytest.mark.parametrize(
    ("profile", "flags", "words"),
    [
        (
            TraderProfile(name="odd", kind=TraderKind.STRATEGY, strategy="ema_cross", timeframe="5m"),
            {"market": {"kind": "replay"}},
            "it wants 5m bars, but the market has 1h",
        ),
        (
            TraderProfile(name="odd", kind=TraderKind.STRATEGY, strategy="cash"),
            {"arena": {"capital": 40_000}},
            "treasury",
        ),
    ],
)
def test_who_can_not_compete_keeps_nobody_else_from_it(folder, tmp_path, profile, flags, words):
    add(folder, SWEEP, profile)
    if "market" in flags:
        flags = {"market": {"kind": "replay", "data": str(hourly(tmp_path))}}
    tree = {**FLAGS, "arena": {}} | flags
    start_list = enrolled(settings_of(tree), folder, new=True)
    entered = set(start_list.traders)
    assert len(entered) == 1
    (left_out,) = {"odd", "sweep"} - entered
    assert any(left_out in notice and words in notice for notice in start_list.notices)
    assert set(start_list.parts.agents) == {*OWN, *entered}


def hourly(folder):
    path = folder / "BTCUSDT-1h.csv"
    rows = [f"{1_760_000_400_000 + n * 3_600_000},100,101,99,100,10" for n in range(200)]
    path.write_text("\n".join(["timestamp,open,high,low,close,volume", *rows]))
    return path


def test_settings_that_make_no_arena_are_told_as_such_whatever_profiles_there_are(folder):
    add(folder, EMA5)
    with pytest.raises(ConfigInvalid, match="market replay needs candles"):
        enrolled(settings_of(FLAGS | {"market": {"kind": "replay"}}), folder, new=True)


def test_a_trader_whose_key_is_missing_competes_grounded(folder):
    add(folder, PRO, SOLO)
    start_list = enrolled(settings_of(), folder, new=True)
    assert "set DEEPSEEK_API_KEY" in start_list.parts.agents["solo"].grounded


async def test_an_unfinished_run_keeps_its_traders_whatever_becomes_of_their_profiles(folder):
    await asyncio.to_thread(add, folder, EMA5, SWEEP)
    await play(await opened(folder), 4)
    began = [*OWN, "ema5", "sweep"]
    await asyncio.to_thread(remove, folder, ProfileKind.TRADER, "sweep")
    await asyncio.to_thread(edit, folder, replace(EMA5, timeframe="15m"))
    await asyncio.to_thread(add, folder, replace(SWEEP, name="late"))
    bot = await opened(folder)
    assert list(bot.state.agents) == began
    assert [each.name for each in bot.settings.agents] == began
    assert {each.name: each for each in bot.settings.agents}["ema5"].timeframe == "5m"
    assert any("profiles have changed since this run began" in notice for notice in bot.notices)
    await play(bot, 8)
    bot = await opened(folder, new=True, run_id="run-2")
    assert list(bot.state.agents) == [*OWN, "ema5", "late"]
    await bot.close("enough")


async def test_a_model_that_is_changed_is_asked_from_the_next_run_on(folder):
    await asyncio.to_thread(add, folder, PRO, SOLO)
    bot = await opened(folder)
    await bot.close("enough")
    await asyncio.to_thread(edit, folder, replace(PRO, model="x/other", budget_total=Micros(1)))
    begun, anew = (enrolled(settings_of(), folder, new=new) for new in (False, True))
    assert [each.settings.agents[-1].model for each in (begun, anew)] == ["deepseek/deepseek-chat", "x/other"]
    assert begun.parts.agreement.settings_digest == bot.state.agreement.settings_digest


async def test_a_profile_added_to_an_unfinished_run_without_any_changes_nothing_in_it(folder):
    await play(await opened(folder), 3)
    await asyncio.to_thread(add, folder, EMA5)
    bot = await opened(folder)
    assert list(bot.state.agents) == OWN
    await bot.close("enough")


async def test_a_note_is_no_change_that_a_run_has_to_be_told_of(folder):
    await asyncio.to_thread(add, folder, EMA5)
    await play(await opened(folder), 3)
    await asyncio.to_thread(edit, folder, replace(EMA5, note="mine"))
    bot = await opened(folder)
    assert bot.notices == ()
    await bot.close("enough")


async def test_who_was_left_out_when_the_run_began_stays_out_when_it_could_compete(folder, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("no keys at all")
    keys.chmod(0o600)
    await asyncio.to_thread(add, folder, PRO, SOLO)
    flags = {**FLAGS, "models": {"keys_file": str(keys)}}
    bot = await opened(folder, flags)
    assert list(bot.state.agents) == OWN
    assert any("trader solo does not compete" in notice for notice in bot.notices)
    await play(bot, 3)
    keys.write_text("DEEPSEEK_API_KEY=abcdefgh")
    bot = await opened(folder, flags)
    assert list(bot.state.agents) == OWN
    await bot.close("enough")


async def test_other_settings_still_refuse_to_take_a_run_up(folder):
    await asyncio.to_thread(add, folder, EMA5)
    await play(await opened(folder), 3)
    with pytest.raises(RunDiffers):
        await opened(folder, FLAGS | {"trading": {"leverage": 2}})


async def test_a_run_is_taken_up_under_the_settings_it_was_remembered_with(folder):
    await asyncio.to_thread(add, folder, EMA5)
    bot = await opened(folder)
    remember_settings(folder.settings, bot.settings)
    began = list(bot.state.agents)
    await play(bot, 3)
    await asyncio.to_thread(remove, folder, ProfileKind.TRADER, "ema5")
    remembered = remembered_settings(folder.settings)
    start_list = enrolled(remembered, folder, new=False)
    assert list(start_list.parts.agents) == began
    assert start_list.parts.agreement.settings_digest == bot.state.agreement.settings_digest


async def test_who_competes_by_a_profile_stands_in_the_journal_where_the_run_begins(folder):
    await asyncio.to_thread(add, folder, EMA5)
    bot = await opened(folder)
    started = [each.event for each in bot.journal.events() if isinstance(each.event, BotStarted)]
    assert "by their profiles compete ema5" in started[0].notices
    await bot.close("enough")
