"""Who leads, and what is undefined."""

from cockpit.arena.leaderboard import leaderboard
from cockpit.domain.market import Micros
from cockpit.trading.state import ArenaState
from tests.arena.conftest import parts_of

FLAGS = {"arena": {"rounds": 30, "interval": "1m"}, "market": {"speed": "max"}}


async def board(stage, **equities):
    coordinator = await stage.begin(parts_of(FLAGS))
    state = coordinator.recorder.committed
    for name, equity in equities.items():
        state.agents[name].watch.equity = Micros(equity * 1_000_000)
    return leaderboard(state)


def test_before_any_run_there_is_none():
    assert leaderboard(ArenaState()) == []


async def test_it_ranks_by_equity_and_equals_share_a_rank(stage):
    rows = await board(stage, cash=10_100, random=10_100, ema_cross=10_200, macd_trend=9_000)
    assert [(row.rank, row.agent) for row in rows[:3]] == [(1, "ema_cross"), (2, "cash"), (2, "random")]
    assert (rows[-1].rank, rows[-1].agent) == (11, "macd_trend")
    assert rows[0].return_fraction == 0.02
    assert rows[-1].pnl == -1_000_000_000


async def test_what_cannot_take_part_and_never_did_stands_last_without_a_rank(stage):
    coordinator = await stage.begin(parts_of(FLAGS))
    state = coordinator.recorder.committed
    for agent in state.agents.values():
        agent.watch.equity = Micros(9_000_000_000)
    for name in ("liquidity_sweep", "cash"):
        state.agents[name].grounded = "no key: set OPENAI_API_KEY"
        state.agents[name].watch.equity = Micros(10_000_000_000)
    state.agents["cash"].decisions = 1
    first, second, *_, last = leaderboard(state)
    assert (first.agent, first.rank, first.net_rank) == ("cash", 1, 1), "what it decided before counts"
    assert (second.rank, second.net_rank) == (2, 2)
    assert (last.agent, last.rank, last.net_rank, last.place) == ("liquidity_sweep", None, None, "–")
    assert last.grounded == "no key: set OPENAI_API_KEY"


async def test_only_a_profit_on_the_podium_earns_a_medal(stage):
    rows = await board(stage, cash=10_100, random=10_050)
    assert [row.medal for row in rows[:3]] == ["🥇", "🥈", ""]


async def test_without_trades_or_rounds_rates_and_ratios_are_undefined(stage):
    row = (await board(stage))[0]
    assert (row.win_rate, row.sharpe, row.cost) == (None, None, None)


async def test_after_twenty_rounds_there_is_a_sharpe_ratio(stage):
    coordinator = await stage.begin(parts_of(FLAGS))
    await coordinator.run()
    rows = {row.agent: row for row in leaderboard(coordinator.recorder.committed)}
    assert rows["buy_and_hold"].sharpe is not None
    assert rows["cash"].sharpe is None
    assert len(rows["cash"].equities) == 30
