"""Bands: widgets of a few fixed lines across the screen, painted like panes and never focused."""

from collections.abc import Sequence

from cockpit.tui.line import Line
from cockpit.tui.panes.painted import PaintedLines
from cockpit.tui.panes.row import Row


class Band(PaintedLines):
    """Lines without headings, cursor or scrolling."""

    def band_lines(self, width: int) -> list[Line]:
        """What the band says."""
        raise NotImplementedError

    def rows(self, width: int) -> Sequence[Row]:
        """See `PaintedLines`."""
        return [Row.of(line) for line in self.band_lines(width)]

    @property
    def allow_select(self) -> bool:
        """Bands are clicked, not marked."""
        return False
