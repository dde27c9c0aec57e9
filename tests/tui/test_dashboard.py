"""Every key of the registry, and what the screen does by itself."""

import pytest
from textual.widgets import Input

from cockpit.domain.events import BreakerTripped, PauseSet
from cockpit.tui.actions import ACTIONS, PANES
from cockpit.tui.screens.agent_detail import AgentDetailScreen
from cockpit.tui.screens.confirm import ChoiceScreen, ConfirmScreen
from cockpit.tui.screens.pages import PageScreen
from cockpit.tui.store import Connection
from tests.tui.conftest import staged
from tests.tui.replay_link import ReplayLink

TESTED_KEYS = {
    "start": "test_s_starts_a_bot_where_none_runs",
    "stop": "test_x_stops_the_bot_once_it_is_confirmed",
    "pause": "test_p_pauses_and_resumes",
    "kill": "test_k_turns_the_kill_switch_on_and_off_and_asks_first",
    "reset_breaker": "test_r_arms_the_breaker_that_is_picked",
    "status": "test_t_shows_facts_about_bot_and_run",
    **{f"pane_{number}": "test_digits_go_to_panes" for number in range(1, 8)},
    "zoom": "test_z_zooms_and_escape_restores",
    "restore": "test_z_zooms_and_escape_restores",
    "filter": "test_slash_filters_the_event_log_while_typing",
    "routine": "test_v_shows_what_is_routine",
    "sort": "test_o_sorts_by_the_next_column_and_shift_o_reverses",
    "reverse": "test_o_sorts_by_the_next_column_and_shift_o_reverses",
    "detail": "test_enter_opens_the_selected_agent",
    "help": "test_question_mark_and_f1_show_every_key",
    "leave": "test_q_leaves_and_says_that_the_bot_goes_on",
}


def test_every_action_has_a_test_that_presses_its_key():
    assert set(TESTED_KEYS) == {action.id for action in ACTIONS}
    assert set(TESTED_KEYS.values()) <= set(globals())


async def test_s_starts_a_bot_where_none_runs(arena_events):
    link = ReplayLink(events=list(arena_events), running=False, answering=False)
    async with staged(link) as stage:
        assert "No bot called “arena” is running." in stage.text
        assert (
            "Press  s  to start it" in " ".join(stage.text.split("\n")) or "Press s to start it" in stage.text
        )
        await stage.press("s")
        await stage.until(Connection.LIVE)
        assert link.sent == [("start", {})]
        assert "Leaderboard" in stage.text


async def test_a_bot_that_cannot_be_started_says_why():
    link = ReplayLink(events=[], running=False, answering=False, start_fails="no such market; see --market")
    async with staged(link) as stage:
        await stage.press("s")
        assert "no such market; see --market" in stage.text
        assert stage.store.connection is Connection.ABSENT


async def test_x_stops_the_bot_once_it_is_confirmed(link):
    async with staged(link) as stage:
        await stage.press("x")
        assert isinstance(stage.app.screen, ConfirmScreen)
        await stage.press("n")
        assert link.sent == []
        await stage.press("x", "enter")
        await stage.until(Connection.ABSENT)
        assert [path for path, _ in link.sent] == ["/stop"]
        assert "THE BOT IS NOT RUNNING" in stage.text


async def test_p_pauses_and_resumes(link):
    async with staged(link) as stage:
        await stage.press("p")
        assert "‖ PAUSED" in stage.text
        assert "p resume" in stage.text
        await stage.press("p")
        assert "● RUNNING" in stage.text
        assert [path for path, _ in link.sent] == ["/pause", "/resume"]


async def test_k_turns_the_kill_switch_on_and_off_and_asks_first(link):
    async with staged(link) as stage:
        await stage.press("K")
        assert "KILL SWITCH on?" in " ".join(stage.text.split())
        await stage.press("y")
        assert "■ KILLED" in stage.text
        assert "■ KILL SWITCH ON, by the dashboard" in stage.text
        await stage.press("K", "enter")
        assert "■ KILLED" in stage.text, "enter does not resume trading by itself"
        await stage.press("K", "left", "enter")
        assert "● RUNNING" in stage.text
        assert [path for path, _ in link.sent] == ["/kill", "/unkill"]


async def test_r_arms_the_breaker_that_is_picked(link):
    for scope, breaker in (("arena", "drawdown"), ("random", "errors")):
        link.happen([tripped(scope, breaker)])
    async with staged(link) as stage:
        assert "■ HALTED by breaker drawdown" in stage.text
        await stage.press("R")
        assert isinstance(stage.app.screen, ChoiceScreen)
        assert "arena · drawdown" in stage.text
        await stage.press("end", "enter")
        path, body = link.sent[-1]
        assert (path, body["scope"]) == ("/breakers/errors/reset", "random")
        await stage.press("R", "enter")
        path, body = link.sent[-1]
        assert (path, body["scope"]) == ("/breakers/drawdown/reset", "arena")
        assert "● RUNNING" in stage.text


async def test_t_shows_facts_about_bot_and_run(link):
    async with staged(link) as stage:
        await stage.press("t")
        assert isinstance(stage.app.screen, PageScreen)
        assert "market time" in stage.text
        assert "4242" in stage.text
        await stage.press("t")
        assert stage.app.screen is stage.controls.dashboard


@pytest.mark.parametrize("size", [(100, 30), (80, 24)])
async def test_digits_go_to_panes(link, size):
    async with staged(link, size) as stage:
        for number, pane in enumerate(PANES, start=1):
            await stage.press(str(number))
            assert stage.app.focused is not None
            assert stage.app.focused.id == pane
            assert stage.app.focused.display


async def test_z_zooms_and_escape_restores(link):
    async with staged(link) as stage:
        await stage.press("2", "z")
        dashboard = stage.controls.dashboard
        assert [pane.id for pane in dashboard.by_id.values() if pane.display] == ["equity"]
        assert dashboard.equity.size.width > 90
        await stage.press("escape")
        assert all(pane.display for pane in dashboard.by_id.values())


async def test_slash_filters_the_event_log_while_typing(link):
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


async def test_v_shows_what_is_routine(link):
    async with staged(link) as stage:
        assert "all events" not in stage.text
        assert "keeps its targets" not in stage.text
        await stage.press("v")
        assert "all events" in stage.text
        assert "keeps its targets" in stage.text
        await stage.press("v")
        assert "all events" not in stage.text


async def test_o_sorts_by_the_next_column_and_shift_o_reverses(link):
    async with staged(link) as stage:
        board = stage.controls.dashboard.leaderboard
        best = board._rows[0].key
        await stage.press("O")
        assert board._rows[-1].key == best
        await stage.press("O", "o")
        assert board.sorted_by == "equity"
        assert "equity▾" in stage.text


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
        assert "Circuit breakers" in stage.text
        await stage.press("]")
        assert screen.agent != selected.agent
        await stage.press("escape")
        assert stage.app.screen is stage.controls.dashboard


@pytest.mark.parametrize("key", ["question_mark", "f1"])
async def test_question_mark_and_f1_show_every_key(link, key):
    async with staged(link) as stage:
        await stage.press(key)
        assert "Arm a tripped circuit breaker again" in stage.text
        await stage.press("escape")
        assert stage.app.screen is stage.controls.dashboard


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


async def test_the_palette_does_every_action(link):
    async with staged(link) as stage:
        titles = {command.title for command in stage.app.get_system_commands(stage.app.screen)}
        assert {action.label.capitalize() for action in ACTIONS} <= titles
        await stage.press("ctrl+p", *"pause", "enter")
        await stage.settle()
        assert [path for path, _ in link.sent] == ["/pause"]


async def test_keys_can_be_changed(link):
    async with staged(link, keys={"pause": "f5"}) as stage:
        assert "f5 pause" in stage.text
        await stage.press("p")
        assert link.sent == []
        await stage.press("f5")
        assert [path for path, _ in link.sent] == ["/pause"]


async def test_a_command_that_is_refused_is_told(link):
    link.refuses = "the run is over; start a new one"
    async with staged(link) as stage:
        await stage.press("p")
        assert "the run is over; start a new one" in stage.text


async def test_a_click_on_a_heading_sorts_and_on_a_row_selects(link):
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


async def test_a_click_on_the_footer_does_what_it_says(link):
    async with staged(link) as stage:
        lines = stage.text.split("\n")
        await stage.pilot.click(offset=(lines[-1].index("pause"), len(lines) - 1))
        await stage.settle()
        assert [path for path, _ in link.sent] == ["/pause"]


async def test_marked_text_can_be_copied(link):
    async with staged(link) as stage:
        y = next(at for at, line in enumerate(stage.text.split("\n")) if "kill switch off" in line)
        x = stage.text.split("\n")[y].index("kill switch off")
        await stage.pilot.mouse_down(offset=(x, y))
        await stage.pilot.hover(offset=(x + 10, y))
        await stage.pilot.mouse_up(offset=(x + 10, y))
        await stage.press("ctrl+c")
        assert stage.app.clipboard.strip() == "kill switch"


async def test_a_bot_that_dies_is_told_and_followed_again_when_it_is_back(link):
    async with staged(link) as stage:
        link.die()
        await stage.until(Connection.ABSENT)
        assert "THE BOT IS NOT RUNNING" in stage.text
        assert "$" in stage.text, "what was last known stays"
        link.running = link.answering = True
        link.happen([PauseSet(on=True, by="me")])
        await stage.until(Connection.LIVE)
        assert "THE BOT" not in stage.text
        assert "‖ PAUSED" in stage.text


async def test_a_bot_that_hangs_is_told(link):
    async with staged(link) as stage:
        link.hang()
        await stage.until(Connection.LOST)
        assert "THE BOT DOES NOT ANSWER" in stage.text
        await stage.press("p")
        assert link.sent == []
        assert "does not answer now" in stage.text


async def test_a_journal_that_is_out_is_told_until_it_is_back(link):
    async with staged(link) as stage:
        link.outage("no space left on device")
        await stage.settle()
        assert "■ HALTED: the journal can't be written (no space left on device)" in stage.text
        link.outage(None)
        await stage.settle()
        assert "HALTED" not in stage.text


async def test_closed_and_opened_again_it_shows_the_same(link):
    async with staged(link) as stage:
        before = stage.text
    async with staged(link) as stage:
        assert stage.text == before


async def test_attached_early_or_late_it_shows_the_same(arena_events):
    early = ReplayLink(events=list(arena_events[: len(arena_events) // 3]))
    async with staged(early) as stage:
        early.go_on(arena_events[len(arena_events) // 3 :])
        while stage.store.state.seq < len(arena_events):
            await stage.pilot.pause()
        await stage.rest()
        followed = stage.text
    async with staged(ReplayLink(events=list(arena_events))) as stage:
        assert stage.text == followed


async def test_it_follows_the_terminal_when_its_size_changes(link):
    async with staged(link) as stage:
        await stage.pilot.resize_terminal(80, 24)
        await stage.settle()
        assert "3 Reasons" in stage.text
        assert stage.text.count("\n") == 23
        await stage.pilot.resize_terminal(120, 40)
        await stage.settle()
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


def tripped(scope: str, breaker: str) -> BreakerTripped:
    return BreakerTripped(
        scope=scope, breaker=breaker, value=0.3, limit=0.2, reason="too much of it", stopped="everything"
    )
