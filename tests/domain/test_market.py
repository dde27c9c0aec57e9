"""Instruments: ticks and lots as their decimals spell them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.arena_facts import instrument


@pytest.mark.parametrize(
    ("tick_size", "price", "rounded"),
    [
        (0.01, 1.2349, 1.23),
        (0.01, 1.1, 1.1),
        (0.5, 100.74, 100.5),
        (0.5, 100.76, 101.0),
        (0.25, 100.375, 100.5),  # 401.5 ticks: half to even
        (0.25, 100.125, 100.0),  # 400.5 ticks
        (0.0001, 0.12344999, 0.1234),
        (1.0, 99.5, 100.0),
        (1.0, 100.5, 100.0),
        (5.0, 103.0, 105.0),
        (2.5, 101.0, 100.0),
    ],
)
def test_a_price_is_rounded_to_the_nearest_tick_half_to_even(tick_size, price, rounded):
    assert instrument("X", tick_size, 1.0).round_price(price) == rounded


@given(st.sampled_from(["0.1", "0.01", "0.001", "0.0001", "0.00001", "0.000001"]), st.integers(1, 10**9))
def test_a_price_on_a_tick_stays_the_float_its_decimal_spells(tick, count):
    spelled = float(Decimal(tick) * count)
    assert instrument("X", float(tick), 1.0).round_price(spelled) == spelled


@given(st.sampled_from([0.5, 0.25, 0.1, 0.05, 0.01, 0.001, 1.0, 10.0]), st.floats(0.001, 1e6))
def test_rounding_moves_a_price_by_half_a_tick_at_most(tick_size, price):
    rounded = instrument("X", tick_size, 1.0).round_price(price)
    assert abs(rounded - price) <= tick_size / 2 * (1 + 1e-9) + price * 1e-15


@given(st.sampled_from(["0.1", "0.01", "0.001", "0.00001", "1", "10"]), st.integers(-(10**9), 10**9))
def test_a_quantity_is_the_float_its_decimal_spells(lot, lots):
    assert instrument("X", 0.01, float(lot)).quantity(lots) == float(Decimal(lot) * lots)


@pytest.mark.parametrize(
    ("lot_size", "quantity", "lots"),
    [
        (0.1, 0.3, 3),  # 0.3 / 0.1 is 2.9999999999999996
        (0.001, 0.0019999, 1),
        (0.001, 0.0009, 0),
        (0.001, 12_345_678.9, 12_345_678_900),
        (5.0, 14.999, 2),
        (1.0, 0.0, 0),
    ],
)
def test_a_quantity_is_cut_to_whole_lots_but_for_a_rounding(lot_size, quantity, lots):
    assert instrument("X", 1.0, lot_size).whole_lots(quantity) == lots


@given(st.integers(0, 10**12), st.sampled_from([0.00001, 0.001, 0.1, 1.0, 5.0]))
def test_lots_come_back_from_their_quantity(lots, lot_size):
    listed = instrument("X", 1.0, lot_size)
    assert listed.whole_lots(listed.quantity(lots)) == lots
