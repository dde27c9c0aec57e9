"""Lines over the store, painted only where they changed: what panes and bands are underneath."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style

from cockpit.tui import look
from cockpit.tui.line import Line
from cockpit.tui.pane_titles import PANE_TITLES, PANES
from cockpit.tui.panes.row import Row
from cockpit.tui.safe import content
from cockpit.tui.store import Store, Topic

PAINT_EVERY_S = 0.25
CURSOR_MARK = "▸"


class PaintedLines(ScrollView, can_focus=False):
    """A list of lines under fixed headings.

    Subclasses say what the lines are (`headings`, `rows`) and which topics they depend on.

    Args:
        store: What is shown.
        pane_id: Its id; panes of the dashboard are titled by it.
    """

    topics: ClassVar[tuple[Topic, ...]] = ()
    paint_every_s: ClassVar[float] = PAINT_EVERY_S
    holds_place: ClassVar[bool] = False
    """Whether rows in sight stay where they are when others come in above them."""
    mark_cells: ClassVar[int] = 0
    """Cells at the left for the mark of a row."""

    def __init__(self, store: Store, pane_id: str) -> None:
        super().__init__(id=pane_id)
        self.store = store
        self.painted_version = -1
        self._painted_theme = ""
        self.next_paint_s = 0.0
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

    def rows_taken(self) -> None:
        """Called when the rows are new."""

    def is_marked(self, row: Row) -> bool:
        """Whether a row is to be marked in the gutter."""
        return False

    # Painting

    @property
    def line_width(self) -> int:
        """Cells a row's line may take: one stays blank before a scroll bar."""
        blank = 1 if self.styles.overflow_y == "auto" and self.styles.scrollbar_gutter == "stable" else 0
        return max(1, self.text_size.width - self.mark_cells - blank)

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
        """Whether its data, or the colours, changed since it was painted."""
        return self.version != self.painted_version or self.app.theme != self._painted_theme

    @property
    def is_shown(self) -> bool:
        """Whether it is on the screen."""
        if not self.display or not self.is_attached:
            return False
        return self.screen.is_current or self.app.screen.is_modal

    def paint(self) -> None:
        """Takes the data as it is now, and repaints the lines in sight that differ."""
        self.painted_version, self._painted_theme = self.version, self.app.theme
        width = self.line_width
        if not self.text_size:
            return
        anchor = self._anchor()
        self._lines.clear()
        self._head = self.headings(width)
        self._rows = self.rows(width)
        if self.id in PANE_TITLES:
            self.show_title(PANE_TITLES[self.id], self.note())
        self.rows_taken()
        size = Size(self.text_size.width, len(self._head) + len(self._rows))
        self._set_extent(size)
        self._hold_place(anchor)
        self.refresh_changed()

    def _set_extent(self, size: Size) -> None:
        """Notes how much there is to scroll; a new layout only if a scroll bar comes or goes."""
        if size == self.virtual_size:
            return
        if (size.height > self.text_size.height) is not self.show_vertical_scrollbar:
            self.virtual_size = size
            return
        self.set_reactive(PaintedLines.virtual_size, size)
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = size.height

    def refresh_changed(self) -> None:
        """Repaints the lines in sight that differ from what is on the screen."""
        self._lines.clear()
        regions = []
        size, line_width = self.text_size, self.line_width
        for y in range(size.height):
            old = self._strips.get(y)
            line = self._lines[y] = self._draw(y, line_width)
            if old is None or old[0] != line:
                self._strips.pop(y, None)
                regions.append(Region(0, y, size.width, 1))
        if regions:
            self.refresh(*regions)

    def show_title(self, name: str, note: str) -> None:
        """Writes into the border: the name at the top, the note at the bottom, or where there is none after
        the name."""
        if (name, note) != self._shown_title:
            self._shown_title = (name, note)
            self._write_title()

    def _write_title(self) -> None:
        name, note = self._shown_title
        number = PANES.index(self.id) + 1 if self.id in PANES else 0
        title = content(f"{number} ", "bold $text-accent") if number else content("")
        title += content(name, "bold", limit=120)
        if note and not self._has_bottom_border:
            title += content(f" · {note}", look.MUTED, limit=120)
        self.border_title = title
        self.border_subtitle = content(note, look.MUTED, limit=120)

    @property
    def _has_bottom_border(self) -> bool:
        return self.styles.border_bottom[0] not in {"", "none"}

    def _anchor(self) -> tuple[object, int] | None:
        """The first row in sight that can be found again, and how far below the top it is."""
        top = self.scroll_offset.y
        if not self.holds_place or top == 0:
            return None
        return next(((row.key, at) for at, row in enumerate(self._rows[top:]) if row.key is not None), None)

    def _hold_place(self, anchor: tuple[object, int] | None) -> None:
        """Keeps the rows in sight where they are when others come in above them."""
        if anchor is None:
            return
        key, below = anchor
        place = next((at for at, row in enumerate(self._rows) if row.key == key), None)
        if place is not None and place - below != self.scroll_offset.y:
            self.scroll_to(y=place - below, animate=False)

    def _line_at(self, y: int) -> Line:
        line = self._lines.get(y)
        if line is None:
            line = self._lines[y] = self._draw(y, self.line_width)
        return line

    def _draw(self, y: int, width: int) -> Line:
        if y < len(self._head):
            return Line().add("", width=self.mark_cells).extend(self._head[y])
        index = y - len(self._head) + self.scroll_offset.y
        if index >= len(self._rows):
            return Line()
        row = self._rows[index]
        line = row.draw(width)
        if not self.mark_cells:
            return line
        marked = Line(CURSOR_MARK, "bold $text-accent") if self.is_marked(row) else Line(" ")
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
        if self.mark_cells and line.spans and line.spans[0][0] == CURSOR_MARK:
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
        self._write_title()

    def on_resize(self) -> None:
        """Lines are made for a width."""
        self._strips.clear()
        self.paint()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """See `ScrollView`."""
        super().watch_scroll_y(old_value, new_value)
        self.forget_lines()

    def forget_lines(self) -> None:
        """Draws every line anew at the next paint."""
        self._lines.clear()
        self._strips.clear()

    # Copying

    @property
    def allow_select(self) -> bool:
        """Text can be marked with the mouse."""
        return True

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The marked text, see Textual."""
        lines: Iterable[Line] = [*self._head, *(row.draw(self.line_width) for row in self._rows)]
        gutter = " " * self.mark_cells
        return selection.extract("\n".join(gutter + line.plain for line in lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Called by Textual while text is being marked."""
        self._strips.clear()
        self.refresh()
