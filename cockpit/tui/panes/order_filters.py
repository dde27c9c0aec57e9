"""The line over the blotter that says what it is filtered by."""

from textual import events
from textual.message import Message

from cockpit.tui import look
from cockpit.tui.line import Line
from cockpit.tui.order_filter import FIELDS, OrderFilter, value_words
from cockpit.tui.panes.band import Band
from cockpit.tui.store import Store

_TITLES = {"symbol": "coin"}


class OrderFilterBand(Band):
    """Each field with its value; one of them is put forward, and is stepped by a key or a click.

    Attributes:
        filters: As they stand.
        forward: The field put forward.
    """

    class Stepped(Message):
        """A field was clicked."""

        def __init__(self, field: str) -> None:
            self.field = field
            super().__init__()

    def __init__(self, store: Store) -> None:
        super().__init__(store, "order-filters")
        self.filters = OrderFilter()
        self.forward = FIELDS[0]
        self._places: list[tuple[int, int, str]] = []

    def show(self, filters: OrderFilter, forward: str) -> None:
        """Shows other filters."""
        self.filters, self.forward = filters, forward
        self.paint()

    def band_lines(self, width: int) -> list[Line]:
        """See `Band`."""
        line = Line()
        self._places = []
        for field in FIELDS:
            start = line.width
            value = getattr(self.filters, field)
            style = "bold reverse $text-accent" if field == self.forward else ""
            line.add(f" {_TITLES.get(field, field)} ", style or look.MUTED)
            line.add(f"{value_words(field, value)} ", style or ("bold $text-accent" if value else look.FAINT))
            self._places.append((start, line.width, field))
        if self.filters.words:
            line.add(f" “{self.filters.words}”", "bold $text-accent")
        hint = Line("←→ space ", look.FAINT)
        return [line.spread(hint, width) if line.width + hint.width < width else line.cut(width)]

    def on_click(self, event: events.Click) -> None:
        """Steps the field under the pointer."""
        for start, end, field in self._places:
            if start <= event.x < end:
                self.post_message(self.Stepped(field))
