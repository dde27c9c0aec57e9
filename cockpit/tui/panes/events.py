"""The event log: what happened, newest first."""

from collections.abc import Sequence
from functools import partial

from cockpit.domain.formats import clock
from cockpit.tui import look
from cockpit.tui.event_log import LogEntry
from cockpit.tui.line import Line
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.store import Topic


class EventsPane(Pane):
    """The latest events; routine ones only on request, and only those that contain the filter's words."""

    topics = (Topic.LOG,)
    has_cursor = True
    holds_place = True

    routine = False
    filter_words = ""

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        words = self.filter_words.lower().split()
        return [
            Row(entry.seq, partial(_draw_entry, entry), entry.agent, entry.ident)
            for entry in self.store.log.newest(routine=self.routine)
            if not words or _matches(entry, words)
        ]

    def note(self) -> str:
        """See `Pane`."""
        parts = [f"only “{self.filter_words}”"] if self.filter_words else []
        parts.append("all events" if self.routine else "newest first")
        return " · ".join(parts)


def _matches(entry: LogEntry, words: Sequence[str]) -> bool:
    text = entry.text.lower()
    return all(word in text for word in words)


def _draw_entry(entry: LogEntry, width: int) -> Line:
    stamp = clock(entry.ts_ms)
    line = Line(stamp if width >= 60 else stamp[6:], look.FAINT).add(" ")
    return line.add(entry.text, entry.style, max(0, width - line.width))
