"""Runs, reliability, costs, models, tools and strategies over the API; and the same where no bot runs."""

import time
from dataclasses import replace

import pytest

from cockpit.agents.tools.toolbox import TOOLS
from cockpit.arena.leaderboard import leaderboard
from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient, BotRefused
from cockpit.daemon.journal_answers import JournalAnswers
from cockpit.daemon.server import ApiServer
from cockpit.domain.debates import Debate, DebateMessage
from cockpit.domain.decisions import FailureKind, ModelCall
from cockpit.domain.events import DebateHeld, DecisionFailed, ModelCalled
from cockpit.domain.market import HOUR_MS, Micros
from cockpit.journal.errors import JournalUnavailable, UnknownIdent
from cockpit.settings.resolve import resolve
from cockpit.settings.tree import Settings
from cockpit.strategies.catalog import STRATEGIES
from tests.daemon.conftest import STANDING_STILL, OpenBot, commit

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVIL = "evil/[b]x[/b]"
MINDS = STANDING_STILL | {
    "models": {
        "mode": "live",
        "repair": "openai/gpt-4o-mini",
        "budget": {"per_day": 2.0},
        "routes": {"openai/own": {"api_base": "http://127.0.0.1:9/v1", "input_price": 1, "output_price": 2}},
    },
    "agents": [
        {
            "name": "ann",
            "kind": "llm",
            "model": "deepseek/deepseek-chat",
            "mind": {"budget": {"total": 0.5}, "timeframes": ["1m", "3m"]},
        },
        {"name": "cash"},
    ],
}


def called(call_id: int, model: str, **facts: object) -> ModelCalled:
    asked = {"role": "decide", "model": model, "key": "k", "request": "{}", "attempts": 1}
    asked["asked_ms"] = time.time_ns() // 1_000_000
    return ModelCalled(call_id=call_id, agent="ann", round=1, call=ModelCall(**(asked | facts)))  # type: ignore[arg-type]


async def test_a_run_is_told_with_who_leads_and_every_agent_s_standing(
    played: BotClient, played_bot: Bot
) -> None:
    (line,) = await played.get("/runs")
    standing = leaderboard(played_bot.state)
    assert line["finish_reason"] == played_bot.state.finished
    assert line["rounds_closed"] == 60
    assert line["decisions"] == sum(agent.decisions for agent in played_bot.state.agents.values())
    assert (line["control"], line["calls"], line["cost_at_least"]) == ("buy_and_hold", 0, None)
    detail = await played.get("/runs/run-1")
    cards = {each["agent"]: each for each in detail["contestants"]}
    assert cards.keys() == {row.agent for row in standing}
    assert {name for name, each in cards.items() if each["is_control"]} == {"buy_and_hold", "cash", "random"}
    assert cards[line["leader"]]["rank"] == 1
    assert {key: detail[key] for key in line} == line


async def test_reliability_is_told_over_the_run_and_over_stretches_of_it(open_bot: OpenBot) -> None:
    bot = await open_bot(STANDING_STILL | {"agents": [{"name": "cash"}, {"name": "random"}]})
    old = DecisionFailed(agent="cash", round=1, failure=FailureKind.CRASH, message="x")
    await commit(bot, old)
    bot.coordinator.recorder.now_ms += 2 * HOUR_MS
    await commit(bot, replace(old, failure=FailureKind.TIMEOUT))
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        whole = await client.get("/reliability")
        assert (whole["run_id"], whole["window"]) == ("run-1", "all")
        assert [each["agent"] for each in whole["agents"]] == ["cash", "random"]
        assert whole["agents"][0]["failures"] == {"crash": 1, "timeout": 1}
        for window, failures in (("1h", {"timeout": 1}), ("7d", {"crash": 1, "timeout": 1})):
            told = await client.get("/reliability", window=window)
            assert told["agents"][0]["failures"] == failures
        with pytest.raises(BotRefused, match="no run none"):
            await client.get("/reliability", run="none")
        with pytest.raises(BotRefused, match="window"):
            await client.get("/reliability", window="ever")


async def test_models_are_told_with_prices_keys_uses_and_what_the_run_asked_of_them(
    open_bot: OpenBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-key-12345")
    bot = await open_bot(MINDS)
    model = "deepseek/deepseek-chat"
    await commit(
        bot,
        called(1, model, cost=Micros(1_500), latency_ms=400),
        called(2, model, cost=None, latency_ms=800),
        called(3, model, cost=Micros(0), fault="timeout", latency_ms=9_000),
    )
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        found = {each["model"]: each for each in await client.get("/models")}
    assert list(found) == [model, "openai/gpt-4o-mini", "openai/own"]
    asked = found[model]
    assert asked["uses"] == [{"agent": "ann", "role": "decide"}]
    assert (asked["provider"], asked["missing_key"]) == ("deepseek", "DEEPSEEK_API_KEY")
    assert (asked["calls"], asked["failed_calls"], asked["unpriced_calls"]) == (3, 1, 1)
    assert (asked["cost_at_least"], asked["median_latency_s"], asked["benched_for_s"]) == (0.0015, 0.6, 0)
    assert asked["price_source"] == "litellm"
    mender = found["openai/gpt-4o-mini"]
    assert mender["uses"] == [{"agent": "ann", "role": "repair"}]
    assert (mender["missing_key"], mender["key_variable"]) == (None, "OPENAI_API_KEY")
    assert (mender["calls"], mender["median_latency_s"], mender["cost_at_least"]) == (0, None, None)
    own = found["openai/own"]
    assert own["uses"] == []
    assert own["prices"] == [{"above_tokens": 0, "input_usd": 1.0, "output_usd": 2.0}]
    assert (own["price_source"], own["context_tokens"], own["keeps_schema"]) == ("settings", None, None)
    assert "planted" not in str(found)


async def test_a_bot_of_rules_has_no_models_and_every_tool_and_strategy(
    played: BotClient, played_bot: Bot
) -> None:
    assert await played.get("/models") == []
    tools = await played.get("/tools")
    assert [each["name"] for each in tools] == [tool.name for tool in TOOLS]
    bars = next(each for each in tools if each["name"] == "bars")
    count = next(each for each in bars["parameters"] if each["name"] == "count")
    assert (count["minimum"], count["maximum"], count["default"], count["is_required"]) == (1, 50, 20, False)
    assert all(each["uses"] == {} for each in tools)
    strategies = {each["name"]: each for each in await played.get("/strategies")}
    assert list(strategies) == list(STRATEGIES)
    ranks = {row.agent: row.rank for row in leaderboard(played_bot.state)}
    for name, each in strategies.items():
        assert [(user["agent"], user["rank"]) for user in each["agents"]] == [(name, ranks[name])]
        assert all(spec["low"] <= spec["default"] <= spec["high"] for spec in each["parameters"])
    assert {name for name, each in strategies.items() if each["is_control"]} == {
        "buy_and_hold",
        "cash",
        "random",
    }


async def test_tools_are_told_with_how_often_each_role_used_them(open_bot: OpenBot) -> None:
    bot = await open_bot(MINDS)
    messages = tuple(
        DebateMessage(turn=1, role=role, model="x/y", tools=tools)
        for role, tools in (("bull", ("bars", "bars", "quote")), ("bear", ("bars",)))
    )
    held = Debate(
        symbols=("BTC/USDC:USDC",),
        messages=messages,
        consensus=(),
        agreement=None,
        is_disagreed=False,
        shadow=None,
        prompt_version="v",
        horizon_ms=HOUR_MS,
    )
    await commit(bot, DebateHeld(debate_id=1, agent="ann", round=1, first_call_id=1, debate=held))
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        uses = {each["name"]: each["uses"] for each in await client.get("/tools") if each["uses"]}
    assert uses == {"bars": {"bear": 1, "bull": 2}, "quote": {"bull": 1}}


async def test_costs_are_told_by_model_as_well_and_with_what_is_used_of_budgets(
    open_bot: OpenBot,
) -> None:
    bot = await open_bot(MINDS)
    await commit(bot, called(1, "x/one", cost=Micros(2_000)), called(2, EVIL, cost=None))
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        costs = await client.get("/costs")
    assert costs["models"] == [
        {"model": EVIL, "calls": 1, "unpriced_calls": 1, "cost_at_least": None},
        {"model": "x/one", "calls": 1, "unpriced_calls": 0, "cost_at_least": 0.002},
    ]
    assert costs["projected_daily_cost"] is None
    everybody, ann = costs["budgets"]
    assert (everybody["agent"], everybody["daily_limit"], everybody["total_limit"]) == (None, 2.0, None)
    assert (ann["agent"], ann["daily_limit"], ann["total_limit"]) == ("ann", None, 0.5)
    assert {each["spent"] for each in costs["budgets"]} == {0.0}


async def test_where_no_bot_runs_its_journal_and_settings_tell_the_same(
    open_bot: OpenBot, played: BotClient, played_bot: Bot
) -> None:
    tree = resolve(environment={}, flags={"agents": [{"name": name} for name in STRATEGIES]}).settings
    stopped = JournalAnswers(played_bot.folder, lambda: tree, lambda: time.time_ns() // 1_000_000)
    lists = ("/runs", "/costs", "/reliability", "/models", "/tools", "/orders", "/calls", "/debates")
    for path in (*lists, "/runs/run-1", "/audit/order:1"):
        assert await stopped.get(path) == await played.get(path), path
    assert await stopped.get("/reliability", window="1h") == await played.get("/reliability", window="1h")
    names = [each["name"] for each in await stopped.get("/strategies") if each["agents"]]
    assert names == list(STRATEGIES)
    done = await stopped.get("/orders", status="done", limit=3)
    assert done == await played.get("/orders", status="done", limit=3) != []
    with pytest.raises(UnknownIdent, match="no run none"):
        await stopped.get("/runs/none")
    with pytest.raises(UnknownIdent, match="no debate 7"):
        await stopped.get("/debates/7")


async def test_where_no_bot_has_run_the_library_is_told_and_the_runs_are_not(folder) -> None:  # type: ignore[no-untyped-def]
    nowhere = JournalAnswers(folder, Settings, lambda: 0)
    assert len(await nowhere.get("/strategies")) == len(STRATEGIES)
    assert len(await nowhere.get("/tools")) == len(TOOLS)
    assert await nowhere.get("/models") == []
    with pytest.raises(JournalUnavailable, match="no bot has run there yet"):
        await nowhere.get("/runs")


async def test_a_file_of_keys_that_broke_is_told_in_a_line(open_bot: OpenBot, tmp_path) -> None:  # type: ignore[no-untyped-def]
    routes = {"routes": {"x/spare": {"input_price": 1, "output_price": 1}}, "keys_file": str(tmp_path / "no")}
    bot = await open_bot(STANDING_STILL | {"models": routes, "agents": [{"name": "cash"}]})
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        with pytest.raises(BotRefused, match=r"the keys in .* can't be read") as refused:
            await client.get("/models")
    assert refused.value.status == 503
