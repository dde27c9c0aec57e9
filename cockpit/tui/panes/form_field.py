"""One field of a form: its label, what it is answered with, and a line below: a hint, or what is wrong."""

from collections.abc import Collection, Sequence
from typing import ClassVar, TypeAlias, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Checkbox, Input, OptionList, Select, Static

from cockpit.tui import look
from cockpit.tui.profile_fields import FormField, Shape
from cockpit.tui.safe import clean, content

NAMES_ROWS = 5
"""Rows of a list of names at most; it scrolls."""

NOTHING = ""
"""A choice's value for none: Textual keeps None for itself."""


class PlainInput(Input):
    """A field for words that takes in only what may be shown: what is pasted may hold anything."""

    def validate_value(self, value: str) -> str:
        """See Textual."""
        return clean(value)


class YesNo(Checkbox):
    """A box that shows by its sign whether it is ticked: Textual's own shows it by colour alone."""

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802 - Textual's name
        """See Textual."""
        return "✓" if self.value else " "


class NamesList(OptionList):
    """Names to pick any number of; space and enter pick one, or drop it.

    Args:
        names: (name, words) of each.
        picked: Those picked at first.

    Attributes:
        value: Those picked, in the order of the list.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "select", "Pick", show=False)]

    class Changed(Message):
        """Others are picked."""

        def __init__(self, names: "NamesList") -> None:
            self.names = names
            super().__init__()

        @property
        def control(self) -> "NamesList":
            """See Textual."""
            return self.names

    def __init__(self, names: Sequence[tuple[str, str]], picked: Collection[str]) -> None:
        self._names = names
        self._picked = {name for name, _ in names if name in picked}
        super().__init__(*(self._prompt(name, words) for name, words in names), compact=True)

    @property
    def value(self) -> tuple[str, ...]:
        """Those picked."""
        return tuple(name for name, _ in self._names if name in self._picked)

    def _prompt(self, name: str, words: str) -> Content:
        is_picked = name in self._picked
        return content(f"{'✓' if is_picked else '·'} {words}", "bold" if is_picked else "")

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Picks a name, or drops it."""
        message.stop()
        name, words = self._names[message.option_index]
        self._picked ^= {name}
        self.replace_option_prompt_at_index(message.option_index, self._prompt(name, words))
        self.post_message(self.Changed(self))


Editor: TypeAlias = PlainInput | Select[str] | YesNo | NamesList
"""What a field can be answered with."""


class ProfileField(Vertical):
    """A field of a form.

    Args:
        field: Which.
        value: What stands in it at first, as the control API tells it; None: nothing.
        names: (name, words) of what there is to pick from, for a field of names.
    """

    def __init__(self, field: FormField, value: object, names: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(id=f"field-{field.name}", classes="field")
        self.field = field
        self.told = ("", "")
        self.editor = _editor(field, value, names)
        self._line = Static(content(""), classes="field-told")

    def compose(self) -> ComposeResult:
        """See Textual."""
        with Horizontal(classes="field-row"):
            yield Static(content(self.field.label), classes="field-label")
            yield self.editor
        yield self._line

    @property
    def value(self) -> object:
        """What stands in it."""
        editor = self.editor
        return None if isinstance(editor, Select) and editor.value == NOTHING else editor.value

    def on_descendant_focus(self) -> None:
        """Its label stands out while it has the keys."""
        self.add_class("-current")

    def on_descendant_blur(self) -> None:
        """See `on_descendant_focus`."""
        self.remove_class("-current")

    def tell(self, fault: str) -> None:
        """Shows what is wrong, or where that is nothing, the hint."""
        told = (f"✗ {fault}", look.BAD) if fault else (self._hint, look.MUTED)
        if told != self.told:
            self.told = told
            self._line.update(content(*told))

    @property
    def _hint(self) -> str:
        if self.field.shape is Shape.FLAG:  # it stands beside the box
            return ""
        return self.field.hints.get(str(self.value), self.field.hint)


def _editor(field: FormField, value: object, names: Sequence[tuple[str, str]]) -> Editor:
    if field.shape is Shape.CHOICE:
        return _choice(field, NOTHING if value is None else str(value))
    if field.shape is Shape.FLAG:
        return YesNo(content(field.hint), bool(value), compact=True)
    if field.shape is Shape.NAMES:
        listed = NamesList(names, cast("Collection[str]", value))
        listed.styles.height = max(1, min(NAMES_ROWS, len(names)))
        return listed
    return PlainInput(field.shown(value), compact=True)


def _choice(field: FormField, chosen: str) -> Select[str]:
    options = {NOTHING if value is None else str(value): words for value, words in field.choices}
    options.setdefault(chosen, chosen)  # what was saved by another version may be no choice any more
    shown = [(content(words), value) for value, words in options.items()]
    return Select(shown, value=chosen, allow_blank=False, compact=True)
