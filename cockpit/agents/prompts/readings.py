"""What indicators say of each bar of a series: a fixed definition, stepped bar by bar.

Time is cut into blocks of `BLOCK_BARS` intervals, counted from the epoch. What is read off a bar comes from
indicators begun anew at the first bar of the block before its own, so it rests on at least `BLOCK_BARS`
intervals of history, on fewer than twice as many, and on when the bar opened alone: never on when reading
began, or on which bars came later.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from operator import attrgetter
from typing import NamedTuple

from cockpit.domain.market import Bar
from cockpit.markets.candles import CandlesCut
from cockpit.markets.timeframes import timeframe_ms
from cockpit.strategies.indicators.averages import Ema, Macd, Sma, update_ema, update_macd, update_sma
from cockpit.strategies.indicators.momentum import Rsi, update_rsi
from cockpit.strategies.indicators.ranges import Atr, update_atr
from cockpit.strategies.strategy import flat_bar

BLOCK_BARS = 100
"""Intervals in a block; at least so many lie before every bar that is read, where there is such history."""

MACD_FAST, MACD_SLOW, MACD_SIGNAL = 12, 26, 9
VOLUME_BARS = 20
"""Bars that a volume's average is taken over."""

_OPEN_MS = attrgetter("open_ms")


class Reading(NamedTuple):
    """One closed bar and what the indicators say at its close; None where they have seen too little.

    Attributes:
        open_ms: When the bar opened, UTC milliseconds.
        close: Its last price, quote per base unit; that of the bar before where nothing was traded.
        volume: Base units traded.
        ema20: Exponential moving average of 20 closes, quote per base unit.
        ema50: Of 50 closes.
        macd: Average of 12 closes less that of 26, quote per base unit.
        rsi7: Wilder's relative strength index over 7 changes, 0 … 100.
        rsi14: Over 14 changes.
        atr3: Wilder's average true range of 3 bars, quote per base unit.
        atr14: Of 14 bars.
        average_volume: Mean volume of 20 bars, this one included.
    """

    open_ms: int
    close: float
    volume: float
    ema20: float | None
    ema50: float | None
    macd: float | None
    rsi7: float | None
    rsi14: float | None
    atr3: float | None
    atr14: float | None
    average_volume: float | None


@dataclass(slots=True)
class _Indicators:
    ema20: Ema = field(default_factory=Ema)
    ema50: Ema = field(default_factory=Ema)
    macd: Macd = field(default_factory=Macd)
    rsi7: Rsi = field(default_factory=Rsi)
    rsi14: Rsi = field(default_factory=Rsi)
    atr3: Atr = field(default_factory=Atr)
    atr14: Atr = field(default_factory=Atr)
    volume: Sma = field(default_factory=Sma)

    def step(self, bar: Bar) -> tuple[float, ...]:
        """Takes in a bar; the last eight fields of its `Reading`, NaN where undefined."""
        close = bar.close
        update_macd(self.macd, MACD_FAST, MACD_SLOW, MACD_SIGNAL, close)
        return (
            update_ema(self.ema20, 20, close),
            update_ema(self.ema50, 50, close),
            self.macd.line,
            update_rsi(self.rsi7, 7, close),
            update_rsi(self.rsi14, 14, close),
            update_atr(self.atr3, 3, bar),
            update_atr(self.atr14, 14, bar),
            update_sma(self.volume, VOLUME_BARS, bar.volume),
        )


def _reading(bar: Bar, values: tuple[float, ...]) -> Reading:
    defined = (value if isfinite(value) else None for value in values)
    return Reading(bar.open_ms, bar.close, bar.volume, *defined)


class _Run:
    """Indicators on their way over one stretch of bars, and the last few readings."""

    __slots__ = ("_at_ms", "_count", "_first", "_indicators", "_last", "_length_ms", "_taken", "readings")

    def __init__(self, first: Bar, length_ms: int, count: int) -> None:
        self._first = self._last = first
        self._length_ms = length_ms
        self._at_ms = first.open_ms - length_ms
        self._taken = 0
        self._count = count
        self._indicators = _Indicators()
        self.readings: deque[Reading] = deque(maxlen=count)

    def began_with(self, bars: Sequence[Bar], last_open_ms: int) -> bool:
        """Whether `bars` begin with just those taken so far, and none of the others should have been."""
        taken = self._taken
        return (
            taken <= len(bars)
            and self._at_ms <= last_open_ms
            and bars[0] == self._first
            and bars[taken - 1] == self._last
            and (taken == len(bars) or bars[taken].open_ms > self._at_ms)
        )

    def step_over(self, bars: Sequence[Bar], last_open_ms: int) -> None:
        """Takes in what is new of `bars`, and a flat bar for every interval up to the last that has none."""
        length_ms = self._length_ms
        early_ms = last_open_ms - self._count * length_ms
        for bar in bars[self._taken :]:
            while self._at_ms < bar.open_ms - length_ms:
                self._step(flat_bar(self._at_ms + length_ms, self._last.close), early_ms)
            self._step(bar, early_ms)
            self._last = bar
        self._taken = len(bars)
        while self._at_ms < last_open_ms:
            self._step(flat_bar(self._at_ms + length_ms, self._last.close), early_ms)

    def _step(self, bar: Bar, early_ms: int) -> None:
        self._at_ms = bar.open_ms
        values = self._indicators.step(bar)
        if bar.open_ms > early_ms:
            self.readings.append(_reading(bar, values))


def history_bars(count: int) -> int:
    """How many intervals back from an instant the readings of the last `count` bars may reach."""
    return 2 * BLOCK_BARS + count


class SeriesReader:
    """Reads the last few bars of series, and keeps the indicators so that the next view steps new bars only.

    What it gives is what a new reader would give, whichever views of a market were read before.

    Args:
        count: Readings of each series.

    Raises:
        ValueError: If `count` is not from 1 to `BLOCK_BARS`.
    """

    def __init__(self, count: int) -> None:
        if not 1 <= count <= BLOCK_BARS:
            raise ValueError(f"a series of {count} values can't be shown: give 1 to {BLOCK_BARS}")
        self._count = count
        self._runs: dict[tuple[str, str], dict[int, _Run]] = {}

    def read(self, candles: CandlesCut, symbol: str, timeframe: str) -> tuple[Reading, ...]:
        """Readings of the intervals that closed last, oldest → newest.

        Args:
            candles: Cut at the instant.
            symbol: Which instrument.
            timeframe: Of its bars.

        Returns:
            The last one is always that of the interval that closed last. Fewer where there is less history;
            none where there is none, or the candles don't have the timeframe.

        Raises:
            CandlesError: If the symbol isn't among the candles.
        """
        if timeframe not in candles.timeframes:
            return ()
        length_ms = timeframe_ms(timeframe)
        block_ms = BLOCK_BARS * length_ms
        last_ms = candles.until_ms - candles.until_ms % length_ms - length_ms
        first_ms = last_ms - (self._count - 1) * length_ms
        bars = candles.bars(symbol, timeframe, limit=history_bars(self._count))
        before, runs = self._runs.get((symbol, timeframe), {}), dict[int, _Run]()
        readings = list[Reading]()
        # The block to come is begun as well, so that no view has to begin a hundred bars back when it comes.
        for block in range(first_ms // block_ms, last_ms // block_ms + 2):
            end_ms = min(last_ms, (block + 1) * block_ms - length_ms)
            own = _between(bars, (block - 1) * block_ms, end_ms)
            if not own:
                continue
            run = before.get(block)
            if run is None or not run.began_with(own, end_ms):
                run = _Run(own[0], length_ms, self._count)
            run.step_over(own, end_ms)
            runs[block] = run
            start_ms = max(first_ms, block * block_ms)
            readings += [reading for reading in run.readings if reading.open_ms >= start_ms]
        self._runs[symbol, timeframe] = runs
        return tuple(readings)


def _between(bars: Sequence[Bar], first_ms: int, last_ms: int) -> Sequence[Bar]:
    """The bars that opened from one instant to another, both included."""
    low = bisect_left(bars, first_ms, key=_OPEN_MS)
    return bars[low : bisect_right(bars, last_ms, low, key=_OPEN_MS)]
