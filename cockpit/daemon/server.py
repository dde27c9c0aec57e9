"""The control API: HTTP over a Unix socket, and TCP if settings say so, inside the bot's event loop."""

import asyncio
import time
from collections.abc import Callable
from socket import socket
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import cockpit
from cockpit.daemon import problems
from cockpit.daemon.api_models import Problem
from cockpit.daemon.bounded_connection import BoundedConnection, LoopbackConnection
from cockpit.daemon.context import ApiContext
from cockpit.daemon.control import BotControl
from cockpit.daemon.embedded_server import EmbeddedServer
from cockpit.daemon.loopback import LOOPBACK, Loopback, LoopbackGuard
from cockpit.daemon.metrics_text import MetricsPage
from cockpit.daemon.request_desk import RequestDesk
from cockpit.daemon.routes_control import router as control_router
from cockpit.daemon.routes_debates import router as debates_router
from cockpit.daemon.routes_library import router as library_router
from cockpit.daemon.routes_profiles import router as profiles_router
from cockpit.daemon.routes_read import router as read_router
from cockpit.daemon.sse import EventFeed
from cockpit.daemon.unix_socket import SocketRefused, listen_at, remove_socket

__all__ = ["ApiServer", "SocketRefused", "create_app"]

MAX_BODY = 65_536
_DESCRIPTION = """
Every answer that is no success is `{"error": one line for people}`.

On the bot's Unix socket the file's mode decides who may ask. Over TCP, on 127.0.0.1 and only if the setting
`api.port` says so, a request carries `Authorization: Bearer` and the token of the file `token` in the bot's
folder; without it the answer is 401, and 421 if it names another host.
"""
_INVALID: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The body is no text"},
    401: {"model": Problem, "description": "Over TCP only: the token is missing, or another"},
    413: {"model": Problem, "description": "The body is too long"},
    421: {"model": Problem, "description": "Over TCP only: the request is for another host"},
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
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        responses=_INVALID,
    )
    app.state.context = ApiContext(
        bot=bot,
        feed=EventFeed(bot, monotonic),
        desk=RequestDesk(bot),
        metrics=MetricsPage(bot),
        now_ms=now_ms,
        monotonic=monotonic,
    )
    problems.install(app)
    app.include_router(read_router)
    app.include_router(library_router)
    app.include_router(control_router)
    app.include_router(debates_router)
    app.include_router(profiles_router)
    app.add_middleware(_BoundedBody)
    return app


class ApiServer:
    """Serves a bot's control API on its socket, and over TCP if it may, from `start` to `stop`.

    Attributes:
        app: The API.
        folder: Whose socket.
    """

    def __init__(
        self, bot: BotControl, loopback: Loopback | None = None, bound: socket | None = None
    ) -> None:
        """For use in the bot's event loop.

        Args:
            bot: It is listened to from now on.
            loopback: Where it answers over TCP; closed in the end. None: the socket alone.
            bound: The bot's socket, bound already and not listening yet; closed in the end. None: it is
                made.
        """
        self.app = create_app(bot)
        self.folder = bot.folder
        self._loopback = loopback
        self._bound = bound
        self._context: ApiContext = self.app.state.context
        self._servers: list[EmbeddedServer] = []
        self._inode = 0

    @property
    def address(self) -> str | None:
        """Where it answers over TCP, such as ``http://127.0.0.1:8080``; None: nowhere."""
        return self._context.address

    async def start(self) -> None:
        """Listens; returns when requests are answered.

        Raises:
            SocketRefused: If the socket can't be made, or a bot answers there already.
            ServerEnded: If requests will not be answered.
        """
        listener = self._listener()
        self._inode = self.folder.socket.stat().st_ino
        try:
            if self._loopback is not None:  # first: a bot that answers on its socket is taken for ready
                await self._open_to(self._loopback)
            await self._serve(self.app, listener, BoundedConnection)
        except BaseException:
            try:
                await self.stop()
            finally:
                listener.close()
            raise

    async def stop(self) -> None:
        """Ends open streams, lets answers under way finish for a moment, and removes the socket."""
        servers, self._servers = self._servers, []
        remove_socket(self.folder.socket, self._inode)
        self._context.address = None
        self._context.feed.close()
        await self._context.desk.aclose()
        await asyncio.gather(*(server.stop() for server in servers))

    async def __aenter__(self) -> "ApiServer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _listener(self) -> socket:
        if self._bound is None:
            return listen_at(self.folder.socket)
        self._bound.listen()
        return self._bound

    async def _open_to(self, loopback: Loopback) -> None:
        guard = LoopbackGuard(self.app, loopback.port, loopback.token)
        await self._serve(guard, loopback.listener, LoopbackConnection)
        self._context.address = f"http://{LOOPBACK}:{loopback.port}"

    async def _serve(self, app: ASGIApp, listener: socket, connection: type[BoundedConnection]) -> None:
        server = EmbeddedServer(app, connection)
        self._servers.append(server)  # first: a start that is cancelled or fails has to be undone as well
        await server.start(listener)


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
