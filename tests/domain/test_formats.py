"""Figures as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain import formats
from cockpit.domain.formats import (
    clock,
    duration,
    money,
    percent,
    price,
    ratio,
    short_symbol,
    size_words,
    time_of,
)
from cockpit.domain.market import DAY_MS, HOUR_MS, MINUTE_MS


@pytest.mark.parametrize(
    ("micros", "options", "words"),
    [
        (1_234_500_000, {}, "$1,234.50"),
        (-1_234_500_000, {}, "−$1,234.50"),
        (0, {}, "$0.00"),
        (0, {"signed": True}, "$0.00"),
        (5_000_000, {"signed": True}, "+$5.00"),
        (-5_000_000, {"signed": True}, "−$5.00"),
        (1_234_567, {"decimals": 0}, "$1"),
        (1_234_567, {"decimals": 6}, "$1.234567"),
        (2_500_000_000_000.0, {}, "$2,500,000.00"),
        (None, {}, "n/a"),
        (None, {"signed": True}, "n/a"),
    ],
)
def test_money_is_dollars_with_thousands_grouped(micros, options, words):
    assert money(micros, **options) == words


@pytest.mark.parametrize("micros", [-4_999, 4_999, -1, 1])
def test_what_rounds_to_nothing_has_no_sign(micros):
    assert money(micros, signed=True) == "$0.00"


@pytest.mark.parametrize(
    ("fraction", "options", "words"),
    [
        (0.125, {}, "12.50%"),
        (-0.125, {}, "−12.50%"),
        (0.125, {"signed": True, "decimals": 1}, "+12.5%"),
        (0.0, {"signed": True}, "0.00%"),
        (-0.00001, {"signed": True}, "0.00%"),
        (12.0, {"decimals": 0}, "1200%"),
        (None, {}, "n/a"),
    ],
)
def test_fractions_are_shown_as_percentages(fraction, options, words):
    assert percent(fraction, **options) == words


@pytest.mark.parametrize(
    ("value", "words"), [(1.005, "1.00"), (-1.5, "−1.50"), (-0.001, "0.00"), (0.0, "0.00"), (None, "n/a")]
)
def test_ratios_have_two_decimals(value, words):
    assert ratio(value) == words


def test_a_ratio_has_as_many_decimals_as_asked_for():
    assert ratio(2.34567, 3) == "2.346"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (60_000.0, "60,000"),
        (60_000.5, "60,000.50"),
        (9_999.0, "9,999.00"),
        (9_999.125, "9,999.125"),
        (0.1234, "0.1234"),
        (0.00001234, "0.00001234"),
        (1.5, "1.50"),
        (None, "n/a"),
    ],
)
def test_prices_are_shown_in_full(value, words):
    assert price(value) == words


@pytest.mark.parametrize(
    ("length_ms", "words"),
    [
        (2 * DAY_MS + 4 * HOUR_MS + 30 * MINUTE_MS, "2d 4h"),
        (2 * DAY_MS + 30 * MINUTE_MS, "2d"),
        (3 * HOUR_MS, "3h"),
        (HOUR_MS + 10 * MINUTE_MS + 5_000, "1h 10m"),
        (3 * MINUTE_MS + 5_000, "3m 5s"),
        (10_000, "10s"),
        (999, "0s"),
        (0, "0s"),
        (-5_000, "0s"),
        (None, "n/a"),
    ],
)
def test_durations_are_told_in_their_two_largest_units(length_ms, words):
    assert duration(length_ms) == words


def test_times_are_utc_and_cut_never_rounded_up():
    assert time_of(1_738_324_800_000) == "2025-01-31T12:00:00Z"
    assert time_of(1_738_324_859_999) == "2025-01-31T12:00:59Z"
    assert time_of(1_738_324_859_999, seconds=False) == "2025-01-31T12:00Z"
    assert clock(1_738_324_859_999) == "01-31 12:00"


@pytest.mark.parametrize(("symbol", "words"), [("BTC/USDC:USDC", "BTC"), ("BTC/USDT", "BTC"), ("BTC", "BTC")])
def test_a_short_symbol_is_the_base_coin(symbol, words):
    assert short_symbol(symbol) == words


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_money_reads_back_to_the_cent(micros):
    words = money(micros).replace("$", "").replace(",", "").replace("−", "-")
    # Half a cent of rounding, and what float64 can't tell apart near the ledger's bound.
    assert abs(float(words) * 1_000_000 - micros) <= 5_000 + abs(micros) * 2**-51


@given(st.integers(0, 400 * DAY_MS))
def test_no_duration_is_told_longer_than_it_is(length_ms):
    unit_ms = {"d": DAY_MS, "h": HOUR_MS, "m": MINUTE_MS, "s": 1_000}
    parts = formats.duration(length_ms).split()
    told = sum(int(part[:-1]) * unit_ms[part[-1]] for part in parts)
    assert 1 <= len(parts) <= 2
    assert 0 <= length_ms - told < max(1_000, length_ms / 20, unit_ms[parts[-1][-1]])


@pytest.mark.parametrize(
    ("exposure", "quantity", "words"),
    [
        (0.8, None, "+80%"),
        (-1.0, None, "−100%"),
        (0.0, None, "0%"),
        (0.0, 2.0, "0%"),
        (1.0, 0.05, "+0.05"),
        (-1.0, 1_206_000.0, "−1,206,000"),
        (1.0, 0.00000001, "+0.00000001"),
    ],
)
def test_a_size_is_told_as_it_was_wanted(exposure, quantity, words):
    assert size_words(exposure, quantity) == words
