"""Bots whose agents ask models, as processes: killed, gone on with, recorded, and replayed offline."""

import json
import os
import sqlite3
from contextlib import closing

import pytest

from cockpit.daemon.lock import running_pid
from cockpit.daemon.process import spawn
from cockpit.domain.events import BotStarted, BotStopped, ModelCalled, RunFinished
from cockpit.journal.reading import read_events
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState, conserved_difference
from tests.arena.mind_bot import BUY, read_models, rows, said
from tests.e2e.conftest import CommandLine
from tests.e2e.waiting import kill, wait_for
from tests.servers.model_server import Scripted
from tests.servers.threaded_server import threaded_server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

KEY = "sk-planted-0123456789abcdefghij"
ROUNDS = 90
BUDGET_USD = 0.20
ARENA = """
[arena]
rounds = {rounds}
interval = "1m"
[market]
symbols = ["BTC"]
speed = "max"
[models]
attempts = 1
mode = "record"
budget = {{ total = {budget} }}
[models.routes."openai/fox"]
api_base = "{url}"
key = "FOX_API_KEY"
input_price = 2.0
output_price = 10.0
[breakers.agent]
errors = "off"
daily_trades = "off"
daily_loss = "off"
drawdown = "off"
costs = "off"
consecutive_losses = "off"
[breakers.arena]
costs = "off"
errors = "off"
[[agents]]
name = "fox"
kind = "llm"
model = "openai/fox"
mind = {{ timeframes = ["1m", "3m"], max_tokens = 300 }}
[[agents]]
name = "mute"
kind = "llm"
model = "deepseek/deepseek-chat"
mind = {{ timeframes = ["1m", "3m"] }}
[[agents]]
name = "buy_and_hold"
"""


@pytest.fixture
def provider(monkeypatch):
    """A provider on a thread of its own: it buys and closes, again and again, and takes its time."""
    monkeypatch.setenv("FOX_API_KEY", KEY)
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    buys = Scripted(text=said(BTC=BUY), first_after_s=0.02)
    closes = Scripted(text=said(BTC={"signal": "close"}), first_after_s=0.02)
    with threaded_server(*[buys, closes] * 2_000) as server:
        yield server


@pytest.fixture
def config(tmp_path, provider):
    path = tmp_path / "arena.toml"
    path.write_text(ARENA.format(url=provider.url, rounds=ROUNDS, budget=BUDGET_USD))
    return path


def calls_of(folder):
    if not folder.journal.exists():
        return 0
    with closing(sqlite3.connect(folder.journal)) as connection:
        return connection.execute("SELECT count(*) FROM llm_calls").fetchone()[0]


def killed_when(cockpit, config, calls):
    """A bot that is killed once it has journaled so many calls."""
    folder = cockpit.folder()
    spawn(folder, cockpit.arguments("--config", str(config), "host"), 60)
    wait_for(lambda: calls_of(folder) >= calls)
    kill(folder)


def decided(journal):
    found = [each.event for each in read_events(journal)]
    return [each for each in found if not isinstance(each, BotStarted | BotStopped)]


def test_killed_in_the_middle_it_goes_on_within_its_budget_and_is_replayed_to_the_same_end(
    cockpit, config, provider, tmp_path
):
    for calls in (8, 20):
        killed_when(cockpit, config, calls)
    folder = cockpit.folder()
    spawn(folder, cockpit.arguments("--config", str(config), "host"), 60)
    wait_for(lambda: running_pid(folder) is None, 120)
    check_journal(folder)
    check_budget(folder, provider)
    check_read_models(cockpit, folder)
    asked = len(provider.requests), provider.connections
    replayed = replay(cockpit, config, tmp_path)
    assert decided(replayed.journal) == decided(folder.journal)
    assert (len(provider.requests), provider.connections) == asked
    for each in (*folder.root.rglob("*"), *replayed.root.rglob("*")):
        assert not each.is_file() or KEY.encode() not in each.read_bytes(), each


def check_journal(folder):
    state = ArenaState()
    events = list(read_events(folder.journal))
    for each in events:
        apply(state, each)
        assert state.run is None or conserved_difference(state) == 0
    assert [each.seq for each in events] == list(range(1, len(events) + 1))
    assert sum(isinstance(each.event, BotStarted) for each in events) == 3
    assert isinstance(events[-2].event, RunFinished)
    assert state.rounds_closed == ROUNDS
    assert state.agents["fox"].trades > 3


def check_budget(folder, provider):
    """What was spent before a kill counts after it, so all lives together keep within the budget."""
    path = folder.root
    ((spent, made),) = rows(path, "SELECT sum(cost_micros), count(*) FROM llm_calls WHERE attempts > 0")
    assert spent == 4_000 * made
    assert BUDGET_USD - 0.05 < spent / 1e6 <= BUDGET_USD
    assert made <= len(provider.requests) <= made + 2  # what was under way at a kill is asked again
    refused = [
        each.call for each in decided(folder.journal) if isinstance(each, ModelCalled) and each.call.fault
    ]
    assert {call.fault for call in refused} == {"budget"}
    assert len(refused) == ROUNDS - made
    assert "total budget of the arena" in refused[0].error
    assert f"${spent / 1e6:.6f} spent" in refused[0].error


def check_read_models(cockpit, folder):
    before = read_models(folder.root)
    assert "read models made anew" in cockpit("rebuild").stdout
    assert read_models(folder.root) == before


def replay(cockpit, config, tmp_path):
    """The same run in a folder of its own, from the calls of the first."""
    second = CommandLine(tmp_path / "second")
    recording = str(cockpit.folder().root / "calls.jsonl")
    environment = {
        "COCKPIT_MODELS__MODE": "replay",
        "COCKPIT_MODELS__RECORDING": recording,
        "FOX_API_KEY": "",
    }
    second("--config", str(config), "run", **environment)
    return second.folder()


def test_commands_tell_of_agents_that_ask_models_while_their_bot_runs(cockpit, config):
    given = ("--config", str(config))
    cockpit(*given, "start")
    folder = cockpit.folder()
    wait_for(lambda: calls_of(folder) >= 3)
    found = json.loads(cockpit(*given, "agents", "prompt", "fox", "--json").stdout)
    assert found["round"] > 3
    assert found["run_id"]
    assert f"this is invocation {found['round']}." in found["prompts"]["decide"][1]["content"]
    listed = cockpit(*given, "agents", "list").stdout
    assert "can't take part: there is no key for deepseek/deepseek-chat: set DEEPSEEK_API_KEY" in listed
    refused = cockpit(*given, "agents", "prompt", "nobody", code=2)
    assert refused.stderr == "cockpit: there is no agent nobody: `cockpit agents list` shows who competes\n"


def test_a_replay_that_has_no_recording_does_not_start(cockpit, config):
    refused = cockpit("--config", str(config), "run", code=1, COCKPIT_MODELS__MODE="replay")
    assert "calls.jsonl can't be read" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_an_arena_of_six_models_flies_without_any_key(cockpit, monkeypatch):
    for name in list(os.environ):
        if name.endswith("_API_KEY"):
            monkeypatch.delenv(name)
    given = ("--config", "config/arenas/nof1.toml")
    assert "the settings are good: 7 agents" in cockpit(*given, "config", "check").stdout
    cockpit(*given, "run", "--rounds=3", "--speed=max")
    session = cockpit.session()
    assert {fill["agent"] for fill in session["fills"]} == {"buy_and_hold"}
