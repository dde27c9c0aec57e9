"""Starting and stopping a bot's process from another one: the command line or the dashboard.

All of it blocks; call it in a thread where something else has to go on meanwhile.
"""

import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from cockpit.daemon.folder import BotFolder
from cockpit.daemon.local_http import NoAnswer, ask
from cockpit.daemon.lock import (
    AlreadyRunning,
    BotLock,
    FolderUnusable,
    HolderUnknown,
    ProcessError,
    list_bots,
    read_pid,
    refuse_if_running,
    remove_pid,
    running_pid,
    write_pid,
)
from cockpit.daemon.stopping import (
    Ending,
    NotRunning,
    Patience,
    StopFailed,
    StopOutcome,
    stop,
)
from cockpit.domain.errors import FAILED

__all__ = [
    "AlreadyRunning",
    "BotLock",
    "Ending",
    "FolderUnusable",
    "HolderUnknown",
    "NotRunning",
    "Patience",
    "ProcessError",
    "StartFailed",
    "StopFailed",
    "StopOutcome",
    "list_bots",
    "read_pid",
    "remove_pid",
    "running_pid",
    "spawn",
    "stop",
    "write_pid",
]

_POLL_S = 0.02
_HEALTH_TIMEOUT_S = 1.0
_MAX_LINE = 400


class StartFailed(ProcessError):
    """The bot's process did not come up; the message is the last thing it said.

    Attributes:
        exit_code: What it ended with, or 1.
    """

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message.removeprefix("cockpit: "))
        self.exit_code = exit_code


def spawn(folder: BotFolder, command: Sequence[str], ready_timeout_s: float) -> int:
    """Starts a bot's process, detached from this one and its terminal, and waits until it answers.

    Its output goes to the folder's log. The working folder and the environment are the caller's.

    Args:
        folder: Whose bot. The process is expected to take its lock and serve its socket.
        command: The program and its arguments; it must not hand on to another process.
        ready_timeout_s: How long it may take to answer; then it is ended again.

    Returns:
        Its pid.

    Raises:
        AlreadyRunning: If the bot runs, or another start was faster.
        StartFailed: If it ended or did not answer in time.
        FolderUnusable: If the folder can't be written.
    """
    refuse_if_running(folder)
    with _opened_log(folder) as log:
        log_start = log.tell()
        try:
            child = subprocess.Popen(  # noqa: S603 - the caller's own program
                list(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        except OSError as error:
            raise StartFailed(f"{command[0]} can't be started: {error.strerror}") from error
    threading.Thread(target=child.wait, name=f"awaits {child.pid}", daemon=True).start()
    try:
        _wait_until_ready(folder, child, ready_timeout_s, log_start)
    except BaseException:
        _end_child(child)
        raise
    return child.pid


def _opened_log(folder: BotFolder) -> BinaryIO:
    try:
        folder.root.mkdir(parents=True, exist_ok=True)
        return folder.log.open("ab")
    except OSError as error:
        raise FolderUnusable(folder.root, error) from error


def _wait_until_ready(
    folder: BotFolder, child: "subprocess.Popen[bytes]", timeout_s: float, log_start: int
) -> None:
    deadline = time.monotonic() + timeout_s
    while not _answers(folder, child.pid):
        if child.returncode is not None:
            refuse_if_running(folder)  # another start was faster, and this one made way
            said = _last_line(folder.log, log_start)
            silence = f"the bot ended at once with code {child.returncode} and said nothing"
            raise StartFailed(said or silence, child.returncode if child.returncode > 0 else FAILED)
        if time.monotonic() > deadline:
            raise StartFailed(
                f"the bot did not answer within {timeout_s:g} s; it was ended: see {folder.log}"
            )
        time.sleep(_POLL_S)


def _answers(folder: BotFolder, pid: int) -> bool:
    try:
        status, health = ask(folder.socket, "GET", "/health", timeout_s=_HEALTH_TIMEOUT_S)
    except NoAnswer:
        return False
    return status == 200 and isinstance(health, dict) and health.get("pid") == pid


def _end_child(child: "subprocess.Popen[bytes]") -> None:
    """Ends our own child that is of no use; its thread waits for it, so its pid is still its own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + 2.0
        with suppress(ProcessLookupError):
            child.send_signal(number)
        while child.returncode is None and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        if child.returncode is not None:
            return


def _last_line(log: Path, start: int) -> str:
    """The last line that was written after a place in the log; the log may have been begun anew since."""
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(start if start <= size else 0, size - 8_192))
        lines = [line.strip() for line in file.read().decode("utf-8", errors="replace").splitlines()]
    said = [line for line in lines if line]
    return said[-1][:_MAX_LINE] if said else ""
