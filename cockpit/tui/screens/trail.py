"""The audit trail of a decision, order or fill, as `cockpit audit` tells it."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from cockpit.tui import look
from cockpit.tui.line import Line, wrapped
from cockpit.tui.panes.painted import PaintedLines
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.store import Store

BESIDE = 24
"""Cells at the left of a line for the mark of what was asked for, and the time."""

ASKED = "▶"
"""What the line begins with that the trail was asked for."""

ABOVE = 4
"""Lines in sight above it."""

LINES_OF_ONE = 20
"""Lines that one line of the trail takes at most."""

_GRAVE = (
    "denied",
    "rejected",
    "BREAKER",
    "KILL SWITCH",
    "EMERGENCY",
    "LIQUIDATION",
    "refused",
    "lost beyond",
)


class TrailPane(Pane):
    """The trail's lines, wrapped to the pane.

    Attributes:
        told: The lines.
        asked_line: Where what was asked for stands.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store, "trail")
        self.told: Sequence[str] = ()
        self.asked_line = 0

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        head, *steps = self.told or [""]
        lines = [Line(piece, "bold") for piece in wrapped(head, width, LINES_OF_ONE)]
        for step in steps:
            if step.startswith(ASKED):
                self.asked_line = len(lines)
            lines += _laid_out(step, width)
        return [Row.of(line) for line in lines]


class TrailScreen(ModalScreen[None]):
    """A trail to read.

    Args:
        store: For the pane.
        ident: What it is the trail of, such as ``order:12``.
        keys: Those that opened it, with commas between: they close it as well.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "Close", show=False)]

    def __init__(self, store: Store, ident: str, keys: str) -> None:
        super().__init__()
        self._own_keys = frozenset(keys.split(","))
        self.pane = TrailPane(store)
        self._title = f"The trail of {ident.replace(':', ' ')}"
        self.pane.told = ["Reading the journal …"]

    @property
    def panes(self) -> Sequence[PaintedLines]:
        """What is painted."""
        return [self.pane]

    def compose(self) -> ComposeResult:
        """See Textual."""
        yield self.pane

    def on_mount(self) -> None:
        """See Textual."""
        self.pane.show_title(self._title, "esc closes")
        self.pane.focus()

    def on_key(self, event: events.Key) -> None:
        """The trail's own key."""
        if event.key in self._own_keys:
            event.stop()
            self.action_close()

    def show(self, lines: Sequence[str]) -> None:
        """Shows the trail, or why there is none."""
        self.pane.told = lines
        if self.pane.is_attached:
            self.pane.paint()
            self.pane.scroll_to(y=max(0, self.pane.asked_line - ABOVE), animate=False)

    def action_close(self) -> None:
        """Back to what was there before."""
        self.dismiss(None)


def _laid_out(told: str, width: int) -> Iterator[Line]:
    beside, words = told[:BESIDE], told[BESIDE:]
    style = look.WARN if any(each in words for each in _GRAVE) else ""
    asked = beside.startswith(ASKED)
    room = max(20, width - BESIDE)
    indent = words[: len(words) - len(words.lstrip())]
    for number, piece in enumerate(wrapped(words, room - len(indent), LINES_OF_ONE)):
        line = Line(beside if number == 0 else " " * BESIDE, "bold $text-accent" if asked else look.MUTED)
        yield line.add(indent + piece, style or ("bold" if asked else ""))
