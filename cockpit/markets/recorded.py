"""Recorded candles: reading a file, and refusing what can't be true.

Formats: CSV (plain or gzip) and Parquet with a column for the open time and columns ``open, high, low,
close, volume`` (any case, any order). Rows are counted from 1, the header left out.

Times may be integers since the epoch in seconds, milliseconds, microseconds or nanoseconds (told apart by
size: below 10^11, 10^14, 10^17 or above; a column named ``…_ms`` holds milliseconds), dates of Parquet, or
ISO 8601; without an offset they are UTC.
"""

import gzip
import zlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.markets.market import MarketError
from cockpit.markets.recorded_checks import check_candles, checked_interval_ms, refuse

if TYPE_CHECKING:  # polars takes a fifth of a second to import: only who reads a file pays
    import polars as pl

MOST_PRICE_DECIMALS = 10
MOST_VOLUME_DECIMALS = 8

_PRICES = ("open", "high", "low", "close")
_MS_TIMES = ("timestamp_ms", "open_ms", "open_time_ms", "time_ms")
_ALIASES = {
    **dict.fromkeys((*_MS_TIMES, "timestamp", "time", "date", "datetime", "open_time", "ts"), "time"),
    **{name: name for name in (*_PRICES, "volume")},
    **{"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume", "vol": "volume"},
}
_LAST_BITS = 5e-16
"""What arithmetic leaves behind: recorders write 0.09946999000000001 and mean 0.09946999."""

_COLUMNS = ("time", *_PRICES, "volume")
_LEAST_US = 10**14
_UNITS = ((10**11, 1_000_000, 1), (_LEAST_US, 1_000, 1), (10**17, 1, 1), (2**63, 1, 1_000))
"""Times below the first number are to be multiplied by the second and divided by the third to be µs."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The candles of one symbol, checked: times strictly rising, on the interval's grid; prices possible.

    Attributes:
        interval_ms: Length of a candle.
        open_ms: Open times, UTC milliseconds.
        open: Prices; `high`, `low` and `close` likewise, one for each open time.
        high: See `open`.
        low: See `open`.
        close: See `open`.
        volume: Base units.
        price_decimals: Decimals the prices have, at most `MOST_PRICE_DECIMALS`.
        volume_decimals: Decimals the volumes have, at most `MOST_VOLUME_DECIMALS`.
    """

    interval_ms: int
    open_ms: "array[int]"
    open: "array[float]"
    high: "array[float]"
    low: "array[float]"
    close: "array[float]"
    volume: "array[float]"
    price_decimals: int
    volume_decimals: int

    @property
    def end_ms(self) -> int:
        """The close time of the last candle."""
        return self.open_ms[-1] + self.interval_ms


def read_recording(path: Path, interval_ms: int | None) -> Recording:
    """The candles of a file.

    Args:
        path: CSV, gzip CSV or Parquet, by its suffix.
        interval_ms: Length of a candle; None: the smallest distance between two of them.

    Raises:
        MarketError: If it can't be read, or holds anything but candles in order; the message names
            file, row and reason.
    """
    frame, in_ms = _named(path, _frame(path))
    if frame.height == 0:
        raise MarketError(f"{path} has no candles: only a header")
    times_us = _times_us(path, frame, in_ms=in_ms)
    columns = {name: _numbers(path, frame[name]) for name in (*_PRICES, "volume")}
    interval_ms = checked_interval_ms(path, times_us, interval_ms)
    check_candles(path, columns)
    arrays = {name: array("d", column.to_list()) for name, column in columns.items()}
    return Recording(
        interval_ms=interval_ms,
        open_ms=array("q", (times_us // 1_000).to_list()),
        open=arrays["open"],
        high=arrays["high"],
        low=arrays["low"],
        close=arrays["close"],
        volume=arrays["volume"],
        price_decimals=max(decimals_of(arrays[name], MOST_PRICE_DECIMALS) for name in _PRICES),
        volume_decimals=decimals_of(arrays["volume"], MOST_VOLUME_DECIMALS),
    )


def _frame(path: Path) -> "pl.DataFrame":
    import polars as pl  # noqa: PLC0415

    try:
        raw = path.read_bytes()
        if path.name.endswith(".gz"):
            raw = gzip.decompress(raw)
        if path.name.endswith(".parquet"):
            return pl.read_parquet(BytesIO(raw))
        return pl.read_csv(BytesIO(raw), infer_schema=False)
    except pl.exceptions.NoDataError as error:
        raise MarketError(f"{path} is empty") from error
    except (OSError, EOFError, zlib.error, pl.exceptions.PolarsError) as error:
        raise MarketError(f"{path} can't be read: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _named(path: Path, frame: "pl.DataFrame") -> tuple["pl.DataFrame", bool]:
    """`frame` with its columns named as in `_COLUMNS`, and whether its times are said to be milliseconds."""
    spelled = {name: name.strip().lower().replace(" ", "_") for name in frame.columns}
    unknown = [name for name in frame.columns if spelled[name] not in _ALIASES]
    if unknown:
        raise MarketError(
            f"{path} has columns cockpit doesn't know: {', '.join(unknown)}; "
            "its header must be timestamp_ms,open,high,low,close,volume"
        )
    meant = {name: _ALIASES[spelled[name]] for name in frame.columns}
    missing = [name for name in _COLUMNS if name not in meant.values()]
    if missing:
        raise MarketError(f"{path} lacks the columns {', '.join(missing)}")
    if len(meant) > len(_COLUMNS):
        raise MarketError(f"{path} has two columns for one thing: {', '.join(frame.columns)}")
    return frame.rename(meant), any(spelled[name] in _MS_TIMES for name in frame.columns)


def _numbers(path: Path, column: "pl.Series") -> "pl.Series":
    import polars as pl  # noqa: PLC0415

    if column.dtype == pl.String:
        numbers = column.str.strip_chars().cast(pl.Float64, strict=False)
    elif column.dtype.is_numeric():
        numbers = column.cast(pl.Float64)
    else:
        raise MarketError(f"{path}: {column.name} holds {column.dtype}, not numbers")
    refuse(path, numbers.is_null(), lambda row: f"{column.name} is {_spelled(column[row])}, not a number")
    return numbers


def _spelled(value: object) -> str:
    return "missing" if value is None else repr(value)


def _times_us(path: Path, frame: "pl.DataFrame", *, in_ms: bool) -> "pl.Series":
    """The open times in microseconds since the epoch."""
    import polars as pl  # noqa: PLC0415

    column = frame["time"]
    if column.dtype in (pl.Date, pl.Datetime):
        refuse(path, column.is_null(), lambda _: "the time is missing")
        return column.cast(pl.Datetime("us")).dt.epoch("us")
    if column.dtype == pl.String and not _is_number(column[0]):
        return pl.Series(
            "time", [_iso_us(path, row, text) for row, text in enumerate(column)], dtype=pl.Int64
        )
    return _integers_us(path, column, in_ms=in_ms)


def _integers_us(path: Path, column: "pl.Series", *, in_ms: bool) -> "pl.Series":
    import polars as pl  # noqa: PLC0415

    text = column.str.strip_chars() if column.dtype == pl.String else column
    numbers = text.cast(pl.Float64, strict=False)
    whole = numbers.cast(pl.Int64, strict=False)
    wrong = whole.is_null() | (whole < 0) | (numbers != numbers.floor()).fill_null(value=True)
    refuse(path, wrong, lambda row: f"the time is {_spelled(column[row])}, not a time since 1970")
    largest: int = whole.max()  # type: ignore[assignment]
    if in_ms and largest >= _LEAST_US:
        raise MarketError(f"{path}: the column of times says milliseconds, but holds {largest}")
    if in_ms:
        return whole * 1_000
    return next(whole * times // per for bound, times, per in _UNITS if largest < bound)


def _is_number(text: str | None) -> bool:
    return text is not None and text.strip().lstrip("-").replace(".", "", 1).isdecimal()


def _iso_us(path: Path, row: int, text: str | None) -> int:
    try:
        when = datetime.fromisoformat((text or "").strip())
    except ValueError as error:
        raise MarketError(f"{path}: row {row + 1}: the time is {_spelled(text)}, not a time") from error
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return (when - _EPOCH) // _MICROSECOND


def decimals_of(values: Iterable[float], most: int) -> int:
    """The fewest decimals that spell every value, but for the last bit of a float; `most` if fewer don't."""
    decimals, scale = 0, 1.0
    for value in values:
        while abs(round(value * scale) / scale - value) > _LAST_BITS * value:
            decimals += 1
            if decimals == most:
                return most
            scale = float(10**decimals)
    return decimals
