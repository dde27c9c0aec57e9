"""Agents that ask models, on the screen: what they say, hold and cost, and those that can't take part."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from cockpit.domain.decisions import FailureKind, ModelCall, Target, Thesis
from cockpit.domain.events import AgentGrounded, DecisionFailed, DecisionMade, ModelCalled, RunStarted
from cockpit.domain.market import DAY_MS, Micros
from cockpit.tui.link import Words
from cockpit.tui.screens.agent_detail import AgentDetailScreen
from cockpit.tui.screens.call import MOST_CHARS, CallScreen, call_sections
from tests.servers.model_server import HOSTILE_TEXTS
from tests.tui.conftest import Stage, staged
from tests.tui.recorded_arena import FROZEN, thawed
from tests.tui.replay_link import ReplayLink
from tests.tui.test_hostile_text import EVIL, assert_clean
from tests.tui.test_orders import done

MINDS = FROZEN.with_name("minds.jsonl.gz")
"""A run of eight rounds with two agents that ask a scripted model, one of unknown price, and one without a
key."""

EVERYTHING_HOSTILE = EVIL + "".join(HOSTILE_TEXTS[name] for name in ("markup", "ansi", "osc", "bidi"))


def minds_link(path: Path = MINDS) -> ReplayLink:
    events = thawed(path)
    asked = [each.event.call.asked_ms for each in events if isinstance(each.event, ModelCalled)]
    return ReplayLink(events=events, day=asked[-1] // DAY_MS)


@pytest.fixture
def link() -> ReplayLink:
    return minds_link()


async def opened(stage: Stage, agent: str) -> None:
    """The page of an agent, with what the journal knows of its calls."""
    stage.controls.dashboard.leaderboard.select(agent)
    await stage.press("1", "enter")
    await done(stage, "calls")


def say(stage: Stage, link: ReplayLink, text: str, *, role: str = "decide", talk: int = 1) -> None:
    start = sum(len(each.text) for each in link.words if each.talk == talk)
    link.words.append(Words(agent="robot", role=role, talk=talk, start=start, text=text))
    link._news.set()


def next_call(link: ReplayLink, **facts: object) -> ModelCalled:
    numbers = [each.event.call_id for each in link.events if isinstance(each.event, ModelCalled)]
    asked = {"role": "decide", "model": "openai/scripted-1", "key": "k", "request": "{}", "attempts": 1}
    asked["asked_ms"] = link.day * DAY_MS
    return ModelCalled(call_id=numbers[-1] + 1, agent="robot", round=9, call=ModelCall(**(asked | facts)))


def decided(link: ReplayLink, *targets: Target, agent: str = "robot", **facts: object) -> DecisionMade:
    made = sum(isinstance(each.event, DecisionMade) for each in link.events)
    return DecisionMade(decision_id=made + 1, agent=agent, round=9, confidence=0.5, targets=targets, **facts)


async def test_words_are_shown_while_they_are_said_and_gone_once_it_has_decided(link):
    async with staged(link, (160, 50)) as stage:
        await opened(stage, "robot")
        assert "nothing: it has decided, or waits for its round" in stage.text
        say(stage, link, "I look at the tape. ")
        await stage.settle()
        assert "decide 20 characters" in stage.text
        say(stage, link, "It is quiet.")
        say(stage, link, "Sell!", role="bear", talk=2)
        await stage.settle()
        assert "I look at the tape. It is quiet." in stage.text
        assert "bear 5 characters" in stage.text
        link.happen([decided(link)])
        await stage.settle()
        assert "It is quiet" not in stage.text
        say(stage, link, "Again", talk=3)
        await stage.settle()
        assert "Again" in stage.text
        failure = DecisionFailed(agent="robot", round=9, failure=FailureKind.TIMEOUT, message="too slow")
        link.happen([failure])
        await stage.settle()
        assert "Again" not in stage.text


async def test_of_a_long_speech_the_end_is_in_sight(link):
    async with staged(link, (160, 50)) as stage:
        await opened(stage, "robot")
        say(stage, link, " ".join(f"word-{number}" for number in range(2_000)))
        await stage.settle()
        assert "word-1999" in stage.text
        assert "word-100 " not in stage.text
        assert re.search(r"│ +… ", stage.text)


async def test_words_paint_nothing_but_the_page_of_who_says_them(link):
    async with staged(link, (160, 50)) as stage:
        for number, agent in enumerate((None, "unpriced", "robot"), start=1):
            if agent is not None:
                await opened(stage, agent)
            say(stage, link, "listen", talk=number)
            while [each.number for each in stage.store.talks.of("robot")] != [number]:
                await stage.pilot.pause(0.005)
            due = {pane.id for pane in stage.controls._panes() if pane.is_shown and pane.is_due}
            assert due == ({"mind"} if agent == "robot" else set())
            if agent is not None:
                await stage.press("escape")


async def test_theses_say_whether_they_are_checked_and_that_one_is_broken(link):
    async with staged(link, (160, 50)) as stage:
        await opened(stage, "robot")
        assert "✓ checked on every bar: wrong if 3m close < 70000" in stage.text
        assert "? not checked, words only: wrong if the trend feels tired" in stage.text
        assert re.search(
            r"BTC +▲ 0\.08 +stop 60,000\S* +target 90,000\S* +4\.0× +risks 120\.00 +sure 72%", stage.text
        )
        await stage.press("right_square_bracket", "right_square_bracket", "right_square_bracket")
        while "unpriced ─" not in stage.text:
            await stage.press("right_square_bracket")
        assert "✗ BROKEN: BTC/USDC:USDC 3m close > 1000" in stage.text


async def test_what_was_refused_and_what_it_costs_are_told_without_inventing_a_price(link):
    async with staged(link, (160, 50)) as stage:
        link.happen([decided(link, refused=("SHIB: there is no such coin here",))])
        await opened(stage, "robot")
        assert "✗ SHIB: there is no such coin here" in stage.text
        figures = dict(
            re.findall(
                r"(cost, this run|cost today|per round|failed calls|projected a day) +(\S+)", stage.text
            )
        )
        assert figures["cost, this run"] == figures["cost today"] == "$0.0280"
        assert figures["failed calls"] == "1"
        assert figures["projected a day"].startswith("$")
        while "unpriced ─" not in stage.text:
            await stage.press("right_square_bracket")
        figures = dict(
            re.findall(r"(cost, this run|cost today|per round|projected a day) +(\S+)", stage.text)
        )
        assert set(figures.values()) == {"unknown"}
        assert "$0.00 " not in "".join(line for line in stage.text.split("\n") if "decide" in line)


async def test_header_and_status_tell_what_models_cost_today_and_a_day(link):
    async with staged(link, (160, 50)) as stage:
        assert "models ≥ $0.0280 today, unknown/day" in stage.text
        link.happen([next_call(link, cost=Micros(2_000))])
        await stage.settle()
        assert "models ≥ $0.0300 today" in stage.text
        await stage.press("t")
        assert re.search(r"models, this run +≥ \$0\.0300, 17 calls", stage.text)
        await stage.press("escape")
        await stage.resize(80, 24)
        assert "≥ $0.0300 today, unknown/day" in stage.text


async def test_where_no_model_is_asked_nothing_is_said_of_their_cost(arena_events):
    async with staged(ReplayLink(events=list(arena_events)), (160, 50)) as stage:
        assert "today" not in stage.text
        heading = next(line for line in stage.text.split("\n") if "return▾" in line)
        assert "cost" not in heading
        await stage.press("enter")
        assert "Says now" not in stage.text
        assert "Last word on each coin" in stage.text


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_an_agent_that_can_t_take_part_says_which_variable_to_set(link, size):
    async with staged(link, size) as stage:
        row = next(line for line in stage.text.split("\n") if "⊘ keyless" in line)
        assert re.search(r"– ⊘ keyless .*set DEEPSEEK_API_KEY", row), "it has no rank, though it lost nothing"
        places = [row.agent for row in stage.controls.dashboard.leaderboard._rows]
        assert places[-1] == "keyless"
        await stage.press("O")
        assert [row.agent for row in stage.controls.dashboard.leaderboard._rows][-1] == "keyless"
        await stage.press("O")
        assert "1 can't take part" in stage.text
        await opened(stage, "keyless")
        words = " ".join(re.sub(r"[│▁-█]", " ", stage.text).split())
        assert "can't take part: there is no key for deepseek/deepseek-chat: set DEEPSEEK_API_KEY" in words
        await stage.press("escape")
        link.happen([AgentGrounded(agent="keyless", reason="")])
        await stage.settle()
        assert "⊘" not in stage.text


async def test_the_leaderboard_has_a_column_for_what_models_cost(link):
    async with staged(link, (80, 24)) as stage:
        rows = {
            name: line
            for line in stage.text.split("\n")
            for name in ("robot", "unpriced")
            if f"● {name} " in line
        }
        assert "$0.0280" in rows["robot"]
        assert "unknown" in rows["unpriced"]
        assert all(len(line) == 80 for line in stage.text.split("\n"))


async def test_enter_on_a_call_opens_it_and_enter_closes_it(link):
    async with staged(link, (120, 40)) as stage:
        await opened(stage, "robot")
        await stage.press("tab", "tab", "home")
        assert re.search(r"▸01-01 00:24 +\d+ +decide", stage.text)
        await stage.press("enter")
        await done(stage, "call")
        assert isinstance(stage.app.screen, CallScreen)
        assert "robot asked openai/scripted-1 as decide in round 8" in stage.text
        assert "Prompt 1: system ─" in stage.text
        await stage.press("end")
        assert "Raw answer ─" in stage.text
        await stage.press("enter")
        assert isinstance(stage.app.screen, AgentDetailScreen)


async def test_a_call_the_latest_events_have_forgotten_comes_from_the_journal(link):
    async with staged(link, (120, 40)) as stage:
        stage.store.calls.entries.clear()
        await opened(stage, "robot")
        assert link.read == ["limits", "/costs", "/calls"]
        shown = [row.ident for row in stage.app.screen._history._rows if row.ident.startswith("call:")]
        assert shown == [f"call:{number}" for number in (15, 13, 11, 9, 7, 5, 3, 1)]


async def test_a_call_shows_what_was_thought_and_which_tools_were_wanted(link):
    raw = {
        "choices": [
            {"message": {"tool_calls": [{"id": "1", "function": {"name": "bars", "arguments": '{"n": 5}'}}]}}
        ]
    }
    link.happen([next_call(link, raw=json.dumps(raw))])
    async with staged(link, (120, 40)) as stage:
        stage.controls.reading.open_call(1)
        await done(stage, "call")
        assert "What it thought before ─" in stage.text
        assert re.search(r"│ I wait for a close above the range", stage.text)
        await stage.press("escape")
        stage.controls.reading.open_call(17)
        await done(stage, "call")
        assert re.search(r"Tools it wants used ─+\s+│\n│ bars\(\{\"n\": 5\}\)", stage.text)


async def test_a_call_that_is_not_there_is_told_as_such(link):
    async with staged(link, (120, 40)) as stage:
        stage.controls.reading.open_call(999)
        await done(stage, "call")
        assert "run run-1 has no model call 999" in stage.text


async def test_in_a_narrow_terminal_the_pane_with_the_keys_gets_most_of_the_room(link):
    async with staged(link, (80, 24)) as stage:
        await opened(stage, "robot")
        heights = []
        for _ in range(3):
            heights.append(stage.app.focused.size.height)
            await stage.press("tab")
        assert min(heights) >= 10


HOSTILE_REQUEST = json.dumps(
    {
        "messages": [
            {"role": EVIL, "content": EVERYTHING_HOSTILE, "tool_calls": [{"name": EVIL, "arguments": EVIL}]},
            EVIL,
            {"role": "tool", "content": None, "tool_calls": "none"},
        ],
        "tools": [{"name": EVIL, "description": EVIL}, 5],
        "schema": {EVIL: EVIL},
        "temperature": EVIL,
    }
)


async def test_hostile_words_reach_no_terminal_wherever_they_stand(link):
    target = Target(
        symbol="BTC/USDC:USDC",
        exposure=1.0,
        quantity=0.08,
        confidence=0.5,
        reason=EVERYTHING_HOSTILE,
        thesis=Thesis(invalidation=EVERYTHING_HOSTILE),
    )
    call = next_call(
        link, request=HOSTILE_REQUEST, reply=EVERYTHING_HOSTILE, raw=EVERYTHING_HOSTILE, role=EVIL, model=EVIL
    )
    link.happen([call, decided(link, target, refused=(EVERYTHING_HOSTILE,))])
    link.happen([AgentGrounded(agent="keyless", reason=EVERYTHING_HOSTILE)])
    async with staged(link, (120, 40)) as stage:
        assert_clean(stage)
        await opened(stage, "keyless")
        assert_clean(stage)
        await stage.press("escape")
        await opened(stage, "robot")
        say(stage, link, EVERYTHING_HOSTILE, role=EVIL)
        await stage.settle()
        assert_clean(stage)
        assert "[@click=app.quit]" in stage.text
        await stage.press("tab", "tab", "home", "enter")
        await done(stage, "call")
        for key in ("end", "pageup", "pageup", "home"):
            assert_clean(stage)
            assert isinstance(stage.app.screen, CallScreen)
            await stage.press(key)
        await stage.resize(80, 24)
        assert_clean(stage)


async def test_five_megabytes_do_not_stop_the_screen(link):
    huge = HOSTILE_TEXTS["huge"]
    target = Target(symbol="BTC/USDC:USDC", exposure=1.0, reason=huge, thesis=Thesis(invalidation=huge))
    link.happen([next_call(link, reply=huge, raw=huge, request=huge), decided(link, target)])
    async with staged(link, (120, 40)) as stage:
        await opened(stage, "robot")
        say(stage, link, huge)
        await stage.settle()
        assert "decide 5,000,000 characters" in stage.text
        await stage.press("tab", "tab", "home", "enter")
        await done(stage, "call")
        assert isinstance(stage.app.screen, CallScreen)
        await stage.press("end")
        assert f"… {5_000_000 - MOST_CHARS:,} characters more" in stage.text
        assert len(stage.app.screen.pane._rows) < 4_000
        assert_clean(stage)


@pytest.mark.parametrize(
    "request_text", ["", "null", "[]", "{", "[" * 100_000, '{"messages": 5}', '{"messages": [[]]}']
)
def test_a_request_that_is_none_is_shown_as_it_is(request_text):
    call = {
        **dict.fromkeys(("agent", "model", "role", "asked_time", "finish_reason", "error", "key"), "x"),
        **{"round": 1, "cost_usd": None, "latency_s": 1.0, "attempts": 1, "input_tokens": None},
        **{"output_tokens": 5, "fault": "", "reply": "", "request": request_text, "raw": request_text},
    }
    sections = call_sections(call)
    assert "cost unknown" in sections[0].text
    assert "tokens unknown in, 5 out" in sections[0].text
    assert [each.text for each in sections if each.title == "Reply"] == ["no words"]


async def test_agents_of_other_kinds_are_those_that_may_ask_models(link):
    started = next(each.event for each in link.events if isinstance(each.event, RunStarted))
    debating = tuple(
        replace(each, kind="debate") if each.name == "robot" else each for each in started.contestants
    )
    link.events[0] = replace_event(link.events[0], replace(started, contestants=debating))
    async with staged(link, (160, 50)) as stage:
        await opened(stage, "robot")
        assert "Says now" in stage.text


def replace_event(recorded, event):
    return recorded._replace(event=event)
