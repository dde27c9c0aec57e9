"""The runs of a bot: when each began, how it went, who led, and what deciding cost."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from cockpit.domain.formats import NOT_AVAILABLE, duration
from cockpit.tui import look
from cockpit.tui.figures import cost_words, signed_percent
from cockpit.tui.line import Cell, Column, Line, Table, fitted
from cockpit.tui.panes.pane import Row
from cockpit.tui.panes.row import within
from cockpit.tui.panes.told import ToldPane
from cockpit.tui.store import Connection, Store

GOES_ON, STOPPED, LEFT = "goes on", "stopped", "replaced"

WIDE = 110
"""Cells from which it is said in full how a run ended."""

END_WIDTH = 24

COLUMNS = (
    Column(key="began", title="began", width=11, keep=100),
    Column(key="lasted", title="length", width=7, keep=70, align="right"),
    Column(key="rounds", title="rounds", width=7, keep=80, align="right"),
    Column(key="agents", title="agents", width=6, keep=40, align="right"),
    Column(key="market", title="market", width=10, keep=30, grow=1),
    Column(key="end", title="how it ended", width=12, keep=75, grow=2),
    Column(key="leader", title="leader", width=17, keep=90, grow=2),
    Column(key="growth", title="return", width=7, keep=89, align="right"),
    Column(key="control_growth", title="control", width=8, keep=88, align="right"),
    Column(key="control", title="that is", width=13, keep=28),
    Column(key="decisions", title="decided", width=7, keep=35, align="right"),
    Column(key="failures", title="failed", width=6, keep=34, align="right"),
    Column(key="cost", title="models", width=8, keep=45, align="right"),
    Column(key="run", title="run", width=23, keep=10),
)


class RunsPane(ToldPane):
    """Runs in rows, the newest first; enter opens one."""

    has_cursor = True

    def __init__(self, store: Store) -> None:
        super().__init__(store, "runs")

    def headings(self, width: int) -> list[Line]:
        """See `PaintedLines`."""
        return [self._table(width).header(look.HEADING)] if self.answer else []

    def answer_rows(self, width: int) -> Iterator[Row]:
        """See `ToldPane`."""
        if not self.answer:
            yield Row.of(Line("No run yet.", look.MUTED))
        table = self._table(width)
        for run, cells in zip(self.answer, self._cells(), strict=True):
            yield Row(run["run_id"], partial(within, table.line(cells)))

    def _table(self, width: int) -> Table:
        end = END_WIDTH if width >= WIDE else 0
        columns = [replace(each, width=max(each.width, end * (each.key == "end"))) for each in COLUMNS]
        return Table.of(fitted(columns, self._cells()), width)

    def _cells(self) -> list[dict[str, Cell]]:
        live = self.store.connection is not Connection.ABSENT
        return [
            _run_cells(run, how_it_ended(run, is_newest=number == 0, is_live=live))
            for number, run in enumerate(self.answer)
        ]


def how_it_ended(run: Mapping[str, Any], *, is_newest: bool, is_live: bool) -> tuple[str, str]:
    """How a run ended or that it goes on, and in which style to say so."""
    if run["finish_reason"]:
        return f"✓ {run['finish_reason']}", look.MUTED
    if not is_newest:
        return f"– {LEFT}", look.FAINT
    return (f"▶ {GOES_ON}", look.GOOD) if is_live else (f"■ {STOPPED}", look.WARN)


def began(run: Mapping[str, Any]) -> str:
    """Real time at which a run began, short."""
    said: str | None = run["began_time"]
    return NOT_AVAILABLE if said is None else said[5:16].replace("T", " ")


def rounds(run: Mapping[str, Any]) -> str:
    """How many rounds were closed, of how many."""
    limit = run["rounds_limit"]
    return f"{run['rounds_closed']:,}" if limit is None else f"{run['rounds_closed']:,}/{limit:,}"


def _run_cells(run: Mapping[str, Any], end: tuple[str, str]) -> dict[str, Cell]:
    growth, control = run["leader_return_percent"], run["control_return_percent"]
    return {
        "began": (began(run), "bold"),
        "lasted": (duration(round(run["lasted_s"] * 1_000)), ""),
        "rounds": (rounds(run), ""),
        "agents": (str(run["agents"]), look.MUTED),
        "market": (run["market"], look.MUTED),
        "end": end,
        "leader": (run["leader"] or NOT_AVAILABLE, "bold" if run["leader"] else look.FAINT),
        "growth": (signed_percent(growth), look.tone_of(growth)),
        "control": (run["control"] or "none", look.MUTED),
        "control_growth": (signed_percent(control), look.tone_of(control)),
        "decisions": (f"{run['decisions']:,}", ""),
        "failures": (f"{run['failures']:,}", look.BAD if run["failures"] else look.MUTED),
        "cost": (cost_words(run), ""),
        "run": (run["run_id"], look.MUTED),
    }
