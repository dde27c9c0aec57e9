"""What roles said in debates, and what became of the prices, for scoring."""

import sqlite3
from contextlib import closing
from pathlib import Path

from cockpit.domain.debates import Stance
from cockpit.journal.schema import connect_reader, error_of
from cockpit.trading.forecasts import Forecast

_FORECASTS = (
    "SELECT agent, role, symbol, ts_ms, stance, confidence, mark, mark_after, taker_fee_rate"
    " FROM debate_forecasts WHERE run_id = ? ORDER BY debate_id, number, symbol"
)


def read_forecasts(path: Path, run_id: str) -> list[Forecast]:
    """Every role's last word on each instrument in each debate of a run, oldest first.

    The price at the end of a horizon is the first that a debate of the run noted from then on, of whichever
    agent, and none that was noted more than another horizon later.

    Args:
        path: The journal's file.
        run_id: Which run.

    Raises:
        JournalUnavailable, JournalCorrupt, JournalTooNew: If the file can't be read.
    """
    with closing(connect_reader(path)) as connection:
        try:
            found = connection.execute(_FORECASTS, (run_id,)).fetchall()
        except sqlite3.Error as error:
            raise error_of(error, path) from error
    return [
        Forecast(
            agent=agent,
            role=role,
            symbol=symbol,
            ts_ms=ts_ms,
            stance=Stance(stance),
            confidence=confidence,
            mark=mark,
            mark_after=mark_after,
            taker_fee_rate=fee_rate,
        )
        for agent, role, symbol, ts_ms, stance, confidence, mark, mark_after, fee_rate in found
    ]
