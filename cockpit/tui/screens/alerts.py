"""The list of alerts, over whatever is on the screen."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from cockpit.tui.keys import key_word
from cockpit.tui.panes.alerts import AlertsPane
from cockpit.tui.screens.box import BoxScreen
from cockpit.tui.store import Store


class AlertsScreen(BoxScreen):
    """Enter acknowledges the alert under the cursor; a key of its own acknowledges all.

    Args:
        store: Where alerts are.
        keys: Action id → key.
        acknowledge: Takes alerts, by the events that raised them, off the list of what nobody has seen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "acknowledge", "Acknowledge", show=False),
    ]

    def __init__(
        self, store: Store, keys: Mapping[str, str], acknowledge: Callable[[Sequence[int]], None]
    ) -> None:
        self.store = store
        self.pane = AlertsPane(store, "alerts")
        note = f"enter acknowledges · {key_word(keys['acknowledge_all'])} all · esc closes"
        super().__init__(self.pane, "Alerts", keys["alerts"], note)
        self._acknowledge = acknowledge
        self._all_keys = frozenset(keys["acknowledge_all"].split(","))

    def on_key(self, event: events.Key) -> None:
        """The key that acknowledges all."""
        if event.key in self._all_keys:
            event.stop()
            self._acknowledge([alert.seq for alert in self.store.state.alerts])

    def on_pane_opened(self) -> None:
        """A second click acknowledges."""
        self.action_acknowledge()

    def action_acknowledge(self) -> None:
        """Acknowledges the alert under the cursor."""
        alert = self.pane.selected_alert
        if alert is not None:
            self._acknowledge([alert])
