"""What a profile's form asks for: its fields, their choices, and what is wrong with what stands in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from pydantic import BaseModel, ValidationError

from cockpit.domain.profiles import (
    AiProfile,
    AiRole,
    ProfileBook,
    ProfileKind,
    Tier,
    TraderKind,
    TraderProfile,
)
from cockpit.domain.routing import RoutingMode
from cockpit.settings.profile_agents import ProfileInvalid, agent_of
from cockpit.settings.profile_tree import AiProfileFields, TraderProfileFields, dollars_of, faults_of
from cockpit.strategies.catalog import STRATEGIES

Payload: TypeAlias = dict[str, Any]
"""Fields of a profile as the control API takes them."""

Choices: TypeAlias = tuple[tuple[str | None, str], ...]
"""(value, words) of each."""


class Shape(StrEnum):
    """How a field is answered."""

    TEXT = "text"
    DOLLARS = "dollars"
    CHOICE = "choice"
    FLAG = "flag"
    NAMES = "names"


def _always(payload: Mapping[str, Any]) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field of a form.

    Attributes:
        name: What the profile calls it.
        label: What the form calls it.
        shape: How it is answered.
        hint: What belongs there, in a line.
        choices: Of a choice.
        hints: Value → what is said of it in place of the hint.
        start: What stands there in a new profile.
        optional: Whether no words are sent as None.
        when: Whether it is asked for, by what stands in the others; it is sent empty where not.
    """

    name: str
    label: str
    shape: Shape
    hint: str
    choices: Choices = ()
    hints: Mapping[str, str] = field(default_factory=dict)
    start: object = None
    optional: bool = False
    when: Callable[[Mapping[str, Any]], bool] = _always

    def sent(self, value: object) -> object:
        """What is sent of what stands in its widget."""
        if self.shape is Shape.DOLLARS:
            return _dollars(str(value))
        if self.shape is Shape.TEXT:
            words = str(value).strip()
            return None if self.optional and not words else words
        return value

    def shown(self, value: object) -> str:
        """What stands in its widget of what was sent, for words and dollars."""
        if value is None:
            return ""
        return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)

    @property
    def nothing(self) -> object:
        """What is sent where it is not asked for."""
        return () if self.shape is Shape.NAMES else None


def _dollars(text: str) -> object:
    """A number, None for nothing, else the text itself, which is then found at fault."""
    bare = text.strip().removeprefix("$")
    try:
        return float(bare) if bare else None
    except ValueError:
        return text


def payload_of(fields: Sequence[FormField], values: Mapping[str, object]) -> Payload:
    """What is sent of a form.

    Args:
        fields: Of the form, all that there are.
        values: Field → what stands in its widget.
    """
    sent = {each.name: each.sent(values[each.name]) for each in fields}
    return {each.name: sent[each.name] if each.when(sent) else each.nothing for each in fields}


def _decides(payload: Mapping[str, Any]) -> bool:
    return (payload["role"], payload["tier"]) == (AiRole.DECIDE, Tier.POWERFUL)


def _plays_a_strategy(payload: Mapping[str, Any]) -> bool:
    return bool(payload["kind"] == TraderKind.STRATEGY)


def _asks_models(payload: Mapping[str, Any]) -> bool:
    return not _plays_a_strategy(payload)


_ROLES: Mapping[AiRole, str] = {AiRole.DECIDE: "decides alone", AiRole.JUDGE: "judges a debate"}
_MODES: Choices = (
    (None, "always"),
    (RoutingMode.CHEAP_FIRST, "cheap first: they decide unless something escalates"),
    (RoutingMode.ESCALATION_ONLY, "escalation only: cheap ones watch, it alone acts"),
)
_NAME = FormField(
    name="name",
    label="name",
    shape=Shape.TEXT,
    hint="lower-case letters, digits, - and _",
)
_NO_LIMIT = "US dollars; empty: no limit"

FIELDS: Mapping[ProfileKind, Sequence[FormField]] = {
    ProfileKind.AI: (
        _NAME,
        FormField(
            name="model",
            label="model",
            shape=Shape.TEXT,
            hint="provider and model, such as deepseek/deepseek-chat",
        ),
        FormField(
            name="role",
            label="role",
            shape=Shape.CHOICE,
            hint="whether it decides, speaks in debates, or judges them",
            choices=tuple(
                (role, _ROLES.get(role, f"{role.replace('_', ' ')} in a debate")) for role in AiRole
            ),
            start=AiRole.DECIDE,
        ),
        FormField(
            name="tier",
            label="tier",
            shape=Shape.CHOICE,
            hint="what it costs, and is trusted with",
            choices=tuple((tier, tier) for tier in Tier),
            start=Tier.POWERFUL,
        ),
        FormField(
            name="mode",
            label="is asked",
            shape=Shape.CHOICE,
            hint="when; anything but always needs cheap ones beside it",
            choices=_MODES,
            when=_decides,
        ),
        FormField(
            name="budget_per_day", label="$ per day", shape=Shape.DOLLARS, hint=f"in one UTC day, {_NO_LIMIT}"
        ),
        FormField(name="budget_total", label="$ in total", shape=Shape.DOLLARS, hint=f"in all, {_NO_LIMIT}"),
    ),
    ProfileKind.TRADER: (
        _NAME,
        FormField(
            name="kind",
            label="kind",
            shape=Shape.CHOICE,
            hint="how it comes to its decisions",
            choices=(
                (TraderKind.STRATEGY, "strategy: by a rule"),
                (TraderKind.LLM, "llm: a model decides"),
                (TraderKind.DEBATE, "debate: models argue, one of them judges"),
            ),
            start=TraderKind.STRATEGY,
        ),
        FormField(
            name="strategy",
            label="strategy",
            shape=Shape.CHOICE,
            hint="by which rule",
            choices=tuple((name, name) for name in STRATEGIES),
            hints={name: strategy.summary for name, strategy in STRATEGIES.items()},
            start=next(iter(STRATEGIES)),
            when=_plays_a_strategy,
        ),
        FormField(
            name="timeframe",
            label="timeframe",
            shape=Shape.TEXT,
            hint="of its bars, such as 15m; empty: the market's own",
            optional=True,
            when=_plays_a_strategy,
        ),
        FormField(
            name="minds",
            label="minds",
            shape=Shape.NAMES,
            hint="AI profiles it asks; space picks one, or drops it",
            start=(),
            when=_asks_models,
        ),
        FormField(
            name="competes",
            label="competes",
            shape=Shape.FLAG,
            hint="enters the next run",
            start=True,
        ),
        FormField(name="note", label="note", shape=Shape.TEXT, hint="a line of your own; enter saves"),
    ),
}
"""From top to bottom; the last is answered with words, so that enter there saves."""


def payload_from(profile: AiProfile | TraderProfile) -> Payload:
    """A profile's fields as the control API takes them, whether they are still as they may be or not."""
    if isinstance(profile, TraderProfile):
        return {each.name: getattr(profile, each.name) for each in FIELDS[ProfileKind.TRADER]}
    budgets = {"budget_total": profile.budget_total, "budget_per_day": profile.budget_daily}
    rest = [each.name for each in FIELDS[ProfileKind.AI] if each.name not in budgets]
    dollars = {name: dollars_of(each) for name, each in budgets.items()}
    return {name: getattr(profile, name) for name in rest} | dollars


def faults_in(kind: ProfileKind, payload: Payload, book: ProfileBook) -> dict[str, str]:
    """What is wrong with a form: field → a line that a person can act on; "" → no field in particular.

    Args:
        kind: Of the profile.
        payload: What would be sent.
        book: The profiles there are.
    """
    model: type[BaseModel] = AiProfileFields if kind is ProfileKind.AI else TraderProfileFields
    try:
        fields = model.model_validate(payload)
    except ValidationError as error:
        return faults_of(error)
    return _misfit(fields.profile(), book) if isinstance(fields, TraderProfileFields) else {}


def _misfit(trader: TraderProfile, book: ProfileBook) -> dict[str, str]:
    """Why a trader can't compete as it is: field → a line; empty: it can."""
    try:
        agent_of(trader, book.ai)
    except ProfileInvalid as invalid:
        return {invalid.field: str(invalid)}
    return {}
