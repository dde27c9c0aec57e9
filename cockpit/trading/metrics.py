"""What a track record is worth: pure functions over series of equity, returns and trade results.

Amounts may be in any one unit (the ledger's micro-units, as a rule); fractions are of one, times are
milliseconds. What is undefined is None: never 0, −100, NaN or infinity. Years have 365 days, since
these markets never close, and the riskless rate is zero.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum, isfinite, sqrt

from cockpit.domain.market import DAY_MS

YEAR_MS = 365 * DAY_MS

MIN_RETURNS = 20
"""Ratios over fewer returns than this say nothing, and are undefined."""

MIN_COMPOUNDING_MS = DAY_MS
"""A shorter record is not raised to the power of a year: an hour's luck would become a fortune."""

NEGLIGIBLE = 1e-12
"""A spread smaller than this fraction of the mean is rounding, and counts as none."""

CONFIDENCE_EDGES = tuple(edge / 10 for edge in range(11))
"""Bins of a confidence distribution: each includes its lower edge, the last its upper one too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawdown:
    """The deepest fall from a peak.

    Attributes:
        fraction: Of the peak; 0 where equity never fell.
        peak_ms: When the peak was last touched before the fall; None where there was no fall.
        trough_ms: When it was deepest; None where there was no fall.
        recovered_ms: When the peak was reached again; None while it isn't.
        duration_ms: From the peak to the recovery, or to the end of the series; None without a fall.
    """

    fraction: float
    peak_ms: int | None = None
    trough_ms: int | None = None
    recovered_ms: int | None = None
    duration_ms: int | None = None


@dataclass(slots=True)
class DrawdownMeter:
    """Measures the deepest drawdown of an equity series without keeping the series.

    Source: M. Magdon-Ismail, A. Atiya (2004), Maximum Drawdown, Risk 17(10).
    """

    _peak: float | None = None
    _peak_ms: int = 0
    _last_ms: int = 0
    _worst: float = 0.0
    _span_ms: tuple[int, int] | None = None
    _recovered_ms: int | None = None
    _is_open: bool = False

    def begin(self, ts_ms: int, equity: float) -> None:
        """Measures from `equity` on, after capital came or went; the deepest fall so far stays."""
        if self._is_open:
            self._recovered_ms, self._is_open = ts_ms, False
        self._peak, self._peak_ms, self._last_ms = equity, ts_ms, ts_ms

    def add(self, ts_ms: int, equity: float) -> None:
        """Takes the next equity of the series."""
        self._last_ms = ts_ms
        if self._peak is None or equity >= self._peak:
            if self._is_open:
                self._recovered_ms, self._is_open = ts_ms, False
            self._peak, self._peak_ms = equity, ts_ms
            return
        fall = (self._peak - equity) / self._peak if self._peak > 0 else 0.0
        if fall > self._worst:
            self._worst, self._span_ms = fall, (self._peak_ms, ts_ms)
            self._recovered_ms, self._is_open = None, True

    def drawdown(self) -> Drawdown | None:
        """The deepest so far, the earliest among equals; None before the first equity."""
        if self._peak is None:
            return None
        if self._span_ms is None:
            return Drawdown(fraction=0.0)
        peak_ms, trough_ms = self._span_ms
        until_ms = self._last_ms if self._recovered_ms is None else self._recovered_ms
        return Drawdown(
            fraction=self._worst,
            peak_ms=peak_ms,
            trough_ms=trough_ms,
            recovered_ms=self._recovered_ms,
            duration_ms=until_ms - peak_ms,
        )


def fraction_of(amount: float, whole: float) -> float | None:
    """An amount as a fraction of a whole, such as P&L of capital; None where the whole is not positive."""
    return amount / whole if whole > 0 else None


def win_rate(pnls: Sequence[float]) -> float | None:
    """Fraction of trades with a profit after costs; None without trades. Breaking even is no win."""
    return sum(pnl > 0 for pnl in pnls) / len(pnls) if pnls else None


def profit_factor(pnls: Sequence[float]) -> float | None:
    """Gross profit of the winners over gross loss of the losers; None where nothing was lost.

    Source: R. Pardo (2008), The Evaluation and Optimization of Trading Strategies, 2nd ed.
    """
    loss = -fsum(pnl for pnl in pnls if pnl < 0)
    return fsum(pnl for pnl in pnls if pnl > 0) / loss if loss > 0 else None


def expectancy(pnls: Sequence[float]) -> float | None:
    """Mean P&L of a trade: win rate × average win − loss rate × average loss; None without trades.

    Source: V. K. Tharp (1998), Trade Your Way to Financial Freedom.
    """
    return fsum(pnls) / len(pnls) if pnls else None


def sharpe(returns: Sequence[float], interval_ms: int) -> float | None:
    """Annualised Sharpe ratio: mean return over the sample standard deviation, times √(year ÷ interval).

    Args:
        returns: Simple returns, one per interval.
        interval_ms: Between two of them.

    Returns:
        None below `MIN_RETURNS` returns, or where they don't vary.

    Source: W. F. Sharpe (1994), The Sharpe Ratio, Journal of Portfolio Management 21(1).
    """
    if len(returns) < MIN_RETURNS:
        return None
    mean = fsum(returns) / len(returns)
    deviation = sqrt(fsum((value - mean) * (value - mean) for value in returns) / (len(returns) - 1))
    return sharpe_from(len(returns), mean, deviation, interval_ms)


def sharpe_from(count: int, mean: float, deviation: float | None, interval_ms: int) -> float | None:
    """The same from running moments: how many returns, their mean, their sample standard deviation."""
    return _annualised(mean, deviation, interval_ms) if count >= MIN_RETURNS else None


def sortino(returns: Sequence[float], interval_ms: int) -> float | None:
    """Annualised Sortino ratio: mean return over the downside deviation, times √(year ÷ interval).

    The downside deviation is the root of the mean, over all returns, of the squares of the negative ones.

    Args:
        returns: Simple returns, one per interval.
        interval_ms: Between two of them.

    Returns:
        None below `MIN_RETURNS` returns, or where none is negative.

    Source: F. A. Sortino, L. N. Price (1994), Performance Measurement in a Downside Risk Framework.
    """
    if len(returns) < MIN_RETURNS:
        return None
    mean = fsum(returns) / len(returns)
    downside = sqrt(fsum(value * value for value in returns if value < 0) / len(returns))
    return _annualised(mean, downside, interval_ms)


def cagr(returns: Sequence[float], interval_ms: int) -> float | None:
    """Compound annual growth rate: the returns' total growth to the power of (year ÷ their time), less 1.

    Args:
        returns: Simple returns, one per interval.
        interval_ms: Between two of them.

    Returns:
        −1 where everything was lost. None below `MIN_RETURNS` returns or `MIN_COMPOUNDING_MS` of time,
        where more than everything was lost, or where the result is too large for a number.

    Source: CFA Institute (2020), Global Investment Performance Standards, on annualised returns.
    """
    length_ms = len(returns) * interval_ms
    if len(returns) < MIN_RETURNS or length_ms < MIN_COMPOUNDING_MS:
        return None
    growth = 1.0
    for value in returns:
        growth *= 1 + value
        if growth < 0:
            return None
    try:
        return _finite(growth ** (YEAR_MS / length_ms) - 1)
    except OverflowError:
        return None


def calmar(annual_growth: float | None, drawdown_fraction: float | None) -> float | None:
    """Calmar ratio: compound annual growth rate over the maximum drawdown.

    Returns:
        None where one of the two is undefined, or there was no drawdown.

    Source: T. W. Young (1991), Calmar Ratio: A Smoother Tool, Futures 20(1).
    """
    if annual_growth is None or drawdown_fraction is None or drawdown_fraction <= 0:
        return None
    return _finite(annual_growth / drawdown_fraction)


def gross_exposure(samples: Iterable[float | None]) -> float | None:
    """Mean gross exposure: Σ |notional| ÷ equity, sampled at evenly spaced times, so weighted by time.

    Args:
        samples: One per round; None where equity was not positive, which is left out.
    """
    given = [sample for sample in samples if sample is not None]
    return fsum(given) / len(given) if given else None


def time_in_market(samples: Iterable[float | None]) -> float | None:
    """Fraction of the same samples in which any position was held; None without samples."""
    given = [sample for sample in samples if sample is not None]
    return sum(sample > 0 for sample in given) / len(given) if given else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceDistribution:
    """How sure an agent was.

    Attributes:
        mean: None where it never said.
        counts: Decisions per bin of `CONFIDENCE_EDGES`, lowest first.
    """

    mean: float | None
    counts: tuple[int, ...]


def confidence_distribution(confidences: Sequence[float]) -> ConfidenceDistribution:
    """Mean and histogram of confidences between 0 and 1."""
    counts = [0] * (len(CONFIDENCE_EDGES) - 1)
    for confidence in confidences:
        counts[min(bisect_right(CONFIDENCE_EDGES, confidence), len(counts)) - 1] += 1
    mean = fsum(confidences) / len(confidences) if confidences else None
    return ConfidenceDistribution(mean=mean, counts=tuple(counts))


def _annualised(mean: float, deviation: float | None, interval_ms: int) -> float | None:
    if deviation is None or deviation <= NEGLIGIBLE * abs(mean):
        return None
    return _finite(mean / deviation * sqrt(YEAR_MS / interval_ms))


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
