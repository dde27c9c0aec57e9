"""Profiles with real processes: made without a bot, competing, edited while it runs, killed, still there."""

import asyncio
import os
import signal
import sqlite3
import threading
import time
from contextlib import closing

import pytest

from cockpit.daemon.lock import running_pid
from cockpit.daemon.remembered_settings import remembered_settings
from cockpit.domain.events import ModelCalled
from cockpit.journal.reading import read_events
from tests.arena.mind_bot import BUY, said
from tests.e2e.conftest import CommandLine
from tests.servers.model_server import ModelServer, Scripted

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

ARENA = """
[arena]
interval = "1m"
[market]
symbols = ["BTC"]
speed = 600
[models]
attempts = 1
[models.routes."openai/fox"]
api_base = "{url}"
key = "FOX_API_KEY"
input_price = 2.0
output_price = 10.0
[[agents]]
name = "ema_cross"
[[agents]]
name = "cash"
"""


@pytest.fixture
def model(monkeypatch):
    """A model server on a thread of its own, which always buys."""
    monkeypatch.setenv("FOX_API_KEY", "sk-planted-0123456789abcdefghij")
    server, ready, loop = ModelServer(), threading.Event(), asyncio.new_event_loop()

    async def serve():
        async with server:
            server.script(*[Scripted(text=said(BTC=BUY))] * 5_000)
            ready.set()
            await stopping.wait()

    stopping = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(20)
    yield server
    loop.call_soon_threadsafe(stopping.set)
    thread.join()
    loop.close()


class Trader:
    """A person at the command line."""

    def __init__(self, cockpit: CommandLine, config) -> None:
        self._cockpit = cockpit
        self._config = str(config)
        self.folder = cockpit.folder()

    def __call__(self, *arguments, code=0):
        return self._cockpit("--config", self._config, *arguments, code=code)

    def json(self, *arguments):
        return self._cockpit.json("--config", self._config, *arguments)

    def agents(self):
        return [row["agent"] for row in self.json("status")["leaderboard"]["rows"]]

    def kill(self):
        os.kill(running_pid(self.folder), signal.SIGKILL)
        while running_pid(self.folder) is not None:
            time.sleep(0.01)

    def tables(self):
        with closing(sqlite3.connect(self.folder.journal)) as connection:
            return [
                connection.execute(f"SELECT * FROM {table}").fetchall()
                for table in ("ai_agent_profiles", "trader_profiles", "competition_runs", "contestants")
            ]

    def runs(self):
        return [row[0] for row in self.tables()[2]]

    def calls_after(self, seq):
        return [
            each.event.call.model
            for each in read_events(self.folder.journal, after_seq=seq)
            if isinstance(each.event, ModelCalled)
        ]

    def last_seq(self):
        return self.json("health")["health"]["seq"]


@pytest.fixture
def trader(cockpit, model, tmp_path):
    config = tmp_path / "arena.toml"
    config.write_text(ARENA.format(url=model.url))
    return Trader(cockpit, config)


def wait_for(what, patience_s=60):
    deadline = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.1)


def test_a_trader_of_a_profile_competes_and_outlives_whatever_happens_to_the_bot(trader):
    trader("profiles", "add", "ai", "fox", "--model=openai/fox", "--budget=5")
    trader("profiles", "add", "trader", "reynard", "--kind=llm", "--mind=fox", "--note=sly")
    trader("profiles", "add", "trader", "ema5", "--kind=strategy", "--strategy=ema_cross", "--timeframe=5m")
    trader("status", code=3)  # profiles are no run
    kept = trader.json("profiles", "list")
    assert kept["missing_keys"] == {}

    trader("start")
    assert set(trader.agents()) == {"ema_cross", "cash", "ema5", "reynard"}
    remembered = remembered_settings(trader.folder.settings)
    assert [each.name for each in remembered.agents] == ["ema_cross", "cash", "ema5", "reynard"]
    wait_for(lambda: trader.calls_after(0))
    assert trader.json("profiles", "list") == kept

    trader("profiles", "edit", "trader", "ema5", "--rests")
    trader("profiles", "edit", "ai", "fox", "--budget=7")
    trader("profiles", "add", "trader", "late", "--kind=strategy", "--strategy=cash")
    trader("profiles", "add", "trader", "late", "--kind=strategy", "--strategy=cash", code=4)
    trader("profiles", "remove", "ai", "fox", code=4)
    trader("profiles", "remove", "ai", "ghost", code=2)
    changed = trader.json("profiles", "list")
    assert changed["ai"][0]["budget_total"] == 7.0
    assert [(each["name"], each["competes"]) for each in changed["traders"]] == [
        ("ema5", False),
        ("late", True),
        ("reynard", True),
    ]
    assert set(trader.agents()) == {"ema_cross", "cash", "ema5", "reynard"}

    trader.kill()
    assert trader.json("profiles", "list") == changed
    trader("profiles", "edit", "trader", "late", "--note=of the dead bot's journal")
    trader("start")  # the unfinished run goes on with those it began with, whatever profiles say by now
    assert set(trader.agents()) == {"ema_cross", "cash", "ema5", "reynard"}
    seq = trader.last_seq()
    wait_for(lambda: trader.calls_after(seq))
    assert len(trader.runs()) == 1

    trader.kill()
    before = trader.tables()
    trader("rebuild")
    assert trader.tables() == before

    trader("start", "--new")
    assert set(trader.agents()) == {"ema_cross", "cash", "late", "reynard"}
    trader("stop")
    trader("start", "--new", "--strategy=ema_cross")
    assert set(trader.agents()) == {"ema_cross", "buy_and_hold", "cash", "random"}
    assert len(trader.runs()) == 3
