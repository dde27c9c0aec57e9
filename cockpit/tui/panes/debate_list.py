"""Debates in rows, newest first."""

from collections.abc import Sequence
from functools import partial

from cockpit.domain.formats import clock, percent, short_symbol
from cockpit.tui import look
from cockpit.tui.debate_history import DebateEntry, DebateStatus
from cockpit.tui.debate_shelf import DebateShelf
from cockpit.tui.line import Cell, Column, Line, Table
from cockpit.tui.panes.debate_drawing import sides_line, told
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.panes.row import within
from cockpit.tui.store import DEBATE, Topic

DATED = 60
"""Cells from which a debate's day is told with its time."""

SIGNS = {
    DebateStatus.UNDER_WAY: ("⋯", look.INFO),
    DebateStatus.HELD: ("✓", look.GOOD),
    DebateStatus.FAILED: ("✗", look.BAD),
    DebateStatus.ABANDONED: ("✗", look.WARN),
}

_VERDICT = "verdict"
_AGENT = Column(key="agent", title="agent", width=8, keep=75, grow=1)
_COLUMNS = (
    Column(key="time", title="time", width=5, keep=90),
    Column(key="sign", title="", width=1, keep=99),
    Column(key=_VERDICT, title=_VERDICT, width=7, keep=98, grow=1),
    Column(key="agree", title="agree", width=5, align="right", keep=97),
    Column(key="kind", title="for", width=9, keep=80),
    Column(key="outcome", title="outcome", width=8, align="right", keep=70),
    _AGENT,
    Column(key="status", title="status", width=10, keep=10),
)
_DATED = (Column(key="time", title="time", width=11, keep=90), *_COLUMNS[1:])


class DebateListPane(Pane):
    """The debates there are; the one under the cursor is shown beside them.

    Args:
        shelf: They.
    """

    topics = (Topic.DEBATES, Topic.DECISIONS)
    paint_every_s = 0.25
    has_cursor = True
    cursor_stays = True
    holds_place = True

    def __init__(self, shelf: DebateShelf) -> None:
        super().__init__(shelf.store, "debate-list")
        self._shelf = shelf
        self._entries: Sequence[DebateEntry] = ()
        self._awaited_after: int | None = None

    @property
    def version(self) -> int:
        """See `PaintedLines`: who begins to speak or has spoken changes what is under way; words do not."""
        return super().version + self.store.talks.turns

    def await_after(self, debate_id: int) -> None:
        """Puts the cursor on a debate that was asked for after that one, once it is there."""
        self._awaited_after = debate_id
        self.paint()

    def headings(self, width: int) -> list[Line]:
        """See `Pane`."""
        self._entries = self._shelf.newest()
        return [self._table(width).header(look.HEADING)] if self._entries else []

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        if not self._entries:
            return [Row.of(line) for line in _missing(self._shelf, width)]
        table = self._table(width)
        return [
            Row(each.key, partial(within, table.line(self._cells(each, table))), each.agent)
            for each in self._entries
        ]

    def rows_taken(self) -> None:
        """See `Pane`."""
        awaited = self._awaited()
        if awaited is not None:
            self._awaited_after = None
            self.cursor_key = awaited
            row = self.selected_row
            if row is not None:
                self.post_message(self.Selected(self, row))
                self.scroll_to(y=0, animate=False)
        super().rows_taken()

    def _awaited(self) -> int | None:
        after = self._awaited_after
        if after is None:
            return None
        fresh = (each for each in self._entries if each.is_asked and (each.debate_id or 0) > after)
        return next((each.debate_id for each in fresh), None)

    @property
    def is_at_end(self) -> bool:
        """Whether the cursor is on the oldest of them."""
        return not self._entries or self.cursor_key == self._entries[-1].key

    def _table(self, width: int) -> Table:
        columns = _DATED if width >= DATED else _COLUMNS
        is_one = len({each.agent for each in self._entries}) == 1
        return Table.of([each for each in columns if each is not _AGENT or not is_one], width)

    def _cells(self, entry: DebateEntry, table: Table) -> dict[str, Cell]:
        sign, style = SIGNS[entry.status]
        own = look.look_of(self.looks, entry.agent)
        time = clock(entry.ts_ms)
        return {
            "time": (time if table.width_of("time") > len("00:00") else time[6:], look.MUTED),
            "sign": (sign, f"bold {style}"),
            _VERDICT: verdict_line(entry, table.width_of(_VERDICT)),
            "agree": self._agreement(entry),
            "kind": kind_of(entry),
            "outcome": self._shelf.outcome(entry),
            "agent": Line(f"{own.mark} ", own.style).add(entry.agent, "bold"),
            "status": (entry.status.value, style),
        }

    def _agreement(self, entry: DebateEntry) -> Cell:
        if entry.is_under_way:
            so_far = self._shelf.cards(entry).together(entry.symbols).agreement
            return ("⋯" if so_far is None else f"~{percent(so_far, decimals=0)}"), look.INFO
        if entry.agreement is None:
            return "–", look.FAINT
        mark, style = ("!", look.WARN) if entry.is_disagreed else ("", "")
        return f"{percent(entry.agreement, decimals=0)}{mark}", style


def verdict_line(entry: DebateEntry, width: int) -> Line:
    """The judge's stances, else what the debate is about."""
    if entry.sides:
        return sides_line(entry.sides, width)
    coins = [short_symbol(symbol) for symbol in entry.symbols]
    return Line(coins[0] if len(coins) == 1 else f"{len(coins)} coins" if coins else "–", look.MUTED)


def kind_of(entry: DebateEntry) -> tuple[str, str]:
    """Whether it was asked for or held for a round, and the style for it."""
    if entry.is_asked:
        return ("asked→act" if entry.execute else "asked"), look.NOTE
    return ("round" if entry.round is None else f"round {entry.round}"), look.MUTED


def _missing(shelf: DebateShelf, width: int) -> list[Line]:
    """Why there is nothing to look at, and what to do about it."""
    debaters = shelf.store.debaters
    if debaters:
        words = f"No debates yet: {', '.join(debaters)} debates in each round."
    else:
        words = (
            f'Nobody debates in this run. In the settings, give an agent kind = "{DEBATE}" and a model,'
            " or make a trader profile that debates: analysts take sides in each round, and a judge decides."
        )
    return list(told(words, look.MUTED, width))
