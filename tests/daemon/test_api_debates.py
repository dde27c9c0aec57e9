"""Debates over the API: asked for, followed while they are held, and read afterwards; models are scripted."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
import pytest_asyncio

from cockpit.daemon import request_desk
from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient, BotRefused, PassingMessage, PassingWords
from cockpit.daemon.server import ApiServer
from cockpit.domain.events import DebateAbandoned, DebateHeld, Recorded
from tests.agents.debate.debate_stage import statement
from tests.arena.panel_bot import ANALYSTS, REASON, SIDES, panel_settings, script
from tests.daemon.conftest import STANDING_STILL, OpenBot, plain_http
from tests.servers.model_server import HOSTILE_TEXTS, ModelServer, Scripted

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOLD = '{"BTC": {"signal": "hold", "confidence": 0.5}}'
ASK: dict[str, Any] = {"symbol": "BTC", "by": "a test"}


@pytest_asyncio.fixture(loop_scope="session")
async def models(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelServer]:
    monkeypatch.setenv("PANEL_API_KEY", "sk-planted-0123456789abcdefghij")
    async with ModelServer() as server:
        yield server


async def opened(open_bot: OpenBot, models: ModelServer, *, rounds: int = 0, **given: Any) -> Bot:
    """A bot whose agent can debate, after at least so many rounds of its run; then time stands still."""
    bot = await open_bot(panel_settings(models.url, rounds=rounds + 5, **given))

    def look(_: object) -> None:
        if bot.state.rounds_closed >= rounds:
            bot.request_stop(now=False, flatten=False)

    if rounds:
        bot.listen(look)
        await bot.run()
    return bot


async def told_of(client: BotClient, since: int) -> list[Any]:
    """What a stream tells after a place, until a debate that was asked for is over."""
    told: list[Any] = []
    async with asyncio.timeout(30), aclosing(client.events(since, words=True)) as events:
        async for message in events:
            told.append(message)
            over = isinstance(message, Recorded) and isinstance(message.event, DebateHeld | DebateAbandoned)
            if over and getattr(message.event, "asked", True):
                break
    return told


async def debated(client: BotClient, bot: Bot, **ask: Any) -> dict[str, Any]:
    """A debate that was asked for, once it is over."""
    since = bot.state.seq
    taken = await client.post("/debates", **ASK | ask)
    await told_of(client, since)
    found: dict[str, Any] = await client.get(f"/debates/{taken['debate_id']}")
    return found


async def test_a_debate_is_taken_at_once_and_told_word_by_word_and_turn_by_turn(
    open_bot: OpenBot, models: ModelServer
) -> None:
    script(models, pause_s=0.1)
    bot = await opened(open_bot, models)
    async with (
        ApiServer(bot) as server,
        BotClient(server.folder.socket) as client,
        plain_http(server) as http,
    ):
        since = bot.state.seq
        answer = await http.post("/debates", json=ASK)
        assert answer.status_code == 202
        assert answer.json() == {
            "debate_id": 1,
            "agent": "panel",
            "symbol": "BTC/USDC:USDC",
            "message": "debate 1 begins",
            "seq": since + 1,
        }
        assert (await client.get("/debates/1"))["status"] == "under_way"
        told = await told_of(client, since)
        (line,) = await client.get("/debates")
    words = [each for each in told if isinstance(each, PassingWords)]
    said = [each for each in told if isinstance(each, PassingMessage)]
    assert {each.agent for each in words} == {each.agent for each in said} == {"panel#1"}
    assert {each.message.role for each in said} >= set(ANALYSTS)
    for each in said:
        mine = [told.index(one) for one in words if one.role == each.message.role]
        assert len(mine) > 1
        assert max(mine) < told.index(each), "after its words"
    stances = {each.message.role: each.message.stances[0].stance.value for each in said}
    assert {role: stances[role] for role in ANALYSTS} == SIDES
    assert isinstance(told[-1].event, DebateHeld)
    assert (line["status"], line["by"], line["calls"]) == ("held", "a test", 6)


async def test_one_debate_is_told_with_all_that_was_said_and_what_it_cost(
    open_bot: OpenBot, models: ModelServer
) -> None:
    script(models, judge=HOLD)
    bot = await opened(open_bot, models, rounds=1, debate={"shadow": True, "rebuttals": 1})
    script(models)
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        found = await debated(client, bot)
        asked, *_, of_round = await client.get("/debates")
        assert [each["debate_id"] for each in await client.get("/debates", before=2)] == [1]
        assert await client.get("/debates", agent="buy_and_hold") == []
    assert (of_round["asked"], of_round["by"], of_round["execute"]) == (False, None, True)
    assert (of_round["status"], of_round["decision_id"]) == ("held", 1)
    sides = [[each["stance"] for each in line["verdict"]] for line in (of_round, asked)]
    assert sides == [["flat"], ["long"]]
    for each in (of_round, asked):  # five analysts in two turns, the judge and its shadow, $0.004 each
        assert (each["calls"], each["unpriced_calls"], each["cost_usd"]) == (12, 0, pytest.approx(0.048))
    assert {name: found[name] for name in asked} == asked
    turns = [(each["turn"], each["role"]) for each in found["messages"]]
    assert turns == [(turn, role) for turn in (1, 2) for role in ANALYSTS] + [(3, "judge")]
    bull = found["messages"][0]
    assert (bull["argument"], bull["signals"], bull["failed"]) == (REASON, ["RSI7 is 31"], "")
    assert bull["stances"] == [{"symbol": "BTC/USDC:USDC", "stance": "long", "confidence": 0.6}]
    assert {each["calls"] for each in found["messages"]} == {1}
    assert {each["cost_usd"] for each in found["messages"]} == {0.004}
    assert len({each["call_id"] for each in [*found["messages"], found["shadow"]]}) == 12
    (consensus,) = found["consensus"]
    assert (consensus["stance"], consensus["agreement"], consensus["opinions"]) == ("long", 0.6, 5)
    assert found["shadow"]["stances"][0]["stance"] == "long"
    (target,) = found["proposal"]
    assert (target["quantity"], target["leverage"], target["invalidation"]) == (0.02, 3, "3m close < 2000")
    assert found["checks"]
    assert (found["decision_id"], found["orders"], found["outcomes"]) == (None, [], [])


async def test_a_verdict_that_is_executed_is_told_with_its_decision_its_orders_and_their_outcome(
    open_bot: OpenBot, models: ModelServer
) -> None:
    script(models, judge=HOLD)
    bot = await opened(open_bot, models, rounds=2)
    script(models)
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        found = await debated(client, bot, execute=True)
    assert (found["status"], found["execute"]) == ("held", True)
    assert found["decision_id"] is not None
    entry = next(each for each in found["orders"] if each["purpose"] == "rebalance")
    assert (entry["side"], entry["quantity"], entry["rule"]) == ("buy", 0.02, None)
    (outcome,) = found["outcomes"]
    assert (outcome["order_id"], outcome["outcome"], outcome["pnl"]) == (entry["order_id"], "pending", None)


async def test_without_enough_analysts_there_is_no_verdict_and_the_reason_is_told(
    open_bot: OpenBot, models: ModelServer
) -> None:
    script(models)
    for role in ("bull", "bear", "technical"):
        models.script(Scripted(status=500), model=role)
    bot = await opened(open_bot, models)
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        found = await debated(client, bot)
    assert found["status"] == "failed"
    assert found["reason"].startswith("only 2 of 5 analysts said something, 3 are needed")
    silent = [each["role"] for each in found["messages"] if each["failed"]]
    assert silent == ["bull", "bear", "technical"]
    assert (found["proposal"], found["checks"]) == ([], [])


async def test_what_can_t_be_debated_is_refused_in_one_line(open_bot: OpenBot, models: ModelServer) -> None:
    script(models, pause_s=1.0)
    bot = await opened(open_bot, models)
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        for ask, words in (
            ({"symbol": "SHIB"}, "SHIB is not traded here; there is BTC/USDC:USDC"),
            ({"agent": "nobody"}, "no agent is called nobody; panel can debate"),
            (
                {"agent": "buy_and_hold"},
                "buy_and_hold is of kind strategy and debates with nobody; panel can",
            ),
        ):
            with pytest.raises(BotRefused) as refused:
                await client.post("/debates", **ASK | ask)
            assert (str(refused.value), refused.value.status) == (words, 409)
        await client.post("/debates", **ASK)
        with pytest.raises(BotRefused, match="panel is at debate 1 still: wait until that is over"):
            await client.post("/debates", **ASK)
        with pytest.raises(BotRefused, match="run run-1 has no debate 7") as unknown:
            await client.get("/debates/7")
        assert unknown.value.status == 404


async def test_where_nobody_debates_it_is_said_how_to_get_somebody_who_does(open_bot: OpenBot) -> None:
    bot = await open_bot(STANDING_STILL)
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        with pytest.raises(BotRefused, match=r"nobody debates here: add .*kind = .debate.") as refused:
            await client.post("/debates", **ASK)
    assert refused.value.status == 409


async def test_the_answer_does_not_wait_longer_than_people_do(
    open_bot: OpenBot, models: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_desk, "PATIENCE_S", 0.3)
    monkeypatch.setattr(request_desk, "OUTAGE_PATIENCE_S", 0.1)
    script(models)
    bot = await opened(open_bot, models)
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        since = bot.state.seq
        async with bot.coordinator.between_steps:
            taken = await client.post("/debates", **ASK)
            assert (taken["debate_id"], taken["symbol"], taken["seq"]) == (None, "BTC", since)
            assert taken["message"] == "after the round in progress: an agent debates on BTC"
        await told_of(client, since)
        assert [each["status"] for each in await client.get("/debates")] == ["held"]


async def test_hostile_words_come_back_as_inert_text(open_bot: OpenBot, models: ModelServer) -> None:
    evil = "".join(HOSTILE_TEXTS[name] for name in ("markup", "osc", "ansi", "bidi", "zero_width"))
    script(models, bull=statement("long", argument=evil, signals=(evil[:100],)))
    bot = await opened(open_bot, models)
    async with (
        ApiServer(bot) as server,
        BotClient(server.folder.socket) as client,
        plain_http(server) as http,
    ):
        await debated(client, bot)
        answer = await http.get("/debates/1")
    assert answer.headers["content-type"] == "application/json"
    bull = json.loads(answer.text)["messages"][0]
    for text in (bull["argument"], *bull["signals"]):
        assert text.isprintable()
        assert "[@click=app.quit]" in text or text in bull["signals"]
