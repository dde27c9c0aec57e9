"""Keeps a store in step with its bot: attaches, follows, and attaches again when the bot went away."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from cockpit.domain.errors import CockpitError
from cockpit.domain.events import Recorded, RunStarted
from cockpit.trading.fold import FoldError
from cockpit.trading.lifecycle import IllegalTransition
from cockpit.tui.answers import day_spending
from cockpit.tui.link import BotLink, LinkLost, OutageNotice, Said, Words
from cockpit.tui.store import Connection, Store

FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 1.0
"""Between two attempts to attach: doubled from the first to the longest."""

BREATH = 100
"""Events taken in before others on the event loop get their turn."""


@dataclass(slots=True, kw_only=True)
class Feed:
    """The loop between a link and a store.

    Attributes:
        link: The way to the bot.
        store: What is shown.
        changed: Called after every change of the store.
    """

    link: BotLink
    store: Store
    changed: Callable[[], None]
    _nudged: asyncio.Event = field(init=False, default_factory=asyncio.Event)

    async def run(self) -> None:
        """Follows the bot until cancelled."""
        wait_s = FIRST_WAIT_S
        while True:
            if await asyncio.to_thread(self.link.is_running):
                try:
                    await self._follow()
                    trouble = "the bot closed the connection"
                except LinkLost as lost:
                    trouble = str(lost)
                except (FoldError, IllegalTransition, KeyError) as error:
                    trouble = f"an event did not fit what is shown ({error}); reading everything again"
                if self.store.connection is Connection.LIVE:
                    wait_s = FIRST_WAIT_S
                alive = await asyncio.to_thread(self.link.is_running)
                self._set(Connection.LOST if alive else Connection.ABSENT, trouble)
            else:
                self._set(Connection.ABSENT, self.store.trouble)
            await self._wait(wait_s)
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    def nudge(self) -> None:
        """Cuts the wait before the next attempt short."""
        self._nudged.set()

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._nudged.wait(), seconds)
        self._nudged.clear()

    async def _follow(self) -> None:
        state = await self.link.attach()
        known_seq = state.seq
        since = self.store.attach(state)
        await self._learn_limits()
        await self._learn_costs()
        if since >= known_seq:
            self._set(Connection.LIVE)
        count = 0
        async for message in self.link.messages(since):
            if isinstance(message, OutageNotice):
                self.store.set_outage(message.reason)
            elif isinstance(message, Words):
                self.store.hear(message)
            elif isinstance(message, Said):
                self.store.conclude(message)
            else:
                self._take(message)
                if isinstance(message.event, RunStarted) and message.seq > known_seq:
                    await self._learn_limits()
            count += 1
            if count % BREATH == 0:
                await asyncio.sleep(0)
            if self.store.connection is Connection.LIVE:
                self.changed()
            elif isinstance(message, Recorded) and message.seq >= known_seq:
                self._set(Connection.LIVE)

    async def _learn_limits(self) -> None:
        try:
            limits = await self.link.limits()
        except LinkLost:  # a dashboard that shows less is better than none
            limits = {}
        self.store.set_limits(limits)

    async def _learn_costs(self) -> None:
        try:
            spending = day_spending(await self.link.look_up("/costs"))
        except CockpitError:
            spending = None
        self.store.set_spending(spending)

    def _take(self, recorded: Recorded) -> None:
        if self.store.outage is not None:
            self.store.set_outage(None)
        self.store.take(recorded)

    def _set(self, connection: Connection, trouble: str = "") -> None:
        self.store.set_connection(connection, trouble)
        self.changed()
