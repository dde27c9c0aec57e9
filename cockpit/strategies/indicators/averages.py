"""Moving averages, and what is made of two of them."""

import math
from dataclasses import dataclass, field

from cockpit.strategies.indicators.rolling import (
    NAN,
    RollingMoments,
    RollingSum,
    update_moments,
    update_sum,
)


@dataclass(slots=True)
class Sma:
    """Simple moving average."""

    window: RollingSum = field(default_factory=RollingSum)
    count: int = 0


def update_sma(state: Sma, period: int, value: float) -> float:
    """The mean of the last `period` values."""
    total = update_sum(state.window, period, value)
    state.count = min(state.count + 1, period)
    if state.count < period:
        return NAN
    return total / period


@dataclass(slots=True)
class Ema:
    """Exponential moving average; `value` is the sum of the seed until `count` reaches the period."""

    value: float = 0.0
    count: int = 0


def update_ema(state: Ema, period: int, value: float) -> float:
    """The average with smoothing 2 / (period + 1), seeded with the mean of the first `period` values."""
    if state.count >= period:
        state.value += (value - state.value) * 2.0 / (period + 1)
        return state.value
    state.count += 1
    state.value += value
    if state.count < period:
        return NAN
    state.value /= period
    return state.value


@dataclass(slots=True)
class Macd:
    """Moving average convergence and divergence.

    Attributes:
        line: Fast average − slow average; NaN until the slow one stands.
        signal_line: Average of `line`; NaN until it stands.
    """

    fast: Ema = field(default_factory=Ema)
    slow: Ema = field(default_factory=Ema)
    signal: Ema = field(default_factory=Ema)
    count: int = 0
    line: float = NAN
    signal_line: float = NAN


def update_macd(state: Macd, fast: int, slow: int, signal: int, value: float) -> None:
    """Brings `state.line` and `state.signal_line` up to date; `fast` is shorter than `slow`.

    Both averages stand from the same value on: the fast one is seeded with the last `fast` of the
    slow one's first `slow` values.
    """
    state.count = min(state.count + 1, slow)
    fast_average = NAN
    if state.count > slow - fast:
        fast_average = update_ema(state.fast, fast, value)
    slow_average = update_ema(state.slow, slow, value)
    if not math.isnan(slow_average):
        state.line = fast_average - slow_average
        state.signal_line = update_ema(state.signal, signal, state.line)


@dataclass(slots=True)
class Bollinger:
    """Bollinger bands: NaN until the window is full."""

    moments: RollingMoments = field(default_factory=RollingMoments)
    middle: float = NAN
    upper: float = NAN
    lower: float = NAN


def update_bollinger(state: Bollinger, period: int, width: float, value: float) -> None:
    """Brings the bands up to date: the mean ± `width` population standard deviations."""
    update_moments(state.moments, period, value)
    state.middle = state.moments.mean
    state.upper = state.middle + width * state.moments.deviation
    state.lower = state.middle - width * state.moments.deviation
