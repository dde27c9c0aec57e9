"""Questions to models over the API: newest first, page by page, one of them whole, and what they cost."""

import time

import pytest

from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient, BotRefused
from cockpit.daemon.server import ApiServer
from cockpit.domain.decisions import ModelCall
from cockpit.domain.events import ModelCalled
from cockpit.domain.market import DAY_MS, Micros
from tests.daemon.conftest import STANDING_STILL, OpenBot, commit

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVIL = "[/b]\x1b]52;c;eA==\x07\u202e\n" + "A" * 2_000
RAW = f"{EVIL}\0after a NUL"


def call(call_id: int, agent: str, **facts: object) -> ModelCalled:
    asked = {
        "role": "decide",
        "model": "openai/scripted-1",
        "key": f"k{call_id}",
        "request": '{"messages":[]}',
    }
    return ModelCalled(call_id=call_id, agent=agent, round=1, call=ModelCall(**{**asked, **facts}))  # type: ignore[arg-type]


async def with_calls(open_bot: OpenBot) -> Bot:
    bot = await open_bot(STANDING_STILL)
    now_ms = time.time_ns() // 1_000_000
    today = {"asked_ms": now_ms, "attempts": 1}
    await commit(
        bot,
        call(1, "cash", cost=Micros(700_000), asked_ms=now_ms - DAY_MS, attempts=1),
        call(2, "cash", cost=Micros(1_500), latency_ms=1_250, input_tokens=10, reply=EVIL, raw=RAW, **today),
        call(3, "random", cost=None, **today),
        call(4, "cash", fault="budget", error="the daily budget is spent", cost=Micros(0), asked_ms=now_ms),
        call(5, "cash", cost=None, **today),
    )
    return bot


async def test_calls_are_listed_newest_first_by_agent_and_page_without_their_long_texts(
    open_bot: OpenBot,
) -> None:
    bot = await with_calls(open_bot)
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        assert [each["call_id"] for each in await client.get("/calls")] == [5, 4, 3, 2, 1]
        own = await client.get("/calls", agent="cash", limit=2)
        assert [each["call_id"] for each in own] == [5, 4]
        rest = await client.get("/calls", agent="cash", before=own[-1]["call_id"])
        assert [each["call_id"] for each in rest] == [2, 1]
        assert rest[0]["reply_start"] == EVIL[:500]
        assert {"request", "raw", "reply"} & set(rest[0]) == set()
        assert (rest[0]["cost_usd"], rest[0]["latency_s"], rest[0]["input_tokens"]) == (0.0015, 1.25, 10)
        assert (own[0]["cost_usd"], own[0]["output_tokens"]) == (None, None)
        assert (own[1]["fault"], own[1]["error"]) == ("budget", "the daily budget is spent")


async def test_one_call_is_told_whole_and_an_unknown_one_is_not_found(open_bot: OpenBot) -> None:
    bot = await with_calls(open_bot)
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        whole = await client.get("/calls/2")
        assert (whole["reply"], whole["raw"], whole["request"]) == (EVIL, RAW, '{"messages":[]}')
        assert (whole["key"], whole["attempts"], whole["agent"]) == ("k2", 1, "cash")
        with pytest.raises(BotRefused, match="run run-1 has no model call 9") as refused:
            await client.get("/calls/9")
        assert refused.value.status == 404


async def test_costs_are_those_of_the_present_day_and_never_nothing_where_no_price_is_known(
    open_bot: OpenBot,
) -> None:
    bot = await with_calls(open_bot)
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        costs = await client.get("/costs")
    assert costs["seq"] == bot.state.seq
    assert costs["agents"] == [
        {"agent": "cash", "calls": 2, "unpriced_calls": 1, "cost_at_least": 0.0015},
        {"agent": "random", "calls": 1, "unpriced_calls": 1, "cost_at_least": None},
    ]
