"""The way to a bot in a process of its own: its folder, its socket, its command line."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from cockpit.daemon.folder import BotFolder
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import Recorded
from cockpit.trading.risk import RiskLimits
from cockpit.trading.state import ArenaState
from cockpit.tui.answers import limits_of, trail_of
from cockpit.tui.link import Answer, CommandRefused, LinkLost, Message, OutageNotice, Words

if TYPE_CHECKING:  # loaded when a trail is asked for
    from cockpit.journal.audit import Trail


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

    async def ended_orders(self, most: int) -> Sequence[Mapping[str, Any]]:
        """See `BotLink`."""
        rows = await self._told(lambda client: client.get("/orders", status="done", limit=most))
        return cast("Sequence[Mapping[str, Any]]", rows)

    async def model_calls(self, agent: str, most: int) -> Sequence[Mapping[str, Any]]:
        """See `BotLink`."""
        rows = await self._told(lambda client: client.get("/calls", agent=agent, limit=most))
        return cast("Sequence[Mapping[str, Any]]", rows)

    async def model_call(self, call_id: int) -> Mapping[str, Any]:
        """See `BotLink`."""
        try:
            return cast("Mapping[str, Any]", await self._told(lambda client: client.get(f"/calls/{call_id}")))
        except LinkLost as lost:
            if self.is_running():
                raise CommandRefused(str(lost)) from lost
        from cockpit.journal.call_views import read_call  # noqa: PLC0415 - when a call is asked for
        from cockpit.journal.views import JournalReader  # noqa: PLC0415 - likewise

        async with await JournalReader.open(self._folder.journal) as reader:
            return await read_call(reader, call_id)

    async def model_costs(self) -> Mapping[str, Any]:
        """See `BotLink`."""
        return cast("Mapping[str, Any]", await self._told(lambda client: client.get("/costs")))

    async def audit(self, ident: str) -> "Trail":
        """See `BotLink`."""
        try:
            return trail_of(await self._told(lambda client: client.get(f"/audit/{ident}")))
        except LinkLost as lost:
            if self.is_running():
                raise CommandRefused(str(lost)) from lost
        from cockpit.report.trail import read_trail  # noqa: PLC0415 - when a trail is asked for

        return await asyncio.to_thread(read_trail, self._folder.journal, ident)

    async def facts(self) -> Mapping[str, object]:
        """See `BotLink`."""
        return cast("Mapping[str, object]", await self._told(lambda client: client.health()))

    async def send(self, path: str, **body: object) -> Answer:
        """See `BotLink`."""
        client = await self._ready()
        module = self._module
        assert module is not None
        params = {"scope": body.pop("scope")} if "scope" in body else None
        try:
            said = await client.post(path, params=params, by=self._by, **body)
        except module.BotRefused as error:
            raise CommandRefused(str(error)) from error
        except module.BotUnreachable as error:
            raise LinkLost(str(error)) from error
        return Answer(done=said.get("done") is True, message=str(said.get("message", "")))

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


def _passing(notice: Any) -> OutageNotice | Words:
    """What passes by, in the dashboard's words; `cockpit.daemon.client` has its own, and comes later."""
    if hasattr(notice, "reason"):
        return OutageNotice(notice.reason)
    return Words(agent=notice.agent, role=notice.role, talk=notice.talk, start=notice.start, text=notice.text)
