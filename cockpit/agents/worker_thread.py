"""A thread of an agent's own: what hangs in it holds up nobody else, and not the end of the process."""

import asyncio
import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

Result = TypeVar("Result")


class WorkerBusy(Exception):
    """The thread is still at work on an earlier call, whose caller has given up on it."""


class WorkerThread:
    """Runs one call at a time on a daemon thread, which a process that ends does not wait for."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._idle = threading.Event()
        self._idle.set()
        self._thread: threading.Thread | None = None

    async def run(self, call: Callable[[], Result]) -> Result:
        """The result of `call`, run on the thread.

        A caller that is cancelled leaves the call running; its result is dropped.

        Raises:
            WorkerBusy: If an earlier call has not come back.
            Exception: Whatever `call` raises.
        """
        if not self._idle.is_set():
            raise WorkerBusy(f"{self._name} is still busy with an earlier call")
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._idle.clear()

        def work() -> None:
            outcome: Callable[[], None]
            try:
                outcome = partial(future.set_result, call())
            except BaseException as error:  # noqa: BLE001 - carried over to the caller, whatever it is
                outcome = partial(future.set_exception, _carried(error))
            self._hand_over(loop, future, outcome)

        self._calls.put(work)
        return await future

    def close(self) -> None:
        """Ends the thread once it is idle; one that hangs is left behind."""
        if self._thread is not None:
            self._calls.put(None)

    def _hand_over(
        self, loop: asyncio.AbstractEventLoop, future: "asyncio.Future[Result]", settle: Callable[[], None]
    ) -> None:
        self._idle.set()

        def settle_unless_dropped() -> None:
            if not future.done():
                settle()

        if not loop.is_closed():
            loop.call_soon_threadsafe(settle_unless_dropped)

    def _serve(self) -> None:
        while (work := self._calls.get()) is not None:
            work()


def _carried(error: BaseException) -> Exception:
    # A StopIteration or SystemExit set on a future would be lost or end the process.
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    return RuntimeError(f"{type(error).__name__}: {error}")
