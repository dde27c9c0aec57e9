"""Where the cards of a debate stand side by side, and how much room each has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cockpit.tui.debate_cards import Card, Cards
from cockpit.tui.line import Line

CARD_CELLS = 30
"""A card takes at least so many."""

LEAST_ROWS = 5
"""Lines of a card with its frame, however low the pane."""


@dataclass(frozen=True, slots=True)
class Box:
    """A card as it is drawn.

    Attributes:
        card: It.
        lines: What there is to read.
        width: Cells of its frame.
    """

    card: Card
    lines: Sequence[Line]
    width: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card is among a pane's rows.

    Attributes:
        top: Its first row.
        bottom: The row after its last.
        left: Its first cell.
        right: The cell after its last.
        line: Which of the lines of cards it is in.
    """

    top: int
    bottom: int
    left: int
    right: int
    line: int

    @property
    def middle(self) -> float:
        """Between its left and its right."""
        return (self.left + self.right) / 2

    def holds(self, x: int, y: int) -> bool:
        """Whether a cell is part of it."""
        return self.top <= y < self.bottom and self.left <= x < self.right


def arranged(cards: Cards, width: int) -> list[list[tuple[Card, int]]]:
    """Lines of cards, each with its width: about equally many analysts in each, the verdict in the last.

    Args:
        cards: What is arranged.
        width: Cells there are.
    """
    return [*_analysts(cards.analysts, width), _verdict(cards, width)]


def shared(wanted: Sequence[int], room: int) -> list[int]:
    """Heights for what wants some, as far as there is room: who wants less than its share leaves the rest.

    Args:
        wanted: By each.
        room: Of all together.
    """
    heights = list(wanted)
    rest, places = room, sorted(range(len(wanted)), key=lambda at: wanted[at])
    for left, at in zip(range(len(places), 0, -1), places, strict=True):
        heights[at] = max(min(LEAST_ROWS, wanted[at]), min(wanted[at], rest // left))
        rest -= heights[at]
    return heights


def _analysts(analysts: Sequence[Card], width: int) -> Iterator[list[tuple[Card, int]]]:
    if not analysts:
        return
    lines = -(-len(analysts) // max(1, width // CARD_CELLS))
    columns = -(-len(analysts) // lines)
    for start in range(0, len(analysts), columns):
        line = analysts[start : start + columns]
        yield list(zip(line, _divided(width, len(line)), strict=True))


def _verdict(cards: Cards, width: int) -> list[tuple[Card, int]]:
    if cards.shadow is None:
        return [(cards.judge, width)]
    beside = max(CARD_CELLS, width // 3)
    return [(cards.judge, width - beside), (cards.shadow, beside)]


def _divided(width: int, parts: int) -> list[int]:
    return [width // parts + (at < width % parts) for at in range(parts)]
