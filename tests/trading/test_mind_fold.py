"""What agents say and what they ask of models, in the arena's state."""

import pytest

from cockpit.domain.decisions import FailureKind, ModelCall, Target
from cockpit.domain.events import DecisionFailed, DecisionMade, ModelCalled, ThesisBroken
from cockpit.domain.market import Micros
from cockpit.domain.orders import OrderStatus
from cockpit.trading.agent_state import LESSONS, ModelUse
from cockpit.trading.fold import FoldError
from tests.trading.arena_facts import BTC, Past


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


def test_a_broken_thesis_is_remembered_until_the_agent_speaks_of_the_symbol_again(past):
    ann = past.state.agents["ann"]
    past.trade("ann", BTC, 100, 50_000.0)
    past.tell(ThesisBroken(agent="ann", symbol=BTC.symbol, condition="price < 49000", closes=False))
    assert ann.broken == {BTC.symbol: "price < 49000"}
    decided(past)
    assert ann.broken
    past.decide("ann", Target(symbol=BTC.symbol, exposure=0.5))
    assert ann.broken == {}


def test_a_thesis_on_nothing_can_t_break(past):
    with pytest.raises(FoldError, match="holds no"):
        past.tell(ThesisBroken(agent="ann", symbol=BTC.symbol, condition="price < 1", closes=True))
