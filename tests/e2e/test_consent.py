"""Before models are asked about recorded candles a person is asked: on a real terminal, of real processes."""

import sqlite3
from contextlib import closing

import pytest

from tests.arena.mind_bot import said
from tests.arena.recorded_hours import hours_in
from tests.e2e.terminal import Terminal
from tests.e2e.waiting import kill, wait_for
from tests.servers.model_server import Scripted
from tests.servers.threaded_server import threaded_server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

ROUNDS = 5
ARENA = """
[arena]
rounds = {rounds}
interval = "1h"
[market]
kind = "replay"
data = "{candles}"
speed = "max"
[models]
attempts = 1
[models.routes."openai/fox"]
api_base = "{url}"
input_price = 2.0
output_price = 10.0
[[agents]]
name = "fox"
kind = "llm"
model = "openai/fox"
mind = {{ timeframes = ["1h", "4h"], max_tokens = 300 }}
[[agents]]
name = "cash"
"""


@pytest.fixture
def provider():
    with threaded_server(Scripted(text=said(BTC={"signal": "hold"}))) as server:
        yield server


@pytest.fixture
def given(tmp_path, provider):
    """The settings, as arguments."""
    path = tmp_path / "arena.toml"
    path.write_text(ARENA.format(rounds=ROUNDS, candles=hours_in(tmp_path), url=provider.url))
    return ("--config", str(path))


def asked(provider):
    return provider.connections, len(provider.requests)


def runs_of(folder):
    """Which runs there are, and whether each of their processes was accepted."""
    query = (
        "SELECT run_id, json_extract(payload, '$.cost_accepted') FROM events"
        " WHERE kind = 'bot_started' ORDER BY seq"
    )
    with closing(sqlite3.connect(folder.journal)) as connection:
        found = connection.execute(query).fetchall()
    names = list(dict.fromkeys(name for name, _ in found))
    return [(names.index(name) + 1, bool(accepted)) for name, accepted in found]


def answered(cockpit, given, *command, answer):
    """What a command's terminal shows in the end, and its exit code, once a person has answered."""
    with Terminal(cockpit.arguments(*given, *command)) as terminal:
        terminal.wait_for("What models would be asked in 5 rounds", "look-ahead", "Go on? [y/N]", seconds=60)
        terminal.press(answer)
        wait_for(lambda: terminal.read(0.1) or terminal.process.poll() is not None)
        terminal.read(0.2)
        return terminal.text, terminal.process.returncode


def test_without_a_person_nobody_is_asked_and_nothing_begins(cockpit, given, provider):
    for command in ("run", "start"):
        refused = cockpit(*given, command, code=2)
        assert refused.stdout == ""
        assert refused.stderr.startswith(
            "cockpit: models would be asked about recorded candles: about 5 calls"
        )
        assert "--accept-cost" in refused.stderr
        assert refused.stderr.count("\n") == 1
    assert asked(provider) == (0, 0)
    assert not cockpit.folder().root.exists()


def test_the_background_process_itself_refuses_too(cockpit, given, provider):
    """Whatever starts it: the dashboard hands on no yes."""
    refused = cockpit(*given, "host", code=2)
    assert "--accept-cost" in refused.stderr
    assert asked(provider) == (0, 0)
    assert not cockpit.folder().journal.exists()


@pytest.mark.parametrize("answer", ["n\r", "\r"])
def test_a_person_who_does_not_say_yes_starts_nothing(cockpit, given, provider, answer):
    text, code = answered(cockpit, given, "run", answer=answer)
    assert code == 2
    assert "cockpit: nothing was started: the cost was not accepted" in text
    assert asked(provider) == (0, 0)
    assert not cockpit.folder().root.exists()


def test_a_person_who_says_yes_gets_a_run_in_which_every_round_asks(cockpit, given, provider):
    text, code = answered(cockpit, given, "run", answer="y\r")
    assert code == 0, text
    assert len(provider.requests) == ROUNDS
    assert runs_of(cockpit.folder()) == [(1, True)]
    assert "look-ahead" in text


def test_one_yes_is_for_one_run_however_often_its_bot_is_started(cockpit, given, monkeypatch):
    """`up` and `start` go on without a question; only a new run is another."""
    monkeypatch.setenv("COCKPIT_MARKET__SPEED", "1")
    _, code = answered(cockpit, given, "start", answer="y\r")
    assert code == 0
    folder = cockpit.folder()
    kill(folder)
    cockpit(*given, "start")
    kill(folder)
    with Terminal(cockpit.arguments(*given, "up")) as terminal:
        terminal.wait_for("RUNNING", seconds=60)
        assert "Go on?" not in terminal.text
        terminal.press("q")
        wait_for(lambda: terminal.read(0.1) or terminal.process.poll() is not None)
    kill(folder)
    assert runs_of(folder) == [(1, True), (1, False), (1, False)]
    assert "--accept-cost" in cockpit(*given, "start", "--new", code=2).stderr
    cockpit(*given, "start", "--new", "--accept-cost")
    kill(folder)
    assert runs_of(folder) == [(1, True), (1, False), (1, False), (2, True)]


def test_a_yes_given_beforehand_still_shows_what_it_is_to(cockpit, given, provider):
    done = cockpit(*given, "run", "--accept-cost")
    assert "What models would be asked in 5 rounds" in done.stderr
    assert "Go on?" not in done.stderr
    assert len(provider.requests) == ROUNDS
    assert cockpit.session()["wall"]["process"][0]["cost_accepted"] is True
