"""Alerts: what a person has to see. They stay until somebody acknowledges them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from cockpit.domain.events import ARENA
from cockpit.domain.formats import clock
from cockpit.trading.state import Alert
from cockpit.tui import look
from cockpit.tui.keys import key_word
from cockpit.tui.line import Line, wrapped
from cockpit.tui.panes.band import Band
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.store import Store, Topic

INDENT = "  "
WORD_LINES = 6
"""Lines that one alert's words take at most."""


class AlertBand(Band):
    """How many alerts there are, and the newest; not there while there is none.

    Args:
        store: Where they are.
        keys: Action id → key.
    """

    topics = (Topic.ALERTS,)

    def __init__(self, store: Store, keys: Mapping[str, str]) -> None:
        super().__init__(store, "alert-band")
        self._key = key_word(keys["alerts"])

    def band_lines(self, width: int) -> list[Line]:
        """See `Band`."""
        alerts = self.store.state.alerts
        if not alerts:
            return []
        newest = alerts[-1]
        count = "1 alert" if len(alerts) == 1 else f"{len(alerts)} alerts"
        line = Line(f" ! {count}, {self._key} shows {'it' if len(alerts) == 1 else 'them'} ", look.LOUD_WARN)
        line.add(f" {clock(newest.ts_ms)} {newest.scope}: ", look.WARN).add(newest.text)
        return [line.cut(width)]


class AlertsPane(Pane):
    """Every alert, newest first, in full."""

    topics = (Topic.ALERTS,)
    has_cursor = True
    holds_place = True

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        alerts = list(reversed(self.store.state.alerts))
        if not alerts:
            return [Row(None, _none)]
        return [row for alert in alerts for row in _alert_rows(alert, width)]

    @property
    def selected_alert(self) -> int | None:
        """The event that raised the alert under the cursor."""
        row = self.selected_row
        return row.key if row is not None and isinstance(row.key, int) else None


def _alert_rows(alert: Alert, width: int) -> Iterator[Row]:
    agent = None if alert.scope == ARENA else alert.scope
    yield Row(alert.seq, partial(_draw_head, alert), agent)
    for words in wrapped(alert.text, max(10, width - len(INDENT)), WORD_LINES):
        yield Row(None, partial(_draw_words, words))


def _draw_head(alert: Alert, width: int) -> Line:
    line = Line(f"! {clock(alert.ts_ms)} ", look.WARN).add(alert.scope, "bold")
    return line.add(f" · {alert.kind.replace('_', ' ')}", look.MUTED).cut(width)


def _draw_words(words: str, width: int) -> Line:
    return Line(INDENT).add(words).cut(width)


def _none(width: int) -> Line:
    return Line("All alerts are acknowledged.", look.MUTED).cut(width)
