"""The socket a bot listens on: its own user's, and nobody else's."""

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cockpit.domain.errors import CockpitError


class SocketRefused(CockpitError):
    """The control API's socket can't be made; the message says why and what to do."""


@contextmanager
def opened_socket(path: Path) -> Iterator[socket.socket]:
    """A socket of ours at a path, in hand before anything is begun for it; closed and removed in the end.

    Until it listens, who connects is refused as if nobody were there.

    Raises:
        SocketRefused: See `listen_at`.
    """
    with _bound_at(path) as bound:
        inode = path.stat().st_ino
        try:
            yield bound
        finally:
            remove_socket(path, inode)


def listen_at(path: Path) -> socket.socket:
    """A socket that listens at a path, for its own user only. What a dead bot left there is replaced.

    Raises:
        SocketRefused: If somebody answers there, or the path is not ours to use.
    """
    bound = _bound_at(path)
    bound.listen()
    return bound


def _bound_at(path: Path) -> socket.socket:
    """Its mode is set while nobody can connect yet: before it listens."""
    prepare_folder(path.parent)
    _clear(path)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.bind(str(path))
        path.chmod(0o600)
        bound.setblocking(False)
    except OSError as error:
        bound.close()
        raise SocketRefused(f"{path} can't be listened at: {error.strerror or error}") from error
    return bound


def remove_socket(path: Path, inode: int) -> None:
    """Removes a socket's file, unless another one has taken its place."""
    try:
        if path.lstat().st_ino == inode:
            path.unlink()
    except FileNotFoundError:
        return


def prepare_folder(folder: Path) -> None:
    """Makes a folder if need be, in which nobody else may put a socket or a secret of their own.

    Raises:
        SocketRefused: If others may write there, or it can't be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = folder.stat()
    except OSError as error:
        raise SocketRefused(f"the folder {folder} can't be made: {error.strerror}") from error
    if os.geteuid() not in {facts.st_uid, 0}:
        raise SocketRefused(f"the folder {folder} is another user's: give --state-dir a folder of your own")
    if facts.st_mode & stat.S_IWOTH:
        raise SocketRefused(f"everybody may write to the folder {folder}: `chmod o-w {folder}`")


def _clear(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise SocketRefused(f"{path} is no socket: move it away")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)
            return
        except OSError as error:
            raise SocketRefused(f"{path} is in use: {error.strerror or error}") from error
    raise SocketRefused(f"a bot answers at {path} already")
