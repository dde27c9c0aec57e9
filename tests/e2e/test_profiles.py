"""Profiles with real processes: made without a bot, competing, edited while it runs, killed, still there."""

import sqlite3
from contextlib import closing

import pytest

from cockpit.daemon.local_http import ask
from cockpit.daemon.remembered_settings import remembered_settings
from cockpit.domain.events import ModelCalled
from cockpit.journal.reading import read_events
from tests.arena.mind_bot import BUY, said
from tests.e2e.conftest import CommandLine
from tests.e2e.waiting import kill, wait_for
from tests.servers.model_server import Scripted
from tests.servers.threaded_server import threaded_server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

ARENA = """
[arena]
interval = "1m"
[market]
symbols = ["BTC"]
speed = 60
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
    """A model that always buys."""
    monkeypatch.setenv("FOX_API_KEY", "sk-planted-0123456789abcdefghij")
    with threaded_server(Scripted(text=said(BTC=BUY))) as server:
        yield server


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
        """Who competes, as the bot that runs says."""
        return {row["agent"] for row in self._get("/leaderboard")["rows"]}

    def askers(self):
        """Who asks which model, of those that can be asked, as the bot that runs says."""
        models = self._get("/models")
        return {
            (use["agent"], each["model"])
            for each in models
            if not each["missing_key"]
            for use in each["uses"]
        }

    def _get(self, path):
        status, found = ask(self.folder.socket, "GET", path)
        assert status == 200
        return found

    def tables(self):
        with closing(sqlite3.connect(self.folder.journal)) as connection:
            return [
                connection.execute(f"SELECT * FROM {table}").fetchall()
                for table in ("ai_agent_profiles", "trader_profiles", "competition_runs", "contestants")
            ]

    def runs(self):
        return [row[0] for row in self.tables()[2]]

    def has_asked(self):
        return any(isinstance(each.event, ModelCalled) for each in read_events(self.folder.journal))


@pytest.fixture
def trader(cockpit, model, tmp_path):
    config = tmp_path / "arena.toml"
    config.write_text(ARENA.format(url=model.url))
    return Trader(cockpit, config)


def test_a_trader_of_a_profile_competes_and_outlives_whatever_happens_to_the_bot(trader):
    trader("profiles", "add", "ai", "fox", "--model=openai/fox", "--budget=5")
    trader("profiles", "add", "trader", "reynard", "--kind=llm", "--mind=fox", "--note=sly")
    trader("profiles", "add", "trader", "ema5", "--kind=strategy", "--strategy=ema_cross", "--timeframe=5m")
    trader("status", code=3)  # profiles are no run
    kept = trader.json("profiles", "list")
    assert kept["missing_keys"] == {}

    trader("start")
    assert trader.agents() == {"ema_cross", "cash", "ema5", "reynard"}
    remembered = remembered_settings(trader.folder.settings)
    assert [each.name for each in remembered.agents] == ["ema_cross", "cash", "ema5", "reynard"]
    wait_for(trader.has_asked)
    assert trader.json("profiles", "list") == kept

    trader("profiles", "edit", "trader", "ema5", "--rests")
    trader("profiles", "edit", "ai", "fox", "--budget=7")
    trader("profiles", "add", "trader", "late", "--kind=strategy", "--strategy=cash")
    trader("profiles", "add", "trader", "late", "--kind=strategy", "--strategy=cash", code=4)
    trader("profiles", "remove", "ai", "ghost", code=2)
    changed = trader.json("profiles", "list")
    assert changed["ai"][0]["budget_total"] == 7.0
    assert [(each["name"], each["competes"]) for each in changed["traders"]] == [
        ("ema5", False),
        ("late", True),
        ("reynard", True),
    ]
    assert trader.agents() == {"ema_cross", "cash", "ema5", "reynard"}

    kill(trader.folder)
    assert trader.json("profiles", "list") == changed
    trader("profiles", "edit", "trader", "late", "--note=of the dead bot's journal")
    trader("start")  # the unfinished run goes on with those it began with, whatever profiles say by now
    assert trader.agents() == {"ema_cross", "cash", "ema5", "reynard"}
    assert trader.askers() == {("reynard", "openai/fox")}
    assert len(trader.runs()) == 1

    kill(trader.folder)
    before = trader.tables()
    trader("rebuild")
    assert trader.tables() == before

    trader("start", "--new")
    assert trader.agents() == {"ema_cross", "cash", "late", "reynard"}
    kill(trader.folder)
    trader("start", "--new", "--strategy=ema_cross")
    assert trader.agents() == {"ema_cross", "buy_and_hold", "cash", "random"}
    assert len(trader.runs()) == 3
