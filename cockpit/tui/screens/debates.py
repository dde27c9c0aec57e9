"""Debates: a list of them, and the chosen one role by role, filling while it is held."""

from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from cockpit.tui.debate_desk import DebateDesk
from cockpit.tui.debate_history import DebateEntry
from cockpit.tui.debate_shelf import DebateShelf
from cockpit.tui.keys import key_word
from cockpit.tui.panes.debate import DebatePane
from cockpit.tui.panes.debate_list import DebateListPane
from cockpit.tui.panes.footer import FooterBand
from cockpit.tui.panes.header import HeaderBand
from cockpit.tui.panes.painted import PaintedLines
from cockpit.tui.panes.pane import Pane

SIDE_BY_SIDE = 150
"""Cells from which the list stands beside the debate, and not above it."""


class DebatesScreen(Screen[None]):
    """The list at the left, or above where there is little room, and the debate under its cursor.

    Args:
        desk: Reads debates that the latest events do not know.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("left_square_bracket", "step(-1)", "Newer debate", show=False),
        Binding("right_square_bracket", "step(1)", "Older debate", show=False),
    ]

    def __init__(self, desk: DebateDesk) -> None:
        super().__init__()
        self.shelf = DebateShelf(desk.store)
        self.listed = DebateListPane(self.shelf)
        self.debate = DebatePane(self.shelf)
        self._desk = desk
        self._is_reading = False
        self._bands = [HeaderBand(desk.store, "header"), FooterBand(desk.store, desk.keys)]

    @property
    def panes(self) -> Sequence[PaintedLines]:
        """What is painted."""
        return [*self._bands, self.listed, self.debate]

    def compose(self) -> ComposeResult:
        """See Textual."""
        yield self._bands[0]
        yield self.listed
        yield self.debate
        yield self._bands[1]

    def on_mount(self) -> None:
        """See Textual."""
        asks = key_word(self._desk.keys["new_debate"])
        self.listed.show_title("Debates", f"{asks} asks for one" if self._desk.store.debaters else "")
        self.listed.focus()
        self.read_older()

    def on_resize(self) -> None:
        """Side by side where both have room."""
        self.set_class(self.app.size.width < SIDE_BY_SIDE, "-narrow")

    def on_pane_selected(self, message: Pane.Selected) -> None:
        """Another debate is under the cursor."""
        self.debate.show(message.row.key)
        entry = self.shelf.get(message.row.key)
        if entry is not None and entry.debate_id is not None and self.shelf.is_unread(entry):
            self.read_whole(entry.debate_id)
        if self.listed.is_at_end:
            self.read_older()

    def on_pane_opened(self, message: Pane.Opened) -> None:
        """A second click on a debate or a card."""
        self.app.call_later(self.app.run_action, "app.do('detail')")

    def open_chosen(self) -> None:
        """Enter on a debate goes to its cards; on a card whose call is not in the journal it is told so."""
        if self.focused is self.listed:
            self.debate.focus()
        elif self.focused is self.debate and self.debate.entry is not None:
            self._desk.tell(
                "Its words can be read once the debate is over."
                if self.debate.entry.is_under_way
                else "No model was asked for this, or the journal does not know it."
            )

    def await_after(self, debate_id: int) -> None:
        """Goes to a debate that was asked for after that one, once it has begun."""
        self.listed.await_after(debate_id)

    def action_step(self, by: int) -> None:
        """Shows an older debate, or a newer one."""
        self.listed.action_cursor(by)

    def action_back(self) -> None:
        """From the cards to the list, else to the dashboard."""
        if self.focused is self.debate:
            self.listed.focus()
        else:
            self.dismiss(None)

    def read_older(self) -> None:
        """Reads the debates before the oldest that is known."""
        if not self._is_reading and not self.shelf.has_all:
            self._is_reading = True
            self.run_worker(self._take_older(), group="debates")

    async def _take_older(self) -> None:
        older = await self._desk.read_before(self.shelf.oldest)
        self._is_reading = False
        if older is not None:  # else the bot does not answer: asked again at the end of the list
            self.shelf.add_older(older)
            self.listed.paint()

    @work(group="debate", exclusive=True)
    async def read_whole(self, debate_id: int) -> None:
        """Reads what was said in a debate."""
        found = await self._desk.read_whole(debate_id)
        if isinstance(found, DebateEntry):
            self.shelf.add_whole(found)
        else:
            self.debate.trouble = found
        self.listed.paint()
        self.debate.paint()
