"""The desk: intents in, orders and fills out, every position guarded."""

import pytest

from cockpit.arena.executions import settle_funding
from cockpit.domain.decisions import Target
from cockpit.domain.events import (
    ARENA,
    BreakerTripped,
    DecisionMade,
    FundingPaid,
    KillSwitchSet,
    OrderFilled,
    OrderMoved,
    TradeClosed,
)
from cockpit.domain.orders import OrderKind, OrderPurpose
from tests.arena.floor import Floor
from tests.trading.arena_facts import BTC, CAPITAL, ETH, START_MS, usd


@pytest.fixture
def floor():
    return Floor()


CALM = (50_000.0, 50_100.0, 49_900.0, 50_000.0)


# --- Orders out


def test_an_order_is_created_asked_about_sent_and_accepted(floor):
    order_id = floor.place(100, decision_id=3)
    assert floor.story(order_id) == ["created", "submitted", "accepted"]
    order = floor.agent().working[order_id]
    assert (order.client_order_id, order.decision_id, order.created_ms) == ("cockpit-1", 3, START_MS)
    assert floor.agent().account.positions == {}


def test_an_order_the_gate_refuses_is_denied_with_rule_and_reason_and_never_sent(floor):
    order_id = floor.place(1_000_000)
    assert floor.story(order_id) == ["created", "denied"]
    (denied,) = floor.events(OrderMoved)
    assert (denied.rule, denied.reason) == ("order_notional", "notional $50,000,000.00 is over $250,000.00")
    assert floor.agent().working == {}


def test_while_the_kill_switch_is_on_orders_are_created_and_held(floor):
    floor.recorder.emit(KillSwitchSet(on=True, by="a test"))
    order_id = floor.place(100)
    assert floor.story(order_id) == ["created", "held"]
    floor.step(CALM)
    assert floor.fills() == []


def test_what_is_denied_is_denied_even_under_the_kill_switch(floor):
    floor.recorder.emit(KillSwitchSet(on=True, by="a test"))
    assert floor.story(floor.place(0)) == ["created", "denied"]


# --- Fills


def test_a_market_order_fills_at_the_open_of_the_next_bar(floor):
    order_id = floor.place(100)
    floor.step((50_200.0, 50_300.0, 50_100.0, 50_250.0))
    assert floor.story(order_id) == ["created", "submitted", "accepted", "fill +100 @ 50200"]
    (filled,) = floor.events(OrderFilled)
    assert filled.fill.ts_ms == START_MS
    assert filled.notional == usd(5_020)
    assert filled.fill.fee_micros == 2_510_000
    assert floor.agent().account.cash == CAPITAL - 2_510_000
    assert floor.agent().watch.equity == CAPITAL + usd(5) - 2_510_000


def test_an_order_waits_for_a_bar_of_its_own_symbol(floor):
    floor.place(100)
    floor.step(None, (2_000.0, 2_000.0, 2_000.0, 2_000.0))
    assert floor.fills() == []
    floor.step(CALM)
    assert floor.fills() == [("ann", 100, 50_000.0)]


def test_agents_fill_in_start_list_order(floor):
    floor.place(10, agent="bob")
    floor.place(20, agent="ann")
    floor.step(CALM)
    assert floor.fills() == [("ann", 20, 50_000.0), ("bob", 10, 50_000.0)]


# fmt: off
EXITS = [
    # bars after the entry's                                           what closed it, at
    ("a stop inside a bar",       [(50_000.0, 50_100.0, 48_900.0, 49_000.0)], "stop", 49_000.0),
    ("a stop gapped at the open", [(48_500.0, 48_600.0, 48_400.0, 48_500.0)], "stop", 48_500.0),
    ("a target inside a bar",     [(50_000.0, 52_100.0, 49_900.0, 52_000.0)], "target", 52_000.0),
    ("a target gapped in favour", [(52_500.0, 52_600.0, 52_400.0, 52_500.0)], "target", 52_500.0),
    ("a bar that reaches both",   [(50_000.0, 52_500.0, 48_500.0, 50_000.0)], "stop", 49_000.0),
    ("a later bar",               [CALM, CALM, (50_000.0, 52_100.0, 49_900.0, 52_000.0)], "target", 52_000.0),
]
# fmt: on


@pytest.mark.parametrize(
    ("bars", "purpose", "price"), [row[1:] for row in EXITS], ids=[row[0] for row in EXITS]
)
def test_a_guarded_position_ends_at_its_stop_or_target_and_leaves_no_order_behind(
    floor, bars, purpose, price
):
    floor.decide(0.5, stop=49_000.0, take_profit=52_000.0)
    floor.step(CALM)
    assert floor.guards() == [("stop", -100, 49_000.0), ("target", -100, 52_000.0)]
    for bar in bars:
        floor.step(bar)
    (closed,) = floor.events(TradeClosed)
    assert (closed.trade.exit_purpose, closed.trade.exit_price) == (purpose, price)
    assert floor.agent().account.positions == {}
    assert floor.agent().working == {}


def test_a_stop_that_is_hit_is_triggered_before_it_is_filled(floor):
    floor.decide(0.5, stop=49_000.0)
    floor.step(CALM)
    floor.step((50_000.0, 50_100.0, 48_900.0, 49_000.0))
    assert floor.story(2) == ["created", "submitted", "accepted", "triggered", "fill -100 @ 49000"]


def test_an_entry_can_be_stopped_out_within_its_own_bar(floor):
    floor.decide(0.5, stop=49_000.0, take_profit=52_000.0)
    floor.step((50_000.0, 52_500.0, 48_500.0, 50_000.0))
    assert floor.fills() == [("ann", 100, 50_000.0), ("ann", -100, 49_000.0)]
    assert floor.agent().working == {}


def test_a_short_is_guarded_the_other_way_round(floor):
    floor.decide(-0.5, stop=51_000.0, take_profit=48_000.0)
    floor.step(CALM)
    assert floor.guards() == [("stop", 100, 51_000.0), ("target", 100, 48_000.0)]
    floor.step((50_000.0, 51_500.0, 49_900.0, 51_000.0))
    assert floor.fills()[-1] == ("ann", 100, 51_000.0)


def test_a_resized_position_is_guarded_at_its_new_size(floor):
    floor.decide(0.5, stop=49_000.0)
    floor.step(CALM)
    floor.decide(1.0, stop=49_000.0)
    floor.step(CALM)
    assert floor.guards() == [("stop", -floor.lots(), 49_000.0)]
    floor.decide(0.25, stop=49_500.0)
    floor.step(CALM)
    assert floor.guards() == [("stop", -floor.lots(), 49_500.0)]
    assert 40 < floor.lots() < 60


def test_a_flip_sheds_the_old_guards_and_brings_its_own(floor):
    floor.decide(0.5, stop=49_000.0, take_profit=52_000.0)
    floor.step(CALM)
    floor.decide(-0.5, stop=51_000.0)
    floor.step(CALM)
    assert floor.lots() < 0
    assert floor.guards() == [("stop", -floor.lots(), 51_000.0)]


def test_a_stop_never_sells_more_than_is_held(floor):
    floor.place(100)
    floor.step(CALM)
    floor.place(-100, kind=OrderKind.STOP_MARKET, trigger_price=49_000.0, reduce_only=True)
    floor.place(-60)
    floor.step((48_000.0, 48_000.0, 48_000.0, 48_000.0))
    assert floor.fills()[1:] == [("ann", -60, 48_000.0), ("ann", -40, 48_000.0)]
    assert floor.story(2)[-2:] == ["fill -40 @ 48000", "canceled"]
    assert floor.agent().account.positions == {}


def test_a_reduce_only_order_with_nothing_left_to_reduce_is_taken_back(floor):
    floor.place(100)
    floor.step(CALM)
    stop = floor.place(-100, kind=OrderKind.STOP_MARKET, trigger_price=49_000.0, reduce_only=True)
    floor.place(-100)
    floor.step(CALM)
    floor.step(CALM)
    assert floor.story(stop)[-1] == "canceled"
    assert floor.lots() == 0


def test_a_stop_that_another_stop_s_fill_took_back_does_not_fill_in_the_same_bar(floor):
    floor.place(100)
    floor.step(CALM)
    stop = {"kind": OrderKind.STOP_MARKET, "purpose": OrderPurpose.STOP, "reduce_only": True}
    floor.place(-100, trigger_price=49_000.0, **stop)
    second = floor.place(-100, trigger_price=48_900.0, **stop)
    floor.step((50_000.0, 50_100.0, 48_500.0, 49_000.0))
    assert floor.fills()[1:] == [("ann", -100, 49_000.0)]
    assert floor.story(second)[-1] == "canceled"


# --- Newer words


def test_a_newer_word_takes_back_the_orders_of_the_older_and_leaves_the_guards(floor):
    floor.decide(0.5, stop=49_000.0)
    floor.step(CALM)
    older = floor.place(50)
    floor.desk.supersede("ann", BTC.symbol)
    assert floor.story(older)[-1] == "canceled"
    assert floor.guards() == [("stop", -100, 49_000.0)]


def test_a_word_on_one_symbol_or_agent_leaves_the_others_alone(floor):
    floor.place(50, symbol=ETH.symbol)
    floor.place(50, agent="bob")
    floor.desk.supersede("ann", BTC.symbol)
    assert len(floor.agent("ann").working) == len(floor.agent("bob").working) == 1


# --- Flattening


def test_flattening_cancels_every_order_and_closes_every_position(floor):
    floor.decide(0.5, stop=49_000.0)
    floor.decide(-0.5, symbol=ETH.symbol, take_profit=1_900.0)
    floor.step(CALM, (2_000.0, 2_010.0, 1_990.0, 2_000.0))
    floor.place(10)
    floor.desk.flatten("ann", "breaker drawdown tripped")
    assert floor.guards() == []
    assert {order.purpose for order in floor.agent().working.values()} == {OrderPurpose.FLATTEN}
    floor.step(CALM, (2_000.0, 2_010.0, 1_990.0, 2_000.0))
    assert floor.agent().account.positions == {}
    assert floor.agent().working == {}
    assert {event.trade.exit_purpose for event in floor.events(TradeClosed)} == {"flatten"}


def test_a_benched_agent_can_still_be_flattened(floor):
    floor.decide(0.5)
    floor.step(CALM)
    tripped = {"value": 1.0, "limit": 0.5, "reason": "r", "stopped": "s"}
    floor.recorder.emit(BreakerTripped(scope="ann", breaker="drawdown", **tripped))
    floor.recorder.emit(BreakerTripped(scope=ARENA, breaker="drawdown", **tripped))
    floor.desk.flatten("ann", "breaker drawdown tripped")
    floor.step(CALM)
    assert floor.lots() == 0


# --- Funding


def test_funding_is_paid_on_every_position_at_its_mark(floor):
    floor.decide(0.5)
    floor.decide(-0.5, agent="bob")
    floor.step(CALM)
    settle_funding(floor.recorder, {BTC.symbol: 0.0001, ETH.symbol: 0.5})
    paid = [(event.agent, event.paid) for event in floor.events(FundingPaid)]
    assert paid == [("ann", 500_000), ("bob", -500_000)]


def test_funding_of_nothing_is_no_event(floor):
    floor.decide(0.5)
    floor.step(CALM)
    settle_funding(floor.recorder, {})
    assert floor.events(FundingPaid) == []


# --- What nobody wants any more


def change_of_mind(floor, exposure):
    target = Target(symbol=BTC.symbol, exposure=exposure)
    floor.recorder.emit(
        DecisionMade(
            decision_id=floor.state.next_decision_id, agent="ann", round=2, confidence=None, targets=(target,)
        )
    )


@pytest.mark.parametrize(("exposure", "unwanted"), [(0.5, []), (0.0, [BTC.symbol]), (-0.5, [BTC.symbol])])
def test_a_position_against_the_agent_s_last_word_that_nothing_closes_is_unwanted(floor, exposure, unwanted):
    floor.decide(0.5)
    floor.step(CALM)
    change_of_mind(floor, exposure)
    assert floor.desk.blotter.unwanted("ann") == unwanted


def test_what_is_unwanted_is_left_once(floor):
    floor.decide(0.5)
    floor.step(CALM)
    change_of_mind(floor, 0.0)
    floor.desk.leave("ann", BTC.symbol)
    floor.desk.leave("ann", BTC.symbol)
    assert floor.desk.blotter.unwanted("ann") == []
    assert [order.signed_lots for order in floor.agent().working.values()] == [-100]
    floor.step(CALM)
    assert floor.agent().account.positions == {}
