"""HTTP connections that are few, and that have to say in time what they want.

Whoever may connect could otherwise take every file descriptor the process has with connections that say
nothing, and with them the bot's ability to hear "stop" on its Unix socket.
"""

import asyncio
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_S = 10.0
"""A connection has this long for a whole request, from its first moment or its last answer on."""

_WHOLE = frozenset({h11.DONE, h11.MUST_CLOSE})
"""What h11 says of a client whose request has come in whole."""


class BoundedConnection(H11Protocol):
    """One of at most `max_connections` of its server; aborted if its request does not come in `REQUEST_S`.

    An answer may take as long as it takes: an event stream has no end.

    Attributes:
        max_connections: Those that come beyond it are aborted at once.
        backlog: How many may wait to be accepted. So many are accepted in one go, and hold descriptors for
            a few turns of the event loop even if they are aborted then.
    """

    max_connections: ClassVar[int] = 128
    backlog: ClassVar[int] = 64

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See uvicorn."""
        super().connection_made(transport)
        self.access_log = self.config.access_log  # whoever may listen to the logger
        if len(self.connections) > self.max_connections:
            transport.abort()
        else:
            self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """See uvicorn."""
        self._expect_nothing()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """See uvicorn."""
        super().handle_events()
        if self.conn.their_state in _WHOLE:
            self._expect_nothing()

    def on_response_complete(self) -> None:
        """See uvicorn, which goes on to the next request if that has come already."""
        self._expect_request()
        super().on_response_complete()

    def _expect_request(self) -> None:
        self._expect_nothing()
        if not self.transport.is_closing():
            self._deadline = self.loop.call_later(REQUEST_S, self.transport.abort)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class LoopbackConnection(BoundedConnection):
    """Over TCP, where anyone on this machine may connect: fewer, so that those of the owner have room."""

    max_connections: ClassVar[int] = 64
    backlog: ClassVar[int] = 16
