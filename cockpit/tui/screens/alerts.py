"""The list of alerts, over whatever is on the screen."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from cockpit.tui.keys import key_word
from cockpit.tui.panes.alerts import AlertsPane
from cockpit.tui.panes.painted import PaintedLines
from cockpit.tui.store import Store


class AlertsScreen(ModalScreen[None]):
    """Enter acknowledges the alert under the cursor; a key of its own acknowledges all.

    Args:
        store: Where alerts are.
        keys: Action id → key.
        acknowledge: Takes alerts, by the events that raised them, off the list of what nobody has seen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "acknowledge", "Acknowledge", show=False),
        Binding("escape,q", "close", "Close", show=False),
    ]

    def __init__(
        self, store: Store, keys: Mapping[str, str], acknowledge: Callable[[Sequence[int]], None]
    ) -> None:
        super().__init__()
        self.store = store
        self.pane = AlertsPane(store, "alerts")
        self._acknowledge = acknowledge
        self._own_keys = frozenset(keys["alerts"].split(","))
        self._all_keys = frozenset(keys["acknowledge_all"].split(","))
        self._note = f"enter acknowledges · {key_word(keys['acknowledge_all'])} all · esc closes"

    @property
    def panes(self) -> Sequence[PaintedLines]:
        """What is painted."""
        return [self.pane]

    def compose(self) -> ComposeResult:
        """See Textual."""
        yield self.pane

    def on_mount(self) -> None:
        """See Textual."""
        self.pane.show_title("Alerts", self._note)
        self.pane.focus()

    def on_key(self, event: events.Key) -> None:
        """The keys of the registry that mean something here."""
        if event.key in self._own_keys:
            event.stop()
            self.action_close()
        elif event.key in self._all_keys:
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

    def action_close(self) -> None:
        """Back to what was there before."""
        self.dismiss(None)
