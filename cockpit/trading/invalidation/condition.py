"""Conditions: what they read of the market, whether they are met, and how they are spelled.

Whether one is met has three answers, since a bar may not have closed yet.
Source: S. C. Kleene (1952), Introduction to Metamathematics, §64, the strong connectives.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeAlias

from cockpit.domain.formats import time_of
from cockpit.domain.market import DAY_MS, HOUR_MS, MINUTE_MS

_UNITS = (("d", DAY_MS), ("h", HOUR_MS), ("m", MINUTE_MS))


class Comparison(StrEnum):
    """How a value stands to a bound."""

    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="

    def holds(self, value: float, bound: float) -> bool:
        """Whether `value` stands like this to `bound`."""
        return _HOLDS[self](value, bound)


_HOLDS: Mapping[Comparison, Callable[[float, float], bool]] = {
    Comparison.BELOW: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.ABOVE: operator.gt,
    Comparison.AT_LEAST: operator.ge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is read of the market: a price, a bar's close or an RSI.

    Attributes:
        symbol: Of which instrument.
        timeframe: Of which bars, such as ``4h``; None: the price itself.
        rsi_period: Over how many changes of the close; None: the close itself.
    """

    symbol: str
    timeframe: str | None = None
    rsi_period: int | None = None

    def words(self) -> str:
        """As a condition names it."""
        if self.timeframe is None:
            return f"{self.symbol} price"
        of_bars = "close" if self.rsi_period is None else f"RSI{self.rsi_period}"
        return f"{self.symbol} {self.timeframe} {of_bars}"


class Facts(Protocol):
    """What a condition is judged by.

    Only bars that closed after the condition was stated count: whoever stated it had seen the others.
    """

    @property
    def now_ms(self) -> int:
        """Market time, UTC milliseconds."""
        ...

    @property
    def opened_ms(self) -> int | None:
        """When the position was opened, UTC milliseconds; None while there is none."""
        ...

    def value(self, reading: Reading) -> float | None:
        """The price now, or of the newest bar that counts; None while there is none."""
        ...

    def span(self, reading: Reading) -> tuple[float, float] | None:
        """The lowest and the highest value since the condition was stated, the one that stood then included.

        None where none is known.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A value on one side of a bound.

    Attributes:
        reading: Which value.
        comparison: Which side.
        bound: Quote per base unit, or 0 … 100 of an RSI.
    """

    reading: Reading
    comparison: Comparison
    bound: float

    def is_met(self, facts: Facts) -> bool | None:
        """Whether it is; None while that can't be known."""
        value = facts.value(self.reading)
        return None if value is None else self.comparison.holds(value, self.bound)

    def needs(self) -> tuple[Reading, ...]:
        """What it reads."""
        return (self.reading,)

    def words(self) -> str:
        """A spelling that parses to the same condition."""
        return f"{self.reading.words()} {self.comparison} {_spelled(self.bound)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A value on one side of a bound that has not been there all the time since the condition was stated.

    Attributes:
        reading: Which value.
        is_below: Whether it crosses from above.
        bound: Quote per base unit, or 0 … 100 of an RSI.
    """

    reading: Reading
    is_below: bool
    bound: float

    def is_met(self, facts: Facts) -> bool | None:
        """Whether it has crossed and not come back; None while that can't be known."""
        value = facts.value(self.reading)
        if value is None:
            return None
        if not (value < self.bound if self.is_below else value > self.bound):
            return False
        span = facts.span(self.reading)
        if span is None:
            return None
        lowest, highest = span
        return highest >= self.bound if self.is_below else lowest <= self.bound

    def needs(self) -> tuple[Reading, ...]:
        """What it reads."""
        return (self.reading,)

    def words(self) -> str:
        """A spelling that parses to the same condition."""
        side = "below" if self.is_below else "above"
        return f"{self.reading.words()} crosses {side} {_spelled(self.bound)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Market time on one side of an instant, UTC milliseconds."""

    comparison: Comparison
    instant_ms: int

    def is_met(self, facts: Facts) -> bool | None:
        """Whether it is."""
        return self.comparison.holds(facts.now_ms, self.instant_ms)

    def needs(self) -> tuple[Reading, ...]:
        """Nothing of the market."""
        return ()

    def words(self) -> str:
        """A spelling that parses to the same condition."""
        return f"time {self.comparison} {time_of(self.instant_ms)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A position as old as `length_ms`, or older."""

    length_ms: int

    def is_met(self, facts: Facts) -> bool | None:
        """Whether it is; None without a position."""
        return None if facts.opened_ms is None else facts.now_ms - facts.opened_ms >= self.length_ms

    def needs(self) -> tuple[Reading, ...]:
        """Nothing of the market."""
        return ()

    def words(self) -> str:
        """A spelling that parses to the same condition."""
        unit, unit_ms = next((name, each) for name, each in _UNITS if self.length_ms % each == 0)
        return f"after {self.length_ms // unit_ms}{unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Several conditions at once."""

    conditions: tuple["Condition", ...]

    def is_met(self, facts: Facts) -> bool | None:
        """Whether all are; None while what is unknown decides it."""
        answers = [condition.is_met(facts) for condition in self.conditions]
        if False in answers:
            return False
        return None if None in answers else True

    def needs(self) -> tuple[Reading, ...]:
        """What they read, each once."""
        return _all_needs(self.conditions)

    def words(self) -> str:
        """A spelling that parses to the same condition."""
        return _joined(self.conditions, "and")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """At least one of several conditions."""

    conditions: tuple["Condition", ...]

    def is_met(self, facts: Facts) -> bool | None:
        """Whether one is; None while what is unknown decides it."""
        answers = [condition.is_met(facts) for condition in self.conditions]
        if True in answers:
            return True
        return None if None in answers else False

    def needs(self) -> tuple[Reading, ...]:
        """What they read, each once."""
        return _all_needs(self.conditions)

    def words(self) -> str:
        """A spelling that parses to the same condition."""
        return _joined(self.conditions, "or")


Condition: TypeAlias = Level | Crossing | Clock | Held | AllOf | AnyOf


def _all_needs(conditions: tuple[Condition, ...]) -> tuple[Reading, ...]:
    return tuple(dict.fromkeys(reading for condition in conditions for reading in condition.needs()))


def _joined(conditions: tuple[Condition, ...], joint: str) -> str:
    spelled = (
        f"({condition.words()})" if isinstance(condition, AllOf | AnyOf) else condition.words()
        for condition in conditions
    )
    return f" {joint} ".join(spelled)


def _spelled(number: float) -> str:
    """The shortest digits that are this float, never with an exponent."""
    return f"{Decimal(repr(number)):f}".removesuffix(".0")
