"""The library in rows: models, tools or strategies, and who uses them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from cockpit.report.library_words import (
    NOBODY,
    UNKNOWN,
    bench_words,
    context_words,
    key_words,
    latency_words,
    parameter_words,
    price_words,
    runner_words,
    use_words,
)
from cockpit.tui import look
from cockpit.tui.figures import cost_words, counted
from cockpit.tui.line import Cell, Column, Line, Table, fitted
from cockpit.tui.panes.pane import Row
from cockpit.tui.panes.row import within
from cockpit.tui.panes.told import ToldPane
from cockpit.tui.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A part of the library.

    Attributes:
        title: What it is called.
        path: Of the control API.
        key: What names one of its things.
        columns: What a row shows.
        cells: A row's cells.
        nothing: What is said where there is nothing.
    """

    title: str
    path: str
    key: str
    columns: tuple[Column, ...]
    cells: Callable[[Mapping[str, Any]], dict[str, Cell]]
    nothing: str


class LibraryPane(ToldPane):
    """One shelf at a time.

    Attributes:
        shelf: Which.
    """

    has_cursor = True

    def __init__(self, store: Store, shelf: Shelf) -> None:
        super().__init__(store, "library")
        self.shelf = shelf

    def put_forward(self, shelf: Shelf) -> None:
        """Shows another shelf, which is empty until it is read."""
        self.shelf, self.answer, self.trouble = shelf, None, ""
        self.scroll_to(y=0, animate=False)
        self.paint()

    def headings(self, width: int) -> list[Line]:
        """See `PaintedLines`."""
        return [self._table(width).header(look.HEADING)] if self.answer else []

    def answer_rows(self, width: int) -> Iterator[Row]:
        """See `ToldPane`."""
        if not self.answer:
            yield Row.of(Line(self.shelf.nothing, look.MUTED))
        table = self._table(width)
        for each in self.answer:
            line = table.line(self.shelf.cells(each))
            yield Row((self.shelf.path, each[self.shelf.key]), partial(within, line))

    @property
    def selected(self) -> Mapping[str, Any] | None:
        """What the cursor is on."""
        row = self.selected_row
        for each in self.answer or ():
            if row is not None and row.key == (self.shelf.path, each[self.shelf.key]):
                found: Mapping[str, Any] = each
                return found
        return None

    def _table(self, width: int) -> Table:
        return Table.of(fitted(self.shelf.columns, [self.shelf.cells(each) for each in self.answer]), width)


def key_style(model: Mapping[str, Any]) -> str:
    """How the state of a model's key is shown."""
    if model["missing_key"] is not None:
        return look.WARN
    return look.GOOD if model["key_variable"] is not None else look.MUTED


def _model_cells(model: Mapping[str, Any]) -> dict[str, Cell]:
    benched = bench_words(model)
    state = (benched, look.BAD) if benched else (key_words(model), key_style(model))
    is_unknown = not model["prices"]
    schema = {True: "yes", False: "no", None: UNKNOWN}[model["keeps_schema"]]
    return {
        "model": (model["model"], "bold"),
        "state": state,
        "uses": (use_words(model), "" if model["uses"] else look.FAINT),
        "price": (price_words(model), look.WARN if is_unknown else ""),
        "source": (model["price_source"] or "–", look.MUTED),
        "schema": (schema, look.MUTED),
        "context": (context_words(model["context_tokens"]), look.MUTED),
        "calls": (f"{model['calls']:,}", ""),
        "errors": (f"{model['failed_calls']:,}", look.BAD if model["failed_calls"] else look.MUTED),
        "latency": (latency_words(model["median_latency_s"]), ""),
        "cost": (cost_words(model), ""),
    }


def _tool_cells(tool: Mapping[str, Any]) -> dict[str, Cell]:
    used = sum(tool["uses"].values())
    return {
        "tool": (tool["name"], "bold"),
        "uses": (f"{used:,}", "" if used else look.FAINT),
        "roles": (counted(tool["uses"]), look.MUTED),
        "given": (", ".join(parameter_words(each) for each in tool["parameters"]) or "nothing", look.MUTED),
        "tells": (tool["description"], ""),
    }


def _strategy_cells(strategy: Mapping[str, Any]) -> dict[str, Cell]:
    mark = "○ control" if strategy["is_control"] else "● trades"
    users = strategy["agents"]
    return {
        "strategy": (strategy["name"], "bold"),
        "kind": (mark, look.MUTED),
        "users": (", ".join(runner_words(each) for each in users) or NOBODY, "" if users else look.FAINT),
        "parameters": (str(len(strategy["parameters"])), look.MUTED),
        "does": (strategy["summary"], ""),
    }


MODELS = Shelf(
    title="Models",
    path="/models",
    key="model",
    columns=(
        Column(key="model", title="model", width=22, keep=100, grow=2),
        Column(key="state", title="key", width=20, keep=98, grow=1),
        Column(key="uses", title="asked by, as what", width=18, keep=70, grow=3),
        Column(key="price", title="$/M in / out", width=12, keep=90, align="right"),
        Column(key="source", title="says", width=8, keep=40),
        Column(key="schema", title="schema", width=7, keep=30),
        Column(key="context", title="context", width=7, keep=35, align="right"),
        Column(key="calls", title="calls", width=5, keep=80, align="right"),
        Column(key="errors", title="errors", width=6, keep=60, align="right"),
        Column(key="latency", title="p50", width=7, keep=50, align="right"),
        Column(key="cost", title="cost", width=8, keep=75, align="right"),
    ),
    cells=_model_cells,
    nothing="Nobody asks a model: no agent's settings name one.",
)
TOOLS = Shelf(
    title="Tools",
    path="/tools",
    key="name",
    columns=(
        Column(key="tool", title="tool", width=15, keep=100),
        Column(key="uses", title="used", width=5, keep=90, align="right"),
        Column(key="roles", title="by role", width=16, keep=60, grow=1),
        Column(key="given", title="is given", width=22, keep=50, grow=1),
        Column(key="tells", title="tells", width=30, keep=80, grow=3),
    ),
    cells=_tool_cells,
    nothing="There is no tool.",
)
STRATEGIES = Shelf(
    title="Strategies",
    path="/strategies",
    key="name",
    columns=(
        Column(key="strategy", title="strategy", width=19, keep=100),
        Column(key="kind", title="kind", width=9, keep=70),
        Column(key="users", title="run by", width=22, keep=90, grow=1),
        Column(key="parameters", title="params", width=6, keep=40, align="right"),
        Column(key="does", title="what it does", width=24, keep=80, grow=2),
    ),
    cells=_strategy_cells,
    nothing="There is no strategy.",
)
SHELVES = (MODELS, TOOLS, STRATEGIES)
