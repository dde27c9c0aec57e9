"""What it takes to offer something that a person can do."""

from dataclasses import dataclass
from enum import StrEnum

from cockpit.tui.situation import Situation, Test, looking, never


class Group(StrEnum):
    """Where an action stands in the help."""

    BOT = "The bot"
    VIEW = "The view"
    ROWS = "In a pane"
    LEAVING = "Leaving"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something a person can do.

    Attributes:
        id: What settings call it, and the method that does it, in `controls.py` or `bot_controls.py`.
        key: Textual's name of the key; several with commas between.
        label: One or two words for the footer.
        short_label: One where the footer has no room for all; empty: `label`.
        undo_label: The same while `is_on` holds, for what is switched on and off; empty: `label` always.
        help: One line for the help and the palette.
        group: Where it stands in the help.
        when: Whether it can be done now.
        is_on: Whether it is switched on now.
        footer: Its place in the footer, lower first; None: not there.
        pinned: Whether it is in the footer however narrow that is.
        question: What is asked before it is done; empty: nothing.
        choices: What the palette offers beside it: words that its method takes as well.
    """

    id: str
    key: str
    label: str
    short_label: str = ""
    undo_label: str = ""
    help: str
    group: Group
    when: Test = looking
    is_on: Test = never
    footer: int | None = None
    pinned: bool = False
    question: str = ""
    choices: tuple[str, ...] = ()

    def label_in(self, now: Situation, *, short: bool = False) -> str:
        """What doing it now amounts to."""
        if self.undo_label and self.is_on(now):
            return self.undo_label
        return (short and self.short_label) or self.label
