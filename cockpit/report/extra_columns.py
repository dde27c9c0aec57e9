"""What sheets have beside their own columns, where a session has something to put there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.report.debates.rows import debate_cells
from cockpit.report.debates.statistics import debate_report
from cockpit.report.models.rows import model_cells
from cockpit.report.models.statistics import model_report
from cockpit.report.routing.rows import routing_cells
from cockpit.report.routing.statistics import routing_report
from cockpit.report.session import Session
from cockpit.report.values import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraColumns:
    """Columns behind those of a sheet.

    Attributes:
        names: In order.
        cells: By the agent's name, what stands in them; nothing is known of what is missing.
    """

    names: tuple[str, ...] = ()
    cells: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def of(self, name: str) -> list[object]:
        """One agent's, or the arena's."""
        own = self.cells.get(name, {})
        return [own.get(column) for column in self.names]


def extra_columns(session: Session) -> ExtraColumns:
    """Those of models, debates and routing, each where there are some."""
    models, debates, routing = model_report(session), debate_report(session), routing_report(session)
    parts: list[dict[str, Document]] = []
    if models is not None:
        parts.append(model_cells(models))
    if debates is not None:
        parts.append(debate_cells(debates))
    if routing is not None:
        parts.append(routing_cells(routing))
    names = dict.fromkeys(column for part in parts for own in part.values() for column in own)
    cells: dict[str, Document] = {}
    for part in parts:
        for name, own in part.items():
            cells.setdefault(name, {}).update(own)
    return ExtraColumns(names=tuple(names), cells=cells)
