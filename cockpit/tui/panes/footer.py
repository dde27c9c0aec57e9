"""The keys that matter now; each can be clicked."""

from collections.abc import Mapping

from textual import events

from cockpit.tui.actions import ACTIONS, Action, When, key_word
from cockpit.tui.line import Line
from cockpit.tui.panes.band import Band
from cockpit.tui.store import Connection, Store, Topic

_WITHOUT_RUN = frozenset({"start", "stop", "status", "help", "leave"})
"""Actions that make sense while there is nothing to look at."""


class FooterBand(Band):
    """One line under everything.

    Args:
        store: Says whether a bot runs.
        keys: Action id → key.
    """

    topics = (Topic.RUN,)

    def __init__(self, store: Store, keys: Mapping[str, str]) -> None:
        super().__init__(store, "footer")
        self._keys = keys
        self._places: list[tuple[int, int, Action]] = []

    def band_lines(self, width: int) -> list[Line]:
        """See `Band`."""
        line = Line()
        self._places = []
        for action in self._offered(width):
            start = line.width
            line.add(f" {key_word(self._keys[action.id])} ", "bold $text-accent")
            line.add(_label(action, self.store), "").add(" ")
            self._places.append((start, line.width, action))
        if self.store.state.run is None:
            return [line]
        panes = Line("1-7", "bold $text-accent").add(" panes ", "")
        return [line.spread(panes, width) if line.width + panes.width < width else line]

    def _offered(self, width: int) -> list[Action]:
        running = self.store.connection in {Connection.LIVE, Connection.LOST}
        unfit = When.STOPPED if running else When.RUNNING
        offered = [each for each in ACTIONS if each.footer is not None and each.when is not unfit]
        if self.store.state.run is None:
            offered = [each for each in offered if each.id in _WITHOUT_RUN]
        offered.sort(key=lambda each: each.footer or 0)
        room = width - 11
        for action in list(offered)[::-1]:
            if sum(self._cells_of(each) for each in offered) <= room:
                break
            if action.id not in {"leave", "help"}:
                offered.remove(action)
        return offered

    def _cells_of(self, action: Action) -> int:
        return len(key_word(self._keys[action.id])) + len(_label(action, self.store)) + 3

    def on_click(self, event: events.Click) -> None:
        """Does what is under the pointer."""
        for start, end, action in self._places:
            if start <= event.x < end:
                self.app.call_later(self.app.run_action, f"app.do('{action.id}')")


def _label(action: Action, store: Store) -> str:
    if action.id == "pause" and store.state.paused:
        return "resume"
    if action.id == "kill" and store.state.killed:
        return "unkill"
    return action.label
