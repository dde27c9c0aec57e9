"""A debate while it unfolds: a panel for each role, which fills with its words and turns into its stance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rich.box import ROUNDED
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cockpit.domain.debates import JUDGE, SHADOW, AnalystRole, DebateMessage
from cockpit.domain.formats import short_symbol
from cockpit.domain.plain_text import plain_text
from cockpit.report.debates.words import SIDES, message_lines, role_name, title_of

MOST_WORDS = 2_000
"""Of what a role is saying, characters of the end that are kept."""

WIDE = 120
"""Columns from which on two panels stand beside each other."""

_ORDER = (*(role.value for role in AnalystRole), JUDGE, SHADOW)
_BORDER_LINES = 2
_HEAD_LINES = 2
_FULL_BODY_LINES = 8
"""Where there is room, a panel has no more lines than this."""
_LEAST_BODY_LINES = 4
"""With fewer, what a role says runs on, so that there is more of it."""


@dataclass(slots=True)
class Seat:
    """One role.

    Attributes:
        talk: Which speech its words are of.
        said: Characters of it so far.
        words: The end of it, untrusted.
        message: What it came to; None while it speaks.
    """

    talk: int = 0
    said: int = 0
    words: str = ""
    message: DebateMessage | None = None


@dataclass(slots=True)
class DebateBoard:
    """What is known of a debate under way; a Rich renderable as high as the terminal at most.

    Attributes:
        clock_s: Tells the time, in seconds from anywhere.
        title: What it is about, in a line.
        seats: By role.
    """

    clock_s: Callable[[], float]
    title: str = "getting ready to debate"
    seats: dict[str, Seat] = field(default_factory=dict)
    _began_s: float = field(init=False)

    def __post_init__(self) -> None:
        self._began_s = self.clock_s()

    def begin(self, debate_id: int, agent: str, symbol: str) -> None:
        """It has begun: its time counts from now on."""
        self._began_s = self.clock_s()
        self.title = f"{plain_text(agent)} debates on {plain_text(short_symbol(symbol))} (debate {debate_id})"

    def hear(self, role: str, talk: int, start: int, text: str) -> None:
        """Takes in a piece of what a role is saying; what was left out before it is missing."""
        seat = self.seats.setdefault(role, Seat())
        if talk != seat.talk or start != seat.said:
            seat.talk, seat.words = talk, ""
        seat.message = None
        seat.said = start + len(text)
        seat.words = (seat.words + text)[-MOST_WORDS:]

    def conclude(self, message: DebateMessage) -> None:
        """Takes in what a role has said at the end of its turn."""
        seat = self.seats.setdefault(message.role, Seat())
        seat.message, seat.words = message, ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        roles = sorted(self.seats, key=lambda role: _ORDER.index(role) if role in _ORDER else len(_ORDER))
        columns = 2 if options.max_width >= WIDE and len(roles) > 1 else 1
        rows = -(-len(roles) // columns) or 1
        room = (console.size.height - _HEAD_LINES) // rows - _BORDER_LINES
        body_lines = max(1, min(room, _FULL_BODY_LINES))
        yield self._head(options.max_width)
        panels = [self._panel(role, body_lines, options.max_width // columns, console) for role in roles]
        yield _grid(panels, columns)

    def _head(self, width: int) -> Text:
        spoken = sum(seat.message is not None for seat in self.seats.values())
        state = f"{spoken} of {len(self.seats)} have spoken" if self.seats else "nobody speaks yet"
        head = Text(f"{self.title}  ·  {state}  ·  {self.clock_s() - self._began_s:.0f} s", style="bold")
        head.truncate(width, overflow="ellipsis")
        return head

    def _panel(self, role: str, lines: int, width: int, console: Console) -> Panel:
        seat = self.seats[role]
        inner = max(10, width - 4)
        message = seat.message
        if message is None:
            body = _last_lines(Text(plain_text(seat.words, MOST_WORDS), style="dim"), lines, inner, console)
            title, colour = Text(f"{role_name(role)} speaks"), "dim"
        else:
            texts = [*message_lines(message)]
            if lines < _LEAST_BODY_LINES:
                texts = [Text("  ").join(texts)]
            body = _first_lines(texts, lines, inner, console)
            title, colour = title_of(message, message.turn), _colour_of(message)
        title.truncate(max(4, width - 8), overflow="ellipsis")
        return Panel(
            body,
            title=title,
            title_align="left",
            border_style=colour,
            box=ROUNDED,
            height=lines + _BORDER_LINES,
        )


def _colour_of(message: DebateMessage) -> str:
    if message.failed:
        return "red"
    sides: set[str] = {each.stance for each in message.stances}
    return SIDES[message.stances[0].stance][1] if len(sides) == 1 else "none"


def _grid(panels: list[Panel], columns: int) -> RenderableType:
    if columns == 1:
        return Group(*panels)
    grid = Table.grid(expand=True)
    for _ in range(columns):
        grid.add_column(ratio=1)
    for start in range(0, len(panels), columns):
        grid.add_row(*panels[start : start + columns])
    return grid


def _first_lines(texts: Sequence[Text], most: int, width: int, console: Console) -> Group:
    lines = [line for text in texts for line in text.wrap(console, width)]
    shown = lines[:most]
    if len(lines) > most:
        shown[-1].truncate(width - 1)
        shown[-1].append("…")
    return Group(*shown)


def _last_lines(text: Text, most: int, width: int, console: Console) -> Group:
    return Group(*text.wrap(console, width)[-most:])
