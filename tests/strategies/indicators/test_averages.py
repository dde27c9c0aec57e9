"""Averages on recorded candles, held to TA-Lib and numpy."""

import math

import numpy as np
import pytest
import talib

from cockpit.strategies.indicators.averages import (
    Bollinger,
    Ema,
    Macd,
    Sma,
    update_bollinger,
    update_ema,
    update_macd,
    update_sma,
)


@pytest.fixture(params=["BTC", "SOL", "kPEPE"])
def closes(request, candles):
    return np.array([bar.close for bar in candles(request.param)])


@pytest.mark.parametrize("period", [2, 20, 240])
def test_sma_is_that_of_ta_lib(closes, period):
    state = Sma()
    ours = [update_sma(state, period, close) for close in closes]
    np.testing.assert_allclose(ours, talib.SMA(closes, period), rtol=1e-11)


@pytest.mark.parametrize("period", [2, 12, 180])
def test_ema_is_that_of_ta_lib_seeded_with_the_mean_of_the_first_values(closes, period):
    state = Ema()
    ours = [update_ema(state, period, close) for close in closes]
    np.testing.assert_allclose(ours, talib.EMA(closes, period), rtol=1e-12)


@pytest.mark.parametrize(("fast", "slow", "signal"), [(12, 26, 9), (60, 130, 45)])
def test_macd_is_that_of_ta_lib(closes, fast, slow, signal):
    state = Macd()
    lines, signals = [], []
    for close in closes:
        update_macd(state, fast, slow, signal, close)
        lines.append(state.line)
        signals.append(state.signal_line)
    their_line, their_signal, _ = talib.MACD(closes, fast, slow, signal)
    first = slow + signal - 2
    assert np.isnan(lines[: slow - 1]).all()
    assert np.isnan(signals[:first]).all()
    tolerance = closes[0] * 1e-12
    np.testing.assert_allclose(lines[first:], their_line[first:], atol=tolerance)
    np.testing.assert_allclose(signals[first:], their_signal[first:], atol=tolerance)


@pytest.mark.parametrize("period", [10, 120])
def test_bollinger_bands_are_those_of_ta_lib_and_exact_against_numpy(closes, period):
    state = Bollinger()
    ours = []
    for close in closes:
        update_bollinger(state, period, 2.0, close)
        ours.append((state.upper, state.middle, state.lower))
    upper, middle, lower = np.array(ours).T
    theirs = talib.BBANDS(closes, period, 2.0, 2.0)
    for band, their_band in zip((upper, middle, lower), theirs, strict=True):
        np.testing.assert_allclose(band, their_band, rtol=1e-7)
    windows = np.lib.stride_tricks.sliding_window_view(closes, period)
    deviation = (upper - middle)[period - 1 :] / 2.0
    np.testing.assert_allclose(deviation, windows.std(axis=1), rtol=1e-9, atol=closes[0] * 1e-14)


def test_bands_of_a_flat_price_have_no_width_even_after_a_huge_jump(closes):
    state = Bollinger()
    for value in [1e9, 1e-3, 0.1, *[0.1] * 40]:
        update_bollinger(state, 10, 2.0, value)
    assert (state.upper, state.middle, state.lower) == (0.1, 0.1, 0.1)


def test_an_average_says_nothing_before_its_period_is_full():
    sma, ema = Sma(), Ema()
    early = [(update_sma(sma, 3, x), update_ema(ema, 3, x)) for x in (1.0, 2.0)]
    assert all(math.isnan(value) for pair in early for value in pair)
    assert update_sma(sma, 3, 6.0) == update_ema(ema, 3, 6.0) == 3.0
