"""Waiting for what another process does."""

import os
import signal
import time
from collections.abc import Callable

from cockpit.daemon.folder import BotFolder
from cockpit.daemon.lock import running_pid


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Returns once it holds.

    Raises:
        AssertionError: If it doesn't in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def kill(folder: BotFolder) -> None:
    """Ends a bot's process as a power cut does; returns once it is gone."""
    pid = running_pid(folder)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: running_pid(folder) is None)
