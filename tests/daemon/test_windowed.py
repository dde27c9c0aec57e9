"""The leaderboard of a stretch of market time."""

import pytest

from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient
from cockpit.domain.events import RoundClosed, TradeClosed
from cockpit.domain.market import HOUR_MS, MICROS_PER_UNIT

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_window_counts_from_the_equity_at_its_beginning(played: BotClient, played_bot: Bot) -> None:
    start_ms = played_bot.state.ts_ms - HOUR_MS
    journal = list(played_bot.journal.events())
    base = next(e.event for e in journal if isinstance(e.event, RoundClosed) and e.ts_ms == start_ms)
    before = dict(zip(played_bot.state.agents, base.equities, strict=True))
    board = await played.get("/leaderboard", window="1h")
    for row in board["rows"]:
        now = played_bot.state.agents[row["agent"]].watch.equity
        pnl = now - before[row["agent"]]
        assert row["pnl"] == pnl / MICROS_PER_UNIT
        assert row["return_percent"] == pytest.approx(100 * pnl / before[row["agent"]])
    assert [row["return_percent"] for row in board["rows"]] == sorted(
        (row["return_percent"] for row in board["rows"]), reverse=True
    )


async def test_a_window_counts_only_the_trades_closed_in_it(played: BotClient, played_bot: Bot) -> None:
    start_ms = played_bot.state.ts_ms - HOUR_MS
    trades = [e.event.trade for e in played_bot.journal.events() if isinstance(e.event, TradeClosed)]
    recent = [trade for trade in trades if trade.closed_ms > start_ms]
    assert 0 < len(recent) < len(trades)
    for row in (await played.get("/leaderboard", window="60m"))["rows"]:
        own = [trade for trade in recent if trade.agent == row["agent"]]
        assert row["trades"] == len(own)
        wins = sum(trade.pnl > 0 for trade in own)
        assert row["win_rate_percent"] == (pytest.approx(100 * wins / len(own)) if own else None)


async def test_a_window_longer_than_the_run_is_the_run(played: BotClient) -> None:
    whole = await played.get("/leaderboard")
    windowed = await played.get("/leaderboard", window="7d")
    own = ("agent", "pnl", "trades", "errors", "sharpe")
    told = [
        [pytest.approx(row[name]) if name == "sharpe" else row[name] for name in own] for row in whole["rows"]
    ]
    assert [[row[name] for name in own] for row in windowed["rows"]] == told


async def test_drawdown_and_curve_are_the_window_s_own(played: BotClient) -> None:
    for row in (await played.get("/leaderboard", window="1h"))["rows"]:
        peak, worst = 0.0, 0.0
        for equity in row["equities"]:
            peak = max(peak, equity)
            worst = max(worst, (peak - equity) / peak)
        assert row["max_drawdown_percent"] == pytest.approx(100 * worst)
        assert len(row["equities"]) == 22  # its beginning, the ends of twenty rounds, and now
