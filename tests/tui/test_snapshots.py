"""The dashboard's main situations and sizes, as pictures; `pytest --snapshot-update` takes them anew."""

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from cockpit.domain.events import (
    BreakerTripped,
    EmergencyAdvanced,
    EmergencyStage,
    JournalOutage,
    KillSwitchSet,
    PauseSet,
    RunFinished,
    TradingMode,
    TradingModeSet,
)
from cockpit.trading.risk import RiskLimits
from cockpit.tui.screenshot import plain_svg
from tests.tui.conftest import Stage, staged
from tests.tui.recorded_arena import VARIED, thawed
from tests.tui.replay_link import ReplayLink
from tests.tui.test_dashboard_bot import tripped
from tests.tui.test_library import ASKING, known
from tests.tui.test_minds import minds_link, opened, say
from tests.tui.test_orders import done


class SvgExtension(SingleFileSnapshotExtension):
    """One SVG file per picture."""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT


@pytest.fixture
def link() -> ReplayLink:
    return ReplayLink(events=thawed())


@pytest.fixture
def picture(snapshot):
    return snapshot.use_extension(SvgExtension)


async def taken(stage: Stage) -> str:
    await stage.settle()
    return plain_svg(stage.app.export_screenshot())


async def test_at_the_sizes_people_have(link, picture):
    async with staged(link, (160, 50)) as stage:
        assert await taken(stage) == picture(name="160x50")
        for size in ((120, 40), (200, 60), (80, 24)):
            await stage.resize(*size)
            assert await taken(stage) == picture(name=f"{size[0]}x{size[1]}")
        await stage.press("3")
        assert await taken(stage) == picture(name="80x24 reasoning")
        await stage.press("1", "enter")
        assert await taken(stage) == picture(name="80x24 agent")
        await stage.press("escape", "5", "z")
        assert await taken(stage) == picture(name="80x24 risk")


async def test_with_other_themes_and_without_colour(link, picture, monkeypatch):
    async with staged(link, (100, 30), theme="cockpit-light") as stage:
        assert await taken(stage) == picture(name="light")
        stage.app.theme = "ansi-dark"
        assert await taken(stage) == picture(name="sixteen colours")
    monkeypatch.setenv("NO_COLOR", "1")
    async with staged(link, (100, 30)) as stage:
        assert await taken(stage) == picture(name="no colour")


async def test_pages_over_the_dashboard(link, picture):
    async with staged(link, (120, 40)) as stage:
        await stage.press("2", "z")
        assert await taken(stage) == picture(name="equity zoomed")
        await stage.press("z", "1", "enter")
        assert await taken(stage) == picture(name="agent")
        await stage.press("escape", "question_mark")
        assert await taken(stage) == picture(name="help")
        await stage.press("escape", "K")
        assert await taken(stage) == picture(name="kill switch asked")


async def test_the_blotter_and_a_trail(varied, picture):
    async with staged(varied, (160, 50)) as stage:
        await stage.press("b")
        await done(stage, "past")
        assert await taken(stage) == picture(name="160x50 orders")
        await stage.resize(80, 24)
        await stage.press("right", "right", "space")
        assert await taken(stage) == picture(name="80x24 working orders")
        await stage.resize(120, 40)
        await stage.press("end", "enter")
        await done(stage, "trail")
        assert await taken(stage) == picture(name="trail")


async def test_alerts_and_limits_that_are_near(varied, picture):
    varied.allowed = {
        "buy_and_hold": RiskLimits(max_concentration=0.17, max_gross_exposure=9_000_000_000),
        "ema_cross": RiskLimits(max_gross_leverage=0.7, max_open_orders=5),
        "momentum_rank": RiskLimits(leverage=1, max_margin_use=0.15),
    }
    varied.happen(
        [JournalOutage(lasted_ms=5_000, reason="no space left on device"), tripped("cash", "errors")]
    )
    async with staged(varied, (160, 50)) as stage:
        stage.controls.dashboard.put_forward("buy_and_hold")
        assert await taken(stage) == picture(name="near the limits")
        await stage.resize(80, 24)
        await stage.press("a")
        assert await taken(stage) == picture(name="80x24 alerts")


async def test_agents_that_ask_models(picture):
    minds = minds_link()
    async with staged(minds, (160, 50)) as stage:
        assert await taken(stage) == picture(name="160x50 models")
        await opened(stage, "robot")
        say(stage, minds, "BTC holds above its average while funding is flat. I see no reason to close, and ")
        assert await taken(stage) == picture(name="160x50 mind")
        await stage.resize(80, 24)
        await stage.press("tab")
        assert await taken(stage) == picture(name="80x24 mind")
        await stage.press("escape")
        assert await taken(stage) == picture(name="80x24 models")
        stage.controls.reading.open_call(1)
        await done(stage, "call")
        assert await taken(stage) == picture(name="80x24 call")


async def test_when_things_are_not_well(link, picture):
    async with staged(link, (100, 30)) as stage:
        link.happen([PauseSet(on=True, by="me"), KillSwitchSet(on=True, by="me")])
        assert await taken(stage) == picture(name="killed")
        link.happen(
            [
                KillSwitchSet(on=False, by="me"),
                BreakerTripped(
                    scope="arena",
                    breaker="drawdown",
                    value=0.21,
                    limit=0.2,
                    reason="the arena's drawdown of 21.0% reached the limit of 20.0%",
                    stopped="whatever adds exposure; positions stay, and may be reduced",
                ),
            ]
        )
        assert await taken(stage) == picture(name="reducing")
        link.happen(
            [
                EmergencyAdvanced(
                    stage=EmergencyStage.FLATTENING, by="me", attempt=2, detail="3 positions left"
                )
            ]
        )
        await stage.resize(80, 24)
        assert await taken(stage) == picture(name="80x24 emergency stop")
        await stage.resize(100, 30)
        link.happen(
            [RunFinished(reason="its time is over"), TradingModeSet(mode=TradingMode.HALTED, by="me")]
        )
        assert await taken(stage) == picture(name="halted")


async def test_where_no_bot_runs(picture):
    async with staged(ReplayLink(events=[], running=False, answering=False), (80, 24)) as stage:
        assert await taken(stage) == picture(name="welcome")


async def test_the_overview_and_the_library(picture):
    minds = known(minds_link(), ASKING)
    async with staged(minds, (160, 50)) as stage:
        await stage.press("0")
        await done(stage, "overview")
        assert await taken(stage) == picture(name="160x50 overview")
        await stage.press("escape", "L")
        await done(stage, "library")
        assert await taken(stage) == picture(name="160x50 library")
    rules = known(ReplayLink(events=thawed()), VARIED)
    async with staged(rules, (80, 24)) as stage:
        await stage.press("0", "tab")
        await done(stage, "overview")
        assert await taken(stage) == picture(name="80x24 overview")
        await stage.press("tab", "tab", "enter")
        await done(stage, "run")
        assert await taken(stage) == picture(name="80x24 run")
