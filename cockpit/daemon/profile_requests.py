"""Asking a running bot to change its profiles."""

from typing import Any

from cockpit.daemon.client import BotClient
from cockpit.daemon.profile_changes import ProfileChange, RemoveProfile, kind_of
from cockpit.domain.profiles import AiProfile, ProfileKind
from cockpit.settings.profile_tree import AiProfileFields, TraderProfileFields

_PATHS = {ProfileKind.AI: "/profiles/ai", ProfileKind.TRADER: "/profiles/traders"}


async def ask_for_change(client: BotClient, change: ProfileChange, by: str) -> dict[str, Any]:
    """Asks for a change, and waits for its answer: see `BotClient.post`.

    Raises:
        BotUnreachable: If nobody answers.
        BotRefused: If the bot says no.
    """
    if isinstance(change, RemoveProfile):
        return await client.delete(f"{_PATHS[change.kind]}/{change.name}", by=by)
    profile = change.profile
    path = _PATHS[kind_of(profile)]
    read = AiProfileFields.of(profile) if isinstance(profile, AiProfile) else TraderProfileFields.of(profile)
    fields = read.model_dump(mode="json")
    if change.is_new:
        return await client.post(path, by=by, **fields)
    return await client.put(f"{path}/{profile.name}", by=by, **fields)
