"""By which rules an arena trades."""

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.trading.allocation import Sizing
from cockpit.trading.breakers import BreakerLimits
from cockpit.trading.protections import Protection


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How the arena trades.

    Attributes:
        sizing: From targets to sizes.
        breakers: Limits and cool-downs.
        protections: What keeps agents from opening positions for a while.
        timeouts_s: Real seconds each agent may take to decide, by name.
        closing: Agents whose position is closed when what they said would prove it wrong comes about.
    """

    sizing: Sizing
    breakers: BreakerLimits
    protections: tuple[Protection, ...]
    timeouts_s: Mapping[str, float]
    closing: frozenset[str] = frozenset()
