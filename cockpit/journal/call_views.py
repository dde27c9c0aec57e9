"""What models were asked and what they cost, as the journal tells people."""

from cockpit.domain.market import DAY_MS
from cockpit.journal.call_events import model_call
from cockpit.journal.errors import UnknownIdent
from cockpit.journal.views import JournalReader, Row

REPLY_START = 500
"""Characters of a reply in a list of calls."""

_LINE = (
    "call_id, seq, ts_ms, agent, round, role, model, finish_reason, fault, error, input_tokens,"
    " output_tokens, cost_micros / 1000000.0 AS cost_usd, latency_ms / 1000.0 AS latency_s,"
    " attempts, asked_ms, strftime('%Y-%m-%dT%H:%M:%fZ', asked_ms / 1000.0, 'unixepoch') AS asked_time"
)
_CALLS = (
    f"SELECT {_LINE}, substr(reply, 1, {REPLY_START}) AS reply_start FROM llm_calls"  # noqa: S608 - our own
    " WHERE run_id = :run_id AND (:agent IS NULL OR agent = :agent)"
    " AND (:before IS NULL OR call_id < :before) ORDER BY call_id DESC LIMIT :limit"
)
# What was asked and what came back raw is read from the event: SQLite's own JSON ends a text at a NUL.
_CALL = (
    f"SELECT {_LINE}, key, reply,"  # noqa: S608 - our own words
    " (SELECT payload FROM events WHERE events.seq = llm_calls.seq) AS event"
    " FROM llm_calls WHERE run_id = :run_id AND call_id = :call_id"
)
# Where no request was sent, nobody is charged.
_COSTS = (
    "SELECT {whose}, count(*) AS calls, sum(cost_micros IS NULL) AS unpriced_calls,"
    " sum(cost_micros) / 1000000.0 AS cost_at_least FROM llm_calls"
    " WHERE asked_ms >= :start_ms AND asked_ms < :end_ms AND attempts > 0 AND seq <= :seq"
    " GROUP BY {whose} ORDER BY {whose}"
)
_COSTS_BY_AGENT = _COSTS.format(whose="agent")
_COSTS_BY_MODEL = _COSTS.format(whose="model")


async def read_calls(
    reader: JournalReader,
    limit: int,
    *,
    agent: str | None = None,
    before: int | None = None,
    run_id: str | None = None,
) -> list[Row]:
    """The latest calls of a run, newest first, each with the beginning of its reply.

    Args:
        reader: Of the journal.
        limit: How many at most.
        agent: Of this one only.
        before: Only those with a lower number.
        run_id: Which run; the newest unless given.

    Raises:
        UnknownIdent: If the journal has no such run.
        JournalUnavailable, JournalCorrupt: If it can't be read.
    """
    bounds = {"run_id": await reader.run_id(run_id), "agent": agent, "before": before, "limit": limit}
    return await reader.query(_CALLS, bounds)


async def read_call(reader: JournalReader, call_id: int, run_id: str | None = None) -> Row:
    """One call with its request, its reply and the provider's raw answer.

    Raises:
        UnknownIdent: If the run has no such call, or the journal no such run.
        JournalUnavailable, JournalCorrupt: If it can't be read.
    """
    run = await reader.run_id(run_id)
    found = await reader.query(_CALL, {"run_id": run, "call_id": call_id})
    if not found:
        raise UnknownIdent(f"run {run} has no model call {call_id}")
    row = found[0]
    asked = model_call(row["event"])
    return {name: value for name, value in row.items() if name != "event"} | {
        "request": asked.request,
        "raw": asked.raw,
    }


async def read_costs(reader: JournalReader, day: int, seq: int) -> Row:
    """What calls of one UTC day of real time have cost, in all runs, by agent and by model.

    Args:
        reader: Of the journal.
        day: Days since the epoch.
        seq: Only calls up to this event.

    Raises:
        JournalUnavailable, JournalCorrupt: If the journal can't be read.
    """
    bounds = {"start_ms": day * DAY_MS, "end_ms": (day + 1) * DAY_MS, "seq": seq}
    return {
        "day": day,
        "seq": seq,
        "agents": await reader.query(_COSTS_BY_AGENT, bounds),
        "models": await reader.query(_COSTS_BY_MODEL, bounds),
    }
