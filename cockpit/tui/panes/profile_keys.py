"""The lines under the lists of profiles: the selected one in full, when it takes effect, and the keys."""

from collections.abc import Mapping

from textual import events
from textual.message import Message

from cockpit.tui import look
from cockpit.tui.keys import key_word
from cockpit.tui.line import Line
from cockpit.tui.panes.band import Band
from cockpit.tui.store import Connection, Store, Topic

KEYS = (
    ("n", "new", "new"),
    ("e", "edit", "edit"),
    ("d", "delete", "delete"),
    ("space", "in or out", "let_in"),
    ("tab", "other list", "other"),
    ("esc", "back", "back"),
)
"""(key, what it does, the screen's action) of the screen's own keys."""


class ProfileKeysBand(Band):
    """Three lines; what stands in the last can be clicked.

    Args:
        store: Says whether a bot runs.
        keys: Action id → key.

    Attributes:
        told: Of the selected profile, what may have no room in its row.
    """

    topics = (Topic.RUN,)

    class Pressed(Message):
        """A key was clicked.

        Attributes:
            action: What it does.
        """

        def __init__(self, action: str) -> None:
            self.action = action
            super().__init__()

    def __init__(self, store: Store, keys: Mapping[str, str]) -> None:
        super().__init__(store, "profile-keys")
        self.told = Line()
        self._start_key = key_word(keys["start"])
        self._places: list[tuple[int, int, str]] = []

    def tell(self, told: Line) -> None:
        """Says something else of the selected profile."""
        self.told = told
        self.paint()

    def band_lines(self, width: int) -> list[Line]:
        """See `Band`."""
        return [Line(" ").extend(self.told).cut(width), self._effect().cut(width), self._key_line(width)]

    def _effect(self) -> Line:
        if self.store.connection is Connection.ABSENT:
            line = Line(" No bot runs: ", look.WARN).add(self._start_key, "bold $text-accent")
            line.add(" starts it, and ").add("cockpit profiles", "bold")
            return line.add(" edits them without it.")
        if self.store.connection is Connection.LOST:
            return Line(" The bot does not answer now: this is what it said last.", look.WARN)
        line = Line(" This run goes on as it is. For the ", look.MUTED).add("next", "bold")
        line.add(" one, stop it, then ", look.MUTED).add("cockpit start --new", "bold")
        return line.add(".", look.MUTED)

    def _key_line(self, width: int) -> Line:
        line = Line()
        self._places = []
        for key, words, action in KEYS:
            start = line.width
            line.add(f" {key} ", "bold $text-accent").add(words).add(" ")
            self._places.append((start, line.width, action))
        return line.cut(width)

    def on_click(self, event: events.Click) -> None:
        """Does what is under the pointer."""
        for start, end, action in self._places:
            if event.y == 2 and start <= event.x < end:
                self.post_message(self.Pressed(action))
