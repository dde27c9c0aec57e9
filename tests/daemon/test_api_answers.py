"""What the control API tells of a run that has been played: the state's facts in plain units."""

import os

import pytest

from cockpit.arena.leaderboard import leaderboard
from cockpit.arena.windowed_leaderboard import read_standings, windowed_leaderboard
from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient
from cockpit.daemon.server import ApiServer
from cockpit.domain.market import HOUR_MS, MICROS_PER_UNIT
from cockpit.journal.codec import encode_state
from cockpit.journal.views import JournalReader
from tests.daemon.conftest import plain_http

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_health_says_who_runs_what_and_how_far_it_is(played: BotClient, played_bot: Bot) -> None:
    health = await played.health()
    assert health["pid"] == os.getpid()
    assert (health["bot"], health["run_id"], health["mode"]) == ("arena", "run-1", "paper")
    assert (health["round"], health["rounds_limit"], health["seq"]) == (60, 60, played_bot.state.seq)
    assert health["finished"] == "all 60 rounds are played"
    assert (health["paused"], health["killed"], health["halted"], health["outage"]) == (
        False,
        False,
        False,
        None,
    )
    assert health["time"] == "2025-01-01T03:00:00Z"
    assert health["last_step_age_s"] is None  # it has not advanced since the API came up


async def test_the_state_is_the_fold_to_the_byte(played: BotClient, played_bot: Bot) -> None:
    assert await played.state() == played_bot.state
    assert encode_state(await played.state()) == encode_state(played_bot.state)


async def test_the_leaderboard_speaks_plain_units(played: BotClient, played_bot: Bot) -> None:
    board = await played.get("/leaderboard")
    rows = leaderboard(played_bot.state)
    assert [(row["rank"], row["agent"]) for row in board["rows"]] == [(row.rank, row.agent) for row in rows]
    first, told = rows[0], board["rows"][0]
    assert told["equity"] == first.equity / MICROS_PER_UNIT
    assert first.return_fraction is not None
    assert told["return_percent"] == pytest.approx(100 * first.return_fraction)
    assert (board["quote"], board["window"]) == ("USDC", "all")


async def test_a_window_of_the_leaderboard_is_told_in_plain_units_and_by_any_unit_of_time(
    played: BotClient, played_bot: Bot
) -> None:
    board = await played.get("/leaderboard", window="2h")
    async with await JournalReader.open(played_bot.folder.journal) as reader:
        end_ms = played_bot.state.ts_ms
        standings = await read_standings(reader, "run-1", end_ms - 2 * HOUR_MS, end_ms)
    rows = windowed_leaderboard(played_bot.state, standings)
    assert [(row["rank"], row["agent"], row["trades"], row["pnl"]) for row in board["rows"]] == [
        (row.rank, row.agent, row.trades, row.pnl / MICROS_PER_UNIT) for row in rows
    ]
    assert any(row.trades for row in rows)
    for window in ("120m", "7200s"):
        assert (await played.get("/leaderboard", window=window))["rows"] == board["rows"]


async def test_positions_carry_mark_profit_and_protection(played: BotClient, played_bot: Bot) -> None:
    positions = await played.get("/positions")
    held = [(name, symbol) for name, a in played_bot.state.agents.items() for symbol in a.account.positions]
    assert [(each["agent"], each["symbol"]) for each in positions] == held
    assert held
    for each in positions:
        direction = 1 if each["side"] == "long" else -1
        profit = direction * each["quantity"] * (each["mark_price"] - each["entry_price"])
        assert each["unrealized_pnl"] == pytest.approx(profit, abs=0.01)


async def test_open_positions_of_the_journal_are_those_of_the_state(
    played: BotClient, played_bot: Bot
) -> None:
    orders = await played.get("/orders", limit=1000)
    working = {order_id for agent in played_bot.state.agents.values() for order_id in agent.working}
    done = {"filled", "canceled", "denied", "held", "rejected", "expired"}
    assert {each["order_id"] for each in orders if each["status"] not in done} == working
    assert len(orders) == sum(agent.orders for agent in played_bot.state.agents.values())


async def test_lists_of_the_journal_are_narrowed_by_agent_and_number(played: BotClient) -> None:
    decisions = await played.get("/decisions", limit=7, agent="ema_cross")
    assert [each["round"] for each in decisions] == [60, 59, 58, 57, 56, 55, 54]
    assert {each["agent"] for each in decisions} == {"ema_cross"}
    assert await played.get("/orders", agent="nobody") == []


async def test_breakers_show_value_beside_limit_in_one_unit(played: BotClient) -> None:
    told = await played.get("/breakers")
    arena = {each["breaker"]: each for each in told["breakers"] if each["scope"] == "arena"}
    assert (arena["drawdown"]["limit"], arena["drawdown"]["unit"]) == (20.0, "percent")
    assert (arena["stale_data"]["limit"], arena["stale_data"]["unit"]) == (10.0, "minutes")
    assert arena["stale_data"]["value"] == 0.0
    assert (told["killed"], arena["drawdown"]["status"]) == (False, "armed")


async def test_an_order_s_trail_leads_back_to_its_decision(played: BotClient) -> None:
    order = (await played.get("/orders", limit=1000))[-1]
    trail = await played.get(f"/audit/order:{order['order_id']}")
    assert [step["what"] for step in trail["steps"]][:2] == ["decision", "order"]
    assert trail["steps"][0]["facts"]["decision_id"] == order["decision_id"]
    asked = [step for step in trail["steps"] if step["asked"]]
    assert [(step["what"], step["facts"]["order_id"]) for step in asked] == [("order", order["order_id"])]
    assert order["order_id"] in {link["order_id"] for link in trail["outcomes"]}
    assert {link["outcome"] for link in trail["outcomes"]} <= {"win", "loss", "pending", "none"}


async def test_runs_are_told_with_who_competed(played: BotClient, played_bot: Bot) -> None:
    (line,) = await played.get("/runs")
    detail = await played.get("/runs/run-1")
    assert (line["run_id"], line["rounds_closed"]) == ("run-1", 60)
    assert [each["agent"] for each in detail["contestants"]] == list(played_bot.state.agents)


async def test_metrics_are_prometheus_s(played_server: ApiServer, played_bot: Bot) -> None:
    async with plain_http(played_server) as http:
        page = await http.get("/metrics")
    lines = page.text.splitlines()
    cash = played_bot.state.agents["cash"]
    assert page.headers["content-type"].startswith("text/plain")
    assert f'cockpit_equity{{agent="cash"}} {cash.watch.equity / MICROS_PER_UNIT}' in lines
    assert f"cockpit_event_seq {float(played_bot.state.seq)}" in lines
    assert 'cockpit_breaker_tripped{breaker="drawdown",scope="arena"} 0.0' in lines
    assert 'cockpit_decisions_total{agent="cash"} 60.0' in lines
    assert "cockpit_journal_outage 0.0" in lines
    assert "cockpit_halted 0.0" in lines
    assert f"cockpit_unseen_alerts {float(len(played_bot.state.alerts))}" in lines
    slippage = played_bot.state.agents["buy_and_hold"].slippage / MICROS_PER_UNIT
    assert f'cockpit_slippage_paid{{agent="buy_and_hold"}} {slippage}' in lines
