"""A pane: lines that can have the keys, with a cursor where rows can be selected."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.tui import look
from cockpit.tui.panes.painted import PaintedLines
from cockpit.tui.panes.row import Row
from cockpit.tui.store import Store

__all__ = ["Pane", "Row"]


class Pane(PaintedLines, can_focus=True):
    """Lines that scroll by keys and mouse, or move a cursor where `has_cursor` says so."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor(-1)", "Up", show=False),
        Binding("down,j", "cursor(1)", "Down", show=False),
        Binding("pageup", "cursor_page(-1)", "Page up", show=False),
        Binding("pagedown", "cursor_page(1)", "Page down", show=False),
        Binding("home", "cursor_end(-1)", "First", show=False),
        Binding("end", "cursor_end(1)", "Last", show=False),
    ]

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
        self.cursor_key: object = None
        super().__init__(store, pane_id)

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)  # type: ignore[arg-type]  # Textual's own options
        cls.mark_cells = 1 if cls.has_cursor else 0

    @property
    def looks(self) -> look.AgentLooks:
        """Agents' marks and colours, in the present theme."""
        hues = look.hues_of(self.app.current_theme)
        return look.agent_looks(self.store.state.agents, self.store.controls, hues)

    def rows_taken(self) -> None:
        """See `PaintedLines`: a cursor whose row is gone goes to the first."""
        if self.has_cursor and self.cursor_index is None:
            places = self._selectable()
            self.cursor_key = self._rows[places[0]].key if places else None
            if places and self.cursor_stays:
                self.post_message(self.Selected(self, self._rows[places[0]]))

    def is_marked(self, row: Row) -> bool:
        """See `PaintedLines`."""
        seen = self.has_focus or self.cursor_stays
        return seen and row.key is not None and row.key == self.cursor_key

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor looks different in the pane that has the keys."""
        super().watch_has_focus(has_focus)
        self.forget_lines()

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
        self.refresh_changed()

    def _selectable(self) -> list[int]:
        return [at for at, row in enumerate(self._rows) if row.key is not None]

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
        self.refresh_changed()

    def _scroll_into_sight(self, index: int) -> None:
        room = self.text_size.height - len(self._head)
        top = self.scroll_offset.y
        places = self._selectable()
        if index == places[0]:
            self.scroll_to(y=0, animate=False)
        elif index == places[-1]:
            self.scroll_to(y=max(0, len(self._rows) - room), animate=False)
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

    def on_click(self, event: events.Click) -> None:
        """Selects the row; opens it if it was selected already; sorts on a heading."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < len(self._head):
            self.heading_clicked(offset.x - self.mark_cells)
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
            self.refresh_changed()

    def heading_clicked(self, x: int) -> None:
        """A click on a heading, at a cell of the headings' lines."""
