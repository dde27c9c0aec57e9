"""The stop and target that guard a position."""

import pytest

from cockpit.domain.accounts import Position
from cockpit.domain.decisions import Target
from cockpit.domain.orders import OrderKind, OrderPurpose, OrderStatus
from cockpit.trading.guards import guard_change
from tests.trading.arena_facts import BTC, START_MS, order, usd

STOP, TARGET = OrderPurpose.STOP, OrderPurpose.TARGET
KINDS = {STOP: OrderKind.STOP_MARKET, TARGET: OrderKind.TAKE_PROFIT}


def held(lots):
    return Position(
        symbol=BTC.symbol,
        signed_lots=lots,
        cost=usd(50 * lots),
        opened_ms=START_MS,
        entry_lots=abs(lots),
        decision_id=4,
    )


def wants(exposure, stop=None, take_profit=None):
    return Target(symbol=BTC.symbol, exposure=exposure, stop=stop, take_profit=take_profit)


def guard(order_id, purpose, lots, trigger, **changes):
    return order(
        order_id,
        "ann",
        BTC,
        lots,
        kind=KINDS[purpose],
        purpose=purpose,
        trigger_price=trigger,
        reduce_only=True,
        status=OrderStatus.ACCEPTED,
        **changes,
    )


def change(position, target, *working):
    result = guard_change("ann", position, target, working, BTC)
    cancel = [each.order_id for each in result.cancel]
    create = [(each.purpose, each.signed_lots, each.trigger_price) for each in result.create]
    return cancel, create


BOTH = [guard(1, STOP, -100, 49_000.0), guard(2, TARGET, -100, 52_000.0)]

# fmt: off
TABLE = [
    ("a new position gets its stop and target",
     held(100), wants(1.0, 49_000.0, 52_000.0), [],
     [], [(STOP, -100, 49_000.0), (TARGET, -100, 52_000.0)]),
    ("a short is guarded by purchases",
     held(-100), wants(-0.5, 51_000.0, 48_000.0), [],
     [], [(STOP, 100, 51_000.0), (TARGET, 100, 48_000.0)]),
    ("a stop alone",
     held(100), wants(1.0, stop=49_000.0), [],
     [], [(STOP, -100, 49_000.0)]),
    ("a target alone",
     held(100), wants(1.0, take_profit=52_000.0), [],
     [], [(TARGET, -100, 52_000.0)]),
    ("nothing asked for, nothing made",
     held(100), wants(1.0), [],
     [], []),
    ("what is as it should be is left alone",
     held(100), wants(1.0, 49_000.0, 52_000.0), BOTH,
     [], []),
    ("a resized position gets orders of its new size",
     held(150), wants(1.0, 49_000.0), [guard(1, STOP, -100, 49_000.0)],
     [1], [(STOP, -150, 49_000.0)]),
    ("a stop that moved is replaced, the target stays",
     held(100), wants(1.0, 49_500.0, 52_000.0), BOTH,
     [1], [(STOP, -100, 49_500.0)]),
    ("a stop no longer asked for is taken back",
     held(100), wants(1.0, take_profit=52_000.0), BOTH,
     [1], []),
    ("a position that is gone leaves no order behind",
     None, wants(1.0, 49_000.0), [guard(1, STOP, -100, 49_000.0)],
     [1], []),
    ("a flipped position sheds the orders of its other side",
     held(-50), wants(-0.5, 51_000.0), [guard(1, STOP, -100, 49_000.0)],
     [1], [(STOP, 50, 51_000.0)]),
    ("while an agent wants the other way, the position keeps its guards until it is gone",
     held(100), wants(-1.0, 51_000.0, 48_000.0), [guard(1, STOP, -100, 49_000.0)],
     [], []),
    ("while an agent wants out, the position keeps its guards, resized with it",
     held(60), wants(0.0), [guard(1, STOP, -100, 49_000.0)],
     [1], [(STOP, -60, 49_000.0)]),
    ("an agent that wants out asks for no new guards",
     held(100), wants(0.0, 49_000.0), [],
     [], []),
    ("an agent that never spoke guards nothing",
     held(100), None, [],
     [], []),
    ("a second order like the first is one too many",
     held(100), wants(1.0, 49_000.0), [guard(1, STOP, -100, 49_000.0), guard(2, STOP, -100, 49_000.0)],
     [2], []),
    ("a stop filled in part guards what is open of it",
     held(60), wants(1.0, 49_000.0), [guard(1, STOP, -100, 49_000.0, filled_lots=-40)],
     [], []),
]
# fmt: on


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_protective_orders_follow_the_position_and_the_agent_s_last_word(row):
    _, position, target, working, cancel, create = row
    assert change(position, target, *working) == (cancel, create)


def test_a_trigger_is_on_a_tick_so_that_asking_again_changes_nothing():
    _, create = change(held(100), wants(1.0, 49_000.26))
    assert create == [(STOP, -100, 49_000.5)]
    assert change(held(100), wants(1.0, 49_000.26), guard(1, STOP, -100, 49_000.5)) == ([], [])


def test_protective_orders_reduce_only_and_remember_the_decision_that_opened_the_position():
    result = guard_change("ann", held(100), wants(1.0, 49_000.0, 52_000.0), (), BTC)
    for intent in result.create:
        assert intent.reduce_only
        assert intent.kind is KINDS[intent.purpose]
        assert (intent.agent, intent.symbol, intent.decision_id) == ("ann", BTC.symbol, 4)
