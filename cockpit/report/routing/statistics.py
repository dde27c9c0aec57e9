"""The figures of agents that ask cheap models first, or skip rounds."""

from dataclasses import dataclass

from cockpit.domain.events import ARENA
from cockpit.domain.market import Micros
from cockpit.journal.routing_summary import RoutingSummary
from cockpit.report.session import Record, Session
from cockpit.report.statistics import ranked


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRow:
    """What an agent's policy came to, or those of all."""

    name: str
    summary: RoutingSummary

    @property
    def cost(self) -> Micros | None:
        """Of all its questions, micro-dollars; None where the cost of any is unknown."""
        return None if self.summary.unpriced else self.summary.cost

    @property
    def powerful_share(self) -> float | None:
        """Of the cost, 0 … 1; None where nothing was spent, or the cost of any question is unknown."""
        return None if self.summary.unpriced else self.summary.powerful_share

    def at_least(self, cost: Micros) -> Micros | None:
        """A part of the cost as far as it is known; None where there may be nothing known of it."""
        return None if self.summary.unpriced and not cost else cost


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingReport:
    """What a session says of routing.

    Attributes:
        agents: Those that have a policy, best return first.
        arena: All of them together.
    """

    agents: tuple[RoutingRow, ...]
    arena: RoutingRow


def routing_report(session: Session) -> RoutingReport | None:
    """What a session says of routing; None where nothing was routed or skipped."""
    records = {record.name: record for record in session.agents}
    rows = [_row(row.name, records[row.name]) for row in ranked(session)]
    whole = _row(ARENA, session.arena)
    if whole is None:
        return None
    return RoutingReport(agents=tuple(row for row in rows if row is not None), arena=whole)


def _row(name: str, record: Record) -> RoutingRow | None:
    summary = record.noted.routing
    return None if summary is None else RoutingRow(name=name, summary=summary)
