import asyncio
from contextlib import suppress

import pytest

from cockpit.domain.events import PauseSet
from cockpit.tui import feed as feed_module
from cockpit.tui.feed import Feed
from cockpit.tui.store import Connection, Store


class Following:
    """A feed at work, and how often it said that something changed."""

    def __init__(self, link) -> None:
        self.changes = 0
        self.store = Store(bot="arena")
        self.feed = Feed(link=link, store=self.store, changed=self._changed)

    def _changed(self) -> None:
        self.changes += 1

    async def __aenter__(self) -> "Following":
        self._task = asyncio.create_task(self.feed.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def until(self, connection: Connection) -> None:
        async with asyncio.timeout(30):
            while self.store.connection is not connection:
                await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(feed_module, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(feed_module, "LONGEST_WAIT_S", 0.05)


async def test_it_attaches_and_lists_what_came_before(link):
    async with Following(link) as following:
        await following.until(Connection.LIVE)
        assert following.store.state.seq == len(link.events)
        assert len(following.store.log.entries) == len(link.events)


async def test_news_arrive_as_they_happen(link):
    async with Following(link) as following:
        await following.until(Connection.LIVE)
        before = following.changes
        link.happen([PauseSet(on=True, by="me")])
        async with asyncio.timeout(30):
            while not following.store.state.paused:
                await asyncio.sleep(0.005)
        assert following.changes > before


async def test_a_bot_that_died_is_absent_and_is_followed_again_when_it_is_back(link):
    async with Following(link) as following:
        await following.until(Connection.LIVE)
        link.die()
        await following.until(Connection.ABSENT)
        link.running = link.answering = True
        await following.until(Connection.LIVE)
        assert link.attached == 2


async def test_a_bot_that_hangs_is_lost(link):
    async with Following(link) as following:
        await following.until(Connection.LIVE)
        link.hang()
        await following.until(Connection.LOST)
        assert following.store.trouble == "no bot answers"


async def test_events_that_do_not_fit_are_read_again_from_the_start(link):
    async with Following(link) as following:
        await following.until(Connection.LIVE)
        following.store.state.agents.clear()
        link.go_on([])
        link.happen([link.events[-1].event])
        async with asyncio.timeout(30):
            while link.attached < 2:
                await asyncio.sleep(0.005)
        await following.until(Connection.LIVE)
        assert following.store.state.agents


async def test_a_nudge_cuts_the_wait_short(link, monkeypatch):
    monkeypatch.setattr(feed_module, "FIRST_WAIT_S", 60.0)
    link.running = link.answering = False
    async with Following(link) as following:
        await following.until(Connection.ABSENT)
        link.running = link.answering = True
        following.feed.nudge()
        await following.until(Connection.LIVE)
