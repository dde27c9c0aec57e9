"""Timeframes: how long a bar is, in the words traders use (``1m``, ``4h``, ``1d``)."""

import re

from cockpit.domain.market import DAY_MS, HOUR_MS, MINUTE_MS

TIMEFRAMES = ("1m", "3m", "5m", "15m", "1h", "4h", "1d")
"""What the read layer aggregates to, shortest first."""

_UNIT_MS = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
_NAME = re.compile(r"([1-9]\d{0,4})([mhd])")


def timeframe_ms(name: str) -> int:
    """The length of a timeframe.

    Args:
        name: A count and a unit: minutes ``m``, hours ``h`` or days ``d``, such as ``15m``.

    Raises:
        ValueError: If `name` is none.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} is no timeframe: write a count and m, h or d, such as 15m")
    return int(match[1]) * _UNIT_MS[match[2]]


def timeframe_name(length_ms: int) -> str:
    """The shortest name of a length: ``15m`` for 900,000; 60 minutes are ``1h``.

    Raises:
        ValueError: If it is no whole number of minutes.
    """
    if length_ms <= 0 or length_ms % MINUTE_MS:
        raise ValueError(f"{length_ms} ms is no timeframe: bars last whole minutes")
    unit = next(unit for unit in ("d", "h", "m") if length_ms % _UNIT_MS[unit] == 0)
    return f"{length_ms // _UNIT_MS[unit]}{unit}"
