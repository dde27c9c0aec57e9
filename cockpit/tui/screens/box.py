"""A box over whatever is on the screen, with a pane to read; escape and the keys that opened it close it."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from cockpit.tui.panes.painted import PaintedLines
from cockpit.tui.panes.pane import Pane


class BoxScreen(ModalScreen[None]):
    """One pane in a box.

    Args:
        pane: What is in it.
        title: Over it.
        keys: Those that opened it, with commas between: they close it as well.
        note: Below it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "Close", show=False)]

    def __init__(self, pane: Pane, title: str, keys: str, note: str = "esc closes") -> None:
        super().__init__()
        self._pane = pane
        self._shown_title = (title, note)
        self._own_keys = frozenset(keys.split(","))

    @property
    def panes(self) -> Sequence[PaintedLines]:
        """What is painted."""
        return [self._pane]

    def compose(self) -> ComposeResult:
        """See Textual."""
        yield self._pane

    def on_mount(self) -> None:
        """See Textual."""
        self._pane.show_title(*self._shown_title)
        self._pane.focus()

    def on_key(self, event: events.Key) -> None:
        """The keys that opened it."""
        if event.key in self._own_keys:
            event.stop()
            self.action_close()

    def action_close(self) -> None:
        """Back to what was there before."""
        self.dismiss(None)
