"""The audit trail of a decision, order or fill, as `cockpit audit` tells it."""

from collections.abc import Iterator, Sequence

from cockpit.tui import look
from cockpit.tui.line import Line, wrapped
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.screens.box import BoxScreen
from cockpit.tui.store import Store

BESIDE = 24
"""Cells at the left of a line for the mark of what was asked for, and the time."""

HANGING = "  "
"""Before what a line goes on with below itself."""

ASKED = "▶"
"""What the line begins with that the trail was asked for."""

ABOVE = 4
"""Lines in sight above it where the pane is scrolled to it."""

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
        self._is_new = False

    def tell(self, lines: Sequence[str]) -> None:
        """Shows other lines, scrolled to the one that was asked for if it is out of sight."""
        self.told, self._is_new = lines, True
        if self.is_attached:
            self.paint()

    def paint(self) -> None:
        """See `PaintedLines`: before the pane has its size nothing is painted, and nothing found."""
        super().paint()
        if self._is_new and self.text_size:
            self._is_new = False
            is_in_sight = self.asked_line < self.text_size.height
            self.scroll_to(y=0 if is_in_sight else self.asked_line - ABOVE, animate=False, force=True)

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        head, *steps = self.told or [""]
        lines = [Line(piece, "bold") for piece in wrapped(head, width, LINES_OF_ONE)]
        for step in steps:
            if step.startswith(ASKED):
                self.asked_line = len(lines)
            lines += _laid_out(step, width)
        return [Row.of(line) for line in lines]


class TrailScreen(BoxScreen):
    """A trail to read.

    Args:
        store: For the pane.
        ident: What it is the trail of, such as ``order:12``.
        keys: Those that opened it, with commas between: they close it as well.
    """

    def __init__(self, store: Store, ident: str, keys: str) -> None:
        self.pane = TrailPane(store)
        super().__init__(self.pane, f"The trail of {ident.replace(':', ' ')}", keys)
        self.pane.told = ["Reading the journal …"]

    def show(self, lines: Sequence[str]) -> None:
        """Shows the trail, or why there is none."""
        self.pane.tell(lines)


def _laid_out(told: str, width: int) -> Iterator[Line]:
    beside, words = told[:BESIDE], told[BESIDE:]
    style = look.WARN if any(each in words for each in _GRAVE) else ""
    asked = beside.startswith(ASKED)
    room = max(20, width - BESIDE)
    for number, piece in enumerate(wrapped(words, room - len(HANGING), LINES_OF_ONE)):
        line = Line(beside if number == 0 else " " * BESIDE, "bold $text-accent" if asked else look.MUTED)
        yield line.add(HANGING * (number > 0) + piece, style or ("bold" if asked else ""))
