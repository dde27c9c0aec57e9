"""Debates that somebody asks for: beside the loop, told whole, acted upon as decisions are or not at all."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace

import pytest

from cockpit.agents.models.model_call import CallFault
from cockpit.arena import asked_debates
from cockpit.arena.controls import ControlRefused
from cockpit.arena.narration import narrate
from cockpit.domain.debates import Stance
from cockpit.domain.decisions import Target
from cockpit.domain.events import (
    AgentGrounded,
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    ModelCalled,
    OrderCreated,
    OrderMoved,
    RoundClosed,
    RoundOpened,
    TradingMode,
)
from cockpit.domain.market import MINUTE_MS
from cockpit.domain.orders import OrderStatus
from cockpit.journal.codec import encode_event, encode_state
from cockpit.trading.risk import RiskLimits
from cockpit.trading.state import ArenaState, UnderWay
from tests.agents.debate.debate_stage import BUY, ROLES, statement, words_of
from tests.arena.debate_theatre import AGREED, ASKED, DebateTheatre
from tests.trading.arena_facts import BTC, DOGE, ETH, START_MS, instrument, run_started

PASSES = "buy 0.15 BTC/USDC:USDC at the market: passes"


@pytest.fixture
def opened():
    """Opens theatres in which `ann` debates."""
    all_opened = []

    def open_theatre(*arguments, **options):
        all_opened.append(DebateTheatre(*arguments, **options))
        return all_opened[-1]

    yield open_theatre
    for each in all_opened:
        each.close()


@pytest.fixture
def stage(opened):
    return opened()


def since(stage, *types):
    """What was told since the debate was asked for."""
    events = stage.events(object)
    begun = max(place for place, each in enumerate(events) if isinstance(each, DebateAsked))
    return [each for each in events[begun:] if isinstance(each, types or object)]


def told(stage):
    """Everything in the journal as its bytes, but for what real time leaves there."""
    return [(each.ts_ms, encode_event(each.event)) for each in stage.journal.recorded]


def about(coin):
    """What everybody says of one coin."""
    said = json.dumps({"stances": {coin: {"stance": "long", "confidence": 0.6}}, "argument": "It rises."})
    return {role: [said] for role in ROLES} | {"judge": [json.dumps({coin: {"signal": "hold"}})]}


def orders(stage):
    return [each.order for each in stage.events(OrderCreated)]


def test_what_is_asked_for_is_journaled_first_and_stays_a_proposal(stage):
    debate_id = stage.debate("btc")
    assert stage.state.debates_under_way == {
        debate_id: UnderWay(
            agent="ann", symbol=BTC.symbol, by="alice", execute=False, asked_ms=START_MS + MINUTE_MS
        )
    }
    stage.give_cue()
    events = since(stage)
    assert [type(each) for each in events] == [DebateAsked, *[ModelCalled] * 6, DebateHeld]
    assert {each.debate_id for each in events} == {debate_id}
    held = events[-1]
    assert (held.agent, held.asked, held.round, held.first_call_id) == ("ann", True, 1, events[1].call_id)
    assert held.debate.symbols == (BTC.symbol,)
    assert [each.role for each in held.debate.messages] == [*ROLES, "judge"]
    (target,) = held.proposal
    assert (target.symbol, target.quantity, target.stop) == (BTC.symbol, 0.15, 48_000)
    assert (held.checks, held.refused, held.failed, held.decision_id) == ((PASSES,), (), "", None)
    assert stage.state.debates_under_way == {}
    stage.calm(2)
    assert not orders(stage)
    assert narrate(held, {}) == "ann debated as asked: BTC long 100%; the judge proposes BTC +0.15"


def test_its_calls_count_in_its_agent_s_use_of_models(stage):
    before = stage.agent().model_use.calls
    stage.debated()
    assert stage.agent().model_use.calls == before + 6
    assert (stage.agent().decisions, stage.agent().failures) == (1, 0)  # of the round


def test_roles_are_told_of_the_one_instrument_alone(opened):
    stage = opened(asked=about("ETH"))
    held = stage.debated(symbol=ETH.symbol)
    assert held.debate.symbols == (ETH.symbol,)
    for role in (*ROLES, "judge"):
        (request,) = stage.cue.outside.requests(role)
        assert "ETH" in words_of(request)
        assert "BTC" not in request.messages[-1].content
        assert "BTC" not in str(request.schema)


def test_who_speaks_of_another_coin_as_well_is_heard_on_the_one_that_is_debated(opened):
    both = {"signal": "hold", "confidence": 0.4}
    asked = {role: [statement(eth="short")] for role in ROLES}
    stage = opened(asked=asked | {"judge": [json.dumps({"BTC": BUY, "ETH": both})]})
    held = stage.debated()
    *said, judged = held.debate.messages
    assert {each.symbol for message in said for each in message.stances} == {BTC.symbol}
    assert not any(each.failed for each in said)
    assert [each.symbol for each in judged.stances] == [BTC.symbol]
    assert held.refused == ("'ETH': only BTC was asked about",)


def test_what_the_account_holds_elsewhere_is_shown_with_its_price(opened):
    stage = opened(asked=about("ETH"), rounds=AGREED)
    stage.step(((50_000.0, 51_234.5, 50_000.0, 51_234.5), (2_000.0,) * 4))
    assert stage.lots() == 150
    stage.debated(symbol="ETH")
    (request,) = stage.cue.outside.requests("judge")
    assert "51234.5" in words_of(request)


def test_listeners_tell_it_from_the_round_s_debate_by_the_name_of_who_speaks(stage):
    debate_id = stage.debate()
    stage.heard.clear()
    stage.calm()
    assert {(speaker, role) for speaker, role, _ in stage.heard} == {
        ("ann", each) for each in (*ROLES, "judge")
    }
    stage.heard.clear()
    stage.give_cue()
    held = stage.events(DebateHeld)[-1]
    assert [(speaker, role) for speaker, role, _ in stage.heard] == [
        (f"ann#{debate_id}", each) for each in (*ROLES, "judge")
    ]
    assert [replace(each, call=None) for _, _, each in stage.heard] == [
        replace(each, call=None) for each in held.debate.messages
    ]


def test_no_round_waits_for_it_and_none_sees_another_market_for_it(opened):
    asked, quiet = opened(), opened()
    asked.debate()
    for each in (asked, quiet):
        each.calm(4)
    assert len(asked.events(RoundClosed)) == len(quiet.events(RoundClosed)) == 5
    assert asked.state.debates_under_way
    assert asked.events(RoundOpened) == quiet.events(RoundOpened)
    asked.give_cue()
    for each in (asked, quiet):
        each.calm(2)
    assert asked.events(RoundOpened) == quiet.events(RoundOpened)


def test_its_forecasts_count_from_when_it_is_told(stage):
    stage.debate()
    stage.step(((50_000.0, 50_500.0, 50_000.0, 50_500.0), (2_000.0,) * 4))
    stage.give_cue()
    (consensus,) = stage.events(DebateHeld)[-1].debate.consensus
    assert (consensus.stance, consensus.mark) == (Stance.LONG, 50_500.0)


def test_acting_upon_it_goes_the_way_of_every_decision(stage):
    held = stage.debated(execute=True)
    events = since(stage, DebateHeld, DecisionMade, OrderCreated, OrderMoved)
    assert [type(each) for each in events] == [DebateHeld, DecisionMade, OrderCreated, OrderMoved, OrderMoved]
    decision, order = events[1], events[2].order
    assert held.decision_id == decision.decision_id == order.decision_id
    assert decision.targets == held.proposal
    assert held.checks == (PASSES,)
    assert order.live_ms == stage.state.ts_ms + 3_000  # two turns of a second and a half
    stage.calm()
    assert stage.lots() == 150
    stops = [each for each in orders(stage) if each.trigger_price == 48_000]
    assert stops


def test_time_that_passed_while_it_was_held_is_not_waited_for_again(stage):
    stage.debate(execute=True)
    stage.calm()
    stage.give_cue()
    (order,) = orders(stage)
    assert order.live_ms == stage.state.ts_ms


def test_while_the_kill_switch_is_on_its_orders_are_held(stage):
    stage.debate(execute=True)
    stage.control("kill", "bob", flatten=False)
    stage.give_cue()
    held = stage.events(DebateHeld)[-1]
    assert held.checks == ("buy 0.15 BTC/USDC:USDC at the market: held: the kill switch is on",)
    assert held.decision_id == stage.events(DecisionMade)[-1].decision_id
    assert [each.after for each in stage.events(OrderMoved)] == [OrderStatus.HELD]


@pytest.mark.parametrize("execute", [True, False])
def test_the_risk_gate_is_asked_whatever_becomes_of_it(opened, execute):
    stage = opened(limits=RiskLimits(max_gross_leverage=0.5))
    (check,) = stage.debated(execute=execute).checks
    assert check.startswith("buy 0.15 BTC/USDC:USDC at the market: denied: ")
    moved = stage.events(OrderMoved)
    assert [f"denied: {each.reason}" in check for each in moved] == ([True] if execute else [])


def test_a_mode_that_only_reduces_denies_it_entries(stage):
    stage.control("set_mode", TradingMode.REDUCING, "bob")
    (check,) = stage.debated().checks
    assert ": denied: " in check


def test_an_emergency_stop_in_between_keeps_it_from_being_acted_upon(stage):
    stage.debate(execute=True)
    stage.control("kill", "bob", flatten=True)
    stage.give_cue()
    held = stage.events(DebateHeld)[-1]
    assert held.checks[0] == "not acted upon: an emergency stop has halted all"
    assert held.decision_id is None
    assert held.proposal
    assert not orders(stage)


def test_a_check_leaves_no_trace(opened, monkeypatch):
    with_check, without = opened(), opened()
    for each in (with_check, without):
        if each is without:
            monkeypatch.setattr(asked_debates, "rehearse", lambda *_: ())
        each.say("bob", Target(symbol=BTC.symbol, exposure=0.5))
        each.calm()
        held = each.debated()
        assert bool(held.checks) is (each is with_check)
        each.say("bob", Target(symbol=BTC.symbol, exposure=-0.5), Target(symbol=ETH.symbol, exposure=0.4))
        each.calm(3)
    assert encode_state(with_check.state) == encode_state(without.state)
    checks = encode_event(with_check.events(DebateHeld)[-4])
    differing = [
        (one, other) for one, other in zip(told(with_check), told(without), strict=True) if one != other
    ]
    assert [one[1] for one, _ in differing] == [checks]
    assert [one[1].replace(PASSES.encode(), b"").replace(b'""', b"") for one, _ in differing] == [
        other[1].replace(b'""', b"") for _, other in differing
    ]


NO_VERDICT = {
    "the judge does not answer": ({"judge": [CallFault.SERVER]}, "judge came to nothing"),
    "the judge makes no sense": ({"judge": ["Buy!"]}, "the answer was refused: "),
    "nobody speaks": ({role: [CallFault.SERVER] for role in ROLES}, "only 0 of 5 analysts said something"),
}


@pytest.mark.parametrize(("asked", "reason"), NO_VERDICT.values(), ids=NO_VERDICT)
@pytest.mark.parametrize("execute", [True, False])
def test_without_a_verdict_it_is_told_why_and_what_was_said(opened, asked, reason, execute):
    stage = opened(asked=asked)
    held = stage.debated(execute=execute)
    assert held.failed.startswith(reason)
    assert (held.proposal, held.checks, held.decision_id) == ((), (), None)
    assert len(held.debate.messages) >= len(ROLES)
    assert not stage.events(DecisionFailed)
    assert stage.agent().failures == 0


def test_who_does_not_answer_in_time_has_held_no_debate(stage):
    rules = stage.coordinator.debates.rules
    stage.coordinator.debates.rules = replace(rules, timeouts_s=rules.timeouts_s | {"ann": 0.02})
    stage.debate()
    stage.do(asyncio.sleep(0.05))
    stage._settle()
    assert stage.events(*ASKED)[-1] == DebateAbandoned(
        debate_id=2, agent="ann", reason="ann gave no answer within 0.02 s"
    )


def test_what_can_t_be_acted_upon_is_told_without_that(stage, monkeypatch):
    def fail(*_):
        raise RuntimeError("the desk is on fire")

    monkeypatch.setattr(asked_debates, "act_on", fail)
    assert stage.debated(execute=True).reason == "RuntimeError: the desk is on fire"
    assert [type(each) for each in since(stage)] == [DebateAsked, *[ModelCalled] * 6, DebateAbandoned]
    stage.calm()
    assert not orders(stage)


def test_it_begins_even_if_nobody_waits_any_more_to_hear_of_it(stage):
    async def ask_and_go():
        async with stage.coordinator.between_steps:
            asking = asyncio.create_task(
                stage.coordinator.controls.debate(symbol="BTC", agent=None, execute=False, by="alice")
            )
            await asyncio.sleep(0.01)
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking

    stage.do(ask_and_go())
    stage.calm()
    assert stage.state.debates_under_way
    stage.give_cue()
    assert isinstance(stage.events(*ASKED)[-1], DebateHeld)


def test_the_end_of_the_run_abandons_it(stage):
    debate_id = stage.debate(execute=True)
    stage.end_of_data()
    assert stage.events(DebateAbandoned) == [
        DebateAbandoned(debate_id=debate_id, agent="ann", reason="the run is over")
    ]
    stage.cue.given.set()
    stage.do(asyncio.sleep(0.01))
    assert stage.state.finished
    assert not stage.coordinator.debates._tasks
    assert stage.state.debates_under_way == {}


def test_one_that_the_run_ends_on_before_it_begins_is_forgotten(stage):
    async def asked_and_over():
        debates, recorder = stage.coordinator.debates, stage.coordinator.recorder
        async with stage.coordinator.between_steps:
            debates._begin(stage.coordinator.agents["ann"], BTC.symbol, by="alice", execute=True)
            debates.abandon("the run is over")
            await recorder.commit()
            assert debates._tasks
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return debates._tasks

    assert stage.do(asked_and_over()) == {}


# Recovery


def test_what_was_under_way_when_the_bot_was_killed_is_told_abandoned(stage):
    debate_id = stage.debate(execute=True)
    stage.calm()
    stage.do(stage.coordinator.debates.aclose())
    stage.restart(((50_000.0,) * 4, (2_000.0,) * 4))
    assert stage.events(DebateAbandoned) == [
        DebateAbandoned(debate_id=debate_id, agent="ann", reason="the bot was interrupted")
    ]
    assert stage.state.debates_under_way == {}
    assert stage.debated(execute=True).decision_id is not None


@pytest.mark.parametrize("execute", [True, False])
@pytest.mark.parametrize("snapshot", [None, "before", "after"])
def test_a_run_goes_on_after_one_as_if_it_had_never_been_killed(opened, execute, snapshot):
    killed, whole = opened(), opened()
    for each in (killed, whole):
        each.calm(2)
        before = each.state.seq
        each.debated(execute=execute)
        after = each.state.seq
        each.calm(1)
        if each is killed:
            seq = {None: None, "before": before, "after": after}[snapshot]
            each.restart(((50_000.0,) * 4, (2_000.0,) * 4), snapshot_seq=seq)
        else:
            each.calm()
        each.step(((50_000.0, 50_100.0, 47_000.0, 47_500.0), (2_000.0,) * 4))
        each.debated(symbol="ETH")
        each.calm(2)
    assert told(killed) == told(whole)
    assert encode_state(killed.state) == encode_state(whole.state)


def in_a_round(stage):
    stage.debate(execute=True)
    stage.cue.comes_in_round = True
    stage.calm()
    stage.cue.comes_in_round = False


def test_what_comes_in_amid_a_round_is_told_before_what_the_round_came_to(stage):
    in_a_round(stage)
    assert [
        type(each) for each in since(stage, *ASKED, RoundOpened, DecisionMade, OrderCreated, RoundClosed)
    ] == [
        DebateAsked,
        RoundOpened,
        DebateHeld,  # that was asked for
        DecisionMade,
        OrderCreated,
        DebateHeld,  # the round's
        DecisionMade,
        DecisionMade,
        RoundClosed,
    ]
    stage.calm()
    assert stage.lots() == 150


def test_a_run_goes_on_after_one_amid_a_round_as_if_it_had_never_been_killed(opened):
    killed, whole = opened(), opened()
    in_a_round(killed)
    in_a_round(whole)
    killed.restart(((50_000.0, 51_000.0, 50_000.0, 51_000.0), (2_000.0,) * 4))
    whole.step(((50_000.0, 51_000.0, 50_000.0, 51_000.0), (2_000.0,) * 4))
    for each in (killed, whole):
        each.calm(2)
    assert told(killed) == told(whole)
    assert encode_state(killed.state) == encode_state(whole.state)


# Refusals


def refused(stage, **asked):
    recorded = len(stage.journal.recorded)
    with pytest.raises(ControlRefused) as error:
        stage.debate(**asked)
    assert len(stage.journal.recorded) == recorded
    return str(error.value)


def test_who_and_what_does_not_fit_is_refused(stage):
    assert refused(stage, agent="bob") == "bob is of kind scripted and debates with nobody; ann can"
    assert refused(stage, agent="zoe") == "no agent is called zoe; ann can debate"
    assert refused(stage, symbol=DOGE.symbol) == (
        f"{DOGE.symbol} is not traded here; there is {BTC.symbol}, {ETH.symbol}"
    )


def test_an_instrument_is_named_by_its_symbol_or_its_coin_in_any_case():
    pepe, spot = instrument("kPEPE", 0.001, 1.0), replace(BTC, symbol="BTC/USDC")
    state = ArenaState(run=run_started(instruments=(BTC, spot, pepe)))
    for name in ("kPEPE", "KPEPE", "kpepe", pepe.symbol, pepe.symbol.lower()):
        assert asked_debates._symbol_named(name, state) == pepe.symbol
    assert asked_debates._symbol_named("BTC/USDC", state) == spot.symbol
    with pytest.raises(ControlRefused, match="btc is several things here: say which of BTC/"):
        asked_debates._symbol_named("btc", state)


def test_without_an_agent_that_debates_it_is_said_what_to_do(theatre):
    stage = theatre()
    with pytest.raises(ControlRefused, match="nobody debates here: add an agent of kind debate to the"):
        stage.control("debate", symbol="BTC", agent=None, execute=False, by="alice")


def test_who_can_t_take_part_is_refused_for_that_reason(stage):
    stage.emit(AgentGrounded(agent="ann", reason="set DEEPSEEK_API_KEY"))
    assert refused(stage) == "ann can't debate: set DEEPSEEK_API_KEY"


def test_nobody_debates_twice_at_once(stage):
    debate_id = stage.debate()
    assert refused(stage) == f"ann is at debate {debate_id} still: wait until that is over"
    stage.give_cue()
    assert stage.debated().debate_id > debate_id


def test_only_so_many_are_under_way_at_once(stage):
    for _ in range(asked_debates.MOST_UNDER_WAY):
        number = stage.state.next_debate_id
        stage.emit(DebateAsked(debate_id=number, agent="bob", symbol=BTC.symbol, by="alice", execute=False))
    assert refused(stage) == "4 debates are under way: wait until one of them is over"


def test_nothing_begins_while_everything_is_being_closed_or_is_over(stage):
    stage.say("bob", Target(symbol=BTC.symbol, exposure=0.5))
    stage.calm(2)
    stage.control("kill", "alice", flatten=True)
    assert refused(stage) == "an emergency stop is under way: flattening"
    stage.calm(2)
    stage.control("unkill", "alice")
    stage.end_of_data()
    assert refused(stage) == "the run is finished: the market's data came to its end"


def test_two_that_ask_at_the_same_time_are_served_one_after_the_other(stage):
    async def both():
        asked = (
            stage.coordinator.controls.debate(symbol="BTC", agent=None, execute=False, by=by)
            for by in ("alice", "bob")
        )
        return await asyncio.gather(*asked, return_exceptions=True)

    first, second = stage.do(both())
    assert first == 2
    assert isinstance(second, ControlRefused)
    assert [each.by for each in stage.events(DebateAsked)] == ["alice"]
