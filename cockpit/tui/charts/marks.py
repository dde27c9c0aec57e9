"""Small drawings inside a line: sparklines and bars."""

from collections.abc import Sequence

from cockpit.tui.line import Line

_LEVELS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int) -> str:
    """The course of a series in `width` cells, newest at the right; each cell is the last value of its share.

    A flat series is drawn in the middle; fewer values than cells leave the left side blank.
    """
    if width <= 0 or not values:
        return " " * max(0, width)
    count = len(values)
    points = values if count <= width else [values[(i + 1) * count // width - 1] for i in range(width)]
    low, high = min(points), max(points)
    if high == low:
        return ("▄" * len(points)).rjust(width)
    scale = (len(_LEVELS) - 1) / (high - low)
    return "".join(_LEVELS[round((value - low) * scale)] for value in points).rjust(width)


def bar(fraction: float, width: int, style: str, rest_style: str) -> Line:
    """A bar filled to a fraction (0 … 1, cut off there), to half a cell: thick is full, thin is empty."""
    halves = round(max(0.0, min(1.0, fraction)) * width * 2)
    filled = "━" * (halves // 2) + "╸" * (halves % 2)
    return Line(filled, style).add("─" * (width - len(filled)), rest_style)
