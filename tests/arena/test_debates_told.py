"""Debates in an arena: told between the calls and the decision, and never able to tear a step."""

from dataclasses import replace

import pytest

from cockpit.agents.debate.debate_agent import DebateAgent
from cockpit.agents.models.model_call import CallFault
from cockpit.agents.prompts.figures import MarketForm
from cockpit.agents.prompts.prompt import PromptWriter
from cockpit.agents.prompts.rules_text import ArenaRules
from cockpit.domain.debates import Stance
from cockpit.domain.decisions import Decision, DecisionFailure, FailureKind, ModelCall
from cockpit.domain.events import DebateHeld, DecisionFailed, DecisionMade, ModelCalled
from cockpit.domain.market import MINUTE_MS
from cockpit.journal.views import JournalReader
from cockpit.trading.margin import MarginMode, MarginTerms
from tests.agents.debate.debate_stage import ROLES, TEMPLATES, UNANIMOUS, ScriptedGateway, form
from tests.arena.conftest import ScriptedAgent, parts_of
from tests.journal.forecast_view import read_forecasts
from tests.trading.test_debate_checks import DEBATE

TOLD = (ModelCalled, DebateHeld, DecisionMade, DecisionFailed)
CALLS = tuple(ModelCall(role=role, model="x/y", key="k", request="{}") for role in ("bull", "bear"))


def settings(rounds):
    return {
        "arena": {"rounds": rounds, "interval": "1m"},
        "market": {"symbols": ["BTC", "ETH"], "speed": "max"},
    }


async def told(stage, *answers):
    """What is told of an agent that answers round by round with these."""
    left = list(answers)
    agent = ScriptedAgent("ann", lambda view, own: left.pop(0))
    coordinator = await stage.begin(parts_of(settings(len(answers)), agent))
    await coordinator.run()
    events = [each.event for each in stage.journal.events() if isinstance(each.event, TOLD)]
    return events, coordinator.recorder.committed


def made(**changes):
    return Decision(agent="ann", targets=(), **({"calls": CALLS, "debate": DEBATE} | changes))


def failed(**changes):
    given = {"failure": FailureKind.UNANSWERED, "message": "too few", "calls": CALLS, "debate": DEBATE}
    return DecisionFailure(agent="ann", **(given | changes))


async def test_a_debate_is_told_after_its_calls_and_before_what_came_of_it(stage):
    events, state = await told(stage, made(), failed(), made(calls=(), debate=None), made())
    assert [type(each) for each in events] == [
        ModelCalled, ModelCalled, DebateHeld, DecisionMade,
        ModelCalled, ModelCalled, DebateHeld, DecisionFailed,
        DecisionMade,
        ModelCalled, ModelCalled, DebateHeld, DecisionMade,
    ]  # fmt: skip
    held = [each for each in events if isinstance(each, DebateHeld)]
    assert [(each.debate_id, each.round, each.first_call_id) for each in held] == [
        (1, 1, 1),
        (2, 2, 3),
        (3, 4, 5),
    ]
    assert (state.next_debate_id, state.next_call_id) == (4, 7)


@pytest.mark.parametrize(
    "broken",
    [
        replace(DEBATE, symbols=("BTC", "BTC")),
        replace(DEBATE, consensus=DEBATE.consensus * 2),
        replace(DEBATE, messages=(replace(DEBATE.messages[0], argument="\ud800"),)),
        replace(DEBATE, messages=(replace(DEBATE.messages[0], call=9),)),
        "a debate",
    ],
)
async def test_a_debate_that_can_t_be_written_down_costs_its_agent_the_answer_and_nobody_else(stage, broken):
    events, state = await told(stage, made(debate=broken), failed(debate=broken), made())
    assert [type(each) for each in events] == [
        DecisionFailed, DecisionFailed, ModelCalled, ModelCalled, DebateHeld, DecisionMade
    ]  # fmt: skip
    assert events[0].failure is FailureKind.INVALID
    assert "debate" in events[0].message
    assert events[1].message.startswith("too few; ")
    assert state.rounds_closed == 3


def debating(parts, gateway, **changes):
    rules = ArenaRules(
        instruments=parts.agreement.instruments,
        terms=MarginTerms(mode=MarginMode.CROSS, leverage=10.0),
        capital=parts.agent_capital,
        round_interval_ms=MINUTE_MS,
        may_pyramid=False,
        may_close_partly=False,
        closes_when_invalid=True,
        further_rules=(),
        invalidation_help="",
        answer_schema="",
    )
    return DebateAgent(
        "ann",
        form(**({"has_shadow": True, "rebuttals": 1, "horizon_rounds": 2} | changes)),
        gateway,
        templates=TEMPLATES,
        writer=PromptWriter(TEMPLATES, MarketForm.of(("1m", "3m"))),
        rules=rules,
        start_ms=parts.agreement.start_ms,
    )


async def test_an_agent_whose_roles_debate_plays_a_run_and_every_role_can_be_scored(stage):
    hold = '{"BTC": {"signal": "hold", "confidence": 0.5}}'
    script = UNANIMOUS | {"bear": [CallFault.SERVER], "judge": [hold, hold, "Buy!", hold], "shadow": [hold]}
    gateway = ScriptedGateway(script)
    plain = parts_of(settings(6))
    coordinator = await stage.begin(parts_of(settings(6), debating(plain, gateway)))
    await coordinator.run()
    state = coordinator.recorder.committed
    assert (state.agents["ann"].decisions, state.agents["ann"].failures) == (5, 1)
    assert state.agents["ann"].model_use.calls == len(gateway.asked)
    events = [each.event for each in stage.journal.events() if isinstance(each.event, DebateHeld)]
    assert len(events) == 6
    calls = {
        each.event.call_id: each.event.call
        for each in stage.journal.events()
        if isinstance(each.event, ModelCalled)
    }
    for held in events:
        for message in (*held.debate.messages, held.debate.shadow):
            assert calls[held.first_call_id + message.call].role == message.role
    async with await JournalReader.open(stage.journal.path) as reader:
        forecasts = await read_forecasts(reader, "run-1")
    assert {each.role for each in forecasts} == {*(set(ROLES) - {"bear"}), "judge", "shadow"}
    bull = [each for each in forecasts if each.role == "bull"]
    assert [each.mark_after is not None for each in bull] == [True] * 4 + [False] * 2
    assert all(each.mark_after == bull[number + 2].mark for number, each in enumerate(bull[:4]))
    assert {each.stance for each in bull} == {Stance.LONG}
