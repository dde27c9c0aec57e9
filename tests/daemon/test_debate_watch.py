"""A debate asked of a bot and seen to its end by who asked for it; models are scripted."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from cockpit.daemon import request_desk
from cockpit.daemon.client import BotClient
from cockpit.daemon.debate_watch import DebateUnseen, DebateWatch, DebateWish
from cockpit.daemon.server import ApiServer
from cockpit.domain.events import DebateAsked
from tests.arena.panel_bot import ANALYSTS, panel_settings, script
from tests.daemon.conftest import OpenBot
from tests.servers.model_server import ModelServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def models(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelServer]:
    monkeypatch.setenv("PANEL_API_KEY", "sk-planted-0123456789abcdefghij")
    monkeypatch.setattr(request_desk, "OUTAGE_PATIENCE_S", 0.1)
    monkeypatch.setattr(request_desk, "PATIENCE_S", 0.1)
    async with ModelServer() as server:
        yield server


class Onlooker:
    """Watches one debate, and keeps what it is told."""

    def __init__(self, client: BotClient) -> None:
        self.begun: list[DebateAsked] = []
        self.heard: set[str] = set()
        self.watch = DebateWatch(client=client, begun=self.begun.append, heard=self._hear)

    def _hear(self, said: object) -> None:
        self.heard.add(getattr(said, "role", ""))

    def see(self, by: str) -> "asyncio.Task[object]":
        wish = DebateWish(symbol="BTC", agent=None, execute=False, by=by)
        return asyncio.create_task(self.watch.see(wish))


async def test_who_had_to_wait_for_a_round_sees_it_begin_and_end(
    open_bot: OpenBot, models: ModelServer
) -> None:
    script(models, pause_s=0.05)
    bot = await open_bot(panel_settings(models.url, rounds=5))
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client, asyncio.timeout(30):
        onlooker = Onlooker(client)
        async with bot.coordinator.between_steps:
            seeing = onlooker.see("ann")
            await asyncio.sleep(0.4)
            assert onlooker.watch.debate_id is None
        found = await seeing
    assert isinstance(found, dict)
    assert (found["status"], found["by"]) == ("held", "ann")
    assert [each.by for each in onlooker.begun] == ["ann"]
    assert onlooker.heard >= set(ANALYSTS)


async def test_what_was_taken_in_a_round_and_could_not_begin_after_it_is_not_waited_for(
    open_bot: OpenBot, models: ModelServer
) -> None:
    script(models)
    bot = await open_bot(panel_settings(models.url, rounds=2))
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client, asyncio.timeout(30):
        first, second = Onlooker(client), Onlooker(client)
        async with bot.coordinator.between_steps:  # both are taken, and one agent can't be at two debates
            seeing = [first.see("ann")]
            await asyncio.sleep(0.2)
            seeing.append(second.see("bob"))
            await asyncio.sleep(0.4)
        running = asyncio.create_task(bot.run())
        with pytest.raises(DebateUnseen, match="could not begin after the round in progress"):
            await seeing[1]
        await seeing[0]
        await running
    assert [each.by for each in (*first.begun, *second.begun)] == ["ann"]
