"""The scripted provider on a thread of its own, for tests that run whole processes."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.model_server import ModelServer, Scripted


@contextmanager
def threaded_server(*answers: Scripted) -> Iterator[ModelServer]:
    """A provider that answers by a script, and goes on with its last line."""
    server, ready, loop = ModelServer(), threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with server:
            server.script(*answers)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert ready.wait(10)
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
