"""Debates that a person asks for at the command line: real bots and sockets, scripted models, and kill -9."""

import json
import signal
import subprocess
import time

import pytest

from cockpit.daemon.lock import running_pid
from cockpit.daemon.process import spawn
from cockpit.domain.events import (
    BotStarted,
    BotStopped,
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    MarketAdvanced,
    ModelCalled,
    RunStarted,
)
from cockpit.journal.reading import read_events
from tests.arena.panel_bot import ANALYSTS, REASON, script
from tests.e2e.terminal import Terminal
from tests.e2e.waiting import kill, wait_for
from tests.servers.threaded_server import threaded_server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

KEY = "sk-planted-0123456789abcdefghij"
ARENA = """
[arena]
interval = "3m"
[market]
symbols = ["BTC"]
speed = 1
[models]
attempts = 1
{routes}
[[agents]]
name = "panel"
kind = "debate"
model = "openai/bull"
[agents.mind]
timeframes = ["1m", "3m"]
timeout = "60s"
[agents.mind.debate]
tools = false
models = {{ {models} }}
[[agents]]
name = "buy_and_hold"
"""
ROUTE = """
[models.routes."openai/{role}"]
api_base = "{url}"
key = "PANEL_API_KEY"
input_price = 2.0
output_price = 10.0
"""


@pytest.fixture
def provider(monkeypatch):
    monkeypatch.setenv("PANEL_API_KEY", KEY)
    with threaded_server() as server:
        script(server)
        yield server


@pytest.fixture
def given(tmp_path, provider):
    """Options of every command here."""
    roles = (*ANALYSTS, "judge")
    path = tmp_path / "arena.toml"
    path.write_text(
        ARENA.format(
            routes="".join(ROUTE.format(role=role, url=provider.url) for role in roles),
            models=", ".join(f'{role} = "openai/{role}"' for role in roles),
        )
    )
    return ("--config", str(path))


def events_of(cockpit, *kinds):
    journal = cockpit.folder().journal
    if not journal.exists():
        return []
    return [each.event for each in read_events(journal) if isinstance(each.event, kinds)]


def asking(cockpit, given, *options):
    """`cockpit debate` as a process that is under way."""
    return subprocess.Popen(
        cockpit.arguments(*given, "debate", "BTC", *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def in_the_middle(cockpit, debates=1):
    """Once so many debates were asked for, a moment after the last of them has begun."""
    wait_for(lambda: len(events_of(cockpit, DebateAsked)) == debates)
    time.sleep(1)


def test_without_a_bot_its_run_is_opened_for_the_debate_alone_and_gone_on_with_later(cockpit, given):
    told = cockpit(*given, "debate", "btc").stdout
    assert "panel on BTC" in told
    assert told.index("bull  openai/bull") < told.index("judge  openai/judge") < told.index("verdict")
    assert "▲ long 60%" in told
    assert "▼ short 60%" in told
    assert REASON in told
    assert "BTC: long 0.02 BTC, leverage 3×, stop 1,000.00, target 900,000" in told
    assert "$0.0240 for 6 calls" in told
    document = json.loads(cockpit(*given, "debate", "BTC", "--json").stdout)
    assert (document["debate_id"], document["status"], document["by"]) == (2, "held", "the command line")
    assert running_pid(cockpit.folder()) is None
    assert len(events_of(cockpit, RunStarted)) == 1
    assert len(events_of(cockpit, BotStarted)) == len(events_of(cockpit, BotStopped)) == 2
    assert events_of(cockpit, MarketAdvanced) == []
    assert {each.debate_id for each in events_of(cockpit, ModelCalled)} == {1, 2}
    for each in cockpit.folder().root.rglob("*"):
        assert not each.is_file() or KEY.encode() not in each.read_bytes(), each


def test_a_running_bot_holds_it_beside_its_run_and_what_is_executed_becomes_a_decision(cockpit, given):
    cockpit(*given, "start", "--speed=60")
    wait_for(lambda: len(events_of(cockpit, MarketAdvanced)) > 1)
    document = json.loads(cockpit(*given, "debate", "BTC", "--execute", "--json").stdout)
    assert (document["status"], document["execute"], document["asked"]) == ("held", True, True)
    assert document["decision_id"] is not None or "could not" in "".join(document["refused"])
    assert running_pid(cockpit.folder()) is not None
    assert cockpit("rebuild", code=4).stdout == ""
    nobody = cockpit(*given, "debate", "BTC", "--agent", "buy_and_hold", code=4)
    assert nobody.stderr == "cockpit: buy_and_hold is of kind strategy and debates with nobody; panel can\n"
    nowhere = cockpit(*given, "debate", "SHIB", code=4)
    assert nowhere.stderr == "cockpit: SHIB is not traded here; there is BTC/USDC:USDC\n"


def test_killed_in_the_middle_it_is_abandoned_once_the_bot_is_opened_again(cockpit, given, provider):
    script(provider, pause_s=1.0)
    folder = cockpit.folder()
    spawn(folder, cockpit.arguments(*given, "host"), 60)
    person = asking(cockpit, given)
    in_the_middle(cockpit)
    kill(folder)
    _, stderr = person.communicate(timeout=60)
    assert person.returncode == 1
    assert stderr.startswith(
        "cockpit: the bot is gone in the middle of debate 1: it counts as abandoned once"
    )
    alone = asking(cockpit, given)
    in_the_middle(cockpit, debates=2)
    alone.kill()
    alone.communicate(timeout=60)
    script(provider)
    document = json.loads(cockpit(*given, "debate", "BTC", "--json").stdout)
    assert (document["debate_id"], document["status"]) == (3, "held")
    abandoned = events_of(cockpit, DebateAbandoned)
    assert [(each.debate_id, each.reason) for each in abandoned] == [
        (1, "the bot was interrupted"),
        (2, "the bot was interrupted"),
    ]
    assert "read models made anew" in cockpit("rebuild").stdout


def test_ctrl_c_leaves_a_running_bot_s_debate_alone_and_ends_one_s_own(cockpit, given, provider):
    script(provider, pause_s=0.2)
    spawn(cockpit.folder(), cockpit.arguments(*given, "host"), 60)
    person = asking(cockpit, given)
    in_the_middle(cockpit)
    person.send_signal(signal.SIGINT)
    stdout, stderr = person.communicate(timeout=60)
    assert (person.returncode, stdout) == (130, "")
    assert stderr == "debate 1 goes on in the bot, which journals it: `cockpit attach` shows it\n"
    wait_for(lambda: events_of(cockpit, DebateHeld))
    kill(cockpit.folder())
    script(provider, pause_s=1.0)
    alone = asking(cockpit, given)
    in_the_middle(cockpit, debates=2)
    alone.send_signal(signal.SIGINT)
    _, stderr = alone.communicate(timeout=60)
    assert (alone.returncode, stderr) == (130, "debate 2 was abandoned: stopped on request\n")
    (abandoned,) = events_of(cockpit, DebateAbandoned)
    assert (abandoned.debate_id, abandoned.reason) == (2, "the bot was stopped")
    assert running_pid(cockpit.folder()) is None


def test_on_a_terminal_it_unfolds_role_by_role_until_the_verdict_stands(cockpit, given, provider):
    script(provider, pause_s=0.2)
    command = cockpit.arguments(*given, "debate", "BTC")
    with Terminal(command, width=80, height=24) as terminal:
        terminal.wait_for("panel debates on BTC (debate 1)", "bull speaks", seconds=90)
        terminal.wait_for("5 of ", "▲ long 60%", "▼ short 60%", "◇ flat 60%", seconds=60)
        terminal.wait_for("judge speaks", seconds=60)
        assert terminal.wait_for_exit(60) == 0
        shown = terminal.text
    assert "judge speaks" not in shown
    assert "verdict" in shown
    assert "for 6 calls" in shown


def test_an_interrupted_debate_gives_the_terminal_back(cockpit, given, provider):
    script(provider, pause_s=1.0)
    with Terminal(cockpit.arguments(*given, "debate", "BTC"), width=80, height=24) as terminal:
        terminal.wait_for("bull speaks", seconds=90)
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.wait_for_exit(30) == 130
        assert "debate 1 was abandoned" in terminal.text
        assert not terminal.screen.cursor.hidden
