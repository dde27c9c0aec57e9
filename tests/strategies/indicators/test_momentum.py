"""RSI and rate of change on recorded candles, held to TA-Lib."""

import numpy as np
import pytest
import talib

from cockpit.strategies.indicators.momentum import RateOfChange, Rsi, update_rate_of_change, update_rsi


@pytest.fixture(params=["BTC", "SOL", "kPEPE"])
def closes(request, candles):
    return np.array([bar.close for bar in candles(request.param)])


@pytest.mark.parametrize("period", [2, 14, 60])
def test_rsi_is_that_of_ta_lib(closes, period):
    state = Rsi()
    ours = np.array([update_rsi(state, period, close) for close in closes])
    theirs = talib.RSI(closes, period)
    moved = theirs != 0.0  # TA-Lib says 0 where nothing has moved
    np.testing.assert_allclose(ours[moved], theirs[moved], atol=1e-9)


def test_rsi_of_a_price_that_never_moves_is_in_the_middle():
    state = Rsi()
    assert [update_rsi(state, 3, 5.0) for _ in range(6)][3:] == [50.0, 50.0, 50.0]


@pytest.mark.parametrize("period", [1, 10, 240])
def test_rate_of_change_is_that_of_ta_lib(closes, period):
    state = RateOfChange()
    ours = [update_rate_of_change(state, period, close) for close in closes]
    np.testing.assert_allclose(ours, talib.ROCP(closes, period), rtol=1e-12)
