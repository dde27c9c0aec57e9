"""The strip of tabs that small terminals have instead of all panes at once."""

from textual import events

from cockpit.tui import look
from cockpit.tui.line import Line
from cockpit.tui.pane_titles import PANES, SHORT_TITLES
from cockpit.tui.panes.band import Band
from cockpit.tui.store import Store


class TabsBand(Band):
    """One word per pane, the one shown put forward."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, "tabs")
        self.shown = PANES[0]
        self._places: list[tuple[int, int, int]] = []

    def show(self, pane: str) -> None:
        """Puts another tab forward."""
        self.shown = pane
        self.paint()

    def band_lines(self, width: int) -> list[Line]:
        """See `Band`."""
        line = Line()
        self._places = []
        for number, pane in enumerate(PANES, start=1):
            start = line.width
            word = SHORT_TITLES[pane]
            if pane == self.shown:
                line.add(f" {number} {word} ", "bold reverse $text-accent")
            else:
                line.add(f" {number} ", "$text-accent").add(f"{word} ", look.MUTED)
            self._places.append((start, line.width, number))
        return [line]

    def on_click(self, event: events.Click) -> None:
        """Goes to the pane under the pointer."""
        for start, end, number in self._places:
            if start <= event.x < end:
                self.app.call_later(self.app.run_action, f"app.do('pane_{number}')")
