"""The way to a bot in a process of its own: its folder, its socket, its command line."""

import asyncio
import importlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from cockpit.daemon.folder import BotFolder
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import Recorded
from cockpit.domain.profiles import ProfileKind
from cockpit.trading.risk import RiskLimits
from cockpit.trading.state import ArenaState
from cockpit.tui.answers import limits_of
from cockpit.tui.link import Answer, CommandRefused, LinkLost, Message, OutageNotice, Said, Words

if TYPE_CHECKING:  # loaded where there is no bot
    from cockpit.daemon.journal_answers import JournalAnswers
    from cockpit.settings.tree import Settings

_PROFILES: Mapping[ProfileKind, str] = {
    ProfileKind.AI: "/profiles/ai",
    ProfileKind.TRADER: "/profiles/traders",
}


class SocketLink:
    """See `cockpit.tui.link.BotLink`; what it needs is imported in a thread, at its first use.

    Args:
        folder: The bot's.
        start: Starts the bot as a process of its own and returns when it answers; called in a thread.
            Raises a `CockpitError` where it can't.
        by: Who asks, for the journal.
    """

    def __init__(self, folder: BotFolder, start: Callable[[], object], *, by: str = "the dashboard") -> None:
        self.bot = folder.name
        self._folder = folder
        self._start = start
        self._by = by
        self._module: ModuleType | None = None
        self._client: Any = None

    def is_running(self) -> bool:
        """See `BotLink`."""
        from cockpit.daemon.lock import ProcessError, running_pid  # noqa: PLC0415 - after the first frame

        try:
            return running_pid(self._folder) is not None
        except ProcessError:
            return True

    async def attach(self) -> ArenaState:
        """See `BotLink`."""
        return cast("ArenaState", await self._told(lambda client: client.state()))

    async def messages(self, since: int) -> AsyncIterator[Message]:
        """See `BotLink`."""
        client = await self._ready()
        module = self._module
        assert module is not None
        try:
            async with aclosing(client.events(since, words=True)) as events:
                async for event in events:
                    yield event if isinstance(event, Recorded) else _passing(event)
        except (module.BotUnreachable, module.BotRefused) as error:
            raise LinkLost(str(error)) from error

    async def limits(self) -> Mapping[str, RiskLimits]:
        """See `BotLink`."""
        return limits_of(await self._told(lambda client: client.get("/risk")))

    async def look_up(self, path: str, **params: str | int | None) -> Any:
        """See `BotLink`."""
        given = {name: value for name, value in params.items() if value is not None}
        if self.is_running():
            return await self._told(lambda client: client.get(path, **given))
        return await (await asyncio.to_thread(self._stopped)).get(path, **given)

    def _stopped(self) -> "JournalAnswers":
        """Tells of a bot that does not run."""
        from cockpit.daemon.journal_answers import JournalAnswers  # noqa: PLC0415 - where there is no bot
        from cockpit.daemon.remembered_settings import remembered_settings  # noqa: PLC0415 - likewise

        def settings() -> "Settings | None":
            return remembered_settings(self._folder.settings)

        return JournalAnswers(self._folder, settings, lambda: time.time_ns() // 1_000_000)

    async def profiles(self) -> Mapping[str, Any]:
        """See `BotLink`."""
        if self.is_running():
            return cast("Mapping[str, Any]", await self._told(lambda client: client.get("/profiles")))
        from cockpit.daemon.api_profiles import profiles_answer  # noqa: PLC0415 - where there is no bot
        from cockpit.journal.profile_reading import read_profiles  # noqa: PLC0415 - likewise

        book = await asyncio.to_thread(read_profiles, self._folder.journal)
        return profiles_answer(book, {}).model_dump(mode="json") | {"missing_keys": None}

    async def save_profile(self, kind: ProfileKind, name: str | None, fields: Mapping[str, Any]) -> Answer:
        """See `BotLink`."""
        path, said = _PROFILES[kind], {**fields, "by": self._by}
        if name is None:
            return await self._asked(lambda client: client.post(path, **said))
        return await self._asked(lambda client: client.put(f"{path}/{quote(name, safe='')}", **said))

    async def delete_profile(self, kind: ProfileKind, name: str) -> Answer:
        """See `BotLink`."""
        path = f"{_PROFILES[kind]}/{quote(name, safe='')}"
        return await self._asked(lambda client: client.delete(path, by=self._by))

    async def facts(self) -> Mapping[str, object]:
        """See `BotLink`."""
        return cast("Mapping[str, object]", await self._told(lambda client: client.health()))

    async def send(self, path: str, **body: object) -> Answer:
        """See `BotLink`."""
        params = {"scope": body.pop("scope")} if "scope" in body else None
        return await self._asked(lambda client: client.post(path, params=params, by=self._by, **body))

    async def start(self) -> None:
        """See `BotLink`."""
        try:
            await asyncio.to_thread(self._start)
        except (CockpitError, OSError) as error:
            if not await asyncio.to_thread(self.is_running):
                raise CommandRefused(str(error)) from error

    async def close(self) -> None:
        """See `BotLink`."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _asked(self, ask: Callable[[Any], Awaitable[Mapping[str, Any]]]) -> Answer:
        """What the bot answers to a request to change something.

        Raises:
            CommandRefused: If it says no.
            LinkLost: If it does not answer.
        """
        client = await self._ready()
        module = self._module
        assert module is not None
        try:
            said = await ask(client)
        except module.BotRefused as error:
            raise CommandRefused(str(error)) from error
        except module.BotUnreachable as error:
            raise LinkLost(str(error)) from error
        return Answer(done=said.get("done") is True, message=str(said.get("message", "")))

    async def _told(self, ask: Callable[[Any], Awaitable[object]]) -> Any:
        """What the bot answers to a question.

        Raises:
            LinkLost: If it does not answer, or says no.
        """
        client = await self._ready()
        module = self._module
        assert module is not None
        try:
            return await ask(client)
        except (module.BotUnreachable, module.BotRefused) as error:
            raise LinkLost(str(error)) from error

    async def _ready(self) -> Any:
        if self._module is None:
            self._module = await asyncio.to_thread(importlib.import_module, "cockpit.daemon.client")
        if self._client is None:
            self._client = self._module.BotClient(self._folder.socket)
        return self._client


def _passing(notice: Any) -> OutageNotice | Words | Said:
    """What passes by, in the dashboard's words; `cockpit.daemon.client` has its own, and comes later."""
    if hasattr(notice, "reason"):
        return OutageNotice(notice.reason)
    if hasattr(notice, "message"):
        return Said(agent=notice.agent, message=notice.message)
    return Words(agent=notice.agent, role=notice.role, talk=notice.talk, start=notice.start, text=notice.text)
