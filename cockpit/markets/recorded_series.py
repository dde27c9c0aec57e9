"""Recordings made ready to be replayed together: joined, brought to one interval, their gaps counted."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cockpit.domain.market import Bar
from cockpit.markets.candles import aggregate
from cockpit.markets.market import MarketError
from cockpit.markets.recorded import Recording
from cockpit.markets.timeframes import timeframe_name

_COLUMNS = ("open_ms", "open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """Intervals without a candle.

    Attributes:
        missing: How many.
        longest: The most in a row.
        expected: How many candles there would be without gaps.
    """

    missing: int
    longest: int
    expected: int


def bars_of(recording: Recording, low: int = 0, high: int | None = None) -> Iterator[Bar]:
    """The candles from index `low` up to, not including, `high`, as bars."""
    return map(Bar, *(getattr(recording, name)[low:high] for name in _COLUMNS))


def joined(parts: Iterable[tuple[Path, Recording]]) -> Recording:
    """One recording from those of several periods.

    Raises:
        MarketError: If two of them overlap in time.
    """
    ordered = sorted(parts, key=lambda part: (part[1].open_ms[0], part[0]))
    (path, whole), *rest = ordered
    for next_path, part in rest:
        if part.open_ms[0] < whole.end_ms:
            raise MarketError(f"{next_path} begins before {path} ends: remove one of them")
        whole = Recording(
            interval_ms=whole.interval_ms,
            open_ms=whole.open_ms + part.open_ms,
            open=whole.open + part.open,
            high=whole.high + part.high,
            low=whole.low + part.low,
            close=whole.close + part.close,
            volume=whole.volume + part.volume,
            price_decimals=max(whole.price_decimals, part.price_decimals),
            volume_decimals=max(whole.volume_decimals, part.volume_decimals),
        )
        path = next_path
    return whole


def at_interval(recording: Recording, interval_ms: int) -> Recording:
    """`recording` in longer candles; those it begins or ends in the middle of are left out.

    Args:
        recording: Its interval divides `interval_ms`.
        interval_ms: Length of the candles wanted.

    Raises:
        MarketError: If it spans no whole candle of that length.
    """
    if recording.interval_ms == interval_ms:
        return recording
    longer: list[Bar] = []
    inside: list[Bar] = []
    begins_ms = recording.open_ms[0]
    for bar in bars_of(recording):
        if inside and bar.open_ms // interval_ms != inside[0].open_ms // interval_ms:
            _close(longer, inside, interval_ms, begins_ms)
            inside = []
        inside.append(bar)
    if recording.end_ms % interval_ms == 0:
        _close(longer, inside, interval_ms, begins_ms)
    if not longer:
        raise MarketError(
            f"{len(recording.open_ms)} candles of {timeframe_name(recording.interval_ms)} "
            f"make no whole candle of {timeframe_name(interval_ms)}"
        )
    opens_ms, *columns = zip(*longer, strict=True)
    opened, high, low, close, volume = (array("d", column) for column in columns)
    return Recording(
        interval_ms=interval_ms,
        open_ms=array("q", opens_ms),
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=volume,
        price_decimals=recording.price_decimals,
        volume_decimals=recording.volume_decimals,
    )


def _close(longer: list[Bar], inside: list[Bar], interval_ms: int, begins_ms: int) -> None:
    open_ms = inside[0].open_ms - inside[0].open_ms % interval_ms
    if open_ms >= begins_ms:
        longer.append(aggregate(inside, open_ms))


def gaps_between(recording: Recording, begin_ms: int, end_ms: int) -> Gaps:
    """The gaps of `recording` in a span of time that whole candles fill."""
    interval_ms = recording.interval_ms
    present = longest = 0
    expected_ms = begin_ms
    for open_ms in recording.open_ms:
        if open_ms < begin_ms:
            continue
        if open_ms >= end_ms:
            break
        present += 1
        longest = max(longest, (open_ms - expected_ms) // interval_ms)
        expected_ms = open_ms + interval_ms
    longest = max(longest, (end_ms - expected_ms) // interval_ms)
    expected = (end_ms - begin_ms) // interval_ms
    return Gaps(missing=expected - present, longest=longest, expected=expected)
