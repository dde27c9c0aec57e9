"""Every limit as a bar, and in words how near it is."""

from dataclasses import replace

import pytest

from cockpit.domain.events import BreakerTripped, EntriesLocked, KillSwitchSet, TradingMode, TradingModeSet
from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.trading.agent_state import BreakerState
from cockpit.trading.risk import RiskLimits
from cockpit.trading.risk.limits import LIMIT_UNITS
from cockpit.trading.risk.measures import arena_measured, measured
from cockpit.tui import look
from cockpit.tui.panes.gauges import Gauge, draw_gauge, figure_cells, gauges_of, word_of
from cockpit.tui.store import Connection
from tests.tui.conftest import Stage, staged
from tests.tui.recorded_arena import state_at
from tests.tui.replay_link import ReplayLink


def gauge(value: float | None, limit: float | None = 10.0, **fields) -> Gauge:
    figures = "off" if limit is None else f"{value}/{limit}"
    return Gauge(scope="ann", name="max_open_orders", value=value, limit=limit, figures=figures, **fields)


@pytest.mark.parametrize(
    ("nearness", "word"),
    [(0.0, "fine"), (0.749, "fine"), (0.75, "near"), (0.99, "near"), (1.0, "at limit"), (1.01, "over")],
)
def test_nearness_is_said_in_words(nearness, word):
    assert word_of(nearness)[0] == word


def test_colour_goes_with_the_word():
    assert [word_of(each)[1] for each in (0.1, 0.8, 1.0, 2.0)] == [look.GOOD, look.WARN, look.BAD, look.BAD]


@pytest.mark.parametrize(("value", "word"), [(2, "fine"), (8, "near"), (10, "at limit"), (12, "over")])
def test_a_wide_gauge_has_its_bar_its_figures_and_its_word(value, word):
    said = draw_gauge(gauge(value), 7, 60).plain
    assert len(said) == 60
    assert said.startswith("open orders ")
    assert f"{value}/10.0 {word}" in said
    assert "━" in said


@pytest.mark.parametrize(("value", "word"), [(8, "near"), (10, "limit"), (12, "over")])
def test_in_a_narrow_gauge_the_word_takes_the_bar_s_place(value, word):
    said = draw_gauge(gauge(value), 9, 29).plain
    assert len(said) == 29
    assert word in said
    assert f"{value}/10.0" in said


def test_where_there_is_no_room_for_a_bar_the_figures_stay():
    assert draw_gauge(gauge(8), 6, 19).plain == "open orders 8/10.0 "


def test_nothing_measured_is_not_nothing_used():
    assert gauge(None).nearness == 0
    assert not gauge(None).is_measured
    assert not gauge(5, None).is_measured
    assert gauge(0).is_measured
    tripped = BreakerState(limit=1.0, status="tripped")
    assert gauge(None, breaker=tripped).is_measured, "it has tripped, whatever it measures now"


def test_every_standing_limit_and_every_breaker_has_a_gauge(arena_events):
    state = state_at(arena_events, len(arena_events))
    agent = next(iter(state.agents))
    names = [each.name for each in gauges_of(state, agent, RiskLimits())]
    assert names == [
        *(each.limit for each in measured(state, agent, RiskLimits())),
        *state.agents[agent].breakers,
    ]
    names = [each.name for each in gauges_of(state, "arena", RiskLimits())]
    assert names == [*(each.limit for each in arena_measured(state, RiskLimits())), *state.breakers]
    assert figure_cells(gauges_of(state, agent, RiskLimits())) <= 12
    assert set(LIMIT_UNITS) > {"max_open_orders"}


def test_before_the_bot_has_said_its_limits_breakers_are_shown_alone(arena_events):
    state = state_at(arena_events, len(arena_events))
    assert [each.name for each in gauges_of(state, "arena", None)] == list(state.breakers)


async def test_the_arena_comes_first_then_every_agent_s_nearest_then_one_agent_s_all(link):
    async with staged(link, (80, 50)) as stage:
        await stage.press("5", "z")
        text = stage.text
        left = [line[:39] for line in text.split("\n")]
        assert (
            text.index("active, kill switch off") < text.index("net lev.") < text.index("nearest limit first")
        )
        for agent in stage.store.state.agents:
            assert any(agent[:9] in line for line in left), agent
        for words in (
            "gross lev.",
            "margin use",
            "one coin",
            "orders/min",
            "drawdown",
            "loss streak",
            "costs",
        ):
            assert words in text


async def test_the_agent_under_the_cursor_is_the_one_shown(link):
    async with staged(link, (160, 50)) as stage:
        risk = stage.controls.dashboard.risk
        await stage.press("1", "down", "down")
        chosen = stage.controls.dashboard.leaderboard.cursor_key
        assert risk.selected_agent == chosen
        await stage.press("5", "end")
        assert risk.selected_row is not None
        assert risk.selected_agent == risk.selected_row.agent


async def test_limits_are_those_that_the_bot_says(arena_events):
    link = ReplayLink(events=list(arena_events))
    tight = replace(RiskLimits(), max_gross_exposure=1 * MICROS_PER_UNIT)
    link.allowed = {"buy_and_hold": tight}
    async with staged(link, (160, 50)) as stage:
        assert stage.store.limits["buy_and_hold"] == tight
        stage.controls.dashboard.put_forward("buy_and_hold")
        await stage.settle()
        line = next(line for line in stage.text.split("\n") if "gross expo." in line)
        assert "over" in line
        assert "/1 " in line


async def test_limits_are_asked_for_again_when_a_new_run_begins(link):
    async with staged(link) as stage:
        assert link.read.count("limits") == 1
        link.happen([link.events[0].event])
        await stage.settle()
        assert link.read.count("limits") == 2


async def test_a_tripped_breaker_and_a_lock_say_until_when(link):
    async with staged(link, (160, 50)) as stage:
        agent = "cash"
        now_ms = stage.store.state.ts_ms
        link.happen(
            [
                BreakerTripped(
                    scope=agent,
                    breaker="errors",
                    value=0.6,
                    limit=0.5,
                    reason="too many errors",
                    stopped="it",
                    until_ms=now_ms + 3_600_000,
                ),
                EntriesLocked(
                    agent=agent,
                    symbol="BTC/USDC:USDC",
                    protection="StoplossGuard",
                    reason="4 stops",
                    until_ms=now_ms + 720_000,
                ),
            ]
        )
        await stage.settle()
        assert "1 tripped · 1 locked" in stage.text
        stage.controls.dashboard.put_forward(agent)
        await stage.press("5", "z")
        assert "⊘ no entries: BTC 12m · StoplossGuard: 4 stops" in stage.text
        assert "COOLING" in stage.text
        assert "until 01-01 02:00 (1h) · too many errors" in stage.text


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (KillSwitchSet(on=True, by="me"), "■ KILL SWITCH ON by me"),
        (TradingModeSet(mode=TradingMode.REDUCING, by="me"), "◐ REDUCING no new exposure"),
        (TradingModeSet(mode=TradingMode.HALTED, by="me"), "■ HALTED nothing goes out"),
    ],
)
async def test_its_first_line_says_what_orders_may_do(link, event, said):
    async with staged(link, (160, 50)) as stage:
        link.happen([event])
        await stage.settle()
        assert said in risk_text(stage)


async def test_no_text_ever_stands_in_the_column_before_a_scroll_bar_or_under_it(varied):
    async with staged(varied, (160, 50)) as stage:
        assert stage.store.connection is Connection.LIVE
        for pane in stage.controls.dashboard.by_id.values():
            if not pane.show_vertical_scrollbar:
                continue
            bar = pane.vertical_scrollbar.region
            assert bar.x == pane.scrollable_content_region.right
            for y in range(bar.y, bar.bottom):
                assert stage._strips[y].crop(bar.x - 1, bar.x).text == " ", (pane.id, y)


def risk_text(stage: Stage) -> str:
    pane = stage.controls.dashboard.risk
    return "\n".join(row.draw(pane.line_width).plain for row in pane._rows)
