"""How a run has used its models and tools, and what models cost by the day, from the journal."""

from itertools import groupby
from operator import itemgetter
from statistics import median

from cockpit.journal.views import JournalReader, Row

# Every column is one of the index `llm_calls_figures`: no prompt is read.
_CALLS = (
    "SELECT model, count(*) AS calls, sum(fault <> '') AS failed_calls,"
    " sum(cost_micros IS NULL) AS unpriced_calls, sum(cost_micros) / 1000000.0 AS cost_at_least"
    " FROM llm_calls WHERE run_id = :run GROUP BY model ORDER BY model"
)
_LATENCIES = "SELECT model, latency_ms FROM llm_calls WHERE run_id = :run AND fault = '' ORDER BY model"
_TOOLS = (
    "SELECT tool.value AS tool, role, count(*) AS uses"
    " FROM debate_messages, json_each(debate_messages.tools) AS tool"
    " WHERE run_id = :run GROUP BY tool.value, role ORDER BY 1, 2"
)


async def read_model_figures(reader: JournalReader, run_id: str) -> dict[str, Row]:
    """What was asked of each model in a run: ``calls``, ``failed_calls``, ``unpriced_calls``,
    ``cost_at_least`` (US dollars; None where no call has a price) and ``median_latency_s`` of those that
    were answered (None without any). Models that were not asked are not there.

    Raises:
        JournalUnavailable, JournalCorrupt: If the journal can't be read.
    """
    run = {"run": run_id}
    figures = {row.pop("model"): row for row in await reader.query(_CALLS, run)}
    for row in figures.values():
        row["median_latency_s"] = None
    latencies = await reader.query(_LATENCIES, run)
    for model, rows in groupby(latencies, key=itemgetter("model")):
        figures[model]["median_latency_s"] = median(row["latency_ms"] for row in rows) / 1000
    return figures


async def read_tool_uses(reader: JournalReader, run_id: str) -> dict[str, dict[str, int]]:
    """How often tools were used in a run: tool → role → uses; those that were not are not there.

    Raises:
        JournalUnavailable, JournalCorrupt: If the journal can't be read.
    """
    uses: dict[str, dict[str, int]] = {}
    for row in await reader.query(_TOOLS, {"run": run_id}):
        uses.setdefault(row["tool"], {})[row["role"]] = row["uses"]
    return uses
