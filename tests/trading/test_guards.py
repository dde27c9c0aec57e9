"""The stop and target that guard a position."""

import pytest

from cockpit.domain.accounts import Position
from cockpit.domain.decisions import Target
from cockpit.domain.orders import OrderKind, OrderPurpose, OrderStatus
from cockpit.trading.guards import guard_change
from cockpit.trading.order_style import OrderStyle
from tests.trading.arena_facts import BTC, START_MS, order, usd

STOP, TARGET = OrderPurpose.STOP, OrderPurpose.TARGET
STYLE = OrderStyle()
KINDS = {STOP: OrderKind.STOP_MARKET, TARGET: OrderKind.TAKE_PROFIT}


def held(lots):
    return Position(
        symbol=BTC.symbol,
        signed_lots=lots,
        cost=usd(50 * lots),
        opened_ms=START_MS,
        entry_lots=abs(lots),
        decision_id=4,
        order_id=9,
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
        **({"status": OrderStatus.ACCEPTED} | changes),
    )


def change(position, target, *working, style=STYLE, mark=50_000.0):
    result = guard_change("ann", position, target, working, BTC, mark, style)
    cancel = [each.order_id for each in result.cancel]
    amend = [(each.order.order_id, each.signed_lots, each.trigger_price) for each in result.amend]
    create = [(each.purpose, each.signed_lots, each.trigger_price) for each in result.create]
    return cancel, amend, create


BOTH = [guard(1, STOP, -100, 49_000.0), guard(2, TARGET, -100, 52_000.0)]

# fmt: off
TABLE = [
    ("a new position gets its stop and target",
     held(100), wants(1.0, 49_000.0, 52_000.0), [],
     [], [], [(STOP, -100, 49_000.0), (TARGET, -100, 52_000.0)]),
    ("a short is guarded by purchases",
     held(-100), wants(-0.5, 51_000.0, 48_000.0), [],
     [], [], [(STOP, 100, 51_000.0), (TARGET, 100, 48_000.0)]),
    ("a stop alone",
     held(100), wants(1.0, stop=49_000.0), [],
     [], [], [(STOP, -100, 49_000.0)]),
    ("a target alone",
     held(100), wants(1.0, take_profit=52_000.0), [],
     [], [], [(TARGET, -100, 52_000.0)]),
    ("nothing asked for, nothing made",
     held(100), wants(1.0), [],
     [], [], []),
    ("what is as it should be is left alone",
     held(100), wants(1.0, 49_000.0, 52_000.0), BOTH,
     [], [], []),
    ("a resized position has its guards amended to its new size",
     held(150), wants(1.0, 49_000.0), [guard(1, STOP, -100, 49_000.0)],
     [], [(1, -150, 49_000.0)], []),
    ("a stop that moved is amended, the target stays",
     held(100), wants(1.0, 49_500.0, 52_000.0), BOTH,
     [], [(1, -100, 49_500.0)], []),
    ("a stop no longer asked for is taken back",
     held(100), wants(1.0, take_profit=52_000.0), BOTH,
     [1], [], []),
    ("a position that is gone leaves no order behind",
     None, wants(1.0, 49_000.0), [guard(1, STOP, -100, 49_000.0)],
     [1], [], []),
    ("a flipped position sheds the orders of its other side",
     held(-50), wants(-0.5, 51_000.0), [guard(1, STOP, -100, 49_000.0)],
     [1], [], [(STOP, 50, 51_000.0)]),
    ("while an agent wants the other way, the position keeps its guards until it is gone",
     held(100), wants(-1.0, 51_000.0, 48_000.0), [guard(1, STOP, -100, 49_000.0)],
     [], [], []),
    ("while an agent wants out, the position keeps its guards, resized with it",
     held(60), wants(0.0), [guard(1, STOP, -100, 49_000.0)],
     [], [(1, -60, 49_000.0)], []),
    ("an agent that wants out asks for no new guards",
     held(100), wants(0.0, 49_000.0), [],
     [], [], []),
    ("an agent that never spoke guards nothing",
     held(100), None, [],
     [], [], []),
    ("a second order like the first is one too many",
     held(100), wants(1.0, 49_000.0), [guard(1, STOP, -100, 49_000.0), guard(2, STOP, -100, 49_000.0)],
     [2], [], []),
    ("a stop filled in part guards what is open of it",
     held(60), wants(1.0, 49_000.0), [guard(1, STOP, -100, 49_000.0, filled_lots=-40)],
     [], [], []),
]
# fmt: on


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_protective_orders_follow_the_position_and_the_agent_s_last_word(row):
    _, position, target, working, cancel, amend, create = row
    assert change(position, target, *working) == (cancel, amend, create)


def test_a_trigger_is_on_a_tick_so_that_asking_again_changes_nothing():
    _, _, create = change(held(100), wants(1.0, 49_000.26))
    assert create == [(STOP, -100, 49_000.5)]
    assert change(held(100), wants(1.0, 49_000.26), guard(1, STOP, -100, 49_000.5)) == ([], [], [])


def test_protective_orders_reduce_only_and_remember_the_decision_that_opened_the_position():
    result = guard_change("ann", held(100), wants(1.0, 49_000.0, 52_000.0), (), BTC, 50_000.0, STYLE)
    for intent in result.create:
        assert intent.reduce_only
        assert intent.kind is KINDS[intent.purpose]
        assert (intent.agent, intent.symbol) == ("ann", BTC.symbol)
        assert (intent.decision_id, intent.parent_id) == (4, 9)


# --- Styles of stops

TRAILING = OrderStyle(stop=OrderKind.TRAILING_STOP)


def the_stop(style, lots=100, stop=49_000.0):
    (intent,) = guard_change("ann", held(lots), wants(lots / 100, stop), (), BTC, 50_000.0, style).create
    return intent


def test_a_stop_limit_may_fill_so_far_past_its_trigger_and_no_further():
    style = OrderStyle(stop=OrderKind.STOP_LIMIT, stop_slack_fraction=0.01)
    assert (the_stop(style).trigger_price, the_stop(style).limit_price) == (49_000.0, 48_510.0)
    assert the_stop(style, -100, 51_000.0).limit_price == 51_510.0


@pytest.mark.parametrize(("trail_fraction", "distance"), [(None, 1_000.0), (0.005, 250.0)])
def test_a_trailing_stop_keeps_the_distance_it_began_with_unless_told_another(trail_fraction, distance):
    style = OrderStyle(stop=OrderKind.TRAILING_STOP, trail_fraction=trail_fraction)
    assert (the_stop(style).trigger_price, the_stop(style).trail_distance) == (49_000.0, distance)


def trailing(trigger, lots=-100, **changes):
    given = {"trigger_price": trigger, "trail_distance": 1_000.0, "kind": OrderKind.TRAILING_STOP}
    changes = {"status": OrderStatus.ACCEPTED, "reduce_only": True, "purpose": STOP} | changes
    return order(1, "ann", BTC, lots, **(given | changes))


@pytest.mark.parametrize(
    ("said", "trigger"), [(49_000.0, 49_800.0), (49_900.0, 49_900.0)], ids=["looser", "tighter"]
)
def test_a_trailing_stop_that_followed_the_price_is_never_loosened(said, trigger):
    working = trailing(49_800.0)
    result = change(held(100), wants(1.0, said), working, style=TRAILING)
    assert result == ([], [] if trigger == 49_800.0 else [(1, -100, trigger)], [])


def test_a_stop_of_another_kind_takes_the_place_of_the_one_at_work():
    result = change(held(100), wants(1.0, 49_000.0), guard(7, STOP, -100, 49_000.0), style=TRAILING)
    assert result == ([7], [], [(STOP, -100, 49_000.0)])


def test_a_stop_that_has_woken_is_resized_and_keeps_its_prices():
    woken = guard(1, STOP, -100, 49_000.0, filled_lots=-30, status=OrderStatus.PARTIALLY_FILLED)
    assert change(held(50), wants(1.0, 48_000.0), woken) == ([], [(1, -80, 49_000.0)], [])
