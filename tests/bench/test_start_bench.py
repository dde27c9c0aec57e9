"""How long commands and recovery take."""

import asyncio
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time

import pytest

from cockpit.daemon.bot import Bot
from cockpit.daemon.folder import BotFolder
from cockpit.settings.resolve import resolve

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

STATUS_RATIO = 3.0
RECOVERY_S = 2.0
EVENTS = 1_000_000


def seconds(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=False)
    return time.perf_counter() - began


def test_status_costs_little_more_than_importing_its_http_client(tmp_path, capsys):
    where = ["-m", "cockpit", "--state-dir", str(tmp_path)]
    subprocess.run([sys.executable, *where, "start"], capture_output=True, check=True)
    try:
        seconds(*where, "status")
        pairs = [(seconds(*where, "status"), seconds("-c", "import httpx")) for _ in range(9)]
    finally:
        subprocess.run([sys.executable, *where, "stop"], capture_output=True, check=True)
    ratio = statistics.median(status / bare for status, bare in pairs)
    with capsys.disabled():
        print(f"\ncockpit status: {ratio:.2f} × python -c 'import httpx'")
    assert ratio <= STATUS_RATIO


def test_a_journal_of_a_million_events_is_recovered_from_its_snapshot(tmp_path, capsys):
    flags = {"arena": {"rounds": 5_000}, "market": {"speed": "max"}}
    settings = resolve(environment={}, flags=flags).settings
    folder = BotFolder(tmp_path / "arena")

    async def play(seconds: float | None) -> tuple[float, int]:
        began = time.perf_counter()
        bot = await Bot.open(folder, settings, new=False, run_id="newest", wall_ms=0)
        took = time.perf_counter() - began
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, lambda: bot.request_stop(now=False, flatten=False))
            await bot.run()
        await bot.close("done")
        return took, bot.state.seq

    _, played = asyncio.run(play(20.0))
    _pad_with_an_older_run(folder, EVENTS - played)
    _, in_all = asyncio.run(play(0.2))
    with_snapshot, _ = asyncio.run(play(None))
    shutil.rmtree(folder.root / "backups")
    (folder.root / "state.json").unlink()
    without, _ = asyncio.run(play(None))
    with capsys.disabled():
        print(
            f"\n{in_all:,} events: ready after {with_snapshot:.2f} s with a snapshot; without one, "
            f"{without:.1f} s to relive the {played:,} events of the newest run"
        )
    assert in_all >= EVENTS
    assert with_snapshot < RECOVERY_S


def _pad_with_an_older_run(folder: BotFolder, count: int) -> None:
    """Moves the run to the end of a journal that an older run, of copied events, fills."""
    with sqlite3.connect(folder.journal) as journal:
        journal.execute("UPDATE events SET seq = seq + ?", (10_000_000,))
        journal.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " INSERT INTO events SELECT i, ts_ms, 'older', kind, payload FROM n JOIN events"
            " ON seq = 10000000 + 1 + i % (SELECT COUNT(*) FROM events)",
            (count,),
        )
        journal.execute("UPDATE events SET seq = seq - ? WHERE seq > 10000000", (10_000_000 - count,))
    journal.close()
    for path in folder.root.rglob("state*.json"):
        path.unlink()
