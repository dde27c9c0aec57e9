"""Panes over answers of the control API: they show what was read last, and say why where nothing could be."""

from collections.abc import Iterator, Sequence
from typing import Any

from cockpit.tui import look
from cockpit.tui.line import Line, wrapped
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.store import Store

LINES_OF_TROUBLE = 4


class ToldPane(Pane):
    """An answer in rows.

    Attributes:
        answer: What was read last; None: nothing yet.
        trouble: Why nothing newer could be read; empty where it could.
    """

    def __init__(self, store: Store, pane_id: str) -> None:
        super().__init__(store, pane_id)
        self.answer: Any = None
        self.trouble = ""

    @property
    def version(self) -> int:
        """See `PaintedLines`: what was told may mean something else where no bot runs."""
        return super().version + self.store.connection

    def answer_rows(self, width: int) -> Iterator[Row]:
        """The answer, which there is."""
        raise NotImplementedError

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        if self.answer is not None and not self.trouble:
            return list(self.answer_rows(width))
        words = self.trouble or "Reading the journal …"
        style = look.WARN if self.trouble else look.MUTED
        said = [Row.of(Line(piece, style)) for piece in wrapped(words, width, LINES_OF_TROUBLE)]
        return said if self.answer is None else [*said, *self.answer_rows(width)]

    def take(self, answer: Any) -> None:
        """Shows another answer."""
        self.answer, self.trouble = answer, ""
        self._repaint()

    def tell(self, trouble: str) -> None:
        """Says why there is none; what was read before stays."""
        self.trouble = f"{trouble[:1].upper()}{trouble[1:]}"
        self._repaint()

    def _repaint(self) -> None:
        if self.is_attached:
            self.paint()
