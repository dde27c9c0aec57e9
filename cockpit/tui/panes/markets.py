"""Tickers: price, change since the run began, its course, and how fresh it is."""

from collections.abc import Sequence
from functools import partial

from cockpit.domain.formats import duration, percent, price, short_symbol
from cockpit.tui import look
from cockpit.tui.charts.marks import sparkline
from cockpit.tui.line import Cell, Column, Line, Table, fitted
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.store import Topic

COLUMNS = (
    Column(key="fresh", title="", width=2, keep=60),
    Column(key="symbol", title="coin", width=4, keep=100),
    Column(key="price", title="price", width=8, align="right", keep=99, grow=1),
    Column(key="change", title="change", width=7, align="right", keep=98),
    Column(key="course", title=" course", width=6, keep=50, grow=4),
)

COURSE_MARKS = 240
"""Marks a sparkline looks back over."""


class MarketsPane(Pane):
    """One row per instrument."""

    topics = (Topic.MARKETS,)

    _table = Table(())

    def headings(self, width: int) -> list[Line]:
        """See `Pane`."""
        cells = [self._cells(symbol, 0) for symbol in self.store.instruments]
        self._table = Table.of(fitted(COLUMNS, cells), width)
        return [self._table.header(look.HEADING)]

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        return [Row(None, partial(self._draw_ticker, symbol)) for symbol in self.store.instruments]

    def note(self) -> str:
        """See `Pane`."""
        run = self.store.state.run
        return "" if run is None else f"{run.quote} · since start"

    def _draw_ticker(self, symbol: str, _width: int) -> Line:
        return self._table.line(self._cells(symbol, self._table.width_of("course")))

    def _cells(self, symbol: str, course_width: int) -> dict[str, Cell]:
        state = self.store.state
        mark, first = state.marks.get(symbol), state.first_marks.get(symbol)
        change = None if mark is None or not first else mark / first - 1
        tone = look.tone_of(change)
        course = [value for _, value in self.store.marks.get(symbol, ())][-COURSE_MARKS:]
        return {
            "symbol": (short_symbol(symbol), "bold"),
            "price": (price(mark), ""),
            "change": (percent(change, signed=True), tone),
            "course": (sparkline(course, course_width), look.INFO),
            "fresh": self._freshness(symbol),
        }

    def _freshness(self, symbol: str) -> Cell:
        state = self.store.state
        fresh_ms = state.fresh_ms.get(symbol)
        if fresh_ms is None:
            return "–", look.WARN
        age_ms = state.ts_ms - fresh_ms
        if age_ms <= state.agreement.market_interval_ms:
            return "●", look.GOOD
        return duration(age_ms).split()[0], look.WARN
