"""The library: models, tools and strategies in rows, and each of them whole."""

import re

import pytest

from cockpit.arena.roster import roster_of, strategy_uses
from cockpit.settings.resolve import resolve
from cockpit.strategies.catalog import STRATEGIES
from cockpit.tui.panes.library import SHELVES
from cockpit.tui.screens.library import LibraryScreen
from cockpit.tui.screens.library_pages import WIDTH, page_of
from cockpit.tui.screens.pages import PageScreen
from cockpit.tui.store import Connection
from tests.tui.conftest import Stage, staged
from tests.tui.recorded_arena import VARIED
from tests.tui.replay_link import ReplayLink
from tests.tui.test_hostile_text import EVIL, assert_clean
from tests.tui.test_minds import minds_link
from tests.tui.test_orders import done

OWN = {"api_base": "http://127.0.0.1:9/v1", "input_price": 2.0, "output_price": 10.0, "structured": True}
ASKING = {
    "models": {
        "routes": {"openai/scripted-1": OWN, "openai/free-1": {"api_base": "http://127.0.0.1:9/v1"}},
        "repair": "openai/gpt-4o-mini",
    },
    "agents": [
        {"name": "robot", "kind": "llm", "model": "openai/scripted-1"},
        {"name": "unpriced", "kind": "llm", "model": "openai/free-1"},
        {"name": "keyless", "kind": "llm", "model": "deepseek/deepseek-chat"},
        {"name": "panel", "kind": "debate", "model": "gemini/gemini-2.5-pro"},
    ],
}
KEYS = {"OPENAI_API_KEY": "sk-planted-key-12345"}


def known(link: ReplayLink, flags: dict[str, object]) -> ReplayLink:
    settings = resolve(environment={}, flags=flags).settings
    link.models = roster_of(settings, KEYS)
    link.strategy_uses = strategy_uses(settings)
    return link


@pytest.fixture
def minds() -> ReplayLink:
    return known(minds_link(), ASKING)


@pytest.fixture
def rules(varied) -> ReplayLink:
    return known(varied, VARIED)


async def opened(stage: Stage, tab: int = 0) -> LibraryScreen:
    await stage.press("L", *["right"] * tab)
    await done(stage, "library")
    assert isinstance(stage.app.screen, LibraryScreen)
    return stage.app.screen


def rows(screen: LibraryScreen) -> list[str]:
    return [row.draw(screen.library.line_width).plain for row in screen.library._rows]


async def test_l_opens_the_library_and_closes_it(rules):
    async with staged(rules, (120, 40)) as stage:
        await opened(stage)
        assert "Nobody asks a model: no agent's settings name one." in stage.text
        await stage.press("L")
        assert stage.app.screen is stage.controls.dashboard
        await stage.press("L", "escape")
        assert stage.app.screen is stage.controls.dashboard


async def test_tabs_are_turned_by_keys_and_clicks(rules):
    async with staged(rules, (120, 40)) as stage:
        screen = await opened(stage)
        shown = []
        for key in ("right", "tab", "right", "left", "shift+tab"):
            await stage.press(key)
            await done(stage, "library")
            shown.append(screen.library.shelf.title)
        assert shown == ["Tools", "Strategies", "Models", "Strategies", "Tools"]
        await stage.pilot.click(offset=(stage.text.split("\n")[2].index("Strategies"), 2))
        await done(stage, "library")
        assert screen.library.shelf.title == "Strategies"
        assert rules.read.count("/strategies") == 3


async def test_models_say_what_is_known_of_them_and_what_is_not(minds):
    async with staged(minds, (160, 50)) as stage:
        screen = await opened(stage)
        said = {line.split()[0]: line for line in rows(screen)}
        own = said["openai/scripted-1"]
        assert re.search(r"✓ needs none +robot: decide +2 / 10 settings +yes +unknown +8 +1 ", own)
        assert own.rstrip().endswith("$0.0280")
        unpriced = said["openai/free-1"]
        assert re.search(r"unpriced: decide +unknown – ", unpriced)
        assert unpriced.rstrip().endswith("unknown")
        repair = said["openai/gpt-4o-mini"]
        assert re.search(r"✓ key +robot: repair", repair)
        assert re.search(r"0\.15 / 0\.6 litellm +yes +128k +0 +0 +n/a +–$", repair.rstrip())
        assert "✗ set DEEPSEEK_API_KEY" in said["deepseek/deepseek-chat"]
        assert "planted" not in stage.text


async def test_a_benched_model_says_for_how_long(minds):
    async with staged(minds, (160, 50)) as stage:
        screen = await opened(stage)
        first = screen.library.answer[0] | {"benched_for_s": 119.6}
        screen.library.take([first, *screen.library.answer[1:]])
        assert "⊘ 1m 59s" in rows(screen)[0]
        await stage.press("enter")
        assert "⊘ 1m 59s until it may be asked again" in stage.text


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_every_row_fits_and_opens_whole(minds, size):
    async with staged(minds, size) as stage:
        screen = await opened(stage)
        for shelf in SHELVES:
            assert screen.library.shelf is shelf
            assert all(len(line) <= size[0] for line in stage.text.split("\n"))
            for each in screen.library.answer:
                assert max(line.width for line in page_of(shelf.path, each)) <= WIDTH
            await stage.press("end", "enter")
            assert isinstance(stage.app.screen, PageScreen)
            assert stage.app.screen.pane.line_width >= WIDTH
            await stage.press("escape", "right")
            await done(stage, "library")


async def test_tools_say_what_they_are_given_within_which_bounds(minds):
    async with staged(minds, (160, 50)) as stage:
        screen = await opened(stage, 1)
        bars = next(line for line in rows(screen) if line.startswith("bars"))
        assert "coin, timeframe, count 1 … 50 = 20" in bars
        await stage.press("down", "enter")
        assert re.search(r"count +integer, 1 at least, 50 at most, 20 unless given\.", stage.text)
        assert "by nobody" in stage.text


async def test_strategies_say_who_runs_them_and_how_that_stands(rules):
    async with staged(rules, (160, 50)) as stage:
        screen = await opened(stage, 2)
        said = dict(zip(STRATEGIES, rows(screen), strict=True))
        assert "bollinger_reversion #1 +0.50%" in said["bollinger_reversion"]
        assert re.search(
            r"ema_cross +● trades +ema_cross #11 −1\.42%, two_minds \(50%\) #8", said["ema_cross"]
        )
        assert "○ control" in said["cash"]
        assert "nobody" in said["vwap_reversion"]
        await stage.press("down", "enter")
        assert re.search(r"fast_bars +40 +2 … 60, whole numbers", stage.text)
        assert re.search(r"risk_fraction +0\.01 +0\.001 … 0\.1", stage.text)


async def test_where_the_bot_does_not_answer_it_says_so(rules):
    async with staged(rules, (120, 40)) as stage:
        rules.hang()
        await opened(stage)
        assert "No bot answers" in stage.text
        await stage.press("enter")
        assert isinstance(stage.app.screen, LibraryScreen)
        rules.answering = True
        for connection in (Connection.LOST, Connection.LIVE):
            stage.store.set_connection(connection)
            stage.app.screen.on_store_changed()
        await done(stage, "library")
        assert "Nobody asks a model" in stage.text, "it is read once the bot is back"


async def test_hostile_names_are_inert_text(minds):
    async with staged(minds, (120, 40)) as stage:
        screen = await opened(stage)
        first = dict(screen.library.answer[0])
        for name in ("model", "provider", "api_base", "missing_key", "key_variable", "price_source"):
            first[name] = EVIL
        first["uses"] = [{"agent": EVIL, "role": EVIL}]
        screen.library.take([first])
        await stage.settle()
        assert_clean(stage)
        await stage.press("enter")
        assert isinstance(stage.app.screen, PageScreen)
        assert_clean(stage)
