"""The leaderboard in the words and units of the control API."""

from collections.abc import Sequence

from cockpit.arena.leaderboard import LeaderboardRow
from cockpit.daemon.api_models import Leaderboard, LeaderboardLine
from cockpit.daemon.plain_units import times
from cockpit.domain.formats import time_of
from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.trading.state import ArenaState


def leaderboard_answer(state: ArenaState, window: str, rows: Sequence[LeaderboardRow]) -> Leaderboard:
    """The leaderboard over a window."""
    return Leaderboard(
        run_id=state.run_id,
        window=window,
        quote=None if state.run is None else state.run.quote,
        ts_ms=state.ts_ms,
        time=time_of(state.ts_ms),
        rows=[_line(row) for row in rows],
    )


def _line(row: LeaderboardRow) -> LeaderboardLine:
    return LeaderboardLine(
        rank=row.rank,
        agent=row.agent,
        kind=row.kind,
        return_percent=times(row.return_fraction, 100),
        equity=row.equity / MICROS_PER_UNIT,
        pnl=row.pnl / MICROS_PER_UNIT,
        trades=row.trades,
        win_rate_percent=times(row.win_rate, 100),
        errors=row.errors,
        cost=None if row.cost is None else row.cost / MICROS_PER_UNIT,
        max_drawdown_percent=row.max_drawdown * 100,
        sharpe=row.sharpe,
        benched=row.benched,
        equities=[equity / MICROS_PER_UNIT for equity in row.equities],
    )
