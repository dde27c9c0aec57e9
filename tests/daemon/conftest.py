"""Real bots in temporary folders: real market, ledger, journal and sockets."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.server import ApiServer
from cockpit.domain.events import Event
from cockpit.settings.resolve import resolve

OpenBot = Callable[..., Awaitable[Bot]]

STANDING_STILL: dict[str, Any] = {"market": {"speed": 0.001, "symbols": ["BTC"]}}
"""A bar takes most of a day: nothing happens but what the test does."""


@pytest.fixture
def folder(tmp_path: Path) -> BotFolder:
    """The folder of a bot called arena."""
    return BotFolder(tmp_path / "arena")


@pytest_asyncio.fixture(loop_scope="session")
async def open_bot(folder: BotFolder) -> AsyncIterator[OpenBot]:
    """Opens a bot by settings; all are closed at the end."""
    bots: list[Bot] = []

    async def open_one(flags: dict[str, Any]) -> Bot:
        settings = resolve(environment={}, flags=flags).settings
        wall_ms = time.time_ns() // 1_000_000
        bots.append(await Bot.open(folder, settings, new=True, run_id="run-1", wall_ms=wall_ms))
        return bots[-1]

    yield open_one
    for bot in bots:
        await bot.close("the test is over")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def played_bot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bot]:
    """A bot whose run of 60 rounds is over; for tests that only look, in the session's event loop."""
    folder = BotFolder(tmp_path_factory.mktemp("played") / "arena")
    flags = {"market": {"speed": "max", "symbols": ["BTC", "ETH", "SOL"]}, "arena": {"rounds": 60}}
    settings = resolve(environment={}, flags=flags).settings
    bot = await Bot.open(folder, settings, new=True, run_id="run-1", wall_ms=time.time_ns() // 1_000_000)
    await bot.run()
    yield bot
    await bot.close("the tests are over")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def played_server(played_bot: Bot) -> AsyncIterator[ApiServer]:
    """The API of the bot whose run is over."""
    async with ApiServer(played_bot) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def played(played_server: ApiServer) -> AsyncIterator[BotClient]:
    """Talks to the bot whose run is over."""
    async with BotClient(played_server.folder.socket) as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bot]:
    """A bot at the start of its run, its market standing still; whoever changes it changes it back."""
    folder = BotFolder(tmp_path_factory.mktemp("standing") / "arena")
    settings = resolve(environment={}, flags=STANDING_STILL).settings
    bot = await Bot.open(folder, settings, new=True, run_id="run-1", wall_ms=time.time_ns() // 1_000_000)
    yield bot
    await bot.close("the tests are over")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(bot: Bot) -> AsyncIterator[ApiServer]:
    """The API of the bot that stands still."""
    async with ApiServer(bot) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(server: ApiServer) -> AsyncIterator[BotClient]:
    """Talks to the bot that stands still."""
    async with BotClient(server.folder.socket) as client:
        yield client


def plain_http(server: ApiServer) -> httpx.AsyncClient:
    """Speaks HTTP to a bot's socket, without the client that knows what a bot says."""
    transport = httpx.AsyncHTTPTransport(uds=str(server.folder.socket), verify=False)
    return httpx.AsyncClient(transport=transport, base_url="http://bot")


async def commit(bot: Bot, *events: Event) -> None:
    """Lets something happen: journaled, applied, published."""
    for event in events:
        bot.coordinator.recorder.emit(event)
    await bot.coordinator.recorder.commit()
