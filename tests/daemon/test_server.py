"""The control API of a real bot over its real socket."""

import asyncio
import os
import signal
import socket
import stat

import pytest

from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient, BotRefused
from cockpit.daemon.server import ApiServer, SocketRefused
from tests.daemon.conftest import STANDING_STILL, OpenBot

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_before_the_first_round_everyone_is_first(client: BotClient) -> None:
    for window in ("all", "1d"):
        rows = (await client.get("/leaderboard", window=window))["rows"]
        assert {(row["rank"], row["return_percent"], row["sharpe"]) for row in rows} == {(1, 0.0, None)}


class TestControl:
    async def test_pause_and_resume_are_journaled_with_who_asked(self, client: BotClient, bot: Bot) -> None:
        assert (await client.post("/pause", by="a test"))["done"]
        assert bot.state.paused
        assert (await client.post("/resume"))["seq"] == bot.state.seq
        assert not bot.state.paused
        paused, resumed = list(bot.journal.events())[-2:]
        assert (paused.event.by, resumed.event.by) == ("a test", "a person")  # type: ignore[union-attr]

    async def test_the_kill_switch_goes_on_and_off(self, client: BotClient, bot: Bot) -> None:
        answer = await client.post("/kill", flatten=True, by="a test")
        assert answer["message"].startswith("the emergency stop has begun")
        assert (bot.state.killed, bot.state.killed_by) == (True, "a test")
        await client.post("/unkill")
        assert not bot.state.killed

    async def test_a_breaker_that_is_armed_or_unknown_can_t_be_reset(self, client: BotClient) -> None:
        with pytest.raises(BotRefused, match="arena's breaker drawdown is armed already") as refusal:
            await client.reset_breaker("drawdown", "arena", by="a test")
        assert refusal.value.status == 409
        with pytest.raises(BotRefused, match="no agent is called no/body"):
            await client.reset_breaker("drawdown", "no/body", by="a test")

    async def test_a_running_bot_is_not_started_again(self, client: BotClient) -> None:
        with pytest.raises(BotRefused, match=f"the bot arena is running already \\(pid {os.getpid()}\\)"):
            await client.post("/start")

    async def test_a_new_account_agrees_with_its_fills(self, client: BotClient) -> None:
        answer = await client.post("/sync")
        assert answer["done"]
        assert answer["message"].endswith("accounts agree")

    async def test_a_stop_ends_the_run(self, open_bot: OpenBot) -> None:
        bot = await open_bot(STANDING_STILL)
        async with ApiServer(bot) as server, BotClient(server.folder.socket) as client, asyncio.timeout(30):
            run = asyncio.create_task(bot.run())
            answer = await client.post("/stop", now=True)
            assert not answer["done"]
            assert "ends at once" in answer["message"]
            assert await run == "stopped on request"


class TestServing:
    async def test_the_socket_is_its_owner_s_and_gone_at_the_end(self, open_bot: OpenBot) -> None:
        bot = await open_bot(STANDING_STILL)
        async with ApiServer(bot) as server:
            assert stat.S_IMODE(server.folder.socket.stat().st_mode) == 0o600
        assert not server.folder.socket.exists()

    async def test_a_bot_that_answers_already_is_not_pushed_aside(self, server: ApiServer, bot: Bot) -> None:
        with pytest.raises(SocketRefused, match="a bot answers at"):
            await ApiServer(bot).start()

    async def test_signals_stay_the_bot_s(self, open_bot: OpenBot) -> None:
        bot = await open_bot(STANDING_STILL)
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        async with ApiServer(bot):
            assert {number: signal.getsignal(number) for number in before} == before

    async def test_a_peer_that_says_nothing_or_nonsense_harms_nobody(self, client: BotClient) -> None:
        with socket.socket(socket.AF_UNIX) as silent, socket.socket(socket.AF_UNIX) as babbling:
            silent.connect(str(client.socket))
            babbling.connect(str(client.socket))
            babbling.sendall(b"\x00\x01\x02 HELLO \r\n\r\n" * 100)
            assert (await client.health())["bot"] == "arena"
