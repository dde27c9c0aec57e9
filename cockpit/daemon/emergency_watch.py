"""An emergency stop seen to its end from another process: each stage is told as it comes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from cockpit.daemon.client import BotClient, BotRefused, BotUnreachable, OutageNotice
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import BotStopped, EmergencyAdvanced, EmergencyStage, Recorded, RunFinished

PATIENCE_S = 180.0
"""How long an emergency stop is waited for: positions are closed on the next bars, which may take a while."""

REMIND_S = 10.0
"""How often a stop that takes long is told of."""

_STAGES = {
    EmergencyStage.CANCELING: "cancelling every order",
    EmergencyStage.FLATTENING: "closing every position",
    EmergencyStage.HALTED: "halted",
}
_LEFT_OVER = (
    "the emergency stop has halted with the kill switch on, but NOT everything is closed; the bot goes on"
    " closing it as soon as it can: see `cockpit status`"
)
_UNDER_WAY = {EmergencyStage.CANCELING, EmergencyStage.FLATTENING}


class EmergencyUnfinished(CockpitError):
    """The emergency stop was not seen to close everything; the message says where it stands."""


@dataclass(slots=True, kw_only=True)
class EmergencyWatch:
    """Watches one emergency stop.

    Attributes:
        client: Of the bot.
        tell: Takes a line for people on each step.
        patience_s: How long the whole is waited for.
        remind_s: How often it is told that it takes long.
    """

    client: BotClient
    tell: Callable[[str], None]
    patience_s: float = PATIENCE_S
    remind_s: float = REMIND_S
    _stands: str = field(init=False, default="it has not begun")
    _ended: str = field(init=False, default="")

    async def ask(self, by: str) -> int:
        """Asks for an emergency stop, or finds the one that is under way.

        Returns:
            The place of the journal from which on it is to be watched.

        Raises:
            BotUnreachable, BotRefused: See `BotClient`.
        """
        health = await self.client.health()
        try:
            answer = await self.client.post("/kill", flatten=True, by=by)
        except BotRefused:
            health = await self.client.health()
            if not _is_under_way(health):
                raise
            self.tell(f"an emergency stop by {health['emergency']['by']} is under way")
        else:
            self.tell(answer["message"])
        return int(health["seq"])

    async def see_halted(self, since: int) -> None:
        """Tells each stage after a place of the journal; returns when nothing works and nothing is held.

        Raises:
            EmergencyUnfinished: If that takes too long, the bot ends before, or it halts with something left.
        """
        reminder = asyncio.create_task(self._remind())
        try:
            async with asyncio.timeout(self.patience_s), aclosing(self.client.events(since)) as events:
                await self._follow(events)
        except TimeoutError:
            raise EmergencyUnfinished(
                f"after {self.patience_s:g} s the emergency stop is not at its end ({self._stands}); it goes"
                " on by itself: see `cockpit status`"
            ) from None
        except BotUnreachable as error:
            raise EmergencyUnfinished(self._why_gone()) from error
        finally:
            reminder.cancel()

    async def _follow(self, events: AsyncIterator[Recorded | OutageNotice]) -> None:
        async for message in events:
            if isinstance(message, OutageNotice):
                self._tell_outage(message)
            elif isinstance(message.event, EmergencyAdvanced):
                self._tell_stage(message.event)
                if message.event.left:
                    raise EmergencyUnfinished(_LEFT_OVER)
                if message.event.stage is EmergencyStage.HALTED:
                    return
            elif isinstance(message.event, RunFinished | BotStopped):
                self._ended = self._ended or message.event.reason

    def _tell_stage(self, event: EmergencyAdvanced) -> None:
        again = f" (attempt {event.attempt})" if event.attempt > 1 else ""
        self._stands = f"{_STAGES[event.stage]}{again}: {event.detail}"
        self.tell(self._stands)

    def _tell_outage(self, notice: OutageNotice) -> None:
        if notice.reason is not None:
            self.tell(f"the journal can't be written, the stop waits for it: {notice.reason}")

    async def _remind(self) -> None:
        waited_s = 0.0
        while True:
            await asyncio.sleep(self.remind_s)
            waited_s += self.remind_s
            self.tell(f"after {waited_s:g} s still {self._stands}")

    def _why_gone(self) -> str:
        if self._ended:
            return f"the bot ended before the emergency stop did: {self._ended} ({self._stands})"
        return (
            f"the bot is gone in the middle of it ({self._stands}); `cockpit kill --flatten` goes on with it"
        )


def _is_under_way(health: Mapping[str, Any]) -> bool:
    return health["emergency"] is not None and health["emergency"]["stage"] in _UNDER_WAY
