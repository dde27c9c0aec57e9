"""How far and how one-sidedly a price has moved."""

from dataclasses import dataclass, field

from cockpit.strategies.indicators.rolling import NAN, empty_window


@dataclass(slots=True)
class Rsi:
    """Relative strength index; the averages are sums until `count` reaches the period."""

    last: float = NAN
    gain: float = 0.0
    loss: float = 0.0
    count: int = -1


def update_rsi(state: Rsi, period: int, value: float) -> float:
    """Wilder's index, 0 … 100, seeded with the mean of the first `period` changes; 50 where nothing moved."""
    gain = max(value - state.last, 0.0) if state.count >= 0 else 0.0
    loss = max(state.last - value, 0.0) if state.count >= 0 else 0.0
    state.last = value
    if state.count >= period:
        state.gain = (state.gain * (period - 1) + gain) / period
        state.loss = (state.loss * (period - 1) + loss) / period
        return _share(state.gain, state.loss)
    state.count += 1
    state.gain += gain
    state.loss += loss
    if state.count < period:
        return NAN
    state.gain /= period
    state.loss /= period
    return _share(state.gain, state.loss)


def _share(gain: float, loss: float) -> float:
    if gain + loss <= 0.0:
        return 50.0
    return 100.0 * (gain / (gain + loss))


@dataclass(slots=True)
class RateOfChange:
    """The values of the last `period` steps, as a ring."""

    values: list[float] = field(default_factory=empty_window)
    head: int = 0
    count: int = 0


def update_rate_of_change(state: RateOfChange, period: int, value: float) -> float:
    """Change against the value `period` steps ago, as a fraction of it."""
    before = state.values[state.head]
    state.values[state.head] = value
    state.head = (state.head + 1) % period
    if state.count < period:
        state.count += 1
        return NAN
    return (value - before) / before
