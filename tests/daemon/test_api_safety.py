"""What keeps the arena from trading, over the API: mode, emergency stop, alerts, account sync."""

import sqlite3
from contextlib import closing

import pytest

from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient, BotRefused
from cockpit.daemon.server import ApiServer
from cockpit.domain.events import (
    AlertAcknowledged,
    EmergencyAdvanced,
    EmergencyStage,
    EntriesLocked,
    JournalOutage,
    KillSwitchSet,
    ReportRefused,
    TradingMode,
    TradingModeSet,
)
from cockpit.domain.market import HOUR_MS
from cockpit.trading.breakers import BREAKER_DOCS, BREAKERS
from tests.daemon.conftest import OpenBot, commit

pytestmark = pytest.mark.asyncio(loop_scope="session")


class TestMode:
    @pytest.mark.parametrize("mode", ["reducing", "halted", "active"])
    async def test_it_is_journaled_with_who_asked_and_told_everywhere(
        self, client: BotClient, bot: Bot, mode: str
    ) -> None:
        answer = await client.post("/mode", mode=mode, by="a test")
        assert answer["message"].startswith(f"{mode}: ")
        assert bot.state.mode is TradingMode(mode)
        for path in ("/health", "/breakers", "/risk"):
            told = await client.get(path)
            assert (told["asked_mode"], told["trading_mode"]) == (mode, mode)
        last = list(bot.journal.events())[-1].event
        assert last == TradingModeSet(mode=TradingMode(mode), by="a test")

    async def test_the_mode_of_the_venue_stays_what_it_is(self, client: BotClient) -> None:
        assert (await client.health())["mode"] == "paper"

    @pytest.mark.parametrize("body", [{"mode": "reckless"}, {}, {"mode": 1}, {"mode": None}])
    async def test_another_one_is_refused(self, client: BotClient, bot: Bot, body: dict[str, str]) -> None:
        with pytest.raises(BotRefused, match="mode") as refusal:
            await client.post("/mode", **body)
        assert refusal.value.status == 422
        assert bot.state.mode is TradingMode.ACTIVE


class TestEmergencyStop:
    async def test_it_works_while_the_kill_switch_is_on_already(self, client: BotClient, bot: Bot) -> None:
        await client.post("/kill")
        assert (await client.health())["emergency"] is None
        assert (await client.post("/kill", flatten=True, by="a test"))["done"]
        told = {"stage": "halted", "attempt": 1, "by": "a test", "open_positions": 0}
        assert (await client.health())["emergency"] == told
        assert (await client.get("/breakers"))["emergency"] == told
        assert (await client.health())["trading_mode"] == "halted"
        await client.post("/unkill")
        assert (await client.health())["emergency"] is None
        assert not bot.state.killed

    async def test_a_second_one_is_refused_while_it_is_under_way(self, client: BotClient, bot: Bot) -> None:
        stage = EmergencyAdvanced(
            stage=EmergencyStage.FLATTENING, by="a test", attempt=2, detail="1 positions still open"
        )
        await commit(bot, stage, KillSwitchSet(on=True, by="a test"))
        with pytest.raises(BotRefused, match="under way: flattening, attempt 2") as refusal:
            await client.post("/kill", flatten=True)
        assert refusal.value.status == 409
        await client.post("/unkill")

    async def test_a_stop_that_flattens_is_refused_while_nothing_can_be_closed(
        self, client: BotClient
    ) -> None:
        for path, back in (("/kill", "/unkill"), ("/mode", "/mode")):
            await client.post(path, **({"mode": "halted"} if path == "/mode" else {}))
            with pytest.raises(BotRefused, match="kill --flatten"):
                await client.post("/stop", flatten=True)
            await client.post(back, **({"mode": "active"} if back == "/mode" else {}))


class TestAlerts:
    async def test_one_stays_until_it_is_acknowledged(self, client: BotClient, bot: Bot) -> None:
        await client.post("/unkill")
        for each in await client.get("/alerts"):
            await client.post(f"/alerts/{each['seq']}/acknowledge")
        await commit(bot, JournalOutage(lasted_ms=2_000, reason="the disk is full"))
        (alert,) = await client.get("/alerts")
        assert (alert["seq"], alert["scope"], alert["kind"]) == (bot.state.seq, "arena", "journal_outage")
        assert "the disk is full" in alert["text"]
        assert (await client.health())["unseen_alerts"] == 1
        await client.post(f"/alerts/{alert['seq']}/acknowledge", by="a test")
        assert await client.get("/alerts") == []
        last = list(bot.journal.events())[-1].event
        assert last == AlertAcknowledged(alert=alert["seq"], by="a test")

    @pytest.mark.parametrize(("seq", "status"), [(999_999, 409), (0, 422), ("last", 422), (2**63, 422)])
    async def test_what_is_none_can_t_be(self, client: BotClient, seq: object, status: int) -> None:
        with pytest.raises(BotRefused) as refusal:
            await client.post(f"/alerts/{seq}/acknowledge")
        assert refusal.value.status == status


class TestBreakers:
    async def test_every_one_says_what_it_guards_against(self, client: BotClient) -> None:
        told = (await client.get("/breakers"))["breakers"]
        assert {each["breaker"] for each in told} == set(BREAKERS)
        assert all(each["doc"] == BREAKER_DOCS[each["breaker"]] for each in told)
        units = {each["breaker"]: each["unit"] for each in told}
        assert (units["feed_age"], units["blind"], units["costs"]) == ("seconds", "minutes", "percent")

    async def test_locks_are_told_while_they_are_in_force(self, client: BotClient, bot: Bot) -> None:
        until_ms = bot.state.ts_ms + HOUR_MS
        lock = {
            "agent": "cash",
            "symbol": "BTC/USDC:USDC",
            "protection": "StoplossGuard",
            "reason": "4 stops in 1h",
        }
        await commit(bot, *(EntriesLocked(**lock, until_ms=until_ms, is_long=each) for each in (None, False)))
        both, shorts = (await client.get("/breakers"))["locks"]
        assert both == lock | {"side": None, "until_ms": until_ms, "until_time": "2025-01-01T01:00:00Z"}
        assert shorts == both | {"side": "short"}


class TestSync:
    """Accounts against what the journal's fills add up to."""

    async def test_an_account_that_agrees_is_trusted_again(self, client: BotClient, bot: Bot) -> None:
        refused = ReportRefused(agent="cash", order_id=1, report="executed", reason="it overfills the order")
        await commit(bot, refused)
        assert (await client.health())["unsynced"] == ["cash"]
        answer = await client.post("/sync", by="a test")
        assert answer["message"] == f"all {len(bot.state.agents)} accounts agree"
        (told,) = (each for each in answer["accounts"] if each["agent"] == "cash")
        assert (told["agrees"], told["differences"]) == (True, [])
        assert "overfills" in told["unsynced"]
        assert (await client.health())["unsynced"] == []

    async def test_what_was_never_in_doubt_is_no_event(self, client: BotClient, bot: Bot) -> None:
        before = bot.state.seq
        await client.post("/sync")
        assert bot.state.seq == before

    async def test_an_account_that_differs_is_told_with_figures_and_stays_untrusted(
        self, open_bot: OpenBot
    ) -> None:
        flags = {"market": {"speed": "max", "symbols": ["BTC"]}, "arena": {"rounds": 20}}
        bot = await open_bot(flags)
        await bot.run()
        agent = next(name for name, each in bot.state.agents.items() if each.account.positions)
        await commit(bot, ReportRefused(agent=agent, order_id=1, report="executed", reason="it overfills"))
        with closing(sqlite3.connect(bot.folder.journal)) as tampered:
            tampered.execute(
                "UPDATE fills SET signed_lots = signed_lots + 1, fee_micros = fee_micros + 7 WHERE fill_id ="
                " (SELECT min(fill_id) FROM fills WHERE agent = ?)",
                (agent,),
            )
            tampered.commit()
        async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
            answer = await client.post("/sync")
            assert answer["message"] == f"{agent} differ"
            (told,) = (each for each in answer["accounts"] if not each["agrees"])
            assert told["agent"] == agent
            assert "BTC/USDC:USDC: it holds" in told["differences"][0]
            assert "in cash" in told["differences"][1]
            assert (await client.health())["unsynced"] == [agent]
