"""How far prices range."""

from dataclasses import dataclass, field

from cockpit.domain.market import Bar
from cockpit.strategies.indicators.rolling import NAN, RollingMaximum, update_maximum


@dataclass(slots=True)
class Atr:
    """Average true range; `value` is the sum of the seed until `count` reaches the period."""

    last_close: float = NAN
    value: float = 0.0
    count: int = -1


def update_atr(state: Atr, period: int, bar: Bar) -> float:
    """Wilder's average, quote per base unit, seeded with the mean of the first `period` true ranges.

    The first bar has no true range, since it has no close before it.
    """
    last_close = state.last_close
    state.last_close = bar.close
    if state.count < 0:
        state.count = 0
        return NAN
    true_range = max(bar.high, last_close) - min(bar.low, last_close)
    if state.count >= period:
        state.value = (state.value * (period - 1) + true_range) / period
        return state.value
    state.count += 1
    state.value += true_range
    if state.count < period:
        return NAN
    state.value /= period
    return state.value


@dataclass(slots=True)
class Donchian:
    """Donchian channel: the highest high and lowest low of a window; NaN until it is full."""

    highs: RollingMaximum = field(default_factory=RollingMaximum)
    negated_lows: RollingMaximum = field(default_factory=RollingMaximum)
    upper: float = NAN
    lower: float = NAN


def update_donchian(state: Donchian, period: int, bar: Bar) -> None:
    """Brings `state.upper` and `state.lower` up to the last `period` bars, this one included."""
    state.upper = update_maximum(state.highs, period, bar.high)
    state.lower = -update_maximum(state.negated_lows, period, -bar.low)
