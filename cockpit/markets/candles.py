"""Closed bars of every timeframe: the one place candles are aggregated and read from.

Whoever wants candles (strategies, prompts, charts, exports) reads them here, so nobody sees a bar
before it has closed and everybody sees the same one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from cockpit.domain.market import Bar
from cockpit.markets.market import MarketStep
from cockpit.markets.timeframes import TIMEFRAMES, timeframe_ms, timeframe_name

_OPEN_MS = attrgetter("open_ms")


class CandlesError(ValueError):
    """Candles were asked for, or appended, in a way that makes no sense; the message says how."""


def aggregate(bars: Sequence[Bar], open_ms: int) -> Bar:
    """One larger bar from the bars inside it.

    Args:
        bars: At least one, oldest first.
        open_ms: Where the larger bar opens, UTC milliseconds.

    Returns:
        First open, highest high, lowest low, last close, and volumes added oldest first.
    """
    _, opened, high, low, close, volume = bars[0]
    # Conditions rather than max() and min(), which take twice as long in this innermost loop.
    for _, _, bar_high, bar_low, bar_close, bar_volume in bars[1:]:
        high = bar_high if bar_high > high else high
        low = bar_low if bar_low < low else low
        close = bar_close
        volume += bar_volume
    return Bar(open_ms, opened, high, low, close, volume)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """A timeframe: where its series stands, and which one it is built from (None: the base)."""

    index: int
    length_ms: int
    source: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandlesCut:
    """Candles as they were at one instant; a cut stays as it is while the market goes on.

    Attributes:
        until_ms: The instant: every bar here had closed by then, UTC milliseconds.
    """

    until_ms: int
    _series: dict[str, tuple[list[Bar], ...]]
    _levels: dict[str, _Level]
    _keep: int
    _reach_ms: int | None

    @property
    def symbols(self) -> tuple[str, ...]:
        """In the market's order."""
        return tuple(self._series)

    @property
    def timeframes(self) -> tuple[str, ...]:
        """What can be read, shortest first."""
        return tuple(self._levels)

    def bars(
        self, symbol: str, timeframe: str, *, after_ms: int | None = None, limit: int | None = None
    ) -> Sequence[Bar]:
        """Closed bars, oldest → newest.

        Args:
            symbol: Which instrument.
            timeframe: One of `timeframes`.
            after_ms: Only bars that closed later than this, UTC milliseconds.
            limit: Only the newest so many.

        Returns:
            A new list; empty where there is nothing. An interval without trades has no bar.

        Raises:
            CandlesError: If the symbol or timeframe isn't here, or `limit` is negative.
        """
        if symbol not in self._series:
            raise CandlesError(f"no candles of {symbol}; there are {', '.join(self._series)}")
        if timeframe not in self._levels:
            raise CandlesError(f"no {timeframe} candles; there are {', '.join(self._levels)}")
        if limit is not None and limit < 0:
            raise CandlesError(f"a limit of {limit} candles makes no sense: give 0 or more")
        level = self._levels[timeframe]
        series = self._series[symbol][level.index]
        return series[self._window(series, level.length_ms, after_ms, limit)]

    def _window(self, series: list[Bar], length_ms: int, after_ms: int | None, limit: int | None) -> slice:
        high = len(series)
        if high and series[-1].open_ms + length_ms > self.until_ms:
            high = bisect_right(series, self.until_ms - length_ms, key=_OPEN_MS)
        low = max(0, high - (self._keep if limit is None else min(limit, self._keep)))
        if self._reach_ms is not None:
            low = bisect_left(series, self.until_ms - self._reach_ms, low, high, key=_OPEN_MS)
        if after_ms is not None:
            low = bisect_right(series, after_ms - length_ms, low, high, key=_OPEN_MS)
        return slice(low, high)


class Candles:
    """The closed bars of a market's instruments, at its base interval and larger timeframes.

    A larger bar closes when its interval's end passes, and is built from the base bars there are: an
    interval with none has no bar. An interval that had begun before the first step is never shown,
    since its beginning is unknown.

    Memory is bounded, and what is read doesn't depend on when reading began, once `reach_ms` of steps
    have been appended: a run that goes on after a stop reads what it would have read without one.
    """

    def __init__(
        self,
        symbols: Iterable[str],
        interval_ms: int,
        *,
        timeframes: Iterable[str] = TIMEFRAMES,
        keep: int = 1_000,
        reach_ms: int | None = None,
    ) -> None:
        """Begin without candles.

        Args:
            symbols: In the market's order.
            interval_ms: The market's base interval.
            timeframes: What to build; those that are no multiple of the base interval are left out,
                and the base interval itself is always there.
            keep: How many bars of each timeframe can be read.
            reach_ms: How far back from the instant of reading a bar may have opened; None: as `keep` says.

        Raises:
            CandlesError: If `keep` is not positive.
        """
        if keep < 1:
            raise CandlesError(f"keep is {keep}: at least one bar must be kept")
        self.symbols = tuple(symbols)
        self.interval_ms = interval_ms
        self._levels = _levels(interval_ms, timeframes)
        self._keep = keep
        self._reach_ms = reach_ms
        self._holds = _holds(self._levels, keep, reach_ms)
        self._slack = max(16, max(self._holds) // 4)
        self._series: list[list[list[Bar]]] = [[[] for _ in self._levels] for _ in self.symbols]
        self._base = [series[0] for series in self._series]
        self._built = [level for level in self._levels.values() if level.source is not None]
        self._ends_ms: list[int] = []
        self._next_end_ms = 0
        self._since_ms = 0
        self._steps = 0
        self._now_ms: int | None = None

    @property
    def now_ms(self) -> int | None:
        """The instant of the last step; None before the first."""
        return self._now_ms

    @property
    def timeframes(self) -> tuple[str, ...]:
        """What can be read, shortest first."""
        return tuple(self._levels)

    def append(self, step: MarketStep) -> None:
        """Take the bars that just closed.

        Raises:
            CandlesError: If the step isn't later than the last, hasn't one entry per symbol, or has a
                bar that doesn't close at its instant; nothing is changed then.
        """
        ts_ms, bars = step.ts_ms, step.bars
        self._check(ts_ms, bars)
        for series, bar in zip(self._base, bars, strict=True):
            if bar is not None:
                series.append(bar)
        if self._now_ms is None:
            self._begin(ts_ms - self.interval_ms)
        self._now_ms = ts_ms
        if ts_ms >= self._next_end_ms:
            self._close_until(ts_ms)
        self._steps += 1
        if self._steps % self._slack == 0:
            self._trim()

    def cut(self, until_ms: int | None = None) -> CandlesCut:
        """What had closed at an instant, fixed for good.

        Args:
            until_ms: The instant, UTC milliseconds; the last step's if None or later than that. Of an earlier
                one there is what is still held.
        """
        now_ms = 0 if self._now_ms is None else self._now_ms
        return CandlesCut(
            until_ms=now_ms if until_ms is None else min(until_ms, now_ms),
            _series={symbol: tuple(own) for symbol, own in zip(self.symbols, self._series, strict=True)},
            _levels=self._levels,
            _keep=self._keep,
            _reach_ms=self._reach_ms,
        )

    def bars(
        self,
        symbol: str,
        timeframe: str,
        *,
        after_ms: int | None = None,
        limit: int | None = None,
        until_ms: int | None = None,
    ) -> Sequence[Bar]:
        """Bars closed by `until_ms` (or now), oldest → newest; the rest as in `CandlesCut.bars`."""
        return self.cut(until_ms).bars(symbol, timeframe, after_ms=after_ms, limit=limit)

    def _check(self, ts_ms: int, bars: tuple[Bar | None, ...]) -> None:
        if self._now_ms is not None and ts_ms <= self._now_ms:
            raise CandlesError(f"a step of {ts_ms} can't follow one of {self._now_ms}: time only goes on")
        if len(bars) != len(self.symbols):
            raise CandlesError(f"a step has {len(bars)} bars for {len(self.symbols)} symbols")
        open_ms = ts_ms - self.interval_ms
        for bar in bars:
            if bar is not None and bar[0] != open_ms:
                raise CandlesError(f"a bar that opened at {bar[0]} doesn't close at {ts_ms}")

    def _begin(self, since_ms: int) -> None:
        self._since_ms = since_ms
        self._ends_ms = [since_ms - since_ms % level.length_ms + level.length_ms for level in self._built]
        self._next_end_ms = min(self._ends_ms, default=0)

    def _close_until(self, ts_ms: int) -> None:
        for number, level in enumerate(self._built):
            end_ms = self._ends_ms[number]
            if ts_ms < end_ms:
                continue
            self._build(level, end_ms)
            last_end_ms = ts_ms - ts_ms % level.length_ms
            if last_end_ms > end_ms:  # steps were left out: only the last interval can have bars too
                self._build(level, last_end_ms)
            self._ends_ms[number] = last_end_ms + level.length_ms
        self._next_end_ms = min(self._ends_ms, default=0)

    def _build(self, level: _Level, end_ms: int) -> None:
        assert level.source is not None
        start_ms = end_ms - level.length_ms
        if start_ms < self._since_ms:
            return
        for own in self._series:
            source = own[level.source]
            high = len(source)
            while high and source[high - 1][0] >= end_ms:
                high -= 1
            low = high
            while low and source[low - 1][0] >= start_ms:
                low -= 1
            if low < high:
                own[level.index].append(aggregate(source[low:high], start_ms))

    def _trim(self) -> None:
        # A cut holds on to the lists as they were, so a list is replaced, never shortened.
        for own in self._series:
            for index, hold in enumerate(self._holds):
                if len(own[index]) > hold:
                    own[index] = own[index][-hold:]
        self._base = [own[0] for own in self._series]


def _levels(interval_ms: int, timeframes: Iterable[str]) -> dict[str, _Level]:
    lengths = sorted({timeframe_ms(name) for name in timeframes})
    built = [interval_ms] + [n for n in lengths if n > interval_ms and n % interval_ms == 0]
    levels = {}
    for index, length_ms in enumerate(built):
        sources = [i for i in range(index) if length_ms % built[i] == 0]
        source = max(sources, default=None)
        levels[timeframe_name(length_ms)] = _Level(index=index, length_ms=length_ms, source=source)
    return levels


def _holds(levels: dict[str, _Level], keep: int, reach_ms: int | None) -> list[int]:
    """How many bars of each level are held: those that can be read, and those a larger bar is built from."""
    lengths = [level.length_ms for level in levels.values()]
    holds = [keep if reach_ms is None else max(1, min(keep, reach_ms // length)) for length in lengths]
    for level in levels.values():
        if level.source is not None:
            holds[level.source] = max(holds[level.source], level.length_ms // lengths[level.source])
    return holds
