"""Breakers in words: values with their units, defaults, and the rows of README's table."""

from collections.abc import Iterator, Mapping

from cockpit.domain.formats import duration
from cockpit.domain.market import MINUTE_MS
from cockpit.trading.breakers.catalog import AGENT_LIMITS, ARENA_LIMITS, BREAKERS, DRAWDOWN_LIMITS, Unit

SECOND_MS = 1_000


def describe(name: str, value: float) -> str:
    """A breaker's value in words, with its unit."""
    return f"{BREAKERS[name].words} of {describe_limit(name, value)}"


def describe_limit(name: str, value: float) -> str:
    """A breaker's figure with its unit."""
    match BREAKERS[name].unit:
        case Unit.FRACTION:
            return f"{value:.1%}"
        case Unit.MINUTES:
            return f"{_short(value / MINUTE_MS)} min"
        case Unit.SECONDS:
            return f"{_short(value / SECOND_MS)} s"
        case Unit.COUNT:
            return f"{value:.0f}"


def default_in_words(name: str) -> str:
    """The limits a breaker has unless settings say otherwise: each agent's, and the arena's own."""
    if name == "drawdown":
        return f"{DRAWDOWN_LIMITS['paper']:.0%} (mainnet {DRAWDOWN_LIMITS['mainnet']:.0%})"
    agent, arena = (_limit(name, limits) for limits in (AGENT_LIMITS, ARENA_LIMITS))
    if agent is None or arena is None or agent == arena:
        return agent or arena or ""
    return f"{agent}; the arena: {arena}"


def cool_down_in_words(name: str) -> str:
    """How a tripped breaker is armed again unless settings say otherwise."""
    breaker = BREAKERS[name]
    if breaker.cool_down_ms is None:
        return "by hand"
    if breaker.waits_until_well and breaker.cool_down_ms == 0:
        return "once that is over"
    return f"after {duration(breaker.cool_down_ms)} of market time"


def readme_rows() -> Iterator[tuple[str, str, str, str]]:
    """(name, default, what it guards against, when it is armed again) of every breaker."""
    for name, breaker in BREAKERS.items():
        yield name, default_in_words(name), breaker.doc, cool_down_in_words(name)


def _limit(name: str, limits: Mapping[str, float | None]) -> str | None:
    if name not in limits:
        return None
    limit = limits[name]
    return "off" if limit is None else describe_limit(name, limit)


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
