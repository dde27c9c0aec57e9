"""A line of a pane."""

from collections.abc import Callable
from dataclasses import dataclass

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
