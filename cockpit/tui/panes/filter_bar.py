"""A field for words, at the foot of a screen."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from cockpit.tui.safe import content


class FilterBar(Horizontal):
    """A label and the field; what is typed comes as `Input.Changed`, enter as `Input.Submitted`.

    Args:
        label: What is filtered.
        words: In the field at first.
    """

    def __init__(self, label: str, words: str) -> None:
        super().__init__(id="filter-bar")
        self._label = label
        self._words = words

    def compose(self) -> ComposeResult:
        """See Textual."""
        yield Static(content(f" / {self._label} with  "), id="filter-label")
        yield Input(self._words, id="filter", compact=True)

    def on_mount(self) -> None:
        """See Textual."""
        self.query_one("#filter").focus()
