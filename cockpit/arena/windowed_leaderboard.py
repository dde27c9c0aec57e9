"""Who leads over the last hour, day or week: one row per agent, of what the journal says of that window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import inf

from cockpit.arena.leaderboard import LeaderboardRow, sharpe_of
from cockpit.domain.market import Micros
from cockpit.journal.views import JournalReader
from cockpit.trading.agent_state import AgentState
from cockpit.trading.series import RunningMoments
from cockpit.trading.state import ArenaState

_BASE_ROUND = (
    "SELECT round FROM competition_rounds WHERE run_id = :run AND opened_ms <= :start_ms"
    " ORDER BY round DESC LIMIT 1"
)
_SCORES = (
    "SELECT agent, equity_micros FROM competition_scores"
    " WHERE run_id = :run AND round >= :round AND ts_ms <= :end_ms ORDER BY round"
)
_TRADES = (
    "SELECT agent, count(*) AS trades, sum(pnl_micros > 0) AS wins FROM trades"
    " WHERE run_id = :run AND closed_ms > :start_ms AND closed_ms <= :end_ms GROUP BY agent"
)
_FAILURES = (
    "SELECT agent, count(*) AS failures FROM decision_failures"
    " WHERE run_id = :run AND ts_ms > :start_ms AND ts_ms <= :end_ms GROUP BY agent"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """What the journal says of a window, by agent.

    Attributes:
        is_whole: Whether the window reaches back to the run's beginning, where capital is the base.
        equities: At the end of each round, micro-units, oldest first; the base first unless `is_whole`.
        trades: Round trips, and those with a profit.
        failures: Failed decisions.
    """

    is_whole: bool
    equities: Mapping[str, Sequence[int]]
    trades: Mapping[str, tuple[int, int]]
    failures: Mapping[str, int]


async def read_standings(reader: JournalReader, run_id: str, start_ms: int, end_ms: int) -> Standings:
    """What happened in a run after one time and up to another.

    Raises:
        JournalUnavailable, JournalCorrupt: If the journal can't be read.
    """
    bounds = {"run": run_id, "start_ms": start_ms, "end_ms": end_ms}
    base = await reader.query(_BASE_ROUND, bounds)
    equities: dict[str, list[int]] = {}
    for row in await reader.query(_SCORES, {**bounds, "round": base[0]["round"] if base else 0}):
        equities.setdefault(row["agent"], []).append(row["equity_micros"])
    trades = {row["agent"]: (row["trades"], row["wins"]) for row in await reader.query(_TRADES, bounds)}
    failures = {row["agent"]: row["failures"] for row in await reader.query(_FAILURES, bounds)}
    return Standings(is_whole=not base, equities=equities, trades=trades, failures=failures)


def windowed_leaderboard(state: ArenaState, standings: Standings) -> list[LeaderboardRow]:
    """The rows of all agents, best return over the window first; equals stand in start-list order.

    Args:
        state: For the equity now.
        standings: What the journal says of the window.
    """
    if state.run is None:
        return []
    series = {name: _series(name, agent, standings) for name, agent in state.agents.items()}
    returns = {name: (each[-1] - each[0]) / each[0] if each[0] else None for name, each in series.items()}
    kinds = {contestant.name: contestant.kind for contestant in state.run.contestants}
    rows: list[LeaderboardRow] = []
    for place, name in enumerate(sorted(returns, key=lambda name: _best_first(returns[name])), start=1):
        trades, wins = standings.trades.get(name, (0, 0))
        is_tied = bool(rows) and rows[-1].return_fraction == returns[name]
        row = LeaderboardRow(
            rank=rows[-1].rank if is_tied else place,
            agent=name,
            kind=kinds[name],
            return_fraction=returns[name],
            equity=Micros(series[name][-1]),
            pnl=Micros(series[name][-1] - series[name][0]),
            trades=trades,
            win_rate=wins / trades if trades else None,
            errors=standings.failures.get(name, 0),
            cost=None,
            max_drawdown=_max_drawdown(series[name]),
            sharpe=sharpe_of(_moments(series[name][:-1]), state.run.round_interval_ms),
            benched=state.agents[name].benched,
            equities=series[name],
        )
        rows.append(row)
    return rows


def _series(name: str, agent: AgentState, standings: Standings) -> tuple[int, ...]:
    """Equities from the base of the window to now, micro-units."""
    known = standings.equities.get(name, ())
    base = (agent.capital,) if standings.is_whole or not known else ()
    return (*base, *known, agent.watch.equity)


def _best_first(return_fraction: float | None) -> float:
    return inf if return_fraction is None else -return_fraction


def _moments(equities: Sequence[int]) -> RunningMoments:
    """Of the returns from round to round."""
    moments = RunningMoments()
    for before, after in pairwise(equities):
        if before > 0:
            moments.add((after - before) / before)
    return moments


def _max_drawdown(equities: Sequence[int]) -> float:
    """The largest fall from a peak, as a fraction of it."""
    peaks = accumulate(equities, max)
    return max(
        (peak - equity) / peak if peak > 0 else 0.0 for peak, equity in zip(peaks, equities, strict=True)
    )
