"""What the state keeps of series, in bounded room: a curve, running moments, a watch on equity."""

from dataclasses import dataclass, field
from math import sqrt

from cockpit.domain.market import Micros

CURVE_POINTS = 480
"""Points an equity curve keeps at most; half as many after it has been thinned."""


@dataclass(slots=True, kw_only=True)
class EquityCurve:
    """Equity over market time, thinned by half whenever it is full.

    Attributes:
        stride: Rounds per point.
        waiting: Rounds since the last point.
        points: (UTC milliseconds, equity in micro-units), oldest first.
    """

    stride: int = 1
    waiting: int = 0
    points: list[tuple[int, int]] = field(default_factory=list)

    def add(self, ts_ms: int, equity: int) -> None:
        """Takes the equity at the end of a round."""
        self.waiting += 1
        if self.waiting < self.stride:
            return
        self.waiting = 0
        self.points.append((ts_ms, equity))
        if len(self.points) >= CURVE_POINTS:
            del self.points[1::2]
            # The newest point is among those that went: the next one is as far from the last that stayed.
            self.waiting = self.stride
            self.stride *= 2


@dataclass(slots=True, kw_only=True)
class RunningMoments:
    """Mean and spread of a series, without keeping it.

    Source: B. P. Welford (1962), Note on a Method for Calculating Corrected Sums of Squares and Products.
    """

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        """Takes the next value of the series."""
        self.count += 1
        delta = value - self.mean
        self.mean += delta / self.count
        self.squares += delta * (value - self.mean)

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation; None below two values."""
        if self.count < 2:
            return None
        return sqrt(self.squares / (self.count - 1))


@dataclass(slots=True, kw_only=True)
class EquityWatch:
    """What drawdown and daily loss are measured against.

    Attributes:
        equity: At the last marks.
        peak: Highest equity of the run.
        max_drawdown: Largest fall from a peak, as a fraction of it.
        guard_peak: The peak since the drawdown breaker was last reset.
        day_start: Equity when the UTC day began, or when the daily loss breaker was last reset.
    """

    equity: Micros = Micros(0)
    peak: Micros = Micros(0)
    max_drawdown: float = 0.0
    guard_peak: Micros = Micros(0)
    day_start: Micros = Micros(0)

    def begin(self, equity: int) -> None:
        """Measures everything from `equity` on."""
        self.equity = self.peak = self.guard_peak = self.day_start = Micros(equity)

    def mark(self, equity: Micros, new_day: bool) -> None:
        """Takes the equity at new marks."""
        if new_day:
            self.day_start = self.equity
        self.equity = equity
        if equity >= self.peak:
            self.peak = equity
        elif self.peak > 0:
            drawdown = (self.peak - equity) / self.peak
            if drawdown > self.max_drawdown:  # noqa: PLR1730 - replays do this a million times; max() is slow
                self.max_drawdown = drawdown
        if equity > self.guard_peak:  # noqa: PLR1730
            self.guard_peak = equity
