"""Prices weighted by what was traded at them."""

from dataclasses import dataclass, field

from cockpit.domain.market import DAY_MS, Bar
from cockpit.strategies.indicators.rolling import NAN, RollingSum, update_sum


@dataclass(slots=True)
class RollingVwap:
    """Volume-weighted average price of a window."""

    values: RollingSum = field(default_factory=RollingSum)
    volumes: RollingSum = field(default_factory=RollingSum)
    count: int = 0


def update_rolling_vwap(state: RollingVwap, period: int, bar: Bar) -> float:
    """Σ typical price × volume ÷ Σ volume of the last `period` bars; NaN where nothing was traded.

    The typical price is (high + low + close) / 3.
    """
    value = update_sum(state.values, period, (bar.high + bar.low + bar.close) / 3.0 * bar.volume)
    volume = update_sum(state.volumes, period, bar.volume)
    state.count = min(state.count + 1, period)
    if state.count < period or volume <= 0.0:
        return NAN
    return value / volume


@dataclass(slots=True)
class SessionVwap:
    """Volume-weighted average price since midnight UTC."""

    day: int = -1
    value: float = 0.0
    volume: float = 0.0


def update_session_vwap(state: SessionVwap, bar: Bar) -> float:
    """Σ typical price × volume ÷ Σ volume of the UTC day's bars so far; NaN where nothing was traded."""
    day = bar.open_ms // DAY_MS
    if day != state.day:
        state.day = day
        state.value = 0.0
        state.volume = 0.0
    state.value += (bar.high + bar.low + bar.close) / 3.0 * bar.volume
    state.volume += bar.volume
    if state.volume <= 0.0:
        return NAN
    return state.value / state.volume
