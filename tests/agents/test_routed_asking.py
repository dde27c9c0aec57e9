"""An agent with several models: who is asked what and in how much time, who decides, and what it cost."""

from dataclasses import replace

import pytest

from cockpit.agents.answers.repair import RepairModel
from cockpit.agents.models.call_tape import CallTape
from cockpit.agents.models.model_call import CallFailed, CallFault, ModelReply
from cockpit.agents.models.recording import RecordingGateway
from cockpit.agents.models.replaying import ReplayingGateway
from cockpit.agents.models.tape_writer import TapeWriter
from cockpit.domain.decisions import Decision, DecisionFailure, FailureKind
from cockpit.domain.market import Micros
from cockpit.domain.routing import RoutingMode, Trigger
from cockpit.trading.decision_checks import decision_fault, thoughts_fault
from tests.agents.routing_stage import (
    CLOSE,
    HOLD,
    OWN,
    ROUTE,
    THREE,
    ScriptedModels,
    agent_of,
    entry,
    holding,
    view_of,
    words,
)
from tests.trading.arena_facts import BTC, ETH

VIEW = view_of()
BUY, SELL = words(BTC=entry()), words(BTC=entry("sell_to_enter"))
UNSURE = words(BTC=entry(confidence=0.2))
NOTHING = words(BTC=HOLD, ETH=HOLD)
EVERY = replace(ROUTE, mode=RoutingMode.ESCALATION_ONLY)
SHOWN = replace(ROUTE, shows_cheap=True)
DOWN = CallFailed(CallFault.SERVER, "the provider is down", latency_ms=400, attempts=2)
SLOW = CallFailed(CallFault.TIMEOUT, "waited 45 s", latency_ms=45_000, attempts=1, cost=None)


async def decided(models, route=ROUTE, own=OWN, **given):
    answer = await agent_of(models, route=route, **given).decide(VIEW, own)
    assert not any(models.answers.values()), "a model was not asked"
    fault = (
        decision_fault(answer, "ann", VIEW.marks, VIEW.instruments)
        if isinstance(answer, Decision)
        else thoughts_fault(answer)
    )
    assert fault is None
    return answer


def asked(models):
    return [(purpose.role, request.model) for request, purpose in models.asked]


def sides(decision):
    return {target.symbol: target.exposure for target in decision.targets}


# --- Cheap first


async def test_a_cheap_model_decides_and_nobody_else_is_asked():
    models = ScriptedModels().say("small/a", BUY)
    answer = await decided(models)
    assert sides(answer) == {BTC.symbol: 1.0}
    assert answer.routing is None
    assert asked(models) == [("cheap", "small/a")]
    assert (answer.thinking_ms, [call.role for call in answer.calls]) == (1_000, ["cheap"])


@pytest.mark.parametrize(
    ("cheap", "trigger"),
    [
        (UNSURE, Trigger.CONFIDENCE),
        (words(BTC=entry(quantity=0.5)), Trigger.NOTIONAL),
        (words(BTC=entry(leverage=1_000)), Trigger.UNUSABLE),
        ("I would rather wait.", Trigger.UNUSABLE),
        (DOWN, Trigger.UNUSABLE),
        (SLOW, Trigger.UNUSABLE),
    ],
)
async def test_what_it_is_not_trusted_with_the_powerful_one_decides(cheap, trigger):
    models = ScriptedModels().say("small/a", cheap).say("large/z", SELL, latency_ms=9_000, cost=4_000)
    answer = await decided(models)
    assert sides(answer) == {BTC.symbol: -1.0}
    assert asked(models) == [("cheap", "small/a"), ("powerful", "large/z")]
    escalation = answer.routing.escalation
    assert escalation.triggers == (trigger,)
    assert (escalation.cheap, escalation.powerful) == (("small/a",), "large/z")
    assert escalation.changed is True
    assert escalation.powerful_cost == 4_000


@pytest.mark.parametrize(("powerful", "changed"), [(BUY, False), (SELL, True), (NOTHING, True)])
async def test_it_is_told_whether_the_powerful_model_changed_the_decision(powerful, changed):
    answer = await decided(ScriptedModels().say("small/a", UNSURE).say("large/z", powerful))
    assert answer.routing.escalation.changed is changed


@pytest.mark.parametrize(
    ("failure", "kind", "message"),
    [
        (DOWN, FailureKind.UNANSWERED, "the provider is down"),
        ("no JSON", FailureKind.INVALID, "the answer was refused: "),
        (
            CallFailed(CallFault.TIMEOUT, "waited", latency_ms=89_000, attempts=1),
            FailureKind.TIMEOUT,
            "ann gave no answer within 90 s",
        ),
    ],
)
async def test_where_the_powerful_model_fails_the_cheap_word_is_not_taken_instead(failure, kind, message):
    answer = await decided(ScriptedModels().say("small/a", UNSURE).say("large/z", failure))
    assert isinstance(answer, DecisionFailure)
    assert answer.failure is kind
    assert message in answer.message
    assert answer.routing.escalation.changed is None
    assert [call.role for call in answer.calls] == ["cheap", "powerful"]


async def test_what_the_powerful_model_says_is_held_to_the_same_rules():
    models = (
        ScriptedModels().say("small/a", UNSURE).say("large/z", words(BTC=entry(leverage=1_000), ETH=HOLD))
    )
    answer = await decided(models)
    assert answer.targets == ()
    assert "leverage: 1000" in answer.refused[0]


# --- Escalation only


async def test_cheap_models_that_only_watch_never_enter_by_themselves():
    models = ScriptedModels().say("small/a", words(BTC=entry(), ETH=entry("sell_to_enter", quantity=2)))
    answer = await decided(models, EVERY)
    assert answer.targets == ()
    assert answer.routing.withheld == (BTC.symbol, ETH.symbol)
    assert answer.routing.escalation is None


async def test_while_they_want_nothing_there_is_nothing_to_tell():
    answer = await decided(ScriptedModels().say("small/a", NOTHING), EVERY)
    assert (answer.targets, answer.routing) == ((), None)


async def test_their_wish_to_be_out_is_heard_by_the_powerful_one():
    models = ScriptedModels().say("small/a", words(BTC=CLOSE)).say("large/z", words(BTC=CLOSE))
    answer = await decided(models, EVERY, holding(100))
    assert sides(answer) == {BTC.symbol: 0.0}
    assert answer.routing.escalation.triggers == (Trigger.EXIT,)


async def test_with_no_notional_left_to_them_every_entry_is_the_powerful_one_s():
    models = ScriptedModels().say("small/a", BUY).say("large/z", BUY)
    answer = await decided(models, replace(EVERY, max_notional=0.0))
    assert sides(answer) == {BTC.symbol: 1.0}
    assert answer.routing.escalation.triggers == (Trigger.NOTIONAL,)


# --- Several cheap models


async def test_several_cheap_models_are_asked_at_once_each_in_a_role_of_its_own():
    models = ScriptedModels()
    for model, latency_ms in (("small/a", 3_000), ("small/b", 7_000), ("small/c", 2_000)):
        models.say(model, BUY, latency_ms=latency_ms)
    answer = await decided(models, THREE)
    assert asked(models) == [("cheap", "small/a"), ("cheap_2", "small/b"), ("cheap_3", "small/c")]
    assert answer.thinking_ms == 7_000
    assert sides(answer) == {BTC.symbol: 1.0}


async def test_cheap_models_at_odds_leave_it_to_the_powerful_one():
    models = ScriptedModels().say("small/a", BUY).say("small/b", SELL).say("small/c", NOTHING)
    answer = await decided(models.say("large/z", NOTHING), THREE)
    assert answer.targets == ()
    assert answer.routing.escalation.triggers == (Trigger.DISAGREEMENT,)
    assert answer.routing.escalation.changed is True


async def test_one_that_is_down_does_not_escalate_what_the_others_agree_on():
    models = ScriptedModels().say("small/a", BUY).say("small/b", DOWN).say("small/c", BUY)
    answer = await decided(models, THREE)
    assert (sides(answer), answer.routing) == ({BTC.symbol: 1.0}, None)


# --- Time and money


async def test_the_powerful_model_gets_the_time_that_is_left():
    models = ScriptedModels().say("small/a", SLOW).say("large/z", BUY, latency_ms=20_000)
    answer = await decided(models)
    assert [purpose.deadline_s for _, purpose in models.asked] == [45.0, 45.0]
    assert answer.thinking_ms == 65_000
    models = ScriptedModels().say("small/a", UNSURE, latency_ms=12_500).say("large/z", BUY)
    await decided(models)
    assert [purpose.deadline_s for _, purpose in models.asked] == [45.0, 77.5]


async def test_repairs_of_cheap_answers_take_of_the_cheap_models_time():
    prose = "My call on BTC: signal: hold."
    cut = replace(ROUTE, cheap_timeout_s=10.0)
    models = ScriptedModels().say("small/a", prose, latency_ms=4_000)
    models.say("test/mend", words(BTC=HOLD), latency_ms=500)
    answer = await decided(models, cut, repair=RepairModel(model="test/mend"))
    assert asked(models) == [("cheap", "small/a"), ("repair", "test/mend")]
    assert models.asked[1][1].deadline_s == 6.0
    assert (answer.targets, answer.routing) == ((), None)


async def test_costs_of_both_add_up_to_those_of_all_calls():
    models = ScriptedModels().say("small/a", UNSURE, cost=300).say("small/b", NOTHING, cost=200)
    models.say("small/c", SELL, cost=100).say("large/z", BUY, cost=9_000)
    answer = await decided(models, THREE)
    escalation = answer.routing.escalation
    assert (escalation.cheap_cost, escalation.powerful_cost) == (600, 9_000)
    assert escalation.cheap_cost + escalation.powerful_cost == sum(call.cost for call in answer.calls)


async def test_a_cost_nobody_knows_is_not_nothing():
    models = ScriptedModels().say("small/a", UNSURE, cost=None).say("large/z", BUY, cost=5)
    escalation = (await decided(models)).routing.escalation
    assert (escalation.cheap_cost, escalation.powerful_cost) == (None, Micros(5))


async def test_the_powerful_model_is_asked_exactly_the_same():
    models = ScriptedModels().say("small/a", UNSURE).say("large/z", BUY)
    await decided(models)
    cheap, powerful = (request for request, _ in models.asked)
    assert replace(powerful, model=cheap.model) == cheap


# --- Streams and replays


async def test_words_pass_by_under_the_role_of_who_says_them():
    heard = []
    models = ScriptedModels().say("small/a", BUY).say("small/b", SELL).say("small/c", NOTHING)
    models.say("large/z", NOTHING)
    await decided(models, THREE, on_words=lambda *said: heard.append(said[:2]))
    assert heard == [("ann", "cheap"), ("ann", "cheap_2"), ("ann", "cheap_3"), ("ann", "powerful")]


@pytest.mark.parametrize("route", [ROUTE, THREE, EVERY, SHOWN], ids=lambda route: route.mode.value)
async def test_a_replay_of_recorded_calls_gives_the_same_decisions(tmp_path, route):
    rounds = [[BUY] * 3, [UNSURE, SELL, DOWN], [NOTHING] * 3, [SLOW, SLOW, SLOW]]
    powerful = [SELL, ModelReply(text="no JSON", latency_ms=3_000, cost=Micros(70)), BUY, NOTHING]
    models = ScriptedModels()
    for number, said in enumerate(rounds):
        for model, each in zip(route.cheap, said, strict=False):
            models.say(model, each, latency_ms=1_000 * (number + 1))
    models.say("large/z", *powerful)
    path = tmp_path / "calls.jsonl"

    async def played(gateway):
        agent = agent_of(gateway, route=route)
        answers = [await agent.decide(view_of(number=number), OWN) for number in range(5, 9)]
        await gateway.aclose()
        return answers

    recorded = await played(RecordingGateway(models, TapeWriter(path)))
    replayed = await played(ReplayingGateway(CallTape(path)))
    assert replayed == recorded
    assert any(answer.routing for answer in recorded)
