"""The main screen: header, panes, footer; arranged for the size of the terminal."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Input

from cockpit.tui.layout import EXPECTED_AGENTS, EXPECTED_SYMBOLS, is_compact, plan
from cockpit.tui.pane_titles import PANES
from cockpit.tui.panes.alerts import AlertBand
from cockpit.tui.panes.banner import BannerBand, banner_of
from cockpit.tui.panes.equity import EquityPane
from cockpit.tui.panes.events import EventsPane
from cockpit.tui.panes.filter_bar import FilterBar
from cockpit.tui.panes.footer import FooterBand
from cockpit.tui.panes.header import HeaderBand
from cockpit.tui.panes.leaderboard import LeaderboardPane
from cockpit.tui.panes.markets import MarketsPane
from cockpit.tui.panes.painted import PaintedLines
from cockpit.tui.panes.pane import Pane
from cockpit.tui.panes.positions import PositionsPane
from cockpit.tui.panes.reasoning import ReasoningPane
from cockpit.tui.panes.risk import RiskPane
from cockpit.tui.panes.tabs import TabsBand
from cockpit.tui.panes.welcome import WelcomeBand
from cockpit.tui.store import Connection, Store

_PaneT = TypeVar("_PaneT", bound=Pane)


class _Shape(NamedTuple):
    """What the arrangement of the panes depends on, besides the terminal's size and the pane in front.

    Attributes:
        welcome: Whether there is nothing to look at, nor about to be.
        banner: Whether something must not be missed.
        alerts: Whether there is something to acknowledge.
        agents: How many rows the leaderboard would like.
        symbols: How many rows the markets would like.
    """

    welcome: bool
    banner: bool
    alerts: bool
    agents: int
    symbols: int


class DashboardScreen(Screen[None]):
    """All panes over one store.

    Args:
        store: What is shown.
        keys: Action id → key.
    """

    AUTO_FOCUS = None

    def __init__(self, store: Store, keys: Mapping[str, str]) -> None:
        super().__init__(id="dashboard")
        self.store = store
        self.header = HeaderBand(store, "header")
        self.banner = BannerBand(store, keys)
        self.alerts = AlertBand(store, keys)
        self.tabs = TabsBand(store)
        self.welcome = WelcomeBand(store, keys)
        self.footer = FooterBand(store, keys)
        self.by_id: dict[str, Pane] = {}
        self.leaderboard = self._add(LeaderboardPane(store, "leaderboard"))
        self.equity = self._add(EquityPane(store, "equity"))
        self.reasoning = self._add(ReasoningPane(store, "reasoning"))
        self.positions = self._add(PositionsPane(store, "positions"))
        self.risk = self._add(RiskPane(store, "risk", keys))
        self.event_log = self._add(EventsPane(store, "events"))
        self._add(MarketsPane(store, "markets"))
        self.body = Container(*self.by_id.values(), id="body")
        self.current = PANES[0]
        self.zoomed = False
        self._before_filter: str | None = None
        self._placed: _Shape | None = None
        self._keys = keys

    def _add(self, pane: _PaneT) -> _PaneT:
        self.by_id[str(pane.id)] = pane
        return pane

    def compose(self) -> ComposeResult:
        """See Textual."""
        self.place_panes()
        yield self.header
        yield self.banner
        yield self.alerts
        yield self.tabs
        yield self.body
        yield self.welcome
        yield self.footer

    def on_mount(self) -> None:
        """See Textual."""
        if not self._shape.welcome:
            self.go_to(self.current)

    def on_resize(self) -> None:
        """See Textual."""
        self.place_panes()

    @property
    def panes(self) -> Iterable[PaintedLines]:
        """Everything that is painted, in the order of turns."""
        bands = [self.header, self.banner, self.alerts, self.footer, self.welcome]
        return [*bands, *self.by_id.values(), self.tabs]

    @property
    def is_compact(self) -> bool:
        """Whether only one pane is shown at a time."""
        return is_compact(self.app.size.width, self.app.size.height)

    def on_store_changed(self) -> None:
        """Shows what has to be there before panes paint: the welcome, the banner."""
        shape = self._shape
        if shape == self._placed:
            return
        focusable = not shape.welcome and (self._placed is None or self._placed.welcome)
        self.place_panes()
        if focusable:
            self.go_to(self.current)

    @property
    def _shape(self) -> "_Shape":
        state = self.store.state
        known = state.run is not None
        return _Shape(
            welcome=not known and self.store.connection is not Connection.CONNECTING,
            banner=banner_of(self.store, self._keys) is not None,
            alerts=bool(state.alerts),
            agents=len(state.agents) if known else EXPECTED_AGENTS,
            symbols=len(self.store.instruments) if known else EXPECTED_SYMBOLS,
        )

    def place_panes(self) -> None:
        """Gives every pane its place, or takes it off the screen."""
        width, height = self.app.size
        single = self.current if self.zoomed or self.is_compact else None
        shape = self._placed = self._shape
        welcomed = shape.welcome
        self.banner.display = shape.banner
        self.alerts.display = shape.alerts
        bare = single is not None and self.is_compact
        self.tabs.display = bare and not welcomed
        self.set_class(bare, "-compact")
        self.body.display = not welcomed
        self.welcome.display = welcomed
        used = 3 + self.banner.display + self.alerts.display + self.tabs.display
        places = plan(
            width,
            max(1, height - used),
            agents=shape.agents,
            symbols=shape.symbols,
            single=single,
            strip=not self.zoomed,
        )
        for pane_id, pane in self.by_id.items():
            place = places.get(pane_id)
            pane.display = place is not None and not welcomed
            if place is not None:
                pane.styles.offset = (place.x, place.y)
                pane.styles.width, pane.styles.height = place.width, place.height
        if not welcomed:
            self.tabs.show(self.current)

    def go_to(self, pane_id: str) -> None:
        """Puts a pane forward and gives it the keys."""
        self._before_filter = None
        self._show(pane_id)

    def _show(self, pane_id: str) -> None:
        self.current = pane_id
        if self.zoomed or self.is_compact:
            self.place_panes()
        self.by_id[pane_id].focus(scroll_visible=False)

    def zoom(self, *, on: bool) -> None:
        """Lets the current pane fill the screen, or gives the others their places back."""
        if on != self.zoomed:
            self.zoomed = on
            self.place_panes()

    def on_descendant_focus(self) -> None:
        """The pane with the keys is the current one."""
        if isinstance(self.focused, Pane) and self.focused.id in self.by_id:
            if self.is_compact and not self.zoomed and self.focused.id == "events":
                return
            self.current = self.focused.id

    def on_pane_selected(self, message: Pane.Selected) -> None:
        """The agent under a cursor is put forward everywhere."""
        if message.row.agent is not None:
            self.put_forward(message.row.agent, message.pane)

    def on_pane_opened(self, message: Pane.Opened) -> None:
        """A second click on a row."""
        if message.row.agent is not None or message.row.ident:
            self.app.call_later(self.app.run_action, "app.do('detail')")

    def put_forward(self, agent: str, by: Pane | None = None) -> None:
        """Lets an agent's curve and row stand out."""
        self.equity.put_forward(agent)
        self.risk.put_forward(agent)
        if by is not self.leaderboard:
            self.leaderboard.select(agent)

    @property
    def selected_agent(self) -> str | None:
        """The agent details are opened of: the focused row's, else the leaderboard's."""
        focused = self.focused
        if isinstance(focused, Pane) and focused.selected_row is not None:
            agent = focused.selected_row.agent
            if agent is not None:
                return agent
        row = self.leaderboard.selected_row
        return row.agent if row is not None else next(iter(self.store.state.agents), None)

    def open_filter(self) -> None:
        """Opens a field under the panes; what is typed filters the event log at once."""
        if self.current != "events":
            self._before_filter = self.current
        self._show("events")
        if self.query(FilterBar):
            self.query_one("#filter").focus()
        else:
            self.mount(FilterBar("events", self.event_log.filter_words), before=self.footer)

    def close_filter(self, *, keep: bool) -> bool:
        """Closes the field; without `keep`, everything is as it was before there was a filter.

        Returns:
            Whether there was anything to close or drop.
        """
        bars = self.query(FilterBar)
        had = bool(bars) or bool(self.event_log.filter_words)
        if bars:
            bars.remove()
            self.event_log.focus()
        if had and not keep:
            self._filter("")
            if self._before_filter is not None:
                self.go_to(self._before_filter)
        return had

    def on_input_changed(self, message: Input.Changed) -> None:
        """Filters while typing."""
        self._filter(message.value)

    def on_input_submitted(self) -> None:
        """Enter keeps the filter and gives the keys back to the log."""
        self.close_filter(keep=True)

    def _filter(self, words: str) -> None:
        if words != self.event_log.filter_words:
            self.event_log.filter_words = words
            self.event_log.scroll_to(y=0, animate=False)
            self.event_log.paint()
