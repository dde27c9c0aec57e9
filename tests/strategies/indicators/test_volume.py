"""Volume-weighted prices."""

import math

import numpy as np
import pytest

from cockpit.domain.market import DAY_MS, MINUTE_MS, Bar
from cockpit.strategies.indicators.volume import (
    RollingVwap,
    SessionVwap,
    update_rolling_vwap,
    update_session_vwap,
)


@pytest.mark.parametrize("symbol", ["BTC", "kPEPE"])
def test_rolling_vwap_is_the_window_s_value_over_its_volume(candles, symbol):
    bars = candles(symbol)
    state = RollingVwap()
    ours = np.array([update_rolling_vwap(state, 120, bar) for bar in bars])
    _, _, high, low, close, volume = np.array(bars).T
    value = (high + low + close) / 3.0 * volume
    windows = np.lib.stride_tricks.sliding_window_view
    expected = windows(value, 120).sum(axis=1) / windows(volume, 120).sum(axis=1)
    assert np.isnan(ours[:119]).all()
    np.testing.assert_allclose(ours[119:], expected, rtol=1e-12)


def test_rolling_vwap_is_undefined_where_nothing_was_traded_and_forgets_a_huge_trade():
    state = RollingVwap()
    huge, small, nothing = (Bar(0, 7.0, 7.0, 7.0, 7.0, volume) for volume in (1e15, 1e-9, 0.0))
    update_rolling_vwap(state, 2, huge)
    update_rolling_vwap(state, 2, nothing)
    assert math.isnan(update_rolling_vwap(state, 2, nothing))
    assert update_rolling_vwap(state, 2, small) == pytest.approx(7.0, rel=1e-15)


def test_session_vwap_begins_anew_at_midnight_utc():
    state = SessionVwap()
    before = DAY_MS - MINUTE_MS
    prices = [
        update_session_vwap(state, Bar(ts_ms, price, price, price, price, volume))
        for ts_ms, price, volume in [
            (before - 1, 10.0, 0.0),
            (before, 10.0, 1.0),
            (before, 20.0, 3.0),
            (DAY_MS, 30.0, 5.0),
        ]
    ]
    assert math.isnan(prices[0])
    assert prices[1:] == [10.0, 17.5, 30.0]
