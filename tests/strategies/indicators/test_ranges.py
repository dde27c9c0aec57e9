"""Average true range and Donchian channel on recorded candles, held to TA-Lib."""

import numpy as np
import pytest
import talib

from cockpit.strategies.indicators.ranges import Atr, Donchian, update_atr, update_donchian


@pytest.mark.parametrize("symbol", ["BTC", "SOL", "kPEPE"])
@pytest.mark.parametrize("period", [2, 14, 60])
def test_atr_is_that_of_ta_lib_seeded_with_the_mean_of_the_first_true_ranges(candles, symbol, period):
    bars = candles(symbol)
    state = Atr()
    ours = [update_atr(state, period, bar) for bar in bars]
    _, _, high, low, close, _ = np.array(bars).T.copy()
    np.testing.assert_allclose(ours, talib.ATR(high, low, close, period), rtol=1e-9)


@pytest.mark.parametrize("symbol", ["BTC", "SOL", "kPEPE"])
@pytest.mark.parametrize("period", [2, 20, 240])
def test_donchian_channel_is_exactly_the_highest_high_and_lowest_low(candles, symbol, period):
    bars = candles(symbol)
    state = Donchian()
    ours = []
    for bar in bars:
        update_donchian(state, period, bar)
        ours.append((state.upper, state.lower))
    upper, lower = np.array(ours).T
    _, _, high, low, _, _ = np.array(bars).T.copy()
    np.testing.assert_array_equal(upper, talib.MAX(high, period))
    np.testing.assert_array_equal(lower, talib.MIN(low, period))
