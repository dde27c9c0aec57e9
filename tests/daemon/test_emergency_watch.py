"""An emergency stop, seen from another process: each stage told, joined, waited for, and given up on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient, BotRefused
from cockpit.daemon.emergency_watch import EmergencyUnfinished, EmergencyWatch
from cockpit.daemon.server import ApiServer
from cockpit.domain.events import EmergencyAdvanced, EmergencyStage, KillSwitchSet, RunFinished
from tests.daemon.conftest import STANDING_STILL, OpenBot, commit

pytestmark = pytest.mark.asyncio(loop_scope="session")

TRADING: dict[str, Any] = {
    "market": {"speed": "6000", "symbols": ["BTC", "SOL"]},
    "arena": {"interval": "1m"},
    "agents": [{"name": name} for name in ("ema_cross", "buy_and_hold", "random")],
}


@asynccontextmanager
async def running(bot: Bot) -> AsyncIterator[BotClient]:
    """Lets the bot run, and talks to it."""
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        run = asyncio.create_task(bot.run())
        try:
            yield client
        finally:
            if not run.done():
                bot.request_stop(now=False, flatten=False)
            await run


@asynccontextmanager
async def answering(bot: Bot) -> AsyncIterator[BotClient]:
    """Talks to a bot that does not run, so that nothing comes to an end."""
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        yield client


def holds(bot: Bot) -> bool:
    return any(agent.account.positions for agent in bot.state.agents.values())


@pytest.mark.parametrize("before", ["running", "paused", "killed", "halted"])
async def test_each_stage_is_told_as_it_comes(open_bot: OpenBot, before: str) -> None:
    bot = await open_bot(TRADING)
    told: list[str] = []
    async with running(bot) as client:
        while not holds(bot):
            await asyncio.sleep(0.01)
        if before == "paused":
            await client.post("/pause")
        elif before == "killed":
            await client.post("/kill")
        elif before == "halted":
            await client.post("/mode", mode="halted")
        watch = EmergencyWatch(client=client, tell=told.append)
        await watch.see_halted(await watch.ask("a test"))
        assert not holds(bot)
        assert bot.state.killed
    begun, *stages = told
    assert begun.startswith("the emergency stop has begun")
    firsts = [each.partition(":")[0] for each in stages if "attempt" not in each]
    assert firsts == ["cancelling every order", "closing every position", "halted"]


async def test_one_that_is_under_way_is_joined(open_bot: OpenBot) -> None:
    bot = await open_bot(TRADING)
    told: list[str] = []
    async with running(bot) as client:
        while not holds(bot):
            await asyncio.sleep(0.01)
        await client.post("/pause")  # the stop is asked for twice before the next bar
        async with bot.coordinator.between_steps:
            bot.coordinator.controls.emergency.begin("somebody else")
            await bot.coordinator.recorder.commit()
        watch = EmergencyWatch(client=client, tell=told.append)
        since = await watch.ask("a test")
        assert told == ["an emergency stop by somebody else is under way"]
        await client.post("/resume")
        await watch.see_halted(since)
        assert not holds(bot)


async def test_a_refusal_for_another_reason_is_the_bot_s_own(open_bot: OpenBot) -> None:
    bot = await open_bot(STANDING_STILL)
    async with answering(bot) as client:
        with pytest.raises(BotRefused, match="by"):
            await EmergencyWatch(client=client, tell=lambda _: None).ask("an\nasker")


async def flattening(bot: Bot) -> None:
    detail = "2 positions still open"
    await commit(
        bot, EmergencyAdvanced(stage=EmergencyStage.FLATTENING, by="a test", attempt=3, detail=detail)
    )


async def test_patience_has_an_end_and_it_is_told_that_it_takes_long(open_bot: OpenBot) -> None:
    bot = await open_bot(STANDING_STILL)
    told: list[str] = []
    async with answering(bot) as client:
        since = bot.state.seq
        await flattening(bot)
        watch = EmergencyWatch(client=client, tell=told.append, patience_s=1.2, remind_s=0.2)
        with pytest.raises(EmergencyUnfinished, match=r"after 1.2 s .*still open\); it goes on by itself"):
            await watch.see_halted(since)
    stands = "closing every position (attempt 3): 2 positions still open"
    reminded = told[told.index(stands) + 1]
    assert reminded.startswith("after 0.")
    assert reminded.endswith(f" s still {stands}")


async def test_one_that_halts_with_something_left_is_told_and_is_no_success(open_bot: OpenBot) -> None:
    bot = await open_bot(STANDING_STILL)
    told: list[str] = []
    async with answering(bot) as client:
        since = bot.state.seq
        await flattening(bot)
        detail = "after 30 market steps NOT everything is closed: ann holds +1 lots"
        await commit(
            bot,
            EmergencyAdvanced(stage=EmergencyStage.HALTED, by="a test", attempt=1, detail=detail, left=1),
            KillSwitchSet(on=True, by="a test"),
        )
        with pytest.raises(EmergencyUnfinished, match=r"halted with the kill switch on, but NOT everything"):
            await EmergencyWatch(client=client, tell=told.append).see_halted(since)
    assert told[-1] == f"halted: {detail}"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("the market's data came to its end", "ended before the emergency stop did: the market's data"),
        ("", "gone in the middle of it .*`cockpit kill --flatten` goes on"),
    ],
)
async def test_a_bot_that_goes_away_before_is_told(open_bot: OpenBot, reason: str, words: str) -> None:
    bot = await open_bot(STANDING_STILL)
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        since = bot.state.seq
        await flattening(bot)
        if reason:
            await commit(bot, RunFinished(reason=reason))
        watch = EmergencyWatch(client=client, tell=lambda _: None)
        seeing = asyncio.create_task(watch.see_halted(since))
        await asyncio.sleep(0.2)
        await server.stop()
        with pytest.raises(EmergencyUnfinished, match=words):
            await seeing
