"""The arena at a glance: recent runs, what models cost today, pass and fail; and a run told whole."""

import asyncio
import re

import pytest

from cockpit.agents.models.budget import BudgetStanding, SpendingLimits
from cockpit.domain.decisions import FailureKind
from cockpit.domain.events import (
    AgentGrounded,
    DecisionFailed,
    RoundClosed,
    RoundOpened,
    RunFinished,
)
from cockpit.domain.market import Micros
from cockpit.tui.figures import cost_words, counted, quantity, share_bar
from cockpit.tui.panes.runs import how_it_ended
from cockpit.tui.screens import overview as overview_module
from cockpit.tui.screens.overview import OverviewScreen
from cockpit.tui.screens.run import RunScreen
from cockpit.tui.store import Connection
from tests.tui.conftest import Stage, staged
from tests.tui.replay_link import ReplayLink
from tests.tui.test_hostile_text import EVIL, assert_clean
from tests.tui.test_minds import minds_link, next_call
from tests.tui.test_orders import done

READ_ALL = ["/runs", "/reliability", "/costs"]


@pytest.fixture
def minds() -> ReplayLink:
    return minds_link()


async def opened(stage: Stage) -> OverviewScreen:
    await stage.press("0")
    await done(stage, "overview")
    assert isinstance(stage.app.screen, OverviewScreen)
    return stage.app.screen


def told(link: ReplayLink) -> list[str]:
    return [each for each in link.read if each.startswith("/")]


def close_round(link: ReplayLink, stage: Stage) -> None:
    number = stage.store.state.round + 1
    equities = tuple(agent.watch.equity for agent in stage.store.state.agents.values())
    link.happen([RoundOpened(round=number, view_hash="0"), RoundClosed(round=number, equities=equities)])


async def test_0_opens_the_overview_and_closes_it(link):
    async with staged(link, (160, 50)) as stage:
        link.read.clear()
        await opened(stage)
        assert told(link) == READ_ALL
        assert "Recent runs" in stage.text
        assert re.search(r"▸\d\d-\d\d \d\d:\d\d +1h +20/20 +11 +simulated", stage.text)
        assert "▶ goes on" in stage.text
        assert "no model was asked" in stage.text
        await stage.press("0")
        assert stage.app.screen is stage.controls.dashboard
        await stage.press("0", "escape")
        assert stage.app.screen is stage.controls.dashboard


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_every_agent_is_told_with_what_it_decided_and_was_denied(varied, size):
    async with staged(varied, size) as stage:
        screen = await opened(stage)
        await stage.press("tab")
        assert stage.app.focused is screen.reliability
        rows = [row.draw(screen.reliability.line_width).plain for row in screen.reliability._rows]
        assert len(rows) == len(stage.store.state.agents) + 1
        ema = next(row for row in rows if "ema_cross" in row)
        agent = stage.store.state.agents["ema_cross"]
        assert re.search(rf"ema_cross +{agent.decisions} ━+ 100% +– .*{agent.denied} ", ema)
        assert f"{100 * agent.denied / agent.orders:.1f}%" in ema
        cash = next(row for row in rows if " cash" in row)
        assert cash.rstrip().endswith("n/a"), "no order, so nothing that a denied one could be a part of"
        assert all(len(line) <= size[0] for line in stage.text.split("\n"))


async def test_models_are_told_by_agent_and_model_with_what_is_left(minds):
    limits = SpendingLimits(daily=Micros(50_000), total=Micros(20_000_000))
    used = {"spent": Micros(28_000), "spent_today": Micros(45_000), "reserved": Micros(0), "unknown_calls": 8}
    minds.budgets = {
        None: BudgetStanding(limits=limits, **used),
        "robot": BudgetStanding(limits=SpendingLimits(daily=Micros(40_000)), **used),
        "unpriced": BudgetStanding(limits=SpendingLimits(), **used),
    }
    async with staged(minds, (160, 50)) as stage:
        await opened(stage)
        assert re.search(r"today +≥ \$0\.0280", stage.text)
        assert re.search(r"a day +projection unknown", stage.text)
        assert re.search(r"of the day +━+─ 90\.0%  \$0\.0050 left of \$0\.0500", stage.text)
        assert re.search(r"in total +━─+ 0\.1%  \$19\.97 left of \$20\.00", stage.text)
        assert re.search(r"robot +8 +\$0\.0280 +\$0\.00", stage.text), "its own budget is used up"
        assert re.search(r"unpriced +8 +unknown +no limit", stage.text)
        assert re.search(r"openai/scripted-1 +8 +\$0\.0280", stage.text)
        assert re.search(r"of the day +━+ 100%", stage.text.partition("Budget of robot")[2])


async def test_left_and_right_choose_the_stretch_of_market_time(minds):
    async with staged(minds, (160, 50)) as stage:
        screen = await opened(stage)
        minds.happen([DecisionFailed(agent="robot", round=9, failure=FailureKind.TIMEOUT, message="late")])
        await stage.settle()
        for key, window in (("right", "1h"), ("left", "all"), ("left", "30d")):
            await stage.press(key)
            await done(stage, "window")
            assert screen.window == window
            assert screen.reliability.answer["window"] == window
        assert "Pass and fail, last 30d of market time" in stage.text
        assert "timeout 1, unanswered 1" in stage.text


async def test_it_is_read_anew_when_a_round_closes_and_at_most_so_often(link, monkeypatch):
    clock = [100.0]
    async with staged(link, (160, 50)) as stage:
        stage.controls.monotonic = lambda: clock[0]
        screen = await opened(stage)
        link.read.clear()
        link.happen([AgentGrounded(agent="cash", reason="")])
        await stage.settle()
        assert told(link) == [], "nothing but the close of a round changes it"
        clock[0] += overview_module.REFRESH_S
        close_round(link, stage)
        await stage.settle()
        await done(stage, "overview")
        assert told(link) == READ_ALL
        link.read.clear()
        waits = []
        monkeypatch.setattr(screen, "set_timer", lambda seconds, then: waits.append((seconds, then)))
        close_round(link, stage)
        await stage.settle()
        close_round(link, stage)
        await stage.settle()
        assert told(link) == []
        ((seconds, then),) = waits
        assert seconds == pytest.approx(overview_module.REFRESH_S)
        then()
        await done(stage, "overview")
        assert told(link) == READ_ALL


async def test_enter_opens_a_run_with_a_card_for_each_agent_best_first(minds):
    async with staged(minds, (160, 50)) as stage:
        await opened(stage)
        await stage.press("enter")
        await done(stage, "run")
        assert isinstance(stage.app.screen, RunScreen)
        page = stage.app.screen.pane
        assert page.answer["run_id"] == "run-1"
        said = "\n".join(row.draw(page.line_width).plain for row in page._rows)
        places = re.findall(r" #(\d+)  ", said)
        assert [int(each) for each in places] == [1, 2, 3, 4]
        assert said.index("keyless ──") > max(said.index(f" #{each}  ") for each in places), "it has no rank"
        assert re.search(r"decisions +━+─ 87\.5%  7 made, 1 failed, 1 part refused", said)
        assert re.search(r"models +\$0\.0280, 8 calls, 1 without an answer", said)
        assert re.search(r"models +unknown, 8 calls", said)
        assert re.search(r"decisions +n/a  0 made, 0 failed", said), "who never decided has no rate"
        await stage.press("enter")
        assert isinstance(stage.app.screen, OverviewScreen)


async def test_without_a_bot_its_past_runs_are_told_all_the_same(link):
    async with staged(link, (120, 40)) as stage:
        link.happen([RunFinished(reason="20 rounds are played")])
        await stage.settle()
        link.running = False
        stage.store.set_connection(Connection.ABSENT)
        await opened(stage)
        assert "✓ 20 rounds are played" in stage.text
        await stage.press("enter")
        await done(stage, "run")
        assert re.search(r"ended +20 rounds are played", stage.text)


async def test_where_nothing_can_be_read_it_says_why_and_keeps_what_it_has(link):
    async with staged(link, (120, 40)) as stage:
        screen = await opened(stage)
        link.hang()
        screen._read()
        await done(stage, "overview")
        assert stage.text.count("No bot answers") >= 2
        assert "▶ goes on" in stage.text


async def test_what_could_not_be_read_is_once_the_bot_is_back_and_not_before(link, monkeypatch):
    monkeypatch.setattr(overview_module, "REFRESH_S", 0.0)
    async with staged(link, (120, 40)) as stage:
        link.hang()
        await stage.until(Connection.LOST)
        screen = await opened(stage)
        assert stage.text.count("No bot answers") == 3
        link.read.clear()
        screen.on_store_changed()
        await done(stage, "overview")
        assert told(link) == []
        link.answering = True
        await stage.until(Connection.LIVE)
        await done(stage, "overview")
        assert told(link)[-3:] == READ_ALL
        assert "No bot answers" not in stage.text


async def test_a_run_does_not_go_on_once_no_bot_runs(link):
    async with staged(link, (120, 40)) as stage:
        screen = await opened(stage)
        assert "▶ goes on" in stage.text
        screen._waits = True  # too early to read anew
        stage.store.set_connection(Connection.ABSENT)
        await stage.settle()
        assert "■ stopped" in stage.text


async def test_in_little_room_each_pane_has_some_and_the_one_with_the_keys_what_it_wants(varied):
    async with staged(varied, (80, 24)) as stage:
        screen = await opened(stage)
        panes = (screen.runs, screen.reliability, screen.costs)
        for pane in panes:
            assert stage.app.focused is pane
            heights = [each.outer_size.height for each in panes]
            assert sum(heights) == 24 - 3
            assert min(heights) >= 2
            assert heights[panes.index(pane)] >= min(1 + pane.virtual_size.height, 24 - 3 - 4 - 4)
            await stage.press("tab")


async def test_before_a_first_run_nothing_is_told_as_zero(link):
    async with staged(link, (120, 40)) as stage:
        screen = await opened(stage)
        screen.runs.take([])
        screen.reliability.take({"run_id": None, "window": "all", "agents": []})
        await stage.settle()
        assert "No run yet." in stage.text
        assert "Nobody has competed yet." in stage.text
        await stage.press("enter")
        assert isinstance(stage.app.screen, OverviewScreen)


@pytest.mark.parametrize(
    ("reason", "newest", "live", "words"),
    [
        ("20 rounds are played", True, True, "✓ 20 rounds are played"),
        (None, True, True, "▶ goes on"),
        (None, True, False, "■ stopped"),
        (None, False, True, "– replaced"),
    ],
)
def test_a_run_has_ended_or_goes_on(reason, newest, live, words):
    assert how_it_ended({"finish_reason": reason}, is_newest=newest, is_live=live)[0] == words


@pytest.mark.parametrize(
    ("fraction", "drawn"),
    [
        (None, "n/a"),
        (0.0, "──── 0%"),
        (0.001, "━─── 0.1%"),
        (0.5, "━━── 50.0%"),
        (0.999, "━━━─ 99.9%"),
        (1.0, "━━━━ 100%"),
    ],
)
def test_a_bar_is_full_or_empty_only_where_it_is(fraction, drawn):
    assert share_bar(fraction, 4, "").plain == drawn


def test_costs_are_never_nothing_where_no_price_is_known():
    costs = {"calls": 3, "unpriced_calls": 3, "cost_at_least": None}
    assert cost_words(costs) == "unknown"
    assert cost_words(costs | {"unpriced_calls": 1, "cost_at_least": 0.5}) == "≥ $0.5000"
    assert cost_words({"calls": 0, "unpriced_calls": 0, "cost_at_least": None}) == "–"


def test_one_of_a_thing_is_told_as_one():
    assert [quantity(count, "call") for count in (0, 1, 1_200)] == ["0 calls", "1 call", "1,200 calls"]


def test_counts_are_told_the_most_frequent_first():
    assert counted({"entry_locks": 2, "crash": 5, "b": 2}) == "crash 5, b 2, entry locks 2"
    assert counted({}) == "–"


async def test_hostile_names_and_errors_are_inert_text(minds):
    minds.happen([next_call(minds, model=EVIL, error=EVIL, fault=EVIL, cost=Micros(5))])
    async with staged(minds, (160, 50)) as stage:
        screen = await opened(stage)
        assert_clean(stage)
        (run,) = screen.runs.answer
        evil = dict.fromkeys(("leader", "control", "market", "finish_reason", "run_id"), EVIL)
        screen.runs.take([run | evil])
        screen.reliability.tell(EVIL)
        await stage.settle()
        assert_clean(stage)
        await stage.press("enter")
        await done(stage, "run")
        assert_clean(stage)


async def test_an_idle_overview_asks_for_nothing(link):
    async with staged(link, (120, 40)) as stage:
        await opened(stage)
        link.read.clear()
        await asyncio.sleep(0.2)
        await stage.settle()
        assert link.read == []
        assert not [timer for timer in stage.app.screen._timers if timer._active.is_set()]
