"""Uvicorn inside the bot's own event loop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket

import uvicorn
from starlette.types import ASGIApp

from cockpit.daemon.bounded_connection import BoundedConnection
from cockpit.domain.errors import CockpitError

GRACE_S = 1
"""How long answers under way may take once the server is to end."""


class ServerEnded(CockpitError):
    """A server ended before it answered anything."""


class EmbeddedServer(uvicorn.Server):
    """Serves an app on a socket that listens; leaves signals to the bot, and says when it is ready."""

    def __init__(self, app: ASGIApp, connection: type[BoundedConnection] = BoundedConnection) -> None:
        """For use in the bot's event loop.

        Args:
            app: What answers.
            connection: How many may connect, and how long they may be silent.
        """
        super().__init__(_config(app, connection))
        self._ready = asyncio.Event()
        self._stopping = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None

    async def start(self, listener: socket) -> None:
        """Returns when requests are answered; `stop` is due however it ends.

        Raises:
            ServerEnded: If it will not answer any.
        """
        self._serving = asyncio.create_task(self.serve([listener]), name="control API")
        ready = asyncio.create_task(self._ready.wait())
        try:
            await asyncio.wait({self._serving, ready}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if not self._ready.is_set():
            self._serving.result()
            raise ServerEnded("the control API's server ended before it was ready: start the bot again")

    async def stop(self) -> None:
        """Lets answers under way finish for a moment, then cuts off those who did not take theirs."""
        if self._serving is None:
            return
        serving, self._serving = self._serving, None
        self.should_exit = True
        self._stopping.set()
        await asyncio.wait({serving})  # if it failed, `start` has said so
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Takes none: they are the bot's."""
        yield

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """As uvicorn's; then it is ready."""
        await super().startup(sockets)
        self._ready.set()

    async def main_loop(self) -> None:
        """Waits to be stopped; uvicorn's own looks ten times a second whether it is to exit."""
        await self.on_tick(0)
        await self._stopping.wait()


def _config(app: ASGIApp, connection: type[BoundedConnection]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=connection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        backlog=connection.backlog,
        timeout_keep_alive=8,  # a little less than the connection's own limit: an orderly end
        timeout_graceful_shutdown=GRACE_S,
    )
