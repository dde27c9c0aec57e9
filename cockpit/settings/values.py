"""How settings spell durations, limits and speeds."""

import re
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_UNIT_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def duration_ms(text: object) -> int:
    """Milliseconds in a duration such as ``90s``, ``15m``, ``7d``; a bare number is seconds.

    Raises:
        ValueError: If it is none.
    """
    match = _DURATION.fullmatch(str(text).strip())
    length_ms = round(float(match[1]) * _UNIT_MS[match[2] or "s"]) if match else 0
    if match is None or length_ms < 0:
        raise ValueError(f"{text!r} is no duration: write a number and s, m, h or d, such as 90s or 7d")
    return length_ms


def _by_hand_or_duration(value: object) -> int | None:
    return None if value in (None, "by hand") else duration_ms(value)


def _age_limit(*words: str) -> Callable[[object], object]:
    """Reads ``off``, a duration, or one of `words`; no time at all is no limit, since nothing is below it."""

    def read(value: object) -> object:
        if value in (None, "off"):
            return None
        if value in words:
            return value
        length_ms = duration_ms(value)
        if length_ms == 0:
            raise ValueError("0 would be reached at once: write a longer time, or off")
        return length_ms

    return read


def period_ms(value: object) -> int:
    """Milliseconds in a period of a protection: a bare number is minutes, as in freqtrade; text has a unit.

    Raises:
        ValueError: If it is none, or not longer than 0.
    """
    if isinstance(value, str) and not value.strip()[-1:].isalpha():
        raise ValueError(f"{value!r} needs a unit, such as 90m; only a number without quotes is minutes")
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"{value!r} is no period: write minutes, or a duration such as 90m")  # noqa: TRY004
    length_ms = duration_ms(value if isinstance(value, str) else f"{value}m")
    if length_ms == 0:
        raise ValueError(f"{value!r} is no period: it has to be longer than 0")
    return length_ms


def _in_words(length_ms: int | str | None) -> str | None:
    if not isinstance(length_ms, int):
        return length_ms
    unit = next(
        (unit for unit in ("d", "h", "m", "s") if length_ms and length_ms % _UNIT_MS[unit] == 0), "ms"
    )
    return f"{length_ms // _UNIT_MS[unit]}{unit}"


def _pause(value: object) -> int | None:
    return None if value in (None, "by mode") else 0 if value == "off" else duration_ms(value)


def _duration_or_none(value: object) -> int | None:
    return None if value is None else duration_ms(value)


def _at_most_all(fraction: float) -> float:
    """Refuses what is meant as percent: 20 would be 2,000 %, which nothing ever reaches."""
    if fraction > 1:
        raise ValueError(f"{fraction:g} would be {fraction:,.0%}; write a fraction up to 1: 0.20 is 20 %")
    return fraction


def _limit(value: object) -> object:
    return None if value == "off" else value


def _speed(value: object) -> object:
    if isinstance(value, str) and value != "max":
        try:
            return float(value)
        except ValueError:
            raise ValueError(
                f"{value!r} is no speed: write market seconds per second, such as 60, or max"
            ) from None
    return None if value == "max" else value


_WITH_UNIT = PlainSerializer(_in_words, when_used="json")
"""A duration leaves as text with its unit, and so comes back as itself: a bare number is seconds."""

DurationMs = Annotated[int, BeforeValidator(duration_ms), Field(gt=0), _WITH_UNIT]
LatencyMs = Annotated[int | None, BeforeValidator(_duration_or_none), _WITH_UNIT]
CoolDownMs = Annotated[int | None, BeforeValidator(_by_hand_or_duration), _WITH_UNIT]
StaleAfterMs = Annotated[int | None, BeforeValidator(_age_limit()), _WITH_UNIT]
BlindAfterMs = Annotated[int | Literal["by bars"] | None, BeforeValidator(_age_limit("by bars")), _WITH_UNIT]
StoplessMs = Annotated[int | Literal["one bar"] | None, BeforeValidator(_age_limit("one bar")), _WITH_UNIT]
PauseMs = Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(_pause), _WITH_UNIT]
PeriodMs = Annotated[int, BeforeValidator(period_ms), _WITH_UNIT]
Fraction = Annotated[float, Field(gt=0), AfterValidator(_at_most_all)]
Limit = Annotated[Annotated[float, Field(gt=0)] | None, BeforeValidator(_limit)]
FractionLimit = Annotated[Fraction | None, BeforeValidator(_limit)]
Speed = Annotated[Annotated[float, Field(gt=0)] | None, BeforeValidator(_speed)]
