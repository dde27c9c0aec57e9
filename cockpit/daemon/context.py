"""What the API's handlers work with."""

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

import cockpit
from cockpit.daemon.api_models import Health
from cockpit.daemon.control import BotControl
from cockpit.daemon.metrics_text import MetricsPage
from cockpit.daemon.request_desk import RequestDesk
from cockpit.daemon.run_facts import run_facts
from cockpit.daemon.sse import EventFeed
from cockpit.domain.formats import time_of
from cockpit.journal.codec import encode_state
from cockpit.journal.views import JournalReader


@dataclass(slots=True, kw_only=True)
class ApiContext:
    """One bot, and what its API keeps.

    Attributes:
        bot: The bot.
        feed: Its events.
        desk: Where requests to it wait.
        metrics: Its figures.
        now_ms: Real time, UTC milliseconds.
        monotonic: Seconds.
        address: Where the API answers over TCP; None: nowhere.
    """

    bot: BotControl
    feed: EventFeed
    desk: RequestDesk
    metrics: MetricsPage
    now_ms: Callable[[], int]
    monotonic: Callable[[], float]
    address: str | None = None
    _state: tuple[int, str, bytes] | None = field(init=False, default=None)

    def state_bytes(self) -> bytes:
        """The exact state as JSON, made once for each place of the journal."""
        state = self.bot.state
        if self._state is None or self._state[:2] != (state.seq, state.run_id):
            self._state = state.seq, state.run_id, encode_state(state)
        return self._state[2]

    async def open_journal(self) -> JournalReader:
        """A reader of the bot's journal, to be closed by the caller.

        Raises:
            JournalUnavailable, JournalCorrupt: If it can't be read.
        """
        return await JournalReader.open(self.bot.folder.journal)

    def health(self) -> Health:
        """How the bot is."""
        bot, stepped_s = self.bot, self.feed.last_step_s
        facts = run_facts(bot.state)
        facts["halted"] = facts["halted"] or bot.outage is not None
        return Health(
            pid=os.getpid(),
            bot=bot.folder.name,
            version=cockpit.__version__,
            **facts,
            outage=bot.outage,
            started_time=time_of(bot.started_ms),
            uptime_s=max(0, self.now_ms() - bot.started_ms) / 1000,
            speed=bot.speed,
            socket=str(bot.folder.socket),
            address=self.address,
            last_step_age_s=None if stepped_s is None else self.monotonic() - stepped_s,
        )


async def _context(request: Request) -> ApiContext:
    context = request.app.state.context
    assert isinstance(context, ApiContext)
    return context


Context = Annotated[ApiContext, Depends(_context)]


async def _reader(context: Context) -> AsyncIterator[JournalReader]:
    async with await context.open_journal() as reader:
        yield reader


Reader = Annotated[JournalReader, Depends(_reader)]
