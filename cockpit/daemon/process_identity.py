"""Which process is which: a pid alone says little, since the kernel gives it to somebody else one day.

A process is known by its pid and by when it began. Linux tells both in ``/proc``; elsewhere ``ps`` does.
"""

import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc/self")
_PS = "/bin/ps"


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process, past or present.

    Attributes:
        pid: Its number.
        began: When it began, in the words of the system; equal for the same process only.
    """

    pid: int
    began: str

    @property
    def is_alive(self) -> bool:
        """Whether this very process still runs; one that ended and was not waited for does not."""
        return began_of(self.pid) == self.began


def own_identity() -> ProcessIdentity:
    """This process.

    Raises:
        OSError: If the system does not tell when it began.
    """
    began = began_of(os.getpid())
    if began is None:
        raise OSError("the system does not tell when this process began: neither /proc nor ps can be read")
    return ProcessIdentity(os.getpid(), began)


def began_of(pid: int) -> str | None:
    """When a living process began; None if there is none, or it has ended and waits for its parent."""
    return _began_by_proc(pid) if _PROC.is_dir() else _began_by_ps(pid)


def send_signal(process: ProcessIdentity, number: signal.Signals) -> bool:
    """Signals this very process and never another one that got its pid; says whether it was there.

    Where the kernel has handles on processes (Linux), one is taken before the process is looked at, so
    that nobody can take its place in between. Elsewhere that gap is a few milliseconds.

    Raises:
        PermissionError: If it belongs to somebody else.
    """
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return False
    except (AttributeError, OSError):
        return _signal_if_alive(process, lambda: os.kill(process.pid, number))
    try:
        return _signal_if_alive(process, lambda: signal.pidfd_send_signal(handle, number))
    finally:
        os.close(handle)


def _signal_if_alive(process: ProcessIdentity, send: Callable[[], None]) -> bool:
    if not process.is_alive:
        return False
    try:
        send()
    except ProcessLookupError:
        return False
    return True


def _began_by_proc(pid: int) -> str | None:
    """Field 22 of ``/proc/<pid>/stat``, in clock ticks since boot; see proc(5)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may hold anything
    state, began = fields[0], fields[19]
    return None if state in {"Z", "X"} else began


def _began_by_ps(pid: int) -> str | None:
    answer = subprocess.run(  # noqa: S603 - fixed program, a number as argument
        [_PS, "-o", "state=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "TZ": "UTC"},
    )
    state, _, began = answer.stdout.strip().partition(" ")
    return None if not began or state.startswith("Z") else began.strip()
