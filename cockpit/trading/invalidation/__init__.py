"""What proves a position wrong, where it can be checked: a small grammar and its conditions."""

from cockpit.trading.invalidation.condition import (
    AllOf,
    AnyOf,
    Clock,
    Comparison,
    Condition,
    Crossing,
    Facts,
    Held,
    Level,
    Reading,
)
from cockpit.trading.invalidation.grammar import GRAMMAR_HELP, checkable, parse_invalidation
from cockpit.trading.invalidation.tokens import coin_names

__all__ = [
    "GRAMMAR_HELP",
    "AllOf",
    "AnyOf",
    "Clock",
    "Comparison",
    "Condition",
    "Crossing",
    "Facts",
    "Held",
    "Level",
    "Reading",
    "checkable",
    "coin_names",
    "parse_invalidation",
]
