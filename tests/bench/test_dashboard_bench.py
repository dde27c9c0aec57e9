"""What the dashboard costs, in a real pseudo-terminal, on a real bot (`-s` shows the figures)."""

import fcntl
import os
import pty
import signal
import sqlite3
import statistics
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from cockpit.strategies.catalog import STRATEGIES

PROGRAM = Path(__file__).with_name("dashboard_program.py")
COLUMNS, ROWS = 160, 50

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]


class Terminal:
    """A program in a pseudo-terminal; what it writes is kept with the time it came."""

    def __init__(self, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.output = bytearray()
        self.started_s = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        os.close(slave)
        self._grown = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self.master, 65_536)
            except OSError:
                return
            with self._grown:
                self.output += piece
                self._grown.notify_all()

    def seconds_until(self, text: str, patience_s: float = 30.0) -> float:
        """Seconds from the process's start until it had written a text."""
        with self._grown:
            assert self._grown.wait_for(lambda: text.encode() in self.output, patience_s), self.output[
                -2_000:
            ]
            return time.monotonic() - self.started_s

    def press(self, keys: bytes) -> float:
        os.write(self.master, keys)
        return time.monotonic()

    def cpu_share(self, seconds: float) -> float:
        """Its share of a core over so many seconds."""
        process = psutil.Process(self.process.pid)
        before = process.cpu_times()
        time.sleep(seconds)
        after = process.cpu_times()
        return (after.user + after.system - before.user - before.system) / seconds

    def close(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self.master)


@contextmanager
def terminal(*arguments: str) -> Iterator[Terminal]:
    shown = Terminal(*arguments)
    try:
        yield shown
    finally:
        shown.close()


@contextmanager
def bot(folder: Path, *, agents: int, speed: float) -> Iterator[Path]:
    """A real bot; gives its folder."""
    names = [name for name in STRATEGIES if name != "cash"]
    config = folder / "bench.toml"
    config.write_text(
        f"[market]\nspeed = {speed}\n"
        + "".join(
            f'[[agents]]\nname = "{names[at % len(names)]}_{at}"\nstrategy = "{names[at % len(names)]}"\n'
            for at in range(agents)
        )
    )
    command = [sys.executable, "-m", "cockpit", "--config", str(config), "--state-dir", str(folder)]
    subprocess.run([*command, "start"], check=True, capture_output=True)
    try:
        yield folder / "arena"
    finally:
        subprocess.run([*command, "stop", "--now"], check=True, capture_output=True)


def test_first_paint_beside_a_minimal_app(tmp_path):
    with bot(tmp_path, agents=11, speed=60) as folder:
        pairs = []
        for _ in range(10):
            with terminal("minimal") as shown:
                least_s = shown.seconds_until("first-pane")
            with terminal("cockpit", str(folder), str(tmp_path / "probe")) as shown:
                panes_s = shown.seconds_until("Leaderboard")
                data_s = shown.seconds_until("buy_and_hold")
            pairs.append((least_s, panes_s, data_s))
    least_s, panes_s, data_s = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(panes / least for least, panes, _ in pairs)
    print(f"\nminimal {least_s:.3f} s, first pane {panes_s:.3f} s ({ratio:.2f}×), data {data_s:.3f} s")
    assert ratio <= 1.5


def test_cpu_share_while_nothing_happens(tmp_path):
    with (
        bot(tmp_path, agents=11, speed=60) as folder,
        terminal("cockpit", str(folder), str(tmp_path / "probe")) as shown,
    ):
        shown.seconds_until("filled", 60)
        shown.press(b"p")
        shown.seconds_until("PAUSED")
        time.sleep(7)
        share = shown.cpu_share(15)
    print(f"\nattached and nothing happening: {share:.2%} of a core")
    assert share <= 0.01


def test_cpu_share_and_key_latency_with_fifty_agents_and_ten_events_a_second(tmp_path):
    probe = tmp_path / "probe"
    with (
        bot(tmp_path, agents=50, speed=27) as folder,
        terminal("cockpit", str(folder), str(probe)) as shown,
    ):
        shown.seconds_until("filled", 60)
        time.sleep(5)
        began = last_seq(folder), time.monotonic()
        share = shown.cpu_share(30)
        rate = (last_seq(folder) - began[0]) / (time.monotonic() - began[1])
        pressed = []
        for at in range(200):
            pressed.append(shown.press(b"\x1b[24~"))
            time.sleep(0.06 + 0.007 * (at % 7))
        time.sleep(1)
    handled = [float(line) for line in probe.read_text().splitlines()]
    assert len(handled) == len(pressed)
    waits_ms = sorted((after - before) * 1e3 for before, after in zip(pressed, handled, strict=True))
    median_ms, p95_ms = statistics.median(waits_ms), waits_ms[int(0.95 * len(waits_ms))]
    print(f"\n50 agents, {rate:.1f} events/s: {share:.1%} of a core")
    print(f"key to handler: median {median_ms:.1f} ms, p95 {p95_ms:.1f} ms")
    assert rate >= 8
    assert share <= 0.12
    assert p95_ms <= 30


def last_seq(folder: Path) -> int:
    """The newest event of a bot's journal."""
    with closing(sqlite3.connect(f"file:{folder / 'journal.sqlite'}?mode=ro", uri=True)) as journal:
        return journal.execute("SELECT max(seq) FROM events").fetchone()[0]
