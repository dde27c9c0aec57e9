"""How fast an arena runs, how much it writes, and that it can run for weeks."""

import asyncio
import itertools
import json
import statistics
import subprocess
import sys
import time

import psutil
import pytest

from cockpit.daemon.bot import Bot
from cockpit.daemon.folder import BotFolder
from cockpit.domain.events import RoundClosed
from cockpit.settings.resolve import resolve
from cockpit.settings.tree import CONTROLS, DEFAULT_STRATEGIES

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

ROUND_LIMIT_MS = 25.0
FLAT_MEMORY = 1.05


def test_a_round_of_fifty_agents_on_six_symbols(tmp_path, capsys):
    names = [*DEFAULT_STRATEGIES, *CONTROLS]
    agents = [{"name": f"agent_{number}", "strategy": names[number % len(names)]} for number in range(50)]
    flags = {"arena": {"rounds": 200}, "market": {"speed": "max"}, "agents": agents}
    folder = BotFolder(tmp_path / "arena")

    async def play():
        bot = await Bot.open(
            folder, resolve(environment={}, flags=flags).settings, new=True, run_id="r", wall_ms=0
        )
        ends = [time.perf_counter()]
        bot.listen(
            lambda recorded: isinstance(recorded[-1].event, RoundClosed) and ends.append(time.perf_counter())
        )
        await bot.run()
        await bot.close("done")
        return [later - earlier for earlier, later in itertools.pairwise(ends)], bot.state.seq

    lengths, events = asyncio.run(play())
    median_ms = statistics.median(lengths) * 1000
    with capsys.disabled():
        print(
            f"\nround of 50 agents × 6 symbols: median {median_ms:.1f} ms, 95 % under "
            f"{statistics.quantiles(lengths, n=20)[-1] * 1000:.1f} ms; journal "
            f"{folder.journal.stat().st_size / 200 / 1000:.1f} kB and {events / 200:.0f} events a round, "
            f"state.json {(folder.root / 'state.json').stat().st_size / 1000:.0f} kB"
        )
    assert median_ms <= ROUND_LIMIT_MS


def test_seven_market_days_of_eleven_agents_keep_memory_flat(tmp_path, capsys):
    command = [
        sys.executable,
        "-m",
        "cockpit",
        "--state-dir",
        str(tmp_path),
        "run",
        "--duration=7d",
        "--speed=max",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bot:
        process, resident = psutil.Process(bot.pid), []
        folder = BotFolder(tmp_path / "arena")
        rounds = 0
        for line in bot.stdout:
            if line.startswith("round "):
                rounds += 1
                resident.append(process.memory_info().rss)
        code = bot.wait()
    quarter = len(resident) // 4
    second, last = statistics.mean(resident[quarter : 2 * quarter]), statistics.mean(resident[-quarter:])
    report = subprocess.run(
        [*command[:5], "report", "--json"], capture_output=True, text=True, check=True
    ).stdout
    trades = sum(row["trades"] for row in json.loads(report)["agents"])
    with capsys.disabled():
        print(
            f"\n7 market days × 11 agents: {rounds} rounds, {trades} trades, memory of the last quarter "
            f"{last / second:.3f} × the second's ({second / 1e6:.0f} MB), journal "
            f"{folder.journal.stat().st_size / 1e6:.0f} MB"
        )
    assert code == 0
    assert rounds == 7 * 24 * 20
    assert trades >= 10
    assert last <= FLAT_MEMORY * second
