"""What the read models say of roles' forecasts, for what makes them out of the events to be held against."""

from cockpit.domain.debates import Stance
from cockpit.journal.views import JournalReader
from cockpit.trading.forecasts import StanceForecast

_FORECASTS = (
    "SELECT agent, role, symbol, ts_ms, stance, confidence, mark, mark_after, taker_fee_rate"
    " FROM debate_forecasts WHERE run_id = :run ORDER BY debate_id, number, symbol"
)


async def read_forecasts(reader: JournalReader, run_id: str) -> list[StanceForecast]:
    """Every role's last word on each instrument in each debate of a run, oldest first."""
    rows = await reader.query(_FORECASTS, {"run": run_id})
    return [StanceForecast(**{**row, "stance": Stance(row["stance"])}) for row in rows]
