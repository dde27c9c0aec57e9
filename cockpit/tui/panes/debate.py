"""One debate: a card for each role, side by side where there is room, else below each other."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from cockpit.tui import look
from cockpit.tui.debate_cards import Card, Cards
from cockpit.tui.debate_history import DebateEntry
from cockpit.tui.debate_shelf import DebateShelf
from cockpit.tui.line import Line, cells_of
from cockpit.tui.panes.calls import CALL
from cockpit.tui.panes.debate_drawing import brief_line, card_lines, card_title, framed, split_line
from cockpit.tui.panes.debate_layout import Box, Place, arranged, shared
from cockpit.tui.panes.debate_verdict import head_line, shadow_lines, verdict_lines
from cockpit.tui.panes.painted import CURSOR_MARK
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.store import Topic

SIDE_BY_SIDE = 90
"""Cells from which cards stand side by side; with less, each takes a line and the chosen one is open."""


class DebatePane(Pane):
    """The debate that was chosen; it scrolls, and a cursor goes from card to card.

    Args:
        shelf: All debates.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "beside(-1)", "Card before", show=False),
        Binding("right,l", "beside(1)", "Next card", show=False),
        Binding("space", "whole", "All that a card says", show=False),
    ]

    topics = (Topic.DEBATES, Topic.DECISIONS)
    paint_every_s = 0.25

    def __init__(self, shelf: DebateShelf) -> None:
        super().__init__(shelf.store, "debate")
        self._shelf = shelf
        self._entry: DebateEntry | None = None
        self._cards: Cards | None = None
        self._shown: object = None
        self._chosen: str | None = None
        self._is_whole = self._is_list = False
        self._places: dict[str, Place] = {}
        self.trouble = ""

    @property
    def version(self) -> int:
        """See `PaintedLines`: what is said elsewhere changes nothing here."""
        entry = self._shelf.get(self._shown)
        heard = 0 if entry is None else self.store.talks.changes.get(entry.speaker, 0)
        return super().version + heard

    @property
    def entry(self) -> DebateEntry | None:
        """The debate that is shown."""
        return self._entry

    def show(self, key: object) -> None:
        """Shows a debate; the same role stays chosen where it takes part."""
        if key != self._shown:
            self._shown = key
            self.trouble = ""
            self.scroll_to(y=0, animate=False)
        self.paint()

    def headings(self, width: int) -> list[Line]:
        """See `Pane`."""
        self._entry = entry = self._shelf.get(self._shown)
        self._cards = None if entry is None else self._shelf.cards(entry)
        if entry is None or self._cards is None:
            return []
        own = look.look_of(self.looks, entry.agent)
        lines = [head_line(entry, own, width)]
        if self._cards.analysts:
            split = self._cards.together(entry.symbols)
            lines.append(
                split_line(split, width, so_far=entry.is_under_way, disagrees=entry.is_disagreed).cut(width)
            )
        return lines

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        entry, cards = self._entry, self._cards
        self._places = {}
        if entry is None or cards is None:
            return []
        splits = self._splits(entry, cards, width)
        if self.trouble:
            return [Row.of(Line(self.trouble, look.WARN).cut(width))]
        if not entry.is_under_way and entry.debate is None and not entry.reason:
            return [Row.of(Line("Reading the journal …", look.MUTED))]
        self._is_list = width < SIDE_BY_SIDE
        if self._is_list:
            return [Row.of(line) for line in (*self._list(entry, cards, width), *splits)]
        return [Row.of(line) for line in (*splits, *self._grid(entry, cards, width, len(splits)))]

    def rows_taken(self) -> None:
        """See `PaintedLines`."""
        self.show_title("Debate", self.note())

    def note(self) -> str:
        """See `Pane`."""
        if not self._places:
            return ""
        opens = "enter opens the call, or the trail"
        return opens if self._is_list else f"space shows all · {opens}"

    @staticmethod
    def _splits(entry: DebateEntry, cards: Cards, width: int) -> list[Line]:
        """How the analysts divide on each of several symbols."""
        if len(entry.symbols) == 1 or not cards.analysts:
            return []
        splits = cards.splits(entry.symbols)
        return [split_line(each, width, so_far=False, disagrees=False).cut(width) for each in splits]

    def _said_by(
        self, card: Card, entry: DebateEntry, cards: Cards, width: int, *, is_below: bool
    ) -> Sequence[Line]:
        if card is cards.judge:
            return verdict_lines(self.store, entry, cards, width, is_below=is_below)
        if card is cards.shadow:
            return shadow_lines(entry, cards, width, is_below=is_below)
        named, is_over = len(entry.symbols) != 1, not entry.is_under_way
        return card_lines(card, width, named=named, is_over=is_over, is_below=is_below)

    # Below each other

    def _list(self, entry: DebateEntry, cards: Cards, width: int) -> Iterator[Line]:
        """A line for each card; the chosen one's words below it."""
        at = 0
        for card in cards.all:
            is_chosen = card.role == self.chosen
            mark = CURSOR_MARK if is_chosen else " "
            brief = brief_line(card, width - 2, named=len(entry.symbols) != 1, is_over=not entry.is_under_way)
            yield Line(f"{mark} ", "bold $text-accent").extend(brief)
            opened = self._said_by(card, entry, cards, width - 4, is_below=True) if is_chosen else ()
            yield from (Line("    ").extend(line) for line in opened)
            self._places[card.role] = Place(at, at + 1 + len(opened), 0, width, len(self._places))
            at += 1 + len(opened)

    # Side by side

    def _grid(self, entry: DebateEntry, cards: Cards, width: int, above: int) -> Iterator[Line]:
        """The cards in frames, and below them the verdict with that of the shadow beside it."""
        boxes = [
            [
                Box(card, self._said_by(card, entry, cards, cells - 4, is_below=False), cells)
                for card, cells in line
            ]
            for line in arranged(cards, width)
        ]
        wanted = [max(len(box.lines) for box in line) + 2 for line in boxes]
        room = self.text_size.height - len(self._head) - above
        heights = wanted if self._is_whole else shared(wanted, room)
        top = above
        for number, (line, height) in enumerate(zip(boxes, heights, strict=True)):
            left = 0
            drawn = []
            for box in line:
                right = left + box.width
                self._places[box.card.role] = Place(top, top + height, left, right, number)
                drawn.append(self._framed(box, height))
                left = right
            top += height
            for pieces in zip(*drawn, strict=True):
                whole = Line()
                for piece in pieces:
                    whole.extend(piece)
                yield whole

    def _framed(self, box: Box, height: int) -> list[Line]:
        card = box.card
        is_chosen = card.role == self.chosen and self.has_focus
        title = Line(f"{CURSOR_MARK} " if is_chosen else "", look.NOTE)
        title.add(card_title(card.role), "bold")
        if card.model and title.width + cells_of(card.model) + 8 <= box.width:
            title.add(f" {card.model}", look.MUTED)
        return framed(title, box.lines, box.width, height, is_chosen=is_chosen)

    # The cursor

    @property
    def chosen(self) -> str:
        """The role the cursor is on: at first the verdict, or while there is none the first analyst."""
        cards = self._cards
        if cards is None:
            return ""
        roles = [card.role for card in cards.all]
        if self._chosen in roles:
            return str(self._chosen)
        is_over = self._entry is not None and not self._entry.is_under_way
        return cards.judge.role if is_over else roles[0]

    @property
    def selected_row(self) -> Row | None:
        """The chosen card as a row: it opens the model call that brought it, the verdict its decision."""
        entry, cards = self._entry, self._cards
        if entry is None or cards is None:
            return None
        card = next(each for each in cards.all if each.role == self.chosen)
        ident = "" if card.call_id is None else f"{CALL}{card.call_id}"
        if card is cards.judge and entry.decision_id is not None:
            ident = f"decision:{entry.decision_id}"
        return Row.of(Line()) if not ident else Row(card.role, _nothing, entry.agent, ident)

    def watch_has_focus(self, has_focus: bool) -> None:
        """The chosen card looks different in the pane that has the keys."""
        super().watch_has_focus(has_focus)
        if self.is_attached:
            self.paint()

    def choose(self, role: str) -> None:
        """Puts the cursor on a card, and brings it into sight."""
        self._chosen = role
        self.paint()
        place = self._places.get(role)
        if place is None:
            return
        room = self.text_size.height - len(self._head)
        top = self.scroll_offset.y
        if place.top < top or place.bottom - place.top > room:
            self.scroll_to(y=place.top, animate=False)
        elif place.bottom > top + room:
            self.scroll_to(y=place.bottom - room, animate=False)

    def action_cursor(self, step: int) -> None:
        """To the card above or below."""
        here = self._places.get(self.chosen)
        if here is None:
            return
        there = [role for role, place in self._places.items() if place.line == here.line + step]
        if there:
            self.choose(min(there, key=lambda role: abs(self._places[role].middle - here.middle)))

    def action_cursor_page(self, step: int) -> None:
        """Scrolls."""
        page = max(1, self.text_size.height - len(self._head) - 1)
        self.scroll_relative(y=step * page, animate=False)

    def action_cursor_end(self, step: int) -> None:
        """To the first card, or the last."""
        roles = list(self._places)
        if roles:
            self.choose(roles[0] if step < 0 else roles[-1])

    def action_beside(self, step: int) -> None:
        """To the card before, or the next one."""
        roles = list(self._places)
        if roles:
            at = roles.index(self.chosen) + step
            self.choose(roles[max(0, min(at, len(roles) - 1))])

    def action_whole(self) -> None:
        """Gives every card the room for all it says, or only as much as lets all be in sight."""
        self._is_whole = not self._is_whole
        self.choose(self.chosen)

    def on_click(self, event: events.Click) -> None:
        """Chooses a card; opens it if it was chosen already."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < len(self._head):
            return
        y = offset.y - len(self._head) + self.scroll_offset.y
        for role, place in self._places.items():
            if place.holds(offset.x, y):
                row = self.selected_row
                if role == self.chosen and event.chain > 1 and row is not None:
                    self.post_message(self.Opened(self, row))
                self.choose(role)
                return


def _nothing(width: int) -> Line:
    return Line()
