"""Profiles over the whole screen: how models are used, and who competes in the next run."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from cockpit.domain.profiles import AiProfile, ProfileKind, TraderProfile
from cockpit.strategies.catalog import STRATEGIES
from cockpit.tui import look
from cockpit.tui.line import Line
from cockpit.tui.panes.footer import FooterBand
from cockpit.tui.panes.header import HeaderBand
from cockpit.tui.panes.painted import PaintedLines
from cockpit.tui.panes.profile_keys import ProfileKeysBand
from cockpit.tui.panes.profiles import NOUNS, AiProfilesPane, ProfilesPane, TraderProfilesPane, mode_words
from cockpit.tui.profile_desk import KnownProfiles, ProfileDesk
from cockpit.tui.profile_fields import payload_from
from cockpit.tui.screens.confirm import ConfirmScreen
from cockpit.tui.screens.profile_form import Form, ProfileFormScreen
from cockpit.tui.store import Connection, Store, Topic

DELETE_ANSWERS = (("y", "delete it"), ("n", "go back"))


class ProfilesScreen(Screen[None]):
    """Two lists and the keys that change them.

    Args:
        store: What is shown.
        keys: Action id → key.
        desk: Asks the bot.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("n", "new", "New profile", show=False),
        Binding("e,enter", "edit", "Edit profile", show=False),
        Binding("d,delete", "delete", "Delete profile", show=False),
        Binding("space", "let_in", "In or out of the next run", show=False),
    ]

    def __init__(self, store: Store, keys: Mapping[str, str], desk: ProfileDesk) -> None:
        super().__init__()
        self.store = store
        self.lists: dict[ProfileKind, ProfilesPane] = {
            ProfileKind.AI: AiProfilesPane(store),
            ProfileKind.TRADER: TraderProfilesPane(store),
        }
        self._desk = desk
        self._told = ProfileKeysBand(store, keys)
        self._bands = [HeaderBand(store, "header"), self._told, FooterBand(store, keys)]
        self._seen = self._version

    @property
    def panes(self) -> Sequence[PaintedLines]:
        """What is painted."""
        return [*self._bands, *self.lists.values()]

    def compose(self) -> ComposeResult:
        """See Textual."""
        yield self._bands[0]
        yield from self.lists.values()
        yield self._told
        yield self._bands[2]

    def on_mount(self) -> None:
        """See Textual."""
        self.lists[ProfileKind.TRADER].focus()
        self.refetch()

    @property
    def known(self) -> KnownProfiles:
        """What there is, as far as it is known."""
        return self.lists[ProfileKind.AI].known or KnownProfiles()

    @property
    def kind(self) -> ProfileKind:
        """Of the list that has the keys."""
        focused = self.focused
        return focused.kind if isinstance(focused, ProfilesPane) else ProfileKind.TRADER

    @property
    def selected(self) -> AiProfile | TraderProfile | None:
        """The profile under the cursor of the list that has the keys."""
        name = self.lists[self.kind].selected
        there: Mapping[str, AiProfile | TraderProfile] = self.known.book.ai
        if self.kind is ProfileKind.TRADER:
            there = self.known.book.traders
        return None if name is None else there.get(name)

    # What there is

    def on_store_changed(self) -> None:
        """Asks again when the bot is back, or somebody has changed a profile."""
        seen, self._seen = self._seen, self._version
        if seen != self._seen and self.store.connection is Connection.LIVE:
            self.refetch()

    @property
    def _version(self) -> tuple[Connection, int]:
        return self.store.connection, self.store.version((Topic.PROFILES,))

    def refetch(self) -> None:
        """Asks the bot what there is."""
        self.run_worker(self._fetch(), group="profiles", exclusive=True)

    async def _fetch(self) -> None:
        known = await self._desk.read()
        if known is not None:
            for pane in self.lists.values():
                pane.show(known)
            self._tell_selected()

    def on_descendant_focus(self) -> None:
        """Another list has the keys."""
        self._tell_selected()

    def on_pane_selected(self) -> None:
        """The cursor is on another row."""
        self._tell_selected()

    def _tell_selected(self) -> None:
        profile = self.selected
        self._told.tell(Line() if profile is None else _in_full(self.known, profile))

    # What is done with it

    def on_pane_opened(self) -> None:
        """A second click on a row."""
        self.action_edit()

    def on_profile_keys_band_pressed(self, message: ProfileKeysBand.Pressed) -> None:
        """A click on a key."""
        getattr(self, f"action_{message.action}")()

    def action_other(self) -> None:
        """Gives the keys to the other list."""
        self.focus_next(ProfilesPane)

    def action_back(self) -> None:
        """Back to the dashboard."""
        self.dismiss(None)

    def action_new(self) -> None:
        """Opens an empty form."""
        self._open_form(None)

    def action_edit(self) -> None:
        """Opens the form of the selected profile."""
        if self.selected is not None:
            self._open_form(self.selected)

    def _open_form(self, profile: AiProfile | TraderProfile | None) -> None:
        if self._desk.reachable():
            kind, name = self.kind, None if profile is None else profile.name
            form = Form(kind=kind, book=self.known.book, profile=profile)
            screen = ProfileFormScreen(form, partial(self._desk.save, kind, name))
            self.app.push_screen(screen, partial(self._saved, kind))

    def _saved(self, kind: ProfileKind, name: str | None) -> None:
        if name is not None:
            self.lists[kind].select(name)
            self.refetch()

    def action_let_in(self) -> None:
        """Lets the selected trader enter the next run, or keeps it out."""
        trader = self.selected
        if isinstance(trader, TraderProfile) and self._desk.reachable():
            self.run_worker(self._toggle(trader), group="toggle")

    async def _toggle(self, trader: TraderProfile) -> None:
        fields = payload_from(replace(trader, competes=not trader.competes))
        await self._done(await self._desk.save(ProfileKind.TRADER, trader.name, fields))

    def action_delete(self) -> None:
        """Deletes the selected profile, once it is confirmed; says who still uses it where somebody does."""
        profile = self.selected
        if profile is None or not self._desk.reachable():
            return
        users = [each.name for each in self.known.book.users_of(profile.name)]
        if isinstance(profile, AiProfile) and users:
            used = f"{profile.name} is still used by {', '.join(users)}"
            self._desk.tell(f"{used}: give them other minds, or delete them, first.", bad=True)
            return
        question = f"Delete the {NOUNS[self.kind]} {profile.name}?"
        if profile.name in self.store.state.agents and isinstance(profile, TraderProfile):
            question += " The run that is on goes on with it; the next one is without."
        asked = partial(self._asked, self.kind, profile.name)
        self.app.push_screen(ConfirmScreen(question, DELETE_ANSWERS), asked)

    def _asked(self, kind: ProfileKind, name: str, answer: str | None) -> None:
        if answer == "y":
            self.run_worker(self._delete(kind, name), group="delete")
        else:
            self._desk.tell(f"The {NOUNS[kind]} {name} stays.")

    async def _delete(self, kind: ProfileKind, name: str) -> None:
        await self._done(await self._desk.delete(kind, name))

    async def _done(self, refused: str) -> None:
        if refused:
            self._desk.tell(refused, bad=True)
        await self._fetch()


def _in_full(known: KnownProfiles, profile: AiProfile | TraderProfile) -> Line:
    """What is wrong with a profile, or what may have no room in its row."""
    told = known.problems if isinstance(profile, TraderProfile) else known.missing_keys or {}
    line = Line(profile.name, "bold").add(": ")
    if profile.name in told:
        return line.add(f"✗ {told[profile.name]}", look.BAD)
    if isinstance(profile, TraderProfile):
        return line.add(profile.note or _told_of(profile), "" if profile.note else look.MUTED)
    users = ", ".join(each.name for each in known.book.users_of(profile.name))
    line.add(f"{profile.model}, ").add(f"{profile.tier}, asked {mode_words(profile)}, ", look.MUTED)
    return line.add("used by ", look.MUTED).add(users or "nobody", "" if users else look.FAINT)


def _told_of(trader: TraderProfile) -> str:
    strategy = STRATEGIES.get(trader.strategy or "")
    return f"asks {', '.join(trader.minds)}" if strategy is None else strategy.summary
