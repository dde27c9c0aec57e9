"""A real terminal to run programs in: a pseudo-terminal, and a screen that understands what they draw."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Sequence

import pyte


class Terminal:
    """A program on a terminal of its own. Use it as a context manager.

    Args:
        arguments: The program.
        width: Columns.
        height: Rows.
    """

    def __init__(
        self, arguments: Sequence[str], *, width: int = 160, height: int = 50, **environment: str
    ) -> None:
        self.screen = pyte.Screen(width, height)
        self.raw = bytearray()
        self._stream = pyte.ByteStream(self.screen)
        self._leader, follower = pty.openpty()
        self.resize(width, height)
        colours = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.process = subprocess.Popen(
            list(arguments),
            stdin=follower,
            stdout=follower,
            stderr=follower,
            start_new_session=True,
            env=os.environ | colours | environment,
        )
        os.close(follower)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._leader)

    @property
    def text(self) -> str:
        """What a person sees."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def resize(self, width: int, height: int) -> None:
        """Changes the terminal's size, as dragging its window does."""
        self.screen.resize(height, width)
        fcntl.ioctl(self._leader, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        if hasattr(self, "process"):
            os.killpg(self.process.pid, signal.SIGWINCH)

    def press(self, keys: str) -> None:
        """Types."""
        os.write(self._leader, keys.encode())

    def read(self, seconds: float) -> None:
        """Lets the program draw for a while."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([self._leader], [], [], left)[0]:
                return
            try:
                chunk = os.read(self._leader, 65_536)
            except OSError:
                return
            if not chunk:
                return
            self.raw += chunk
            self._stream.feed(chunk)

    def wait_for(self, *words: str, seconds: float = 20) -> str:
        """The screen, once it shows all of the words.

        Raises:
            AssertionError: With the screen, if it doesn't in time.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if all(word in self.text for word in words):
                return self.text
            self.read(0.1)
        raise AssertionError(f"{words} not seen within {seconds} s on\n{self.text}")

    def wait_until_gone(self, word: str, seconds: float = 20) -> str:
        """The screen, once it shows a word no more."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if word not in self.text:
                return self.text
            self.read(0.1)
        raise AssertionError(f"{word} still there after {seconds} s on\n{self.text}")

    def wait_for_exit(self, seconds: float = 20) -> int:
        """The program's exit code; the screen then shows its last words."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"still running on\n{self.text}"
            self.read(0.1)
        self.read(0.2)
        return self.process.returncode
