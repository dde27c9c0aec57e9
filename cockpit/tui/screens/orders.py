"""The blotter over the whole screen, with its filters."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from cockpit.tui.order_filter import FIELDS, OrderFilter, stepped
from cockpit.tui.order_history import OrderEntry
from cockpit.tui.panes.filter_bar import FilterBar
from cockpit.tui.panes.footer import FooterBand
from cockpit.tui.panes.header import HeaderBand
from cockpit.tui.panes.order_filters import OrderFilterBand
from cockpit.tui.panes.orders import OrdersPane
from cockpit.tui.panes.painted import PaintedLines
from cockpit.tui.store import Store


class OrdersScreen(Screen[None]):
    """Orders in rows; left and right choose a filter, space steps it, escape drops them all.

    Args:
        store: What is shown.
        keys: Action id → key.
        read_past: Gives the orders that ended before the latest events; empty where it can't.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("left", "turn(-1)", "Filter before", show=False),
        Binding("right", "turn(1)", "Next filter", show=False),
        Binding("space", "step(1)", "Next value", show=False),
        Binding("backspace", "step(-1)", "Value before", show=False),
    ]

    def __init__(
        self,
        store: Store,
        keys: Mapping[str, str],
        read_past: Callable[[], Awaitable[Mapping[int, OrderEntry]]],
    ) -> None:
        super().__init__()
        self.store = store
        self.orders = OrdersPane(store, "orders")
        self._read_past = read_past
        self._filters = OrderFilterBand(store)
        self._bands = [HeaderBand(store, "header"), self._filters, FooterBand(store, keys)]
        self._working: frozenset[int] = frozenset()

    @property
    def panes(self) -> Sequence[PaintedLines]:
        """What is painted."""
        return [*self._bands, self.orders]

    def compose(self) -> ComposeResult:
        """See Textual."""
        yield self._bands[0]
        yield self._filters
        yield self.orders
        yield self._bands[2]

    def on_mount(self) -> None:
        """See Textual."""
        self.orders.focus()
        self._working = self._at_work
        self._fetch()

    @property
    def _at_work(self) -> frozenset[int]:
        return frozenset(number for agent in self.store.state.agents.values() for number in agent.working)

    def on_store_changed(self) -> None:
        """Asks for the past anew when an order has ended that only the journal still knows."""
        working = self._at_work
        ended = self._working - working
        if not ended <= self.store.orders.entries.keys() | self.orders.past.keys():
            self._fetch()
        self._working = working

    def _fetch(self) -> None:
        self.run_worker(self._take_past(), group="past", exclusive=True)

    async def _take_past(self) -> None:
        self.orders.past = await self._read_past()
        self.orders.paint()

    def show(self, filters: OrderFilter) -> None:
        """Shows the orders that match."""
        self.orders.filters = filters
        self._filters.show(filters, self._filters.forward)
        self.orders.scroll_to(y=0, animate=False)
        self.orders.paint()

    def on_pane_opened(self) -> None:
        """A second click on an order."""
        self.app.call_later(self.app.run_action, "app.do('detail')")

    def on_order_filter_band_stepped(self, message: OrderFilterBand.Stepped) -> None:
        """A click on a filter."""
        self._filters.forward = message.field
        self.action_step(1)

    def action_turn(self, by: int) -> None:
        """Puts another filter forward."""
        at = (FIELDS.index(self._filters.forward) + by) % len(FIELDS)
        self._filters.show(self.orders.filters, FIELDS[at])

    def action_step(self, by: int) -> None:
        """Gives the filter put forward its next value."""
        entries = self.orders.entries.values()
        self.show(stepped(self.orders.filters, self._filters.forward, entries, by))

    def open_filter(self) -> None:
        """Opens a field for words under the orders."""
        if not self.query(FilterBar):
            self.mount(FilterBar("orders", self.orders.filters.words), before=self._bands[2])

    def on_input_changed(self) -> None:
        """Filters while typing."""
        self._take_words()

    def on_input_submitted(self) -> None:
        """Enter keeps the words and gives the keys back to the orders."""
        self._close_filter()

    def _take_words(self) -> None:
        words = self.query_one("#filter").value  # type: ignore[attr-defined]
        if words != self.orders.filters.words:
            self.show(replace(self.orders.filters, words=words))

    def _close_filter(self) -> None:
        self.query(FilterBar).remove()
        self.orders.focus()

    def action_back(self) -> None:
        """Closes the field, else drops the filters, else goes back to the dashboard."""
        if self.query(FilterBar):
            self._close_filter()
            self.show(replace(self.orders.filters, words=""))
        elif self.orders.filters.is_set:
            self.show(OrderFilter())
        else:
            self.dismiss(None)
