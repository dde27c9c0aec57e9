"""What keeps agents from harm in a running arena: demanded stops, locks, limits of their own, bankruptcy."""

from dataclasses import replace

import pytest

from cockpit.domain.decisions import Target
from cockpit.domain.events import (
    ARENA,
    BreakerTripped,
    Contestant,
    DecisionMade,
    EntriesLocked,
    MarginExhausted,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    ShortfallCovered,
    TradeClosed,
)
from cockpit.domain.market import MINUTE_MS
from cockpit.domain.orders import OrderIntent, OrderKind, OrderPurpose
from cockpit.domain.reports import Canceled, Rejected
from cockpit.trading.agent_state import BreakerStatus
from cockpit.trading.allocation import Sizing
from cockpit.trading.fill_model import REALISTIC
from cockpit.trading.protections import CooldownPeriod, StoplossGuard
from cockpit.trading.risk import RiskLimits
from cockpit.trading.state import conserved_difference
from tests.arena.floor import PLAIN
from tests.arena.scripted_venue import executed
from tests.arena.test_emergency import AcceptingVenue
from tests.trading.arena_facts import BTC, CAPITAL, ETH, START_MS, usd

LONG = Target(symbol=BTC.symbol, exposure=0.5, stop=45_000.0)
BARE = Target(symbol=BTC.symbol, exposure=0.5)
NO_LIMITS = {"drawdown": None, "daily_trades": None, "consecutive_losses": None, "errors": None}
DEMANDING = {"agent_limits": NO_LIMITS | {"missing_stop": 1.0 * MINUTE_MS}, "arena_limits": {}}
WIDE = RiskLimits(
    max_order_notional=usd(9e6),
    max_position_notional=usd(9e6),
    max_gross_leverage=50.0,
    leverage=50.0,
    max_concentration=50.0,
    max_arena_gross_leverage=50.0,
    max_arena_net_leverage=50.0,
)


def entered(theatre, target=LONG, **options):
    stage = theatre(**options)
    stage.say("ann", target)
    stage.calm()
    stage.say("ann")
    stage.calm()
    return stage


# --- A position without its stop


def test_a_position_without_the_stop_that_is_demanded_is_a_breach_within_one_bar(theatre):
    stage = entered(theatre, BARE, **DEMANDING)
    (tripped,) = stage.events(BreakerTripped)
    assert (tripped.scope, tripped.breaker) == ("ann", "missing_stop")
    assert (tripped.value, tripped.limit) == (MINUTE_MS, MINUTE_MS)
    stage.calm()
    assert stage.lots() == 0
    assert stage.events(TradeClosed)[0].trade.exit_purpose == "flatten"


def test_a_position_with_its_stop_is_none(theatre):
    stage = entered(theatre, **DEMANDING)
    stage.calm(3)
    assert stage.events(BreakerTripped) == []


def test_a_stop_that_is_lost_is_a_breach_within_one_bar_of_its_loss(theatre):
    stage = entered(theatre, **DEMANDING)
    (stop,) = stage.agent().working
    stage.ask(stage.desk.take, Canceled(order_id=stop, reason="the venue lost it"))
    stage.calm()
    assert [each.breaker for each in stage.events(BreakerTripped)] == ["missing_stop"]


# --- Benched, and seen to be flat


def at_a_venue(theatre):
    venue = AcceptingVenue()
    stage = theatre(venue=venue)
    stage.say("ann", LONG)
    stage.calm()
    stage.say("ann")
    venue.to_report.append([executed(1, 100, "t1", ts_ms=START_MS)])
    stage.calm()
    return stage, venue


def trip(stage, scope="ann"):
    tripped = {"breaker": "drawdown", "value": 1.0, "limit": 0.5, "reason": "r", "stopped": "s"}
    stage.emit(BreakerTripped(scope=scope, **tripped))


def test_a_benched_agent_whose_way_out_fails_is_flattened_again(theatre):
    stage, venue = at_a_venue(theatre)
    venue.to_cancel = [[Canceled(order_id=2, reason="as asked")]]
    trip(stage)
    stage.calm()
    (way_out,) = stage.agent().working.values()
    assert way_out.purpose is OrderPurpose.FLATTEN
    venue.to_report.append([Rejected(order_id=way_out.order_id, reason="busy")])
    stage.calm()
    (again,) = stage.agent().working.values()
    assert (again.purpose, again.order_id) == (OrderPurpose.FLATTEN, way_out.order_id + 1)


def test_an_entry_that_fills_after_its_agent_was_benched_is_closed(theatre):
    stage = theatre(replace(PLAIN, latency_ms=90_000))
    entry = OrderIntent(
        agent="ann", symbol=BTC.symbol, kind=OrderKind.LIMIT, signed_lots=100, limit_price=49_000.0
    )
    stage.ask(stage.desk.place, entry)
    stage.calm(2)
    trip(stage)
    stage.ask(stage.desk.flatten, "ann", "breaker drawdown tripped")
    stage.step(((50_000.0, 50_000.0, 48_000.0, 48_500.0), (2_000.0,) * 4))
    assert stage.lots() == 100
    stage.calm(3)
    assert stage.lots() == 0
    assert stage.agent().working == {}


def test_a_way_out_that_turns_into_an_entry_s_way_in_does_not_count_as_one(theatre):
    """Short 50, benched: the late buy of 150 turns it long 100, which the closing buy can't close."""
    stage = theatre(replace(PLAIN, latency_ms=90_000))
    for lots, limit in ((-50, None), (150, 51_000.0)):
        kind = OrderKind.MARKET if limit is None else OrderKind.LIMIT
        intent = OrderIntent(
            agent="ann", symbol=BTC.symbol, kind=kind, signed_lots=lots, limit_price=limit, thinking_ms=0
        )
        stage.ask(stage.desk.place, intent)
        if limit is None:
            stage.calm(2)
    assert stage.lots() == -50
    stage.calm()
    trip(stage)
    stage.ask(stage.desk.flatten, "ann", "breaker drawdown tripped")
    stage.calm(6)
    assert stage.lots() == 0
    assert stage.agent().working == {}


# --- Locks and limits


def test_a_protection_locks_entries_and_lets_exits_out(theatre):
    stage = theatre(protections=(CooldownPeriod(stop_ms=3 * MINUTE_MS),))
    for exposure in (0.5, 0.0, 0.5):
        stage.say("ann", replace(LONG, exposure=exposure, stop=None))
        stage.calm()
    stage.say("ann", replace(LONG, stop=None))
    stage.calm()
    (lock,) = stage.events(EntriesLocked)
    assert (lock.agent, lock.symbol, lock.protection) == ("ann", BTC.symbol, "CooldownPeriod")
    denied = [each for each in stage.events(OrderMoved) if each.rule == "entry_locks"]
    assert denied
    assert stage.lots() == 0
    stage.say("ann")
    stage.calm(4)
    stage.say("ann", replace(LONG, stop=None))
    stage.calm()
    stage.say("ann")
    stage.calm()
    assert stage.lots() == 99  # a hundredth less: the fees of the first trade


def test_stops_lock_by_themselves_and_survive_a_restart(theatre):
    guard = StoplossGuard(lookback_ms=60 * MINUTE_MS, trade_limit=1, stop_ms=30 * MINUTE_MS)
    stage = entered(theatre, protections=(guard,))
    stage.step(((50_000.0, 50_000.0, 44_000.0, 44_000.0), (2_000.0,) * 4))
    assert [each.protection for each in stage.events(EntriesLocked)] == ["StoplossGuard"]
    stage.restart(((44_000.0,) * 4, (2_000.0,) * 4))
    assert [lock.protection for lock in stage.agent().locks] == ["StoplossGuard"]
    stage.say("ann", replace(LONG, stop=40_000.0))
    stage.calm()
    assert stage.events(OrderMoved)[-1].rule == "entry_locks"


def test_an_agent_has_limits_of_its_own(theatre):
    contestants = (
        Contestant(name="ann", kind="strategy", summary="", limits={"daily_trades": 1.0, "drawdown": None}),
        Contestant(name="bob", kind="strategy", summary=""),
    )
    stage = theatre(contestants=contestants)
    stage.words = {"ann": (LONG,), "bob": (LONG,)}
    stage.calm()
    stage.words = {"ann": (), "bob": ()}
    stage.calm(2)
    assert [(each.scope, each.breaker, each.limit) for each in stage.events(BreakerTripped)] == [
        ("ann", "daily_trades", 1.0)
    ]
    assert (stage.lots("ann"), stage.lots("bob")) == (0, 100)
    assert stage.agent("ann").breakers["drawdown"].limit is None
    assert stage.agent("bob").breakers["daily_trades"].status is BreakerStatus.ARMED


def test_the_arena_s_breaker_takes_entries_back_and_leaves_positions_with_their_guards(theatre):
    stage = entered(theatre, arena_limits={"drawdown": 0.0001}, agent_limits=NO_LIMITS)
    entry = OrderIntent(
        agent="ann", symbol=ETH.symbol, kind=OrderKind.LIMIT, signed_lots=100, limit_price=1_500.0
    )
    stage.ask(stage.desk.place, entry)
    stage.step(((49_000.0,) * 4, (2_000.0,) * 4))
    assert [each.scope for each in stage.events(BreakerTripped)] == [ARENA]
    assert [each.purpose for each in stage.agent().working.values()] == [OrderPurpose.STOP]
    assert stage.lots() == 100


# --- Liquidation and bankruptcy


def ruined(theatre):
    """Ann, long 20 times her equity, when the price gaps by a tenth."""
    stage = theatre(
        limits=WIDE,
        sizing=Sizing(leverage=40.0, rebalance_band=0.1),
        agent_limits=NO_LIMITS,
        arena_limits={},
        capital_in=usd(30_000),
    )
    stage.say("ann", replace(LONG, exposure=0.9, stop=None))
    stage.calm()
    entry = OrderIntent(
        agent="ann", symbol=ETH.symbol, kind=OrderKind.LIMIT, signed_lots=10, limit_price=1_900.0
    )
    stage.say("ann", replace(LONG, exposure=0.9, stop=None))
    stage.ask(stage.desk.place, entry)
    stage.calm()
    assert stage.lots() > 3_000
    stage.say("ann")
    stage.step(((45_000.0, 45_000.0, 44_000.0, 44_000.0), (1_800.0,) * 4))
    return stage


def test_what_an_account_loses_beyond_its_capital_is_recorded_and_borne_by_the_venue(theatre):
    stage = ruined(theatre)
    (called,) = stage.events(MarginExhausted)
    (covered,) = stage.events(ShortfallCovered)
    assert called.equity < called.maintenance
    assert stage.agent().account.cash == 0
    assert stage.agent().covered == covered.amount > usd(1_000)
    assert stage.agent().closed == "bankrupt"
    assert conserved_difference(stage.state) == 0
    assert stage.state.watch.equity == stage.agent("bob").watch.equity == CAPITAL
    texts = [alert.text for alert in stage.state.alerts]
    assert [text.partition(" ")[0] for text in texts] == [BTC.symbol, texts[1].partition(" ")[0]]


def test_a_bankrupt_agent_is_closed_and_never_asked_again(theatre):
    stage = ruined(theatre)
    decisions = stage.agent().decisions
    stage.say("ann", LONG)
    stage.calm(3)
    assert stage.agent().decisions == decisions
    assert {each.agent for each in stage.events(DecisionMade)[-3:]} == {"bob"}
    assert (stage.agent().account.positions, stage.agent().working) == ({}, {})
    stage.ask(
        stage.desk.place, OrderIntent(agent="ann", symbol=BTC.symbol, kind=OrderKind.MARKET, signed_lots=1)
    )
    assert stage.events(OrderMoved)[-1].rule == "account_closed"


def test_no_entry_of_a_bankrupt_account_is_left_to_fill():
    from tests.arena.floor import Floor

    floor = Floor(limits=WIDE, venue=AcceptingVenue())
    floor.place(3_000)
    entry = floor.place(10, symbol=ETH.symbol, kind=OrderKind.LIMIT, limit_price=1_900.0)
    floor.desk.take(executed(1, 3_000, "t1"))
    sale = floor.place(-3_000, reduce_only=True)
    floor.desk.take(executed(sale, -3_000, "t2", price=45_000.0))
    assert floor.agent().closed == "bankrupt"
    assert floor.story(entry)[-1] == "canceled"
    assert floor.agent().working == {}


# --- The realistic preset


def test_with_realistic_fills_an_order_waits_out_its_latency_pays_the_spread_and_fills_over_bars(theatre):
    stage = theatre(REALISTIC)
    stage.say("ann", LONG)
    stage.calm()
    stage.say("ann")
    stage.calm(volumes=(0.5, 1.0))
    stage.calm(volumes=(0.5, 1.0))
    assert stage.lots() == 100
    first, second = (each.fill for each in stage.events(OrderFilled))
    assert (first.signed_lots, second.signed_lots) == (50, 50)
    created = stage.events(OrderCreated)[0].order
    assert created.live_ms == created.created_ms + 200
    assert first.ts_ms >= created.live_ms - 1
    assert first.price == pytest.approx(50_005.0)
    assert first.slippage == pytest.approx(usd(0.25), abs=usd(0.001))
    assert stage.agent().slippage == first.slippage + second.slippage
    guards = [order for order in stage.agent().working.values() if order.purpose is OrderPurpose.STOP]
    assert [(order.signed_lots, order.trigger_price) for order in guards] == [(-100, 45_000.0)]
