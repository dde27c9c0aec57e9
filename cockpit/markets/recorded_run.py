"""Choosing among recorded files: one recording a symbol, all at one interval, over the time they share."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from cockpit.markets.market import MarketError
from cockpit.markets.recorded import Recording, read_recording
from cockpit.markets.recorded_files import CandleFile
from cockpit.markets.recorded_series import at_interval, joined
from cockpit.markets.timeframes import timeframe_name


def one_quote(files: Iterable[CandleFile]) -> None:
    """Refuse files of several quote currencies.

    Raises:
        MarketError: If there are several; one symbol of each is named.
    """
    quotes: dict[str, str] = {}
    for file in files:
        quotes.setdefault(file.symbol.split("/")[1].split(":")[0], file.symbol)
    if len(quotes) > 1:
        raise MarketError(
            f"a run has one quote currency, and {', '.join(quotes.values())} have {len(quotes)}: "
            "name the symbols to replay"
        )


def recordings_of(
    files: Iterable[CandleFile], asked_ms: int | None
) -> tuple[dict[str, Recording], list[str]]:
    """A recording for each symbol, in the order of the files, and a line for each that was aggregated.

    The interval is the coarsest of the symbols' finest ones, unless one is asked for. A symbol recorded at
    that interval is taken as recorded; another is aggregated from its coarsest candles that fit.

    Args:
        files: At least one.
        asked_ms: The interval asked for, if any.

    Raises:
        MarketError: If a file can't be read, or a symbol has no candles for the interval.
    """
    unnamed = {file.path: read_recording(file.path, None) for file in files if file.interval_ms is None}
    recorded: dict[str, dict[int, list[Path]]] = {}
    for file in files:
        length_ms = unnamed[file.path].interval_ms if file.interval_ms is None else file.interval_ms
        recorded.setdefault(file.symbol, {}).setdefault(length_ms, []).append(file.path)
    interval_ms = asked_ms or max(min(intervals) for intervals in recorded.values())
    recordings, notices = {}, []
    for symbol, intervals in recorded.items():
        source_ms = _source_ms(symbol, intervals, interval_ms)
        parts = [
            (path, unnamed.get(path) or read_recording(path, source_ms)) for path in intervals[source_ms]
        ]
        recordings[symbol] = at_interval(joined(parts), interval_ms)
        if source_ms != interval_ms:
            source, target = timeframe_name(source_ms), timeframe_name(interval_ms)
            notices.append(f"{symbol}: candles of {source} are aggregated to {target}")
    return recordings, notices


def shared_span(recordings: Mapping[str, Recording]) -> tuple[int, int]:
    """From the first open to the last close that all recordings cover, UTC milliseconds.

    Raises:
        MarketError: If they share no time; the symbols that begin last and end first are named.
    """
    last_begun = max(recordings, key=lambda symbol: recordings[symbol].open_ms[0])
    first_ended = min(recordings, key=lambda symbol: recordings[symbol].end_ms)
    begin_ms, end_ms = recordings[last_begun].open_ms[0], recordings[first_ended].end_ms
    if begin_ms >= end_ms:
        raise MarketError(
            f"{first_ended} ends {_iso(end_ms)}, before {last_begun} begins {_iso(begin_ms)}: "
            "name symbols that share some time"
        )
    return begin_ms, end_ms


def _source_ms(symbol: str, intervals: Iterable[int], interval_ms: int) -> int:
    fitting = [length_ms for length_ms in intervals if interval_ms % length_ms == 0]
    if not fitting:
        there = ", ".join(timeframe_name(length_ms) for length_ms in sorted(intervals))
        raise MarketError(
            f"{symbol} has candles of {there}, which don't make {timeframe_name(interval_ms)}: "
            "choose another interval"
        )
    return max(fitting)


def _iso(ts_ms: int) -> str:
    return f"{datetime.fromtimestamp(ts_ms // 1_000, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"
