"""Requests that can't be carried out at once are answered in time all the same, and not forgotten."""

import asyncio

import pytest

from cockpit.daemon import request_desk
from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient, BotRefused
from cockpit.daemon.request_desk import NotNow, RequestDesk
from cockpit.daemon.server import ApiServer
from tests.daemon.conftest import STANDING_STILL, OpenBot

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_desk, "OUTAGE_PATIENCE_S", 0.05)
    monkeypatch.setattr(request_desk, "PATIENCE_S", 0.1)


async def test_a_request_in_a_long_round_is_taken_and_carried_out_after_it(
    client: BotClient, bot: Bot
) -> None:
    async with bot.coordinator.between_steps:
        answer = await client.post("/pause", by="a test")
        assert (answer["done"], bot.state.paused) == (False, False)
        assert answer["message"] == "after the round in progress: market time stands still"
    await client.post("/kill")
    assert bot.state.paused
    for undo in ("/resume", "/unkill"):
        await client.post(undo)


async def test_more_requests_than_can_wait_are_refused(bot: Bot) -> None:
    desk = RequestDesk(bot)
    async with bot.coordinator.between_steps:
        asked = [desk.carry_out("on", bot.resume("a test")) for _ in range(33)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, NotNow)]
    assert [str(each) for each in refused] == ["32 requests are waiting for the bot already: try again later"]
    await desk.aclose()


async def test_what_is_still_waiting_at_the_end_does_not_hold_it_up(open_bot: OpenBot) -> None:
    bot = await open_bot(STANDING_STILL)
    async with (
        bot.coordinator.between_steps,
        asyncio.timeout(30),
        ApiServer(bot) as server,
        BotClient(server.folder.socket) as client,
    ):
        assert not (await client.post("/pause"))["done"]
    assert not server.folder.socket.exists()


async def test_a_refusal_is_not_mistaken_for_a_failure_of_the_bot(client: BotClient) -> None:
    with pytest.raises(BotRefused) as refusal:
        await client.reset_breaker("errors", "cash", by="a test")
    assert (refusal.value.status, str(refusal.value)) == (409, "cash's breaker errors is armed already")


async def test_a_bot_that_is_ending_takes_nothing_more(bot: Bot) -> None:
    desk = RequestDesk(bot)
    await desk.aclose()
    action = bot.pause("a test")
    with pytest.raises(NotNow, match=r"^the bot is ending$"):
        await desk.carry_out("market time stands still", action)
    assert action.cr_frame is None, "it is closed, not left behind unawaited"
    assert not bot.state.paused
