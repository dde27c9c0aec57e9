import asyncio
import threading

import pytest

from cockpit.agents.providers.loop_thread import LoopThread


async def load():
    return "library"


async def unload(library):
    assert library == "library"


def thread_with(load=load, unload=unload, on_stray=lambda said: None):
    return LoopThread("loop-thread-test", load, unload, on_stray)


async def test_work_runs_on_its_thread_with_the_library():
    thread = thread_with()

    async def work(library):
        return library, threading.current_thread().name

    assert await thread.run(work) == ("library", "loop-thread-test")
    await thread.aclose()
    await thread.aclose()
    assert "loop-thread-test" not in {each.name for each in threading.enumerate()}


async def test_a_library_that_cannot_be_loaded_fails_every_call_with_its_error():
    async def fail():
        raise ImportError("no such thing")

    thread = thread_with(load=fail)
    for _ in range(2):
        with pytest.raises(ImportError, match="no such thing"):
            await thread.library()
    await thread.aclose()


async def test_who_gives_up_waiting_for_the_library_leaves_it_to_the_others():
    gate = threading.Event()

    async def slow():
        await asyncio.to_thread(gate.wait, 5.0)
        return "library"

    thread = thread_with(load=slow)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await thread.library()
    gate.set()
    assert await thread.library() == "library"
    await thread.aclose()


async def test_cancelling_the_caller_cancels_the_work():
    thread, cancelled, begun = thread_with(), threading.Event(), threading.Event()

    async def work(library):
        try:
            begun.set()
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    task = asyncio.create_task(thread.run(work))
    await asyncio.to_thread(begun.wait, 5.0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(cancelled.wait, 5.0)
    await thread.aclose()


async def test_an_error_that_nobody_waited_for_is_told_and_not_printed(capfd):
    strays = []
    thread = thread_with(on_stray=strays.append)

    async def work(library):
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        await asyncio.sleep(0)

    await thread.run(work)
    await thread.aclose()
    assert len(strays) == 1
    assert "ZeroDivisionError" in strays[0]
    assert capfd.readouterr() == ("", "")


async def test_ended_while_it_loads_it_is_gone_at_once_and_says_so():
    async def endless():
        await asyncio.Event().wait()

    thread = thread_with(load=endless)
    thread.start()
    await asyncio.sleep(0.01)
    async with asyncio.timeout(1.0):
        await thread.aclose()
    assert "loop-thread-test" not in {each.name for each in threading.enumerate()}
    with pytest.raises(RuntimeError, match="ended while it was loading"):
        await thread.library()
