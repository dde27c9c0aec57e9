"""The ledger's kernels give the same bits compiled: the lab counts as the live bot does."""

from itertools import starmap

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cockpit.lab.compiler import compile_function
from cockpit.trading.accounting import (
    cost_share_micros,
    fee_micros,
    fill_position,
    funding_micros,
    notional_micros,
)

LOTS = st.integers(-(10**9), 10**9)
LOT_SIZES = st.sampled_from([1.0, 0.1, 0.01, 0.001, 0.00001, 1000.0])
PRICES = st.floats(1e-8, 1e6)
MONEY = st.integers(-(2**53) + 1, 2**53 - 1)
RATES = st.floats(-0.01, 0.01)


@pytest.fixture(scope="module")
def compiled():
    kernels = (notional_micros, cost_share_micros, fill_position, fee_micros, funding_micros)
    return {kernel: compile_function(kernel) for kernel in kernels}


def counted(lots, lot_size, price):
    """Whether the ledger takes the size at all: 64-bit integers hold no more than it does."""
    return abs(lots * lot_size * price * 1_000_000) < 2**53


@settings(max_examples=100)
@given(data=st.data())
def test_a_compiled_notional_has_the_same_bits(compiled, data):
    lots, lot_size, price = (data.draw(each) for each in (LOTS, LOT_SIZES, PRICES))
    if counted(lots, lot_size, price):
        plain = notional_micros(lots, lot_size, price)
        assert compiled[notional_micros](lots, lot_size, price) == plain


@settings(max_examples=100)
@given(cost=MONEY, one=st.integers(1, 2**40), other=st.integers(1, 2**40))
@example(cost=2**53 - 1, one=3, other=10**9 + 7)
@example(cost=9_000_000_000_000, one=5_000_000, other=7_000_001)  # its product passes 2^63
@example(cost=9_007_199_254_740_991, one=3, other=5)  # its product has no exact float64
@example(cost=5, one=1, other=2)  # half to even
def test_a_compiled_share_of_the_cost_has_the_same_bits(compiled, cost, one, other):
    closed, held = sorted((one, other))
    assert compiled[cost_share_micros](cost, closed, held) == cost_share_micros(cost, closed, held)


@settings(max_examples=100)
@given(notional=MONEY, rate=RATES)
def test_a_compiled_fee_has_the_same_bits(compiled, notional, rate):
    assert compiled[fee_micros](notional, rate) == fee_micros(notional, rate)


@settings(max_examples=100)
@given(lots=LOTS, lot_size=LOT_SIZES, price=PRICES, rate=RATES)
def test_compiled_funding_has_the_same_bits(compiled, lots, lot_size, price, rate):
    if counted(lots, lot_size, price):
        plain = funding_micros(lots, lot_size, price, rate)
        assert compiled[funding_micros](lots, lot_size, price, rate) == plain


@settings(max_examples=100)
@given(
    lot_size=LOT_SIZES,
    fills=st.lists(st.tuples(st.integers(-(10**6), 10**6).filter(bool), PRICES), min_size=1, max_size=30),
)
def test_a_compiled_position_goes_through_the_same_states(compiled, lot_size, fills):
    plain = fast = (0, 0, 0, 0)
    for lots, price in fills:
        if not counted(lots, lot_size, price) or abs(plain[1]) > 2**52:
            continue
        plain = fill_position(plain[0], plain[1], lots, lot_size, price)
        fast = compiled[fill_position](fast[0], fast[1], lots, lot_size, price)
        assert fast == plain


@pytest.mark.parametrize("lots", [1, 3, 5, -1, -3, -5])
def test_compiled_halves_go_to_the_even_neighbour(compiled, lots):
    table = [(lots, 0.5, 1e-6), (lots, 2.5, 1e-6), (lots, 0.001, 0.0005)]
    assert list(starmap(compiled[notional_micros], table)) == list(starmap(notional_micros, table))
