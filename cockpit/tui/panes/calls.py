"""Questions to models, one row each; opening one shows its words."""

from collections.abc import Iterable, Iterator
from functools import partial

from cockpit.domain.formats import clock
from cockpit.tui import look
from cockpit.tui.call_history import CallEntry
from cockpit.tui.line import Cell, Column, Table, fitted
from cockpit.tui.panes.mind import latency_words
from cockpit.tui.panes.row import Row, within
from cockpit.tui.spending import spent_words

CALL = "call:"
"""What the name of a row begins with that opens a call."""

LATEST_CALLS = 50
"""Rows of calls at most."""

CALL_COLUMNS = (
    Column(key="time", title="round at", width=11, keep=40),
    Column(key="number", title="call", width=4, align="right", keep=30),
    Column(key="role", title="role", width=8, keep=99),
    Column(key="model", title="model", width=10, keep=20, grow=1),
    Column(key="outcome", title="outcome", width=10, keep=98),
    Column(key="tokens", title="tokens", width=6, align="right", keep=10),
    Column(key="latency", title="took", width=5, align="right", keep=50),
    Column(key="cost", title="cost", width=7, align="right", keep=97),
)


def call_rows(calls: Iterable[CallEntry], width: int) -> Iterator[Row]:
    """A heading and a row for each call, in the order given; nothing without calls."""
    shown = list(calls)[:LATEST_CALLS]
    cells = [_cells(each) for each in shown]
    table = Table.of(fitted(CALL_COLUMNS, cells), width)
    if shown:
        yield Row.of(table.header(look.HEADING))
    for call, each in zip(shown, cells, strict=True):
        ident = f"{CALL}{call.call_id}"
        yield Row(ident, partial(within, table.line(each)), call.agent, ident)


def _cells(call: CallEntry) -> dict[str, Cell]:
    counted = [tokens for tokens in (call.input_tokens, call.output_tokens) if tokens is not None]
    return {
        "time": (clock(call.ts_ms), look.MUTED),
        "number": (f"{call.call_id}", look.MUTED),
        "role": (call.role, "bold"),
        "model": (call.model, look.MUTED),
        "outcome": (f"✗ {call.fault}", look.BAD) if call.fault else ("✓ answered", look.GOOD),
        "tokens": (f"{sum(counted):,}" if counted else "–", look.MUTED),
        "latency": (latency_words(call.latency_ms), look.MUTED),
        "cost": (spent_words(1, int(call.cost is None), call.cost or 0), ""),
    }
