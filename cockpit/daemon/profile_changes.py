"""What can be changed about profiles, and what stands against it."""

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.arena.controls import ControlRefused
from cockpit.domain.errors import USAGE, CockpitError
from cockpit.domain.profile_events import (
    AiProfileRemoved,
    AiProfileSaved,
    ProfileEvent,
    TraderProfileRemoved,
    TraderProfileSaved,
)
from cockpit.domain.profiles import AiProfile, ProfileBook, ProfileKind, TraderProfile
from cockpit.settings.profile_agents import agent_of, fault_of

_WORDS = {ProfileKind.AI: "AI profile", ProfileKind.TRADER: "trader profile"}


class ProfileRefused(ControlRefused):
    """A profile can't be changed so while the others are as they are."""


class ProfileUnknown(CockpitError):
    """There is no profile of that name."""

    exit_code = USAGE

    def __init__(self, kind: ProfileKind, name: str) -> None:
        super().__init__(f"there is no {_WORDS[kind]} {name}: `cockpit profiles list` shows those there are")


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveProfile:
    """A profile is to be added, or to take the place of the one of its name.

    Attributes:
        profile: Its fields are as they may be.
        is_new: Whether there is none of its name yet.
    """

    profile: AiProfile | TraderProfile
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveProfile:
    """A profile is to be removed."""

    kind: ProfileKind
    name: str


ProfileChange = SaveProfile | RemoveProfile


def done_words(change: ProfileChange) -> str:
    """What is the case once a change is made, in a line."""
    if isinstance(change, RemoveProfile):
        return f"the {_WORDS[change.kind]} {change.name} is removed"
    profile = change.profile
    said = f"the {_WORDS[kind_of(profile)]} {profile.name} is {'added' if change.is_new else 'saved'}"
    if isinstance(profile, AiProfile):
        return said
    return f"{said}; it {'competes in' if profile.competes else 'rests from'} the next new run"


def kind_of(profile: AiProfile | TraderProfile) -> ProfileKind:
    """Which kind a profile is of."""
    return ProfileKind.AI if isinstance(profile, AiProfile) else ProfileKind.TRADER


def change_event(change: ProfileChange, book: ProfileBook, by: str, wall_ms: int) -> ProfileEvent | None:
    """The event that makes a change; None where all is so already.

    Args:
        change: What is wanted.
        book: The profiles there are.
        by: Who wants it.
        wall_ms: Real time.

    Raises:
        ProfileUnknown: If there is no profile of the name that is to be changed or removed.
        ProfileRefused: If there is one of the name that is to be added, or a trader needs it as it is.
        ProfileInvalid: If a trader's AI profiles don't make that trader.
    """
    if isinstance(change, RemoveProfile):
        return _removed(change, book, by, wall_ms)
    profile = change.profile
    kind = kind_of(profile)
    there = _of_kind(book, kind).get(profile.name)
    if change.is_new and there is not None:
        raise ProfileRefused(
            f"the {_WORDS[kind]} {profile.name} is there already: change it with"
            f" `cockpit profiles edit {kind} {profile.name}`, or take another name"
        )
    if not change.is_new and there is None:
        raise ProfileUnknown(kind, profile.name)
    if isinstance(profile, AiProfile):
        _keep_users(profile, book)
        return None if profile == there else AiProfileSaved(profile=profile, by=by, wall_ms=wall_ms)
    agent_of(profile, book.ai)
    return None if profile == there else TraderProfileSaved(profile=profile, by=by, wall_ms=wall_ms)


def _removed(change: RemoveProfile, book: ProfileBook, by: str, wall_ms: int) -> ProfileEvent:
    if change.name not in _of_kind(book, change.kind):
        raise ProfileUnknown(change.kind, change.name)
    if change.kind is ProfileKind.TRADER:
        return TraderProfileRemoved(name=change.name, by=by, wall_ms=wall_ms)
    users = ", ".join(each.name for each in book.users_of(change.name))
    if users:
        raise ProfileRefused(
            f"the AI profile {change.name} is still used by {users}: change or remove the trader first"
        )
    return AiProfileRemoved(name=change.name, by=by, wall_ms=wall_ms)


def _keep_users(profile: AiProfile, book: ProfileBook) -> None:
    """Refuses what would leave a trader that can compete without one of the models it needs."""
    changed = {**book.ai, profile.name: profile}
    for trader in book.users_of(profile.name):
        fault = fault_of(trader, changed)
        if fault and not fault_of(trader, book.ai):
            raise ProfileRefused(f"the trader {trader.name} could not go on with it: {fault}")


def _of_kind(book: ProfileBook, kind: ProfileKind) -> Mapping[str, AiProfile | TraderProfile]:
    return book.ai if kind is ProfileKind.AI else book.traders
