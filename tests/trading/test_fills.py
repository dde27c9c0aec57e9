"""At what price an order fills inside one bar."""

from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.trading.fills import slipped_price, stop_price, target_price

BUY, SELL = 1, -1

# fmt: off
STOPS = [
    # side, trigger   open   high   low    fills at
    (SELL, 95.0,     100.0, 101.0, 96.0,  nan,   "the bar stays above"),
    (SELL, 95.0,     100.0, 101.0, 95.0,  95.0,  "the low touches the trigger"),
    (SELL, 95.0,     100.0, 101.0, 90.0,  95.0,  "the bar passes the trigger"),
    (SELL, 95.0,     95.0,  96.0,  94.0,  95.0,  "the bar opens on the trigger"),
    (SELL, 95.0,     93.0,  97.0,  92.0,  93.0,  "a gap fills at the open, not at the trigger"),
    (BUY,  105.0,    100.0, 104.0, 99.0,  nan,   "the bar stays below"),
    (BUY,  105.0,    100.0, 105.0, 99.0,  105.0, "the high touches the trigger"),
    (BUY,  105.0,    100.0, 110.0, 99.0,  105.0, "the bar passes the trigger, upwards"),
    (BUY,  105.0,    105.0, 106.0, 99.0,  105.0, "the bar opens on the trigger of a short"),
    (BUY,  105.0,    107.0, 108.0, 103.0, 107.0, "a gap against a short fills at the open"),
]
TARGETS = [
    (SELL, 105.0,    100.0, 104.0, 99.0,  nan,   "the bar stays below"),
    (SELL, 105.0,    100.0, 105.0, 99.0,  105.0, "the high touches the target"),
    (SELL, 105.0,    100.0, 110.0, 99.0,  105.0, "no more than the target inside a bar"),
    (SELL, 105.0,    107.0, 108.0, 103.0, 107.0, "a gap in favour fills at the open"),
    (BUY,  95.0,     100.0, 101.0, 96.0,  nan,   "the bar stays above"),
    (BUY,  95.0,     100.0, 101.0, 95.0,  95.0,  "the low touches the target"),
    (BUY,  95.0,     100.0, 101.0, 90.0,  95.0,  "no more than the target of a short"),
    (BUY,  95.0,     93.0,  97.0,  92.0,  93.0,  "a gap in favour of a short fills at the open"),
]
# fmt: on


def same(price, expected):
    return isnan(price) if isnan(expected) else price == expected


@pytest.mark.parametrize("row", STOPS, ids=[row[-1] for row in STOPS])
def test_a_stop_fills_at_its_trigger_or_worse(row):
    *bar, expected, _ = row
    assert same(stop_price(*bar), expected)


@pytest.mark.parametrize("row", TARGETS, ids=[row[-1] for row in TARGETS])
def test_a_target_fills_at_its_trigger_or_better(row):
    *bar, expected, _ = row
    assert same(target_price(*bar), expected)


@pytest.mark.parametrize(
    ("lots", "slippage", "paid"), [(1, 0.01, 101.0), (-1, 0.01, 99.0), (5, 0.0, 100.0), (-5, 0.0, 100.0)]
)
def test_slippage_raises_what_a_buyer_pays_and_lowers_what_a_seller_gets(lots, slippage, paid):
    assert slipped_price(100.0, lots, slippage) == paid


BARS = st.tuples(*[st.floats(1.0, 1000.0)] * 3).map(lambda prices: (prices[0], max(prices), min(prices)))


@given(st.sampled_from([BUY, SELL]), st.floats(1.0, 1000.0), BARS)
def test_an_order_never_fills_outside_its_bar(side, trigger, bar):
    _, high, low = bar
    for touch in (stop_price, target_price):
        price = touch(side, trigger, *bar)
        assert isnan(price) or low <= price <= high


@given(st.sampled_from([BUY, SELL]), st.floats(1.0, 1000.0), BARS)
def test_a_stop_is_never_better_than_its_trigger_and_a_target_never_worse(side, trigger, bar):
    stop, target = stop_price(side, trigger, *bar), target_price(side, trigger, *bar)
    assert isnan(stop) or (stop - trigger) * side >= 0
    assert isnan(target) or (target - trigger) * side <= 0


@given(st.floats(1e-6, 1e6), st.sampled_from([BUY, SELL]), st.floats(0.0, 0.1))
def test_slippage_always_costs(price, side, slippage):
    assert (slipped_price(price, side, slippage) - price) * side >= 0
