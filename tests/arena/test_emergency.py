"""The emergency stop: cancel, close, halt; each step seen to be done, whatever state the arena is in."""

from dataclasses import replace

import pytest

from cockpit.arena.controls import ControlRefused
from cockpit.arena.emergency import PATIENCE_MS, EmergencyStop
from cockpit.domain.decisions import Target
from cockpit.domain.events import (
    ARENA,
    BreakerTripped,
    EmergencyAdvanced,
    EmergencyStage,
    KillSwitchSet,
    OrderCreated,
    OrderMoved,
    RunFinished,
    TradingMode,
)
from cockpit.domain.formats import time_of
from cockpit.domain.market import MINUTE_MS
from cockpit.domain.orders import OrderIntent, OrderKind, OrderPurpose, OrderStatus
from cockpit.domain.reports import Accepted, Canceled, CancelRejected, MarginCalled, Rejected
from cockpit.trading.state import conserved_difference
from tests.arena.floor import PLAIN
from tests.arena.scripted_venue import ScriptedVenue, executed
from tests.trading.arena_facts import BTC, ETH, START_MS, usd

SLOW = replace(PLAIN, latency_ms=90_000)
"""Orders and requests to cancel them arrive in the bar after the next."""

THIN = replace(PLAIN, participation=0.5)
LONG = Target(symbol=BTC.symbol, exposure=0.5, stop=45_000.0, take_profit=60_000.0)
CANCELING, FLATTENING, HALTED = EmergencyStage

PATIENCE_STEPS = PATIENCE_MS // MINUTE_MS


def holding(theatre, *arguments, **options):
    """An arena in which ann holds 100 BTC lots with stop and target, and has a limit order at work on ETH."""
    stage = theatre(*arguments, **options)
    stage.say("ann", LONG)
    stage.calm()
    stage.say("ann")
    stage.calm(3)
    limit = OrderIntent(
        agent="ann", symbol=ETH.symbol, kind=OrderKind.LIMIT, signed_lots=100, limit_price=1_900.0
    )
    stage.ask(stage.desk.place, limit)
    assert stage.lots() == 100
    assert len(stage.agent().working) == 3
    return stage


def stages(stage):
    return [(each.stage, each.attempt) for each in stage.events(EmergencyAdvanced)]


def is_over(stage):
    state = stage.state
    return state.killed and not any(each.account.positions or each.working for each in state.agents.values())


def test_it_cancels_every_order_then_closes_every_position_then_turns_the_switch(theatre):
    stage = holding(theatre)
    before = len(stage.journal.recorded)
    stage.control("kill", "a person", flatten=True)
    assert [order.purpose for order in stage.agent().working.values()] == [OrderPurpose.FLATTEN]
    assert not stage.state.killed
    stage.calm()
    assert stages(stage) == [(CANCELING, 1), (FLATTENING, 1), (HALTED, 1)]
    assert is_over(stage)
    told = [each.event for each in stage.journal.recorded[before:]]
    assert [each.detail for each in told if isinstance(each, EmergencyAdvanced)] == [
        "3 orders to cancel",
        "1 positions to close",
        "no order works, no position is open",
    ]
    assert isinstance(told[-1], KillSwitchSet)
    (created,) = (each.order for each in told if isinstance(each, OrderCreated))
    assert (created.purpose, created.reduce_only, created.kind) == ("flatten", True, OrderKind.MARKET)


def test_nothing_is_closed_before_the_cancels_have_arrived(theatre):
    stage = holding(theatre, SLOW)
    stage.control("kill", "a person", flatten=True)
    assert {order.status for order in stage.agent().working.values()} == {OrderStatus.PENDING_CANCEL}
    stage.calm()
    assert stages(stage) == [(CANCELING, 1)]
    stage.calm()
    assert stages(stage) == [(CANCELING, 1), (FLATTENING, 1)]
    stage.calm(2)
    assert stages(stage)[-1] == (HALTED, 1)
    assert is_over(stage)


def test_an_entry_that_fills_before_its_cancel_arrives_is_closed_too(theatre):
    stage = holding(theatre, SLOW)
    stage.calm(2)
    stage.control("kill", "a person", flatten=True)
    stage.step(((50_000.0,) * 4, (2_000.0, 2_000.0, 1_800.0, 1_850.0)))
    assert stage.lots(symbol=ETH.symbol) == 100
    stage.calm(6)
    assert stages(stage)[-1] == (HALTED, 1)
    assert is_over(stage)


def test_it_goes_on_while_paused_and_then_time_stands_still(theatre):
    stage = holding(theatre)
    stage.control("pause", "a person")
    stage.wait_in_vain()
    stage.control("kill", "a person", flatten=True)
    stage.calm()
    assert is_over(stage)
    assert stage.state.paused
    stage.wait_in_vain()


def test_it_works_while_killed(theatre):
    stage = holding(theatre)
    stage.control("kill", "a person", flatten=False)
    stage.calm(2)
    assert stage.lots() == 100
    stage.control("kill", "a person", flatten=True)
    stage.calm()
    assert is_over(stage)
    assert stage.agent().held == 0


@pytest.mark.parametrize("mode", [TradingMode.REDUCING, TradingMode.HALTED])
def test_it_works_in_every_trading_mode(theatre, mode):
    stage = holding(theatre)
    stage.control("set_mode", mode, "a person")
    stage.control("kill", "a person", flatten=True)
    stage.calm()
    assert is_over(stage)


@pytest.mark.parametrize("scope", ["ann", ARENA])
def test_it_works_while_a_breaker_is_tripped(theatre, scope):
    stage = holding(theatre)
    tripped = {"breaker": "drawdown", "value": 1.0, "limit": 0.5, "reason": "r", "stopped": "s"}
    stage.emit(BreakerTripped(scope=scope, **tripped))
    stage.control("kill", "a person", flatten=True)
    stage.calm()
    assert is_over(stage)


def test_a_position_too_large_for_the_volume_is_closed_over_bars_by_one_order(theatre):
    stage = holding(theatre, THIN)
    stage.control("kill", "a person", flatten=True)
    for left in (75, 50, 25):
        stage.calm(volumes=(0.05, 1.0))
        assert stage.lots() == left
    stage.calm(volumes=(0.05, 1.0))
    assert stages(stage) == [(CANCELING, 1), (FLATTENING, 1), (HALTED, 1)]


def test_a_symbol_without_bars_is_waited_for(theatre):
    stage = holding(theatre)
    stage.control("kill", "a person", flatten=True)
    for _ in range(3):
        stage.step((None, (2_000.0,) * 4))
    assert stages(stage)[-1] == (FLATTENING, 1)
    stage.calm()
    assert is_over(stage)


# --- What can't be closed


NO_BTC = (None, (2_000.0,) * 4)
AGAIN = ((51_000.0,) * 4, (2_000.0,) * 4)


def given_up(stage):
    """The last word of a stop that has halted with something left."""
    last = stage.events(EmergencyAdvanced)[-1]
    assert (last.stage, stage.state.killed, stage.state.emergency_left) == (HALTED, True, last.left)
    assert last.left > 0
    assert stage.state.alerts[-1].text == f"emergency stop by a person, halted: {last.detail}"
    return last.detail


def test_a_position_whose_symbol_trades_no_more_is_named_after_a_while_and_its_way_out_left_at_work(theatre):
    stage = holding(theatre)
    stage.control("kill", "a person", flatten=True)
    for _ in range(PATIENCE_STEPS - 1):
        stage.step(NO_BTC)
    assert stages(stage) == [(CANCELING, 1), (FLATTENING, 1)]
    stage.step(NO_BTC)
    assert stages(stage)[2:] == [(HALTED, 1)]
    assert given_up(stage) == (
        "after 30m without a fill NOT everything is closed: ann is long 0.1 BTC "
        f"(it has not traded since {time_of(stage.now_ms - 30 * MINUTE_MS)}); what closes it stays at work"
    )
    (way_out,) = stage.agent().working.values()
    assert (way_out.purpose, way_out.signed_lots) == (OrderPurpose.FLATTEN, -100)


@pytest.mark.parametrize("is_taken_up_again", [False, True])
def test_once_its_symbol_trades_again_it_is_closed_and_that_is_told(theatre, is_taken_up_again):
    stage = holding(theatre)
    stage.control("kill", "a person", flatten=True)
    for _ in range(PATIENCE_STEPS + 5):
        if is_taken_up_again:
            stage.restart(NO_BTC, snapshot_seq=stage.commits[-3])
        else:
            stage.step(NO_BTC)
    assert stages(stage) == [(CANCELING, 1), (FLATTENING, 1), (HALTED, 1)]
    stage.step(AGAIN)
    assert is_over(stage)
    last = stage.events(EmergencyAdvanced)[-1]
    assert (last.stage, last.attempt, last.left) == (HALTED, 2, 0)
    assert last.detail == "what was left is done: no order works, no position is open"
    stage.calm(3)
    assert len(stages(stage)) == 4


def test_a_paused_stop_that_had_to_give_up_closes_the_rest_and_then_time_stands_still(theatre):
    stage = holding(theatre)
    stage.control("pause", "a person")
    stage.control("kill", "a person", flatten=True)
    for _ in range(PATIENCE_STEPS + 2):
        stage.step(NO_BTC)
    assert "ann is long" in given_up(stage)
    assert not stage.stands_still
    stage.step(AGAIN)
    assert is_over(stage)
    assert stage.stands_still
    stage.wait_in_vain()


def test_a_stop_that_had_to_give_up_does_not_keep_the_run_from_its_end(theatre):
    stage = holding(theatre, end_ms=START_MS + 60 * MINUTE_MS)
    stage.control("kill", "a person", flatten=True)
    for _ in range(PATIENCE_STEPS):
        stage.step(NO_BTC)
    while stage.now_ms < START_MS + 59 * MINUTE_MS:
        stage.step(NO_BTC)
    stage.calm_to_the_end()
    assert stage.state.finished == "its time is over"
    assert is_over(stage)


def test_another_stop_after_one_that_gave_up_tries_again_and_unkill_gives_it_up(theatre):
    stage = holding(theatre)
    for _ in range(2):
        stage.control("kill", "a person", flatten=True)
        for _ in range(PATIENCE_STEPS):
            stage.step(NO_BTC)
        given_up(stage)
    assert stages(stage) == [(CANCELING, 1), (FLATTENING, 1), (HALTED, 1)] * 2
    assert len(stage.agent().working) == 1
    stage.control("unkill", "a person")
    assert (stage.state.emergency, stage.state.emergency_left, stage.state.emergency_steps) == (None, 0, 0)


@pytest.mark.parametrize(("interval_ms", "bars"), [(MINUTE_MS, 30), (15 * MINUTE_MS, 3), (60 * MINUTE_MS, 3)])
def test_where_bars_are_long_it_waits_for_three_of_them(theatre, interval_ms, bars):
    stage = theatre(market_interval_ms=interval_ms)
    stop = EmergencyStop(recorder=stage.coordinator.recorder, desk=stage.desk)
    assert stop.patience_steps == bars


def test_what_closes_slowly_is_told_now_and_then_and_waited_for_as_long_as_it_takes(theatre):
    stage = holding(theatre, THIN)
    stage.control("kill", "a person", flatten=True)
    stage.calm(PATIENCE_STEPS, volumes=(0.002, 1.0))
    assert stages(stage) == [(CANCELING, 1), (FLATTENING, 1), (FLATTENING, 2)]
    assert stage.state.alerts[-1].text == (
        "emergency stop by a person, flattening: slowly: ann is long 0.07 BTC "
        "(order 5 that closes it is in part filled)"
    )
    for _ in range(2):
        stage.calm(PATIENCE_STEPS - 2, volumes=(0.0, 1.0))
        stage.calm(volumes=(0.002, 1.0))
    assert stages(stage)[3:] == [(FLATTENING, 3)]
    stage.calm(PATIENCE_STEPS - 1, volumes=(0.0, 1.0))
    assert stages(stage)[4:] == [(FLATTENING, 4), (HALTED, 1)]
    assert "ann is long 0.068 BTC" in given_up(stage)
    stage.calm(34, volumes=(0.004, 1.0))
    assert is_over(stage)


# --- A venue that does not play along


class AcceptingVenue(ScriptedVenue):
    """Accepts every order, and answers nothing else but what it was told to."""

    def submit(self, order):
        yield Accepted(order_id=order.order_id)


def at_a_venue(theatre):
    """Ann's 100 BTC lots at a venue that takes orders and requests, and says what a test tells it."""
    venue = AcceptingVenue()
    stage = theatre(venue=venue)
    stage.say("ann", LONG)
    stage.calm()
    stage.say("ann")
    venue.to_report.append([executed(1, 100, "t1", ts_ms=START_MS)])
    stage.calm()
    assert sorted(stage.agent().working) == [2, 3]
    return stage, venue


def test_a_cancel_the_venue_refuses_is_asked_for_again(theatre):
    stage, venue = at_a_venue(theatre)
    stage.control("kill", "a person", flatten=True)
    assert venue.canceled == [2, 3]
    canceled = Canceled(order_id=3, reason="as asked")
    venue.to_report.append([CancelRejected(order_id=2, reason="busy"), canceled])
    stage.calm()
    assert stages(stage) == [(CANCELING, 1), (CANCELING, 2)]
    assert venue.canceled == [2, 3, 2]
    venue.to_report.append([Canceled(order_id=2, reason="as asked")])
    stage.calm()
    assert stages(stage)[-1] == (FLATTENING, 1)
    assert [alert.text for alert in stage.state.alerts] == [
        "emergency stop by a person, canceling: 1 orders still work"
    ]


@pytest.mark.parametrize("ending", [Rejected, Canceled])
def test_a_way_out_that_fails_is_tried_again(theatre, ending):
    stage, venue = at_a_venue(theatre)
    venue.to_cancel = [[Canceled(order_id=each, reason="as asked")] for each in (2, 3)]
    stage.control("kill", "a person", flatten=True)
    for order_id in (4, 5):
        assert list(stage.agent().working) == [order_id]
        venue.to_report.append([ending(order_id=order_id, reason="no")])
        stage.calm()
    assert stages(stage) == [(CANCELING, 1), (FLATTENING, 1), (FLATTENING, 2), (FLATTENING, 3)]
    venue.to_report.append([executed(6, -100, "t2")])
    stage.calm()
    assert stages(stage)[-1] == (HALTED, 1)
    assert is_over(stage)
    assert [alert.text for alert in stage.state.alerts] == [
        "emergency stop by a person, flattening: 1 positions still open",
        "emergency stop by a person, flattening: 1 positions still open",
        "emergency stop by a person, halted: no order works, no position is open",
    ]


def test_a_way_out_nobody_answers_is_waited_for_and_sent_again_under_the_same_name(theatre):
    stage, venue = at_a_venue(theatre)
    venue.to_cancel = [[Canceled(order_id=each, reason="as asked")] for each in (2, 3)]
    venue.submit = lambda order: iter(venue.submitted.append(order.client_order_id) or ())
    stage.control("kill", "a person", flatten=True)
    stage.calm(2)
    assert venue.submitted == ["cockpit-4"] * 3
    assert stages(stage)[-1] == (FLATTENING, 1)


def test_a_way_out_that_fails_every_time_is_given_up_and_tried_again_only_where_there_is_trade(theatre):
    stage, venue = at_a_venue(theatre)
    venue.to_cancel = [[Canceled(order_id=each, reason="as asked")] for each in (2, 3)]
    stage.control("kill", "a person", flatten=True)

    def refuse():
        venue.to_report.append([Rejected(order_id=each, reason="no") for each in stage.agent().working])

    for _ in range(PATIENCE_STEPS):
        refuse()
        stage.calm()
    assert "ann is long 0.1 BTC (no order that closes it was taken)" in given_up(stage)
    told = len(stages(stage))
    created = len(stage.events(OrderCreated))
    for bars in (NO_BTC, NO_BTC, AGAIN, NO_BTC, AGAIN):
        refuse()
        stage.step(bars)
    assert len(stage.events(OrderCreated)) == created + 2
    assert len(stages(stage)) == told
    (last,) = stage.agent().working
    venue.to_report.append([executed(last, -100, "t2")])
    stage.calm()
    assert is_over(stage)


def test_a_liquidation_that_is_filled_in_part_and_no_further_is_given_up_too(theatre):
    stage, venue = at_a_venue(theatre)
    called = MarginCalled(
        agent="ann",
        symbol=BTC.symbol,
        ts_ms=stage.now_ms,
        price=50_000.0,
        equity=usd(1),
        maintenance=usd(2),
    )
    stage.ask(stage.desk.take, called)
    venue.to_report.append([executed(4, -30, "t2")])
    stage.calm()
    stage.control("kill", "a person", flatten=True)
    stage.calm(PATIENCE_STEPS)
    assert "ann is long 0.07 BTC (order 4 that closes it is in part filled)" in given_up(stage)
    assert [order.purpose for order in stage.agent().working.values()] == [OrderPurpose.LIQUIDATION]


def test_orders_whose_cancel_nobody_answers_do_not_keep_positions_from_being_closed(theatre):
    stage, venue = at_a_venue(theatre)
    stage.control("kill", "a person", flatten=True)
    stage.calm(PATIENCE_STEPS)
    assert stages(stage) == [(CANCELING, 1), (FLATTENING, 1)]
    flattening = stage.events(EmergencyAdvanced)[-1]
    assert flattening.detail == (
        "1 positions to close; ann's order 2 to sell 0.1 BTC is not cancelled; "
        "ann's order 3 to sell 0.1 BTC is not cancelled"
    )
    venue.to_report.append([executed(4, -40, "t2")])
    stage.calm(PATIENCE_STEPS)
    assert stage.events(EmergencyAdvanced)[-1].left == 3
    assert "ann is long 0.06 BTC" in given_up(stage)
    venue.to_report.append([executed(4, -60, "t3")])
    stage.calm()
    assert is_over(stage)


def test_an_order_the_venue_would_not_take_back_is_asked_for_again_after_the_halt(theatre):
    stage, venue = at_a_venue(theatre)
    venue.to_cancel = [[], [Canceled(order_id=3, reason="as asked")]]
    stage.control("kill", "a person", flatten=True)
    stage.calm(PATIENCE_STEPS)
    venue.to_report.append([executed(4, -40, "t2")])
    stage.calm(PATIENCE_STEPS + 1)
    assert "order 2 to sell 0.1 BTC is not cancelled" in given_up(stage)
    asked = venue.canceled.count(2)
    venue.to_report.append([CancelRejected(order_id=2, reason="busy")])
    stage.calm()
    assert venue.canceled.count(2) == asked + 2  # once as overdue, once as refused
    venue.to_report.append([Canceled(order_id=2, reason="as asked"), executed(4, -60, "t3")])
    stage.calm()
    assert is_over(stage)


def test_an_execution_that_comes_after_all_was_closed_is_told_and_closed(theatre):
    stage, venue = at_a_venue(theatre)
    venue.to_cancel = [[Canceled(order_id=each, reason="as asked")] for each in (2, 3)]
    stage.control("kill", "a person", flatten=True)
    venue.to_report.append([executed(4, -100, "t2")])
    stage.calm()
    assert is_over(stage)
    venue.to_report.append([executed(2, -10, "late")])
    stage.calm()
    assert given_up(stage).startswith("an execution came late: ann is short 0.01 BTC")
    (order_id,) = stage.agent().working
    venue.to_report.append([executed(order_id, 10, "t3")])
    stage.calm()
    assert is_over(stage)
    assert [each.left for each in stage.events(EmergencyAdvanced)] == [0, 0, 0, 1, 0]


# --- Restarts, ends, second thoughts


@pytest.mark.parametrize("at", range(4))
def test_a_restart_in_the_middle_goes_on_where_it_was(theatre, at):
    stage = holding(theatre, SLOW)
    stage.control("kill", "a person", flatten=True)
    for minute in range(4):
        if minute == at:
            stage.restart(((50_000.0,) * 4, (2_000.0,) * 4))
        else:
            stage.calm()
    assert stages(stage) == [(CANCELING, 1), (FLATTENING, 1), (HALTED, 1)]
    assert is_over(stage)


def test_data_that_ends_in_the_middle_ends_the_run_and_says_how_far_it_came(theatre):
    stage = holding(theatre, SLOW)
    stage.control("kill", "a person", flatten=True)
    stage.calm()
    stage.end_of_data()
    assert [each.reason for each in stage.events(RunFinished)] == ["the market's data came to its end"]
    assert stage.state.emergency is CANCELING
    assert stage.lots() == 100
    assert conserved_difference(stage.state) == 0


def test_a_run_whose_time_is_over_ends_once_it_is_flat(theatre):
    stage = holding(theatre, SLOW, end_ms=START_MS + 6 * MINUTE_MS)
    stage.control("kill", "a person", flatten=True)
    stage.calm(3)
    assert (stage.state.finished, stage.state.emergency) == ("", FLATTENING)
    stage.calm_to_the_end()
    assert is_over(stage)
    assert stage.state.finished == "its time is over"


def test_while_it_is_under_way_a_second_one_is_refused_and_afterwards_there_is_nothing_to_do(theatre):
    stage = holding(theatre, SLOW)
    stage.control("kill", "a person", flatten=True)
    for flatten in (True, False):
        with pytest.raises(ControlRefused, match="an emergency stop is under way: canceling, attempt 1"):
            stage.control("kill", "another", flatten=flatten)
    stage.calm(4)
    assert is_over(stage)
    stage.control("kill", "another", flatten=True)
    assert stages(stage)[-3:] == [(CANCELING, 1), (FLATTENING, 1), (HALTED, 1)]


def test_no_round_is_held_while_it_is_under_way_and_nobody_trades_after_it_until_the_switch_is_off(theatre):
    stage = holding(theatre, SLOW)
    rounds = stage.state.round
    stage.control("kill", "a person", flatten=True)
    stage.calm(6)
    assert stage.state.round == rounds
    stage.control("unkill", "a person")
    assert stage.state.emergency is None
    stage.say("ann", replace(LONG, reason="again"))
    stage.calm()
    stage.say("ann")
    stage.calm(2)
    assert stage.lots() == 99  # a hundredth less: the fees of the first time


def test_unkill_calls_off_one_that_began_while_killed_and_guards_what_is_left(theatre):
    stage = holding(theatre)
    stage.control("kill", "a person", flatten=False)
    stage.control("kill", "a person", flatten=True)
    stage.control("unkill", "a person")
    assert stage.state.emergency is None
    moves = [each.after for each in stage.events(OrderMoved)]
    assert moves.count(OrderStatus.HELD) == 0
    stage.calm(2)
    assert stage.lots() == 0 or {each.purpose for each in stage.agent().working.values()} == {
        "stop",
        "target",
    }
