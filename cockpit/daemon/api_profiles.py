"""What the control API tells of profiles, and how it is asked to change them: in US dollars, as settings."""

from collections.abc import Mapping

from cockpit.daemon.api_models import Answer
from cockpit.daemon.api_requests import Asker
from cockpit.domain.profiles import AiProfile, AiRole, ProfileBook, Tier, TraderKind, TraderProfile
from cockpit.domain.routing import RoutingMode
from cockpit.settings.profile_agents import fault_of
from cockpit.settings.profile_tree import AiProfileFields, TraderProfileFields, dollars_of


class AiProfileRequest(AiProfileFields):
    """A profile of a model, whole; `by` is who saves it."""

    by: Asker = "a person"


class TraderProfileRequest(TraderProfileFields):
    """A profile of a trader, whole; `by` is who saves it."""

    by: Asker = "a person"


class AiProfileLine(Answer):
    """A profile of a model; see `AiProfileFields`.

    Attributes:
        provider: Who serves the model.
    """

    name: str
    provider: str
    model: str
    role: AiRole
    tier: Tier
    mode: RoutingMode | None
    budget_total: float | None
    budget_per_day: float | None


class TraderProfileLine(Answer):
    """A profile of a trader; see `TraderProfileFields`."""

    name: str
    kind: TraderKind
    strategy: str | None
    timeframe: str | None
    minds: list[str]
    competes: bool
    note: str


class Profiles(Answer):
    """All profiles, in the order of their names.

    Attributes:
        missing_keys: AI profile → what to do before its model can be asked, a line; those that are ready are
            not there.
        problems: Trader → why it can't compete, a line; likewise.
    """

    ai: list[AiProfileLine]
    traders: list[TraderProfileLine]
    missing_keys: dict[str, str]
    problems: dict[str, str]


def ai_line(profile: AiProfile) -> AiProfileLine:
    """One profile of a model."""
    return AiProfileLine(
        name=profile.name,
        provider=profile.provider,
        model=profile.model,
        role=profile.role,
        tier=profile.tier,
        mode=profile.mode,
        budget_total=dollars_of(profile.budget_total),
        budget_per_day=dollars_of(profile.budget_daily),
    )


def trader_line(profile: TraderProfile) -> TraderProfileLine:
    """One profile of a trader."""
    return TraderProfileLine(
        name=profile.name,
        kind=profile.kind,
        strategy=profile.strategy,
        timeframe=profile.timeframe,
        minds=list(profile.minds),
        competes=profile.competes,
        note=profile.note,
    )


def profiles_answer(book: ProfileBook, missing_keys: Mapping[str, str]) -> Profiles:
    """All of them.

    Args:
        book: The profiles there are.
        missing_keys: See `Profiles`.
    """
    return Profiles(
        ai=[ai_line(each) for each in book.ai.values()],
        traders=[trader_line(each) for each in book.traders.values()],
        missing_keys=dict(missing_keys),
        problems={name: fault for name, each in book.traders.items() if (fault := fault_of(each, book.ai))},
    )
