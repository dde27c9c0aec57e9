"""Who leads: one row per agent, sorted by any column."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from cockpit.arena.leaderboard import LeaderboardRow, leaderboard
from cockpit.domain.formats import money, percent, ratio
from cockpit.tui import look
from cockpit.tui.charts.marks import sparkline
from cockpit.tui.line import Cell, Column, Line, Table, fitted
from cockpit.tui.panes.mind import cost_words
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.store import Topic

COLUMNS = (
    Column(key="rank", title="#", width=3, align="right", keep=90),
    Column(key="agent", title="agent", width=15, keep=100, grow=1, sortable=True),
    Column(key="return", title="return", width=8, align="right", keep=95, sortable=True),
    Column(key="equity", title="equity", width=8, align="right", keep=70, sortable=True),
    Column(key="pnl", title="P&L", width=6, align="right", keep=80, sortable=True),
    Column(key="trades", title="trades", width=6, align="right", keep=60, sortable=True),
    Column(key="wins", title="win", width=4, align="right", keep=55, sortable=True),
    Column(key="errors", title="err", width=3, align="right", keep=40, sortable=True),
    Column(key="cost", title="cost", width=6, align="right", keep=58, sortable=True),
    Column(key="drawdown", title="maxDD", width=5, align="right", keep=50, sortable=True),
    Column(key="sharpe", title="Sharpe", width=7, align="right", keep=45, sortable=True),
    Column(key="curve", title="curve", width=6, keep=35, grow=2),
)

GROUNDED = "⊘"
"""Before the name of an agent that can't take part; what is to be done about it stands behind."""

BENCHED = " benched"
"""Beside a name where there is room; the square before it says so everywhere."""

MAX_NAME = 26
"""Cells a name takes at most."""

_VALUES: dict[str, Callable[[LeaderboardRow], Any]] = {
    "agent": lambda row: row.agent,
    "return": lambda row: row.return_fraction,
    "equity": lambda row: row.equity,
    "pnl": lambda row: row.pnl,
    "trades": lambda row: row.trades,
    "wins": lambda row: row.win_rate,
    "errors": lambda row: row.errors,
    "cost": lambda row: row.cost,
    "drawdown": lambda row: row.max_drawdown,
    "sharpe": lambda row: row.sharpe,
}


def sorted_rows(rows: Sequence[LeaderboardRow], key: str, *, descending: bool) -> list[LeaderboardRow]:
    """Rows by one column; what has no value there, or no rank, comes last either way, and equals keep their
    rank's order.
    """
    value = _VALUES[key]

    def stands(row: LeaderboardRow) -> bool:
        return row.rank is not None and value(row) is not None

    known = sorted(filter(stands, rows), key=value, reverse=descending)
    return [*known, *(row for row in rows if not stands(row))]


class LeaderboardPane(Pane):
    """The standings; the row under the cursor is the agent other panes put forward."""

    topics = (Topic.STANDINGS, Topic.CURVES)
    has_cursor = True
    cursor_stays = True
    sorted_by = "return"
    descending = True
    _table = Table(())
    _standings: Sequence[LeaderboardRow] = ()

    def headings(self, width: int) -> list[Line]:
        """See `Pane`."""
        self._standings = leaderboard(self.store.state)
        cells = [_cells(row, look.STRANGER_LOOK, Table(())) for row in self._standings]
        self._table = Table.of(fitted(_columns(self._standings), cells), width)
        return [self._table.header(look.HEADING, self.sorted_by, descending=self.descending)]

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        rows = sorted_rows(self._standings, self.sorted_by, descending=self.descending)
        looks = self.looks
        return [Row(row.agent, partial(self._draw_row, row, looks), row.agent) for row in rows]

    def note(self) -> str:
        """See `Pane`."""
        benched = sum(row.benched for row in self._standings)
        grounded = sum(bool(row.grounded) for row in self._standings)
        words = [f"{len(self._standings)} agents"]
        words += [f"{benched} benched"] if benched else []
        words += [f"{grounded} can't take part"] if grounded else []
        return " · ".join(words)

    def sort_by(self, key: str) -> None:
        """Sorts by a column; by the same again: the other way round."""
        if key == self.sorted_by:
            self.descending = not self.descending
        else:
            self.sorted_by, self.descending = key, key != "agent"
        self.paint()

    def sort_by_next(self) -> None:
        """Sorts by the next column in sight."""
        keys = [column.key for column, _ in self._table.columns if column.sortable]
        at = keys.index(self.sorted_by) if self.sorted_by in keys else -1
        self.sort_by(keys[(at + 1) % len(keys)])

    def heading_clicked(self, x: int) -> None:
        """See `Pane`."""
        column = self._table.column_at(x)
        if column is not None and column.sortable:
            self.sort_by(column.key)

    def _draw_row(self, row: LeaderboardRow, looks: look.AgentLooks, width: int) -> Line:
        if row.grounded:
            return _grounded_line(row, self._table, width)
        return self._table.line(_cells(row, look.look_of(looks, row.agent), self._table))


def _columns(rows: Sequence[LeaderboardRow]) -> list[Column]:
    """The columns, that of names as wide as the names in it; that of costs only where models are asked."""
    name_width = max((min(MAX_NAME, len(row.agent) + 2) for row in rows), default=15)
    asked = any(row.models is not None for row in rows)
    columns = [each for each in COLUMNS if asked or each.key != "cost"]
    return [replace(each, width=name_width) if each.key == "agent" else each for each in columns]


def _grounded_line(row: LeaderboardRow, table: Table, width: int) -> Line:
    """In place of figures what is to be done; behind the return, where there was one before."""
    cells = _cells(row, look.STRANGER_LOOK, table)
    cells["agent"] = Line(f"{GROUNDED} ", look.WARN).add(row.agent, look.MUTED)
    shown = 3 if row.trades or row.pnl else 2
    line = Table(table.columns[:shown]).line(cells)
    problem, _, remedy = row.grounded.partition(": ")
    return line.add(" ").add(remedy or problem, look.WARN).cut(width)


def _cells(row: LeaderboardRow, own: look.AgentLook, table: Table) -> dict[str, Cell]:
    tone = look.tone_of(row.pnl)
    mark = "■" if row.benched else own.mark
    name = Line(f"{mark} ", look.WARN if row.benched else own.style).add(
        row.agent, look.MUTED if row.benched else "bold"
    )
    if row.benched and name.width + len(BENCHED) <= table.width_of("agent"):
        name.add(BENCHED, look.WARN)
    return {
        "rank": (row.place, look.MUTED),
        "agent": name,
        "return": (percent(row.return_fraction, signed=True), tone),
        "equity": (money(row.equity), ""),
        "pnl": (money(row.pnl, signed=True), tone),
        "trades": (str(row.trades), ""),
        "wins": (percent(row.win_rate, decimals=0), "" if row.win_rate is not None else look.FAINT),
        "errors": (str(row.errors), look.BAD if row.errors else look.FAINT),
        "cost": ("–", look.FAINT) if row.models is None else (cost_words(row.models), look.MUTED),
        "drawdown": (percent(row.max_drawdown, decimals=1), look.MUTED),
        "sharpe": (ratio(row.sharpe), look.FAINT if row.sharpe is None else ""),
        "curve": (sparkline(row.equities, table.width_of("curve")), own.style),
    }
