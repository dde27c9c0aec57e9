"""How settings spell durations, limits and speeds."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_UNIT_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def duration_ms(text: object) -> int:
    """Milliseconds in a duration such as ``90s``, ``15m``, ``7d``; a bare number is seconds.

    Raises:
        ValueError: If it is none, .
    """
    match = _DURATION.fullmatch(str(text).strip())
    length_ms = round(float(match[1]) * _UNIT_MS[match[2] or "s"]) if match else 0
    if match is None or length_ms < 0:
        raise ValueError(f"{text!r} is no duration: write a number and s, m, h or d, such as 90s or 7d")
    return length_ms


def _by_hand_or_duration(value: object) -> int | None:
    return None if value in (None, "by hand") else duration_ms(value)


def _off_or_duration(value: object) -> int | None:
    return None if value in (None, "off") else duration_ms(value)


def _in_words(length_ms: int | None) -> str | None:
    if length_ms is None:
        return None
    unit = next(
        (unit for unit in ("d", "h", "m", "s") if length_ms and length_ms % _UNIT_MS[unit] == 0), "ms"
    )
    return f"{length_ms // _UNIT_MS[unit]}{unit}"


def _limit(value: object) -> object:
    return None if value == "off" else value


def _speed(value: object) -> object:
    return None if value == "max" else value


_WITH_UNIT = PlainSerializer(_in_words, when_used="json")
"""A duration leaves as text with its unit, and so comes back as itself: a bare number is seconds."""

DurationMs = Annotated[int, BeforeValidator(duration_ms), Field(gt=0), _WITH_UNIT]
CoolDownMs = Annotated[int | None, BeforeValidator(_by_hand_or_duration), _WITH_UNIT]
StaleAfterMs = Annotated[int | None, BeforeValidator(_off_or_duration), _WITH_UNIT]
Limit = Annotated[Annotated[float, Field(gt=0)] | None, BeforeValidator(_limit)]
Speed = Annotated[Annotated[float, Field(gt=0)] | None, BeforeValidator(_speed)]
