"""Agents that enter by limit, and positions guarded by trailing stops and stop-limits, through the desk."""

from dataclasses import replace

import pytest

from cockpit.domain.decisions import Target
from cockpit.domain.events import OrderCreated, OrderFilled, TradeClosed
from cockpit.domain.orders import Liquidity, OrderKind, TimeInForce
from cockpit.trading.order_style import OrderStyle
from tests.arena.floor import PLAIN, Floor
from tests.trading.arena_facts import BTC

CALM = (50_000.0, 50_000.0, 50_000.0, 50_000.0)
LIMIT = OrderStyle(entry=OrderKind.LIMIT, entry_offset_fraction=0.002)
TRAILING = OrderStyle(stop=OrderKind.TRAILING_STOP)
STOP_LIMIT = OrderStyle(stop=OrderKind.STOP_LIMIT, stop_slack_fraction=0.01)


# --- Limit entries


@pytest.mark.parametrize(("exposure", "lots", "limit"), [(0.5, 100, 49_900.0), (-0.5, -100, 50_100.0)])
def test_an_entry_is_placed_inside_the_mark(exposure, lots, limit):
    floor = Floor(style=LIMIT)
    floor.decide(exposure)
    (order,) = floor.agent().working.values()
    assert (order.kind, order.signed_lots, order.limit_price, order.time_in_force) == (
        OrderKind.LIMIT,
        lots,
        limit,
        TimeInForce.GTC,
    )


# fmt: off
ENTRIES = [
    # time in force, offset, the bar, its story after "accepted", its price, maker or taker
    ("rests until the price goes through", "gtc", 0.002,
     [CALM, (50_000.0, 50_000.0, 49_800.0, 49_900.0)], "fill +100 @ 49900", Liquidity.MAKER),
    ("is not met by a price that stays away", "gtc",    0.002,  [(50_000.0, 50_100.0, 49_950.0, 50_000.0)],
     "", None),
    ("takes what is there where it reaches beyond", "ioc", -0.002,
     [CALM], "fill +100 @ 50000", Liquidity.TAKER),
    ("immediately or never",               "ioc",       0.002,  [CALM], "canceled", None),
    ("all at once",                        "fok",       -0.002, [CALM], "fill +100 @ 50000", Liquidity.TAKER),
    ("never a taker",                      "post_only", -0.002, [CALM], "rejected", None),
    ("a maker after a wait",               "post_only", 0.002,  [(50_000.0, 50_000.0, 49_800.0, 49_900.0)],
     "fill +100 @ 49900", Liquidity.MAKER),
]
# fmt: on


@pytest.mark.parametrize("row", ENTRIES, ids=[row[0] for row in ENTRIES])
def test_a_limit_entry_lives_by_its_time_in_force(row):
    _, time_in_force, offset, bars, story, liquidity = row
    style = replace(LIMIT, time_in_force=TimeInForce(time_in_force), entry_offset_fraction=offset)
    floor = Floor(style=style)
    floor.decide(0.5)
    for bar in bars:
        floor.step(bar)
    assert ", ".join(floor.story(1)[3:]) == story
    assert [event.fill.liquidity for event in floor.events(OrderFilled)] == ([liquidity] if liquidity else [])


def test_positions_are_always_left_by_the_market():
    floor = Floor(style=replace(LIMIT, entry_offset_fraction=-0.01))
    floor.decide(0.5)
    floor.step(CALM)
    floor.decide(0.0)
    (order,) = (each for each in floor.agent().working.values())
    assert (order.kind, order.reduce_only, order.signed_lots) == (OrderKind.MARKET, True, -100)


def test_a_turn_round_is_an_exit_by_the_market_and_an_entry_by_limit():
    floor = Floor(style=replace(LIMIT, entry_offset_fraction=-0.01))
    floor.decide(0.5)
    floor.step(CALM)
    floor.decide(-0.5)
    asked = [(each.kind, each.signed_lots, each.reduce_only) for each in floor.agent().working.values()]
    assert asked[0] == (OrderKind.MARKET, -100, True)
    assert (asked[1][0], asked[1][2]) == (OrderKind.LIMIT, False)
    floor.step(CALM)
    assert floor.lots() < 0
    assert len(floor.events(TradeClosed)) == 1


def test_a_limit_entry_filled_over_bars_is_guarded_at_what_it_has():
    floor = Floor(replace(PLAIN, participation=0.1), style=LIMIT)
    floor.decide(0.5, stop=49_000.0, take_profit=53_000.0)
    for filled in (20, 40):
        floor.step((50_000.0, 50_000.0, 49_800.0, 49_850.0), volume=0.2)
        assert floor.guards() == [("stop", -filled, 49_000.0), ("target", -filled, 53_000.0)]
    assert floor.story(1)[3:] == ["fill +20 @ 49900", "fill +20 @ 49900"]


def test_a_newer_word_replaces_a_resting_entry():
    floor = Floor(style=LIMIT)
    floor.decide(0.5)
    floor.step((51_000.0,) * 4)
    floor.decide(0.5)
    assert floor.story(1)[-1] == "canceled"
    (order,) = floor.agent().working.values()
    assert order.limit_price == BTC.round_price(51_000.0 * 0.998)


# --- Trailing stops


# fmt: off
TRAILS = [
    # what, long or short, the bars after the entry, triggers after each, where it was stopped
    ("follows a rising price and never turns back", 0.5,
     [(50_000.0, 51_000.0, 50_000.0, 51_000.0), (51_000.0, 51_000.0, 50_500.0, 50_600.0)],
     [50_000.0, 50_000.0], None),
    ("is met where it stands by then", 0.5,
     [(50_000.0, 52_000.0, 50_000.0, 52_000.0), (52_000.0, 52_000.0, 50_500.0, 50_500.0)],
     [51_000.0], 51_000.0),
    ("fills a gap at the open", 0.5,
     [(50_000.0, 52_000.0, 50_000.0, 52_000.0), (50_200.0, 50_300.0, 50_100.0, 50_200.0)],
     [51_000.0], 50_200.0),
    ("trails a falling price for a short", -0.5,
     [(50_000.0, 50_000.0, 48_000.0, 48_000.0), (48_000.0, 49_500.0, 48_000.0, 49_500.0)],
     [49_000.0], 49_000.0),
]
# fmt: on


@pytest.mark.parametrize("row", TRAILS, ids=[row[0] for row in TRAILS])
def test_a_trailing_stop_guards_a_position(row):
    _, exposure, bars, triggers, stopped_at = row
    floor = Floor(style=TRAILING)
    floor.decide(exposure, stop=49_000.0 if exposure > 0 else 51_000.0)
    floor.step(CALM)
    seen = []
    for bar in bars:
        floor.step(bar)
        seen += [trigger for _, _, trigger in floor.guards()]
    assert seen == triggers
    closed = floor.events(TradeClosed)
    assert [each.trade.exit_price for each in closed] == ([] if stopped_at is None else [stopped_at])
    assert all(each.trade.exit_purpose == "stop" for each in closed)


def test_a_trailed_stop_is_not_loosened_by_the_agent_s_next_word_and_tightened_by_a_nearer_one():
    floor = Floor(style=TRAILING)
    floor.decide(0.5, stop=49_000.0)
    floor.step(CALM)
    floor.step((50_000.0, 52_000.0, 50_000.0, 52_000.0))
    floor.decide(0.5, stop=50_000.0)
    assert floor.guards() == [("stop", -100, 51_000.0)]
    floor.decide(0.5, stop=51_500.0)
    assert floor.guards() == [("stop", -100, 51_500.0)]


def test_a_trailed_stop_is_resized_with_its_position_where_it_stands():
    floor = Floor(style=TRAILING)
    floor.decide(0.5, stop=49_000.0)
    floor.step(CALM)
    floor.step((50_000.0, 52_000.0, 50_000.0, 52_000.0))
    floor.place(-60, reduce_only=True)
    floor.step((52_000.0,) * 4)
    assert floor.guards() == [("stop", -40, 51_000.0)]


# --- Stop-limits


def test_a_stop_limit_fills_within_its_slack_and_rests_beyond_it():
    floor = Floor(style=STOP_LIMIT)
    floor.decide(0.5, stop=49_000.0)
    floor.step(CALM)
    (stop,) = floor.agent().working.values()
    assert (stop.kind, stop.trigger_price, stop.limit_price) == (OrderKind.STOP_LIMIT, 49_000.0, 48_510.0)
    floor.step((48_000.0, 48_100.0, 47_900.0, 48_000.0))  # gapped through both
    assert floor.story(2)[-1] == "triggered"
    assert floor.lots() == 100
    floor.step((48_000.0, 48_600.0, 48_000.0, 48_600.0))
    assert floor.fills()[-1] == ("ann", -100, 48_510.0)


def test_a_stop_limit_met_on_its_way_fills_at_its_trigger():
    floor = Floor(style=STOP_LIMIT)
    floor.decide(-0.5, stop=51_000.0)
    floor.step(CALM)
    floor.step((50_000.0, 51_200.0, 50_000.0, 51_200.0))
    assert floor.fills()[-1] == ("ann", 100, 51_000.0)


def test_a_stop_of_another_kind_takes_over_when_the_style_has_changed():
    floor = Floor()
    floor.decide(0.5, stop=49_000.0)
    floor.step(CALM)
    floor.desk.styles = {"ann": TRAILING, "bob": TRAILING}
    floor.desk.protect("ann", BTC.symbol)
    (stop,) = floor.agent().working.values()
    assert stop.kind is OrderKind.TRAILING_STOP


# --- Orders from a decision to the venue


def test_a_decision_that_took_thought_arrives_that_much_later(theatre):
    stage = theatre(replace(PLAIN, latency_ms=1_000))
    stage.think_ms = 30_000
    stage.say("ann", Target(symbol=BTC.symbol, exposure=0.5))
    stage.calm()
    (created,) = stage.events(OrderCreated)
    assert created.order.live_ms - created.order.created_ms == 31_000
    stage.step(((50_000.0, 50_300.0, 50_000.0, 50_300.0), (2_000.0,) * 4))
    (filled,) = stage.events(OrderFilled)
    assert filled.fill.ts_ms >= created.order.live_ms - 1  # a place on a bar's path, rounded down
    assert 50_100.0 < filled.fill.price < 50_200.0
