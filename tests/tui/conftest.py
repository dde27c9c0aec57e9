"""The dashboard over a real arena's events, without a terminal."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from textual.pilot import Pilot

from cockpit.domain.events import Recorded, RunFinished
from cockpit.tui.app import CockpitApp
from cockpit.tui.controls import Controls
from cockpit.tui.store import Connection, Store
from tests.tui.recorded_arena import events_of
from tests.tui.replay_link import ReplayLink


@dataclass(slots=True)
class Stage:
    """A dashboard that shows what there is.

    Attributes:
        app: It.
        pilot: Its keys and mouse.
        link: Its bot.
    """

    app: CockpitApp
    pilot: Pilot[str]
    link: ReplayLink

    @property
    def controls(self) -> Controls:
        assert self.app.controls is not None
        return self.app.controls

    @property
    def store(self) -> Store:
        return self.controls.store

    @property
    def text(self) -> str:
        """What the screen says, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        """Lets events arrive, and paints what they changed."""
        for _ in range(3):
            await self.pilot.pause(0)
        for pane in self.controls._panes():
            if pane.is_shown:
                pane.paint()
        await self.pilot.pause(0)

    async def rest(self) -> None:
        """Settles, and waits until nothing moves any more."""
        await self.settle()
        await self.pilot.pause()
        await self.settle()

    async def until(self, connection: Connection) -> None:
        """Waits for the connection to be like that."""
        async with asyncio.timeout(10):
            while self.store.connection is not connection:
                await asyncio.sleep(0.01)
        await self.settle()


@asynccontextmanager
async def staged(
    link: ReplayLink, size: tuple[int, int] = (100, 30), **options: object
) -> AsyncIterator[Stage]:
    app = CockpitApp(link.bot, lambda: link, **options)
    app.animation_level = "none"
    async with app.run_test(size=size, notifications=True) as pilot:
        async with asyncio.timeout(10):
            while app.controls is None or app.controls.store.connection is Connection.CONNECTING:
                await asyncio.sleep(0.005)
        stage = Stage(app, pilot, link)
        await stage.rest()
        yield stage


@pytest.fixture(scope="session")
def arena_events() -> tuple[Recorded, ...]:
    """A run of 60 rounds, up to just before its end."""
    events = events_of(60)
    return tuple(recorded for recorded in events if not isinstance(recorded.event, RunFinished))


@pytest.fixture
def link(arena_events: Sequence[Recorded]) -> ReplayLink:
    return ReplayLink(events=list(arena_events))
