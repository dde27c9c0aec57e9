"""What a taker pays beyond the price that stands."""

from math import inf, log, nan, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.trading.fills import nearest_tick
from cockpit.trading.impact import NO_LIMIT, bar_volatility, fillable_lots, impact_fraction, taker_price


@settings(max_examples=200)
@given(st.floats(0.001, 1e6), st.floats(1.0, 1.5))
def test_volatility_is_parkinsons_from_the_range(low, ratio):
    high = low * ratio
    assert bar_volatility(high, low) == pytest.approx(log(high / low) / sqrt(4 * log(2)), rel=1e-6, abs=1e-12)


def test_a_flat_bar_has_no_volatility():
    assert bar_volatility(100.0, 100.0) == 0.0


@pytest.mark.parametrize(
    ("lots", "volume", "impact"),
    [
        (100, 10_000.0, 0.0005),
        (400, 10_000.0, 0.001),
        (10_000, 10_000.0, 0.005),
        (7, 0.0, 0.005),
        (0, 100.0, 0.0),
    ],
    ids=["one percent", "four times the size, twice the impact", "all of it", "nobody traded", "nothing"],
)
def test_impact_grows_with_the_root_of_the_share_of_volume(lots, volume, impact):
    assert impact_fraction(lots, volume, 0.01, 0.5) == pytest.approx(impact)


@given(st.floats(1e-4, 0.05), st.integers(1, 10**6), st.integers(1, 1440))
def test_the_law_is_the_same_at_every_horizon(volatility, lots, bars):
    one_bar = impact_fraction(lots, 1e6, volatility, 1.0)
    many = impact_fraction(lots, 1e6 * bars, volatility * sqrt(bars), 1.0)
    assert many == pytest.approx(one_bar)


# fmt: off
PRICES = [
    # side  slippage  limit   price
    (1,     0.01,     nan,    101.0),
    (-1,    0.01,     nan,    99.0),
    (5,     0.0,      nan,    100.0),
    (-5,    0.0,      nan,    100.0),
    (1,     0.0123,   nan,    101.25),
    (1,     0.01,     100.5,  100.5),
    (-1,    0.01,     99.75,  99.75),
    (1,     0.01,     102.0,  101.0),
    (-1,    1.5,      nan,    0.25),
]
# fmt: on


@pytest.mark.parametrize(("side", "slippage", "limit", "price"), PRICES)
def test_a_taker_pays_slippage_on_a_tick_and_never_more_than_its_limit(side, slippage, limit, price):
    assert taker_price(100.0, side, slippage, limit, 0.25) == price


@settings(max_examples=200)
@given(st.integers(1, 10**6), st.sampled_from([1, -1]), st.floats(0.0, 0.5))
def test_slippage_always_costs(ticks, side, slippage):
    here = nearest_tick(ticks * 0.01, 0.01)
    assert (taker_price(here, side, slippage, nan, 0.01) - here) * side >= 0


@pytest.mark.parametrize(
    ("volume", "lot_size", "participation", "lots"),
    [
        (1_000.0, 1.0, 0.1, 100),
        (999.0, 1.0, 0.1, 99),
        (0.3, 0.1, 1.0, 3),
        (0.05, 0.1, 1.0, 0),
        (0.0, 0.1, 1.0, 0),
        (0.0, 0.1, inf, NO_LIMIT),
        (1e30, 1e-8, 1.0, NO_LIMIT),
    ],
    ids=["a tenth", "rounded down", "though 0.3 / 0.1 < 3", "less than a lot", "none", "off", "huge"],
)
def test_an_account_trades_its_share_of_the_volume_and_no_more(volume, lot_size, participation, lots):
    assert fillable_lots(volume, lot_size, participation) == lots
