"""Why agents do what they do: each decision with its confidence, its reason, and what became of it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby

from cockpit.domain.decisions import Target
from cockpit.domain.formats import clock, percent, price, short_symbol
from cockpit.domain.market import Instrument
from cockpit.tui import look
from cockpit.tui.charts.marks import bar
from cockpit.tui.line import Line, cells_of, fit
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.store import Store, Topic
from cockpit.tui.trail import DecisionEntry, outcome_of

SINGLE_LINE = 110
"""Cells from which a decision fits on one line."""

WITH_BAR = 56
"""Cells from which confidence is drawn as well."""


class ReasoningPane(Pane):
    """The latest decisions, newest first."""

    topics = (Topic.DECISIONS,)
    has_cursor = True
    holds_place = True

    routine = False

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        looks = self.looks
        return list(decision_rows(self.store, looks, width, routine=self.routine))

    def note(self) -> str:
        """See `Pane`."""
        return "every decision" if self.routine else "newest first"


def decision_rows(
    store: Store, looks: look.AgentLooks, width: int, *, routine: bool, agent: str | None = None
) -> Iterator[Row]:
    """Rows of decisions, newest first.

    Args:
        store: Where they are.
        looks: Agents' marks and colours.
        width: From which it follows whether one takes a line or two.
        routine: Whether answers that changed nothing have rows of their own.
        agent: Only this one's; None for all.
    """
    entries = (entry for entry in store.trail.newest() if agent is None or entry.agent == agent)
    quiet: list[DecisionEntry] = []
    instruments = store.instruments
    for _, group in groupby(entries, key=lambda entry: entry.round):
        told: list[Row] = []
        of_round: list[DecisionEntry] = []
        for entry in group:
            if entry.targets or entry.failure is not None:
                told.extend(_entry_rows(entry, instruments, looks, width))
            elif routine:
                draw = partial(_draw_unchanged, entry, looks)
                told.append(Row(entry.seq, draw, entry.agent, _ident(entry)))
            else:
                of_round.append(entry)
        if told and quiet:
            yield Row(None, partial(_draw_quiet, quiet))
            quiet = []
        yield from told
        quiet.extend(of_round)
    if quiet:
        yield Row(None, partial(_draw_quiet, quiet))


def _entry_rows(
    entry: DecisionEntry, instruments: Mapping[str, Instrument], looks: look.AgentLooks, width: int
) -> Iterator[Row]:
    if entry.failure is not None:
        yield Row(entry.seq, partial(_draw_failure, entry, looks), entry.agent)
        yield Row(None, partial(_draw_words, entry.message, look.BAD))
        return
    for target in entry.targets:
        key = (entry.seq, target.symbol)
        instrument = instruments.get(target.symbol)
        if width >= SINGLE_LINE:
            draw = partial(_draw_wide, entry, target, instrument, looks)
            yield Row(key, draw, entry.agent, _ident(entry))
        else:
            yield Row(key, partial(_draw_head, entry, target, looks), entry.agent, _ident(entry))
            yield Row(None, partial(_draw_because, entry, target, instrument))


def _ident(entry: DecisionEntry) -> str:
    return "" if entry.decision_id is None else f"decision:{entry.decision_id}"


def _name_width(width: int) -> int:
    """Cells for a name that leave room for time, wish and confidence: numbers are never cut."""
    return max(6, min(20, width - (34 if width >= WITH_BAR else 28)))


def _opening(entry: DecisionEntry, looks: look.AgentLooks, name_width: int) -> Line:
    own = look.look_of(looks, entry.agent)
    line = Line(clock(entry.ts_ms)[6:], look.MUTED).add(" ").add(f"{own.mark} ", own.style)
    return line.add(entry.agent, "bold", name_width)


def _wish(target: Target) -> Line:
    words, tone = look.wanted(target.exposure, target.quantity)
    return Line().add(short_symbol(target.symbol), "bold", 6).add(words, tone, max(7, cells_of(words)))


def _confidence(confidence: float | None, *, drawn: bool = True) -> Line:
    line = Line().add("–" if confidence is None else percent(confidence, decimals=0), look.MUTED, 4, "right")
    return line.add(" ").extend(bar(confidence or 0.0, 5, look.INFO, look.FAINT)) if drawn else line


def _draw_head(entry: DecisionEntry, target: Target, looks: look.AgentLooks, width: int) -> Line:
    line = _opening(entry, looks, _name_width(width)).add(" ").extend(_wish(target))
    return line.add(" ").spread(_confidence(target.confidence, drawn=width >= WITH_BAR), width)


def _draw_because(entry: DecisionEntry, target: Target, instrument: Instrument | None, width: int) -> Line:
    words, style = outcome_of(entry, target.symbol, instrument)
    outcome = Line().add(words, style).cut(min(cells_of(words), width * 2 // 3))
    reason = Line("      ↳ ", look.FAINT).add(target.reason or "no reason given", look.MUTED)
    return reason.add(" ").spread(outcome, width)


def _draw_wide(
    entry: DecisionEntry, target: Target, instrument: Instrument | None, looks: look.AgentLooks, width: int
) -> Line:
    words, style = outcome_of(entry, target.symbol, instrument)
    line = _opening(entry, looks, 18).add(" ").extend(_wish(target)).add(" ")
    line.extend(_confidence(target.confidence)).add("  ")
    rest = max(20, width - line.width)
    line.add(target.reason or "no reason given", look.MUTED, rest // 2)
    return line.add("  ").add(words, style, rest - rest // 2 - 2)


def _draw_failure(entry: DecisionEntry, looks: look.AgentLooks, width: int) -> Line:
    line = _opening(entry, looks, _name_width(width)).add(" ")
    return line.add(f"✗ no decision: {entry.failure}", look.BAD).cut(width)


def _draw_words(words: str, style: str, width: int) -> Line:
    return Line("      ↳ ", look.FAINT).add(words, style, max(0, width - 8))


def _draw_unchanged(entry: DecisionEntry, looks: look.AgentLooks, width: int) -> Line:
    return _opening(entry, looks, 18).add(" ").add("= keeps its targets", look.FAINT).cut(width)


def _draw_quiet(entries: list[DecisionEntry], width: int) -> Line:
    rounds = sorted({entry.round for entry in entries})
    span = f"round {rounds[0]}" if len(rounds) == 1 else f"rounds {rounds[0]}–{rounds[-1]}"
    agents = len({entry.agent for entry in entries})
    words = f"{'1 agent keeps its' if agents == 1 else f'{agents} agents keep their'} targets"
    line = Line(f"{clock(entries[0].ts_ms)[6:]} ", look.FAINT).add(f"· {span}: {words}", look.FAINT)
    return Line(fit(line.plain, width), look.FAINT)


def describe_target(target: Target, instrument: Instrument) -> Line:
    """A target in words with its stop and take-profit."""
    line = _wish(target).add("  ")
    if target.stop is not None:
        line.add(f"stop {price(instrument.round_price(target.stop))}  ", look.MUTED)
    if target.take_profit is not None:
        line.add(f"target {price(instrument.round_price(target.take_profit))}  ", look.MUTED)
    return line.add(target.reason, look.MUTED)
