"""How fast market time passes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Pacer:
    """Keeps market time at a multiple of real time.

    A pacer that has fallen behind (a slow round, a pause) does not race to catch up: it goes on from
    where it is.

    Attributes:
        speed: Market seconds per second; None: as fast as it can.
        monotonic: Seconds.
        sleep: Waits so many seconds.
    """

    speed: float | None
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _due_s: float | None = field(init=False, default=None)

    async def wait(self, market_ms: int) -> None:
        """Waits until the next `market_ms` of market time have passed."""
        if self.speed is None:
            await self.sleep(0)
            return
        now_s = self.monotonic()
        length_s = market_ms / 1000 / self.speed
        due_s = now_s + length_s if self._due_s is None else self._due_s + length_s
        self._due_s = due_s if due_s > now_s else now_s
        await self.sleep(max(0.0, due_s - now_s))

    def restart(self) -> None:
        """Forgets the schedule: after a pause, time goes on from now."""
        self._due_s = None
