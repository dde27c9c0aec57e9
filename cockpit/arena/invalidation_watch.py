"""Looks after every bar whether what agents said would prove their positions wrong has come about."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan
from operator import attrgetter

from cockpit.domain.accounts import Position
from cockpit.domain.decisions import Target
from cockpit.domain.market import Bar, Instrument
from cockpit.markets.candles import CandlesCut
from cockpit.markets.timeframes import timeframe_ms
from cockpit.strategies.indicators.momentum import Rsi, update_rsi
from cockpit.trading.agent_state import AgentState
from cockpit.trading.invalidation import Condition, Reading, checkable, coin_names

BLOCK_BARS = 100
"""An RSI begins anew at the first bar of the block of so many intervals, counted from the epoch, before the
bar's own. So what it says of a bar is what prompts show of it, and does not depend on when reading began."""

SPAN_BARS = 100
"""How many of the newest bars are looked back on for one on the other side of a bound."""

HISTORY_BARS = 2 * BLOCK_BARS + SPAN_BARS
"""The newest bars that a reading may rest on."""

MAX_PARSED = 1_000
"""Texts whose conditions are remembered; they are read again when there have been more."""

_OPEN_MS = attrgetter("open_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A condition that has come about, under which an agent said that it would be wrong.

    Attributes:
        agent: Whose thesis.
        symbol: Of the position in which instrument.
        condition: In canonical words.
    """

    agent: str
    symbol: str
    condition: str


class InvalidationWatch:
    """Reads theses and judges them by closed bars.

    It remembers nothing that decides: what it says follows from its arguments, and another one says the same.

    Args:
        instruments: The run's, which conditions can name.
        timeframes: Those the market's candles have; a condition on others can't be checked.
    """

    def __init__(self, instruments: Sequence[Instrument], timeframes: Iterable[str]) -> None:
        self._names = coin_names(instruments)
        self._timeframes = frozenset(timeframes)
        self._parsed: dict[tuple[str, str], Condition | None] = {}
        self._rsi = _RsiSeries()

    def condition(self, text: str, symbol: str) -> Condition | None:
        """What is checked of a thesis; None where nothing is: the text is for people then.

        Args:
            text: In the agent's words.
            symbol: Of the position, meant where none is named.
        """
        key = (text, symbol)
        if key not in self._parsed:
            if len(self._parsed) >= MAX_PARSED:
                self._parsed.clear()
            self._parsed[key] = checkable(text, symbol, self._names, self._timeframes)
        return self._parsed[key]

    def breaches(self, agent: AgentState, marks: Mapping[str, float], cut: CandlesCut) -> Iterator[Breach]:
        """Which of an agent's theses are broken now and not yet known to be, in the order of its positions.

        Only theses on positions count that the agent still wants to hold.

        Args:
            agent: With `broken`, the conditions by symbol that were told before.
            marks: Mark price by symbol.
            cut: The candles at the instant.
        """
        for symbol, position in agent.account.positions.items():
            text = _thesis_on(position, agent.targets.get(symbol))
            condition = self.condition(text, symbol) if text else None
            if condition is None:
                continue
            facts = _CutFacts(
                cut=cut,
                marks=marks,
                rsi_series=self._rsi,
                opened_ms=position.opened_ms,
                stated_ms=agent.stated_ms.get(symbol, position.opened_ms),
            )
            if condition.is_met(facts):
                words = condition.words()
                if agent.broken.get(symbol) != words:
                    yield Breach(agent=agent.account.agent, symbol=symbol, condition=words)


def _thesis_on(position: Position, target: Target | None) -> str:
    if target is None or target.thesis is None or target.exposure * position.signed_lots <= 0:
        return ""
    return target.thesis.invalidation


class _RsiSeries:
    """RSI of the newest bars, kept until the bars are others."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Reading, int], tuple[tuple[Bar, Bar], list[float]]] = {}

    def newest(self, reading: Reading, bars: Sequence[Bar], length_ms: int, count: int) -> list[float]:
        """One value for each of the newest `count` bars, oldest → newest; NaN where undefined.

        Args:
            reading: Which RSI.
            bars: At least `count`, those it may rest on. They begin later as time goes on, so what is kept
                holds only while they begin and end with the same.
            length_ms: Of the bars.
            count: At least 1.
        """
        assert reading.rsi_period is not None
        bounds = (bars[0], bars[-1])
        kept = self._kept.get((reading, count))
        if kept is None or kept[0] != bounds:
            kept = (bounds, _rsi_values(bars, length_ms, reading.rsi_period, bars[-count].open_ms))
            self._kept[reading, count] = kept
        return kept[1]


def _rsi_values(bars: Sequence[Bar], length_ms: int, period: int, first_ms: int) -> list[float]:
    """Of the bars that opened at `first_ms` or later."""
    block_ms = BLOCK_BARS * length_ms
    values: list[float] = []
    for block in range(first_ms // block_ms, bars[-1].open_ms // block_ms + 1):
        start_ms = block * block_ms
        low = bisect_left(bars, start_ms - block_ms, key=_OPEN_MS)
        high = bisect_left(bars, start_ms + block_ms, low, key=_OPEN_MS)
        shown_ms = max(start_ms, first_ms)
        if low < high and bars[high - 1].open_ms >= shown_ms:
            values += _rsi_from(bars[low:high], length_ms, period, shown_ms)
    return values


def _rsi_from(bars: Sequence[Bar], length_ms: int, period: int, shown_ms: int) -> list[float]:
    """Of the bars from `shown_ms` on, begun with the first; the last close stands where there is no bar."""
    state = Rsi()
    values = [update_rsi(state, period, bars[0].close)]
    for before, bar in pairwise(bars):
        for _ in range(before.open_ms + length_ms, bar.open_ms, length_ms):
            update_rsi(state, period, before.close)
        values.append(update_rsi(state, period, bar.close))
    return values[bisect_left(bars, shown_ms, key=_OPEN_MS) :]


@dataclass(frozen=True, slots=True, kw_only=True)
class _CutFacts:
    """What candles and marks say at one instant of one thesis."""

    cut: CandlesCut
    marks: Mapping[str, float]
    rsi_series: _RsiSeries
    opened_ms: int
    stated_ms: int

    @property
    def now_ms(self) -> int:
        """The instant, UTC milliseconds."""
        return self.cut.until_ms

    def value(self, reading: Reading) -> float | None:
        """The mark, or what the newest bar says, if it closed since the thesis was stated."""
        if reading.timeframe is None:
            return self.marks.get(reading.symbol)
        length_ms = timeframe_ms(reading.timeframe)
        newest = self.cut.bars(reading.symbol, reading.timeframe, limit=1)
        if not newest or newest[0].open_ms + length_ms <= self.stated_ms:
            return None
        return _known(self._values(reading, reading.timeframe, 1))[0]

    def span(self, reading: Reading) -> tuple[float, float] | None:
        """The lowest and highest since then and what stood then; of prices, the shortest bars' closes."""
        timeframe = reading.timeframe or self.cut.timeframes[0]
        bars = self.cut.bars(reading.symbol, timeframe, limit=SPAN_BARS)
        since = bisect_right(bars, self.stated_ms - timeframe_ms(timeframe), key=_OPEN_MS)
        values = self._values(reading, timeframe, len(bars))[max(0, since - 1) :] if bars else []
        known = [value for value in _known(values) if value is not None]
        return (min(known), max(known)) if known else None

    def _values(self, reading: Reading, timeframe: str, count: int) -> list[float]:
        """What each of the newest `count` bars says, of which there are so many."""
        if reading.rsi_period is None:
            return [bar.close for bar in self.cut.bars(reading.symbol, timeframe, limit=count)]
        bars = self.cut.bars(reading.symbol, timeframe, limit=HISTORY_BARS)
        return self.rsi_series.newest(reading, bars, timeframe_ms(timeframe), count)


def _known(values: list[float]) -> list[float | None]:
    return [None if isnan(value) else value for value in values]
