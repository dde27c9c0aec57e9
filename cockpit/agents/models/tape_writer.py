"""Writes calls to a tape: each is on disk before anybody acts on it."""

import errno
import fcntl
import logging
import os
import queue
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cockpit.agents.models.recorded_call import HEADER_START, TapeUnusable, header_line, read_header

_LOG = logging.getLogger(__name__)
_LOOK_BYTES: Final = 1 << 16


class TapeWriter:
    """Appends to one tape, from a thread of its own; calls that end together share one wait for the disk.

    The file is for its user's eyes only: prompts and answers are private.
    """

    def __init__(self, path: Path, grounded: Mapping[str, str] = MappingProxyType({})) -> None:
        """Begin a recording, on a new tape or at the end of an old one.

        Args:
            path: The file; made if there is none. A last line that was torn off is dropped.
            grounded: Who can't take part in what is recorded, and why.

        Raises:
            TapeUnusable: If it can't be written, is no tape, or is being written to.
        """
        self.path = path
        self._closing = threading.Lock()
        self._is_closed = False
        self._lines: queue.SimpleQueue[tuple[bytes, Future[None]]] = queue.SimpleQueue()
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            self._begin(grounded)
        except BaseException as error:
            os.close(self._file)
            if isinstance(error, OSError):
                raise self._unusable(error) from error
            raise
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="call tape")

    def append(self, line: bytes) -> "Future[None]":
        """Writes a line; done when it is on disk.

        Returns:
            Fails with `OSError` if it can't be written; the tape then ends with the line before.
        """
        done: Future[None] = Future()
        with self._closing:
            if self._is_closed:
                done.set_exception(OSError(errno.EBADF, "the tape is closed"))
            else:
                self._lines.put((line, done))
                self._thread.submit(self._write_waiting)
        return done

    def close(self) -> None:
        """Waits until everything is written, and lets go of the file."""
        with self._closing:
            if self._is_closed:
                return
            self._is_closed = True
        self._thread.shutdown()
        os.close(self._file)

    def _begin(self, grounded: Mapping[str, str]) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TapeUnusable(
                f"the tape {self.path} is being recorded on by another bot: give this one a tape of its own"
            ) from error
        os.fchmod(self._file, 0o600)
        first, newline, _ = os.pread(self._file, _LOOK_BYTES, 0).partition(b"\n")
        if newline:
            read_header(first, self.path)
        elif not (HEADER_START.startswith(first) or first.startswith(HEADER_START)):
            read_header(b"", self.path)
        self._drop_torn_line()
        self._write(header_line(grounded))

    def _drop_torn_line(self) -> None:
        size = os.fstat(self._file).st_size
        end = size
        while end and (tail := self._tail_before(end)).rfind(b"\n") < 0:
            end -= len(tail)
        if end:
            end -= len(tail) - 1 - tail.rfind(b"\n")
        if end < size:
            _LOG.warning(
                "the last %d bytes of the tape %s were torn off, and are dropped", size - end, self.path
            )
            os.ftruncate(self._file, end)

    def _tail_before(self, end: int) -> bytes:
        start = max(0, end - _LOOK_BYTES)
        return os.pread(self._file, end - start, start)

    def _write_waiting(self) -> None:
        waiting: list[tuple[bytes, Future[None]]] = []
        while True:
            try:
                waiting.append(self._lines.get_nowait())
            except queue.Empty:
                break
        if not waiting:
            return
        try:
            self._write(b"".join(line for line, _ in waiting))
        except OSError as error:
            _LOG.error("%s", self._unusable(error))
            for _, done in waiting:
                done.set_exception(error)
        else:
            for _, done in waiting:
                done.set_result(None)

    def _write(self, data: bytes) -> None:
        """All of it and to the disk, or none of it."""
        end = os.fstat(self._file).st_size
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, end)
            raise

    def _unusable(self, error: OSError) -> TapeUnusable:
        return TapeUnusable(
            f"the tape {self.path} can't be written ({error.strerror}): make room or give another file, or"
            " run without recording"
        )
