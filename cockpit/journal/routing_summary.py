"""What passing decisions on between models cost and changed, and what was saved by not asking, per agent."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.domain.market import Micros
from cockpit.domain.routing import Trigger
from cockpit.journal.views import JournalReader, Row

_CALLS = (
    "SELECT agent, count(DISTINCT round) AS rounds, sum(cost_micros IS NULL) AS unpriced,"
    " coalesce(sum(cost_micros) FILTER (WHERE role = 'cheap' OR role GLOB 'cheap_*'), 0) AS cheap_cost,"
    " coalesce(sum(cost_micros) FILTER (WHERE role = 'powerful'), 0) AS powerful_cost,"
    " coalesce(sum(cost_micros), 0) AS cost, max(role = 'cheap') AS is_routed"
    " FROM llm_calls WHERE run_id = :run AND ts_ms > :start_ms AND ts_ms <= :end_ms GROUP BY agent"
)
_ESCALATIONS = (
    "SELECT agent, triggers, changed FROM escalations"
    " WHERE run_id = :run AND ts_ms > :start_ms AND ts_ms <= :end_ms ORDER BY seq"
)
_WITHHELD = (
    "SELECT agent, count(DISTINCT round) AS rounds FROM withheld_entries"
    " WHERE run_id = :run AND ts_ms > :start_ms AND ts_ms <= :end_ms GROUP BY agent"
)
_SKIPPED = (
    "SELECT agent, count(*) AS rounds FROM skipped_rounds"
    " WHERE run_id = :run AND ts_ms > :start_ms AND ts_ms <= :end_ms GROUP BY agent"
)
_FOREVER_MS = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingSummary:
    """What one agent's policy came to over a stretch of market time; costs are micro-dollars.

    Attributes:
        rounds: In which a model was asked.
        skipped: In which none was, since nothing had moved.
        escalations: In which the decision was passed on to the powerful model.
        changed: Of those, in which it decided otherwise than the cheap ones.
        undecided: Of those, in which it gave no decision.
        withheld: In which the cheap models wanted to enter, and were not let.
        triggers: How often each made the decision the powerful model's; one decision may have several.
        cheap_cost: Of all questions to cheap models.
        powerful_cost: Of those to the powerful one.
        other_cost: Of those in other roles: mending the form of answers, or deciding without a route.
        unpriced: Calls whose cost nobody knows; costs are without them.
    """

    rounds: int = 0
    skipped: int = 0
    escalations: int = 0
    changed: int = 0
    undecided: int = 0
    withheld: int = 0
    triggers: Mapping[Trigger, int] = field(default_factory=dict)
    cheap_cost: Micros = Micros(0)
    powerful_cost: Micros = Micros(0)
    other_cost: Micros = Micros(0)
    unpriced: int = 0

    @property
    def cost(self) -> Micros:
        """Of all questions together."""
        return Micros(self.cheap_cost + self.powerful_cost + self.other_cost)

    @property
    def powerful_share(self) -> float | None:
        """Of the cost, 0 … 1; None where nothing was spent."""
        return self.powerful_cost / self.cost if self.cost else None

    @property
    def escalation_rate(self) -> float | None:
        """Escalated per round asked, 0 … 1; None where nobody was asked."""
        return self.escalations / self.rounds if self.rounds else None

    @property
    def change_rate(self) -> float | None:
        """Of the escalations that came to a decision, those that changed it; None where none did."""
        decided = self.escalations - self.undecided
        return self.changed / decided if decided else None

    @property
    def skip_rate(self) -> float | None:
        """Skipped per round, 0 … 1; None where there was none."""
        rounds = self.rounds + self.skipped
        return self.skipped / rounds if rounds else None


async def read_routing(
    reader: JournalReader, run_id: str, start_ms: int = -1, end_ms: int = _FOREVER_MS
) -> dict[str, RoutingSummary]:
    """What routing came to after one time and up to another, of the whole run unless given.

    Returns:
        By agent, in the order of their names; only those that have routed or skipped anything there.

    Raises:
        JournalUnavailable, JournalCorrupt: If the journal can't be read.
    """
    bounds = {"run": run_id, "start_ms": start_ms, "end_ms": end_ms}
    calls = {row["agent"]: row for row in await reader.query(_CALLS, bounds)}
    withheld = {row["agent"]: row["rounds"] for row in await reader.query(_WITHHELD, bounds)}
    skipped = {row["agent"]: row["rounds"] for row in await reader.query(_SKIPPED, bounds)}
    escalations: dict[str, list[Row]] = {}
    for row in await reader.query(_ESCALATIONS, bounds):
        escalations.setdefault(row["agent"], []).append(row)
    routed = {name for name, row in calls.items() if row["is_routed"]}
    return {
        name: _summary(
            calls.get(name), escalations.get(name, []), withheld.get(name, 0), skipped.get(name, 0)
        )
        for name in sorted({*routed, *escalations, *withheld, *skipped})
    }


def _summary(calls: Row | None, escalations: list[Row], withheld: int, skipped: int) -> RoutingSummary:
    triggers = Counter(Trigger(each) for row in escalations for each in json.loads(row["triggers"]))
    told = {
        "skipped": skipped,
        "escalations": len(escalations),
        "changed": sum(row["changed"] == 1 for row in escalations),
        "undecided": sum(row["changed"] is None for row in escalations),
        "withheld": withheld,
    }
    counts = {trigger: triggers[trigger] for trigger in Trigger if triggers[trigger]}
    if calls is None:
        return RoutingSummary(triggers=counts, **told)
    cheap, powerful = calls["cheap_cost"], calls["powerful_cost"]
    return RoutingSummary(
        rounds=calls["rounds"],
        triggers=counts,
        cheap_cost=Micros(cheap),
        powerful_cost=Micros(powerful),
        other_cost=Micros(calls["cost"] - cheap - powerful),
        unpriced=calls["unpriced"],
        **told,
    )
