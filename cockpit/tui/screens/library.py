"""The library over the whole screen: models, tools and strategies, a tab each."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen

from cockpit.domain.errors import CockpitError
from cockpit.tui import look
from cockpit.tui.line import Line
from cockpit.tui.panes.band import Band
from cockpit.tui.panes.footer import FooterBand
from cockpit.tui.panes.header import HeaderBand
from cockpit.tui.panes.library import SHELVES, LibraryPane, Shelf
from cockpit.tui.panes.painted import PaintedLines
from cockpit.tui.screens.library_pages import page_of
from cockpit.tui.screens.overview import LookUp
from cockpit.tui.screens.pages import PageScreen
from cockpit.tui.store import Connection, Store


class LibraryTabs(Band):
    """One word per shelf, the one shown put forward."""

    class Picked(Message):
        """A shelf was clicked."""

        def __init__(self, shelf: Shelf) -> None:
            self.shelf = shelf
            super().__init__()

    def __init__(self, store: Store) -> None:
        super().__init__(store, "library-tabs")
        self.shown = SHELVES[0]
        self._ends: list[int] = []

    def show(self, shelf: Shelf) -> None:
        """Puts another forward."""
        self.shown = shelf
        self.paint()

    def band_lines(self, width: int) -> list[Line]:
        """See `Band`."""
        line, self._ends = Line(), []
        for shelf in SHELVES:
            line.add(f" {shelf.title} ", "bold reverse $text-accent" if shelf is self.shown else look.MUTED)
            self._ends.append(line.width)
            line.add(" ")
        return [line]

    def on_click(self, event: events.Click) -> None:
        """Goes to the shelf under the pointer."""
        for shelf, end in zip(SHELVES, self._ends, strict=True):
            if event.x < end:
                self.post_message(self.Picked(shelf))
                return


class LibraryScreen(Screen[None]):
    """A shelf in rows; enter opens one thing of it whole.

    Args:
        store: What is shown of the present.
        keys: Action id → key.
        look_up: The way to the control API.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Back", show=False),
        Binding("left,shift+tab", "turn(-1)", "Shelf before", show=False, priority=True),
        Binding("right,tab", "turn(1)", "Next shelf", show=False, priority=True),
    ]

    def __init__(self, store: Store, keys: Mapping[str, str], look_up: LookUp) -> None:
        super().__init__()
        self.store = store
        self.library = LibraryPane(store, SHELVES[0])
        self._keys = keys
        self._look_up = look_up
        self._tabs = LibraryTabs(store)
        self._bands = [HeaderBand(store, "header"), self._tabs, FooterBand(store, keys)]
        self._connection = store.connection

    @property
    def panes(self) -> Sequence[PaintedLines]:
        """What is painted."""
        return [*self._bands, self.library]

    def compose(self) -> ComposeResult:
        """See Textual."""
        yield self._bands[0]
        yield self._tabs
        yield self.library
        yield self._bands[2]

    def on_mount(self) -> None:
        """See Textual."""
        self.library.focus()
        self.show_shelf(SHELVES[0])

    def on_store_changed(self) -> None:
        """A shelf is what it was when it was opened; what could not be read is, once the bot is back."""
        was, self._connection = self._connection, self.store.connection
        is_told = self._connection in {Connection.LIVE, Connection.ABSENT}
        if is_told and was is not self._connection and self.library.trouble:
            self.show_shelf(self.library.shelf)

    def show_shelf(self, shelf: Shelf) -> None:
        """Shows a shelf as it is now."""
        self._tabs.show(shelf)
        self.library.show_title(shelf.title, "enter opens · ← → other shelves · esc back")
        self.library.put_forward(shelf)
        self.run_worker(self._read(shelf), group="library", exclusive=True)

    def on_library_tabs_picked(self, message: LibraryTabs.Picked) -> None:
        """A tab was clicked."""
        self.show_shelf(message.shelf)

    async def _read(self, shelf: Shelf) -> None:
        try:
            self.library.take(await self._look_up(shelf.path))
        except CockpitError as error:
            self.library.tell(str(error))

    def action_turn(self, by: int) -> None:
        """Shows the next shelf, or the one before."""
        self.show_shelf(SHELVES[(SHELVES.index(self.library.shelf) + by) % len(SHELVES)])

    def on_pane_opened(self) -> None:
        """A second click."""
        self.open_selected()

    def open_selected(self) -> None:
        """Opens what the cursor is on."""
        said, shelf = self.library.selected, self.library.shelf
        if said is not None:
            page = PageScreen(self.store, said[shelf.key], page_of(shelf.path, said), self._keys["detail"])
            self.app.push_screen(page)

    def action_close(self) -> None:
        """Back to the dashboard."""
        self.dismiss(None)
