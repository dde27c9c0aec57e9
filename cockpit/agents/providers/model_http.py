"""The one HTTP session that all calls share: without cookies, and with an end to every answer.

To be imported only where litellm is: aiohttp comes with it.
"""

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientResponse, ClientSession, DummyCookieJar, TCPConnector

WIRE_BYTES = 128 * 1024 * 1024
"""Of one answer; a stream takes some hundred bytes for each word."""


class _BoundedContent:
    """An answer's body that ends at the bound."""

    def __init__(self, content: Any) -> None:
        self._content = content

    def __getattr__(self, name: str) -> Any:
        return getattr(self._content, name)

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        left = WIRE_BYTES
        async for chunk in self._content.iter_chunked(size):
            yield chunk
            left -= len(chunk)
            if left <= 0:
                return


class _BoundedResponse(ClientResponse):
    async def start(self, connection: Any) -> ClientResponse:
        await super().start(connection)
        self.content = _BoundedContent(self.content)  # type: ignore[assignment]
        return self


def shared_session(handler: Any) -> ClientSession:
    """A session for all providers; concurrency is bounded elsewhere, for each of them.

    Args:
        handler: litellm's ``AsyncHTTPHandler``, which makes the transports of every provider's client. Calls
            may name a session as well, but most providers don't get to see it.
    """
    session = _session()
    make = handler.create_aiohttp_transport

    def transport(ssl_verify: Any = None, ssl_context: Any = None, shared_session: Any = None) -> Any:
        return make(ssl_verify=ssl_verify, ssl_context=ssl_context, shared_session=shared_session or session)

    handler.create_aiohttp_transport = staticmethod(transport)
    return session


def _session() -> ClientSession:
    return ClientSession(
        connector=TCPConnector(limit=0, keepalive_timeout=60, ttl_dns_cache=300),
        cookie_jar=DummyCookieJar(),
        response_class=_BoundedResponse,
    )
