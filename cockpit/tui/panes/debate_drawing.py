"""How a debate's parts are drawn: stances, agreement, what a role says, frames around it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from cockpit.domain.debates import JUDGE, MAX_SIGNALS, SHADOW, DebateMessage, Stance, SymbolStance
from cockpit.domain.formats import percent, short_symbol
from cockpit.tui import look
from cockpit.tui.charts.marks import bar
from cockpit.tui.debate_cards import Card, Split
from cockpit.tui.line import Line, cells_of, wrapped
from cockpit.tui.panes.mind import end_of
from cockpit.tui.safe import clean
from cockpit.tui.talks import Talk

ARROWS = {Stance.LONG: "▲", Stance.SHORT: "▼", Stance.FLAT: "◇"}
TONES = {Stance.LONG: look.GOOD, Stance.SHORT: look.BAD, Stance.FLAT: look.MUTED}

MOST_STANCES = 24
"""Lines of stances in one card."""

MOST_NAME = 40
"""Characters of a tool's name."""

MOST_TOOLS = 12
"""Names of tools in one card."""

TEXT_LINES = 200
"""Lines of one text: more than any has whose length is bounded."""

LIVE_LINES = 8
"""Lines of what a role is saying while it says it."""

_WORDY = 60
"""Cells from which the agreement's bar has its whole word before it."""

_TITLE_CELLS = 18
_SYMBOL_CELLS = 6
_STANCE_CELLS = 8
_CONFIDENCE_CELLS = 4
_BAR_CELLS = 8


_CARD_TITLES = {JUDGE: "verdict", SHADOW: "without the debate"}


def card_title(role: str) -> str:
    """What stands over a role's card."""
    return _CARD_TITLES.get(role, role.replace("_", " "))


def arrow_of(side: str) -> tuple[str, str]:
    """The sign of a stance, and its style; a question mark for one that is none."""
    try:
        stance = Stance(side)
    except ValueError:
        return "?", look.WARN
    return ARROWS[stance], TONES[stance]


def sides_line(sides: Mapping[str, str], width: int) -> Line:
    """The stances taken, each with its symbol: ``▲BTC ▼ETH ◇3``; of several, flat ones are counted."""
    if len(sides) == 1:
        ((symbol, side),) = sides.items()
        arrow, style = arrow_of(side)
        return Line(arrow, style).add(f" {short_symbol(symbol)}", "bold")
    line = Line()
    taken = [(symbol, side) for symbol, side in sides.items() if side != Stance.FLAT]
    flat = len(sides) - len(taken)
    room = width - (len(f"◇{flat}") if flat else 0)
    for at, (symbol, side) in enumerate(taken):
        arrow, style = arrow_of(side)
        piece = Line(arrow, style).add(f"{short_symbol(symbol)} ", "bold")
        if line.width + piece.width > room - (3 if at < len(taken) - 1 else 0):
            line.add(f"+{len(taken) - at} ", look.MUTED)
            break
        line.extend(piece)
    return line.add(f"◇{flat}", look.MUTED) if flat else line


def stance_line(each: SymbolStance, was: Stance | None, width: int, *, named: bool) -> Line:
    """What is said of one instrument: mark and word, how sure, and what was said before.

    Args:
        each: The stance.
        was: The one before it, where it was another.
        width: Cells there are.
        named: Whether to say of which instrument.
    """
    line = Line()
    if named:
        line.add(short_symbol(each.symbol), "bold", _SYMBOL_CELLS)
    line.add(f"{ARROWS[each.stance]} {each.stance}", f"bold {TONES[each.stance]}", _STANCE_CELLS)
    known = each.confidence is not None
    line.add(percent(each.confidence, decimals=0) if known else "–", "", _CONFIDENCE_CELLS, "right")
    hint = Line() if was is None else Line(f" was {ARROWS[was]} {was}", look.WARN)
    room = width - line.width - hint.width - 1
    if known and room >= 3:
        line.add(" ").extend(bar(each.confidence or 0.0, min(_BAR_CELLS, room), look.INFO, look.FAINT))
    return line.extend(hint)


def split_line(split: Split, width: int, *, so_far: bool, disagrees: bool) -> Line:
    """The agreement as a bar with its percentage, and how many take each side.

    Args:
        split: What is drawn.
        width: Cells there are.
        so_far: Whether more is to be said.
        disagrees: Whether it is less than settings ask for.
    """
    word = "agreement" if width >= _WORDY else "agree"
    line = Line().add(short_symbol(split.symbol) or word, "bold" if split.symbol else look.MUTED, len(word))
    line.add(" ")
    tone = look.WARN if disagrees else look.INFO if so_far else look.GOOD
    tail = Line("  ")
    for stance, count in split.counts.items():
        tail.add(f"{ARROWS[stance]} {count} ", TONES[stance] if count else look.FAINT)
        tail.add(f"{stance}  ", look.MUTED if count else look.FAINT)
    if disagrees:
        tail.add(" DISAGREEMENT ", look.LOUD_WARN)
    elif so_far:
        tail.add("so far", look.INFO)
    figure = "–" if split.agreement is None else percent(split.agreement, decimals=0)
    room = max(4, min(40, width - line.width - tail.width - 5))
    line.extend(bar(split.agreement or 0.0, room, tone, look.FAINT))
    return line.add(figure, f"bold {tone}" if split.agreement is not None else look.MUTED, 5, "right").extend(
        tail
    )


def card_lines(card: Card, width: int, *, named: bool, is_over: bool, is_below: bool = False) -> list[Line]:
    """What there is to read of a role.

    Args:
        card: The role.
        width: Cells a line may take.
        named: Whether stances say of which instrument.
        is_over: Whether nothing more is to come.
        is_below: Whether `brief_line` stands above, and has said some of it.
    """
    lines: list[Line] = []
    if card.word is not None and card.word.failed:
        lines += told(f"✗ said nothing: {card.word.failed}", look.BAD, width)
    elif card.word is not None:
        if named or not is_below or card.talk is not None:
            lines += _stance_lines(card.word, card.turned, width, named=named)
        lines += _reason_lines(card.word, width)
    if card.fault:
        lines += told(f"✗ then nothing: {card.fault}", look.WARN, width)
    if card.talk is not None:
        lines += [] if is_below else [Line(_speaks(card.talk), f"bold {look.INFO}")]
        lines += [Line(piece, look.INFO) for piece in end_of(card.talk, width, LIVE_LINES)]
    elif card.word is None and not is_below:
        lines.append(Line(_nothing_yet(is_over=is_over), look.FAINT))
    return lines


def _nothing_yet(*, is_over: bool) -> str:
    return "– was not asked" if is_over else "⋯ waits"


def _stance_lines(
    word: DebateMessage, turned: Mapping[str, Stance], width: int, *, named: bool
) -> Iterator[Line]:
    for each in word.stances[:MOST_STANCES]:
        yield stance_line(each, turned.get(each.symbol), width, named=named)
    if len(word.stances) > MOST_STANCES:
        yield Line(f"… and {len(word.stances) - MOST_STANCES} more", look.MUTED)
    if not word.stances:
        yield Line("– takes no side", look.MUTED)


@lru_cache(256)
def _reason_lines(word: DebateMessage, width: int) -> tuple[Line, ...]:
    """What stays as it was said: broken to the width once, however often its debate is painted."""
    lines: list[Line] = []
    for signal in word.signals[:MAX_SIGNALS]:
        lines += told(signal, look.INFO, width, first="· ", hanging="  ")
    if word.argument:
        lines += told(word.argument, "", width)
    if word.tools:
        lines += told(f"looked up {tool_words(word.tools)}", look.MUTED, width)
    return tuple(lines)


def _speaks(talk: Talk) -> str:
    return f"⋯ speaks, {talk.said:,} characters"


def brief_line(card: Card, width: int, *, named: bool, is_over: bool) -> Line:
    """A role in one line."""
    line = Line().add(card_title(card.role), "bold", _TITLE_CELLS).add(" ")
    room = width - line.width
    if card.talk is not None:
        return line.add(_speaks(card.talk), look.INFO, room)
    if card.word is None:
        return line.add(_nothing_yet(is_over=is_over), look.FAINT, room)
    if card.word.failed:
        return line.add(f"✗ {card.word.failed}", look.BAD, room)
    if not card.word.stances:
        said = Line("– takes no side", look.MUTED)
    elif named:
        said = sides_line({each.symbol: each.stance for each in card.word.stances}, room - 2)
        if card.turned:
            said.add(" ↺ turned", look.WARN)
    else:
        first = card.word.stances[0]
        said = stance_line(first, card.turned.get(first.symbol), room, named=False)
    if card.fault:
        said.add(" ✗ then nothing", look.WARN)
    model = Line(card.model, look.MUTED)
    if said.width + model.width + 2 <= room:
        said = said.spread(model, room)
    return line.extend(said).cut(width)


def tool_words(tools: Sequence[str]) -> str:
    """Names of tools, each once, with how often it was used."""
    counts = Counter(clean(name, MOST_NAME) for name in tools)
    named = [name if count == 1 else f"{name} {count}×" for name, count in list(counts.items())[:MOST_TOOLS]]
    more = [f"{len(counts) - MOST_TOOLS} more"] if len(counts) > MOST_TOOLS else []
    return ", ".join([*named, *more])


def told(words: str, style: str, width: int, *, first: str = "", hanging: str = "") -> Iterator[Line]:
    """A text broken to the width; what it begins with is not repeated below."""
    pieces = wrapped(words, max(1, width - cells_of(first)), TEXT_LINES)
    for at, piece in enumerate(pieces):
        yield Line(first if at == 0 else hanging, look.FAINT).add(piece, style)


def folded(line: Line, width: int) -> list[Line]:
    """A line as several of at most `width` cells, broken between its pieces; one that is too long is cut."""
    lines = [Line()]
    for text, style in line.spans:
        piece = Line(text, style)
        if lines[-1].spans and lines[-1].width + cells_of(text.rstrip()) > width:
            lines.append(Line())
        lines[-1].extend(piece)
    return [each.cut(width) for each in lines]


def framed(title: Line, lines: Iterable[Line], width: int, height: int, *, is_chosen: bool) -> list[Line]:
    """Lines in a frame of exactly `width` by `height` cells; a heavy one around what is chosen.

    What has no room is left out, and the last line says how much.
    """
    style = look.NOTE if is_chosen else look.FAINT
    corners, across, down = ("┏┓┗┛", "━", "┃") if is_chosen else ("╭╮╰╯", "─", "│")
    inner, rows = width - 4, max(1, height - 2)
    shown = list(lines)
    if len(shown) > rows:
        left = len(shown) - rows + 1
        shown = [*shown[: rows - 1], Line(f"… {left} more lines: space", look.MUTED)]
    head = (
        Line(f"{corners[0]}{across} ", style).extend(title.cut(min(title.width, width - 6))).add(" ", style)
    )
    top = head.add(across * (width - 1 - head.width), style).add(corners[1], style)
    blank = [Line()] * (rows - len(shown))
    body = [
        Line(f"{down} ", style).extend(Line().extend(each).cut(inner)).add(f" {down}", style)
        for each in (*shown, *blank)
    ]
    return [top, *body, Line(f"{corners[2]}{across * (width - 2)}{corners[3]}", style)]
