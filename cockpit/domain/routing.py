"""Which of an agent's models decides: cheap ones first, a powerful one where that is not good enough."""

from dataclasses import dataclass
from enum import StrEnum

from cockpit.domain.market import Micros

MAX_ROUTING_REASON = 500
"""Characters of why a decision was escalated, or a round skipped."""

MAX_CHEAP_MODELS = 5
"""As many as are asked together."""


class Tier(StrEnum):
    """What a model costs, and what it is trusted with; the role of its calls in a decision that is routed."""

    CHEAP = "cheap"
    POWERFUL = "powerful"


class RoutingMode(StrEnum):
    """What the cheap models' word is worth while nothing escalates it.

    With ``cheap_first`` it is the decision. With ``escalation_only`` everything stays as it is: only the
    powerful model ever acts.
    """

    CHEAP_FIRST = "cheap_first"
    ESCALATION_ONLY = "escalation_only"


class Trigger(StrEnum):
    """What makes a decision the powerful model's."""

    UNUSABLE = "unusable"
    DISAGREEMENT = "disagreement"
    CONFIDENCE = "confidence"
    NOTIONAL = "notional"
    DRAWDOWN = "drawdown"
    EXIT = "exit"


def cheap_role(number: int) -> str:
    """The role in which the n-th of an agent's cheap models is asked: ``cheap``, ``cheap_2`` …"""
    return Tier.CHEAP if number == 1 else f"{Tier.CHEAP}_{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """A decision that was passed on to the powerful model.

    Attributes:
        triggers: What for, in the order of `Trigger`.
        reason: The same in words and figures, a line for people.
        cheap: The models that were asked first.
        powerful: The one it was passed on to.
        changed: Whether it wants another side of some instrument than the cheap ones, or acts where they hold
            or holds where they act; None where it gave no decision.
        cheap_cost: Micro-dollars of what was asked before; None where nobody knows.
        powerful_cost: Micro-dollars of what was asked for it; None where nobody knows.
    """

    triggers: tuple[Trigger, ...]
    reason: str
    cheap: tuple[str, ...]
    powerful: str
    changed: bool | None
    cheap_cost: Micros | None
    powerful_cost: Micros | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """What was remarkable about the way to a decision: at most one of these.

    Attributes:
        escalation: It was passed on; None: it was not.
        withheld: Symbols on which the cheap models wanted to act, and were not let.
        skipped: Why nobody was asked at all; empty: somebody was.
    """

    escalation: Escalation | None = None
    withheld: tuple[str, ...] = ()
    skipped: str = ""
