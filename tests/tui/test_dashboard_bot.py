"""What a person does with the bot, and what the dashboard says when the bot is not well."""

import asyncio

import pytest

from cockpit.domain.events import (
    BreakerTripped,
    EmergencyAdvanced,
    EmergencyStage,
    KillSwitchSet,
    PauseSet,
)
from cockpit.tui.actions import ACTIONS
from cockpit.tui.link import Answer
from cockpit.tui.screens.confirm import ChoiceScreen, ConfirmScreen
from cockpit.tui.store import Connection
from tests.tui.conftest import Stage, staged
from tests.tui.replay_link import ReplayLink
from tests.tui.test_orders import done


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


@pytest.mark.parametrize("key", ["b", "D", "n", "slash"])
async def test_what_needs_a_run_says_where_there_is_none_what_to_do(key):
    link = ReplayLink(events=[], running=False, answering=False)
    async with staged(link, (80, 24)) as stage:
        await stage.press(key)
        await done(stage, "debate-asked")
        assert stage.app.screen is stage.controls.dashboard
        assert "No bot runs; s starts one." in stage.text


async def test_x_stops_the_bot_once_it_is_confirmed(link):
    async with staged(link) as stage:
        await stage.press("x")
        assert isinstance(stage.app.screen, ConfirmScreen)
        await stage.press("n")
        assert link.sent == []
        await stage.press("x", "enter")
        assert link.sent == [], "enter alone stops nothing"
        assert "The bot goes on." in stage.text
        await stage.press("x", "left", "enter")
        await stage.until(Connection.ABSENT)
        assert [path for path, _ in link.sent] == ["/stop"]
        assert "THE BOT IS NOT RUNNING" in stage.text


async def test_p_pauses_and_resumes(link):
    async with staged(link) as stage:
        await stage.press("p")
        assert "‖ PAUSED" in stage.text
        assert "p resume" in stage.text
        assert "market time stands still" in stage.text
        await stage.press("p")
        assert "● RUNNING" in stage.text
        assert [path for path, _ in link.sent] == ["/pause", "/resume"]
        assert "The rounds go on." in stage.text
        assert "market time stands still" not in stage.text, "a new word takes the place of the one before"
        link.refuses = "the run is over; start a new one"
        await stage.press("p")
        assert "the run is over; start a new one" in stage.text
        stage.app.notify("[b]said[/b] by\x1b[31m others")
        await stage.settle()
        assert "[b]said[/b] by others" in stage.text
        assert len(stage.app._notifications) == 1


async def test_k_turns_the_kill_switch_on_and_off_and_asks_first(link):
    async with staged(link) as stage:
        await stage.press("K")
        assert "KILL SWITCH on?" in " ".join(stage.text.split())
        await stage.press("enter")
        assert "The kill switch stays off: orders go out." in stage.text
        await stage.press("K", "y")
        assert "Kill switch ON: orders are recorded as held." in stage.text
        assert "■ KILLED" in stage.text
        assert "■ KILL SWITCH ON, K turns it off: nothing is sent; set by the dashboard" in stage.text
        await stage.press("K", "enter")
        assert "■ KILLED" in stage.text, "enter does not resume trading by itself"
        await stage.press("K", "left", "enter")
        assert "● RUNNING" in stage.text
        assert [path for path, _ in link.sent] == ["/kill", "/unkill"]


async def test_k_can_flatten_first_also_when_it_is_killed_already(link):
    async with staged(link) as stage:
        await stage.press("K", "f")
        assert link.sent == [("/kill", {"flatten": True})]
        assert "■ EMERGENCY STOP, it ends by itself: step 1 of 2" in stage.text
        await stage.press("K")
        assert "under way" in stage.text
        assert len(link.sent) == 1, "there is nothing to ask while it is under way"
        link.happen([advanced(EmergencyStage.HALTED), KillSwitchSet(on=True, by="the dashboard")])
        await stage.settle()
        assert "KILL SWITCH ON, K turns it off: 24 POSITIONS STILL OPEN after an emergency stop" in stage.text
        await stage.press("K", "f")
        assert link.sent[1:] == [("/kill", {"flatten": True})]


async def test_f_is_an_emergency_stop_and_asks_first(link):
    async with staged(link) as stage:
        await stage.press("F")
        assert "EMERGENCY STOP?" in stage.text
        await stage.press("enter")
        assert link.sent == []
        assert "No emergency stop: everything stays." in stage.text
        await stage.press("F", "y")
        assert link.sent == [("/kill", {"flatten": True})]
        assert " ■ EMERGENCY STOP " in stage.text.split("\n")[0]
        await stage.press("F")
        assert not isinstance(stage.app.screen, ConfirmScreen), "one at a time"


UNDER_WAY = "EMERGENCY STOP under way: orders are cancelled first."


async def test_that_orders_are_cancelled_first_is_said_until_they_are(link):
    async with staged(link) as stage:
        await stage.press("F", "y")
        assert UNDER_WAY in said_in_passing(stage)
        link.happen([PauseSet(on=True, by="me")])
        await stage.settle()
        assert UNDER_WAY in said_in_passing(stage)
        link.happen([advanced(EmergencyStage.FLATTENING)])
        await stage.settle()
        assert said_in_passing(stage) == []
        await stage.press("p")
        link.happen([advanced(EmergencyStage.HALTED)])
        await stage.settle()
        assert said_in_passing(stage) == ["The rounds go on."], (
            "only what the stage has overtaken is taken back"
        )


class LateAnswers(ReplayLink):
    """A bot whose answers come after all that follows from them."""

    seen_seq = staticmethod(lambda: 0)

    async def send(self, path: str, **body: object) -> Answer:
        answer = await super().send(path, **body)
        self.happen([advanced(EmergencyStage.FLATTENING), advanced(EmergencyStage.HALTED)])
        while self.seen_seq() < len(self.events):
            await asyncio.sleep(0.001)
        return answer


async def test_an_emergency_stop_that_is_over_before_the_answer_comes_is_not_said_to_go_on(arena_events):
    link = LateAnswers(events=list(arena_events))
    async with staged(link) as stage:
        link.seen_seq = lambda: stage.store.state.seq
        for times in (1, 2):
            await stage.press("F", "y")
            while any(worker.group == "commands" for worker in stage.app.workers):
                await stage.pilot.pause(0.001)
            await stage.settle()
            assert len(link.sent) == times
            assert "■ HALTED" in stage.text
            assert UNDER_WAY not in said_in_passing(stage)


async def test_no_is_never_called_cancel_where_orders_are_cancelled(link):
    async with staged(link) as stage:
        for key in "FKx":
            await stage.press(key)
            assert "n  go back" in stage.text
            assert "n  cancel" not in stage.text
            await stage.press("n")
        assert link.sent == []


async def test_m_says_what_orders_may_do(link):
    async with staged(link) as stage:
        await stage.press("m")
        assert "active: what passes the risk gate goes out (now)" in stage.text
        await stage.press("down", "enter")
        assert " ◐ REDUCING " in stage.text.split("\n")[0]
        await stage.press("ctrl+p", *"mode halted", "enter")
        assert " ■ HALTED " in stage.text.split("\n")[0]
        assert "■ HALTED, m changes the mode" in stage.text
        await stage.press("m", "escape")
        await stage.press("m", "home", "enter")
        assert "● RUNNING" in stage.text
        assert link.sent == [("/mode", {"mode": each}) for each in ("reducing", "halted", "active")]


async def test_what_is_not_done_yet_is_told_in_the_bot_s_words(link):
    link.busy = True
    async with staged(link) as stage:
        await stage.press("K", "y")
        assert [path for path, _ in link.sent] == ["/kill"]
        assert "After the round in progress: /kill is done." in " ".join(stage.text.split())
        assert "Kill switch ON" not in stage.text
        assert "■ KILLED" not in stage.text
        link.finish_round()
        await stage.settle()
        assert "■ KILLED" in stage.text


async def test_r_arms_the_breaker_that_is_picked(link):
    for scope, breaker in (("arena", "drawdown"), ("random", "errors")):
        link.happen([tripped(scope, breaker)])
    async with staged(link) as stage:
        assert "◐ REDUCING by breaker drawdown, R arms it again" in stage.text
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


async def test_the_palette_does_what_can_be_done_now(link):
    def titles() -> set[str]:
        return {command.title for command in stage.app.get_system_commands(stage.app.screen)}

    async with staged(link) as stage:
        assert {action.label.capitalize() for action in ACTIONS} - titles() == {
            "Start",
            "Reset breaker",
            "Acknowledge",
            "Debates",
            "Ask a debate",
        }
        assert {"Mode active", "Mode reducing", "Mode halted"} <= titles()
        await stage.press("ctrl+p", *"pause", "enter")
        assert [path for path, _ in link.sent] == ["/pause"]
        assert "Resume" in titles()
        assert "Pause" not in titles()
        link.happen([tripped("random", "errors")])
        await stage.settle()
        assert "Reset breaker" in titles()
        link.die()
        await stage.until(Connection.ABSENT)
        assert "Start" in titles()
        assert not {"Stop", "Resume", "Kill switch", "Reset breaker"} & titles()


async def test_keys_can_be_changed_and_every_word_goes_with_them(link):
    keys = {"pause": "f5", "kill": "f6", "reset_breaker": "f7", "start": "f8", "status": "f9"}
    async with staged(link, keys=keys) as stage:
        assert "f5 pause" in stage.text
        await stage.press("p")
        assert link.sent == []
        await stage.press("f5")
        assert [path for path, _ in link.sent] == ["/pause"]
        link.happen([tripped("arena", "drawdown")])
        await stage.settle()
        assert stage.text.count("f7 arms it again") == 2, "in the banner and in the pane"
        await stage.press("f9")
        assert "market time" in stage.text
        await stage.press("f9")
        assert stage.app.screen is stage.controls.dashboard
        link.die()
        await stage.until(Connection.ABSENT)
        assert "f8 starts it" in stage.text
        await stage.press("f5")
        assert "No bot runs; f8 starts one." in stage.text


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
        assert "■ HALTED until the journal can be written: no space left on device" in stage.text
        link.outage(None)
        await stage.settle()
        assert "HALTED" not in stage.text


def said_in_passing(stage: Stage) -> list[str]:
    return [notification.message for notification in stage.app._notifications]


def advanced(stage: EmergencyStage) -> EmergencyAdvanced:
    return EmergencyAdvanced(stage=stage, by="the dashboard", attempt=1, detail="so far")


def tripped(scope: str, breaker: str) -> BreakerTripped:
    return BreakerTripped(
        scope=scope, breaker=breaker, value=0.3, limit=0.2, reason="too much of it", stopped="everything"
    )
