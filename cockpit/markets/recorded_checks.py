"""What recorded candles must satisfy; anything else is refused with file, row and reason."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.domain.market import MINUTE_MS
from cockpit.markets.market import MarketError
from cockpit.markets.timeframes import timeframe_name

if TYPE_CHECKING:  # imported only where a file is read
    import polars as pl

_PRICES = ("open", "high", "low", "close")
_US_PER_MS = 1_000


def refuse(path: Path, wrong: "pl.Series", reason: Callable[[int], str]) -> None:
    """Raise for the first row that is wrong.

    Args:
        path: The file.
        wrong: True for wrong rows.
        reason: Says what is wrong with a row, given its index from 0.

    Raises:
        MarketError: If a row is wrong; it is counted from 1, the header left out.
    """
    row = wrong.arg_max() if wrong.any() else None
    if row is not None:
        raise MarketError(f"{path}: row {row + 1}: {reason(row)}")


def checked_interval_ms(path: Path, times_us: "pl.Series", interval_ms: int | None) -> int:
    """The length of the candles, their open times checked: rising, each on the interval's grid.

    Args:
        path: The file.
        times_us: Open times, UTC microseconds.
        interval_ms: What the file's name says; None: the smallest distance between two candles.

    Raises:
        MarketError: If the times can't be right, or there is but one and no interval is known.
    """
    steps = times_us.diff()
    refuse(path, (steps == 0).fill_null(value=False), lambda row: f"{_iso(times_us[row])} comes twice")
    refuse(
        path,
        (steps < 0).fill_null(value=False),
        lambda row: f"{_iso(times_us[row])} comes after {_iso(times_us[row - 1])}: sort the file by time",
    )
    if interval_ms is None:
        if len(times_us) == 1:
            raise MarketError(f"{path} has one candle: say its length in the name, such as BTCUSDT-1m.csv")
        shortest_us: int = steps.min()  # type: ignore[assignment]
        if shortest_us % (MINUTE_MS * _US_PER_MS):
            raise MarketError(f"{path}: candles {shortest_us / 1e6:g} s apart: cockpit replays whole minutes")
        interval_ms = shortest_us // _US_PER_MS
    length = timeframe_name(interval_ms)
    refuse(
        path,
        times_us % (interval_ms * _US_PER_MS) != 0,
        lambda row: f"{_iso(times_us[row])} is no start of a {length} candle",
    )
    return interval_ms


def check_candles(path: Path, columns: dict[str, "pl.Series"]) -> None:
    """Refuse prices and volumes that can't be.

    Args:
        path: The file.
        columns: ``open``, ``high``, ``low``, ``close`` and ``volume``, without nulls.

    Raises:
        MarketError: At the first row with a number that isn't finite, a price that isn't positive, a high
            below the low, extremes that don't enclose open and close, or a negative volume.
    """
    for name, column in columns.items():
        refuse(path, ~column.is_finite(), _saying(name, column, "not a finite number"))
    for name in _PRICES:
        refuse(path, columns[name] <= 0, _saying(name, columns[name], "not a positive price"))
    high, low = columns["high"], columns["low"]
    refuse(path, high < low, lambda row: f"high {high[row]} is below low {low[row]}")
    for name in ("open", "close"):
        price = columns[name]
        outside = (price > high) | (price < low)
        refuse(path, outside, _saying(name, price, "outside of low … high"))
    refuse(path, columns["volume"] < 0, _saying("volume", columns["volume"], "negative"))


def _saying(name: str, column: "pl.Series", fault: str) -> Callable[[int], str]:
    return lambda row: f"{name} is {column[row]}, {fault}"


def _iso(time_us: int) -> str:
    when = datetime.fromtimestamp(time_us // 1_000_000, tz=UTC)
    return f"{when:%Y-%m-%dT%H:%M:%S}.{time_us // 1_000 % 1_000:03}Z"
