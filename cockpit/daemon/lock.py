"""One process per bot: a lock on a file, held for life, that also tells who holds it.

The lock is the kernel's (``flock``) and ends with its process, however that ends. The file holds the
identity of the holder, written under the lock and blanked before it is given back. A pid file left
behind by a dead bot, its number perhaps another program's by now, therefore misleads nobody: the lock
is free.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cockpit.daemon.folder import BotFolder
from cockpit.daemon.process_identity import ProcessIdentity, own_identity
from cockpit.domain.errors import REFUSED, CockpitError

_LOOKS = 100
"""How often is looked again while the lock is held and its holder has not said yet (or no more) who it is."""
_PAUSE_S = 0.01


class ProcessError(CockpitError):
    """Something about a bot's process is not as asked for; the message is one line for people."""


class AlreadyRunning(ProcessError):
    """Another process runs this bot.

    Attributes:
        pid: Which.
    """

    exit_code = REFUSED

    def __init__(self, name: str, pid: int) -> None:
        super().__init__(f"the bot {name} is running already (pid {pid})")
        self.pid = pid


class HolderUnknown(ProcessError):
    """Somebody holds a bot's lock, and nothing tells who."""

    def __init__(self, lock: Path) -> None:
        super().__init__(f"{lock} is locked and does not say by whom: find out with `fuser {lock}`")


class FolderUnusable(ProcessError):
    """A bot's folder can't be read or written."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"{path} can't be used: {error.strerror}; give another folder with --state-dir")


class BotLock:
    """The right to run a bot; one process has it at a time, and keeps it until `release` or its end.

    Attributes:
        folder: Whose lock.
    """

    def __init__(self, folder: BotFolder) -> None:
        self.folder = folder
        self._file: int | None = None

    def acquire(self) -> None:
        """Takes the lock, and writes down who has it.

        Raises:
            AlreadyRunning: If another process has it.
            HolderUnknown: If another process has it and nothing tells which.
            FolderUnusable: If the folder can't be written.
        """
        identity = own_identity()
        try:
            self.folder.root.mkdir(parents=True, exist_ok=True)
            file = self._wait_for_lock()
            try:
                _write_record(file, f"{identity.pid} {identity.began}\n")
            except BaseException:
                os.close(file)
                raise
        except OSError as error:
            raise FolderUnusable(self.folder.root, error) from error
        self._file = file

    def release(self) -> None:
        """Gives the lock back; a second time does nothing."""
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            os.ftruncate(file, 0)
        finally:
            os.close(file)

    def __enter__(self) -> "BotLock":
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _wait_for_lock(self) -> int:
        """The locked file. One that merely is being looked at is free in a moment."""
        for _ in range(_LOOKS):
            file = _try_lock(self.folder.lock)
            if file is not None:
                return file
            holder = _recorded(self.folder.lock)
            if holder is not None and holder.is_alive:
                raise AlreadyRunning(self.folder.name, holder.pid)
            time.sleep(_PAUSE_S)
        refuse_if_running(self.folder)
        raise HolderUnknown(self.folder.lock)


def holder_of(folder: BotFolder) -> ProcessIdentity | None:
    """The live process that holds a bot's lock, for certain; None when nobody does or it is out of sight."""
    return _observe(folder)[1]


def running_pid(folder: BotFolder) -> int | None:
    """The pid of the bot's process; None if it isn't running, whatever its pid file says.

    A process that can't be seen from here (in another container, say) is told by what it wrote down.

    Raises:
        HolderUnknown: If somebody holds the lock and nothing tells who.
    """
    is_locked, holder = _observe(folder)
    if not is_locked:
        return None
    said = holder or _recorded(folder.lock)
    pid = read_pid(folder) if said is None else said.pid
    if pid is None:
        raise HolderUnknown(folder.lock)
    return pid


def refuse_if_running(folder: BotFolder) -> None:
    """Lets a caller pass only while the bot isn't running.

    Raises:
        AlreadyRunning: If it is.
        HolderUnknown: If somebody holds its lock and nothing tells who.
    """
    pid = running_pid(folder)
    if pid is not None:
        raise AlreadyRunning(folder.name, pid)


def list_bots(state_folder: Path) -> list[tuple[str, int | None]]:
    """Every bot that has a folder there, by name, with its pid if it is running."""
    if not state_folder.is_dir():
        return []
    folders = (BotFolder(path) for path in sorted(state_folder.iterdir()) if path.is_dir())
    bots = [folder for folder in folders if folder.lock.exists() or folder.journal.exists()]
    return [(folder.name, running_pid(folder)) for folder in bots]


def write_pid(folder: BotFolder) -> None:
    """Writes this process's pid, alone on its line, where people and scripts look for it."""
    draft = folder.pid.with_suffix(".pid.new")
    draft.write_text(f"{os.getpid()}\n", encoding="ascii")
    draft.replace(folder.pid)


def read_pid(folder: BotFolder) -> int | None:
    """What the pid file says, true or not; None if there is none or it holds no number."""
    try:
        first_line = folder.pid.read_text(encoding="ascii", errors="replace").partition("\n")[0].strip()
    except OSError:
        return None
    return int(first_line) if first_line.isascii() and first_line.isdigit() and len(first_line) < 12 else None


def remove_pid(folder: BotFolder) -> None:
    """Removes the pid file if it is this process's own."""
    if read_pid(folder) == os.getpid():
        folder.pid.unlink(missing_ok=True)


def _try_lock(path: Path) -> int | None:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_same_file(file, path):
            return file
    except BlockingIOError:
        pass
    except BaseException:
        os.close(file)
        raise
    os.close(file)
    return None


def _is_locked(path: Path) -> bool:
    with _opened(path) as file:
        if file is None:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: those who look don't hinder each other
        except BlockingIOError:
            return True
        return False


def _observe(folder: BotFolder) -> tuple[bool, ProcessIdentity | None]:
    """Whether the lock is held, and the live process that holds it if that can be seen."""
    for _ in range(_LOOKS):
        if not _is_locked(folder.lock):
            return False, None
        holder = _recorded(folder.lock)
        if holder is not None and holder.is_alive:
            return True, holder
        time.sleep(_PAUSE_S)
    return True, None


def _recorded(path: Path) -> ProcessIdentity | None:
    with _opened(path) as file:
        record = b"" if file is None else os.pread(file, 200, 0)
    pid, _, began = record.decode("ascii", errors="replace").strip().partition(" ")
    return ProcessIdentity(int(pid), began) if pid.isascii() and pid.isdigit() and began else None


@contextmanager
def _opened(path: Path) -> Iterator[int | None]:
    file = None
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise FolderUnusable(path, error) from error
    try:
        yield file
    finally:
        if file is not None:
            os.close(file)


def _write_record(file: int, text: str) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, text.encode("ascii"), 0)


def _is_same_file(file: int, path: Path) -> bool:
    """Whether the path still leads to the opened file, which somebody may have deleted meanwhile."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False
