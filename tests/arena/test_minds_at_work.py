"""Arenas of models that answer well, badly, late or with malice: each counts as what it is, nobody waits."""

import asyncio
import os
import re
from itertools import pairwise
from time import monotonic

import pytest

from cockpit.arena.narration import narrate
from cockpit.domain.events import (
    AgentGrounded,
    BotStarted,
    BotStopped,
    DecisionFailed,
    DecisionMade,
    ModelCalled,
    RoundClosed,
    RoundOpened,
)
from cockpit.journal.journal import Journal
from cockpit.report.export import export_results
from cockpit.trading.state import conserved_difference
from tests.arena.mind_bot import BUY, events_of, flags, mind, opened, played, read_models, rows, said
from tests.servers import model_server as scripts
from tests.servers.model_server import GOOD, HOSTILE, HOSTILE_TEXTS, ModelServer, Scripted

ROUNDS = 4
TIMEOUT_S = 2.0
"""Of the one that hangs; the others may take as long as a busy machine needs."""

NO_BREAKERS = {"agent": {"errors": "off", "consecutive_refusals": "off"}, "arena": {"errors": "off"}}
SCRIPTS = {
    "good": [Scripted(text=said(BTC=BUY)), Scripted(text=said(BTC={"signal": "hold"}))],
    "fenced": [scripts.FENCED],
    "truncated": [scripts.TRUNCATED],
    "prose": [scripts.PROSE],
    "wrong_symbol": [scripts.WRONG_SYMBOL],
    "not_a_number": [scripts.NOT_A_NUMBER],
    "limited": [scripts.RATE_LIMITED, GOOD],
    "broken": [scripts.BROKEN],
    "hanging": [scripts.HANGING],
    "slow": [Scripted(text=GOOD.text, piece_chars=30, pause_s=0.03)],
    **{name: [script] for name, script in HOSTILE.items()},
    "hostile_buyer": [
        Scripted(text=said(BTC=BUY | {"justification": HOSTILE_TEXTS[name], "quantity": 0.01 + number / 1e3}))
        for number, name in enumerate(("markup", "ansi", "osc", "bidi"))
    ],
}

# fmt: off
COUNTED = {  # decisions, of them with something refused, failures by kind
    "good":         (4, 0, {}),
    "fenced":       (4, 0, {}),
    "truncated":    (0, 0, {"invalid": 4}),
    "prose":        (0, 0, {"invalid": 4}),
    "wrong_symbol": (4, 4, {}),
    "not_a_number": (4, 4, {}),
    "limited":      (4, 0, {}),
    "broken":       (0, 0, {"unanswered": 4}),
    "hanging":      (0, 0, {"timeout": 3, "unanswered": 1}),  # then it is benched
    "slow":         (4, 0, {}),
    **{name: (0, 0, {"invalid": 4}) for name in HOSTILE},
    "hostile_buyer": (4, 3, {}),  # it may not add to what it has
    "buy_and_hold": (4, 0, {}),
}
# fmt: on


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch):
    """Nobody's own keys count here."""
    for name in list(os.environ):
        if name.endswith("_API_KEY"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def arena(tmp_path_factory):
    """The folder of an arena of all of them, real seconds from round to round, and its last state."""
    path = tmp_path_factory.mktemp("minds") / "arena"

    async def play():
        async with ModelServer() as server:
            for name, answers in SCRIPTS.items():
                server.script(*answers, model=name)
            agents = [mind(name, timeout="2s" if name == "hanging" else "30s") for name in SCRIPTS]
            given = flags(server, agents, rounds=ROUNDS, models={"concurrency": 32}, breakers=NO_BREAKERS)
            bot = await opened(path, given)
            closed_s = []

            def listen(recorded):
                closed_s.extend(monotonic() for each in recorded if isinstance(each.event, RoundClosed))

            bot.listen(listen)
            await bot.run()
            await bot.close("the run is over")
            export_results(bot.folder, bot.state.run_id, wall_ms=0)
            return bot.state, [later - earlier for earlier, later in pairwise(closed_s)]

    state, took = asyncio.run(play())
    return path, took, state


def test_each_answer_is_counted_as_what_it_is(arena):
    path, _, state = arena
    made, refused, failed = {}, {}, {}
    for event in events_of(path, DecisionMade, DecisionFailed):
        if isinstance(event, DecisionMade):
            made[event.agent] = made.get(event.agent, 0) + 1
            refused[event.agent] = refused.get(event.agent, 0) + bool(event.refused)
        else:
            kinds = failed.setdefault(event.agent, {})
            kinds[str(event.failure)] = kinds.get(str(event.failure), 0) + 1
    found = {name: (made.get(name, 0), refused.get(name, 0), failed.get(name, {})) for name in state.agents}
    assert found == COUNTED
    assert conserved_difference(state) == 0


def test_nobody_is_delayed_beyond_the_slowest_that_is_allowed(arena):
    _, took, _ = arena
    assert len(took) == ROUNDS - 1
    assert all(waited >= TIMEOUT_S for waited in took[:-1])
    assert took[-1] < max(took)  # the one that hangs is benched


def test_who_answers_well_trades_whatever_the_others_do(arena):
    path, _, state = arena
    assert state.agents["good"].account.positions
    assert state.agents["buy_and_hold"].account.positions
    assert rows(path, "SELECT DISTINCT agent FROM fills ORDER BY agent") == [
        ("buy_and_hold",),
        ("good",),
        ("hostile_buyer",),
    ]


def test_every_call_is_kept_with_what_it_cost(arena):
    path, _, state = arena
    calls = rows(
        path, "SELECT agent, count(*), sum(fault <> ''), sum(attempts) FROM llm_calls GROUP BY agent"
    )
    found = {agent: tuple(counts) for agent, *counts in calls}
    assert found["good"] == (4, 0, 4)
    assert found["limited"] == (4, 0, 5)
    assert found["hanging"] == (4, 4, 3)
    *counted, tries = found["broken"]
    assert counted == [4, 4]
    assert 3 <= tries <= 6, "two tries a round where there is time for both, and none once it is benched"
    assert set(found) == set(SCRIPTS)
    for name, agent in state.agents.items():
        (kept,) = rows(path, f"SELECT coalesce(sum(cost_micros), 0) FROM llm_calls WHERE agent = '{name}'")
        assert agent.model_use.cost == kept[0]
    assert state.agents["good"].model_use.cost == 4 * 4_000


def test_hostile_words_are_inert_in_every_file_that_people_open(arena):
    path, _, _ = arena
    told = [path / "cockpit.log", *(path / "results").iterdir()]
    shown = "".join(file.read_text() for file in told if file.exists() and file.suffix != ".html")
    assert "hostile_buyer" in shown
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f]", shown)
    for event in events_of(path):
        assert narrate(event, {}).isprintable()


def test_the_journal_alone_gives_the_same_read_models(arena):
    path, _, _ = arena
    before = read_models(path)
    journal = Journal.open(path / "journal.sqlite")
    journal.rebuild()
    journal.close()
    assert read_models(path) == before
    assert len(before["llm_calls"]) == ROUNDS * len(SCRIPTS)


def test_model_calls_are_narrated_and_those_in_vain_stand_out(arena):
    path, _, _ = arena
    told = [narrate(each, {}) for each in events_of(path, ModelCalled)]
    assert re.fullmatch(r"good asked openai/good \(decide\): \S+, \$0\.0040", told[0]), told[0]
    vain = [line for line in told if "in vain" in line]
    assert any(line.startswith("hanging asked openai/hanging (decide) in vain (timeout): ") for line in vain)
    assert any("in vain (server): " in line for line in vain)
    assert any("in vain (benched): " in line for line in vain)


# --- Recorded and replayed


def decided(path):
    """The events, but for when the process came and went."""
    return [each for each in events_of(path) if not isinstance(each, BotStarted | BotStopped)]


async def test_a_recorded_session_is_replayed_to_the_same_events_without_a_call(tmp_path):
    async with ModelServer() as server:
        holds = Scripted(text=said(BTC={"signal": "hold"}))
        closes = Scripted(text=said(BTC={"signal": "close"}))
        for name in ("fox", "owl"):
            server.script(Scripted(text=said(BTC=BUY), first_after_s=0.05), holds, closes, holds, model=name)
        server.script(scripts.PROSE, *[scripts.BROKEN] * 2, scripts.HANGING, scripts.PROSE, model="elk")
        agents = [
            mind("fox"),
            mind("owl"),
            mind("elk", timeout="1s"),
            mind("mute", model="deepseek/deepseek-chat"),
        ]
        tape = {"recording": str(tmp_path / "calls.jsonl")}
        given = flags(server, agents, rounds=5, routes={"deepseek/deepseek-chat": {}})
        for mode in ("record", "replay"):
            await played(
                tmp_path / mode / "arena", given | {"models": given["models"] | tape | {"mode": mode}}
            )
            if mode == "record":
                asked = len(server.requests), server.connections
        assert (len(server.requests), server.connections) == asked
    recorded, replayed = decided(tmp_path / "record/arena"), decided(tmp_path / "replay/arena")
    assert replayed == recorded
    assert {type(each) for each in recorded} >= {ModelCalled, DecisionMade, DecisionFailed, AgentGrounded}
    assert len(rows(tmp_path / "replay/arena", "SELECT * FROM fills WHERE agent IN ('fox', 'owl')")) >= 4


async def test_a_call_missing_on_the_tape_is_its_agent_s_failure_and_names_the_call(tmp_path):
    async with ModelServer() as server:
        tape = {"recording": str(tmp_path / "calls.jsonl")}
        given = flags(server, [mind("fox")], rounds=2)
        await played(tmp_path / "record", given | {"models": given["models"] | tape | {"mode": "record"}})
        longer = given | {"arena": {"rounds": 3, "interval": "1m"}}
        await played(tmp_path / "replay", longer | {"models": given["models"] | tape | {"mode": "replay"}})
    (failed,) = events_of(tmp_path / "replay", DecisionFailed)
    assert failed.round == 3
    assert "no recording of openai/fox for fox as decide in round 3, call " in failed.message


# --- Who can't take part


async def test_without_a_key_an_agent_stays_on_the_ground_and_the_arena_flies(tmp_path):
    async with ModelServer() as server:
        agents = [mind("fox"), mind("mute", model="deepseek/deepseek-chat")]
        await played(tmp_path / "arena", flags(server, agents, routes={"deepseek/deepseek-chat": {}}))
    (grounded,) = events_of(tmp_path / "arena", AgentGrounded)
    assert narrate(grounded, {}).startswith(
        "mute can't take part: there is no key for deepseek/deepseek-chat: set DEEPSEEK_API_KEY"
    )
    assert rows(tmp_path / "arena", "SELECT DISTINCT agent FROM llm_calls") == [("fox",)]
    assert len(events_of(tmp_path / "arena", RoundOpened)) == 4


async def test_who_gets_a_key_takes_part_again_in_the_same_run(tmp_path, monkeypatch):
    async with ModelServer() as server:
        given = flags(server, [mind("fox")], rounds=3)
        given["models"]["routes"]["openai/fox"] |= {"key": "FOX_API_KEY"}
        given["market"]["speed"] = 0.001
        bot = await opened(tmp_path / "arena", given)
        await bot.close("stopped")
        monkeypatch.setenv("FOX_API_KEY", "planted-0123456789")
        given["market"]["speed"] = "max"
        bot = await opened(tmp_path / "arena", given, new=False)
        await bot.run()
        await bot.close("over")
    told = [narrate(each, {}) for each in events_of(tmp_path / "arena", AgentGrounded)]
    assert [line.partition(":")[0] for line in told] == ["fox can't take part", "fox takes part again"]
    assert bot.state.agents["fox"].decisions == 3


# --- Keys

KEY = "sk-planted-0123456789abcdefghij"
SPILLING = (
    Scripted(status=401, error=f"Incorrect API key provided: {KEY}"),
    Scripted(text=said(BTC={"signal": "hold", "justification": f"the key is {KEY}"}), piece_chars=5),
    Scripted(text=said(BTC=BUY | {"justification": f"the key is {KEY}"})),
    Scripted(status=500, error=f"{{'authorization': 'Bearer {KEY}'}}"),
    Scripted(text=f"no JSON, but {KEY}"),
    Scripted(status=400, error=f"bad header x-api-key: {KEY}"),
)


async def test_a_key_stands_in_no_file_whatever_fails_and_whoever_spills_it(tmp_path, monkeypatch):
    keys = tmp_path / "keys.env"
    keys.write_text(f"FOX_API_KEY={KEY}\n")
    keys.chmod(0o600)
    path = tmp_path / "state" / "arena"
    async with ModelServer() as server:
        server.script(*SPILLING, model="fox")
        models = {"keys_file": str(keys), "mode": "record", "attempts": 1}
        given = flags(server, [mind("fox", timeout="30s")], rounds=len(SPILLING), models=models)
        given["models"]["routes"]["openai/fox"] |= {"key": "FOX_API_KEY"}
        bot = await played(path, given | {"breakers": NO_BREAKERS})
        export_results(bot.folder, bot.state.run_id, wall_ms=0)
        assert {each.headers["authorization"] for each in server.requests} == {f"Bearer {KEY}"}
    files = [each for each in path.rglob("*") if each.is_file()]
    assert {"journal.sqlite", "state.json", "calls.jsonl"} <= {each.name for each in files}
    assert any(each.suffix == ".html" for each in files)
    assert [each.name for each in files if KEY.encode() in each.read_bytes()] == []
    assert len(events_of(path, ModelCalled)) == len(SPILLING)
