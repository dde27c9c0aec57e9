"""The line to models that a bot's agents share: live, recorded, replayed, within budget, keys kept."""

import asyncio
import logging
import os
import stat
import threading
import time
from contextlib import aclosing
from dataclasses import replace

import msgspec
import pytest

from cockpit.agents.gateway import LiteLlmGateway
from cockpit.agents.models.model_call import CallFailed, CallFault
from cockpit.agents.models.recorded_call import TapeUnusable
from cockpit.agents.providers.api_keys import ApiKeys, KeysRefused
from cockpit.agents.providers.model_directory import ModelDirectory
from cockpit.agents.switchboard import RECORDING, Caller, Switchboard
from cockpit.domain.market import DAY_MS, Micros
from cockpit.settings.model_tree import BudgetSettings, ModelSettings
from tests.agents.model_desk import purpose, request
from tests.servers.model_server import DECISION, GOOD, NO_USAGE, RATE_LIMITED, ModelServer, Scripted

MODEL = "openai/scripted-1"
KEYED = "openai/keyed"
KEY = "sk-planted-0123456789abcdefghij"
PLANTED = {"PLANTED_API_KEY": KEY}


@pytest.fixture(scope="module", autouse=True)
def _loaded():
    """What asks models, loaded once: nothing here is about how long that takes."""

    async def load():
        async with aclosing(LiteLlmGateway(ModelDirectory([], ApiKeys({})))) as gateway:
            await gateway.ready()

    asyncio.run(load())


@pytest.fixture
async def server():
    async with ModelServer() as running:
        yield running


def settings_for(server, **given):
    route = {"api_base": server.url, "input_price": 2.0, "output_price": 10.0}
    routes = {MODEL: route, KEYED: route | {"key": "PLANTED_API_KEY"}}
    return ModelSettings(**({"routes": routes, "attempts": 1} | given))


def switchboard(server, environment=None, callers=None, **given):
    fox = Caller(models=(MODEL,), budget=BudgetSettings())
    return Switchboard(settings_for(server, **given), callers or {"fox": fox}, environment or {})


async def failure(line, model=MODEL):
    with pytest.raises(CallFailed) as failed:
        await line.call(request(model), purpose())
    return failed.value


async def test_live_a_call_reaches_the_model_and_is_paid_for(server, tmp_path):
    async with aclosing(switchboard(server)) as line:
        line.open(tmp_path, ())
        await line.ready()
        reply = await line.call(request(MODEL), purpose())
        assert (reply.text, reply.cost) == (DECISION, 4_000)
        assert abs(reply.asked_ms - time.time() * 1_000) < 10_000
        assert line.book.standing("fox").spent == line.book.standing().spent == 4_000
    assert not (tmp_path / RECORDING).exists()


async def test_before_it_is_open_nobody_is_asked(server):
    failed = await failure(switchboard(server))
    assert (failed.fault, failed.attempts) == (CallFault.UNREACHABLE, 0)
    assert "the bot is not running" in str(failed)


async def test_what_was_recorded_is_said_again_without_a_connection(server, tmp_path):
    server.script(
        replace(GOOD, text="first"), replace(GOOD, status=401, error="no"), replace(GOOD, text="last")
    )
    asked = [request(MODEL, content=f"{number}?") for number in range(3)]
    told = []
    for mode in ("record", "replay"):
        async with aclosing(switchboard(server, mode=mode)) as line:
            line.open(tmp_path, ())
            await line.ready()
            told.append([await outcome(line, each) for each in asked])
            if mode == "replay":
                assert "cockpit-models" not in {thread.name for thread in threading.enumerate()}
    assert told[0] == told[1]
    assert [each[0] for each in told[0]] == ["first", CallFault.DENIED, "last"]
    assert len(server.requests) == 3
    assert stat.S_IMODE((tmp_path / RECORDING).stat().st_mode) == 0o600


async def outcome(line, asked):
    try:
        reply = await line.call(asked, purpose())
    except CallFailed as failed:
        return failed.fault, str(failed), failed.latency_ms, failed.cost, failed.asked_ms
    return reply.text, reply.raw, reply.latency_ms, reply.cost, reply.asked_ms


async def test_a_call_that_was_never_recorded_is_named(server, tmp_path):
    async with aclosing(switchboard(server, mode="record")) as line:
        line.open(tmp_path, ())
        await line.call(request(MODEL), purpose())
    async with aclosing(switchboard(server, mode="replay")) as line:
        line.open(tmp_path, ())
        asked = request(MODEL, content="What now, then? JSON.")
        with pytest.raises(CallFailed) as failed:
            await line.call(asked, purpose())
    assert failed.value.fault is CallFault.NOT_RECORDED
    message = str(failed.value)
    assert f"no recording of {MODEL} for fox as decide in round 3, call {asked.key()}" in message
    assert "\n" not in message
    assert len(server.requests) == 1


async def test_a_recording_that_was_torn_off_is_told(server, tmp_path):
    async with aclosing(switchboard(server, mode="record")) as line:
        line.open(tmp_path, ())
        await line.call(request(MODEL), purpose())
    with (tmp_path / RECORDING).open("ab") as tape:
        tape.write(b'{"call":{"agent"')
    async with aclosing(switchboard(server, mode="replay")) as line:
        line.open(tmp_path, ())
        (notice,) = line.notices
        assert "16 bytes" in notice
        assert (await line.call(request(MODEL), purpose())).text == DECISION


async def test_settings_may_name_the_file_of_recorded_calls(server, tmp_path):
    tape = tmp_path / "elsewhere.jsonl"
    async with aclosing(switchboard(server, mode="record", recording=tape)) as line:
        line.open(tmp_path, ())
    assert tape.exists()
    assert not (tmp_path / RECORDING).exists()


def test_a_replay_without_a_recording_says_so_at_the_start(server, tmp_path):
    with pytest.raises(TapeUnusable, match=r"calls\.jsonl can't be read .*: record a session first"):
        switchboard(server, mode="replay").open(tmp_path, ())


# --- Who can't take part


@pytest.mark.parametrize(
    ("model", "environment", "variable"),
    [
        ("deepseek/deepseek-chat", {}, "DEEPSEEK_API_KEY"),
        ("gemini/gemini-2.5-pro", {}, "GEMINI_API_KEY"),
        ("gemini/gemini-2.5-pro", {"GOOGLE_API_KEY": "x" * 20}, None),
        ("deepseek/deepseek-chat", {"DEEPSEEK_API_KEY": " "}, "DEEPSEEK_API_KEY"),
        (KEYED, {}, "PLANTED_API_KEY"),
        (KEYED, PLANTED, None),
        (MODEL, {}, None),
        ("ollama/llama3", {}, None),
    ],
)
def test_who_has_no_key_is_told_which_variable_to_set(server, model, environment, variable):
    caller = Caller(models=(model,), budget=BudgetSettings())
    line = switchboard(server, environment, {"fox": caller})
    expected = f"there is no key for {model}: set {variable}, or put it in the file" if variable else ""
    assert line.grounded("fox").startswith(expected)
    assert bool(line.grounded("fox")) == bool(variable)
    assert line.grounded("someone else") == ""


def test_a_key_may_stand_in_a_file_that_only_its_user_can_read(server, tmp_path):
    keys = tmp_path / "keys.env"
    keys.write_text(f"PLANTED_API_KEY={KEY}\n")
    caller = {"fox": Caller(models=(KEYED,), budget=BudgetSettings())}
    keys.chmod(0o600)
    assert switchboard(server, {}, caller, keys_file=keys).grounded("fox") == ""
    keys.chmod(0o644)
    with pytest.raises(KeysRefused, match="chmod 600") as refused:
        switchboard(server, {}, caller, keys_file=keys)
    assert KEY not in str(refused.value)


async def test_a_replay_grounds_who_was_grounded_when_it_was_recorded(server, tmp_path):
    callers = {name: Caller(models=(KEYED,), budget=BudgetSettings()) for name in ("fox", "owl")}
    callers["owl"] = replace(callers["owl"], models=(MODEL,))
    async with aclosing(switchboard(server, {}, callers, mode="record")) as line:
        line.open(tmp_path, ())
        recorded = line.grounded("fox")
    assert "PLANTED_API_KEY" in recorded
    async with aclosing(switchboard(server, PLANTED, callers, mode="replay")) as line:
        line.open(tmp_path, ())
        assert (line.grounded("fox"), line.grounded("owl")) == (recorded, "")


async def test_a_replay_needs_no_key_where_the_recording_had_one(server, tmp_path):
    callers = {"fox": Caller(models=(KEYED,), budget=BudgetSettings())}
    async with aclosing(switchboard(server, PLANTED, callers, mode="record")) as line:
        line.open(tmp_path, ())
        await line.call(request(KEYED), purpose())
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    async with aclosing(switchboard(server, {}, callers, mode="replay")) as line:
        line.open(tmp_path, ())
        assert line.grounded("fox") == ""
        assert (await line.call(request(KEYED), purpose())).text == DECISION


@pytest.mark.parametrize(("environment", "is_loaded"), [({}, False), (PLANTED, True)])
async def test_where_nobody_can_take_part_nothing_is_loaded_or_waited_for(
    server, tmp_path, environment, is_loaded
):
    callers = {"fox": Caller(models=(KEYED,), budget=BudgetSettings())}
    async with aclosing(switchboard(server, environment, callers)) as line:
        line.open(tmp_path, ())
        await line.ready()
        assert ("cockpit-models" in {thread.name for thread in threading.enumerate()}) == is_loaded


# --- What may be spent


async def test_a_call_that_the_budget_has_no_room_for_is_not_made(server, tmp_path):
    callers = {"fox": Caller(models=(MODEL,), budget=BudgetSettings(per_day=0.0001))}
    async with aclosing(switchboard(server, {}, callers)) as line:
        line.open(tmp_path, ())
        failed = await failure(line)
    assert (failed.fault, failed.cost, failed.attempts) == (CallFault.BUDGET, 0, 0)
    assert "daily budget of fox" in str(failed)
    assert server.requests == []


async def test_what_was_spent_before_a_restart_counts(server, tmp_path):
    now_ms = round(time.time() * 1_000)
    callers = {name: Caller(models=(MODEL,), budget=BudgetSettings(per_day=1.0)) for name in ("fox", "owl")}
    spent = [("fox", now_ms - 2 * DAY_MS, Micros(900_000), ""), ("fox", now_ms, Micros(995_000), "")]
    async with aclosing(switchboard(server, {}, callers, budget=BudgetSettings(total=100))) as line:
        line.open(tmp_path, [*spent, ("owl", now_ms, None, "")])
        assert (line.book.standing("fox").spent, line.book.standing("fox").spent_today) == (
            1_895_000,
            995_000,
        )
        assert line.book.standing("owl").unknown_calls == 1
        assert "daily budget of fox" in str(await failure(line))
    assert server.requests == []


async def test_a_call_whose_cost_nobody_knows_counts_as_much_after_a_restart_as_before(server, tmp_path):
    server.script(NO_USAGE)
    now_ms = round(time.time() * 1_000)
    async with aclosing(switchboard(server, attempts=2)) as line:
        line.open(tmp_path, ())
        assert (await line.call(request(MODEL), purpose())).cost is None
        before = line.book.standing("fox")
    assert before.spent > 2 * 5_000
    async with aclosing(switchboard(server, attempts=2)) as line:
        line.open(tmp_path, [("fox", now_ms, None, msgspec.json.encode(request(MODEL)).decode())])
        assert line.book.standing("fox") == before


async def test_every_attempt_is_set_aside_for(server, tmp_path):
    once = {"fox": Caller(models=(MODEL,), budget=BudgetSettings(per_day=0.02))}
    for attempts, fault in ((1, None), (4, CallFault.BUDGET)):
        async with aclosing(switchboard(server, {}, once, attempts=attempts)) as line:
            line.open(tmp_path, ())
            if fault is None:
                await line.call(request(MODEL), purpose())
            else:
                assert (await failure(line)).fault is fault


async def test_a_price_nobody_knows_is_refused_under_a_budget_and_goes_without_one(server, tmp_path):
    routes = {MODEL: {"api_base": server.url}}
    async with aclosing(switchboard(server, routes=routes)) as line:
        line.open(tmp_path, ())
        assert (await line.call(request(MODEL), purpose())).cost is None
        assert line.book.standing("fox").unknown_calls == 1
    async with aclosing(switchboard(server, routes=routes, budget=BudgetSettings(total=5))) as line:
        line.open(tmp_path, ())
        assert "declare the model's price" in str(await failure(line))
    assert len(server.requests) == 1


async def test_a_replay_spends_nothing(server, tmp_path):
    async with aclosing(switchboard(server, mode="record")) as line:
        line.open(tmp_path, ())
        await line.call(request(MODEL), purpose())
    async with aclosing(switchboard(server, mode="replay", budget=BudgetSettings(total=0))) as line:
        line.open(tmp_path, ())
        assert (await line.call(request(MODEL), purpose())).cost == 4_000
        assert line.book.standing().spent == 0


async def test_a_busy_provider_is_tried_as_often_as_settings_say(server, tmp_path):
    server.script(RATE_LIMITED, RATE_LIMITED, GOOD)
    async with aclosing(switchboard(server, attempts=3)) as line:
        line.open(tmp_path, ())
        assert (await line.call(request(MODEL), purpose())).attempts == 3


# --- Keys


SPILLING = {
    "in an answer": Scripted(text=f'{{"BTC": {{"signal": "hold", "justification": "my key is {KEY}"}}}}'),
    "in pieces": Scripted(text=f"my key is {KEY}", piece_chars=3),
    "in a refusal": Scripted(status=401, error=f"Incorrect API key provided: {KEY}"),
    "in an outage": Scripted(status=500, error=f"{{'authorization': 'Bearer {KEY}'}}"),
    "in the limit": Scripted(status=429, error=f"slow down, {KEY}", headers={"Retry-After": "0"}),
}


@pytest.mark.parametrize("where", list(SPILLING))
async def test_a_key_that_a_provider_spills_is_told_nowhere(server, tmp_path, caplog, capfd, where):
    caplog.set_level(logging.DEBUG)
    server.script(SPILLING[where])
    callers = {"fox": Caller(models=(KEYED,), budget=BudgetSettings())}
    heard, told = [], ""
    async with aclosing(switchboard(server, PLANTED, callers, mode="record", attempts=2)) as line:
        line.open(tmp_path, ())
        try:
            told = str(await line.call(request(KEYED), purpose(on_words=heard.append)))
        except CallFailed as failed:
            cause = failed.__cause__
            told = f"{failed!r} {cause!r}"
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert told
    printed = "".join(capfd.readouterr())
    for text in (told, "".join(heard), caplog.text, printed, (tmp_path / RECORDING).read_text()):
        assert KEY not in text
    assert sorted(path.name for path in tmp_path.iterdir()) == [RECORDING]
    assert KEY not in os.environ.values()
