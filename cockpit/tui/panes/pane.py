"""What all panes are: lines over the store, painted only where they changed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style

from cockpit.tui import look
from cockpit.tui.actions import PANE_TITLES, PANES
from cockpit.tui.line import Line
from cockpit.tui.safe import content
from cockpit.tui.store import Store, Topic

PAINT_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a pane, drawn when it comes into sight.

    Attributes:
        key: Tells it from others, so that cursor and scroll position follow it.
        draw: Its line for a width in cells.
        agent: Whose it is, for opening details; None: nobody's.
    """

    key: object
    draw: Callable[[int], Line]
    agent: str | None = None


class Pane(ScrollView, can_focus=True):
    """A list of lines under fixed headings, with a cursor where rows can be selected.

    Subclasses say what the lines are (`headings`, `rows`) and which topics they depend on.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor(-1)", "Up", show=False),
        Binding("down,j", "cursor(1)", "Down", show=False),
        Binding("pageup", "cursor_page(-1)", "Page up", show=False),
        Binding("pagedown", "cursor_page(1)", "Page down", show=False),
        Binding("home", "cursor_end(-1)", "First", show=False),
        Binding("end", "cursor_end(1)", "Last", show=False),
    ]

    topics: ClassVar[tuple[Topic, ...]] = ()
    paint_every_s: ClassVar[float] = PAINT_EVERY_S
    has_cursor: ClassVar[bool] = False
    cursor_stays: ClassVar[bool] = False
    """Whether the cursor is seen while another pane has the keys."""

    class Selected(Message):
        """The cursor is on another row."""

        def __init__(self, pane: "Pane", row: Row) -> None:
            self.pane = pane
            self.row = row
            super().__init__()

    class Opened(Message):
        """A row was clicked while it was selected."""

        def __init__(self, pane: "Pane", row: Row) -> None:
            self.pane = pane
            self.row = row
            super().__init__()

    def __init__(self, store: Store, pane_id: str) -> None:
        super().__init__(id=pane_id)
        self.store = store
        self.painted_version = -1
        self.next_paint_s = 0.0
        self.cursor_key: object = None
        self._rows: Sequence[Row] = ()
        self._head: list[Line] = []
        self._lines: dict[int, Line] = {}
        self._strips: dict[int, tuple[Line, Strip]] = {}
        self._rich_styles: dict[str, RichStyle] = {}
        self._shown_title = ("", "")
        self.show_title(PANE_TITLES.get(pane_id, ""), "")

    # What subclasses say

    def headings(self, width: int) -> list[Line]:
        """Lines that stay while the rest scrolls."""
        return []

    def rows(self, width: int) -> Sequence[Row]:
        """All rows, from top to bottom; `width` is what their lines may take."""
        raise NotImplementedError

    def note(self) -> str:
        """A few words for the right end of the title."""
        return ""

    # Painting

    @property
    def line_width(self) -> int:
        """Cells a row's line may take."""
        return max(1, self.text_size.width - (1 if self.has_cursor else 0))

    @property
    def text_size(self) -> Size:
        """Cells for text: what frame and scroll bar leave."""
        return self.scrollable_content_region.size

    @property
    def version(self) -> int:
        """Of the data it shows."""
        return self.store.version(self.topics)

    @property
    def is_due(self) -> bool:
        """Whether its data changed since it was painted."""
        return self.version != self.painted_version

    @property
    def is_shown(self) -> bool:
        """Whether it is on the screen."""
        if not self.display or not self.is_attached:
            return False
        return self.screen.is_current or self.app.screen.is_modal

    def paint(self) -> None:
        """Takes the data as it is now, and repaints the lines in sight that differ."""
        self.painted_version = self.version
        width = self.line_width
        if not self.text_size:
            return
        top_key = self._top_key()
        self._lines.clear()
        self._head = self.headings(width)
        self._rows = self.rows(width)
        if self.id in PANE_TITLES:
            self.show_title(PANE_TITLES[self.id], self.note())
        self._place_cursor()
        size = Size(self.text_size.width, len(self._head) + len(self._rows))
        self._set_extent(size)
        self._hold_place(top_key)
        self._refresh_changed()

    def _set_extent(self, size: Size) -> None:
        """Notes how much there is to scroll; a new layout only if a scroll bar comes or goes."""
        if size == self.virtual_size:
            return
        if (size.height > self.text_size.height) is not self.show_vertical_scrollbar:
            self.virtual_size = size
            return
        self.set_reactive(Pane.virtual_size, size)
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = size.height

    def _refresh_changed(self) -> None:
        self._lines.clear()
        regions = []
        for y in range(self.text_size.height):
            old = self._strips.get(y)
            line = self._line_at(y)
            if old is None or old[0] != line:
                self._strips.pop(y, None)
                regions.append(Region(0, y, self.text_size.width, 1))
        if regions:
            self.refresh(*regions)

    def show_title(self, name: str, note: str) -> None:
        """Writes into the border: the name at the left, the note at the right."""
        if (name, note) == self._shown_title:
            return
        self._shown_title = (name, note)
        number = PANES.index(self.id) + 1 if self.id in PANES else 0
        title = content(f"{number} ", "bold $text-accent") if number else content("")
        self.border_title = title + content(name, "bold", limit=60)
        self.border_subtitle = content(note, look.MUTED, limit=120)

    def _top_key(self) -> object:
        top = self.scroll_offset.y
        return self._rows[top].key if 0 < top < len(self._rows) else None

    def _hold_place(self, top_key: object) -> None:
        """Keeps the rows in sight where they are when others come in above them."""
        if top_key is None:
            return
        place = next((at for at, row in enumerate(self._rows) if row.key == top_key), None)
        if place is not None and place != self.scroll_offset.y:
            self.scroll_to(y=place, animate=False)

    def _line_at(self, y: int) -> Line:
        line = self._lines.get(y)
        if line is None:
            line = self._lines[y] = self._draw(y)
        return line

    def _draw(self, y: int) -> Line:
        if y < len(self._head):
            return Line(" ").extend(self._head[y]) if self.has_cursor else self._head[y]
        index = y - len(self._head) + self.scroll_offset.y
        if index >= len(self._rows):
            return Line()
        row = self._rows[index]
        line = row.draw(self.line_width)
        if not self.has_cursor:
            return line
        shown = self.has_focus or self.cursor_stays
        selected = shown and row.key == self.cursor_key and row.key is not None
        marked = Line("▸" if selected else " ", "bold $text-accent" if selected else "")
        return marked.extend(line)

    def render_line(self, y: int) -> Strip:
        """One line of the screen, see Textual's line API."""
        line = self._line_at(y)
        kept = self._strips.get(y)
        if kept is not None and kept[0] == line and self.text_selection is None:
            return kept[1]
        strip = self._strip(line, y)
        if self.text_selection is None:
            self._strips[y] = (line, strip)
        return strip

    def _strip(self, line: Line, y: int) -> Strip:
        at = y if y < len(self._head) else y + self.scroll_offset.y
        base = self._base_style(line)
        segments = [Segment(text, base + self._rich(style) if style else base) for text, style in line.spans]
        strip = Strip(segments, line.width).adjust_cell_length(self.text_size.width, base)
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(at)) is not None:
            strip = self._mark(strip, span)
        return strip.apply_offsets(0, at)

    def _mark(self, strip: Strip, span: tuple[int, int]) -> Strip:
        start, end = span
        end = strip.cell_length if end == -1 else min(end, strip.cell_length)
        if start >= end:
            return strip
        style = self.screen.get_component_rich_style("screen--selection")
        parts = strip.divide([start, end, strip.cell_length] if start else [end, strip.cell_length])
        marked = 1 if start else 0
        return Strip.join(
            [part.apply_style(style) if at == marked else part for at, part in enumerate(parts)]
        )

    def _base_style(self, line: Line) -> RichStyle:
        if self.has_cursor and line.spans and line.spans[0][0] == "▸":
            return self._ground() + self._rich(
                look.cursor_style(self.app.current_theme, focused=self.has_focus)
            )
        return self._ground()

    def _ground(self) -> RichStyle:
        return self.visual_style.rich_style

    def _rich(self, style: str) -> RichStyle:
        found = self._rich_styles.get(style)
        if found is None:
            found = Style.parse(style, self.app.theme_variables).rich_style
            self._rich_styles[style] = found
        return found

    def notify_style_update(self) -> None:
        """Called by Textual when colours change."""
        super().notify_style_update()
        self._rich_styles.clear()
        self._strips.clear()

    def on_resize(self) -> None:
        """Lines are made for a width."""
        self._strips.clear()
        self.paint()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """See `ScrollView`."""
        super().watch_scroll_y(old_value, new_value)
        self._forget_lines()

    def on_focus(self) -> None:
        """The cursor looks different in the pane that has the keys."""
        self._forget_lines()

    def on_blur(self) -> None:
        """See `on_focus`."""
        self._forget_lines()

    def _forget_lines(self) -> None:
        self._lines.clear()
        self._strips.clear()

    # Cursor

    @property
    def cursor_index(self) -> int | None:
        """Where the cursor's row stands now; None if it is gone, or there is no cursor."""
        if self.cursor_key is None:
            return None
        return next((at for at, row in enumerate(self._rows) if row.key == self.cursor_key), None)

    @property
    def selected_row(self) -> Row | None:
        """The row under the cursor."""
        index = self.cursor_index
        return None if index is None else self._rows[index]

    def select(self, key: object) -> None:
        """Puts the cursor on the row with a key."""
        self.cursor_key = key
        self._refresh_changed()

    def _selectable(self) -> list[int]:
        return [at for at, row in enumerate(self._rows) if row.key is not None]

    def _place_cursor(self) -> None:
        if self.has_cursor and self.cursor_index is None:
            places = self._selectable()
            self.cursor_key = self._rows[places[0]].key if places else None
            if places and self.cursor_stays:
                self.post_message(self.Selected(self, self._rows[places[0]]))

    def _move_to(self, place: int) -> None:
        places = self._selectable()
        if not places:
            return
        index = places[max(0, min(place, len(places) - 1))]
        row = self._rows[index]
        if row.key != self.cursor_key:
            self.cursor_key = row.key
            self.post_message(self.Selected(self, row))
        self._scroll_into_sight(index)
        self._refresh_changed()

    def _scroll_into_sight(self, index: int) -> None:
        room = self.text_size.height - len(self._head)
        top = self.scroll_offset.y
        if index == self._selectable()[0]:
            self.scroll_to(y=0, animate=False)
        elif index < top:
            self.scroll_to(y=index, animate=False)
        elif index >= top + room:
            self.scroll_to(y=index - room + 1, animate=False)

    def _place(self) -> int:
        index = self.cursor_index
        return -1 if index is None else self._selectable().index(index)

    def action_cursor(self, step: int) -> None:
        """Moves the cursor, or scrolls."""
        if self.has_cursor:
            self._move_to(self._place() + step)
        else:
            self.scroll_relative(y=step, animate=False)

    def action_cursor_page(self, step: int) -> None:
        """Moves by what is in sight."""
        page = max(1, self.text_size.height - len(self._head) - 1)
        self.action_cursor(step * page)

    def action_cursor_end(self, step: int) -> None:
        """Moves to the first or last row."""
        if self.has_cursor:
            self._move_to(0 if step < 0 else len(self._rows))
        else:
            self.scroll_to(y=0 if step < 0 else self.max_scroll_y, animate=False)

    # Mouse and copying

    def on_click(self, event: events.Click) -> None:
        """Selects the row; opens it if it was selected already; sorts on a heading."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < len(self._head):
            self.heading_clicked(offset.x - (1 if self.has_cursor else 0))
            return
        index = offset.y - len(self._head) + self.scroll_offset.y
        if not self.has_cursor or index >= len(self._rows) or self._rows[index].key is None:
            return
        row = self._rows[index]
        if row.key == self.cursor_key and event.chain > 1:
            self.post_message(self.Opened(self, row))
        elif row.key != self.cursor_key:
            self.cursor_key = row.key
            self.post_message(self.Selected(self, row))
            self._refresh_changed()

    def heading_clicked(self, x: int) -> None:
        """A click on a heading, at a cell of the headings' lines."""

    @property
    def allow_select(self) -> bool:
        """Text can be marked with the mouse."""
        return True

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The marked text, see Textual."""
        lines: Iterable[Line] = [*self._head, *(row.draw(self.line_width) for row in self._rows)]
        gutter = " " if self.has_cursor else ""
        return selection.extract("\n".join(gutter + line.plain for line in lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Called by Textual while text is being marked."""
        self._strips.clear()
        self.refresh()
