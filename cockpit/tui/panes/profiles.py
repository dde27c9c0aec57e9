"""Lists of profiles: how models are used, and who competes next."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar

from cockpit.domain.formats import money
from cockpit.domain.market import Micros
from cockpit.domain.profiles import AiProfile, ProfileBook, ProfileKind, Tier, TraderProfile
from cockpit.tui import look
from cockpit.tui.line import Cell, Column, Line, Table, fitted
from cockpit.tui.panes.pane import Pane
from cockpit.tui.panes.row import Row, within
from cockpit.tui.profile_desk import KnownProfiles
from cockpit.tui.store import Store, Topic

NOUNS: Mapping[ProfileKind, str] = {ProfileKind.AI: "AI profile", ProfileKind.TRADER: "trader profile"}
"""What one of a kind is called."""

_TITLES: Mapping[ProfileKind, str] = {ProfileKind.AI: "AI profiles", ProfileKind.TRADER: "Trader profiles"}

AI_COLUMNS = (
    Column(key="name", title="name", width=14, keep=99, grow=1),
    Column(key="model", title="model", width=18, keep=90, grow=2),
    Column(key="role", title="role", width=12, keep=80),
    Column(key="tier", title="tier", width=8, keep=45),
    Column(key="mode", title="is asked", width=15, keep=40),
    Column(key="key", title="key", width=9, keep=65),
    Column(key="per_day", title="per day", width=7, align="right", keep=60),
    Column(key="total", title="in total", width=8, align="right", keep=50),
    Column(key="users", title="used by", width=12, keep=30, grow=1),
)

TRADER_COLUMNS = (
    Column(key="name", title="name", width=14, keep=99, grow=1),
    Column(key="competes", title="next run", width=12, keep=98),
    Column(key="now", title="this run", width=8, keep=50),
    Column(key="kind", title="kind", width=8, keep=90),
    Column(key="plays", title="strategy or minds", width=20, keep=95, grow=2),
    Column(key="note", title="note", width=12, keep=40, grow=2),
)


class ProfilesPane(Pane):
    """One of the two lists.

    Attributes:
        kind: Which.
        known: What there is; None: nobody has told yet.
    """

    has_cursor = True
    kind: ClassVar[ProfileKind]
    columns: ClassVar[Sequence[Column]]
    nothing: ClassVar[str]
    """What is said of an empty list."""

    def __init__(self, store: Store) -> None:
        self.known: KnownProfiles | None = None
        self._cells: Mapping[str, Mapping[str, Cell]] = {}
        self._table = Table(())
        super().__init__(store, f"profiles-{self.kind}")
        self.show_title(_TITLES[self.kind], "")

    def show(self, known: KnownProfiles) -> None:
        """Shows what there is."""
        self.known = known
        self.paint()

    @property
    def selected(self) -> str | None:
        """The name of the profile under the cursor."""
        row = self.selected_row
        return None if row is None else str(row.key)

    def headings(self, width: int) -> list[Line]:
        """See `PaintedLines`."""
        self._cells = {} if self.known is None else self.cells(self.known)
        self._table = Table.of(fitted(self.columns, list(self._cells.values())), width)
        return [self._table.header(look.HEADING)] if self._cells else []

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        if not self._cells:
            return [Row.of(Line("" if self.known is None else self.nothing, look.MUTED))]
        lines = {name: self._table.line(cells) for name, cells in self._cells.items()}
        return [Row(name, partial(within, line)) for name, line in lines.items()]

    def rows_taken(self) -> None:
        """See `Pane`."""
        super().rows_taken()
        self.show_title(_TITLES[self.kind], self.note())

    def cells(self, known: KnownProfiles) -> Mapping[str, Mapping[str, Cell]]:
        """What stands in the columns, by profile."""
        raise NotImplementedError


class AiProfilesPane(ProfilesPane):
    """How models are used."""

    kind = ProfileKind.AI
    columns = AI_COLUMNS
    nothing = "No AI profile yet: which model, in which role, for how much. n makes one."

    def note(self) -> str:
        """See `PaintedLines`."""
        return f"{len(self._cells)}"

    def cells(self, known: KnownProfiles) -> Mapping[str, Mapping[str, Cell]]:
        """See `ProfilesPane`."""
        return {name: _ai_cells(known, profile) for name, profile in known.book.ai.items()}


class TraderProfilesPane(ProfilesPane):
    """Who competes, or may."""

    kind = ProfileKind.TRADER
    columns = TRADER_COLUMNS
    topics = (Topic.RUN,)
    nothing = "No trader profile yet: who competes in the next run, and how. n makes one."

    def note(self) -> str:
        """See `PaintedLines`."""
        traders = () if self.known is None else self.known.book.traders.values()
        entering = sum(each.competes for each in traders)
        return f"{len(traders)}, {entering} in the next run"

    def cells(self, known: KnownProfiles) -> Mapping[str, Mapping[str, Cell]]:
        """See `ProfilesPane`."""
        playing = self.store.state.agents
        return {
            name: _trader_cells(known, profile, plays_now=name in playing)
            for name, profile in known.book.traders.items()
        }


def _ai_cells(known: KnownProfiles, profile: AiProfile) -> dict[str, Cell]:
    users = [each.name for each in known.book.users_of(profile.name)]
    return {
        "name": (profile.name, "bold"),
        "model": (profile.model, ""),
        "role": (profile.role.replace("_", " "), ""),
        "tier": (profile.tier, look.MUTED if profile.tier is Tier.CHEAP else ""),
        "mode": (mode_words(profile), "" if profile.mode else look.FAINT),
        "key": _key(profile.name, known.missing_keys),
        "per_day": _budget(profile.budget_daily),
        "total": _budget(profile.budget_total),
        "users": (", ".join(users), look.MUTED) if users else ("nobody", look.FAINT),
    }


def _trader_cells(known: KnownProfiles, trader: TraderProfile, *, plays_now: bool) -> dict[str, Cell]:
    enters = ("✓ competes", look.GOOD) if trader.competes else ("– stays out", look.MUTED)
    is_unable = trader.competes and trader.name in known.problems
    return {
        "name": (trader.name, "bold" if trader.competes else ""),
        "competes": ("✗ unable", look.BAD) if is_unable else enters,
        "now": ("● plays", look.MUTED) if plays_now else ("", ""),
        "kind": (trader.kind, ""),
        "plays": _plays(known.book, trader),
        "note": (trader.note, look.MUTED),
    }


def _plays(book: ProfileBook, trader: TraderProfile) -> Line:
    """What a trader decides with: its strategy, or its minds; those that are gone are marked."""
    line = Line(trader.strategy or "")
    if trader.timeframe:
        line.add(f" on {trader.timeframe}", look.MUTED)
    for mind in trader.minds:
        line.add(", " if line.spans else "")
        line.add(*((mind, "") if mind in book.ai else (f"✗ {mind} is gone", look.BAD)))
    return line


def mode_words(profile: AiProfile) -> str:
    """When a model is asked, beside others."""
    return "always" if profile.mode is None else profile.mode.replace("_", " ")


def _key(name: str, missing: Mapping[str, str] | None) -> tuple[str, str]:
    if missing is None:
        return "unknown", look.FAINT
    return ("✗ missing", look.BAD) if name in missing else ("✓ there", look.GOOD)


def _budget(micros: Micros | None) -> tuple[str, str]:
    return ("no limit", look.FAINT) if micros is None else (money(micros), "")
