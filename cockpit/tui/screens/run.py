"""One run, told from the journal alone: what it was, and every agent that competed as a card."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from cockpit.domain.formats import NOT_AVAILABLE, clock, duration, money, percent, short_symbol
from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.domain.ranks import rank_words
from cockpit.tui import look
from cockpit.tui.figures import cost_words, counted, quantity, share, share_bar, signed_percent
from cockpit.tui.line import Line, wrapped
from cockpit.tui.panes.agent_pane import section
from cockpit.tui.panes.pane import Row
from cockpit.tui.panes.runs import GOES_ON, began, rounds
from cockpit.tui.panes.told import ToldPane
from cockpit.tui.screens.box import BoxScreen
from cockpit.tui.store import Connection, Store

CARD = 68
"""Cells a card takes at least, where there is room for several side by side."""

GAP = 3
LABEL = 11
WORDS = 2
"""Lines that a reason may take."""

MOST_COINS = 6
"""Lines that the names of a run's coins may take."""

_BAR = 10


class RunPane(ToldPane):
    """A run's facts, then its agents' cards, best first."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, "run")

    def answer_rows(self, width: int) -> Iterator[Row]:
        """See `ToldPane`."""
        run = self.answer
        is_present = run["run_id"] == self.store.state.run_id
        goes_on = is_present and self.store.connection is not Connection.ABSENT
        yield from (Row.of(line) for line in _facts(run, width, goes_on=goes_on))
        looks = look.agent_looks(
            [each["agent"] for each in run["contestants"]],
            {each["agent"] for each in run["contestants"] if each["is_control"]},
            look.hues_of(self.app.current_theme),
        )
        columns = max(1, (width + GAP) // (CARD + GAP))
        card_width = (width - GAP * (columns - 1)) // columns
        ordered = sorted(run["contestants"], key=lambda each: (each["rank"] is None, each["rank"] or 0))
        cards = [_card(each, look.look_of(looks, each["agent"]), card_width) for each in ordered]
        for at in range(0, len(cards), columns):
            yield from (Row.of(line) for line in _beside(cards[at : at + columns], card_width))


class RunScreen(BoxScreen):
    """A run to read.

    Args:
        store: For the pane.
        run_id: Which.
        keys: Those that opened it, with commas between: they close it as well.
    """

    def __init__(self, store: Store, run_id: str, keys: str) -> None:
        self.run_id = run_id
        self.pane = RunPane(store)
        super().__init__(self.pane, f"Run {run_id}", keys)


def _facts(run: Mapping[str, Any], width: int, *, goes_on: bool) -> Iterator[Line]:
    symbols = ", ".join(short_symbol(each["symbol"]) for each in run["instruments"])
    bars = duration(round(run["market_interval_s"] * 1_000))
    every = duration(round(run["round_interval_s"] * 1_000))
    lasted = duration(round(run["lasted_s"] * 1_000))
    yield _fact("began", f"{began(run)} real time, {run['start_time'][:16]}Z market time")
    yield _fact("lasted", f"{lasted} of market time")
    yield _fact("market", f"{run['market']}, bars of {bars}, seed {run['seed']}, on {run['venue']}")
    for number, piece in enumerate(wrapped(symbols, width - LABEL, MOST_COINS)):
        yield _fact("" if number else "coins", piece)
    yield _fact("rounds", f"{rounds(run)}, one every {every}")
    yield _fact("ended", run["finish_reason"] or (GOES_ON if goes_on else "not finished"))
    yield _fact("leader", _with_return(run["leader"], run["leader_return_percent"]))
    yield _fact("control", _with_return(run["control"], run["control_return_percent"]))
    models = f"{cost_words(run)}, {quantity(run['calls'], 'call')}" if run["calls"] else "none was asked"
    yield _fact("models", models)
    yield _fact("decisions", f"{run['decisions']:,} made, {run['failures']:,} failed")
    yield Line()


def _with_return(name: str | None, growth: float | None) -> str:
    return NOT_AVAILABLE if name is None else f"{name} {signed_percent(growth)}"


def _card(said: Mapping[str, Any], own: look.AgentLook, width: int) -> list[Line]:
    """An agent: its standing, how it decided, what it asked, what it said last."""
    lines = [section(said["agent"], width).draw(width)]
    rank = rank_words(None) if said["rank"] is None else f"#{said['rank']}"
    equity = NOT_AVAILABLE if said["equity"] is None else money(said["equity"] * MICROS_PER_UNIT)
    growth = signed_percent(said["return_percent"])
    head = Line(f"{own.mark} ", own.style).add(said["kind"], look.MUTED).add(f"  {rank}  ", "bold")
    head.add(growth, look.tone_of(said["return_percent"])).add(f"  {equity}")
    lines.append(head)
    lines += [Line(piece, look.MUTED) for piece in wrapped(said["summary"], width, WORDS)]
    lines += _deciding(said)
    if said["calls"]:
        lines += _asking(said)
    lines += _trading(said)
    lines += _last_words(said, width)
    return [*lines, Line()]


def _deciding(said: Mapping[str, Any]) -> Iterator[Line]:
    failed = sum(said["failures"].values())
    passed = share(said["decisions"], said["decisions"] + failed)
    words = [f"{said['decisions']:,} made", f"{failed:,} failed"]
    if said["skipped"]:
        words.append(f"{quantity(said['skipped'], 'round')} skipped")
    if said["refusals"]:
        words.append(f"{quantity(said['refusals'], 'part')} refused")
    yield _fact("decisions", "").extend(share_bar(passed, _BAR, look.GOOD)).add(f"  {', '.join(words)}")
    if failed:
        yield _fact("failed", counted(said["failures"]), look.BAD)


def _asking(said: Mapping[str, Any]) -> Iterator[Line]:
    failed = f", {said['failed_calls']:,} without an answer" if said["failed_calls"] else ""
    yield _fact("models", f"{cost_words(said)}, {quantity(said['calls'], 'call')}{failed}")
    if said["escalations"]:
        yield _fact("escalated", f"{quantity(said['escalations'], 'decision')}, {said['changed']:,} changed")
    if said["debates"]:
        yield _fact("debates", f"{said['debates']:,} held")
    if said["tools"]:
        yield _fact("tools", counted(said["tools"]))


def _trading(said: Mapping[str, Any]) -> Iterator[Line]:
    won = f", {percent(share(said['wins'], said['trades']), decimals=0)} won" if said["trades"] else ""
    denied = sum(said["denials"].values())
    yield _fact("trades", f"{said['trades']:,}{won}; {quantity(said['orders'], 'order')}")
    if denied:
        yield _fact("denied", f"{quantity(denied, 'order')}: {counted(said['denials'])}", look.WARN)


def _last_words(said: Mapping[str, Any], width: int) -> Iterator[Line]:
    if said["last_word_ms"] is not None:
        yield _fact("last word", clock(said["last_word_ms"]), look.MUTED)
    for each in said["last_words"]:
        words, tone = look.wanted(each["exposure"], each["quantity"])
        head = f"{short_symbol(each['symbol'])} {words}"
        for number, piece in enumerate(wrapped(f"{head}  {each['reason']}", width - LABEL, WORDS)):
            yield _fact("", piece if number == 0 else f"  {piece}", tone)


def _fact(label: str, words: str, style: str = "") -> Line:
    return Line().add(label, look.MUTED, LABEL).add(words, style)


def _beside(cards: Sequence[Iterable[Line]], width: int) -> Iterator[Line]:
    for pieces in zip_longest(*cards):
        line = Line()
        for number, piece in enumerate(pieces):
            if number:
                line.add(" " * GAP)
            line.extend(Line().extend(piece or Line()).cut(width))
        yield line
