"""Where panes stand: whole cells, worked out for the size of the terminal."""

from textual.geometry import Region

WIDE = 100
TALL = 30
"""Below either, one pane at a time is shown, with a strip of tabs."""

STRIP_HEIGHT = 6
"""Rows of the event log under a single pane."""

RISK_ROWS = 23
"""Of the risk pane: all limits and breakers of the arena and of one agent beside it, and eleven agents."""

EXPECTED_AGENTS = 11
EXPECTED_SYMBOLS = 6
"""What panes are arranged for while nothing is known: the default arena."""


def is_compact(width: int, height: int) -> bool:
    """Whether a terminal is too small for all panes at once."""
    return width < WIDE or height < TALL


def plan(
    width: int, height: int, *, agents: int, symbols: int, single: str | None, strip: bool
) -> dict[str, Region]:
    """The panes shown and their places.

    Args:
        width: Cells of the area below the header.
        height: Rows of that area.
        agents: How many rows the leaderboard would like.
        symbols: How many rows the markets would like.
        single: The only pane to show; None for all of them.
        strip: Whether the event log stands below a single pane.
    """
    if single is not None:
        if not strip or single == "events" or height < 3 * STRIP_HEIGHT:
            return {single: Region(0, 0, width, height)}
        above = height - STRIP_HEIGHT
        return {
            single: Region(0, 0, width, above),
            "events": Region(0, above, width, STRIP_HEIGHT),
        }
    left = round(width * 0.6)
    right = width - left
    top = max(10, min(agents + 3, round(height * 0.40)))
    bottom = max(symbols + 3, round(height * 0.33))
    middle = height - top - bottom
    markets = max(26, min(44, round(left * 0.3)))
    events = left - markets
    risk = max(9, min(RISK_ROWS, height - 24))
    equity = max(8, round((height - risk) * 0.45))
    reasoning = height - risk - equity
    return {
        "leaderboard": Region(0, 0, left, top),
        "equity": Region(left, 0, right, equity),
        "positions": Region(0, top, left, middle),
        "reasoning": Region(left, equity, right, reasoning),
        "events": Region(0, top + middle, events, bottom),
        "markets": Region(events, top + middle, markets, bottom),
        "risk": Region(left, equity + reasoning, right, risk),
    }
