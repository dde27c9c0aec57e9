"""Everything about one agent."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from cockpit.arena.leaderboard import LeaderboardRow, leaderboard
from cockpit.domain.accounts import Trade
from cockpit.domain.formats import clock, duration, money, percent, price, ratio, short_symbol
from cockpit.domain.market import Instrument
from cockpit.domain.ranks import rank_words
from cockpit.trading.agent_state import AgentState
from cockpit.tui import look
from cockpit.tui.call_history import CallEntry
from cockpit.tui.charts.equity import draw
from cockpit.tui.line import Cell, Column, Line, Table, fitted, wrapped
from cockpit.tui.panes.agent_pane import AgentPane, asks_models, contestant_of, section
from cockpit.tui.panes.calls import call_rows
from cockpit.tui.panes.equity import curves_of
from cockpit.tui.panes.footer import FooterBand
from cockpit.tui.panes.header import HeaderBand
from cockpit.tui.panes.mind import MindPane
from cockpit.tui.panes.painted import PaintedLines
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.panes.positions import order_rows, position_columns, position_rows
from cockpit.tui.panes.reasoning import decision_rows, describe_target
from cockpit.tui.panes.risk import scope_rows
from cockpit.tui.panes.row import within
from cockpit.tui.store import Store, Topic

ReadCalls = Callable[[str], Awaitable[Mapping[int, CallEntry]]]
"""Gives an agent's questions to models by number."""

CHART_ROWS = 11
LATEST_TRADES = 50
"""Rows of trades at most."""

TRADE_COLUMNS = (
    Column(key="closed", title="closed", width=11, keep=50),
    Column(key="symbol", title="coin", width=5, keep=99),
    Column(key="side", title="side", width=7, keep=98),
    Column(key="entry", title="entry", width=7, align="right", keep=40),
    Column(key="exit", title="exit", width=7, align="right", keep=41),
    Column(key="by", title="closed by", width=9, keep=70, grow=1),
    Column(key="held", title="held", width=7, align="right", keep=30),
    Column(key="fees", title="fees", width=6, align="right", keep=20),
    Column(key="pnl", title="P&L", width=7, align="right", keep=97),
)


class StandingPane(AgentPane):
    """Figures, positions, orders, breakers."""

    def sections(self, width: int) -> Iterator[Row]:
        """See `AgentPane`."""
        state = self.state
        assert state is not None
        standing = next(row for row in leaderboard(self.store.state) if row.agent == self.agent)
        yield from (Row.of(line) for line in _figures(standing, state, width))
        yield section("Positions", width)
        table = Table.of(position_columns(self.store, width, named=False), width)
        positions = list(position_rows(self.store, table, [self.agent], self.looks))
        if positions:
            yield Row.of(table.header(look.HEADING))
            yield from positions
        else:
            yield Row.of(Line("none", look.FAINT))
        yield section("Working orders", width)
        orders = list(order_rows(self.store, width, [self.agent], self.looks, protective=True, alone=True))
        yield from orders or [Row.of(Line("none", look.FAINT))]
        if not asks_models(self.store, self.agent):  # whose thesis has a pane of its own
            yield section("Last word on each coin", width)
            for symbol, target in state.targets.items():
                yield Row.of(describe_target(target, self.store.instruments[symbol]).cut(width))
        yield section("Limits and circuit breakers", width)
        yield from scope_rows(self.store, self.agent, width, self.reset_key)


class HistoryPane(AgentPane):
    """Curve, questions to models, decisions, trades.

    Attributes:
        past_calls: By number, those the journal still knows; the latest ones come from the store.
    """

    topics = (*AgentPane.topics, Topic.MODELS)

    def __init__(self, store: Store, pane_id: str, agent: str, keys: Mapping[str, str]) -> None:
        super().__init__(store, pane_id, agent, keys)
        self.past_calls: Mapping[int, CallEntry] = {}

    def sections(self, width: int) -> Iterator[Row]:
        """See `AgentPane`."""
        mine = [curve for curve in curves_of(self.store.state, self.looks, None) if curve.name == self.agent]
        curve = [Row.of(line) for line in draw(mine, width, CHART_ROWS)]
        thinks = asks_models(self.store, self.agent)
        curve_first = not thinks or self.text_size.height >= 2 * CHART_ROWS
        if curve_first:
            yield from curve
        if thinks:
            yield section("Questions to models, newest first", width)
            yield from list(call_rows(self._calls(), width)) or [Row.of(Line("none yet", look.FAINT))]
        yield section("Trades, newest first", width)
        mine_newest = [each for each in reversed(self.store.trades) if each[1].agent == self.agent]
        trades = mine_newest[:LATEST_TRADES]
        cells = [_trade_cells(trade, self.store.instruments[trade.symbol]) for _, trade in trades]
        table = Table.of(fitted(TRADE_COLUMNS, cells), width)
        if trades:
            yield Row.of(table.header(look.HEADING))
        else:
            yield Row.of(Line("none among the latest events", look.FAINT))
        for (seq, _), each in zip(trades, cells, strict=True):
            yield Row(("trade", seq), partial(within, table.line(each)), self.agent, f"trade:{seq}")
        yield section("Decisions, newest first", width)
        yield from decision_rows(self.store, self.looks, width, routine=False, agent=self.agent)
        if not curve_first:
            yield section("Equity", width)
            yield from curve

    def _calls(self) -> Iterator[CallEntry]:
        calls = {**self.past_calls, **self.store.calls.entries}
        return (calls[number] for number in sorted(calls, reverse=True) if calls[number].agent == self.agent)


class AgentDetailScreen(Screen[None]):
    """Panes side by side where there is room, one above the other where not: two, and a third for agents
    that ask models.

    Args:
        store: What is shown.
        agent: Whose details.
        keys: Action id → key; the page is closed by what opens it.
        read_calls: Gives an agent's questions to models by number; empty where it can't.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Back", show=False),
        Binding("left_square_bracket", "step(-1)", "Agent before", show=False),
        Binding("right_square_bracket", "step(1)", "Next agent", show=False),
    ]

    def __init__(self, store: Store, agent: str, keys: Mapping[str, str], read_calls: ReadCalls) -> None:
        super().__init__()
        self.store = store
        self.agent = agent
        self._read_calls = read_calls
        self._bands = [HeaderBand(store, "header"), FooterBand(store, keys)]
        self._standing = StandingPane(store, "standing", agent, keys)
        self._mind = MindPane(store, agent, keys)
        self._history = HistoryPane(store, "history", agent, keys)

    @property
    def panes(self) -> Sequence[PaintedLines]:
        """What is painted."""
        return [*self._bands, self._standing, self._mind, self._history]

    def compose(self) -> ComposeResult:
        """See Textual."""
        yield self._bands[0]
        yield self._standing
        yield self._mind
        yield self._history
        yield self._bands[1]

    def on_mount(self) -> None:
        """See Textual."""
        self._show_titles()
        self._place()
        self._standing.focus()
        self._fetch_calls()

    def _place(self) -> None:
        thinks = asks_models(self.store, self.agent)
        self._mind.display = thinks
        self.set_class(thinks, "-thinks")

    def _fetch_calls(self) -> None:
        self._history.past_calls = {}
        if asks_models(self.store, self.agent):
            self.run_worker(self._take_calls(), group="calls", exclusive=True)

    async def _take_calls(self) -> None:
        self._history.past_calls = await self._read_calls(self.agent)
        self._history.paint()

    def on_store_changed(self) -> None:
        """Panes repaint by themselves."""

    def on_resize(self) -> None:
        """Side by side where both have room."""
        self.set_class(self.app.size.width < 120, "-narrow")

    def on_pane_opened(self, message: Pane.Opened) -> None:
        """A second click on a trade, order or decision."""
        if message.row.ident:
            self.app.call_later(self.app.run_action, "app.do('detail')")

    def action_close(self) -> None:
        """Back to the dashboard."""
        self.dismiss(None)

    def action_step(self, by: int) -> None:
        """Shows the next agent of the leaderboard, or the one before."""
        names = [row.agent for row in leaderboard(self.store.state)]
        if self.agent not in names:
            return
        self.agent = names[(names.index(self.agent) + by) % len(names)]
        self._place()
        self._fetch_calls()
        for pane in (self._standing, self._mind, self._history):
            pane.agent = self.agent
            pane.scroll_to(y=0, animate=False)
            pane.paint()
        self._show_titles()

    def _show_titles(self) -> None:
        about = contestant_of(self.store, self.agent)
        self._standing.show_title(self.agent, "esc back · [ ] other agents")
        self._mind.show_title("Mind", "tab: the next pane")
        self._history.show_title(about.summary if about else "", about.kind if about else "")


def _figures(standing: LeaderboardRow, state: AgentState, width: int) -> list[Line]:
    facts: list[tuple[str, str, str]] = [
        ("rank", rank_words(standing.rank), ""),
        ("equity", money(standing.equity), ""),
        ("return", percent(standing.return_fraction, signed=True), look.tone_of(standing.pnl)),
        ("P&L", money(standing.pnl, signed=True), look.tone_of(standing.pnl)),
        ("capital", money(state.capital), ""),
        ("cash", money(state.account.cash), ""),
        ("Sharpe", ratio(standing.sharpe), ""),
        ("max drawdown", percent(standing.max_drawdown), ""),
        ("trades", str(state.trades), ""),
        ("win rate", percent(standing.win_rate, decimals=0), ""),
        ("profit factor", ratio(_profit_factor(state)), ""),
        ("best trade", money(state.best_trade, signed=True), look.tone_of(state.best_trade)),
        ("worst trade", money(state.worst_trade, signed=True), look.tone_of(state.worst_trade)),
        ("fees", money(state.fees), ""),
        ("funding", money(state.funding, signed=True), ""),
        ("turnover", money(state.turnover, decimals=0), ""),
        ("decisions", str(state.decisions), ""),
        ("errors", str(state.failures), look.BAD if state.failures else ""),
        ("confidence", percent(_mean_confidence(state), decimals=0), ""),
        ("orders", f"{state.orders:,}", ""),
        ("denied, held", f"{state.denied:,}, {state.held:,}", look.WARN if state.denied + state.held else ""),
    ]
    columns = max(1, width // 36)
    rows = -(-len(facts) // columns)
    lines = []
    for at in range(rows):
        line = Line()
        for name, value, style in facts[at::rows]:
            line.add(name, look.MUTED, 15).add(value, style, width // columns - 15)
        lines.append(line.cut(width))
    if state.grounded:
        lines += [Line(each, look.WARN) for each in wrapped(f"⊘ can't take part: {state.grounded}", width, 3)]
    if state.last_failure:
        lines.append(Line("last error     ", look.MUTED).add(state.last_failure, look.BAD).cut(width))
    return lines


def _profit_factor(state: AgentState) -> float | None:
    return state.gross_profit / -state.gross_loss if state.gross_loss else None


def _mean_confidence(state: AgentState) -> float | None:
    return state.confidence.mean if state.confidence.count else None


def _trade_cells(trade: Trade, instrument: Instrument) -> dict[str, Cell]:
    return {
        "closed": (clock(trade.closed_ms), look.MUTED),
        "symbol": (short_symbol(trade.symbol), "bold"),
        "side": ("▲ long", look.GOOD) if trade.signed_lots > 0 else ("▼ short", look.BAD),
        "entry": (price(instrument.round_price(trade.entry_price)), look.MUTED),
        "exit": (price(instrument.round_price(trade.exit_price)), look.MUTED),
        "by": (trade.exit_purpose, ""),
        "held": (duration(trade.closed_ms - trade.opened_ms), look.MUTED),
        "fees": (money(trade.fees), look.MUTED),
        "pnl": (money(trade.pnl, signed=True), look.tone_of(trade.pnl)),
    }
