"""What people change about profiles. It stands in the journal, and changes nothing in a run.

An event belongs to the newest run there is, or to none (its run id is empty) before the first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from cockpit.domain.profiles import AiProfile, ProfileBook, TraderProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class AiProfileSaved:
    """A profile of a model is new, or takes the place of the one of its name.

    Attributes:
        profile: As it is now.
        by: Who saved it.
        wall_ms: When, real time.
    """

    profile: AiProfile
    by: str
    wall_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AiProfileRemoved:
    """There is no profile of a model by that name any more."""

    name: str
    by: str
    wall_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TraderProfileSaved:
    """A profile of a trader is new, or takes the place of the one of its name.

    Attributes:
        profile: As it is now.
        by: Who saved it.
        wall_ms: When, real time.
    """

    profile: TraderProfile
    by: str
    wall_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TraderProfileRemoved:
    """There is no profile of a trader by that name any more."""

    name: str
    by: str
    wall_ms: int


ProfileEvent: TypeAlias = AiProfileSaved | AiProfileRemoved | TraderProfileSaved | TraderProfileRemoved


def book_of(events: Iterable[ProfileEvent]) -> ProfileBook:
    """The profiles that there are after all that was ever changed about them, in order."""
    ai: dict[str, AiProfile] = {}
    traders: dict[str, TraderProfile] = {}
    for event in events:
        match event:
            case AiProfileSaved():
                ai[event.profile.name] = event.profile
            case TraderProfileSaved():
                traders[event.profile.name] = event.profile
            case AiProfileRemoved():
                ai.pop(event.name, None)
            case TraderProfileRemoved():
                traders.pop(event.name, None)
    return ProfileBook(ai=dict(sorted(ai.items())), traders=dict(sorted(traders.items())))
