"""How much an order may ask for, and at which price: what just passes each limit, and what just doesn't."""

from dataclasses import replace

import pytest

from cockpit.domain.orders import OrderKind, OrderPurpose
from tests.trading.arena_facts import BTC, DOGE, ETH, Past, instrument, usd
from tests.trading.risk_facts import WIDE, ask, denied, limit, rule, stop, verdict

# One lot of BTC is worth $50, one of ETH $20. Ann and bob have $10,000 each.


def narrow(**limits):
    return replace(WIDE, **limits)


# --- Price collar


@pytest.mark.parametrize(
    ("price", "passes"),
    [(55_000.0, True), (55_000.5, False), (45_000.0, True), (44_999.5, False), (5_000.0, False)],
)
def test_limits_and_triggers_stay_near_the_mark(past, price, passes):
    limits, expected = narrow(max_price_deviation=0.10), None if passes else "price_collar"
    assert rule(past, limit(10, price), limits) == expected
    assert rule(past, limit(-10, price), limits) == expected
    entry = ask(10, kind=OrderKind.STOP_MARKET, trigger_price=price)
    assert rule(past, entry, limits) == expected
    both = ask(10, kind=OrderKind.STOP_LIMIT, trigger_price=50_000.0, limit_price=price)
    assert rule(past, both, limits) == expected


def test_a_price_off_the_collar_tells_its_figures(past):
    refused = verdict(past, limit(10, 5_000.0), narrow(max_price_deviation=0.10))
    words = "limit price 5,000.00 is 90.00% off the mark of 50,000, over 10.00%"
    assert refused == denied("price_collar", words, 0.9, 0.10)
    trigger = ask(10, kind=OrderKind.TAKE_PROFIT, trigger_price=60_000.0)
    words = "trigger price 60,000 is 20.00% off the mark of 50,000, over 10.00%"
    assert verdict(past, trigger, narrow(max_price_deviation=0.10)) == denied("price_collar", words, 0.2, 0.1)


def test_a_guard_may_stand_far_from_the_mark(past):
    past.trade("ann", BTC, 100, 50_000.0)
    assert rule(past, stop(-100, 30_000.0), narrow(max_price_deviation=0.10)) is None


# --- Notional of one order


@pytest.mark.parametrize(
    ("price", "lots", "expected"),
    [
        (40_000.0, 400, None),  # $16,000 at its price, $20,000 at the mark
        (40_000.0, 401, "order_notional"),
        (60_000.0, 333, None),  # $19,980 at its price
        (60_000.0, 334, "order_notional"),
    ],
)
def test_an_order_counts_at_its_price_or_the_mark_whichever_is_higher(past, price, lots, expected):
    limits = narrow(max_order_notional=usd(20_000))
    assert rule(past, limit(lots, price), limits) == expected
    assert rule(past, limit(-lots, price), limits) == expected


def test_the_least_notional_goes_by_the_price_an_order_names(past):
    past.mark(50_000.0, 1_000.0)
    assert rule(past, limit(1, 1_000.0, ETH)) is None  # $10.00
    assert rule(past, limit(1, 999.99, ETH)) == "min_notional"


# --- Notional of a position


@pytest.mark.parametrize(
    ("held", "working", "lots", "passes"),
    [
        (300, 0, 100, True),
        (300, 0, 101, False),
        (210, 90, 100, True),
        (210, 90, 101, False),
        (-300, 0, -100, True),
        (-300, 0, -101, False),
        (-200, -100, -101, False),
        (300, -200, 100, True),  # orders of the other side may not fill, and don't make room
        (300, -200, 101, False),
        (300, 0, -700, True),  # a flip to 400 short
        (300, 0, -701, False),
    ],
)
def test_a_position_is_worth_no_more_than_its_limit_with_what_works_on_its_side(
    past, held, working, lots, passes
):
    past.trade("ann", BTC, held, 50_000.0)
    if working:
        past.work("ann", BTC, working)
    limits = narrow(max_position_notional=usd(20_000))
    assert rule(past, ask(lots), limits) == (None if passes else "position_notional")


def test_a_position_over_its_limit_tells_its_figures(past):
    past.trade("ann", BTC, 300, 50_000.0)
    refused = verdict(past, ask(101), narrow(max_position_notional=usd(20_000)))
    words = "a position of $20,050.00 would be over $20,000.00"
    assert refused == denied("position_notional", words, usd(20_050), usd(20_000))


# --- Leverage, margin and concentration


def test_the_refusal_names_the_multiple_of_equity(past):
    past.trade("ann", BTC, 200, 50_000.0)
    refused = verdict(past, ask(251, ETH), narrow(max_gross_leverage=1.5))
    words = "gross notional $15,020.00 would be over $15,000.00"
    assert refused == denied("gross_leverage", words, 1.502, 1.5)


def test_without_equity_there_is_no_multiple(past):
    past.trade("ann", BTC, 400, 50_000.0).mark(24_000.0, 2_000.0)
    refused = verdict(past, ask(10, ETH), WIDE)
    words = "gross notional $9,800.00 would be over −$40,000.00"
    assert refused == denied("gross_leverage", words, None, 100.0)


@pytest.mark.parametrize(("lots", "passes"), [(300, True), (301, False), (-300, True), (-301, False)])
def test_no_symbol_takes_more_than_its_share_of_equity(past, lots, passes):
    past.trade("ann", ETH, 400, 2_000.0)
    limits = narrow(max_concentration=1.5)
    assert rule(past, ask(lots), limits) == (None if passes else "concentration")
    if not passes:
        words = "exposure to one symbol of $15,050.00 would be over $15,000.00"
        assert verdict(past, ask(lots), limits) == denied("concentration", words, 1.505, 1.5)


def test_margin_is_free_until_positions_and_working_orders_have_used_it_up(past):
    limits = narrow(leverage=2.0, max_margin_use=0.5)
    past.trade("ann", BTC, 100, 50_000.0)  # $5,000 exposure, $2,500 margin
    past.work("ann", ETH, 100)  # $2,000, $1,000
    assert rule(past, ask(60), limits) is None  # $3,000, $1,500: $5,000 of $10,000
    words = "initial margin $5,025.00 would be over $5,000.00"
    assert verdict(past, ask(61), limits) == denied("free_margin", words, 0.5025, 0.5)


def test_an_instrument_may_lend_less_than_the_agent_may_use():
    past = Past.begun(instruments=(BTC, instrument("ETH", 0.01, 0.01, max_leverage=2.0)))
    limits = narrow(leverage=10.0, max_margin_use=0.5)
    assert rule(past, ask(1_000), limits) is None  # $50,000 / 10
    assert rule(past, ask(1_001), limits) == "free_margin"
    assert rule(past, ask(500, ETH), limits) is None  # $10,000 / 2
    assert rule(past, ask(501, ETH), limits) == "free_margin"


# --- Gross and net exposure


def test_gross_exposure_adds_longs_and_shorts(past):
    past.trade("ann", BTC, 100, 50_000.0)
    limits = narrow(max_gross_exposure=usd(10_000))
    assert rule(past, ask(-250, ETH), limits) is None
    words = "gross exposure $10,020.00 would be over $10,000.00"
    assert verdict(past, ask(-251, ETH), limits) == denied("gross_exposure", words, usd(10_020), usd(10_000))


def test_net_exposure_lets_longs_and_shorts_cancel_out(past):
    past.trade("ann", BTC, 100, 50_000.0)
    limits = narrow(max_net_exposure=usd(5_000))
    assert rule(past, ask(-500, ETH), limits) is None  # $5,000 net short
    words = "net short exposure $5,020.00 would be over $5,000.00"
    assert verdict(past, ask(-501, ETH), limits) == denied("net_exposure", words, usd(5_020), usd(5_000))
    words = "net long exposure $5,020.00 would be over $5,000.00"
    assert verdict(past, ask(1, ETH), limits) == denied("net_exposure", words, usd(5_020), usd(5_000))


def test_net_exposure_counts_working_orders_of_the_same_side_alone(past):
    limits = narrow(max_net_exposure=usd(5_000))
    past.work("ann", BTC, -100)
    assert rule(past, ask(100), limits) is None
    past.work("ann", ETH, 10)
    assert rule(past, ask(100), limits) == "net_exposure"
    assert rule(past, ask(-1), limits) == "net_exposure"


# --- All agents together


def test_all_agents_together_stay_under_the_arenas_gross_leverage(past):
    past.trade("bob", BTC, 200, 50_000.0)
    past.work("bob", ETH, -250)
    limits = narrow(max_arena_gross_leverage=1.0)  # $20,000 of equity
    assert rule(past, ask(100), limits) is None  # $10,000 + $5,000 + $5,000
    words = "all agents' gross notional $20,050.00 would be over $20,000.00"
    assert verdict(past, ask(101), limits) == denied("arena_gross_leverage", words, 1.0025, 1.0)


def test_all_agents_together_stay_under_the_arenas_net_leverage(past):
    past.trade("bob", BTC, 200, 50_000.0)
    limits = narrow(max_arena_net_leverage=0.75)
    assert rule(past, ask(100), limits) is None
    words = "all agents' net long notional $15,050.00 would be over $15,000.00"
    assert verdict(past, ask(101), limits) == denied("arena_net_leverage", words, 0.7525, 0.75)
    assert rule(past, ask(-500), limits) is None  # $15,000 net short
    words = "all agents' net short notional $15,050.00 would be over $15,000.00"
    assert verdict(past, ask(-501), limits) == denied("arena_net_leverage", words, 0.7525, 0.75)


# --- What takes exposure away

TIGHT = replace(
    WIDE,
    max_position_notional=1,
    max_gross_leverage=1e-9,
    max_margin_use=1e-9,
    max_concentration=1e-9,
    max_gross_exposure=1,
    max_arena_gross_leverage=1e-9,
)


def test_an_order_that_leaves_less_exposure_passes_limits_that_are_exceeded(past):
    past.trade("ann", BTC, 100, 50_000.0)
    assert rule(past, ask(-100), TIGHT) is None
    assert rule(past, ask(-200), TIGHT) is None  # a flip of the same size
    assert rule(past, ask(-201), TIGHT) == "position_notional"
    assert rule(past, ask(1), TIGHT) == "position_notional"


@pytest.mark.parametrize("purpose", [OrderPurpose.REBALANCE, OrderPurpose.FLATTEN, OrderPurpose.TARGET])
def test_reduce_only_orders_pass_whatever_the_limits(past, purpose):
    past.trade("ann", BTC, 100, 50_000.0).mark(1_000.0, None)
    nothing = replace(TIGHT, max_order_notional=1, max_net_exposure=1, max_arena_net_leverage=1e-9)
    assert rule(past, ask(-100, reduce_only=True, purpose=purpose), nothing) is None
    assert rule(past, ask(-1, reduce_only=True, purpose=purpose), nothing) is None


def test_an_unknown_symbol_never_gets_as_far_as_sizes(past):
    assert rule(past, ask(1, DOGE)) == "well_formed"
