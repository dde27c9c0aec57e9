"""What the profiles screen asks of the bot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cockpit.domain.errors import CockpitError
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
from cockpit.settings.profile_tree import micros_of
from cockpit.tui.asking import Tell, asked
from cockpit.tui.link import BotLink, LinkLost


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProfiles:
    """What the bot tells of profiles.

    Attributes:
        book: All of them.
        missing_keys: AI profile → what to do before its model can be asked, without those that are ready;
            None: nobody knows, since no bot runs.
        problems: Trader → why it can't compete; without those that can.
    """

    book: ProfileBook = field(default_factory=ProfileBook)
    missing_keys: Mapping[str, str] | None = None
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDesk:
    """Reads and changes profiles; what goes wrong comes back in words.

    Attributes:
        link: The way to the bot.
        tell: Says something in passing; with ``bad=True``, that something went wrong.
        reachable: Whether the bot answers; where it does not, that is said.
    """

    link: BotLink
    tell: Tell
    reachable: Callable[[], bool]

    async def read(self) -> KnownProfiles | None:
        """What there is; None where the bot does not say."""
        try:
            return known_profiles(await self.link.profiles())
        except LinkLost as lost:
            if self.reachable():
                self.tell(str(lost), bad=True)
        except CockpitError as error:
            self.tell(str(error), bad=True)
        except (KeyError, ValueError) as error:
            self.tell(
                f"The bot is of another version ({error}): stop it, and start it with this one.", bad=True
            )
        return None

    async def save(self, kind: ProfileKind, name: str | None, fields: Mapping[str, Any]) -> str:
        """Makes a profile (`name` is None), or gives it other fields; returns why it was refused."""
        return await asked(self.link.save_profile(kind, name, fields), self.tell)

    async def delete(self, kind: ProfileKind, name: str) -> str:
        """Deletes a profile; returns why it was refused."""
        return await asked(self.link.delete_profile(kind, name), self.tell)


def known_profiles(answer: Mapping[str, Any]) -> KnownProfiles:
    """What ``GET /profiles`` tells.

    Raises:
        KeyError: If something is missing.
        ValueError: If there is a role, tier, mode or kind that this version does not know.
    """
    book = ProfileBook(
        ai={row["name"]: _ai_profile(row) for row in answer["ai"]},
        traders={row["name"]: _trader_profile(row) for row in answer["traders"]},
    )
    return KnownProfiles(book=book, missing_keys=answer["missing_keys"], problems=answer["problems"])


def _ai_profile(row: Mapping[str, Any]) -> AiProfile:
    return AiProfile(
        name=row["name"],
        model=row["model"],
        role=AiRole(row["role"]),
        tier=Tier(row["tier"]),
        mode=None if row["mode"] is None else RoutingMode(row["mode"]),
        budget_total=micros_of(row["budget_total"]),
        budget_daily=micros_of(row["budget_per_day"]),
    )


def _trader_profile(row: Mapping[str, Any]) -> TraderProfile:
    return TraderProfile(
        name=row["name"],
        kind=TraderKind(row["kind"]),
        strategy=row["strategy"],
        timeframe=row["timeframe"],
        minds=tuple(row["minds"]),
        competes=row["competes"],
        note=row["note"],
    )
