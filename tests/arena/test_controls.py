"""What people ask of a running arena, and what becomes of it."""

import pytest

from cockpit.arena.controls import ControlRefused
from cockpit.domain.decisions import Target
from cockpit.domain.events import (
    ARENA,
    AlertAcknowledged,
    BreakerReset,
    BreakerTripped,
    KillSwitchSet,
    OrderMoved,
    PauseSet,
    TradingMode,
    TradingModeSet,
)
from cockpit.domain.orders import OrderIntent, OrderKind, OrderPurpose, OrderStatus
from cockpit.trading.agent_state import BreakerStatus
from tests.arena.scripted_venue import executed
from tests.trading.arena_facts import BTC

LONG = Target(symbol=BTC.symbol, exposure=0.5, stop=45_000.0)
TRIPPED = {"breaker": "drawdown", "value": 1.0, "limit": 0.5, "reason": "it fell", "stopped": "all"}


@pytest.fixture
def stage(theatre):
    """Ann holds 100 BTC lots with a stop."""
    stage = theatre()
    stage.say("ann", LONG)
    stage.calm()
    stage.say("ann")
    stage.calm()
    assert stage.lots() == 100
    return stage


def asks(stage, lots, **changes):
    """The last status of an order asked for now, and what risk said."""
    given = {"kind": OrderKind.MARKET} | changes
    intent = OrderIntent(agent="ann", symbol=BTC.symbol, signed_lots=lots, **given)
    stage.ask(stage.desk.place, intent)
    last = stage.events(OrderMoved)[-1]
    return last.after, last.rule


# fmt: off
MODES = [
    # mode, an order that opens, one that reduces
    (TradingMode.ACTIVE,   (OrderStatus.ACCEPTED, None),           (OrderStatus.ACCEPTED, None)),
    (TradingMode.REDUCING, (OrderStatus.DENIED, "trading_mode"),   (OrderStatus.ACCEPTED, None)),
    (TradingMode.HALTED,   (OrderStatus.DENIED, "trading_mode"),   (OrderStatus.DENIED, "trading_mode")),
]
# fmt: on


@pytest.mark.parametrize(("mode", "opening", "reducing"), MODES)
def test_a_trading_mode_lets_out_what_it_allows(stage, mode, opening, reducing):
    stage.control("set_mode", mode, "a person")
    assert asks(stage, 10) == opening
    assert asks(stage, -10, reduce_only=True) == reducing


def test_a_mode_set_twice_is_one_event(stage):
    for _ in range(2):
        stage.control("set_mode", TradingMode.REDUCING, "a person")
    assert [(each.mode, each.by) for each in stage.events(TradingModeSet)] == [("reducing", "a person")]


@pytest.mark.parametrize("stop", ["kill", TradingMode.REDUCING, TradingMode.HALTED])
def test_whatever_stops_entries_takes_back_those_at_work_and_leaves_the_guards(stage, stop):
    order = OrderIntent(
        agent="ann", symbol=BTC.symbol, kind=OrderKind.LIMIT, signed_lots=7, limit_price=48_000.0
    )
    stage.ask(stage.desk.place, order)
    if stop == "kill":
        stage.control("kill", "a person", flatten=False)
    else:
        stage.control("set_mode", stop, "a person")
    assert [each.purpose for each in stage.agent().working.values()] == ["stop"]


def test_while_halted_a_flattening_leaves_the_guards_and_orders_nothing(stage):
    stage.control("set_mode", TradingMode.HALTED, "a person")
    before = stage.agent().orders
    stage.ask(stage.desk.flatten, "ann", "breaker drawdown tripped")
    assert [each.purpose for each in stage.agent().working.values()] == ["stop"]
    assert stage.agent().orders == before


def test_while_halted_guards_stay_at_work_and_fill(stage):
    stage.control("set_mode", TradingMode.HALTED, "a person")
    stage.step(((50_000.0, 50_000.0, 44_000.0, 44_000.0), (2_000.0,) * 4))
    assert stage.lots() == 0
    assert stage.agent().closed_trades[-1].exit_purpose == "stop"


def test_no_round_is_held_while_halted(stage):
    rounds = stage.state.round
    stage.control("set_mode", TradingMode.HALTED, "a person")
    stage.say("ann", LONG)
    stage.calm()
    assert stage.state.round == rounds + 1
    assert stage.agent().decisions == stage.agent("bob").decisions == rounds


def test_a_switch_turned_to_where_it_is_changes_nothing(stage):
    for name in ("resume", "unkill"):
        stage.control(name, "a person")
    stage.control("pause", "a person")
    stage.control("pause", "a person")
    stage.control("kill", "a person", flatten=False)
    stage.control("kill", "another", flatten=False)
    assert [(each.on, each.by) for each in stage.events(PauseSet)] == [(True, "a person")]
    assert [(each.on, each.by) for each in stage.events(KillSwitchSet)] == [(True, "a person")]


def test_paused_market_time_stands_still_until_it_is_resumed(stage):
    stage.control("pause", "a person")
    stage.wait_in_vain()
    stage.control("resume", "a person")
    stage.calm()


def test_what_went_unguarded_while_killed_is_guarded_when_the_switch_is_off(stage):
    (stop,) = stage.agent().working.values()
    stage.control("kill", "a person", flatten=False)
    stage.ask(stage.desk.cancel, stop, "a person asked")
    stage.calm()
    assert stage.agent().working == {}
    stage.control("unkill", "a person")
    (again,) = stage.agent().working.values()
    assert (again.purpose, again.signed_lots, again.trigger_price) == (OrderPurpose.STOP, -100, 45_000.0)


def test_an_agent_benched_while_killed_is_flattened_when_the_switch_is_off(stage):
    stage.control("kill", "a person", flatten=False)
    stage.emit(BreakerTripped(scope="ann", **TRIPPED))
    stage.calm(2)
    assert stage.lots() == 100
    stage.control("unkill", "a person")
    stage.calm()
    assert stage.lots() == 0


def test_while_killed_a_guard_shrinks_with_its_position_and_never_stands_alone(stage):
    limit = OrderIntent(
        agent="ann",
        symbol=BTC.symbol,
        kind=OrderKind.LIMIT,
        signed_lots=-60,
        limit_price=51_000.0,
        reduce_only=True,
    )
    stage.ask(stage.desk.place, limit)
    stage.control("kill", "a person", flatten=False)
    stage.step(((50_000.0, 52_000.0, 50_000.0, 51_000.0), (2_000.0,) * 4))
    assert [(each.purpose, each.signed_lots) for each in stage.agent().working.values()] == [("stop", -40)]


def test_a_position_turned_round_while_killed_sheds_the_guard_of_its_other_side(stage):
    limit = OrderIntent(
        agent="ann", symbol=BTC.symbol, kind=OrderKind.LIMIT, signed_lots=-160, limit_price=51_000.0
    )
    stage.ask(stage.desk.place, limit)
    stage.emit(KillSwitchSet(on=True, by="the settings"))
    stage.step(((50_000.0, 52_000.0, 50_000.0, 51_000.0), (2_000.0,) * 4))
    assert stage.lots() == -60
    assert stage.agent().working == {}


# --- What waits for a person


def test_an_alert_stays_until_somebody_has_seen_it(stage):
    stage.emit(BreakerTripped(scope=ARENA, **TRIPPED))
    stage.ask(stage.desk.take, executed(99, 1, "t1"))
    first, second = stage.state.alerts
    stage.calm(2)
    stage.restart(((50_000.0,) * 4, (2_000.0,) * 4))
    assert stage.state.alerts == [first, second]
    stage.control("acknowledge", first.seq, "a person")
    assert stage.state.alerts == [second]
    assert [(each.alert, each.by) for each in stage.events(AlertAcknowledged)] == [(first.seq, "a person")]


def test_an_alert_that_is_not_there_can_not_be_acknowledged(stage):
    with pytest.raises(ControlRefused, match="there is no alert 77; it may have been acknowledged already"):
        stage.control("acknowledge", 77, "a person")


def test_a_tripped_breaker_is_reset_once(stage):
    stage.emit(BreakerTripped(scope="ann", **TRIPPED))
    stage.control("reset_breaker", "drawdown", "ann", "a person")
    assert stage.agent().breakers["drawdown"].status is BreakerStatus.ARMED
    assert [(each.scope, each.by) for each in stage.events(BreakerReset)] == [("ann", "a person")]
    with pytest.raises(ControlRefused, match="ann's breaker drawdown is armed already"):
        stage.control("reset_breaker", "drawdown", "ann", "a person")
