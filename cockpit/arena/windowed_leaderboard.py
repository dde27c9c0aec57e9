"""Who leads over the last hour, day or week: one row per agent, of what the journal says of that window."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import inf

from cockpit.arena.leaderboard import LeaderboardRow, sharpe_of
from cockpit.arena.mind_records import BASE_DECISION, read_mind_records
from cockpit.arena.model_figures import MindRecord, TradeRecord
from cockpit.arena.net_standings import Earned, NetStanding, net_standings
from cockpit.domain.events import Contestant
from cockpit.domain.market import Micros
from cockpit.domain.ranks import ranks_of
from cockpit.journal.views import JournalReader
from cockpit.trading.agent_state import AgentState
from cockpit.trading.series import RunningMoments
from cockpit.trading.state import ArenaState

_BASE_ROUND = (
    "SELECT round, opened_ms FROM competition_rounds WHERE run_id = :run AND opened_ms <= :start_ms"
    " ORDER BY round DESC LIMIT 1"
)
_SCORES = (
    "SELECT agent, equity_micros FROM competition_scores"
    " WHERE run_id = :run AND round >= :round AND ts_ms <= :end_ms ORDER BY round"
)
_TRADES = (
    "SELECT agent, count(*) AS trades, sum(pnl_micros > 0) AS wins, max(pnl_micros) AS best,"
    " min(pnl_micros) AS worst FROM trades"
    " WHERE run_id = :run AND closed_ms > :start_ms AND closed_ms <= :end_ms GROUP BY agent"
)
_FAILURES = (
    "SELECT agent, count(*) AS failures FROM decision_failures"
    " WHERE run_id = :run AND ts_ms > :start_ms AND ts_ms <= :end_ms GROUP BY agent"
)
_FEES = (
    "SELECT agent, sum(fee_micros) AS fees FROM fills"
    " WHERE run_id = :run AND ts_ms > :start_ms AND ts_ms <= :end_ms GROUP BY agent"
)
_NEXT_DECISION = (
    "SELECT seq FROM decisions WHERE run_id = :run AND decision_id > :decision ORDER BY decision_id LIMIT 1"
)
_BASE_MARKS = (
    "SELECT json_extract(payload, '$.marks') AS marks FROM events"
    " WHERE seq < :seq AND run_id = :run AND kind = 'market_advanced' AND ts_ms <= :opened_ms"
    " ORDER BY seq DESC LIMIT 1"
)
_NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeCounts:
    """Round trips of a window: how many, with a profit, and the best and the worst P&L in micro-units."""

    trades: int = 0
    wins: int = 0
    best: int | None = None
    worst: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """What the journal says of a window, by agent.

    Attributes:
        is_whole: Whether the window reaches back to the run's beginning, where capital is the base.
        equities: At the end of each round, micro-units, oldest first; the base first unless `is_whole`.
        trades: Round trips.
        failures: Failed decisions.
        fees: Paid, micro-units.
        minds: What was done to decide; empty where nobody asks models.
        marks: At the base, in the run's order of instruments, None before an instrument's first; None where
            the journal does not say. Of no use where the window `is_whole`.
    """

    is_whole: bool
    equities: Mapping[str, Sequence[int]]
    trades: Mapping[str, TradeCounts]
    failures: Mapping[str, int]
    fees: Mapping[str, int]
    minds: Mapping[str, MindRecord]
    marks: Sequence[float | None] | None


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
    trades = {row.pop("agent"): TradeCounts(**row) for row in await reader.query(_TRADES, bounds)}
    failures = {row["agent"]: row["failures"] for row in await reader.query(_FAILURES, bounds)}
    return Standings(
        is_whole=not base,
        equities=equities,
        trades=trades,
        failures=failures,
        fees={row["agent"]: row["fees"] for row in await reader.query(_FEES, bounds)},
        minds=await read_mind_records(reader, run_id, start_ms, end_ms),
        marks=await _base_marks(reader, bounds, base[0]["opened_ms"]) if base else None,
    )


async def _base_marks(
    reader: JournalReader, bounds: Mapping[str, object], opened_ms: int
) -> list[float | None] | None:
    """The marks at the base round; looked for from the first decision after it backwards, since time is no
    key to the events.
    """
    last = await reader.query(BASE_DECISION, bounds)
    after = {"run": bounds["run"], "decision": last[0]["decision_id"] if last else 0}
    first = await reader.query(_NEXT_DECISION, after)
    place = {"run": bounds["run"], "seq": first[0]["seq"] if first else _NEWEST, "opened_ms": opened_ms}
    found = await reader.query(_BASE_MARKS, place)
    return json.loads(found[0]["marks"]) if found else None


def windowed_leaderboard(state: ArenaState, standings: Standings) -> list[LeaderboardRow]:
    """The rows of all agents, best return over the window first, those without a rank last; equals stand in
    start-list order.

    Args:
        state: For the equity now.
        standings: What the journal says of the window.
    """
    if state.run is None:
        return []
    series = {name: _series(name, agent, standings) for name, agent in state.agents.items()}
    nets = _net_standings(state, standings, series)
    contestants = {each.name: each for each in state.run.contestants}
    ranks = ranks_of({name: _merit(series[name]) for name, each in state.agents.items() if each.is_ranked})
    ordered = sorted(series, key=lambda name: ranks.get(name, inf))
    return [
        _row(ranks.get(name), contestants[name], state, standings, series[name], nets[name])
        for name in ordered
    ]


def _row(
    rank: int | None,
    contestant: Contestant,
    state: ArenaState,
    standings: Standings,
    series: Sequence[int],
    net: NetStanding,
) -> LeaderboardRow:
    name = contestant.name
    counts = standings.trades.get(name, TradeCounts())
    pnl = series[-1] - series[0]
    return LeaderboardRow(
        rank=rank,
        agent=name,
        kind=contestant.kind,
        return_fraction=_return_of(series),
        equity=Micros(series[-1]),
        pnl=Micros(pnl),
        trades=counts.trades,
        win_rate=counts.wins / counts.trades if counts.trades else None,
        errors=standings.failures.get(name, 0),
        cost=None if net.models is None else net.models.cost,
        max_drawdown=_max_drawdown(series),
        sharpe=sharpe_of(_moments(series[:-1]), state.agreement.round_interval_ms),
        benched=state.agents[name].benched,
        grounded=state.agents[name].grounded,
        equities=tuple(series),
        fees=Micros(standings.fees.get(name, 0)),
        best_trade=None if counts.best is None else Micros(counts.best),
        worst_trade=None if counts.worst is None else Micros(counts.worst),
        alpha=net.alpha,
        net_pnl=net.net_pnl,
        net_rank=net.net_rank,
        models=net.models,
    )


def _net_standings(
    state: ArenaState, standings: Standings, series: Mapping[str, Sequence[int]]
) -> dict[str, NetStanding]:
    nothing = MindRecord(failures={}, closed=TradeRecord())
    earned = [
        Earned(
            name=name,
            base=series[name][0],
            pnl=series[name][-1] - series[name][0],
            mind=standings.minds.get(name, nothing) if agent.model_use.calls else None,
            is_ranked=agent.is_ranked,
        )
        for name, agent in state.agents.items()
    ]
    return net_standings(earned, state.agreement, _first_marks(state, standings), state.marks)


def _first_marks(state: ArenaState, standings: Standings) -> Mapping[str, float] | None:
    """What buying at the base would have cost; instruments that had no price yet, at their first."""
    if standings.is_whole:
        return state.first_marks
    if standings.marks is None:
        return None
    marked = zip(state.agreement.instruments, standings.marks, strict=True)
    return state.first_marks | {each.symbol: mark for each, mark in marked if mark is not None}


def _series(name: str, agent: AgentState, standings: Standings) -> tuple[int, ...]:
    """Equities from the base of the window to now, micro-units."""
    known = standings.equities.get(name, ())
    base = (agent.capital,) if standings.is_whole or not known else ()
    return (*base, *known, agent.watch.equity)


def _return_of(series: Sequence[int]) -> float | None:
    return (series[-1] - series[0]) / series[0] if series[0] else None


def _merit(series: Sequence[int]) -> float:
    """What ranks go by: the return; who had nothing to begin with stands behind all who did."""
    growth = _return_of(series)
    return -inf if growth is None else growth


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
