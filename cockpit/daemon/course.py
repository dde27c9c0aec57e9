"""How a bot's run is played, from its first step to a stop in good order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from cockpit.arena.controls import ControlRefused
from cockpit.arena.coordinator import Coordinator
from cockpit.domain.events import EmergencyStage, Recorded, TradingMode
from cockpit.trading.state import ArenaState

ROUND_GRACE_S = 15.0
"""How long a stop waits for the round in progress before it is abandoned."""

FLATTEN_GRACE_S = 60.0
"""How long a stop waits for positions to be closed."""

_LOG = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class StopRequest:
    """How a bot was asked to end, if it was."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    urgent: asyncio.Event = field(default_factory=asyncio.Event)
    flatten: bool = False


class Course:
    """Plays one run, once.

    Args:
        coordinator: Of the arena.
        get_ready: Makes the line to models; awaited before anything is asked.
    """

    def __init__(self, coordinator: Coordinator, get_ready: Callable[[], Awaitable[None]]) -> None:
        self._coordinator = coordinator
        self._get_ready = get_ready
        self._stop = StopRequest()

    @property
    def _state(self) -> ArenaState:
        return self._coordinator.recorder.committed

    def request_stop(self, *, now: bool, flatten: bool) -> None:
        """Asks it to end: after the round in progress, or `now`; a second request may only be more urgent.

        Raises:
            ControlRefused: If positions are to be closed while every order is held or refused.
        """
        if flatten and now:
            raise ControlRefused("at once, or with every position closed first: not both")
        if flatten and self._state.killed:
            raise ControlRefused(
                "the kill switch is on, so nothing can be closed: `cockpit kill --flatten` closes everything,"
                " or unkill first, or just stop"
            )
        if flatten and self._state.trading_mode is TradingMode.HALTED:
            raise ControlRefused(
                "trading is halted, so nothing can be closed: `cockpit kill --flatten` closes everything, or"
                " `cockpit mode reducing` first, or just stop"
            )
        if now:
            self._stop.urgent.set()
        self._stop.flatten = self._stop.flatten or flatten
        self._stop.asked.set()

    async def run(self) -> str:
        """Plays until the run is finished or a stop was requested; says which, in words."""
        arena = asyncio.create_task(self._play(), name="arena")
        asked = asyncio.create_task(self._stop.asked.wait(), name="stop request")
        try:
            await asyncio.wait({arena, asked}, return_when=asyncio.FIRST_COMPLETED)
            if not arena.done():
                await self._end(arena)
        finally:
            asked.cancel()
            arena.cancel()
            await asyncio.wait({arena, asked})
        if not arena.cancelled():
            arena.result()
        if self._state.finished:
            return self._state.finished
        is_open = self._stop.flatten and not self._coordinator.flat
        return "stopped on request; positions are still open" if is_open else "stopped on request"

    async def attend(self, errand: Callable[[], Awaitable[None]]) -> str:
        """Carries something out while market time stands still, unless a stop is requested before it is done.

        Returns:
            Which of them it was, in words.
        """
        asked = asyncio.create_task(self._stop.asked.wait(), name="stop request")
        working = asyncio.create_task(self._attend(errand), name="errand")
        try:
            await asyncio.wait({working, asked}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asked.cancel()
            working.cancel()
            await asyncio.wait({working, asked})
        if working.cancelled():
            return "stopped on request"
        working.result()
        return "what it was opened for is done"

    async def _attend(self, errand: Callable[[], Awaitable[None]]) -> None:
        await self._get_ready()
        await errand()

    async def _play(self) -> None:
        if self._state.emergency in {None, EmergencyStage.HALTED}:
            await self._get_ready()
        await self._coordinator.run()

    async def _end(self, arena: "asyncio.Task[None]") -> None:
        if self._stop.flatten and not await self._patiently(self._flatten(arena), FLATTEN_GRACE_S):
            _LOG.warning("positions are still open")
        if not await self._patiently(self._cancel_between_steps(arena), ROUND_GRACE_S):
            _LOG.warning("the round in progress was abandoned")
        arena.cancel()

    async def _patiently(self, work: Coroutine[Any, Any, None], patience_s: float) -> bool:
        """Whether work was done before patience ran out, or the stop became urgent."""
        working = asyncio.create_task(work)
        urgent = asyncio.create_task(self._stop.urgent.wait())
        try:
            await asyncio.wait({working, urgent}, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
            return working.done()
        finally:
            working.cancel()
            urgent.cancel()
            await asyncio.wait({working, urgent})

    async def _cancel_between_steps(self, arena: "asyncio.Task[None]") -> None:
        async with self._coordinator.between_steps:
            arena.cancel()

    async def _flatten(self, arena: "asyncio.Task[None]") -> None:
        flat = asyncio.Event()

        def look(_: Sequence[Recorded]) -> None:
            if self._coordinator.flat:
                flat.set()

        self._coordinator.recorder.listen(look)
        await self._coordinator.wind_down("stop --flatten")
        look(())
        waiting = asyncio.create_task(flat.wait())
        await asyncio.wait({waiting, arena}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
