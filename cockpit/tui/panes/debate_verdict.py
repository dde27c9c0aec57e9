"""The head of a debate and its verdict, in lines."""

from collections.abc import Iterator
from dataclasses import replace

from cockpit.domain.debates import NOT_ACTED_UPON
from cockpit.domain.decisions import Target
from cockpit.domain.formats import clock, short_symbol
from cockpit.tui import look
from cockpit.tui.debate_cards import Cards
from cockpit.tui.debate_history import DebateEntry, sides_of
from cockpit.tui.figures import quantity
from cockpit.tui.line import Line
from cockpit.tui.panes.debate_drawing import card_lines, folded, told
from cockpit.tui.panes.debate_list import SIGNS, kind_of
from cockpit.tui.panes.mind import latency_words, wish
from cockpit.tui.store import Store
from cockpit.tui.trail import outcome_of

MOST_LINES = 40
"""Things that are wanted, that were refused, or that the risk gate says, at most."""


_FULLNESS = ((True, True), (False, True), (False, False))
"""Whether a head says when, and by whom it was asked for; from the longest to the shortest."""


def head_line(entry: DebateEntry, own: look.AgentLook, width: int) -> Line:
    """Which debate it is, how far it has come, its cost; when and by whom only where there is room."""
    cost = _cost(entry)
    heads = (_head(entry, own, is_dated=dated, is_signed=signed) for dated, signed in _FULLNESS)
    *longer, shortest = heads
    head = next((each for each in longer if each.width + 1 + cost.width <= width), shortest)
    return head.spread(cost, width)


def _head(entry: DebateEntry, own: look.AgentLook, *, is_dated: bool, is_signed: bool) -> Line:
    line = Line("now" if entry.debate_id is None else f"#{entry.debate_id}", "bold $text-accent").add(" ")
    sign, style = SIGNS[entry.status]
    line.add(f"{sign} {entry.status} ", f"bold {style}")
    line.add(f"{clock(entry.ts_ms)} " if is_dated else "", look.MUTED)
    line.add(f"{own.mark} ", own.style).add(entry.agent, "bold")
    coins = [short_symbol(each) for each in entry.symbols]
    line.add(f" on {coins[0] if len(coins) == 1 else f'{len(coins)} coins'}" if coins else "")
    line.add(" · ", look.FAINT)
    if not entry.is_asked:
        return line.add(kind_of(entry)[0], look.MUTED)
    line.add("asked", look.NOTE).add(f" by {entry.by}" if entry.by and is_signed else "", look.MUTED)
    return line.add(", to act upon it" if entry.execute else ", to hear it", look.MUTED)


def _cost(entry: DebateEntry) -> Line:
    if entry.spent is None:
        return Line()
    line = Line(entry.spent.words, "bold").add(f" · {quantity(entry.spent.calls, 'call')}", look.MUTED)
    return line if entry.took_ms is None else line.add(f" · {latency_words(entry.took_ms)}", look.MUTED)


def verdict_lines(
    store: Store, entry: DebateEntry, cards: Cards, width: int, *, is_below: bool
) -> list[Line]:
    """The judge's words, what it wants held, what was refused, what the risk gate says, what became of it.

    Args:
        store: Knows what became of it.
        entry: The debate.
        cards: Its cards.
        width: Cells a line may take.
        is_below: Whether `brief_line` stands above.
    """
    named, is_over = len(entry.symbols) != 1, not entry.is_under_way
    if entry.reason and cards.judge.word is None:
        return list(_ending(store, entry, width))
    lines = card_lines(cards.judge, width, named=named, is_over=is_over, is_below=is_below)
    return [*lines, *_ending(store, entry, width)] if is_over else lines


def _ending(store: Store, entry: DebateEntry, width: int) -> Iterator[Line]:
    if entry.reason:
        yield from told(f"✗ no verdict: {entry.reason}", look.BAD, width, hanging="  ")
    for target in entry.targets[:MOST_LINES]:
        yield from _target_lines(store, entry, target, width)
    for each in entry.refused[:MOST_LINES]:
        yield from told(f"✗ refused: {each}", look.WARN, width, hanging="  ")
    for each in entry.checks[:MOST_LINES]:
        is_order = not each.startswith(NOT_ACTED_UPON)
        yield from told(
            f"risk gate: {each}" if is_order else f"✗ {each}", "" if is_order else look.WARN, width
        )
    acted = _acted(entry)
    if acted:
        yield from told(acted, look.MUTED, width)


def _target_lines(store: Store, entry: DebateEntry, target: Target, width: int) -> Iterator[Line]:
    """What is wanted held, and what became of it: beside it where there is room."""
    instrument = store.instruments.get(target.symbol)
    is_said = target.symbol in entry.sides  # and with it how sure the judge is
    line = wish(replace(target, confidence=None) if is_said else target, instrument)
    decision = store.trail.of(entry.decision_id)
    if decision is not None:
        line.add(*outcome_of(decision, target.symbol, instrument))
    for at, piece in enumerate(folded(line, width - 2)):
        yield Line("  " if at else "→ ", look.NOTE).extend(piece)


def _acted(entry: DebateEntry) -> str:
    if entry.decision_id is not None:
        end = f": {entry.outcome}" if entry.outcome else ""
        return f"Acted upon as decision {entry.decision_id}{end}; enter shows its trail."
    is_heard = entry.is_asked and not entry.execute and not entry.reason
    return "Only heard: no order is sent." if is_heard else ""


def shadow_lines(entry: DebateEntry, cards: Cards, width: int, *, is_below: bool) -> list[Line]:
    """What the judge says without the debate, and whether that is something else."""
    shadow = cards.shadow
    if shadow is None:
        return []
    named, is_over = len(entry.symbols) != 1, not entry.is_under_way
    lines = card_lines(shadow, width, named=named, is_over=is_over, is_below=is_below)
    comparison = compared(cards)
    return lines if comparison is None else [comparison, *lines]


def compared(cards: Cards) -> Line | None:
    """Whether the debate has changed the judge's mind; None where that can't be said."""
    shadow = cards.shadow
    if shadow is None:
        return None
    verdict, alone = sides_of(cards.judge.word), sides_of(shadow.word)
    both = verdict.keys() & alone.keys()
    if not both:
        return None
    other = [short_symbol(each) for each in alone if each in both and verdict[each] != alone[each]]
    if not other:
        return Line("= the same as the verdict", look.MUTED)
    where = "" if len(both) == 1 else f" on {', '.join(other)}"
    return Line(f"≠ DIFFERS from the verdict{where}", f"bold {look.WARN}")
