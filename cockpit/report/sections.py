"""The tables of a report, in order: one list, which the terminal and the page only draw."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from cockpit.report.charts import CALIBRATION
from cockpit.report.columns import SECTIONS, Column, Named
from cockpit.report.debates.columns import DEBATES, DEBATES_TITLE, ROLES, ROLES_TITLE
from cockpit.report.debates.statistics import debate_report
from cockpit.report.models.columns import (
    ANSWERS,
    ANSWERS_TITLE,
    CALIBRATIONS,
    CALIBRATIONS_TITLE,
    CALLS,
    CALLS_TITLE,
    NET,
    NET_TITLE,
)
from cockpit.report.models.statistics import model_report
from cockpit.report.routing.columns import ROUTING_SECTIONS
from cockpit.report.routing.statistics import routing_report
from cockpit.report.session import Session
from cockpit.report.statistics import arena_statistics, ranked

RowT = TypeVar("RowT", bound=Named)


class Heading(NamedTuple):
    """Of a column; texts stand on its left, figures on its right."""

    words: str
    is_text: bool


class Cell(NamedTuple):
    """What stands in a table, and where that has a sign, the value that has it."""

    text: str
    signed: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table.

    Attributes:
        title: Of the table; empty: none.
        headings: Of its columns.
        lines: A row each.
        total: All of them together; None where that says nothing.
        chart: The page's element of a chart that shows the same; empty: none.
    """

    title: str
    headings: tuple[Heading, ...]
    lines: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None
    chart: str = ""


def section(
    title: str,
    columns: Sequence[Column[RowT]],
    rows: Sequence[RowT],
    total: RowT | None = None,
    chart: str = "",
) -> Section:
    """A table of rows."""
    return Section(
        title=title,
        headings=tuple(Heading(column.heading, column.is_text) for column in columns),
        lines=tuple(_line(columns, row) for row in rows),
        total=None if total is None else _line(columns, total),
        chart=chart,
    )


def sections(session: Session) -> Iterator[Section]:
    """Everything a report has to say in figures; of models, debates and routing where there are any."""
    rows, arena = ranked(session), arena_statistics(session)
    for title, columns in SECTIONS:
        yield section(title, columns, rows, arena)
    yield from _models(session)
    yield from _debates(session)
    yield from _routing(session)


def _models(session: Session) -> Iterator[Section]:
    report = model_report(session)
    if report is None:
        return
    yield section(NET_TITLE, NET, report.agents, report.arena)
    yield section(CALLS_TITLE, CALLS, report.asking, report.together)
    yield section(ANSWERS_TITLE, ANSWERS, report.asking, report.together)
    if report.calibrations:
        yield section(CALIBRATIONS_TITLE, CALIBRATIONS, report.calibrations, chart=CALIBRATION)


def _debates(session: Session) -> Iterator[Section]:
    report = debate_report(session)
    if report is None:
        return
    yield section(DEBATES_TITLE, DEBATES, report.agents, report.arena)
    yield section(ROLES_TITLE, ROLES, report.roles)


def _routing(session: Session) -> Iterator[Section]:
    report = routing_report(session)
    if report is None:
        return
    for title, columns in ROUTING_SECTIONS:
        yield section(title, columns, report.agents, report.arena)


def _line(columns: Sequence[Column[RowT]], row: RowT) -> tuple[Cell, ...]:
    return tuple(
        Cell(column.text(row), None if column.signed is None else column.signed(row)) for column in columns
    )
