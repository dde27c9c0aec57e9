"""Profiles on the screen: two lists, the keys that change them, and a form in which nothing typed is lost."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
from textual.events import Paste
from textual.widgets import Input, OptionList, Select

from cockpit.daemon.bot import Bot
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.lock import BotLock
from cockpit.daemon.server import ApiServer
from cockpit.domain.events import TraderProfileRemoved
from cockpit.domain.profiles import AiProfile, ProfileBook, ProfileKind
from cockpit.journal.profile_reading import read_profiles
from cockpit.settings.resolve import resolve
from cockpit.tui.app import CockpitApp
from cockpit.tui.bot_link import SocketLink
from cockpit.tui.link import CommandRefused, LinkLost
from cockpit.tui.screens.confirm import ConfirmScreen
from cockpit.tui.screens.profile_form import ProfileFormScreen
from cockpit.tui.screens.profiles import ProfilesScreen
from cockpit.tui.store import Connection
from tests.tui.conftest import Stage, nothing_for_a_terminal_that_is_not_there, staged
from tests.tui.profile_link import ProfileLink, ai, profile_link, trader
from tests.tui.test_hostile_text import EVIL, assert_clean

NEW_AI = {
    "name": "cheap_bull",
    "model": "openai/gpt-5-mini",
    "role": "decide",
    "tier": "powerful",
    "mode": None,
    "budget_per_day": 2.5,
    "budget_total": None,
}
NEW_TRADER = {
    "name": "fade",
    "kind": "strategy",
    "strategy": "liquidity_sweep",
    "timeframe": None,
    "minds": (),
    "competes": True,
    "note": "a try",
}


@pytest.fixture
def link(arena_events) -> ProfileLink:
    return profile_link(list(arena_events))


@asynccontextmanager
async def opened(link: ProfileLink, size=(100, 30), **options):
    async with staged(link, size, **options) as stage:
        await stage.press("P")
        await answered(stage)
        assert isinstance(stage.app.screen, ProfilesScreen)
        yield stage


async def answered(stage: Stage) -> None:
    """Waits until the bot has said what it was asked."""
    groups = {"profiles", "save", "toggle", "delete"}
    while any(each.group in groups and not each.is_finished for each in stage.app.workers):
        await stage.pilot.pause(0.001)
    await stage.settle()


async def press(stage: Stage, *keys: str) -> None:
    await stage.press(*keys)
    await answered(stage)


async def write(stage: Stage, words: str) -> None:
    """Pastes words in place of those there."""
    focused = stage.app.focused
    assert isinstance(focused, Input)
    focused.select_all()
    focused.post_message(Paste(words))
    await stage.settle()


def form(stage: Stage) -> ProfileFormScreen:
    assert isinstance(stage.app.screen, ProfileFormScreen)
    return stage.app.screen


def told(stage: Stage, field: str) -> str:
    """What is wrong with a field, as the screen says it."""
    line = next(iter(form(stage).fields[field].query(".field-told")))
    words = str(line.render())
    assert words in " ".join(stage.text.replace("│", " ").split())
    return words


def said(stage: Stage) -> str:
    return " ".join(each.message for each in stage.app._notifications)


# The lists


async def test_both_lists_say_everything_that_matters(link):
    async with opened(link, (160, 50)) as stage:
        for words in (
            "opus     ",
            "anthropic/claude-opus-4",
            "powerful cheap first",
            "$5.00  $100.00",
            "✗ missing",
            "no limit",
            "✓ competes   ● plays  strategy donchian_breakout on 15m",
            "– stays out           debate   judge, bull_gpt, bear_gpt",
            "flash first, opus where it is unsure",
            "3, 2 in the next run",
            "This run goes on as it is. For the next one, stop it, then cockpit start --new.",
        ):
            assert words in stage.text, words


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_the_keys_stand_under_the_lists_at_every_size(link, size):
    async with opened(link, size) as stage:
        assert "n new  e edit  d delete  space in or out  tab other list  esc back" in stage.text


async def test_what_has_no_room_in_its_row_stands_below_for_the_selected_one(link):
    async with opened(link, (80, 24)) as stage:
        assert "donchian_breakout: Joins a close beyond the channel's edge" in stage.text
        await press(stage, "end")
        assert "two_minds: flash first, opus where it is unsure" in stage.text
        await press(stage, "tab")
        assert "bear_gpt: openai/gpt-5-mini, cheap, asked always, used by panel" in stage.text
        await press(stage, "end", "up")
        assert "judge: ✗ set ANTHROPIC_API_KEY" in stage.text


async def test_a_trader_that_cannot_compete_says_why(link):
    link.keep(ProfileKind.TRADER, trader("panel", "debate", minds=("gone",)))
    link.problems = {"panel": "there is no AI profile gone; there are: flash, opus"}
    async with opened(link) as stage:
        await press(stage, "down")
        assert "✗ unable" in stage.text
        assert "✗ gone is gone" in stage.text
        assert "panel: ✗ there is no AI profile gone; there are: flash, opus" in stage.text


async def test_empty_lists_say_what_belongs_there(link):
    link.kept = {kind: {} for kind in ProfileKind}
    async with opened(link, (80, 24)) as stage:
        assert "No AI profile yet: which model, in which role, for how much. n makes one." in stage.text
        assert "No trader profile yet: who competes in the next run, and how. n makes one." in stage.text
        await press(stage, "e", "d", "space")
        assert isinstance(stage.app.screen, ProfilesScreen)
        assert link.asked == []


async def test_escape_and_the_key_that_opened_it_close_it(link):
    async with opened(link) as stage:
        await press(stage, "escape")
        assert stage.app.screen is stage.controls.dashboard
        await press(stage, "P")
        assert isinstance(stage.app.screen, ProfilesScreen)
        await press(stage, "P")
        assert stage.app.screen is stage.controls.dashboard


async def test_what_somebody_else_changes_is_shown_at_once(link):
    async with opened(link) as stage:
        assert "two_minds" in stage.text
        del link.kept[ProfileKind.TRADER]["two_minds"]
        link.happen([TraderProfileRemoved(name="two_minds", by="somebody", wall_ms=0)])
        await stage.settle()
        await answered(stage)
        assert "two_minds" not in stage.text
        assert link.read.count("profiles") == 2


# What keys do to them


async def test_space_lets_a_trader_in_or_out_of_the_next_run(link):
    async with opened(link) as stage:
        await press(stage, "down", "space")
        ((what, kind, name, fields),) = link.asked
        assert (what, kind, name) == ("save", ProfileKind.TRADER, "panel")
        assert fields == {
            "name": "panel",
            "kind": "debate",
            "strategy": None,
            "timeframe": None,
            "minds": ("judge", "bull_gpt", "bear_gpt"),
            "competes": True,
            "note": "costly",
        }
        assert "The profile panel is saved." in said(stage)
        assert "3, 3 in the next run" in stage.text
        await press(stage, "space")
        assert link.asked[1][3]["competes"] is False
        link.refuses_profiles = "the run is being prepared; try again"
        await press(stage, "space")
        assert "the run is being prepared; try again" in said(stage)
        assert "3, 2 in the next run" in stage.text


async def test_d_deletes_a_trader_once_it_is_confirmed(link):
    async with opened(link) as stage:
        await press(stage, "d")
        assert isinstance(stage.app.screen, ConfirmScreen)
        words = " ".join(stage.text.replace("│", " ").split())
        assert "Delete the trader profile donchian_breakout? The run that is on goes on with it;" in words
        await press(stage, "enter")
        assert link.asked == []
        assert "The trader profile donchian_breakout stays." in said(stage)
        await press(stage, "d", "y")
        assert link.asked == [("delete", ProfileKind.TRADER, "donchian_breakout", None)]
        assert "2, 1 in the next run" in stage.text
        link.refuses_profiles = "there is no trader profile panel"
        await press(stage, "d", "y")
        assert "there is no trader profile panel" in said(stage)


async def test_d_says_who_still_uses_an_ai_profile_and_deletes_one_that_nobody_does(link):
    link.keep(ProfileKind.AI, ai("spare", "openai/gpt-5"))
    async with opened(link) as stage:
        await press(stage, "tab", "d")
        assert isinstance(stage.app.screen, ProfilesScreen)
        assert "bear_gpt is still used by panel" in said(stage)
        assert link.asked == []
        await press(stage, "end", "d")
        assert "Delete the AI profile spare?" in stage.text
        await press(stage, "y")
        assert link.asked == [("delete", ProfileKind.AI, "spare", None)]
        assert "spare" not in stage.text.replace("The profile spare is removed.", "")


@pytest.mark.parametrize("keys", [("n",), ("e",), ("enter",)])
async def test_forms_open_by_key_and_escape_leaves_them_at_once_while_nothing_has_changed(link, keys):
    async with opened(link) as stage:
        await press(stage, *keys)
        form(stage)
        await press(stage, "escape")
        assert isinstance(stage.app.screen, ProfilesScreen)
        assert link.asked == []


async def test_the_mouse_does_what_the_keys_do(link):
    async with opened(link) as stage:
        band = stage.app.screen.query_one("#profile-keys")
        await stage.pilot.click(band, offset=(2, 2))
        await answered(stage)
        assert "New trader profile" in stage.text
        await stage.pilot.click("#form-leave")
        await answered(stage)
        traders = stage.app.screen.query_one("#profiles-trader")
        await stage.pilot.click(traders, offset=(5, 4), times=2)
        await answered(stage)
        assert "Trader profile two_minds" in stage.text
        await stage.pilot.click("#field-competes YesNo")
        await stage.pilot.click("#form-save")
        await answered(stage)
        assert link.asked[0][2] == "two_minds"
        assert link.asked[0][3]["competes"] is False


# The forms


async def test_n_makes_a_trader_with_keys_alone(link):
    async with opened(link, (80, 24)) as stage:
        await press(stage, "n")
        await write(stage, "fade")
        await press(stage, "tab", "tab", "tab", "tab", "tab")
        await write(stage, "a try")
        await press(stage, "enter")
        assert link.asked == [("save", ProfileKind.TRADER, None, NEW_TRADER)]
        assert isinstance(stage.app.screen, ProfilesScreen)
        assert "The profile fade is added." in said(stage)
        assert stage.app.screen.selected.name == "fade", "the cursor is on it"


async def test_n_makes_an_ai_profile_with_keys_alone(link):
    async with opened(link, (80, 24)) as stage:
        await press(stage, "tab", "n")
        await write(stage, "cheap_bull")
        await press(stage, "enter")
        await write(stage, "openai/gpt-5-mini")
        await press(stage, "enter", "tab", "tab", "tab")
        await write(stage, "2.5")
        await press(stage, "ctrl+s")
        assert link.asked == [("save", ProfileKind.AI, None, NEW_AI)]
        assert "The profile cheap_bull is added." in said(stage)


async def test_a_trader_that_asks_models_picks_its_minds(link):
    async with opened(link, (80, 24)) as stage:
        await press(stage, "n")
        await write(stage, "robot")
        await press(stage, "tab", "enter", "down", "enter")
        assert isinstance(stage.app.focused, Select)
        assert not form(stage).fields["strategy"].display
        assert not form(stage).fields["timeframe"].display
        await press(stage, "tab")
        assert isinstance(stage.app.focused, OptionList)
        assert "· opus · decide · powerful" in stage.text
        await press(stage, "home", "space")
        assert "✓ bear_gpt" in stage.text
        assert told(stage, "minds") == "✗ bear_gpt has role bear: a trader of kind llm asks those that decide"
        await press(stage, "space", "end", "space")
        assert told(stage, "minds") == "✗ opus is called upon by cheap_first: name a cheap AI profile as well"
        await press(stage, "home", "down", "down", "enter")
        assert told(stage, "minds").startswith("AI profiles it asks")
        await press(stage, "ctrl+s")
        assert link.asked[0][3] == NEW_TRADER | {
            "name": "robot",
            "kind": "llm",
            "strategy": None,
            "minds": ("flash", "opus"),
            "note": "",
        }


async def test_what_is_wrong_stands_at_its_field_while_it_is_typed_and_goes_when_it_is_right(link):
    async with opened(link, (80, 24)) as stage:
        await press(stage, "tab", "n")
        assert told(stage, "name") == "lower-case letters, digits, - and _"
        await write(stage, "Bull")
        assert told(stage, "name").startswith("✗ use lower-case letters, digits")
        assert told(stage, "model").startswith("provider and model"), "it was not touched"
        await write(stage, "opus")
        assert told(stage, "name") == "✗ there is one of this name already"
        await write(stage, "bull")
        assert told(stage, "name") == "lower-case letters, digits, - and _"
        await press(stage, "tab")
        await write(stage, "gpt-5")
        assert told(stage, "model").startswith("✗ give litellm's name with its provider")
        assert link.asked == []


async def test_nothing_is_sent_while_something_is_wrong(link):
    async with opened(link) as stage:
        await press(stage, "tab", "n")
        await write(stage, "bull")
        await press(stage, *["tab"] * 5)
        await write(stage, "a few")
        assert told(stage, "budget_per_day").startswith("✗ give US dollars")
        await press(stage, "ctrl+s")
        assert told(stage, "model").startswith("✗ give litellm's name")
        assert "Not saved: see what is marked ✗" in stage.text
        assert stage.app.focused is form(stage).fields["model"].editor, "the first that needs another look"
        assert link.asked == []


async def test_a_mode_is_asked_for_only_where_it_means_something(link):
    async with opened(link) as stage:
        await press(stage, "tab", "end", "e")
        fields = form(stage).fields
        assert fields["mode"].display
        await press(stage, "tab", "tab", "enter", "up", "enter")
        assert not fields["mode"].display
        await press(stage, "ctrl+s")
        assert link.asked[0][3]["tier"] == "cheap"
        assert link.asked[0][3]["mode"] is None


async def test_a_profile_that_is_edited_keeps_its_name_and_every_field_that_is_not_touched(link):
    async with opened(link) as stage:
        await press(stage, "tab", "end", "e")
        assert "AI profile opus" in stage.text
        assert "name" not in form(stage).fields
        await write(stage, "anthropic/claude-opus-5")
        await press(stage, "ctrl+s")
        assert link.asked == [
            (
                "save",
                ProfileKind.AI,
                "opus",
                {
                    "name": "opus",
                    "model": "anthropic/claude-opus-5",
                    "role": "decide",
                    "tier": "powerful",
                    "mode": "cheap_first",
                    "budget_per_day": 5.0,
                    "budget_total": 100.0,
                },
            )
        ]


async def test_what_the_bot_refuses_is_said_and_nothing_typed_is_lost(link):
    link.refuses_profiles = "the trader two_minds could not go on with it: it needs another"
    async with opened(link, (80, 24)) as stage:
        await press(stage, "tab", "end", "e")
        await write(stage, "anthropic/other")
        await press(stage, "ctrl+s")
        assert "Not saved: the trader two_minds could not go on with it" in stage.text
        assert form(stage).fields["model"].value == "anthropic/other"
        link.refuses_profiles = ""
        await press(stage, "s")
        assert "Not saved" not in stage.text, "what was said goes once something else is typed"
        await press(stage, "ctrl+s")
        assert link.asked[0][3]["model"] == "anthropic/others"


async def test_a_bot_that_goes_away_meanwhile_loses_nothing_typed_either(link):
    async with opened(link) as stage:
        await press(stage, "n")
        await write(stage, "fade")
        link.die()
        await stage.until(Connection.ABSENT)
        await press(stage, "ctrl+s")
        assert "Not saved: no bot answers" in stage.text
        assert form(stage).fields["name"].value == "fade"


async def test_escape_asks_before_it_drops_what_was_changed(link):
    async with opened(link) as stage:
        await press(stage, "n")
        await write(stage, "fade")
        await press(stage, "escape")
        assert "Drop what you changed? It has not been saved." in stage.text
        await press(stage, "enter")
        assert form(stage).fields["name"].value == "fade"
        await press(stage, "escape", "y")
        assert isinstance(stage.app.screen, ProfilesScreen)
        assert link.asked == []


async def test_letters_typed_into_a_form_are_no_commands(link):
    async with opened(link) as stage:
        await press(stage, "n")
        await write(stage, "xpqks")
        await press(stage, "tab", "x", "p", "question_mark")
        assert form(stage).fields["name"].value == "xpqks"
        assert link.sent == []


async def test_a_strategy_that_is_no_choice_any_more_does_not_break_the_form(link):
    link.kept[ProfileKind.TRADER]["panel"] |= {"kind": "strategy", "strategy": "of_old", "minds": []}
    async with opened(link) as stage:
        await press(stage, "down", "e")
        assert "of_old" in stage.text
        await press(stage, "ctrl+s")
        assert told(stage, "strategy").startswith("✗ there is no strategy of_old: liquidity_sweep, ")


# Without a bot


async def test_without_a_bot_it_says_so_and_what_to_do(arena_events):
    link = profile_link(list(arena_events), running=False, answering=False)
    async with opened(link, (80, 24)) as stage:
        words = " ".join(stage.text.split())
        assert "No bot runs: s starts it, and cockpit profiles edits them without it." in words
        assert "two_minds" in stage.text, "the journal has them"
        assert "unknown" in stage.text, "only the bot knows its keys"
        for key in ("n", "e", "d", "space"):
            await press(stage, key)
            assert isinstance(stage.app.screen, ProfilesScreen)
            assert "No bot runs; s starts one." in said(stage)
        await press(stage, "s")
        await stage.until(Connection.LIVE)
        await answered(stage)
        assert "✗ missing" in stage.text


async def test_a_bot_of_another_version_is_told_as_such(link):
    link.kept[ProfileKind.AI]["opus"]["role"] = "prophet"
    async with opened(link) as stage:
        assert "The bot is of another version" in said(stage)


# What others say


async def test_hostile_text_in_profiles_is_text_and_nothing_else(link):
    link.kept[ProfileKind.AI]["opus"]["model"] = EVIL
    link.kept[ProfileKind.TRADER]["panel"]["note"] = EVIL
    link.kept[ProfileKind.TRADER]["panel"]["minds"] = [EVIL]
    link.problems = {"two_minds": EVIL}
    link.missing_keys = {"judge": EVIL}
    link.refuses_profiles = EVIL
    async with opened(link, (120, 40)) as stage:
        assert "[@click=app.quit]x[/]" in stage.text
        for keys in (("down",), ("e",), ("ctrl+s",), ("escape",), ("tab",), ("end",), ("e",), ("escape",)):
            await press(stage, *keys)
            assert_clean(stage)
        await press(stage, "e")
        stage.app.focused.value = EVIL
        await stage.settle()
        assert_clean(stage)
        await press(stage, "escape", "y", "up", "up")
        assert_clean(stage)


# A real bot


async def test_a_real_bot_keeps_what_the_screen_makes_and_its_words_come_back(tmp_path):
    folder = BotFolder(tmp_path / "arena")
    settings = resolve(environment={}, flags={"market": {"speed": 0.001, "symbols": ["BTC"]}}).settings
    wall_ms = time.time_ns() // 1_000_000
    bot = await Bot.open(folder, settings, new=True, run_id="run-1", wall_ms=wall_ms)
    async with held(folder), ApiServer(bot), real_stage(folder) as stage:
        await press(stage, "P")
        assert "No trader profile yet" in stage.text
        await press(stage, "tab", "n")
        await write(stage, "opus")
        await press(stage, "tab")
        await write(stage, "anthropic/claude-opus-4")
        await press(stage, "ctrl+s")
        assert "The AI profile opus is added." in said(stage)
        assert "✗ missing" in stage.text
        await press(stage, "tab", "n")
        await write(stage, "robot")
        await press(stage, "tab", "enter", "down", "enter", "tab", "space", "ctrl+s")
        assert "The trader profile robot is added; it competes in the next new run." in said(stage)
        await press(stage, "space")
        assert "– stays out" in stage.text
        await press(stage, "tab", "e")
        await write(stage, "anthropic/claude-opus-5")
        await press(stage, "ctrl+s")
        await press(stage, "d")
        assert "opus is still used by robot" in said(stage)
        book = read_profiles(folder.journal)
        assert book.ai == {"opus": AiProfile(name="opus", model="anthropic/claude-opus-5")}
        assert book.traders["robot"].minds == ("opus",)
        assert not book.traders["robot"].competes
        await press(stage, "tab", "d", "y", "tab", "d", "y")
        assert read_profiles(folder.journal) == ProfileBook()
        assert stage.store.state.run is not None
    await bot.close("the test is over")


async def test_the_link_says_in_the_bot_s_words_what_is_refused_and_reads_on_without_it(tmp_path):
    folder = BotFolder(tmp_path / "arena")
    settings = resolve(environment={}, flags={"market": {"speed": 0.001, "symbols": ["BTC"]}}).settings
    wall_ms = time.time_ns() // 1_000_000
    bot = await Bot.open(folder, settings, new=True, run_id="run-1", wall_ms=wall_ms)
    link = SocketLink(folder, lambda: None)
    async with ApiServer(bot):
        await link.save_profile(ProfileKind.TRADER, None, NEW_TRADER)
        with pytest.raises(CommandRefused, match="fade is there already"):
            await link.save_profile(ProfileKind.TRADER, None, NEW_TRADER)
        with pytest.raises(CommandRefused, match="there is no trader profile gone"):
            await link.delete_profile(ProfileKind.TRADER, "gone")
        with pytest.raises(CommandRefused, match="give litellm's name"):
            await link.save_profile(ProfileKind.AI, None, NEW_AI | {"model": "gpt"})
        await link.close()
    await bot.close("the test is over")
    told = await link.profiles()
    assert [each["name"] for each in told["traders"]] == ["fade"]
    assert told["missing_keys"] is None
    with pytest.raises(LinkLost):
        await link.delete_profile(ProfileKind.TRADER, "fade")
    await link.close()


@asynccontextmanager
async def held(folder: BotFolder):
    """What a bot's process holds as long as it lives."""
    lock = BotLock(folder)
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


@asynccontextmanager
async def real_stage(folder: BotFolder):
    """A dashboard over a bot's socket."""
    link = SocketLink(folder, lambda: None)
    app = CockpitApp(link.bot, lambda: link)
    app.animation_level = "none"
    with nothing_for_a_terminal_that_is_not_there():
        async with app.run_test(size=(100, 30), notifications=True) as pilot:
            async with asyncio.timeout(20):
                while app.controls is None or app.controls.store.connection is not Connection.LIVE:
                    await asyncio.sleep(0.01)
            yield RealStage(app, pilot, link)


class RealStage(Stage):
    """One whose bot's events come when they come."""

    async def settle(self) -> None:
        await asyncio.sleep(0.02)
        await self._come_to_rest()
        for pane in self.controls._panes():
            pane.paint()
        await self._come_to_rest()

    @property
    def _is_busy(self) -> bool:
        return bool(self.app.screen._dirty_widgets or self.app.screen._callbacks)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await answered(self)
