"""The panes of the dashboard, by id."""

PANE_TITLES = {
    "leaderboard": "Leaderboard",
    "equity": "Equity",
    "reasoning": "Reasoning",
    "positions": "Positions",
    "risk": "Risk",
    "events": "Events",
    "markets": "Markets",
}
"""Pane ids and titles in the order of their digits."""

PANES = tuple(PANE_TITLES)

SHORT_TITLES = PANE_TITLES | {"leaderboard": "Ranks", "reasoning": "Reasons"}
"""For tabs in 80 columns."""
