"""A run in which roles debate and cheap models are asked first: what its files and its report say of that."""

import csv
import json

import pytest

from tests.arena.mind_bot import BUY, said
from tests.arena.recorded_hours import hours_in
from tests.e2e.conftest import CommandLine
from tests.servers.model_server import Scripted
from tests.servers.threaded_server import threaded_server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

ROUNDS = 6
ARENA = """
[arena]
rounds = {rounds}
interval = "1h"
[market]
kind = "replay"
data = "{candles}"
speed = "max"
[models]
mode = "record"
attempts = 1
[breakers.agent]
errors = "off"
{routes}
[[agents]]
name = "court"
kind = "debate"
model = "openai/judge"
mind = {{ timeframes = ["1h", "4h"], debate = {{ analysts = ["bull", "bear"], quorum = 2, shadow = true, \
horizon_rounds = 2, tools = false, models = {{ bull = "openai/bull", bear = "openai/bear" }} }} }}
[[agents]]
name = "router"
kind = "llm"
model = "openai/large"
mind = {{ timeframes = ["1h", "4h"], routing = {{ cheap = ["openai/small"], min_confidence = 0.6 }} }}
[[agents]]
name = "cash"
"""
ROUTE = '[models.routes."openai/{}"]\napi_base = "{}"\ninput_price = 2.0\noutput_price = 10.0\n'
HOLD = {"signal": "hold", "confidence": 0.5}
DOUBTFUL = BUY | {
    "quantity": 1.0,
    "leverage": 1,
    "profit_target": 14.0,
    "stop_loss": 8.0,
    "invalidation_condition": "",
    "confidence": 0.4,
}


def claims(side, confidence):
    stances = {"BTC": {"stance": side, "confidence": confidence}}
    return Scripted(text=json.dumps({"argument": "It shows.", "signals": ["RSI"], "stances": stances}))


@pytest.fixture
def provider():
    with threaded_server() as server:
        server.script(claims("long", 0.7), model="bull")
        server.script(claims("short", 0.6), model="bear")
        server.script(Scripted(text=said(BTC=HOLD)), model="judge")
        server.script(Scripted(text=said(BTC=DOUBTFUL)), model="small")
        server.script(Scripted(text=said(BTC=HOLD)), model="large")
        yield server


@pytest.fixture
def given(tmp_path, provider):
    routes = "".join(ROUTE.format(name, provider.url) for name in ("judge", "bull", "bear", "small", "large"))
    path = tmp_path / "arena.toml"
    path.write_text(ARENA.format(rounds=ROUNDS, candles=hours_in(tmp_path), routes=routes))
    return ("--config", str(path))


def test_the_files_and_the_report_say_the_same_live_and_replayed(cockpit, given, provider, tmp_path):
    cockpit(*given, "run", "--accept-cost")
    session = cockpit.session()
    check_session(session)
    check_sheet(cockpit)
    check_report(cockpit)
    asked = provider.connections, len(provider.requests)
    second = CommandLine(tmp_path / "second")
    recording = str(cockpit.folder().root / "calls.jsonl")
    second(*given, "run", COCKPIT_MODELS__MODE="replay", COCKPIT_MODELS__RECORDING=recording)
    again = second.session()
    assert [each["what"] for each in again.pop("wall")["process"]] == ["bot started", "bot stopped"]
    del session["wall"]
    assert again == session
    assert (provider.connections, len(provider.requests)) == asked


def check_session(session):
    (court,) = session["debates"]["agents"]
    assert (court["debates"], court["agreement"], court["disagreed_share"]) == (ROUNDS, 0.5, 1.0)
    assert (court["verdicts"], court["compared_with_shadow"], court["shadow_differs_share"]) == (
        ROUNDS,
        ROUNDS,
        0.0,
    )
    assert [each["role"] for each in court["roles"]] == ["bull", "bear", "judge", "shadow"]
    assert {(each["forecasts"], each["scored"]) for each in court["roles"]} == {(ROUNDS, ROUNDS - 2)}
    (router,) = session["routing"]["agents"]
    assert (router["rounds_asked"], router["escalations"], router["changed"]) == (ROUNDS, ROUNDS, ROUNDS)
    assert router["triggers"]["confidence"] == ROUNDS
    assert (router["cost"], router["powerful_share"]) == (pytest.approx(ROUNDS * 0.008), 0.5)


def check_sheet(cockpit):
    (path,) = cockpit.folder().results.glob("leaderboard_*.csv")
    told = {line["agent"]: line for line in csv.DictReader(path.read_text().splitlines())}
    assert told["court"]["debates"] == str(ROUNDS)
    assert told["router"]["routing_escalations"] == str(ROUNDS)
    assert {told["cash"][name] for name in ("debates", "routing_escalations")} == {"n/a"}


def check_report(cockpit):
    printed = cockpit("report").stdout
    for title in ("Debates", "How right roles were", "Cheap models first: rounds", "What asking cost"):
        assert title in printed
    (page,) = cockpit.folder().results.glob("report_*.html")
    assert "<h2>Cheap models first: rounds</h2>" in page.read_text()
