"""What agents say and what they ask of models, in the arena's state."""

from dataclasses import replace

import pytest

from cockpit.domain.decisions import FailureKind, ModelCall, Target, Thesis
from cockpit.domain.events import (
    AskingSkipped,
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    EntriesWithheld,
    Escalated,
    ModelCalled,
    ThesisBroken,
)
from cockpit.domain.market import Micros
from cockpit.domain.orders import OrderStatus
from cockpit.domain.routing import Escalation, Trigger
from cockpit.trading.agent_state import LESSONS, ModelUse, RoutingUse
from cockpit.trading.fold import FoldError
from cockpit.trading.state import UnderWay
from tests.trading.arena_facts import BTC, DOGE, Past
from tests.trading.test_debate_checks import DEBATE


def called(past: Past, agent: str = "ann", **given) -> None:
    words = {"role": "decide", "model": "x/y", "key": "k", "request": "{}"}
    call = ModelCall(**(words | given))
    past.tell(ModelCalled(call_id=past.state.next_call_id, agent=agent, round=1, call=call))


def decided(past: Past, *refused: str, targets=()) -> None:
    number = past.state.next_decision_id
    past.tell(
        DecisionMade(
            decision_id=number, agent="ann", round=1, confidence=None, targets=targets, refused=refused
        )
    )


def test_what_models_were_asked_adds_up(past):
    called(past, cost=Micros(1_500), input_tokens=3_000, output_tokens=200, latency_ms=900)
    called(past, role="repair", cost=Micros(100), input_tokens=400, output_tokens=90, latency_ms=300)
    called(past, cost=None, latency_ms=5_000, fault="timeout")
    called(past, agent="bob", cost=Micros(7))
    assert past.state.agents["ann"].model_use == ModelUse(
        calls=3,
        failed=1,
        repairs=1,
        unpriced=1,
        cost=Micros(1_600),
        input_tokens=3_400,
        output_tokens=290,
        latency_ms=6_200,
    )
    assert past.state.agents["bob"].model_use.cost == 7
    assert past.state.next_call_id == 5


def test_a_call_out_of_turn_or_that_earned_money_contradicts_the_state(past):
    call = ModelCall(role="decide", model="x/y", key="k", request="{}")
    with pytest.raises(FoldError, match="model call"):
        past.tell(ModelCalled(call_id=2, agent="ann", round=1, call=call))
    with pytest.raises(FoldError, match="can't have cost -1"):
        called(past, cost=Micros(-1))
    assert past.state.agents["ann"].model_use == ModelUse()


def test_an_agent_is_told_what_was_wrong_with_its_last_word_only(past):
    ann = past.state.agents["ann"]
    decided(past, "ETH: leverage 1000 is over 20", "DOGE: it is not traded here")
    order_id = past.create("ann", BTC, 50)
    past.move(order_id, OrderStatus.DENIED, rule="order_notional", reason="notional $1.00 is over $0.50")
    assert ann.lessons == [
        "ETH: leverage 1000 is over 20",
        "DOGE: it is not traded here",
        f"{BTC.symbol}: the risk gate denied the order: notional $1.00 is over $0.50",
    ]
    assert ann.refused == 2
    past.tell(DecisionFailed(agent="ann", round=2, failure=FailureKind.INVALID, message="no JSON"))
    assert ann.lessons == ["no JSON"]
    decided(past)
    assert ann.lessons == []
    assert ann.refused == 2


def test_lessons_are_bounded(past):
    decided(past, *(f"coin {number}" for number in range(LESSONS + 5)))
    assert len(past.state.agents["ann"].lessons) == LESSONS


def stated(text: str, exposure: float = 0.5, **given) -> Target:
    return Target(symbol=BTC.symbol, exposure=exposure, thesis=Thesis(invalidation=text), **given)


def broken(past: Past, *, closes: bool) -> None:
    past.tell(ThesisBroken(agent="ann", symbol=BTC.symbol, condition="price < 49000", closes=closes))


def test_a_thesis_stands_from_when_it_was_first_said(past):
    ann = past.state.agents["ann"]
    past.decide("ann", stated("price < 49000"))
    since_ms = past.now_ms
    past.after(5).decide("ann", stated("price < 49000", exposure=0.7, stop=48_000.0))
    assert ann.stated_ms == {BTC.symbol: since_ms}
    past.decide("ann", stated("price < 48000"))
    assert ann.stated_ms == {BTC.symbol: past.now_ms}
    past.decide("ann", Target(symbol=BTC.symbol, exposure=0.5))
    assert ann.stated_ms == {}


def test_a_broken_thesis_that_is_only_told_stays_broken_until_another_is_stated(past):
    ann = past.state.agents["ann"]
    past.trade("ann", BTC, 100, 50_000.0)
    past.decide("ann", stated("price < 49000"))
    broken(past, closes=False)
    assert ann.broken == {BTC.symbol: "price < 49000"}
    assert ann.targets[BTC.symbol].exposure == 0.5
    assert ann.lessons == [f"{BTC.symbol}: price < 49000 has come about: what you said would prove you wrong"]
    past.decide("ann", stated("price < 49000", stop=47_000.0))
    assert ann.broken
    past.decide("ann", stated("price < 47000"))
    assert ann.broken == {}


def test_a_broken_thesis_that_closes_is_the_agent_s_own_wish_to_be_out(past):
    ann = past.state.agents["ann"]
    past.trade("ann", BTC, 100, 50_000.0)
    past.decide("ann", stated("price < 49000", quantity=0.1))
    broken(past, closes=True)
    assert (ann.targets[BTC.symbol].exposure, ann.targets[BTC.symbol].quantity) == (0.0, None)
    past.trade("ann", BTC, -100, 48_900.0)
    assert (ann.broken, ann.stated_ms) == ({}, {})


def test_a_thesis_on_nothing_can_t_break(past):
    with pytest.raises(FoldError, match="holds no"):
        past.tell(ThesisBroken(agent="ann", symbol=BTC.symbol, condition="price < 1", closes=True))


def test_debates_are_numbered_one_by_one(past):
    def held(number, agent="ann"):
        past.tell(DebateHeld(debate_id=number, agent=agent, round=1, first_call_id=1, debate=DEBATE))

    held(1)
    held(2)
    assert past.state.next_debate_id == 3
    for number in (2, 4):
        with pytest.raises(FoldError, match="the next debate has number 3"):
            held(number)
    with pytest.raises(FoldError, match="no agent of this run is called zoe"):
        held(3, agent="zoe")


def asked(past, number, agent="ann", symbol=BTC.symbol):
    past.tell(DebateAsked(debate_id=number, agent=agent, symbol=symbol, by="alice", execute=True))


def ended(number, agent="ann"):
    """Both ways in which a debate that was asked for can end."""
    told = {"debate_id": number, "agent": agent}
    return (
        DebateHeld(**told, round=1, first_call_id=1, debate=DEBATE, asked=True),
        DebateAbandoned(**told, reason="the bot was stopped"),
    )


@pytest.mark.parametrize("way", [0, 1])
def test_a_debate_that_was_asked_for_is_under_way_until_its_end_is_told(past, way):
    asked(past, 1)
    past.tell(DebateHeld(debate_id=2, agent="ann", round=1, first_call_id=1, debate=DEBATE))
    asked(past, 3, "bob")
    under_way = UnderWay(agent="ann", symbol=BTC.symbol, by="alice", execute=True, asked_ms=past.state.ts_ms)
    assert past.state.debates_under_way == {1: under_way, 3: replace(under_way, agent="bob")}
    past.tell(ended(1)[way])
    assert list(past.state.debates_under_way) == [3]
    assert past.state.next_debate_id == 4


@pytest.mark.parametrize("way", [0, 1])
def test_an_end_that_fits_no_debate_under_way_contradicts_the_state(past, way):
    asked(past, 1)
    for number, agent in ((2, "ann"), (1, "bob"), (1, "zoe")):
        with pytest.raises(FoldError, match=f"{agent} has no debate {number} under way that could end"):
            past.tell(ended(number, agent)[way])
    past.tell(ended(1)[way])
    with pytest.raises(FoldError, match="ann has no debate 1 under way"):
        past.tell(ended(1)[way])


def test_what_can_t_be_asked_for_leaves_no_trace(past):
    for number, agent, symbol, words in (
        (2, "ann", BTC.symbol, "the next debate has number 1, not 2"),
        (1, "zoe", BTC.symbol, "no agent of this run is called zoe"),
        (1, "ann", DOGE.symbol, "which this run does not trade"),
    ):
        with pytest.raises(FoldError, match=words):
            asked(past, number, agent, symbol)
    assert past.state.debates_under_way == {}
    assert past.state.next_debate_id == 1


def test_escalations_withheld_entries_and_skipped_rounds_are_counted(past):
    for number, changed in enumerate((True, False, None), 1):
        escalation = Escalation(
            triggers=(Trigger.NOTIONAL,),
            reason="entries worth 3 times equity, above 2",
            cheap=("x/small",),
            powerful="x/y",
            changed=changed,
            cheap_cost=Micros(1),
            powerful_cost=Micros(50),
        )
        past.tell(Escalated(agent="ann", round=number, escalation=escalation))
    past.tell(EntriesWithheld(agent="ann", round=4, symbols=(BTC.symbol, "ETH/USDC:USDC")))
    past.tell(AskingSkipped(agent="ann", round=5, reason="no coin moved"))
    assert past.state.agents["ann"].routing == RoutingUse(escalations=3, changed=1, withheld=1, skipped=1)
    assert past.state.agents["bob"].routing == RoutingUse()
    with pytest.raises(FoldError, match="nobody"):
        past.tell(AskingSkipped(agent="nobody", round=5, reason="no coin moved"))
