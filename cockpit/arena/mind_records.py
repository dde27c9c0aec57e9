"""What agents did to decide over a stretch of market time, from the journal.

Every statement begins at the last row before the stretch, which it finds from the newest row backwards: what
lies before is not read through.
"""

from cockpit.arena.model_figures import MindRecord, TradeRecord
from cockpit.domain.decisions import FailureKind
from cockpit.domain.market import Micros
from cockpit.journal.views import JournalReader, Row
from cockpit.trading.agent_state import ModelUse
from cockpit.trading.calibration import TradeForecast

_ANY_CALL = "SELECT 1 FROM llm_calls WHERE run_id = :run LIMIT 1"
_BASE_CALL = (
    "SELECT call_id FROM llm_calls WHERE run_id = :run AND ts_ms <= :start_ms ORDER BY call_id DESC LIMIT 1"
)
_CALLS = (
    "SELECT agent, count(*) AS calls, sum(fault <> '') AS failed, sum(role = 'repair') AS repairs,"
    " sum(cost_micros IS NULL) AS unpriced, coalesce(sum(cost_micros), 0) AS cost,"
    " coalesce(sum(input_tokens), 0) AS input_tokens, coalesce(sum(output_tokens), 0) AS output_tokens,"
    " sum(latency_ms) AS latency_ms"
    " FROM llm_calls WHERE run_id = :run AND call_id > :call AND ts_ms <= :end_ms GROUP BY agent"
)
BASE_DECISION = (
    "SELECT decision_id FROM decisions WHERE run_id = :run AND ts_ms <= :start_ms"
    " ORDER BY decision_id DESC LIMIT 1"
)
_DECISIONS = (
    "SELECT agent, count(*) AS decisions, avg(confidence) AS confidence FROM decisions"
    " WHERE run_id = :run AND decision_id > :decision AND ts_ms <= :end_ms GROUP BY agent"
)
_REFUSALS = (
    "SELECT agent, count(*) AS refusals FROM decision_refusals AS refused"
    " JOIN decisions ON decisions.run_id = refused.run_id AND decisions.decision_id = refused.decision_id"
    " WHERE refused.run_id = :run AND refused.decision_id > :decision AND ts_ms <= :end_ms GROUP BY agent"
)
_FAILURES = (
    "SELECT agent, failure, count(*) AS failures FROM decision_failures"
    " WHERE run_id = :run AND ts_ms > :start_ms AND ts_ms <= :end_ms GROUP BY agent, failure"
    " ORDER BY agent, failure"
)
# A word stands until the agent says something else, so what it said last before the entry is what counts.
_TRADES = (
    "SELECT agent, realized_micros, pnl_micros, ("
    "SELECT target.confidence FROM decision_targets AS target"
    " JOIN decisions AS made ON made.run_id = target.run_id AND made.decision_id = target.decision_id"
    " WHERE target.run_id = closed.run_id AND target.decision_id <= closed.decision_id"
    " AND target.symbol = closed.symbol AND made.agent = closed.agent"
    " ORDER BY target.decision_id DESC LIMIT 1) AS confidence"
    " FROM trades AS closed"
    " WHERE run_id = :run AND closed_ms > :start_ms AND closed_ms <= :end_ms ORDER BY closed_ms, seq"
)


async def read_mind_records(
    reader: JournalReader, run_id: str, start_ms: int, end_ms: int
) -> dict[str, MindRecord]:
    """What agents did after one time and up to another, by name; who did nothing is not among them.

    Nobody is where no agent of the run has asked a model yet.

    Raises:
        JournalUnavailable, JournalCorrupt: If the journal can't be read.
    """
    bounds = {"run": run_id, "start_ms": start_ms, "end_ms": end_ms}
    if not await reader.query(_ANY_CALL, bounds):
        return {}
    call = await reader.query(_BASE_CALL, bounds)
    decision = await reader.query(BASE_DECISION, bounds)
    bounds |= {"call": call[0]["call_id"] if call else 0}
    bounds |= {"decision": decision[0]["decision_id"] if decision else 0}
    uses = {row["agent"]: _use(row) for row in await reader.query(_CALLS, bounds)}
    made = {row["agent"]: row for row in await reader.query(_DECISIONS, bounds)}
    refusals = {row["agent"]: row["refusals"] for row in await reader.query(_REFUSALS, bounds)}
    failures: dict[str, dict[FailureKind, int]] = {}
    for row in await reader.query(_FAILURES, bounds):
        failures.setdefault(row["agent"], {})[FailureKind(row["failure"])] = row["failures"]
    closed: dict[str, list[Row]] = {}
    for row in await reader.query(_TRADES, bounds):
        closed.setdefault(row["agent"], []).append(row)
    return {
        name: MindRecord(
            use=uses.get(name, ModelUse()),
            refusals=refusals.get(name, 0),
            rounds=made.get(name, {}).get("decisions", 0) + sum(failures.get(name, {}).values()),
            confidence=made.get(name, {}).get("confidence"),
            failures=failures.get(name, {}),
            closed=_closed(closed.get(name, [])),
        )
        for name in sorted({*uses, *made, *failures, *closed})
    }


def _use(row: Row) -> ModelUse:
    return ModelUse(
        calls=row["calls"],
        failed=row["failed"],
        repairs=row["repairs"],
        unpriced=row["unpriced"],
        cost=Micros(row["cost"]),
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
        latency_ms=row["latency_ms"],
    )


def _closed(rows: list[Row]) -> TradeRecord:
    return TradeRecord(
        trades=len(rows),
        hits=sum(row["realized_micros"] > 0 for row in rows),
        forecasts=tuple(
            TradeForecast(row["confidence"], row["pnl_micros"] > 0)
            for row in rows
            if row["confidence"] is not None
        ),
    )
