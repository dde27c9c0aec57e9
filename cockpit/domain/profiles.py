"""Profiles: how a language model is used, and which traders of a person's own making compete.

They belong to a bot's journal and outlive its runs; names are unique among those of a kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cockpit.domain.debates import JUDGE, AnalystRole
from cockpit.domain.market import Micros
from cockpit.domain.routing import RoutingMode, Tier

__all__ = [
    "MAX_NOTE",
    "MIND_KINDS",
    "AiProfile",
    "AiRole",
    "ProfileBook",
    "ProfileKind",
    "Tier",
    "TraderKind",
    "TraderProfile",
]

MAX_NOTE = 200
"""Characters of what a person notes beside a trader."""


class ProfileKind(StrEnum):
    """What a profile is of."""

    AI = "ai"
    TRADER = "trader"


class AiRole(StrEnum):
    """What a model does for a trader: decides alone, takes part in a debate, or judges one."""

    DECIDE = "decide"
    BULL = AnalystRole.BULL.value
    BEAR = AnalystRole.BEAR.value
    RISK_MANAGER = AnalystRole.RISK_MANAGER.value
    TECHNICAL = AnalystRole.TECHNICAL.value
    FUNDAMENTAL = AnalystRole.FUNDAMENTAL.value
    JUDGE = JUDGE


class TraderKind(StrEnum):
    """How a trader comes to its decisions."""

    STRATEGY = "strategy"
    LLM = "llm"
    DEBATE = "debate"


MIND_KINDS: frozenset[str] = frozenset({TraderKind.LLM, TraderKind.DEBATE})
"""Kinds of traders, and of agents, that ask models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AiProfile:
    """How one language model is used.

    Attributes:
        name: Unique among profiles of models.
        model: litellm's name for it, its provider before the first slash.
        role: What it does.
        tier: What it costs and is trusted with.
        mode: When a powerful one is called upon, cheap ones having been asked first; None: always.
        budget_total: What it may spend in the whole life of the journal, micro-dollars; None: no limit.
        budget_daily: What it may spend in one UTC day of real time, micro-dollars; None: no limit.
    """

    name: str
    model: str
    role: AiRole = AiRole.DECIDE
    tier: Tier = Tier.POWERFUL
    mode: RoutingMode | None = None
    budget_total: Micros | None = None
    budget_daily: Micros | None = None

    @property
    def provider(self) -> str:
        """Who serves the model."""
        return self.model.split("/", 1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class TraderProfile:
    """A contestant as a person put it together.

    Attributes:
        name: Unique among profiles of traders; the agent's name in a run.
        kind: How it decides.
        strategy: By which strategy, for kind ``strategy``; None for others.
        timeframe: Of the bars its strategy is stepped over; None: the market's own.
        minds: Names of the profiles of the models it asks.
        competes: Whether it enters the next run.
        note: A person's own line about it, inert.
    """

    name: str
    kind: TraderKind
    strategy: str | None = None
    timeframe: str | None = None
    minds: tuple[str, ...] = ()
    competes: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileBook:
    """All profiles of a bot.

    Attributes:
        ai: Profiles of models, by name, in the order of their names.
        traders: Profiles of traders, likewise.
    """

    ai: Mapping[str, AiProfile] = field(default_factory=dict)
    traders: Mapping[str, TraderProfile] = field(default_factory=dict)

    def users_of(self, ai_name: str) -> tuple[TraderProfile, ...]:
        """The traders that ask a model by this profile of it."""
        return tuple(each for each in self.traders.values() if ai_name in each.minds)
