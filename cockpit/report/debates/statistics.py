"""The figures of agents whose roles debate before they decide."""

from dataclasses import dataclass

from cockpit.domain.debates import JUDGE, SHADOW, AnalystRole
from cockpit.domain.events import ARENA
from cockpit.report.session import Record, Session
from cockpit.report.statistics import ranked
from cockpit.trading.debate_tally import DebateFigures
from cockpit.trading.forecasts import RoleScore

ROLES_IN_ORDER = (*AnalystRole, JUDGE, SHADOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class DebateRow:
    """What an agent's debates come to, or those of all, and how right each role was."""

    name: str
    figures: DebateFigures
    roles: tuple[RoleScore, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    """How right one role in an agent's debates was."""

    name: str
    score: RoleScore


@dataclass(frozen=True, slots=True, kw_only=True)
class DebateReport:
    """What a session says of debates.

    Attributes:
        agents: Those that held any, best return first.
        arena: All of them together.
    """

    agents: tuple[DebateRow, ...]
    arena: DebateRow

    @property
    def roles(self) -> list[RoleRow]:
        """Each role of each agent; where several agents debate, of all together as well."""
        rows = self.agents if len(self.agents) == 1 else (*self.agents, self.arena)
        return [RoleRow(name=row.name, score=score) for row in rows for score in row.roles]


def debate_report(session: Session) -> DebateReport | None:
    """What a session says of debates; None where none was held."""
    records = {record.name: record for record in session.agents}
    rows = [_row(row.name, records[row.name]) for row in ranked(session)]
    whole = _row(ARENA, session.arena)
    if whole is None:
        return None
    return DebateReport(agents=tuple(row for row in rows if row is not None), arena=whole)


def _row(name: str, record: Record) -> DebateRow | None:
    figures = record.noted.debates
    if figures is None:
        return None
    in_order = sorted(record.noted.roles, key=lambda score: ROLES_IN_ORDER.index(score.role))
    return DebateRow(name=name, figures=figures, roles=tuple(in_order))
