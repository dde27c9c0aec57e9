"""Figures of the control API's answers, as screens say them to people."""

from collections.abc import Mapping
from typing import Any

from cockpit.domain.formats import NOT_AVAILABLE, percent
from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.tui import look
from cockpit.tui.line import Line
from cockpit.tui.spending import spent_words


def usd(amount: float | None) -> str:
    """Dollars, fine enough that a small amount is never shown as nothing; ``n/a`` for None."""
    return NOT_AVAILABLE if amount is None else spent_words(0, 0, round(amount * MICROS_PER_UNIT))


def cost_words(said: Mapping[str, Any]) -> str:
    """What some calls cost: ``unknown`` where no price is, ``≥`` where not all are, ``–`` without calls."""
    if not said["calls"]:
        return "–"
    cost = round((said["cost_at_least"] or 0) * MICROS_PER_UNIT)
    return spent_words(said["calls"], said["unpriced_calls"], cost)


def signed_percent(of_hundred: float | None) -> str:
    """A return with its sign; ``n/a`` for None."""
    return percent(None if of_hundred is None else of_hundred / 100, signed=True)


def share(part: int, whole: int) -> float | None:
    """A part as a fraction; None where there is nothing it could be a part of."""
    return part / whole if whole else None


def share_bar(fraction: float | None, cells: int, style: str) -> Line:
    """A bar with its percentage behind it; ``n/a`` alone where there is none.

    A fraction above 0 has at least one full cell and one below 1 at least one empty one: neither looks like
    what it is not.

    Args:
        fraction: 0 … 1.
        cells: Of the bar.
        style: Of its full part.
    """
    if fraction is None:
        return Line(NOT_AVAILABLE, look.FAINT)
    full = round(fraction * cells)
    full = min(max(full, fraction > 0), cells - (fraction < 1))
    words = percent(fraction, decimals=0 if fraction in {0.0, 1.0} else 1)
    return Line("━" * full, style).add("─" * (cells - full), look.FAINT).add(f" {words}")


def quantity(count: int, noun: str) -> str:
    """``1 call``, ``1,200 calls``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def counted(counts: Mapping[str, int]) -> str:
    """``timeout 2, crash 1``: the most frequent first; ``–`` where there are none."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{word.replace('_', ' ')} {count:,}" for word, count in ordered) or "–"
