"""A line of a pane."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from cockpit.tui.line import Line


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a pane, drawn when it comes into sight.

    Attributes:
        key: Tells it from others, so that cursor and scroll position follow it.
        draw: Its line for a width in cells.
        agent: Whose it is, for opening details; None: nobody's.
        ident: What its audit trail is named, such as ``order:12``; empty where it has none.
    """

    key: object
    draw: Callable[[int], Line]
    agent: str | None = None
    ident: str = ""

    @classmethod
    def of(cls, line: Line) -> "Row":
        """A line that is there already; cut where there is less room, and left as it is."""
        return cls(None, partial(within, line))


def within(line: Line, width: int) -> Line:
    """A line that is there already, cut where there is less room."""
    return line if line.width <= width else Line().extend(line).cut(width)
