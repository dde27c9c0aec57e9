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
from cockpit.tui import look
from cockpit.tui.line import Cell, Column, Line, Table, fitted
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
        self._table = Table.of(position_columns(self.store, width), width)
        return [self._table.header(look.HEADING)]

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        looks = self.looks
        names = list(self.store.state.agents)
        rows = list(position_rows(self.store, self._table, names, looks))
        if not rows:
            rows.append(Row(None, _none_open))
        return [*rows, *order_rows(self.store, width, names, looks, protective=self.routine)]

    def note(self) -> str:
        """See `Pane`."""
        agents = self.store.state.agents.values()
        positions = sum(len(agent.account.positions) for agent in agents)
        orders = sum(len(agent.working) for agent in agents)
        return f"{positions} open · {orders} working orders"


def position_columns(store: Store, width: int, *, named: bool = True) -> list[Column]:
    """The columns of positions, as wide as the names and numbers that stand in them.

    Args:
        store: Whose positions.
        width: Where it is small, sides are arrows alone.
        named: Whether there is a column for the agent.
    """
    state = store.state
    holders = [name for name, agent in state.agents.items() if agent.account.positions]
    held = [each for name in holders for each in state.agents[name].account.positions.values()]
    sizes = [_size(each.signed_lots, store.instruments[each.symbol]) for each in held]
    gains = [money(_gain(store, each), signed=True) for each in held]
    marks = [len(price(mark)) for mark in (*state.marks.values(), *state.first_marks.values())]
    widths = {
        "agent": max((min(MAX_NAME, len(name) + 2) for name in holders), default=15),
        "side": 7 if width >= 76 else 1,
        "size": max(map(len, sizes), default=9),
        "pnl": max(map(len, gains), default=9),
        **dict.fromkeys(("entry", "mark", "stop", "target"), max(8, *marks, 0)),
    }
    return [
        replace(each, width=widths.get(each.key, each.width), title=each.title[: widths.get(each.key, 99)])
        for each in POSITION_COLUMNS
        if named or each.key != "agent"
    ]


def position_rows(store: Store, table: Table, names: Sequence[str], looks: look.AgentLooks) -> Iterator[Row]:
    """A row per open position of some agents."""
    for name in names:
        agent = store.state.agents[name]
        for symbol, position in agent.account.positions.items():
            draw = partial(_draw_position, store, table, looks, agent, position)
            yield Row((name, symbol), draw, name)


def order_rows(
    store: Store,
    width: int,
    names: Sequence[str],
    looks: look.AgentLooks,
    *,
    protective: bool,
    alone: bool = False,
) -> Iterator[Row]:
    """Headings and a row per working order of some agents; nothing where there is none.

    Args:
        store: Whose orders.
        width: Cells of a row.
        names: The agents.
        looks: Agents' marks and colours.
        protective: Whether stops and targets of positions are among them.
        alone: Whether they stand in a section of their own, about one agent that needs no naming.
    """
    orders = [
        order
        for name in names
        for order in store.state.agents[name].working.values()
        if protective or order.purpose not in _PROTECTIVE
    ]
    if not orders:
        return
    cells = [_order_cells(store, looks, order) for order in orders]
    columns = [each for each in ORDER_COLUMNS if not (alone and each.key == "agent")]
    table = Table.of(fitted(columns, cells), width)
    if not alone:
        yield Row(None, _draw_section)
    yield Row(None, partial(_draw_order_heading, table))
    for order, each in zip(orders, cells, strict=True):
        draw = partial(_draw_cells, table, each)
        yield Row(("order", order.order_id), draw, order.agent, f"order:{order.order_id}")


def _owner(agent: str, looks: look.AgentLooks) -> Line:
    own = look.look_of(looks, agent)
    return Line(f"{own.mark} ", own.style).add(agent, "bold")


def _draw_position(
    store: Store, table: Table, looks: look.AgentLooks, agent: AgentState, position: Position, _width: int
) -> Line:
    instrument = store.instruments[position.symbol]
    mark = store.state.marks.get(position.symbol)
    pnl = _gain(store, position)
    tone = look.tone_of(pnl)
    stop, target = _guards(agent, position.symbol)
    cells: dict[str, Cell] = {
        "agent": _owner(agent.account.agent, looks),
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


def _gain(store: Store, position: Position) -> int | None:
    """Unrealized micro-units; None without a mark."""
    mark = store.state.marks.get(position.symbol)
    return None if mark is None else unrealized_micros(position, store.instruments[position.symbol], mark)


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


def _draw_cells(table: Table, cells: dict[str, Cell], _width: int) -> Line:
    return table.line(cells)


def _order_cells(store: Store, looks: look.AgentLooks, order: Order) -> dict[str, Cell]:
    status = order.status.replace("_", " ")
    if order.filled_lots:
        status = f"{order.filled_lots / order.signed_lots:.0%} filled"
    return {
        "agent": _owner(order.agent, looks),
        "symbol": (short_symbol(order.symbol), ""),
        "side": _side(order.signed_lots, "buy", "sell"),
        "size": (_size(order.open_lots, store.instruments[order.symbol]), ""),
        "kind": (order.kind.replace("_", " "), look.MUTED),
        "trigger": (price(order.trigger_price) if order.trigger_price is not None else "–", look.MUTED),
        "status": (status, look.INFO),
        "since": (clock(order.created_ms)[6:], look.MUTED),
    }


def _none_open(_width: int) -> Line:
    return Line("No positions are open.", look.MUTED)
