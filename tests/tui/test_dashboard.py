"""Every key of the registry that changes what is seen, and what the screen does by itself."""

import asyncio

import pytest
from textual.widgets import Input

from cockpit.domain.events import PauseSet
from cockpit.tui.actions import ACTIONS
from cockpit.tui.pane_titles import PANES
from cockpit.tui.screens.agent_detail import AgentDetailScreen
from cockpit.tui.screens.pages import PageScreen
from tests.tui import (
    test_alerts,
    test_dashboard_bot,
    test_debates,
    test_library,
    test_orders,
    test_overview,
    test_profiles,
)
from tests.tui.conftest import Stage, staged
from tests.tui.replay_link import ReplayLink

TESTED_KEYS = {
    "start": "test_s_starts_a_bot_where_none_runs",
    "stop": "test_x_stops_the_bot_once_it_is_confirmed",
    "pause": "test_p_pauses_and_resumes",
    "kill": "test_k_turns_the_kill_switch_on_and_off_and_asks_first",
    "flatten": "test_f_is_an_emergency_stop_and_asks_first",
    "mode": "test_m_says_what_orders_may_do",
    "reset_breaker": "test_r_arms_the_breaker_that_is_picked",
    "status": "test_pages_open_and_close_with_their_keys",
    **{f"pane_{number}": "test_digits_go_to_panes" for number in range(1, 8)},
    "zoom": "test_z_zooms_escape_restores_and_o_sorts",
    "restore": "test_z_zooms_escape_restores_and_o_sorts",
    "filter": "test_slash_filters_the_event_log_and_v_shows_what_is_routine",
    "routine": "test_slash_filters_the_event_log_and_v_shows_what_is_routine",
    "debates": "test_d_opens_the_debates_and_closes_them",
    "new_debate": "test_n_asks_for_a_debate_and_goes_to_it",
    "orders": "test_b_opens_the_blotter_and_closes_it",
    "profiles": "test_escape_and_the_key_that_opened_it_close_it",
    "overview": "test_0_opens_the_overview_and_closes_it",
    "library": "test_l_opens_the_library_and_closes_it",
    "alerts": "test_a_lists_alerts_and_enter_acknowledges_one",
    "acknowledge_all": "test_capital_a_acknowledges_all_once_they_have_been_seen",
    "sort": "test_z_zooms_escape_restores_and_o_sorts",
    "reverse": "test_z_zooms_escape_restores_and_o_sorts",
    "detail": "test_enter_opens_the_selected_agent",
    "help": "test_pages_open_and_close_with_their_keys",
    "leave": "test_q_leaves_and_says_that_the_bot_goes_on",
}


def test_every_action_has_a_test_that_presses_its_key():
    assert set(TESTED_KEYS) == {action.id for action in ACTIONS}
    elsewhere = (
        test_alerts,
        test_dashboard_bot,
        test_debates,
        test_library,
        test_orders,
        test_overview,
        test_profiles,
    )
    tests = set(globals()).union(*map(vars, elsewhere))
    assert set(TESTED_KEYS.values()) <= tests


async def test_pages_open_and_close_with_their_keys(link):
    said = {"t": "market time", "question_mark": "Arm a tripped circuit breaker again", "f1": "Signs"}
    async with staged(link, (100, 60)) as stage:
        for key, words in said.items():
            for closing in ("escape", key):
                await stage.press(key)
                assert isinstance(stage.app.screen, PageScreen)
                assert words in stage.text
                assert ("4242" in stage.text) is (key == "t")
                await stage.press(closing)
                assert stage.app.screen is stage.controls.dashboard


async def test_z_zooms_escape_restores_and_o_sorts(link):
    async with staged(link) as stage:
        await stage.press("2", "z")
        dashboard = stage.controls.dashboard
        assert [pane.id for pane in dashboard.by_id.values() if pane.display] == ["equity"]
        assert dashboard.equity.size.width > 90
        await stage.press("escape")
        assert all(pane.display for pane in dashboard.by_id.values())
        best = dashboard.leaderboard._rows[0].key
        await stage.press("O")
        assert dashboard.leaderboard._rows[-1].key == best
        await stage.press("O", "o")
        assert dashboard.leaderboard.sorted_by == "equity"
        assert "equity▾" in stage.text


async def test_digits_go_to_panes(link):
    async with staged(link) as stage:
        assert list(stage.controls.dashboard.by_id) == list(PANES)
        for size in ((100, 30), (80, 24)):
            await stage.resize(*size)
            for number, pane in enumerate(PANES, start=1):
                await stage.press(str(number))
                assert stage.app.focused is not None
                assert stage.app.focused.id == pane
                assert stage.app.focused.display


async def test_slash_filters_the_event_log_and_v_shows_what_is_routine(link):
    async with staged(link) as stage:
        await stage.press("slash", *"filled b")
        assert isinstance(stage.app.focused, Input)
        rows = stage.controls.dashboard.event_log._rows
        assert rows
        lines = [row.draw(150).plain.lower() for row in rows]
        assert all("filled" in line and "b" in line for line in lines)
        await stage.press("enter")
        assert stage.app.focused is stage.controls.dashboard.event_log
        assert "only “filled b”" in stage.text
        await stage.press("escape")
        assert len(stage.controls.dashboard.event_log._rows) > len(rows)
        assert "all events" not in stage.text
        assert "keeps its targets" not in stage.text
        await stage.press("v")
        assert "all events" in stage.text
        assert "keeps its targets" in stage.text
        await stage.press("v")
        assert "all events" not in stage.text


async def test_a_small_terminal_says_in_the_title_what_the_log_leaves_out_and_comes_back(link):
    async with staged(link, (80, 24)) as stage:
        await stage.press("3")
        assert "3 Reasoning · newest first" in stage.text
        await stage.press("slash", *"filled", "enter")
        assert "6 Events · only “filled” · newest first" in stage.text
        await stage.press("v")
        assert "6 Events · only “filled” · all events" in stage.text
        await stage.press("escape")
        assert "6 Events · all events" in stage.text
        assert focused(stage) == "reasoning", "where it was before the filter"
        await stage.press("slash", "escape")
        assert focused(stage) == "reasoning"
        await stage.press("slash", "x", "enter", "2", "escape")
        assert focused(stage) == "equity", "somebody went there"


async def test_enter_opens_the_selected_agent(link):
    async with staged(link, (120, 40)) as stage:
        await stage.press("1", "down", "down")
        selected = stage.controls.dashboard.leaderboard.selected_row
        assert selected is not None
        assert stage.controls.dashboard.equity.selected_agent == selected.agent
        await stage.press("enter")
        screen = stage.app.screen
        assert isinstance(screen, AgentDetailScreen)
        assert screen.agent == selected.agent
        assert "Limits and circuit breakers" in stage.text
        await stage.press("]")
        assert screen.agent != selected.agent
        await stage.press("[")
        assert screen.agent == selected.agent
        await stage.press("escape")
        assert stage.app.screen is stage.controls.dashboard
        await stage.press("enter", "home", "enter")
        assert stage.app.screen is stage.controls.dashboard, "what opens the page closes it"


@pytest.mark.parametrize("key", ["enter", "d"])
async def test_the_key_that_opens_the_agent_s_page_closes_it(link, key):
    async with staged(link, keys={"detail": key}) as stage:
        for _ in range(2):
            await stage.press("1", key)
            assert isinstance(stage.app.screen, AgentDetailScreen)
            await stage.press(key)
            assert stage.app.screen is stage.controls.dashboard
        await stage.press(key, "right_square_bracket", "escape")
        assert stage.app.screen is stage.controls.dashboard


async def test_a_key_that_has_been_given_away_does_not_close_the_agent_s_page(link):
    async with staged(link, keys={"detail": "d", "pause": "enter"}) as stage:
        await stage.press("1", "d", "enter")
        assert isinstance(stage.app.screen, AgentDetailScreen)
        assert [path for path, _ in link.sent] == ["/pause"]


async def test_the_agent_s_page_never_opens_on_top_of_itself(link):
    async with staged(link) as stage:
        await stage.press("1", "enter", "ctrl+p", *"agent", "enter")
        assert stage.app.screen is stage.controls.dashboard
        assert not [each for each in stage.app.screen_stack if isinstance(each, AgentDetailScreen)]


async def test_q_leaves_and_says_that_the_bot_goes_on(link):
    async with staged(link) as stage:
        await stage.pilot.press("q")
    assert "goes on in the background" in (stage.app.return_value or "")
    assert link.running


async def test_ctrl_q_leaves_even_from_a_question(link):
    async with staged(link) as stage:
        await stage.press("x")
        await stage.pilot.press("ctrl+q")
    assert "goes on in the background" in (stage.app.return_value or "")


async def test_the_mouse_sorts_selects_marks_and_does_what_the_footer_says(link):
    async with staged(link, (120, 40)) as stage:
        board = stage.controls.dashboard.leaderboard
        heading = next(line for line in stage.text.split("\n") if "trades" in line)
        row = stage.text.split("\n").index(heading)
        await stage.pilot.click(offset=(heading.index("trades"), row))
        await stage.settle()
        assert board.sorted_by == "trades"
        await stage.pilot.click(offset=(10, row + 3))
        await stage.settle()
        assert board.cursor_index == 2
        assert stage.controls.dashboard.equity.selected_agent == board.cursor_key
        y = next(at for at, line in enumerate(stage.text.split("\n")) if "kill switch off" in line)
        x = stage.text.split("\n")[y].index("kill switch off")
        await stage.pilot.mouse_down(offset=(x, y))
        await stage.pilot.hover(offset=(x + 10, y))
        await stage.pilot.mouse_up(offset=(x + 10, y))
        await stage.press("ctrl+c")
        assert stage.app.clipboard.strip() == "kill switch"
        lines = stage.text.split("\n")
        await stage.pilot.click(offset=(lines[-1].index("pause"), len(lines) - 1))
        await stage.settle()
        assert [path for path, _ in link.sent] == ["/pause"]


async def test_attached_early_or_late_or_again_it_shows_the_same(arena_events):
    early = ReplayLink(events=list(arena_events[: len(arena_events) // 3]))
    async with staged(early) as stage:
        early.go_on(arena_events[len(arena_events) // 3 :])
        await stage.settle()
        await stage.press("1", "home")
        followed = stage.text
    for _ in range(2):
        async with staged(early) as stage:
            await stage.press("1", "home")
            assert stage.text == followed


async def test_it_follows_the_terminal_when_its_size_changes(link):
    async with staged(link) as stage:
        await stage.resize(80, 24)
        assert "3 Reasons" in stage.text
        assert stage.text.count("\n") == 23
        await stage.resize(120, 40)
        assert all(pane.display for pane in stage.controls.dashboard.by_id.values())


async def test_lists_stay_in_place_while_news_come_in_above(link):
    async with staged(link) as stage:
        log = stage.controls.dashboard.event_log
        await stage.press("6", *["pagedown"] * 3)
        top = log._rows[log.scroll_offset.y].key
        link.happen([PauseSet(on=True, by="me"), PauseSet(on=False, by="me")])
        await stage.settle()
        assert log.scroll_offset.y > 0
        assert log._rows[log.scroll_offset.y].key == top


def focused(stage: Stage) -> str | None:
    return None if stage.app.focused is None else stage.app.focused.id


async def test_other_colours_are_painted_though_nothing_happens(link):
    async with staged(link) as stage:
        dashboard = stage.controls.dashboard
        before = dashboard.leaderboard.looks
        stage.app.theme = "cockpit-light"
        async with asyncio.timeout(30):
            while dashboard.leaderboard.is_due or dashboard.leaderboard.looks == before:
                await stage.pilot.pause(0.01)
