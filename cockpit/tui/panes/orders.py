"""The blotter: every order that works, and those of the past, with what became of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

from cockpit.domain.formats import duration, price, short_symbol
from cockpit.domain.market import Instrument, Lots
from cockpit.domain.orders import Order, OrderPurpose, OrderStatus, TimeInForce
from cockpit.tui import look
from cockpit.tui.line import Cell, Column, Line, Table, cells_of
from cockpit.tui.order_filter import OrderFilter, as_tree
from cockpit.tui.order_history import OrderEntry
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.store import Store, Topic

SINGLE_LINE = 128
"""Cells from which an order takes one line."""

MAX_NAME = 24

_BASE = (
    Column(key="order", title="order", width=7, keep=100),
    Column(key="age", title="age", width=4, align="right", keep=60),
    Column(key="agent", title="agent", width=15, keep=95, grow=1),
    Column(key="symbol", title="coin", width=4, keep=99),
    Column(key="side", title="side", width=6, keep=98),
    Column(key="size", title="size", width=9, align="right", keep=97),
    Column(key="filled", title="filled", width=6, align="right", keep=96),
)
_STATUS = Column(key="status", title="status", width=10, keep=94)
WIDE_COLUMNS = (
    *_BASE,
    Column(key="kind", title="kind", width=15, keep=90),
    Column(key="purpose", title="purpose", width=10, keep=70),
    Column(key="limit", title="limit", width=10, align="right", keep=80),
    Column(key="trigger", title="trigger", width=10, align="right", keep=81),
    Column(key="trail", title="trail", width=10, align="right", keep=40),
    Column(key="mean", title="avg fill", width=10, align="right", keep=50),
    _STATUS,
    Column(key="why", title="why", width=14, keep=93, grow=4),
)
NARROW_COLUMNS = (*_BASE, _STATUS)
_PRICES = ("limit", "trigger", "trail", "mean")
"""Columns as wide as the prices there are."""

_STATUS_WORDS = {OrderStatus.PARTIALLY_FILLED: "partial", OrderStatus.PENDING_CANCEL: "cancelling"}

_STYLES = {
    OrderStatus.FILLED: look.GOOD,
    OrderStatus.DENIED: look.WARN,
    OrderStatus.HELD: look.WARN,
    OrderStatus.REJECTED: look.BAD,
    OrderStatus.CANCELED: look.MUTED,
    OrderStatus.EXPIRED: look.MUTED,
    OrderStatus.PENDING_CANCEL: look.MUTED,
}


_KeptRows = tuple[object, tuple[Row, ...]]
"""What an order's rows say, and the rows."""


@dataclass(slots=True)
class _Layout:
    """What all rows are drawn by; rows are kept as long as it is the same.

    Attributes:
        table: The columns.
        looks: How agents are shown.
        is_wide: Whether an order takes one line.
        kept: Order id → what its rows say, and the rows.
    """

    table: Table
    looks: look.AgentLooks
    is_wide: bool
    kept: dict[int, _KeptRows] = field(default_factory=dict, compare=False)


class OrdersPane(Pane):
    """Orders in rows of one line, or of two where there is little room.

    Rows are made anew only where an order has changed, and drawn anew only where their line has.

    Attributes:
        filters: What is shown.
        past: Orders that ended before the latest events, by id.
    """

    topics = (Topic.HOLDINGS,)
    paint_every_s = 0.5
    has_cursor = True
    holds_place = True

    def __init__(self, store: Store, pane_id: str) -> None:
        super().__init__(store, pane_id)
        self.filters = OrderFilter()
        self.past: Mapping[int, OrderEntry] = {}
        self._shown = self._total = self._working = 0
        self._layout = _Layout(Table(()), {}, is_wide=False)

    @property
    def entries(self) -> dict[int, OrderEntry]:
        """Every order there is, by id."""
        working = {
            number: OrderEntry(order=order, updated_ms=order.created_ms, value=None)
            for agent in self.store.state.agents.values()
            for number, order in agent.working.items()
        }
        return {**self.past, **working, **self.store.orders.entries}

    def headings(self, width: int) -> list[Line]:
        """See `Pane`."""
        table = Table.of(_columns(self.store, width), width)
        layout = _Layout(table, self.looks, is_wide=width >= SINGLE_LINE)
        if layout != self._layout:
            self._layout = layout
        return [table.header(look.HEADING)]

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        entries = self.entries
        tree = as_tree(entries, self.filters)
        self._shown, self._total = len(tree), len(entries)
        self._working = sum(entry.is_working for entry in entries.values())
        if not tree:
            words = "No order is like that." if entries else "No orders yet."
            return [Row(None, partial(_draw_words, words))]
        kept = self._layout.kept
        self._layout.kept = {entry.order.order_id: self._keep(entry, depth, kept) for entry, depth in tree}
        return [row for _, rows in self._layout.kept.values() for row in rows]

    def rows_taken(self) -> None:
        """See `Pane`."""
        super().rows_taken()
        self.show_title("Orders", self.note())

    def note(self) -> str:
        """See `Pane`."""
        shown = f"{self._shown:,} of {self._total:,}" if self.filters.is_set else f"{self._total:,}"
        return f"{shown} orders · {self._working:,} working"

    def _keep(self, entry: OrderEntry, depth: int, kept: Mapping[int, _KeptRows]) -> _KeptRows:
        """An order's rows: those it had, where they say the same."""
        says = (entry.order, entry.words, entry.value, depth)
        before = kept.get(entry.order.order_id)
        if before is not None and before[0] == says:
            return before
        return says, tuple(self._rows_of(entry, depth))

    def _rows_of(self, entry: OrderEntry, depth: int) -> Iterator[Row]:
        order, layout = entry.order, self._layout
        instrument = self.store.instruments.get(order.symbol)
        draw_at_age = lru_cache(maxsize=1)(partial(_draw_order, entry, instrument, depth, layout))
        draw = partial(_draw_aging, self.store, draw_at_age, order.created_ms)
        yield Row(order.order_id, draw, order.agent, f"order:{order.order_id}")
        if not layout.is_wide:
            yield Row(None, lru_cache(maxsize=1)(partial(_draw_below, entry, instrument, depth)))
        elif _is_cut(entry, layout):
            yield Row(None, lru_cache(maxsize=1)(partial(_draw_why, entry, depth)))


def _columns(store: Store, width: int) -> list[Column]:
    marks = (*store.state.marks.values(), *store.state.first_marks.values())
    price_width = max((len(price(mark)) for mark in marks), default=10)
    name_width = max((min(MAX_NAME, len(name) + 2) for name in store.state.agents), default=15)
    widths = {"agent": name_width, **dict.fromkeys(_PRICES, max(8, price_width))}
    columns = WIDE_COLUMNS if width >= SINGLE_LINE else NARROW_COLUMNS
    return [replace(each, width=widths.get(each.key, each.width)) for each in columns]


def _is_cut(entry: OrderEntry, layout: _Layout) -> bool:
    """Whether the reason has no room in its column."""
    return bool(entry.words) and cells_of(entry.words) > layout.table.width_of("why")


def _draw_aging(store: Store, draw_at_age: Callable[[str], Line], created_ms: int, _width: int) -> Line:
    """An order's line, drawn anew once the order has grown visibly older."""
    return draw_at_age(duration(store.state.ts_ms - created_ms).split()[0])


def _draw_order(
    entry: OrderEntry, instrument: Instrument | None, depth: int, layout: _Layout, age: str
) -> Line:
    order = entry.order
    own = look.look_of(layout.looks, order.agent)
    arrow, side = ("▲ buy", look.GOOD) if order.signed_lots > 0 else ("▼ sell", look.BAD)
    cells: dict[str, Cell] = {
        "order": (f"{_branch(depth)}{order.order_id}", "" if entry.is_working else look.MUTED),
        "age": (age, look.MUTED),
        "agent": Line(f"{own.mark} ", own.style).add(order.agent, "bold"),
        "symbol": (short_symbol(order.symbol), ""),
        "side": (arrow, side),
        "size": (_size(order.signed_lots, instrument), ""),
        "filled": (f"{entry.filled_fraction:.0%}" if order.filled_lots else "–", look.MUTED),
        "kind": (kind_words(order), ""),
        "purpose": (_purpose(order), look.MUTED),
        "limit": (_price(order.limit_price), ""),
        "trigger": (_price(order.trigger_price), ""),
        "trail": (_price(_to_tick(order.trail_distance, instrument)), look.MUTED),
        "mean": (_price(_to_tick(entry.mean_price, instrument)), look.MUTED),
        "status": (
            _STATUS_WORDS.get(order.status, order.status.value),
            _STYLES.get(order.status, look.INFO),
        ),
        "why": ("↓" if _is_cut(entry, layout) else entry.words, look.MUTED),
    }
    return layout.table.line(cells)


def _draw_below(entry: OrderEntry, instrument: Instrument | None, depth: int, width: int) -> Line:
    """The second line: what kind of order it is, its prices, and why it ended."""
    order = entry.order
    facts = [kind_words(order), _purpose(order)]
    for word, value in (
        ("limit", order.limit_price),
        ("trigger", order.trigger_price),
        ("trail", _to_tick(order.trail_distance, instrument)),
        ("filled at", _to_tick(entry.mean_price, instrument)),
    ):
        if value is not None:
            facts.append(f"{word} {price(value)}")
    line = Line(f"{'  ' * depth}  ↳ ", look.FAINT).add(" · ".join(facts), look.MUTED)
    if entry.words:
        line.add(" · ", look.FAINT).add(entry.words, _STYLES.get(order.status, look.MUTED))
    return line.cut(width)


def _draw_why(entry: OrderEntry, depth: int, width: int) -> Line:
    line = Line(f"{'  ' * depth}  ↳ ", look.FAINT)
    return line.add(entry.words, _STYLES.get(entry.order.status, look.MUTED)).cut(width)


def kind_words(order: Order) -> str:
    """An order's kind, with its time in force."""
    words = order.kind.replace("_", " ")
    if order.limit_price is not None and order.time_in_force is not TimeInForce.GTC:
        words += f" {order.time_in_force.replace('_', ' ')}"
    return words


def _purpose(order: Order) -> str:
    """Why it exists; of a share, whose it is."""
    if order.strategy is not None:
        return order.strategy
    if order.purpose is OrderPurpose.REBALANCE and order.reduce_only:
        return "reduce"
    return "split" if order.is_split else str(order.purpose)


def _branch(depth: int) -> str:
    return f"{' ' * (depth - 1)}└" if depth else ""


def _size(lots: int, instrument: Instrument | None) -> str:
    size = abs(lots) if instrument is None else instrument.quantity(Lots(abs(lots)))
    return f"{size:,.8g}"


def _price(value: float | None) -> str:
    return "–" if value is None else price(value)


def _to_tick(value: float | None, instrument: Instrument | None) -> float | None:
    return value if value is None or instrument is None else instrument.round_price(value)


def _draw_words(words: str, width: int) -> Line:
    return Line(words, look.MUTED).cut(width)
