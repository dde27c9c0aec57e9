"""The keys that matter now; each can be clicked."""

from collections.abc import Mapping, Sequence

from textual import events

from cockpit.tui.action import Action
from cockpit.tui.actions import offered
from cockpit.tui.keys import key_word
from cockpit.tui.line import Line, cells_of
from cockpit.tui.pane_titles import PANES
from cockpit.tui.panes.band import Band
from cockpit.tui.store import Store, Topic


class FooterBand(Band):
    """One line under everything.

    Args:
        store: Says what can be done now.
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
        for action, label in self._with_room(width):
            start = line.width
            line.add(f" {key_word(self._keys[action.id])} ", "bold $text-accent").add(label).add(" ")
            self._places.append((start, line.width, action))
        if self.store.state.run is None:
            return [line]
        panes = Line(self._pane_keys(), "bold $text-accent").add(" panes ", "")
        return [line.spread(panes, width) if line.width + panes.width < width else line]

    def _with_room(self, width: int) -> list[tuple[Action, str]]:
        """Actions and labels; without room for all, labels get short, then those go that come last."""
        now, room = self.store.situation, width - 11
        there = sorted((each for each in offered(now) if each.footer is not None), key=_place)
        shown = [(each, each.label_in(now)) for each in there]
        if self._width_of(shown) > room:
            shown = [(each, each.label_in(now, short=True)) for each in there]
        for each in shown[::-1]:
            if self._width_of(shown) <= room:
                break
            if not each[0].pinned:
                shown.remove(each)
        return shown

    def _width_of(self, shown: Sequence[tuple[Action, str]]) -> int:
        return sum(self._cells_of(*each) for each in shown)

    def _cells_of(self, action: Action, label: str) -> int:
        return cells_of(key_word(self._keys[action.id])) + cells_of(label) + 3

    def _pane_keys(self) -> str:
        words = [key_word(self._keys[f"pane_{number}"]) for number in range(1, len(PANES) + 1)]
        return f"{words[0]}-{words[-1]}" if "".join(words) == "1234567" else " ".join(words)

    def on_click(self, event: events.Click) -> None:
        """Does what is under the pointer."""
        for start, end, action in self._places:
            if start <= event.x < end:
                self.app.call_later(self.app.run_action, f"app.do('{action.id}')")


def _place(action: Action) -> int:
    return action.footer or 0
