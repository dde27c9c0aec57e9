"""The leaderboard of a stretch of market time."""

import asyncio
import time
from collections.abc import Iterator
from copy import deepcopy
from itertools import accumulate
from pathlib import Path
from types import SimpleNamespace

import pytest

from cockpit.arena import windowed_leaderboard as windowed_leaderboard_module
from cockpit.arena.leaderboard import leaderboard
from cockpit.arena.opening import begin
from cockpit.arena.pacing import Pacer
from cockpit.arena.windowed_leaderboard import read_standings, windowed_leaderboard
from cockpit.domain.events import RoundClosed, TradeClosed
from cockpit.domain.market import DAY_MS, HOUR_MS
from cockpit.journal.journal import Journal
from cockpit.journal.views import JournalReader
from cockpit.trading.state import ArenaState
from tests.arena.conftest import parts_of

FLAGS = {"arena": {"rounds": 100}, "market": {"speed": "max"}}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A run of 100 rounds, five hours of market time: its state, its journal's path and events."""
    journal = Journal.open(tmp_path_factory.mktemp("windowed") / "journal.sqlite")

    async def play() -> ArenaState:
        pacer = Pacer(speed=None, monotonic=time.monotonic)
        coordinator = await begin(parts_of(FLAGS), journal, journal.last_seq, "run-1", pacer)
        await coordinator.run()
        return coordinator.recorder.committed

    yield SimpleNamespace(state=asyncio.run(play()), path=journal.path, events=list(journal.events()))
    journal.close()


async def board(state: ArenaState, path: Path, length_ms: int):
    async with await JournalReader.open(path) as reader:
        standings = await read_standings(reader, state.run_id, state.ts_ms - length_ms, state.ts_ms)
    return windowed_leaderboard(state, standings)


async def test_what_cannot_take_part_and_never_did_stands_last_without_a_rank(played):
    state = deepcopy(played.state)
    cash = state.agents["cash"]
    cash.grounded, cash.decisions, cash.failures = "no key", 0, 0
    rows = await board(state, played.path, HOUR_MS)
    others = await board(played.state, played.path, HOUR_MS)
    assert (rows[-1].agent, rows[-1].rank, rows[-1].net_rank) == ("cash", None, None)
    assert rows[-1].grounded == "no key"
    assert rows[-1].return_fraction == 0.0 > rows[-2].return_fraction
    assert [row.agent for row in rows[:-1]] == [row.agent for row in others if row.agent != "cash"]
    assert None not in {row.rank for row in rows[:-1]}


async def test_a_window_counts_from_the_equity_at_its_beginning(played):
    start_ms = played.state.ts_ms - HOUR_MS
    base = next(e.event for e in played.events if isinstance(e.event, RoundClosed) and e.ts_ms == start_ms)
    before = dict(zip(played.state.agents, base.equities, strict=True))
    rows = await board(played.state, played.path, HOUR_MS)
    for row in rows:
        assert row.equity == played.state.agents[row.agent].watch.equity
        assert row.pnl == row.equity - before[row.agent]
        assert row.return_fraction == row.pnl / before[row.agent]
    returns = [row.return_fraction for row in rows]
    assert returns == sorted(returns, reverse=True)


async def test_those_who_earned_the_same_share_a_rank_and_the_next_one_counts_them(played):
    rows = await board(played.state, played.path, HOUR_MS)
    better = [sum(other.return_fraction > row.return_fraction for other in rows) for row in rows]
    assert [row.rank for row in rows] == [count + 1 for count in better]


async def test_a_window_counts_only_the_trades_closed_in_it(played):
    start_ms = played.state.ts_ms - HOUR_MS
    trades = [each.event.trade for each in played.events if isinstance(each.event, TradeClosed)]
    recent = [trade for trade in trades if trade.closed_ms > start_ms]
    assert 0 < len(recent) < len(trades)
    for row in await board(played.state, played.path, HOUR_MS):
        own = [trade for trade in recent if trade.agent == row.agent]
        wins = sum(trade.pnl > 0 for trade in own)
        assert (row.trades, row.win_rate) == (len(own), wins / len(own) if own else None)


async def test_a_window_longer_than_the_run_is_the_run(played):
    whole = leaderboard(played.state)
    windowed = await board(played.state, played.path, 7 * DAY_MS)
    assert [(row.rank, row.agent, row.pnl, row.trades, row.errors) for row in windowed] == [
        (row.rank, row.agent, row.pnl, row.trades, row.errors) for row in whole
    ]
    ratios = {row.agent: row.sharpe for row in whole}
    assert {row.agent: row.sharpe for row in windowed} == pytest.approx(ratios)


async def test_drawdown_and_curve_are_the_window_s_own(played):
    for row in await board(played.state, played.path, HOUR_MS):
        peaks = accumulate(row.equities, max)
        falls = [(peak - equity) / peak for peak, equity in zip(peaks, row.equities, strict=True)]
        assert row.max_drawdown == max(falls)
        assert len(row.equities) == 22  # its beginning, the ends of twenty rounds, and now


@pytest.mark.parametrize("name", ["_BASE_ROUND", "_SCORES", "_TRADES", "_FAILURES"])
async def test_what_lies_before_a_window_is_not_read_through(played, name):
    """Every statement finds its rows by an index on run and time (or round, which grows with it)."""
    bounds = {"run": "run-1", "start_ms": 0, "end_ms": DAY_MS, "round": 1}
    async with await JournalReader.open(played.path) as reader:
        plan = await reader.query(f"EXPLAIN QUERY PLAN {getattr(windowed_leaderboard_module, name)}", bounds)
    first = plan[0]["detail"]
    limits = {"_BASE_ROUND": "(run_id=?)", "_SCORES": "round>?", "_TRADES": "closed_ms>? AND closed_ms<?"}
    assert first.startswith("SEARCH")
    assert limits.get(name, "ts_ms>? AND ts_ms<?") in first


async def test_before_any_run_nobody_leads(played):
    async with await JournalReader.open(played.path) as reader:
        standings = await read_standings(reader, "", 0, DAY_MS)
    assert windowed_leaderboard(ArenaState(), standings) == []
