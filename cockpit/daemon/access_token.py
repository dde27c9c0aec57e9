"""The secret that lets a program in over TCP: a file that only the bot's own user can read."""

import os
import re
import secrets
import stat
from pathlib import Path

from cockpit.daemon.unix_socket import SocketRefused, prepare_folder
from cockpit.domain.errors import USAGE, CockpitError

_TOKEN = re.compile(rb"[A-Za-z0-9_-]{32,200}\n?")
"""What `secrets.token_urlsafe` writes, and what a person may put in its place."""

_MAX_BYTES = 1_000


class TokenRefused(CockpitError):
    """There is a file for the token that can't be trusted with one; the message says why and what to do."""

    exit_code = USAGE


def token_in(path: Path) -> bytes:
    """The token in a file, which is made, with a new token, where there is none.

    Raises:
        TokenRefused: If others can get at the file or its folder, it holds no token, or it can't be read or
            made.
    """
    try:
        prepare_folder(path.parent)
        try:
            return _read(path)
        except FileNotFoundError:
            _write_new(path)
            return _read(path)
    except SocketRefused as error:
        raise TokenRefused(str(error)) from error
    except OSError as error:
        raise TokenRefused(f"the token in {path} can't be used: {error.strerror or error}") from error


def _read(path: Path) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe would wait
    try:
        _check(path, os.fstat(file))
        text = os.read(file, _MAX_BYTES)
    finally:
        os.close(file)
    if not _TOKEN.fullmatch(text):
        raise TokenRefused(
            f"{path} holds no token: it takes 32 to 200 letters, digits, - and _; delete it for a new one"
        )
    return text.rstrip(b"\n")


def _check(path: Path, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise TokenRefused(f"{path} is no file that could hold a token: move it away, and a new one is made")
    if facts.st_uid != os.geteuid():
        raise TokenRefused(f"the token in {path} is another user's: delete it, and a new one is made")
    if facts.st_mode & 0o077:
        raise TokenRefused(f"others can read the token in {path}: delete it, and a new one is made")


def _write_new(path: Path) -> None:
    """Whole or not at all: a crash half-way leaves no empty token, and nobody else's is overwritten."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{secrets.token_urlsafe()}\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return
    finally:
        draft.unlink(missing_ok=True)
