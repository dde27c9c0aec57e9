"""Requests that change the bot: carried out one by one, and answered in bounded time.

A request waits for the step or round in progress, and for the journal. It is never withdrawn when its
answer is due before it is done: the bot carries it out as soon as it can, and the answer says so.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from cockpit.daemon.api_models import Done
from cockpit.daemon.control import BotControl

PATIENCE_S = 15.0
"""An answer comes within this: longer than agents may take over a round, by default."""

OUTAGE_PATIENCE_S = 2.0
"""And within this while the journal is out."""

_LOOK_S = 0.5
"""How often a request that waits looks whether the journal is out."""

_MOST_WAITING = 32
_LOG = logging.getLogger(__name__)


class NotNow(Exception):
    """The journal is out, or too much is waiting; the message says what becomes of the request."""


class RequestDesk:
    """Takes requests and waits for them, for a while."""

    def __init__(self, bot: BotControl) -> None:
        self._bot = bot
        self._waiting: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def carry_out(self, what: str, action: Coroutine[Any, Any, None]) -> Done:
        """Does something, or says that it will be done.

        Args:
            what: What will be the case once it is done, in words.
            action: Does it.

        Raises:
            NotNow: If the journal is out and the request waits for it, too many others do, or the bot is
                ending.
            ControlRefused: As the action.
        """
        if self._is_closed:
            action.close()
            raise NotNow("the bot is ending")
        if len(self._waiting) >= _MOST_WAITING:
            action.close()
            raise NotNow(f"{_MOST_WAITING} requests are waiting for the bot already: try again later")
        task = asyncio.create_task(action, name=what)
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)
        await asyncio.wait({task}, timeout=OUTAGE_PATIENCE_S)
        if not task.done() and self._bot.outage is None:
            await self._wait_for_bot(task)
        if task.done():
            task.result()
            return Done(done=True, message=what, seq=self._bot.state.seq)
        task.add_done_callback(_tell_failure)
        if self._bot.outage is not None:
            raise NotNow(f"the journal can't be written ({self._bot.outage}); once it can: {what}")
        return Done(done=False, message=f"after the round in progress: {what}", seq=self._bot.state.seq)

    async def aclose(self) -> None:
        """Gives up on what still waits, and takes nothing more."""
        self._is_closed = True
        waiting = list(self._waiting)
        for task in waiting:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting, timeout=1.0)

    async def _wait_for_bot(self, task: "asyncio.Task[None]") -> None:
        """Until the task is done, the journal goes out, or patience is at its end."""
        left_s = PATIENCE_S - OUTAGE_PATIENCE_S
        while left_s > 0 and not task.done() and self._bot.outage is None:
            await asyncio.wait({task}, timeout=min(_LOOK_S, left_s))
            left_s -= _LOOK_S


def _tell_failure(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _LOG.warning("a request that was taken could not be carried out (%s): %s", task.get_name(), error)
