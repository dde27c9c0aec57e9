"""Sums, moments and extremes over the last `period` values, at a constant cost per value.

Sums and moments are kept in blocks of `period` values: the window is always the end of the last
block and the beginning of the current one. Nothing is ever subtracted, so no rounding error
outlives the values it came from, a sum of zeros is zero, and a variance is never negative.
"""

import math
from dataclasses import dataclass, field

LONGEST = 240
"""Values the longest window holds."""

NAN = math.nan


def empty_window() -> list[float]:
    """A state's window before it has seen anything; it is never resized."""
    return [0.0] * LONGEST


@dataclass(slots=True)
class RollingSum:
    """The sum of a window.

    Attributes:
        tails: The current block's values up to `head`, then sums from there to the last block's end.
        current: Sum of the current block.
        head: Values in the current block.
    """

    tails: list[float] = field(default_factory=empty_window)
    current: float = 0.0
    head: int = 0


def update_sum(state: RollingSum, period: int, value: float) -> float:
    """The sum of the last `period` values, or of all where there are fewer."""
    head = state.head
    state.tails[head] = value
    state.current += value
    head += 1
    if head < period:
        state.head = head
        return state.current + state.tails[head]
    total = state.current
    _close_block(state, period)
    return total


def _close_block(state: RollingSum, period: int) -> None:
    tail = 0.0
    index = period - 1
    while index >= 0:
        tail += state.tails[index]
        state.tails[index] = tail
        index -= 1
    state.current = 0.0
    state.head = 0


@dataclass(slots=True)
class RollingMoments:
    """Mean and variance of a window.

    Attributes:
        means: The current block's values up to `head`, then means from there to the last block's end.
        squares: From `head` on, sums of squared distances from those means.
        current_mean: Of the current block.
        current_squares: Of the current block, around its mean.
        head: Values in the current block.
        block_count: 1 once a block has been closed.
        mean: Of the window; NaN until it is full.
        deviation: Population standard deviation of the window; NaN until it is full.
    """

    means: list[float] = field(default_factory=empty_window)
    squares: list[float] = field(default_factory=empty_window)
    current_mean: float = 0.0
    current_squares: float = 0.0
    head: int = 0
    block_count: int = 0
    mean: float = NAN
    deviation: float = NAN


def update_moments(state: RollingMoments, period: int, value: float) -> None:
    """Brings `state.mean` and `state.deviation` up to the last `period` values.

    Source: Welford (1962) for one value, Chan, Golub and LeVeque (1979) for joining two parts.
    """
    head = state.head
    state.means[head] = value
    head += 1
    delta = value - state.current_mean
    state.current_mean += delta / head
    state.current_squares += delta * (value - state.current_mean)
    state.head = head
    if head == period:
        state.mean = state.current_mean
        state.deviation = math.sqrt(state.current_squares / period)
        _close_moments_block(state, period)
    elif state.block_count > 0:
        gap = state.means[head] - state.current_mean
        older = period - head
        state.mean = state.current_mean + gap * older / period
        squares = state.current_squares + state.squares[head] + gap * gap * head * older / period
        state.deviation = math.sqrt(squares / period)


def _close_moments_block(state: RollingMoments, period: int) -> None:
    mean = 0.0
    squares = 0.0
    count = 0
    index = period - 1
    while index >= 0:
        value = state.means[index]
        count += 1
        delta = value - mean
        mean += delta / count
        squares += delta * (value - mean)
        state.means[index] = mean
        state.squares[index] = squares
        index -= 1
    state.current_mean = 0.0
    state.current_squares = 0.0
    state.head = 0
    state.block_count = 1


@dataclass(slots=True)
class RollingMaximum:
    """The values of a window that no later one exceeds, falling, as a ring.

    Attributes:
        values: The ring.
        seen_at: Which value each was, counted from 1.
        first: Where the ring begins: the maximum.
        size: How many are in it.
        count: Values taken in.
    """

    values: list[float] = field(default_factory=empty_window)
    seen_at: list[float] = field(default_factory=empty_window)
    first: int = 0
    size: int = 0
    count: int = 0


def update_maximum(state: RollingMaximum, period: int, value: float) -> float:
    """The highest of the last `period` values; NaN until there are so many."""
    capacity = len(state.values)
    state.count += 1
    if state.size > 0 and state.seen_at[state.first] <= state.count - period:
        state.first = (state.first + 1) % capacity
        state.size -= 1
    last = (state.first + state.size - 1) % capacity
    while state.size > 0 and state.values[last] <= value:
        state.size -= 1
        last = (state.first + state.size - 1) % capacity
    last = (state.first + state.size) % capacity
    state.values[last] = value
    state.seen_at[last] = float(state.count)
    state.size += 1
    return maximum(state, period)


def maximum(state: RollingMaximum, period: int) -> float:
    """The highest of the last `period` values taken in; NaN until there are so many."""
    if state.count < period:
        return NAN
    return state.values[state.first]


def maximum_age(state: RollingMaximum) -> int:
    """How many values ago the maximum was taken in, 0 for the last one; of equal values the latest counts."""
    return state.count - int(state.seen_at[state.first])
