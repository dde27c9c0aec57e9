"""What is shown while there is nothing to show: no bot runs, or it has not answered yet."""

from collections.abc import Mapping

from cockpit.tui import look
from cockpit.tui.keys import key_word
from cockpit.tui.line import Line, fit, wrapped
from cockpit.tui.panes.band import Band
from cockpit.tui.store import Connection, Store, Topic


class WelcomeBand(Band):
    """A few lines in the middle of the screen.

    Args:
        store: Says how the dashboard stands with the bot.
        keys: Action id → key.

    Attributes:
        starting: Whether a bot is being started.
    """

    topics = (Topic.RUN,)

    def __init__(self, store: Store, keys: Mapping[str, str]) -> None:
        super().__init__(store, "welcome")
        self._keys = keys
        self.starting = False

    def band_lines(self, width: int) -> list[Line]:
        """See `Band`."""
        words = self._words()
        room = min(width - 4, 76)
        lines = [
            (piece, style) for text, style in words for piece in (wrapped(text, room, 4) if text else [""])
        ]
        above = max(0, (self.text_size.height - len(lines)) // 2)
        return [Line()] * above + [Line(fit(text, width, "center"), style) for text, style in lines]

    def _words(self) -> list[tuple[str, str]]:
        name = ("c o c k p i t", "bold $text-accent")
        if self.starting:
            return [name, ("", ""), (f"Starting the bot “{self.store.bot}” …", "bold")]
        if self.store.connection is Connection.CONNECTING:
            return [name, ("", ""), (f"Connecting to the bot “{self.store.bot}” …", look.MUTED)]
        if self.store.connection is Connection.LIVE:
            return [name, ("", ""), (f"The bot “{self.store.bot}” prepares its run …", look.MUTED)]
        if self.store.connection is Connection.LOST:
            why = self.store.trouble or "it may still be starting"
            return [
                name,
                ("", ""),
                (f"The bot “{self.store.bot}” runs, but does not answer yet.", "bold"),
                (why, look.MUTED),
            ]
        said = [(self.store.trouble, look.BAD), ("", "")] if self.store.trouble else []
        return [
            name,
            ("", ""),
            (f"No bot called “{self.store.bot}” is running.", "bold"),
            ("", ""),
            *said,
            (f"Press  {key_word(self._keys['start'])}  to start it", f"bold {look.GOOD}"),
            ("Agents then compete with paper money, in the background, until you stop it.", look.MUTED),
            ("", ""),
            (f"{key_word(self._keys['help'])} help    {key_word(self._keys['leave'])} leave", look.MUTED),
        ]
