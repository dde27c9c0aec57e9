"""The rules no order gets around, not even one that only reduces."""

import pytest

from cockpit.domain.events import ARENA, EmergencyStage, TradingMode
from cockpit.domain.orders import OrderKind, OrderPurpose, OrderStatus
from tests.trading.arena_facts import BTC, ETH
from tests.trading.risk_facts import WIDE, ask, denied, limit, rule, stop, trip, verdict

WAYS_OUT = (OrderPurpose.FLATTEN, OrderPurpose.LIQUIDATION)


@pytest.fixture
def long(past):
    """Ann holds 100 lots of BTC."""
    return past.trade("ann", BTC, 100, 50_000.0)


def out(lots=-100, purpose=OrderPurpose.FLATTEN, **changes):
    return ask(lots, reduce_only=True, purpose=purpose, **changes)


# --- Closed accounts


def test_a_closed_account_trades_no_more(long):
    long.state.agents["ann"].closed = "it lost all it had"
    assert verdict(long, ask(10)) == denied("account_closed", "the account is closed: it lost all it had")
    assert rule(long, ask(-100, reduce_only=True)) == "account_closed"
    assert rule(long, stop(-100, 49_000.0)) == "account_closed"
    assert rule(long, ask(10, agent="bob")) is None


@pytest.mark.parametrize("purpose", WAYS_OUT)
def test_what_a_closed_account_still_holds_can_be_got_rid_of(long, purpose):
    long.state.agents["ann"].closed = "it lost all it had"
    assert rule(long, out(purpose=purpose)) is None
    assert rule(long, ask(-100, purpose=purpose)) == "account_closed"


# --- Ticks


@pytest.mark.parametrize(
    ("listed", "price", "words"),
    [
        (BTC, 50_000.5, None),
        (BTC, 50_000, None),
        (BTC, 50_000.25, "limit price 50000.25 is not on the tick of 0.5; the nearest is 50,000"),
        (ETH, 2_000.01, None),
        (ETH, 2_000.015, "limit price 2000.015 is not on the tick of 0.01; the nearest is 2,000.02"),
        (
            ETH,
            2_000.0100000001,
            "limit price 2000.0100000001 is not on the tick of 0.01; the nearest is 2,000.01",
        ),
    ],
)
def test_prices_are_whole_ticks(past, listed, price, words):
    refused = verdict(past, limit(10, price, listed), WIDE)
    assert refused == (None if words is None else denied("tick", words))


def test_triggers_are_whole_ticks_of_guards_too(long):
    assert rule(long, stop(-100, 49_000.5)) is None
    assert rule(long, stop(-100, 49_000.7)) == "tick"
    assert rule(long, stop(-100, 49_000.5, kind=OrderKind.STOP_LIMIT, limit_price=48_999.9)) == "tick"


# --- The truth of reduce-only


def test_two_reduce_only_orders_can_not_flip_a_position_together(long):
    long.work("ann", BTC, -60, reduce_only=True)
    assert rule(long, ask(-40, reduce_only=True)) is None
    assert verdict(long, ask(-41, reduce_only=True)) == denied(
        "reduce_only",
        "reduce-only -41 lots against a position of +100, of which 60 are being closed already",
        41,
        40,
    )


def test_only_what_is_left_of_an_order_counts_against_another(long):
    order_id = long.work("ann", BTC, -60, reduce_only=True)
    long.fill(order_id, 50_000.0, lots=-30, fee=0)
    assert rule(long, ask(-40, reduce_only=True)) is None  # 70 held, 30 of them being closed
    assert rule(long, ask(-41, reduce_only=True)) == "reduce_only"


def test_guards_stand_for_the_whole_position_beside_other_orders(long):
    long.work("ann", BTC, -100, reduce_only=True, purpose=OrderPurpose.STOP)
    assert rule(long, ask(-100, reduce_only=True)) is None
    long.work("ann", BTC, -60, reduce_only=True)
    assert rule(long, stop(-100, 49_000.0)) is None
    assert rule(long, stop(-101, 49_000.0)) == "reduce_only"


def test_orders_on_other_symbols_or_being_cancelled_close_nothing(long):
    long.trade("ann", ETH, 100, 2_000.0)
    long.work("ann", ETH, -100, reduce_only=True)
    assert rule(long, ask(-100, reduce_only=True)) is None
    order_id = long.work("ann", BTC, -100, reduce_only=True)
    assert rule(long, ask(-100, reduce_only=True)) == "reduce_only"
    long.move(order_id, OrderStatus.PENDING_CANCEL, cancel_ms=long.now_ms)
    assert rule(long, ask(-100, reduce_only=True)) is None


def test_a_way_out_gives_way_to_another_way_out_alone(long):
    long.work("ann", BTC, -100, reduce_only=True)
    assert rule(long, out()) is None
    long.work("ann", BTC, -100, reduce_only=True, purpose=OrderPurpose.FLATTEN)
    assert rule(long, out()) == "reduce_only"


# --- Trading mode

# fmt: off
MODES = [
    # a person says          an emergency stop is    what passes: entry  reducing  flattening  liquidation
    (TradingMode.ACTIVE,     None,                                True,  True,     True,       True),
    (TradingMode.REDUCING,   None,                                False, True,     True,       True),
    (TradingMode.HALTED,     None,                                False, False,    False,      True),
    (TradingMode.ACTIVE,     EmergencyStage.CANCELING,            False, True,     True,       True),
    (TradingMode.ACTIVE,     EmergencyStage.FLATTENING,           False, True,     True,       True),
    (TradingMode.HALTED,     EmergencyStage.FLATTENING,           False, False,    True,       True),
]
# fmt: on


@pytest.mark.parametrize(("mode", "stage", "entry", "reducing", "flattening", "liquidation"), MODES)
def test_what_may_go_out_in_each_mode(long, mode, stage, entry, reducing, flattening, liquidation):
    long.state.mode, long.state.emergency = mode, stage
    asked = {
        ask(10): entry,
        ask(-50): entry,  # not flagged: nothing keeps it from opening a position after a guard has filled
        ask(-50, reduce_only=True): reducing,
        stop(-100, 49_000.0): reducing,
        out(): flattening,
        ask(-100, purpose=OrderPurpose.FLATTEN): entry,
        out(purpose=OrderPurpose.LIQUIDATION): liquidation,
    }
    assert {intent: rule(long, intent) for intent in asked} == {
        intent: None if passes else "trading_mode" for intent, passes in asked.items()
    }


def test_the_mode_says_why(long):
    long.state.mode = TradingMode.REDUCING
    words = "exposure may only fall: only reduce-only orders pass"
    assert verdict(long, ask(10)) == denied("trading_mode", words)
    long.state.mode = TradingMode.HALTED
    assert verdict(long, ask(10)) == denied("trading_mode", "trading is halted: nothing goes out")
    long.state.mode, long.state.emergency = TradingMode.ACTIVE, EmergencyStage.FLATTENING
    words = "an emergency stop is under way: only reduce-only orders pass"
    assert verdict(long, ask(10)) == denied("trading_mode", words)


def test_a_halt_by_a_person_outranks_a_breaker(long):
    trip(long, ARENA)
    assert rule(long, ask(-100, reduce_only=True)) is None
    long.state.mode = TradingMode.HALTED
    assert rule(long, ask(-100, reduce_only=True)) == "trading_mode"
