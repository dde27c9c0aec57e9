"""A market of recorded candles: what happened, once more."""

from bisect import bisect_left
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path

from cockpit.domain.market import Bar, Instrument
from cockpit.markets.market import MarketError, MarketStep
from cockpit.markets.recorded import Recording
from cockpit.markets.recorded_files import candle_files
from cockpit.markets.recorded_instruments import recorded_instrument
from cockpit.markets.recorded_run import one_quote, recordings_of, shared_span
from cockpit.markets.recorded_series import gaps_between
from cockpit.markets.rules import InstrumentRules
from cockpit.markets.timeframes import timeframe_ms, timeframe_name


class ReplayMarket:
    """Recorded candles of one file or folder; see `cockpit.markets.market.Market` for the members.

    All symbols are replayed over the time they share, at one interval: the finest each of them has, and
    where these differ the coarsest of them, to which finer candles are aggregated. Several files of one
    symbol and interval are periods of one recording. An interval that has no candle gives a step whose bar
    is None; trading begins after the history.
    """

    name = "replay"

    def __init__(
        self,
        *,
        path: Path,
        symbols: Sequence[str] | None = None,
        rules: Mapping[str, InstrumentRules] | None = None,
        history_bars: int = 300,
        interval: str | None = None,
    ) -> None:
        """Read and check the candles.

        Args:
            path: A file (CSV, CSV.gz or Parquet), or a folder of files named ``SYMBOL-INTERVAL[-PERIOD]``.
            symbols: Which to replay, in this order: unified symbols, bases, or names as in the files'
                names; None: all there are. For a file whose name doesn't tell, its unified symbol.
            rules: The venue's rules by unified symbol or base; what they leave open is taken from the
                decimals of the recording and usual terms.
            history_bars: How many intervals are history before trading begins; at most half of all.
            interval: The candles to replay, such as ``5m``; None: see above.

        Raises:
            MarketError: If anything recorded can't be right, or can't be replayed together.
        """
        files, notices = candle_files(path, symbols)
        one_quote(files)
        recordings, lines = recordings_of(files, None if interval is None else _asked_ms(interval))
        notices += lines
        self.interval_ms = next(iter(recordings.values())).interval_ms
        self._recordings = tuple(recordings.values())
        self._begin_ms, self._end_ms = shared_span(recordings)
        count = (self._end_ms - self._begin_ms) // self.interval_ms
        self.start_ms = self._begin_ms + max(0, min(history_bars, count // 2)) * self.interval_ms
        instruments = []
        for symbol, recording in recordings.items():
            instrument, lines = recorded_instrument(symbol, recording, rules or {})
            instruments.append(instrument)
            notices += lines + self._gap_lines(symbol, recording)
        self.instruments: tuple[Instrument, ...] = tuple(instruments)
        self.notices = tuple(notices)

    @property
    def end_ms(self) -> int:
        """The instant of the last step."""
        return self._end_ms

    async def steps(self, after_ms: int, history: int) -> AsyncIterator[MarketStep]:
        """All steps in time order, to the end of the data; see `cockpit.markets.market.Market.steps`."""
        for step in self._steps_from(after_ms - after_ms % self.interval_ms - history * self.interval_ms):
            yield step

    def _steps_from(self, open_ms: int) -> Iterator[MarketStep]:
        open_ms = max(self._begin_ms, open_ms)
        cursors = [bisect_left(recording.open_ms, open_ms) for recording in self._recordings]
        while open_ms < self._end_ms:
            bars: list[Bar | None] = []
            for number, recording in enumerate(self._recordings):
                cursor = cursors[number]
                if cursor == len(recording.open_ms) or recording.open_ms[cursor] != open_ms:
                    bars.append(None)
                    continue
                cursors[number] = cursor + 1
                bars.append(
                    Bar(
                        open_ms,
                        recording.open[cursor],
                        recording.high[cursor],
                        recording.low[cursor],
                        recording.close[cursor],
                        recording.volume[cursor],
                    )
                )
            open_ms += self.interval_ms
            yield MarketStep(ts_ms=open_ms, bars=tuple(bars))

    def _gap_lines(self, symbol: str, recording: Recording) -> list[str]:
        gaps = gaps_between(recording, self._begin_ms, self._end_ms)
        if gaps.missing == 0:
            return []
        return [
            f"{symbol}: {gaps.missing:,} of {gaps.expected:,} intervals of "
            f"{timeframe_name(self.interval_ms)} have no candle, at most {gaps.longest:,} in a row; "
            "they are passed over"
        ]


def _asked_ms(interval: str) -> int:
    try:
        return timeframe_ms(interval)
    except ValueError as error:
        raise MarketError(str(error)) from error
