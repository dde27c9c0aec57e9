"""The control API: HTTP over a Unix socket, served inside the bot's event loop."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import socket
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import cockpit
from cockpit.daemon import problems
from cockpit.daemon.api_models import Problem
from cockpit.daemon.context import ApiContext
from cockpit.daemon.control import BotControl
from cockpit.daemon.controls import ControlDesk
from cockpit.daemon.metrics_text import MetricsPage
from cockpit.daemon.routes_control import router as control_router
from cockpit.daemon.routes_read import router as read_router
from cockpit.daemon.sse import EventFeed
from cockpit.daemon.unix_socket import SocketRefused, listen_at, remove_socket

__all__ = ["ApiServer", "SocketRefused", "create_app"]

MAX_BODY = 65_536
_GRACE_S = 1
_MAX_CONNECTIONS = 256
_INVALID: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The body is no text"},
    413: {"model": Problem, "description": "The body is too long"},
    422: {"model": Problem, "description": "Something in the request is not as it may be"},
}


def create_app(
    bot: BotControl,
    *,
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    monotonic: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """The control API of a bot.

    Args:
        bot: Which; it is listened to from now on.
        now_ms: Real time, UTC milliseconds.
        monotonic: Seconds.
    """
    app = FastAPI(
        title="cockpit",
        version=cockpit.__version__,
        summary="The control API of one bot.",
        docs_url=None,
        redoc_url=None,
        responses=_INVALID,
    )
    app.state.context = ApiContext(
        bot=bot,
        feed=EventFeed(bot, monotonic),
        desk=ControlDesk(bot),
        metrics=MetricsPage(bot),
        now_ms=now_ms,
        monotonic=monotonic,
    )
    problems.install(app)
    app.include_router(read_router)
    app.include_router(control_router)
    app.add_middleware(_BoundedBody)
    return app


class ApiServer:
    """Serves a bot's control API on its socket, from `start` to `stop`.

    Attributes:
        app: The API.
        folder: Whose socket.
    """

    def __init__(self, bot: BotControl) -> None:
        """For use in the bot's event loop.

        Args:
            bot: It is listened to from now on.
        """
        self.app = create_app(bot)
        self.folder = bot.folder
        self._context: ApiContext = self.app.state.context
        self._server = _Server(_config(self.app))
        self._serving: asyncio.Task[None] | None = None
        self._inode = 0

    async def start(self) -> None:
        """Listens; returns when requests are answered.

        Raises:
            SocketRefused: If the socket can't be made, or a bot answers there already.
        """
        listener = listen_at(self.folder.socket)
        self._inode = self.folder.socket.stat().st_ino
        self._serving = asyncio.create_task(self._server.serve([listener]), name="control API")
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait({self._serving, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            self._serving.result()

    async def stop(self) -> None:
        """Ends open streams, lets answers under way finish for a moment, and removes the socket."""
        if self._serving is None:
            return
        serving, self._serving = self._serving, None
        remove_socket(self.folder.socket, self._inode)
        self._context.feed.close()
        await self._context.desk.aclose()
        self._server.request_exit()
        await serving
        self._server.abort_connections()

    async def __aenter__(self) -> "ApiServer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


def _config(app: FastAPI) -> uvicorn.Config:
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
        timeout_graceful_shutdown=_GRACE_S,
    )


class _Server(uvicorn.Server):
    """Uvicorn's server, which leaves signals to the bot and says when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self._stopping = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        await self.on_tick(0)  # uvicorn's own loop looks ten times a second whether it is to exit
        await self._stopping.wait()

    def request_exit(self) -> None:
        """Makes `serve` return soon."""
        self.should_exit = True
        self._stopping.set()

    def abort_connections(self) -> None:
        """Cuts off those who did not take their answer in time."""
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()


class _BoundedBody:
    """Refuses bodies that are too long, before anything holds them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            if len(body) > MAX_BODY:
                refusal = problems.problem(413, f"a request's body may have {MAX_BODY} bytes at most")
                await refusal(scope, receive, send)
                return
            if not message.get("more_body", False):
                break
        await self._app(scope, _then(bytes(body), receive), send)


def _then(body: bytes, receive: Receive) -> Receive:
    """Gives the body that was read ahead, then what comes after it."""
    is_given = False

    async def receive_after() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_after
