"""A server that does not come up leaves nothing behind."""

import asyncio
import socket

import pytest
from starlette.responses import PlainTextResponse

from cockpit.daemon.embedded_server import EmbeddedServer, ServerEnded
from cockpit.daemon.loopback import listen_on_loopback, opened_loopback
from cockpit.daemon.server import ApiServer
from tests.daemon.conftest import STANDING_STILL, OpenBot

APP = PlainTextResponse("here")


class _EndsAtOnce(EmbeddedServer):
    """A server that is told to end while it starts."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.should_exit = True


async def test_a_server_that_ends_before_it_is_ready_has_failed() -> None:
    with listen_on_loopback(0) as listener:
        server = _EndsAtOnce(APP)
        with pytest.raises(ServerEnded, match="ended before it was ready"):
            await server.start(listener)
        await server.stop()


async def test_a_server_that_can_t_listen_says_why() -> None:
    listener = listen_on_loopback(0)
    listener.close()
    server = EmbeddedServer(APP)
    with pytest.raises(OSError, match="Bad file descriptor"):
        await server.start(listener)
    await server.stop()


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("steps", [1, 2, 3, 4, 6])
async def test_a_start_that_is_cancelled_leaves_no_server_behind(open_bot: OpenBot, steps: int) -> None:
    bot = await open_bot(STANDING_STILL)
    before = asyncio.all_tasks()
    with opened_loopback(0, bot.folder.token) as loopback:
        assert loopback is not None
        start = asyncio.create_task(ApiServer(bot, loopback).start())
        for _ in range(steps):
            await asyncio.sleep(0)
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
    assert not bot.folder.socket.exists()
    assert not [task for task in asyncio.all_tasks() - before if task.get_name() == "control API"]
