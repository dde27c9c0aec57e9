"""From an agent's word to its orders."""

from dataclasses import replace

import pytest

from cockpit.arena.acting import act_on
from cockpit.domain.decisions import Decision, Target
from cockpit.domain.events import (
    KillSwitchSet,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    TradingMode,
    TradingModeSet,
)
from cockpit.domain.orders import OrderPurpose
from tests.arena.floor import LIMITS, SIZING
from tests.trading.arena_facts import BTC, usd

TURNS_NOTHING_ROUND = replace(LIMITS, max_order_notional=usd(8_000))
TWO = (("trend", 1.0), ("mean", 1.0))


@pytest.mark.parametrize("weights", [(), TWO])
def test_a_position_whose_turn_round_is_refused_is_closed_in_the_same_round(theatre, weights):
    stage = theatre(limits=TURNS_NOTHING_ROUND)
    stage.say("ann", Target(symbol=BTC.symbol, exposure=0.5))
    stage.calm()
    stage.think_ms = 20_000
    stage.say("ann", Target(symbol=BTC.symbol, exposure=-0.5, weights=weights))
    stage.calm()
    (denied,) = [event for event in stage.events(OrderMoved) if event.rule]
    assert denied.rule == "order_notional"
    closing = stage.events(OrderCreated)[-1].order
    assert (closing.purpose, closing.signed_lots, closing.reduce_only) == (OrderPurpose.FLATTEN, -100, True)
    assert closing.live_ms == stage.now_ms + 20_000
    stage.say("ann")
    stage.calm()
    assert stage.lots() == 0
    assert [each.fill.signed_lots for each in stage.events(OrderFilled)] == [100, -100]


@pytest.mark.parametrize("mode", [TradingMode.HALTED, TradingMode.REDUCING])
def test_a_refused_turn_round_closes_nothing_where_nothing_goes_out(theatre, mode):
    stage = theatre()
    stage.say("ann", Target(symbol=BTC.symbol, exposure=0.5))
    stage.calm()
    stage.say("ann")
    stage.calm()
    view = stage.coordinator.tape.view(stage.coordinator.recorder.draft, stage.now_ms)
    stage.coordinator.recorder.emit(TradingModeSet(mode=mode, by="a test"))
    word = Decision(agent="ann", targets=(Target(symbol=BTC.symbol, exposure=-0.5),))
    act_on(word, view, stage.coordinator.recorder, stage.desk, SIZING)
    ways_out = [each for each in stage.desk.blotter.working("ann") if each.purpose is OrderPurpose.FLATTEN]
    assert len(ways_out) == (0 if mode is TradingMode.HALTED else 1)


def test_while_killed_a_turn_round_is_held_and_the_position_stays(theatre):
    stage = theatre()
    stage.say("ann", Target(symbol=BTC.symbol, exposure=0.5))
    stage.calm()
    stage.say("ann")
    stage.calm()
    stage.do(stage.coordinator.controls.kill("a test", flatten=False))
    stage.say("ann", Target(symbol=BTC.symbol, exposure=-0.5))
    stage.calm()
    assert stage.events(KillSwitchSet)
    assert [each.order.purpose for each in stage.events(OrderCreated)] == [OrderPurpose.REBALANCE] * 2
    assert stage.lots() == 100
