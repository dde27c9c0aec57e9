"""Pass and fail: how often each agent decided and failed to, what it was refused, and what risk denied."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from cockpit.tui import look
from cockpit.tui.figures import counted, share, share_bar
from cockpit.tui.line import Cell, Column, Line, Table, cells_of, fitted
from cockpit.tui.panes.pane import Row
from cockpit.tui.panes.row import within
from cockpit.tui.panes.told import ToldPane
from cockpit.tui.store import Store

WINDOWS = ("all", "1h", "1d", "7d", "30d")
"""Stretches of market time, from the one shown first."""

SHORT_BAR, LONG_BAR = 5, 9
WIDE = 92
"""Cells from which bars are long."""

PERCENT = 6
"""Cells behind a bar."""

MAX_NAME = 24
TOGETHER = "all agents"

_COLUMNS = (
    Column(key="agent", title="agent", width=14, keep=100, grow=1),
    Column(key="decided", title="decided", width=7, keep=90, align="right"),
    Column(key="passed", title="passed", width=0, keep=99),
    Column(key="failed", title="failed", width=15, keep=95, grow=2),
    Column(key="refusals", title="refused", width=7, keep=30, align="right"),
    Column(key="denied", title="denied", width=6, keep=80, align="right"),
    Column(key="share", title="of orders", width=0, keep=85),
    Column(key="rules", title="by which rule", width=14, keep=20, grow=2),
)


class ReliabilityPane(ToldPane):
    """A row per agent, and one for all together."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, "reliability")

    def headings(self, width: int) -> list[Line]:
        """See `PaintedLines`."""
        return [self._table(width).header(look.HEADING)] if self._agents else []

    def answer_rows(self, width: int) -> Iterator[Row]:
        """See `ToldPane`."""
        if not self._agents:
            yield Row.of(Line("Nobody has competed yet.", look.MUTED))
            return
        table = self._table(width)
        for cells in self._cells(width):
            yield Row(None, partial(within, table.line(cells)))

    @property
    def _agents(self) -> Sequence[Mapping[str, Any]]:
        return self.answer["agents"] if self.answer is not None else ()

    def _table(self, width: int) -> Table:
        bars = _bar_cells(width) + PERCENT
        names = [min(MAX_NAME, cells_of(each["agent"]) + 2) for each in self._agents]
        widths = {"agent": max(names), "passed": bars, "share": bars}
        columns = [replace(each, width=widths.get(each.key, each.width)) for each in _COLUMNS]
        return Table.of(fitted(columns, self._cells(width)), width)

    def _cells(self, width: int) -> list[dict[str, Cell]]:
        agents, bars = list(self._agents), _bar_cells(width)
        controls = {each["agent"] for each in agents if each["is_control"]}
        hues = look.hues_of(self.app.current_theme)
        looks = look.agent_looks([each["agent"] for each in agents], controls, hues)
        cells = [_agent_cells(each, look.look_of(looks, each["agent"]), bars) for each in agents]
        if len(agents) > 1:
            everybody = Line(TOGETHER, "bold")
            cells.append(_figures(_together(agents), bars) | {"agent": everybody})
        return cells


def _agent_cells(said: Mapping[str, Any], own: look.AgentLook, bars: int) -> dict[str, Cell]:
    return _figures(said, bars) | {"agent": Line(f"{own.mark} ", own.style).add(said["agent"])}


def _figures(said: Mapping[str, Any], bars: int) -> dict[str, Cell]:
    failed, denied = sum(said["failures"].values()), sum(said["denials"].values())
    skipped = f" ({said['skipped']:,} skipped)" if said["skipped"] else ""
    return {
        "decided": (f"{said['decisions']:,}", ""),
        "passed": share_bar(share(said["decisions"], said["decisions"] + failed), bars, look.GOOD),
        "failed": (f"{counted(said['failures'])}{skipped}", look.BAD if failed else look.MUTED),
        "refusals": (f"{said['refusals']:,}", look.WARN if said["refusals"] else look.MUTED),
        "denied": (f"{denied:,}", look.WARN if denied else look.MUTED),
        "share": share_bar(share(denied, said["orders"]), bars, look.WARN),
        "rules": (counted(said["denials"]), look.MUTED),
    }


def _bar_cells(width: int) -> int:
    return LONG_BAR if width >= WIDE else SHORT_BAR


def _together(agents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    sums = {key: sum(each[key] for each in agents) for key in ("decisions", "skipped", "refusals", "orders")}
    counts: dict[str, Counter[str]] = {"failures": Counter(), "denials": Counter()}
    for each in agents:
        for key, counter in counts.items():
            counter.update(each[key])
    return {**sums, **counts}
