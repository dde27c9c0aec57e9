"""An event loop on a thread of its own, for a library that is slow to load and busy while it works."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")
Library = TypeVar("Library")

_LOG = logging.getLogger(__name__)
_HELPERS = 8
_LONGEST_CLOSING_S = 5.0


class LoopThread(Generic[Library]):
    """Runs coroutines on a daemon thread, which a process that ends does not wait for."""

    def __init__(
        self,
        name: str,
        load: Callable[[], Coroutine[Any, Any, Library]],
        unload: Callable[[Library], Awaitable[None]],
        on_stray: Callable[[str], None],
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            name: Of the thread.
            load: Loads the library, on the thread's loop, before anything else runs there.
            unload: Lets go of what it holds.
            on_stray: Is told, on the thread, of errors that nobody waited for.
        """
        self._name = name
        self._load = load
        self._unload = unload
        self._on_stray = on_stray
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._loaded: Future[Library] = Future()
        self._loading: asyncio.Task[Library] | None = None
        self._is_ending = False

    def start(self) -> None:
        """Begins to load the library, if that has not begun."""
        if self._thread is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=self._serve, args=(self._loop,), name=self._name, daemon=True
            )
            self._thread.start()

    async def library(self) -> Library:
        """The library, once it is loaded.

        Raises:
            Exception: Whatever loading it raised.
        """
        self.start()
        return await asyncio.shield(asyncio.wrap_future(self._loaded))

    async def run(self, work: Callable[[Library], Coroutine[Any, Any, Result]]) -> Result:
        """What the work on the thread comes to; cancelling the caller cancels it.

        Raises:
            Exception: Whatever the work, or loading the library, raises.
        """
        library = await self.library()
        assert self._loop is not None
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(library), self._loop))

    async def aclose(self) -> None:
        """Cancels what runs, and waits for the thread's end; one that hangs is left behind."""
        if self._thread is None or self._loop is None or self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._end, self._loop)
        await asyncio.to_thread(self._thread.join, _LONGEST_CLOSING_S)

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.set_exception_handler(lambda _, context: self._on_stray(_told(context)))
        loop.set_default_executor(ThreadPoolExecutor(_HELPERS, thread_name_prefix=self._name))
        self._loading = loop.create_task(self._load())
        try:
            self._loaded.set_result(loop.run_until_complete(self._loading))
        except asyncio.CancelledError:
            self._loaded.set_exception(RuntimeError(f"{self._name} was ended while it was loading"))
        except BaseException as error:  # noqa: BLE001 - carried over to whoever asks for the library
            self._loaded.set_exception(error)
        self._loading = None
        if not self._is_ending:
            loop.run_forever()
        try:
            loop.run_until_complete(self._wind_up())
        except TimeoutError:
            _LOG.warning("%s was left with work that does not end", self._name)
        finally:
            loop.close()

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        """On the thread: what is loading is given up, since stopping the loop would only interrupt that."""
        self._is_ending = True
        if self._loading is None:
            loop.stop()
        else:
            self._loading.cancel()

    async def _wind_up(self) -> None:
        own = asyncio.current_task()
        async with asyncio.timeout(_LONGEST_CLOSING_S):
            tasks = [task for task in asyncio.all_tasks() if task is not own]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._loaded.exception() is None:
                await self._unload(self._loaded.result())
            await asyncio.get_running_loop().shutdown_asyncgens()


def _told(context: dict[str, Any]) -> str:
    error = context.get("exception")
    return (
        f"{context.get('message', '')}: {type(error).__name__}: {error}"
        if error
        else str(context.get("message"))
    )
