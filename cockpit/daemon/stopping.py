"""Ending a bot's process from another one: by request, then by signals, each step told."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cockpit.daemon.folder import DEFAULT_BOT, BotFolder
from cockpit.daemon.local_http import NoAnswer, ask
from cockpit.daemon.lock import ProcessError, holder_of, running_pid
from cockpit.daemon.process_identity import ProcessIdentity, send_signal
from cockpit.domain.errors import NOT_RUNNING, REFUSED

_POLL_S = 0.02
_MAX_LINE = 400
_CONFLICT = 409


class NotRunning(ProcessError):
    """There is no bot to stop."""

    exit_code = NOT_RUNNING

    def __init__(self, name: str) -> None:
        which = "" if name == DEFAULT_BOT else f" --bot {name}"
        super().__init__(f"the bot {name} isn't running; `cockpit{which} start` starts it")


class StopRefused(ProcessError):
    """The bot says no to being stopped in this way; the message is its own."""

    exit_code = REFUSED


class StopFailed(ProcessError):
    """The bot's process is still there after everything was tried."""


class Ending(StrEnum):
    """What made a bot's process end; one that ends by itself meanwhile ended on request."""

    REQUEST = "request"
    SIGTERM = "sigterm"
    SIGKILL = "sigkill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long each step of a stop is waited for, in seconds.

    Attributes:
        answer_s: For the bot to take the request.
        request_s: After it did; a bot that also flattens needs longer.
        sigterm_s: After SIGTERM.
        sigkill_s: After SIGKILL.
    """

    answer_s: float = 5.0
    request_s: float = 30.0
    sigterm_s: float = 25.0
    sigkill_s: float = 5.0


FLATTENING = Patience(request_s=90.0)
"""For a stop that closes all positions first, which takes bars to trade on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopOutcome:
    """How a bot ended.

    Attributes:
        pid: Which process it was.
        ending: What made it end.
        waited_s: How long that took.
    """

    pid: int
    ending: Ending
    waited_s: float


def stop(
    folder: BotFolder,
    *,
    now: bool,
    flatten: bool,
    tell: Callable[[str], None],
    patience: Patience | None = None,
) -> StopOutcome:
    """Ends a bot's process and returns only when it is gone: by request, else SIGTERM, else SIGKILL.

    A signal goes to a process only while it is certain that it is the one that holds the folder's lock.

    Args:
        folder: Whose bot.
        now: Abandon the round in progress.
        flatten: Close all positions first.
        tell: Takes a line for people on each step.
        patience: How long each step is waited for.

    Raises:
        NotRunning: If there is no bot.
        StopRefused: If the bot says no.
        StopFailed: If it is still there after everything, or can't be signalled from here.
        HolderUnknown: If somebody holds the lock and nothing tells who.
    """
    began_s = time.monotonic()
    pid = running_pid(folder)
    if pid is None:
        raise NotRunning(folder.name)
    patience = patience or (FLATTENING if flatten else Patience())
    holder = holder_of(folder)
    if holder is None:
        _end_unseen(folder, pid, _request_stop(folder, now, flatten, tell, patience.answer_s), patience)
        ending = Ending.REQUEST
    else:
        ending = _end(folder, holder, now, flatten, tell, patience)
    return StopOutcome(pid=pid, ending=ending, waited_s=time.monotonic() - began_s)


def _end(
    folder: BotFolder,
    holder: ProcessIdentity,
    now: bool,
    flatten: bool,
    tell: Callable[[str], None],
    patience: Patience,
) -> Ending:
    if _request_stop(folder, now, flatten, tell, patience.answer_s):
        if _is_gone(holder, patience.request_s):
            return Ending.REQUEST
        tell(f"the bot (pid {holder.pid}) did not end within {patience.request_s:g} s")
    steps = (
        (signal.SIGTERM, Ending.SIGTERM, patience.sigterm_s),
        (signal.SIGKILL, Ending.SIGKILL, patience.sigkill_s),
    )
    last = Ending.REQUEST
    for number, ending, wait_s in steps:
        if not _signal(holder, number):
            return last
        tell(f"sent {number.name} to pid {holder.pid}")
        if _is_gone(holder, wait_s):
            return ending
        tell(f"the bot (pid {holder.pid}) outlived {number.name} for {wait_s:g} s")
        last = ending
    raise StopFailed(
        f"pid {holder.pid} is still there after SIGKILL; it may hang on a disk: see `ps {holder.pid}`"
    )


def _end_unseen(folder: BotFolder, pid: int, is_asked: bool, patience: Patience) -> None:
    """Waits for a bot whose process can't be seen from here, in another container say."""
    deadline = time.monotonic() + patience.request_s
    while running_pid(folder) is not None:
        if not is_asked or time.monotonic() > deadline:
            raise StopFailed(
                f"the bot {folder.name} (pid {pid}) did not end, and can't be seen from here to be signalled"
            )
        time.sleep(_POLL_S)


def _request_stop(
    folder: BotFolder, now: bool, flatten: bool, tell: Callable[[str], None], timeout_s: float
) -> bool:
    try:
        status, answer = ask(
            folder.socket, "POST", "/stop", {"now": now, "flatten": flatten}, timeout_s=timeout_s
        )
    except NoAnswer as error:
        tell(f"the bot does not answer ({error})")
        return False
    said = answer.get("message") or answer.get("error") if isinstance(answer, dict) else None
    if status == _CONFLICT:
        raise StopRefused(str(said)[:_MAX_LINE])
    tell(str(said or f"the bot answered {status}")[:_MAX_LINE])
    return status < 300


def _signal(holder: ProcessIdentity, number: signal.Signals) -> bool:
    try:
        return send_signal(holder, number)
    except PermissionError as error:
        raise StopFailed(f"pid {holder.pid} belongs to another user: stop it as that user") from error


def _is_gone(holder: ProcessIdentity, wait_s: float) -> bool:
    """Waits until the process has ended, and with it its hold on the lock."""
    deadline = time.monotonic() + wait_s
    while holder.is_alive:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True
