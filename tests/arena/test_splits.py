"""Orders of a blend: one child for each strategy's weight, and a parent that is their sum."""

from dataclasses import replace
from math import inf, nan

import pytest

from cockpit.domain.decisions import Target
from cockpit.domain.events import KillSwitchSet, OrderCreated, OrderFilled, OrderMoved
from cockpit.domain.orders import OrderIntent, OrderKind, OrderStatus, TimeInForce
from cockpit.domain.reports import Canceled, Rejected
from tests.arena.floor import LIMITS, PLAIN, Floor
from tests.arena.scripted_venue import ScriptedVenue, executed
from tests.arena.test_emergency import AcceptingVenue
from tests.trading.arena_facts import BTC, ETH

CALM = (50_000.0,) * 4
TWO_TO_ONE = (("trend", 2.0), ("mean", 1.0))


def split(floor, lots, weights=TWO_TO_ONE, symbol=BTC.symbol, **changes):
    given = {"kind": OrderKind.MARKET} | changes
    first = floor.state.next_order_id
    floor.desk.place_split(OrderIntent(agent="ann", symbol=symbol, signed_lots=lots, **given), weights)
    return first


def shares(floor, parent=1):
    created = [event.order for event in floor.events(OrderCreated)]
    return [(each.strategy, each.signed_lots) for each in created if each.parent_id == parent]


def test_each_strategy_has_its_share_and_the_parent_is_never_sent():
    venue = ScriptedVenue()
    floor = Floor(venue=venue)
    split(floor, 90, decision_id=None)
    assert shares(floor) == [("trend", 60), ("mean", 30)]
    assert venue.submitted == ["cockpit-2", "cockpit-3"]
    parent = floor.agent().working[1]
    assert (parent.is_split, parent.signed_lots, parent.strategy) == (True, 90, None)


@pytest.mark.parametrize(
    ("lots", "weights", "expected"),
    [
        (100, TWO_TO_ONE, [("trend", 67), ("mean", 33)]),
        (-100, TWO_TO_ONE, [("trend", -67), ("mean", -33)]),
        (10, (("a", 1.0), ("b", 1.0), ("c", 1.0)), [("a", 4), ("b", 3), ("c", 3)]),
        (10, (("a", 1.0), ("b", 1e-9)), [("a", 10)]),
        (1, (("a", 1.0), ("b", 3.0)), [("b", 1)]),
    ],
)
def test_shares_are_whole_lots_that_add_up(lots, weights, expected):
    floor = Floor()
    split(floor, lots, weights)
    assert shares(floor) == expected


def test_the_parent_fills_as_its_children_do():
    floor = Floor(venue=AcceptingVenue())
    split(floor, 90)
    floor.desk.take(executed(2, 20, "t1"))
    parent = floor.agent().working[1]
    assert (parent.status, parent.filled_lots) == (OrderStatus.PARTIALLY_FILLED, 20)
    floor.desk.take(executed(2, 40, "t2"))
    floor.desk.take(executed(3, 30, "t3"))
    assert floor.story(1) == ["created", "submitted", "accepted", "partially_filled", "filled"]
    assert floor.agent().working == {}
    assert floor.lots() == 90
    assert floor.agent().orders == 3
    assert floor.agent().fills == 3


def test_a_parent_whose_children_end_otherwise_ends_as_they_do():
    floor = Floor(venue=AcceptingVenue())
    split(floor, 90)
    floor.desk.take(Rejected(order_id=2, reason="no"))
    assert floor.agent().working[1].status is OrderStatus.ACCEPTED
    floor.desk.take(Rejected(order_id=3, reason="no"))
    assert floor.story(1)[-1] == "rejected"


def test_a_parent_filled_in_part_whose_other_child_is_cancelled_is_cancelled():
    floor = Floor(venue=AcceptingVenue())
    split(floor, 90)
    floor.desk.take(executed(2, 60, "t1"))
    floor.desk.take(Canceled(order_id=3, reason="done"))
    assert floor.story(1)[-1] == "canceled"
    assert floor.agent().gone[1].filled_lots == 60


def test_a_late_fill_of_a_cancelled_child_counts_in_its_parent():
    floor = Floor(venue=AcceptingVenue())
    split(floor, 90)
    for order_id in (2, 3):
        floor.desk.take(Canceled(order_id=order_id, reason="done"))
    floor.desk.take(executed(3, 30, "t1"))
    assert floor.agent().gone[1].filled_lots == 30
    assert floor.lots() == 30


def test_what_is_refused_as_a_whole_has_no_children():
    floor = Floor()
    split(floor, 1_000_000)
    assert shares(floor) == []
    assert floor.story(1) == ["created", "denied"]
    (denied,) = floor.events(OrderMoved)
    assert denied.rule == "order_notional"


def test_a_share_too_small_for_the_venue_goes_to_the_largest():
    floor = Floor()
    split(floor, 100, (("big", 99.0), ("tiny", 0.4)), symbol=ETH.symbol)
    assert shares(floor) == [("big", 100)]
    floor.prices[ETH.symbol] = 900.0
    floor.step(CALM, (900.0,) * 4)
    second = split(floor, 101, (("small", 1.0), ("big", 99.0), ("too", 1.0)), symbol=ETH.symbol)
    assert shares(floor, second) == [("big", 101)]
    floor.step(CALM, (900.0,) * 4)
    assert floor.story(second)[-1] == "filled"
    assert floor.lots(symbol=ETH.symbol) == 201


def test_an_order_whose_shares_are_all_too_small_is_one_share():
    floor = Floor()
    floor.step(CALM, (900.0,) * 4)
    parent = split(floor, 2, (("a", 1.0), ("b", 1.0)), symbol=ETH.symbol)
    assert shares(floor, parent) == [("a", 2)]


def test_a_split_order_has_to_leave_room_for_all_of_its_shares():
    floor = Floor(limits=replace(LIMITS, max_orders_per_minute=3))
    first = split(floor, 90)
    assert floor.story(first)[-1] == "accepted"
    second = split(floor, 60)
    (denied,) = [event for event in floor.events(OrderMoved) if event.rule]
    assert (denied.order_id, denied.rule) == (second, "orders_per_minute")
    assert shares(floor, second) == []
    third = split(floor, 60, (("trend", 1.0),))
    assert floor.story(third)[-1] == "accepted"


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"symbol": "NOPE"}, "well_formed"),
        ({"lots": 0}, "well_formed"),
        ({"kind": OrderKind.LIMIT, "limit_price": nan}, "well_formed"),
        ({"kind": OrderKind.LIMIT, "limit_price": inf}, "well_formed"),
        ({"kind": OrderKind.LIMIT, "limit_price": -1.0}, "well_formed"),
        ({"kind": OrderKind.LIMIT, "limit_price": 1e-300}, "tick"),
        ({"lots": 2**60}, "well_formed"),
    ],
)
def test_what_is_malformed_as_a_whole_is_refused_and_never_shared_out(given, rule):
    floor = Floor()
    parent = split(floor, **({"lots": 90} | given))
    (denied,) = floor.events(OrderMoved)
    assert (denied.order_id, denied.rule) == (parent, rule)
    assert shares(floor) == []
    assert floor.agent().working == {}


def test_the_refusal_of_too_many_shares_says_how_many_there_would_be():
    floor = Floor(limits=replace(LIMITS, max_open_orders=1))
    split(floor, 90, kind=OrderKind.LIMIT, limit_price=49_000.0)
    (denied,) = floor.events(OrderMoved)
    assert (denied.rule, denied.value, denied.limit) == ("open_orders", 2, 1)


def test_while_killed_shares_and_parent_are_held():
    floor = Floor()
    floor.recorder.emit(KillSwitchSet(on=True, by="a test"))
    split(floor, 90)
    assert [floor.story(each)[-1] for each in (1, 2, 3)] == ["held"] * 3
    assert floor.agent().held == 2


def test_a_newer_word_takes_every_share_back_and_with_them_the_parent():
    floor = Floor()
    split(floor, 90, kind=OrderKind.LIMIT, limit_price=49_000.0)
    floor.desk.supersede("ann", BTC.symbol)
    assert [floor.story(each)[-1] for each in (1, 2, 3)] == ["canceled"] * 3


def test_shares_that_are_cancelled_with_delay_keep_their_parent_at_work_until_then():
    floor = Floor(replace(PLAIN, latency_ms=30_000))
    split(floor, 90, kind=OrderKind.LIMIT, limit_price=49_000.0)
    floor.desk.supersede("ann", BTC.symbol)
    assert floor.agent().working[1].status is OrderStatus.ACCEPTED
    floor.step(CALM)
    assert floor.agent().working == {}


@pytest.mark.parametrize(
    ("time_in_force", "end"), [(TimeInForce.IOC, "canceled"), (TimeInForce.POST_ONLY, "rejected")]
)
def test_a_parent_stands_where_an_immediate_or_refused_child_leaves_it(time_in_force, end):
    floor = Floor()
    limit = 49_000.0 if time_in_force is TimeInForce.IOC else 51_000.0
    split(floor, 90, kind=OrderKind.LIMIT, limit_price=limit, time_in_force=time_in_force)
    floor.step(CALM)
    assert floor.story(1)[-1] == end


def test_a_blend_s_word_becomes_a_split_order_and_its_exit_is_split_too(theatre):
    stage = theatre()
    stage.say("ann", Target(symbol=BTC.symbol, exposure=0.5, weights=TWO_TO_ONE))
    stage.calm()
    stage.say("ann", Target(symbol=BTC.symbol, exposure=0.0, weights=TWO_TO_ONE))
    stage.calm()
    stage.say("ann")
    stage.calm()
    strategies = [(each.order.strategy, each.order.signed_lots) for each in stage.events(OrderCreated)]
    assert strategies == [
        (None, 100),
        ("trend", 67),
        ("mean", 33),
        (None, -100),
        ("trend", -67),
        ("mean", -33),
    ]
    assert [each.fill.signed_lots for each in stage.events(OrderFilled)] == [67, 33, -67, -33]
    assert stage.lots() == 0
