"""Profiles at the border: their fields in plain units, and what is wrong with them in words."""

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)
from pydantic_core import PydanticCustomError

from cockpit.domain.events import ARENA
from cockpit.domain.market import MICROS_PER_UNIT, Micros
from cockpit.domain.plain_text import plain_text
from cockpit.domain.profiles import MAX_NOTE, MIND_KINDS, AiProfile, AiRole, Tier, TraderKind, TraderProfile
from cockpit.domain.routing import RoutingMode
from cockpit.markets.timeframes import timeframe_ms
from cockpit.settings.model_tree import Dollars
from cockpit.settings.section import Section
from cockpit.strategies.catalog import STRATEGIES

PROFILE_NAME = r"^[a-z0-9][a-z0-9_-]{0,31}$"
"""As agents are named: a trader's profile is called like the agent it makes."""

MODEL_NAME = r"^[A-Za-z0-9_.:@+-]+(/[A-Za-z0-9_.:@+-]+)+$"
"""litellm's, with the provider first; what `ModelName` lets pass, in letters that every regex reads alike."""

MAX_MINDS = 8
"""As many as any trader can ask: every analyst, a judge and one for the rest, or the cheap ones and one."""


def _told(words: str) -> WrapValidator:
    """Says `words` instead of what pydantic says of a value that is not as it may be."""

    def validate(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise PydanticCustomError("profile", "{words}", {"words": words}) from None

    return WrapValidator(validate)


def _fault(words: str) -> PydanticCustomError:
    return PydanticCustomError("profile", "{words}", {"words": words})


Name = Annotated[
    str, Field(pattern=PROFILE_NAME), _told("use lower-case letters, digits, - and _, 32 of them at most")
]
Model = Annotated[
    str,
    Field(pattern=MODEL_NAME, max_length=200),
    _told("give litellm's name with its provider, such as deepseek/deepseek-chat"),
]
Budget = Annotated[
    Annotated[Dollars, Field(strict=True)] | None,
    _told("give US dollars, 0 to 1,000,000, or leave it out: no limit"),
]
Minds = Annotated[
    tuple[Annotated[str, Field(pattern=PROFILE_NAME)], ...],
    Field(max_length=MAX_MINDS),
    _told(f"give names of AI profiles, {MAX_MINDS} at most"),
]
Note = Annotated[
    str,
    Field(max_length=MAX_NOTE),
    AfterValidator(lambda text: plain_text(text, MAX_NOTE).strip()),
    _told(f"give one line of {MAX_NOTE} characters at most"),
]


class AiProfileFields(Section):
    """How one language model is used.

    Attributes:
        name: Unique among profiles of models.
        model: litellm's name for it, such as ``deepseek/deepseek-chat``.
        role: ``decide``, an analyst's in a debate, or ``judge``.
        tier: ``cheap`` or ``powerful``.
        mode: For a powerful one that decides: ``cheap_first`` or ``escalation_only``, where cheap ones are
            asked before it; not set: it always decides.
        budget_total: What it may spend in the whole life of the bot's journal, US dollars; not set: no limit.
        budget_per_day: What it may spend in one UTC day, US dollars; not set: no limit.
    """

    name: Name
    model: Model
    role: AiRole = AiRole.DECIDE
    tier: Tier = Tier.POWERFUL
    mode: RoutingMode | None = None
    budget_total: Budget = None
    budget_per_day: Budget = None

    @field_validator("mode")
    @classmethod
    def _is_called_upon(cls, mode: RoutingMode | None, info: ValidationInfo) -> RoutingMode | None:
        if mode is None:
            return None
        if info.data.get("tier") is Tier.CHEAP:
            raise _fault(f"{mode} is how a powerful model is called upon: give tier powerful, or no mode")
        if info.data.get("role", AiRole.DECIDE) is not AiRole.DECIDE:
            raise _fault("whoever speaks in a debate is always asked: give role decide, or no mode")
        return mode

    @classmethod
    def of(cls, profile: AiProfile) -> "AiProfileFields":
        """The fields of a profile."""
        return cls(
            name=profile.name,
            model=profile.model,
            role=profile.role,
            tier=profile.tier,
            mode=profile.mode,
            budget_total=dollars_of(profile.budget_total),
            budget_per_day=dollars_of(profile.budget_daily),
        )

    def profile(self) -> AiProfile:
        """The profile that has these fields."""
        return AiProfile(
            name=self.name,
            model=self.model,
            role=self.role,
            tier=self.tier,
            mode=self.mode,
            budget_total=micros_of(self.budget_total),
            budget_daily=micros_of(self.budget_per_day),
        )


class TraderProfileFields(Section):
    """A contestant of a person's own making.

    Attributes:
        name: Unique among profiles of traders; what its agent is called.
        kind: ``strategy``, ``llm`` or ``debate``.
        strategy: Which one, for kind ``strategy``.
        timeframe: Of the bars its strategy is stepped over, such as 15m; not set: the market's own.
        minds: Names of AI profiles. For kind ``llm`` one that decides, and cheap ones that are asked before
            it, if its profile has a mode. For kind ``debate`` a judge or one that decides, who speaks for
            every role that has none of its own, and at most one for each analyst.
        competes: Whether it enters the next run.
        note: A line of a person's own.
    """

    name: Name
    kind: TraderKind
    strategy: Annotated[str | None, Field(max_length=40)] = Field(None, validate_default=True)
    timeframe: Annotated[str | None, Field(max_length=8)] = None
    minds: Minds = Field((), validate_default=True)
    competes: Annotated[bool, Field(strict=True)] = True
    note: Note = ""

    @field_validator("name")
    @classmethod
    def _is_free(cls, name: str) -> str:
        if name == ARENA:
            raise _fault(f"no trader can be called {ARENA}: the arena's own breakers go by that name")
        return name

    @field_validator("strategy")
    @classmethod
    def _is_known(cls, strategy: str | None, info: ValidationInfo) -> str | None:
        kind = info.data.get("kind")
        if kind is TraderKind.STRATEGY and strategy not in STRATEGIES:
            there = "give one" if strategy is None else f"there is no strategy {plain_text(strategy)}"
            raise _fault(f"{there}: {', '.join(STRATEGIES)}")
        if kind in MIND_KINDS and strategy is not None:
            raise _fault(f"a trader of kind {kind} asks models and has no strategy: leave it out")
        return strategy

    @field_validator("timeframe")
    @classmethod
    def _is_of_bars(cls, timeframe: str | None, info: ValidationInfo) -> str | None:
        if timeframe is None:
            return None
        kind = info.data.get("kind")
        if kind in MIND_KINDS:
            raise _fault(f"a timeframe is a strategy's, and this trader is of kind {kind}: leave it out")
        try:
            timeframe_ms(timeframe)
        except ValueError as error:
            raise _fault(plain_text(str(error))) from None
        return timeframe

    @field_validator("minds")
    @classmethod
    def _are_asked(cls, minds: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        kind = info.data.get("kind")
        if kind is TraderKind.STRATEGY and minds:
            raise _fault("a trader of kind strategy asks no models: leave minds out, or give kind llm")
        if kind in MIND_KINDS and not minds:
            raise _fault(f"a trader of kind {kind} needs an AI profile that decides")
        if len(set(minds)) < len(minds):
            raise _fault("an AI profile is named twice: name each once")
        return minds

    @classmethod
    def of(cls, profile: TraderProfile) -> "TraderProfileFields":
        """The fields of a profile."""
        return cls(
            name=profile.name,
            kind=profile.kind,
            strategy=profile.strategy,
            timeframe=profile.timeframe,
            minds=profile.minds,
            competes=profile.competes,
            note=profile.note,
        )

    def profile(self) -> TraderProfile:
        """The profile that has these fields."""
        return TraderProfile(
            name=self.name,
            kind=self.kind,
            strategy=self.strategy,
            timeframe=self.timeframe,
            minds=self.minds,
            competes=self.competes,
            note=self.note,
        )


def dollars_of(micros: Micros | None) -> float | None:
    """A budget in US dollars."""
    return None if micros is None else micros / MICROS_PER_UNIT


def micros_of(dollars: float | None) -> Micros | None:
    """A budget in micro-dollars."""
    return None if dollars is None else Micros(round(dollars * MICROS_PER_UNIT))


def faults_of(error: ValidationError) -> dict[str, str]:
    """What is wrong with a profile's fields: field → a line a person can act on, the first of each field."""
    faults: dict[str, str] = {}
    for each in error.errors():
        name = str(each["loc"][0]) if each["loc"] else ""
        told = {"extra_forbidden": "a profile has no such field", "missing": "it has to be given"}
        faults.setdefault(name, told.get(each["type"], each["msg"].removeprefix("Value error, ")))
    return faults
