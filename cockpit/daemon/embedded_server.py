"""Uvicorn inside the bot's own event loop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket

import uvicorn
from starlette.types import ASGIApp

GRACE_S = 1
"""How long answers under way may take once the server is to end."""

_MAX_CONNECTIONS = 256


class EmbeddedServer(uvicorn.Server):
    """Serves an app on a socket that listens; leaves signals to the bot, and says when it is ready."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(_config(app))
        self._ready = asyncio.Event()
        self._stopping = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None

    async def start(self, listener: socket) -> None:
        """Returns when requests are answered."""
        self._serving = asyncio.create_task(self.serve([listener]), name="control API")
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({self._serving, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            self._serving.result()

    async def stop(self) -> None:
        """Lets answers under way finish for a moment, then cuts off those who did not take theirs."""
        if self._serving is None:
            return
        serving, self._serving = self._serving, None
        self.should_exit = True
        self._stopping.set()
        await serving
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


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_S,
    )
