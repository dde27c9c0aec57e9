"""The control API over TCP: on this machine alone, and only for those who show the bot's token.

A Unix socket's file says who may connect; a TCP port is open to every program and, through a browser,
to every web page. So each request has to carry the token, and to name this address as its host: a page
whose name was made to point here ("DNS rebinding") names its own.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from cockpit.daemon.access_token import token_in
from cockpit.daemon.problems import problem
from cockpit.domain.errors import USAGE, CockpitError

LOOPBACK = "127.0.0.1"
_NAMES = (LOOPBACK, "localhost")
_HTTP_PORT = 80
"""The port that a host name without one means."""


class PortRefused(CockpitError):
    """The port can't be listened at; the message says why and what to do."""

    exit_code = USAGE


def listen_on_loopback(port: int) -> socket:
    """A socket that listens on 127.0.0.1.

    Args:
        port: 0 for any that is free.

    Raises:
        PortRefused: If somebody else listens there, or the port is not ours to use.
    """
    listener = socket(AF_INET, SOCK_STREAM)
    try:
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)  # not to wait for connections of the bot before
        listener.bind((LOOPBACK, port))
        listener.listen()
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise PortRefused(
            f"{LOOPBACK}:{port} can't be listened at ({error.strerror or error}): choose another api.port"
        ) from error
    return listener


@dataclass(frozen=True, slots=True)
class Loopback:
    """What it takes to answer over TCP.

    Attributes:
        listener: Listens on 127.0.0.1.
        token: What a request has to carry.
    """

    listener: socket
    token: bytes

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self.listener.getsockname()[1]
        return port


@contextmanager
def opened_loopback(port: int | None, token: Path) -> Iterator[Loopback | None]:
    """A listener with its token, both in hand before anything is begun for it; closed in the end.

    Args:
        port: 0 for any that is free; None: nothing is opened.
        token: The token's file, which is made where there is none.

    Raises:
        TokenRefused: If there is a token that can't be trusted.
        PortRefused: If the port can't be listened at.
    """
    if port is None:
        yield None
        return
    secret = token_in(token)
    with listen_on_loopback(port) as listener:
        yield Loopback(listener, secret)


class LoopbackGuard:
    """Lets a request through to the API if it names this address and carries the token."""

    def __init__(self, app: ASGIApp, port: int, token: bytes) -> None:
        self._app = app
        self._hosts = {f"{name}:{port}" for name in _NAMES} | (set(_NAMES) if port == _HTTP_PORT else set())
        self._address = f"{LOOPBACK}:{port}"
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or answers it."""
        assert scope["type"] == "http", "the server speaks nothing else"
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self._hosts:
            status, message = HTTPStatus.MISDIRECTED_REQUEST, f"this is {self._address}, and no other host"
        elif not self._is_admitted(headers.get("authorization", "")):
            status = HTTPStatus.UNAUTHORIZED
            message = "send `Authorization: Bearer` and the token of the file `token` in the bot's folder"
        else:
            await self._app(scope, receive, send)
            return
        asks = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else None
        await problem(status, message, asks)(scope, receive, send)

    def _is_admitted(self, authorization: str) -> bool:
        scheme, _, credentials = authorization.partition(" ")
        given = credentials.strip().encode("latin-1")
        return scheme.lower() == "bearer" and secrets.compare_digest(given, self._token)
