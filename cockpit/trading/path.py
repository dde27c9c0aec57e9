"""The way a price is taken to go inside one bar: open, nearer extreme, other extreme, close.

A bar says where its price has been, not in which order; the nearer extreme first is the shortest way that
visits all four. A place on the way is a float: 1.25 is a quarter into its second leg. Time passes with the
length travelled. Plain Python over floats, so that compiled code gives the same bits.
"""

from math import floor, inf
from typing import TypeAlias

Path: TypeAlias = tuple[float, float, float, float]
"""The four prices a path turns at, quote per base unit."""

LAST_LEG = 2
END = 3.0
"""The position of a bar's close."""


def path_of(bar_open: float, high: float, low: float, close: float, rises_on_tie: bool) -> Path:
    """The path of a bar.

    Args:
        bar_open: First price.
        high: Highest price.
        low: Lowest price.
        close: Last price.
        rises_on_tie: Whether the high comes first where both extremes are equally near the open.
    """
    up, down = high - bar_open, bar_open - low
    if up < down or (up == down and rises_on_tie):
        return bar_open, high, low, close
    return bar_open, low, high, close


def price_at(path: Path, position: float) -> float:
    """The price at a position, 0 … 3."""
    leg = min(floor(position), LAST_LEG)
    start, end = path[leg], path[leg + 1]
    price = start + (end - start) * (position - leg)
    return min(max(price, min(start, end)), max(start, end))


def touch(path: Path, position: float, level: float, rising: bool) -> float:
    """Where the price first stands at a level or beyond it.

    Args:
        path: Of the bar.
        position: Where to look from, 0 … 3.
        level: Quote per base unit.
        rising: Whether beyond means above.

    Returns:
        A position; `position` itself where the price is there already, infinity where it never comes.
    """
    if is_at(price_at(path, position), level, rising):
        return position
    for leg in range(min(floor(position), LAST_LEG), LAST_LEG + 1):
        if is_at(path[leg + 1], level, rising):
            return max(position, crossing(path, leg, level))
    return inf


def through(path: Path, position: float, level: float, rising: bool) -> float:
    """Where the price first passes a level: it goes strictly beyond. Arguments as in `touch`."""
    if is_beyond(price_at(path, position), level, rising):
        return position
    for leg in range(min(floor(position), LAST_LEG), LAST_LEG + 1):
        if is_beyond(path[leg + 1], level, rising):
            return max(position, crossing(path, leg, level))
    return inf


def is_at(price: float, level: float, rising: bool) -> bool:
    """Whether a price stands at a level or beyond it; beyond means above where `rising`."""
    return price >= level if rising else price <= level


def is_beyond(price: float, level: float, rising: bool) -> bool:
    """Whether a price stands strictly beyond a level; beyond means above where `rising`."""
    return price > level if rising else price < level


def crossing(path: Path, leg: int, level: float) -> float:
    """The position of a level on a leg that ends at it or beyond it."""
    start, end = path[leg], path[leg + 1]
    if start == end:
        return float(leg)
    return leg + min(max((level - start) / (end - start), 0.0), 1.0)


def travelled(path: Path) -> float:
    """The length of a path, quote per base unit."""
    return abs(path[1] - path[0]) + abs(path[2] - path[1]) + abs(path[3] - path[2])


def arrival(path: Path, time_fraction: float) -> float:
    """The position at which a part of the bar's time has passed.

    Args:
        path: Of the bar; on a flat one, where nothing is travelled, each leg takes a third of the time.
        time_fraction: 0 … 1; before the bar means at its open.
    """
    if time_fraction <= 0.0:
        return 0.0
    length = travelled(path)
    if length == 0.0:
        return min(END * time_fraction, END)
    left = time_fraction * length
    for leg in range(LAST_LEG + 1):
        leg_length = abs(path[leg + 1] - path[leg])
        if left <= leg_length and leg_length > 0.0:
            return leg + left / leg_length
        left -= leg_length
    return END


def elapsed(path: Path, position: float) -> float:
    """The part of the bar's time, 0 … 1, that has passed at a position: `arrival` the other way round."""
    length = travelled(path)
    if length == 0.0:
        return position / END
    behind = 0.0
    leg = min(floor(position), LAST_LEG)
    for passed in range(leg):
        behind += abs(path[passed + 1] - path[passed])
    behind += abs(path[leg + 1] - path[leg]) * (position - leg)
    return min(behind / length, 1.0)
