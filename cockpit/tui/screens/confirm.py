"""Asks before something is done that can't be taken back, or lets pick one of several."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from cockpit.tui import look
from cockpit.tui.line import Line
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.safe import content
from cockpit.tui.store import Store


class ConfirmScreen(ModalScreen[str]):
    """A question with two or more answers; enter gives the one put forward, at first the last: no.

    Args:
        question: In full, with what follows from each answer.
        answers: (key, words) of each; the last one changes nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "No", show=False),
        Binding("left,shift+tab,h", "turn(-1)", "Answer before", show=False),
        Binding("right,tab,l", "turn(1)", "Next answer", show=False),
        Binding("enter", "take", "Do what is put forward", show=False),
    ]

    def __init__(self, question: str, answers: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._question = question
        self._answers = answers
        self._forward = len(answers) - 1

    def compose(self) -> ComposeResult:
        """See Textual."""
        with Vertical(classes="dialog"):
            yield Static(content(self._question), classes="question")
            yield Static(content(""), id="answers")

    def on_mount(self) -> None:
        """See Textual."""
        self._show()

    def on_key(self, event: events.Key) -> None:
        """Each answer has its key."""
        if any(event.key == key for key, _ in self._answers):
            event.stop()
            self.dismiss(event.key)

    def _show(self) -> None:
        shown = [
            content(f" {key}  {words} ", "reverse bold" if at == self._forward else "")
            for at, (key, words) in enumerate(self._answers)
        ]
        self.query_one("#answers", Static).update(content("    ").join(shown))

    def action_turn(self, by: int) -> None:
        """Puts another answer forward."""
        self._forward = (self._forward + by) % len(self._answers)
        self._show()

    def action_leave(self) -> None:
        """Answers with no."""
        self.dismiss(self._answers[-1][0])

    def action_take(self) -> None:
        """Answers with what is put forward."""
        self.dismiss(self._answers[self._forward][0])


class ChoicePane(Pane):
    """Things to pick from."""

    has_cursor = True

    def __init__(self, store: Store, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(store, "choices")
        self._choices = choices

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        return [Row(key, partial(_draw, words)) for key, words in self._choices]


class ChoiceScreen(ModalScreen[str | None]):
    """Lets a person pick one of several.

    Args:
        store: For the pane.
        question: What is picked.
        choices: (what is returned, words).
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Take it", show=False),
        Binding("escape,q", "leave", "Leave it", show=False),
    ]

    def __init__(self, store: Store, question: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._question = question
        self._choices = ChoicePane(store, choices)
        self._choices.styles.height = min(len(choices), 12)

    def compose(self) -> ComposeResult:
        """See Textual."""
        with Vertical(classes="dialog"):
            yield Static(content(self._question), classes="question")
            yield self._choices
            yield Static(content("enter takes it · esc leaves it", look.MUTED))

    def on_mount(self) -> None:
        """See Textual."""
        self._choices.focus()

    def on_pane_opened(self, message: Pane.Opened) -> None:
        """A second click takes it."""
        self.dismiss(str(message.row.key))

    def action_take(self) -> None:
        """Returns what the cursor is on."""
        row = self._choices.selected_row
        self.dismiss(None if row is None else str(row.key))

    def action_leave(self) -> None:
        """Returns nothing."""
        self.dismiss(None)


def _draw(words: str, width: int) -> Line:
    return Line(words).cut(width)
