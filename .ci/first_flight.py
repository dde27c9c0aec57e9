"""Runs README's first command on a pseudo-terminal, as a newcomer would, until the arena has traded.

Only the standard library: nothing is installed yet. The command sets everything up and opens the
dashboard; a fill is waited for, then the dashboard is left and the bot is stopped.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

from readme import commands

PATIENCE_S = 900
ESCAPES = re.compile(rb"\x1b\[[0-9;:?<>=]*[a-zA-Z]|\x1b[()=>78MNc]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)")


def seen(leader: int, child: int, words: bytes, patience_s: float) -> bool:
    """Whether the program has drawn some words in time."""
    drawn = b""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if not select.select([leader], [], [], 0.5)[0]:
            continue
        try:
            chunk = os.read(leader, 65_536)
        except OSError:
            break
        drawn = (drawn + ESCAPES.sub(b"", chunk))[-200_000:]
        if words in drawn:
            return True
    sys.stdout.write(drawn[-4_000:].decode(errors="replace"))
    return False


def main() -> int:
    """Runs the command; the exit code is 0 if the arena traded and the dashboard was left in good order."""
    child, leader = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS="160", LINES="50")
        os.execvp("bash", ["bash", "-c", commands()[0]])
    fcntl.ioctl(leader, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    try:
        if not seen(leader, child, b"filled", PATIENCE_S):
            print("\nREADME's first command did not lead to an arena that trades")
            return 1
        os.write(leader, b"q")
        if not seen(leader, child, b"goes on", 20):
            print("\nthe dashboard was not left in good order")
            return 1
    finally:
        os.kill(child, signal.SIGHUP)
        subprocess.run([".venv/bin/cockpit", "stop"], check=False)
    print("README's first command: the arena trades, and goes on after the dashboard is left")
    return 0


if __name__ == "__main__":
    sys.exit(main())
