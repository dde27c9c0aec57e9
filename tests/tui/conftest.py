"""The dashboard over a real arena's events, without a terminal."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import pytest
from textual import app as textual_app
from textual import pilot as textual_pilot
from textual._compositor import Compositor
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.strip import Strip

from cockpit.domain.events import Recorded, RunFinished
from cockpit.tui.app import CockpitApp
from cockpit.tui.controls import Controls
from cockpit.tui.store import Connection, Store
from tests.tui.recorded_arena import events_of, thawed
from tests.tui.replay_link import ReplayLink

PARSE_RULES = Stylesheet._parse_rules
"""Textual's own."""


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
    _drawn: str | None = None

    @property
    def controls(self) -> Controls:
        assert self.app.controls is not None
        return self.app.controls

    @property
    def store(self) -> Store:
        return self.controls.store

    @property
    def text(self) -> str:
        """What the screen says, line by line; drawn once until something else has had its turn."""
        if self._drawn is None:
            self._drawn = "\n".join(strip.text for strip in self._strips)
            asyncio.get_running_loop().call_soon(self._forget)
        return self._drawn

    def _forget(self) -> None:
        self._drawn = None

    @property
    def _strips(self) -> list[Strip]:
        return self.app.screen._compositor.render_strips()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self._come_to_rest()
        await self.settle()

    async def settle(self) -> None:
        """Lets events arrive, and paints what they changed."""
        await self._come_to_rest()
        for pane in self.controls._panes():
            if pane.is_shown and pane.is_due:
                pane.paint()
        await self._come_to_rest()

    async def _come_to_rest(self) -> None:
        """Waits until no event, message, layout or callback is under way."""
        await self.pilot.pause(0)
        while self._is_busy:
            await self.pilot.pause(0)

    @property
    def _is_busy(self) -> bool:
        store, screen = self.store, self.app.screen
        if store.connection is Connection.LIVE and store._listed_seq < len(self.link.events):
            return self.link.answering
        if (
            self.app._resize_event is not None
            or screen._layout_required
            or screen._callbacks
            or screen._dirty_widgets
        ):
            return True
        return any(
            node._next_callbacks or not node._message_queue.empty()
            for node in (self.app, *self.app.screen_stack, *screen.walk_children())
        )

    async def resize(self, width: int, height: int) -> None:
        await self.pilot.resize_terminal(width, height)
        while self.app.screen.size != (width, height):
            await self.pilot.pause(0)
        await self.settle()
        await self.settle()

    async def until(self, connection: Connection) -> None:
        """Waits for the connection to be like that."""
        async with asyncio.timeout(30):
            while self.store.connection is not connection:
                await asyncio.sleep(0.01)
        await self.settle()


_PARSED: dict[tuple[object, ...], list[RuleSet]] = {}
"""Every style sheet that was parsed, by its text and its colours: the same for all dashboards."""


def parsed_once(sheet: Stylesheet, *source: object, **options: object) -> list[RuleSet]:
    """What Textual makes of a style sheet, which it remembers for one dashboard only."""
    key = (*source, *options.items(), *sheet._variables.items())
    if key not in _PARSED:
        _PARSED[key] = PARSE_RULES(sheet, *source, **options)
    return _PARSED[key]


@contextmanager
def nothing_for_a_terminal_that_is_not_there() -> Iterator[None]:
    """Leaves out what Textual draws for a terminal, which headless is thrown away, and its waits of a
    fiftieth of a second. What the screen says (`Stage.text`, pictures) is drawn by the same code as ever.
    """
    draw = Compositor.render_update

    def drawn(compositor, full: bool = False, **options: object) -> object:
        if full:  # a picture
            return draw(compositor, full=True, **options)
        return compositor._dirty_regions.clear()

    async def a_breath(_seconds: float = 0) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compositor, "render_update", drawn)
        patch.setattr(Stylesheet, "_parse_rules", parsed_once)
        patch.setattr(textual_app, "wait_for_idle", a_breath)
        patch.setattr(textual_pilot, "wait_for_idle", a_breath)
        yield


@asynccontextmanager
async def staged(
    link: ReplayLink, size: tuple[int, int] = (100, 30), **options: object
) -> AsyncIterator[Stage]:
    app = CockpitApp(link.bot, lambda: link, **options)
    app.animation_level = "none"
    with nothing_for_a_terminal_that_is_not_there():
        async with app.run_test(size=size, notifications=True) as pilot:
            async with asyncio.timeout(30):
                while app.controls is None or app.controls.store.connection is Connection.CONNECTING:
                    await asyncio.sleep(0.005)
            stage = Stage(app, pilot, link)
            await stage.settle()
            yield stage


@pytest.fixture(scope="session")
def arena_events() -> tuple[Recorded, ...]:
    """A run of 20 rounds, up to just before its end."""
    events = events_of(20)
    gc.freeze()  # they stay to the end: no collection need look at them again
    return tuple(recorded for recorded in events if not isinstance(recorded.event, RunFinished))


@pytest.fixture(scope="session")
def varied_journal() -> ReplayLink:
    """The frozen run, in which every kind of order is used, with its journal written."""
    link = ReplayLink(events=thawed())
    asyncio.run(link.journal())
    gc.freeze()
    return link


@pytest.fixture
def varied(varied_journal) -> ReplayLink:
    """The same for one test, which may let more happen."""
    return varied_journal.copied()


@pytest.fixture
def link(arena_events: Sequence[Recorded]) -> ReplayLink:
    return ReplayLink(events=list(arena_events))
