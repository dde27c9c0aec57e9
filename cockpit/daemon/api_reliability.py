"""How the control API tells of reliability, out of the journal."""

from cockpit.daemon.api_rows import Reliability, ReliabilityLine
from cockpit.daemon.windows import window_ms
from cockpit.journal.agent_views import FOREVER_MS, read_reliability
from cockpit.journal.errors import UnknownIdent
from cockpit.journal.views import JournalReader

# Market time goes on with every bar, which no read model holds; a run's newest event tells it. It is looked
# for from the next run's beginning backwards.
_NOW = (
    "SELECT ts_ms FROM events WHERE run_id = :run AND seq < coalesce((SELECT min(later.seq)"
    " FROM competition_runs AS run JOIN competition_runs AS later ON later.seq > run.seq"
    " WHERE run.run_id = :run), 9223372036854775807) ORDER BY seq DESC LIMIT 1"
)


async def reliability_answer(reader: JournalReader, window: str, run_id: str | None = None) -> Reliability:
    """How reliable the agents of a run were.

    Args:
        reader: Of the journal.
        window: ``all``, or a stretch of market time up to the run's newest event, such as ``7d``.
        run_id: Which run; the newest unless given, and where there is none nothing is told.

    Raises:
        UnknownIdent: If the journal has no such run.
        JournalUnavailable, JournalCorrupt: If it can't be read.
    """
    try:
        run = await reader.run_id(run_id)
    except UnknownIdent:
        if run_id is not None:
            raise
        return Reliability(run_id=None, window=window, agents=[])
    start_ms, end_ms = -1, FOREVER_MS
    length_ms = window_ms(window)
    if length_ms is not None:
        (now,) = await reader.query(_NOW, {"run": run})
        end_ms = now["ts_ms"]
        start_ms = end_ms - length_ms
    rows = await read_reliability(reader, run, start_ms, end_ms)
    lines = [ReliabilityLine.model_validate(row | {"agent": agent}) for agent, row in rows.items()]
    return Reliability(run_id=run, window=window, agents=lines)
