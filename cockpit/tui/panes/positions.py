"""Open positions with their stops and targets, and the orders that wait for a fill."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from cockpit.domain.accounts import Position
from cockpit.domain.formats import clock, duration, money, percent, price, short_symbol
from cockpit.domain.market import Instrument, Lots
from cockpit.domain.orders import Order, OrderPurpose
from cockpit.trading.accounting import entry_price, unrealized_micros
from cockpit.trading.agent_state import AgentState
from cockpit.trading.state import ArenaState
from cockpit.tui import look
from cockpit.tui.line import Cell, Column, Line, Table
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.store import Store, Topic

POSITION_COLUMNS = (
    Column(key="agent", title="agent", width=15, keep=100, grow=2),
    Column(key="symbol", title="coin", width=4, keep=99),
    Column(key="side", title="side", width=7, keep=98),
    Column(key="size", title="size", width=9, align="right", keep=30),
    Column(key="entry", title="entry", width=10, align="right", keep=70),
    Column(key="mark", title="mark", width=10, align="right", keep=60),
    Column(key="pnl", title="P&L", width=9, align="right", keep=97),
    Column(key="percent", title="%", width=7, align="right", keep=50),
    Column(key="stop", title="stop", width=10, align="right", keep=55),
    Column(key="target", title="target", width=10, align="right", keep=54),
    Column(key="age", title="age", width=7, align="right", keep=20),
)
ORDER_COLUMNS = (
    Column(key="agent", title="agent", width=15, keep=100, grow=2),
    Column(key="symbol", title="coin", width=4, keep=99),
    Column(key="side", title="side", width=7, keep=98),
    Column(key="size", title="size", width=9, align="right", keep=97),
    Column(key="kind", title="kind", width=11, keep=90),
    Column(key="trigger", title="trigger", width=10, align="right", keep=80),
    Column(key="status", title="status", width=10, keep=60),
    Column(key="since", title="since", width=6, align="right", keep=30),
)

MAX_NAME = 24
"""Cells a name takes at most."""

_PROTECTIVE = frozenset({OrderPurpose.STOP, OrderPurpose.TARGET})


class PositionsPane(Pane):
    """Positions of all agents, then orders that wait for a fill; protective orders only on request."""

    topics = (Topic.HOLDINGS,)
    has_cursor = True

    routine = False
    _table = Table(())

    def headings(self, width: int) -> list[Line]:
        """See `Pane`."""
        self._table = Table.of(position_columns(self.store.state, width), width)
        return [self._table.header(look.HEADING)]

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        styles = look.agent_styles(self.store.state.agents, look.hues_of(self.app.current_theme))
        names = list(self.store.state.agents)
        rows = list(position_rows(self.store, self._table, names, styles))
        if not rows:
            rows.append(Row(None, _none_open))
        return [*rows, *order_rows(self.store, width, names, styles, protective=self.routine)]

    def note(self) -> str:
        """See `Pane`."""
        agents = self.store.state.agents.values()
        positions = sum(len(agent.account.positions) for agent in agents)
        orders = sum(len(agent.working) for agent in agents)
        return f"{positions} open · {orders} working orders"


def position_columns(state: ArenaState, width: int, *, named: bool = True) -> list[Column]:
    """The columns of positions, as wide as the names and prices that stand in them.

    Args:
        state: Whose positions.
        width: Where it is small, sides are arrows alone.
        named: Whether there is a column for the agent.
    """
    holders = [name for name, agent in state.agents.items() if agent.account.positions]
    marks = [len(price(mark)) for mark in (*state.marks.values(), *state.first_marks.values())]
    widths = {
        "agent": max((min(MAX_NAME, len(name) + 2) for name in holders), default=15),
        "side": 7 if width >= 76 else 1,
        **dict.fromkeys(("entry", "mark", "stop", "target"), max(8, *marks, 0)),
    }
    return [
        replace(each, width=widths.get(each.key, each.width), title=each.title[: widths.get(each.key, 99)])
        for each in POSITION_COLUMNS
        if named or each.key != "agent"
    ]


def position_rows(store: Store, table: Table, names: Sequence[str], styles: dict[str, str]) -> Iterator[Row]:
    """A row per open position of some agents."""
    for name in names:
        agent = store.state.agents[name]
        for symbol, position in agent.account.positions.items():
            draw = partial(_draw_position, store, table, styles, agent, position)
            yield Row((name, symbol), draw, name)


def order_rows(
    store: Store,
    width: int,
    names: Sequence[str],
    styles: dict[str, str],
    *,
    protective: bool,
    titled: bool = True,
) -> Iterator[Row]:
    """Headings and a row per working order of some agents; nothing where there is none."""
    orders = [
        order
        for name in names
        for order in store.state.agents[name].working.values()
        if protective or order.purpose not in _PROTECTIVE
    ]
    if not orders:
        return
    table = Table.of(ORDER_COLUMNS, width)
    if titled:
        yield Row(None, _draw_section)
    yield Row(None, partial(_draw_order_heading, table))
    for order in orders:
        yield Row(("order", order.order_id), partial(_draw_order, store, table, styles, order), order.agent)


def _owner(agent: str, styles: dict[str, str]) -> Line:
    return Line(f"{look.marker_of(agent)} ", look.style_for(styles, agent)).add(agent, "bold")


def _draw_position(
    store: Store, table: Table, styles: dict[str, str], agent: AgentState, position: Position, _width: int
) -> Line:
    instrument = store.instruments[position.symbol]
    mark = store.state.marks.get(position.symbol)
    pnl = None if mark is None else unrealized_micros(position, instrument, mark)
    tone = look.tone_of(pnl)
    stop, target = _guards(agent, position.symbol)
    cells: dict[str, Cell] = {
        "agent": _owner(agent.account.agent, styles),
        "symbol": (short_symbol(position.symbol), ""),
        "side": _side(position.signed_lots, "long", "short", table.width_of("side")),
        "size": (_size(position.signed_lots, instrument), ""),
        "entry": (price(instrument.round_price(entry_price(position, instrument))), look.MUTED),
        "mark": (price(mark), ""),
        "pnl": (money(pnl, signed=True), tone),
        "percent": (percent(None if pnl is None else pnl / abs(position.cost), signed=True), tone),
        "stop": (price(stop) if stop is not None else "–", look.MUTED),
        "target": (price(target) if target is not None else "–", look.MUTED),
        "age": (duration(store.state.ts_ms - position.opened_ms), look.MUTED),
    }
    return table.line(cells)


def _guards(agent: AgentState, symbol: str) -> tuple[float | None, float | None]:
    triggers: dict[OrderPurpose, float | None] = {}
    for order in agent.working.values():
        if order.symbol == symbol and order.purpose in _PROTECTIVE:
            triggers[order.purpose] = order.trigger_price
    return triggers.get(OrderPurpose.STOP), triggers.get(OrderPurpose.TARGET)


def _side(signed_lots: int, positive: str, negative: str, cells: int = 7) -> tuple[str, str]:
    arrow, word, style = ("▲", positive, look.GOOD) if signed_lots > 0 else ("▼", negative, look.BAD)
    return (arrow if cells < len(word) + 2 else f"{arrow} {word}"), style


def _size(lots: int, instrument: Instrument) -> str:
    return f"{instrument.quantity(Lots(abs(lots))):,.8g}"


def _draw_section(width: int) -> Line:
    words = "waiting orders "
    return Line(words, look.NOTE).add("─" * max(0, width - len(words)), look.FAINT).cut(width)


def _draw_order_heading(table: Table, _width: int) -> Line:
    return table.header(look.HEADING)


def _draw_order(store: Store, table: Table, styles: dict[str, str], order: Order, _width: int) -> Line:
    status = order.status.replace("_", " ")
    if order.filled_lots:
        status = f"{order.filled_lots / order.signed_lots:.0%} filled"
    cells: dict[str, Cell] = {
        "agent": _owner(order.agent, styles),
        "symbol": (short_symbol(order.symbol), ""),
        "side": _side(order.signed_lots, "buy", "sell"),
        "size": (_size(order.open_lots, store.instruments[order.symbol]), ""),
        "kind": (order.kind.replace("_", " "), look.MUTED),
        "trigger": (price(order.trigger_price) if order.trigger_price is not None else "–", look.MUTED),
        "status": (status, look.INFO),
        "since": (clock(order.created_ms)[6:], look.MUTED),
    }
    return table.line(cells)


def _none_open(_width: int) -> Line:
    return Line("No positions are open.", look.MUTED)
