"""Profiles of a bot, running or not: reading them, and changing them one change at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.agents.providers.api_keys import KeysRefused
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.lock import BotLock
from cockpit.daemon.profile_changes import ProfileChange, change_event
from cockpit.domain.events import Event
from cockpit.domain.profiles import ProfileBook
from cockpit.journal.journal import Journal
from cockpit.journal.journal_end import journal_end
from cockpit.journal.profile_reading import read_profiles
from cockpit.settings.model_tree import ModelSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDesk:
    """Where a running bot's profiles are changed.

    A change is held against the profiles that the journal has, and the next one waits until it counts.

    Attributes:
        journal: The bot's.
        keep: Journals an event, and returns once it counts.
        wall_ms: Real time.
    """

    journal: Path
    keep: Callable[[Event], Awaitable[None]]
    wall_ms: Callable[[], int]
    _turn: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)

    async def change(self, change: ProfileChange, by: str) -> None:
        """Makes a change.

        Raises:
            ProfileUnknown, ProfileRefused, ProfileInvalid: See `change_event`; nothing is changed.
            JournalError: If the journal can't be read; likewise.
        """
        async with self._turn:
            book = await asyncio.to_thread(read_profiles, self.journal)
            event = change_event(change, book, by, self.wall_ms())
            if event is not None:
                await self.keep(event)


def change_of_stopped(folder: BotFolder, change: ProfileChange, by: str, wall_ms: int) -> None:
    """Changes the profiles of a bot that isn't running; its folder and journal are made if need be.

    The event belongs to the newest run, where that stands, so a run that is taken up goes on as if nothing
    had been; before the first run it belongs to none.

    Raises:
        ProfileUnknown, ProfileRefused, ProfileInvalid: See `change_event`; nothing is changed.
        AlreadyRunning, HolderUnknown, FolderUnusable: See `BotLock`.
        JournalError: If the journal can't be read or written.
    """
    change_event(change, read_profiles(folder.journal), by, wall_ms)  # a refusal leaves no folder behind
    with BotLock(folder):
        journal = Journal.open(folder.journal)
        try:
            event = change_event(change, read_profiles(folder.journal), by, wall_ms)
            if event is not None:
                end = journal_end(folder.journal)
                asyncio.run(_commit(journal, end.run_id, end.ts_ms, event))
        finally:
            journal.close()


async def _commit(journal: Journal, run_id: str, ts_ms: int, event: Event) -> None:
    await journal.commit(run_id, ts_ms, (event,))


def missing_keys(
    book: ProfileBook, settings: ModelSettings, environment: Mapping[str, str]
) -> dict[str, str]:
    """What to do before models can be asked: AI profile → a line; those that are ready are not there.

    Args:
        book: The profiles there are.
        settings: Of models.
        environment: Of the process that asks them.
    """
    if not book.ai or settings.mode == "replay":
        return {}
    from cockpit.agents.switchboard import model_directory  # noqa: PLC0415 - only where there are models

    try:
        directory = model_directory(settings, environment)
    except KeysRefused as error:
        return dict.fromkeys(book.ai, str(error))
    needed = {name: directory.missing_key(each.model) for name, each in book.ai.items()}
    return {name: f"set {variable}" for name, variable in needed.items() if variable is not None}
