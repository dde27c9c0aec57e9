"""A profile to fill in: what is wrong stands at its field before anything is sent; nothing typed is lost."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Checkbox, Input, Select, Static

from cockpit.domain.profiles import AiProfile, ProfileBook, ProfileKind, TraderProfile
from cockpit.tui import look
from cockpit.tui.panes.form_field import NamesList, ProfileField
from cockpit.tui.panes.profiles import NOUNS
from cockpit.tui.profile_fields import FIELDS, FormField, Payload, faults_in, payload_from, payload_of
from cockpit.tui.safe import content
from cockpit.tui.screens.confirm import ConfirmScreen

DROP_QUESTION = "Drop what you changed? It has not been saved."
DROP_ANSWERS = (("y", "drop it"), ("n", "go on editing"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a form is about.

    Attributes:
        kind: Of the profile.
        book: The profiles there are.
        profile: What is changed; None: it is a new one.
    """

    kind: ProfileKind
    book: ProfileBook
    profile: AiProfile | TraderProfile | None

    @property
    def title(self) -> str:
        """What stands over it."""
        noun = NOUNS[self.kind]
        return f"New {noun}" if self.profile is None else f"{noun[0].upper()}{noun[1:]} {self.profile.name}"

    @property
    def fields(self) -> Sequence[FormField]:
        """From top to bottom; a profile keeps its name."""
        return [each for each in FIELDS[self.kind] if self.profile is None or each.name != "name"]

    @property
    def values(self) -> Payload:
        """What stands in them at first."""
        if self.profile is None:
            return {each.name: each.start for each in self.fields}
        return payload_from(self.profile)

    @property
    def minds(self) -> Sequence[tuple[str, str]]:
        """(name, words) of the AI profiles that can be picked, and of those that were and are gone."""
        there = [
            (name, f"{name} · {each.role.replace('_', ' ')} · {each.tier} · {each.model}")
            for name, each in self.book.ai.items()
        ]
        picked = self.profile.minds if isinstance(self.profile, TraderProfile) else ()
        return [*there, *((name, f"{name} · is gone") for name in picked if name not in self.book.ai)]

    def faults(self, payload: Payload) -> dict[str, str]:
        """What is wrong with what would be sent: field → one line."""
        faults = faults_in(self.kind, payload, self.book)
        taken = self.book.ai if self.kind is ProfileKind.AI else self.book.traders
        if self.profile is None and payload["name"] in taken:
            faults["name"] = "there is one of this name already"
        return faults

    def payload(self, values: Mapping[str, object]) -> Payload:
        """What would be sent.

        Args:
            values: Field → what stands in its widget.
        """
        sent = payload_of(self.fields, values)
        return sent if self.profile is None else {"name": self.profile.name, **sent}


class ProfileFormScreen(ModalScreen[str | None]):
    """Fields to fill in; it returns the name of what was saved, or None.

    Args:
        form: What it is about.
        save: Sends what stands in it, and returns why it was refused, or nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", show=False),
        Binding("escape", "leave", "Leave", show=False),
    ]

    def __init__(self, form: Form, save: Callable[[Payload], Awaitable[str]]) -> None:
        super().__init__()
        self.fields = {
            each.name: ProfileField(each, form.values[each.name], form.minds) for each in form.fields
        }
        self._form = form
        self._save = save
        self._saving = False
        self._touched: set[str] = set()
        self._before: Payload = {}
        self._said = Static(content(""), id="form-said")
        self._body = VerticalScroll(*self.fields.values(), id="form-fields", can_focus=False)

    def compose(self) -> ComposeResult:
        """See Textual."""
        with Vertical(id="form") as box:
            box.border_title = content(self._form.title, "bold")
            yield self._body
            yield self._said
            with Horizontal(id="form-foot"):
                yield Static(content(" ctrl+s  save ", "reverse bold"), id="form-save")
                yield Static(content(" esc  leave "), id="form-leave")
                yield Static(content("tab, enter: next · on the last: save", look.FAINT))

    def on_mount(self) -> None:
        """See Textual."""
        self._before = self.payload
        self._look()
        next(iter(self.fields.values())).editor.focus()

    @property
    def payload(self) -> Payload:
        """What would be sent."""
        return self._form.payload({name: each.value for name, each in self.fields.items()})

    # Checking while it is filled in

    @on(Input.Changed)
    @on(Select.Changed)
    @on(Checkbox.Changed)
    @on(NamesList.Changed)
    def _changed(self, message: Message) -> None:
        control = message.control
        field = next((each for each in self.fields.values() if each.editor is control), None)
        if field is None or not self._before:
            return
        if self.payload != self._before:
            self._touched.add(field.field.name)
        self._tell("")
        self._look()

    def _look(self) -> dict[str, str]:
        """Shows the fields that are asked for, and what is wrong with those that were filled in."""
        payload = self.payload
        for each in self.fields.values():
            each.display = each.field.when(payload)
        faults = self._form.faults(payload)
        for name, each in self.fields.items():
            each.tell(faults.get(name, "") if name in self._touched else "")
        return faults

    def _tell(self, words: str, style: str = look.BAD) -> None:
        self._said.update(content(words, style, limit=400))

    # Leaving, one way or the other

    @on(Input.Submitted)
    def _entered(self, message: Input.Submitted) -> None:
        shown = [each for each in self.fields.values() if each.display]
        if shown[-1].editor is message.control:
            self.action_save()
        else:
            self.focus_next()

    @on(events.Click, "#form-save")
    def action_save(self) -> None:
        """Sends what stands in the form, unless something is wrong with it."""
        if self._saving:
            return
        self._touched.update(self.fields)
        faults = self._look()
        if faults:
            self._point_at(faults)
            return
        self._saving = True
        self._tell("Saving …", look.MUTED)
        self.run_worker(self._send(self.payload), group="save")

    def _point_at(self, faults: Mapping[str, str]) -> None:
        marked = [each for name, each in self.fields.items() if name in faults]
        others = [words for name, words in faults.items() if name not in self.fields]
        if marked:
            marked[0].editor.focus()
        self._tell(f"Not saved: {others[0] if others else 'see what is marked ✗'}")

    async def _send(self, payload: Payload) -> None:
        try:
            refused = await asyncio.shield(self._save(payload))
        finally:
            self._saving = False
        if refused:
            self._tell(f"Not saved: {refused}")
        else:
            self.dismiss(str(payload["name"]))

    @on(events.Click, "#form-leave")
    def action_leave(self) -> None:
        """Leaves, and asks before anything is dropped."""
        if self._saving:
            return
        if self.payload == self._before:
            self.dismiss(None)
        else:
            self.app.push_screen(ConfirmScreen(DROP_QUESTION, DROP_ANSWERS), self._answered)

    def _answered(self, answer: str | None) -> None:
        if answer == "y":
            self.dismiss(None)
