"""Circuit breakers: what each measures, when it trips or re-arms, and what is said of it."""

from cockpit.trading.breakers.catalog import (
    AGENT_LIMITS,
    ARENA_LIMITS,
    BREAKER_DOCS,
    BREAKERS,
    COOL_DOWN_MS,
    DRAWDOWN_LIMITS,
    Breaker,
    agent_value,
    arena_value,
    value_of,
)
from cockpit.trading.breakers.tripping import BreakerLimits, changes
from cockpit.trading.breakers.words import (
    cool_down_in_words,
    default_in_words,
    describe,
    describe_limit,
    readme_rows,
)

__all__ = [
    "AGENT_LIMITS",
    "ARENA_LIMITS",
    "BREAKERS",
    "BREAKER_DOCS",
    "COOL_DOWN_MS",
    "DRAWDOWN_LIMITS",
    "Breaker",
    "BreakerLimits",
    "agent_value",
    "arena_value",
    "changes",
    "cool_down_in_words",
    "default_in_words",
    "describe",
    "describe_limit",
    "readme_rows",
    "value_of",
]
