"""A thread of an agent's own: errors come back, hangs stay behind."""

import asyncio
import subprocess
import sys
import threading

import pytest

from cockpit.agents.worker_thread import WorkerBusy, WorkerThread


@pytest.fixture
def worker():
    thread = WorkerThread("worker")
    yield thread
    thread.close()


async def test_results_and_errors_come_back(worker):
    assert await worker.run(lambda: 42) == 42
    with pytest.raises(ZeroDivisionError):
        await worker.run(lambda: 1 / 0)
    assert await worker.run(lambda: "again") == "again"


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), StopIteration("odd")])
async def test_what_would_end_a_process_or_get_lost_comes_back_as_an_error(worker, error):
    def fail():
        raise error

    with pytest.raises(RuntimeError, match=type(error).__name__):
        await worker.run(fail)


async def test_a_call_that_hangs_is_given_up_and_the_next_is_told_so(worker):
    let_go = threading.Event()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(worker.run(let_go.wait), 0.02)
    with pytest.raises(WorkerBusy, match="still busy"):
        await worker.run(lambda: 1)
    let_go.set()
    while True:
        try:
            assert await worker.run(lambda: 2) == 2
            break
        except WorkerBusy:
            await asyncio.sleep(0.01)


async def test_the_loop_goes_on_while_a_call_works(worker):
    gate = threading.Event()
    waiting = asyncio.create_task(worker.run(lambda: gate.wait(5)))
    await asyncio.sleep(0.01)
    gate.set()
    assert await waiting


def test_a_process_does_not_wait_for_a_thread_that_hangs():
    code = (
        "import asyncio, time\n"
        "from cockpit.agents.worker_thread import WorkerThread\n"
        "async def main():\n"
        "    try: await asyncio.wait_for(WorkerThread('w').run(lambda: time.sleep(60)), 0.01)\n"
        "    except TimeoutError: print('given up')\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stdout == "given up\n"
