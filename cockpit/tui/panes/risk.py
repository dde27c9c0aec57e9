"""The risk pane: what orders may do, the arena's limits and breakers, every agent's nearest limit, and all of
one agent's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import zip_longest

from cockpit.domain.events import ARENA, EmergencyStage, TradingMode
from cockpit.domain.formats import clock, duration, short_symbol
from cockpit.domain.safety_events import protection_words
from cockpit.trading.agent_state import BreakerState, BreakerStatus, EntryLock
from cockpit.trading.state import ArenaState
from cockpit.tui import look
from cockpit.tui.keys import key_word
from cockpit.tui.line import Line
from cockpit.tui.panes.gauges import (
    NAME_CELLS,
    WORDY,
    Gauge,
    draw_gauge,
    draw_measure,
    figure_cells,
    gauges_of,
    word_of,
)
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.store import Store, Topic

TWO_COLUMNS = 56
"""Cells from which the selected agent stands beside the arena instead of below it."""

GAP = 2

_STEP_PERCENT = 5
"""Agents change places in the list only when their nearness differs by as much."""


class RiskPane(Pane):
    """Every limit and breaker as a bar: the arena's, of each agent the nearest, of one agent all."""

    topics = (Topic.RISK, Topic.HOLDINGS)
    has_cursor = True

    selected_agent: str | None = None

    def __init__(self, store: Store, pane_id: str, keys: Mapping[str, str]) -> None:
        super().__init__(store, pane_id)
        self._reset_key = key_word(keys["reset_breaker"])

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        state = self.store.state
        if state.run is None:
            return []
        agent = self.selected_agent if self.selected_agent in state.agents else next(iter(state.agents), None)
        columns = (width - GAP) // 2 if width >= TWO_COLUMNS else width
        arena = [
            Row(None, partial(_draw_mode, state)),
            *scope_rows(self.store, ARENA, columns, self._reset_key),
            Row(None, partial(_draw_heading, "agents, nearest limit first")),
            *self._agent_rows(columns),
        ]
        of_agent: list[Row] = []
        if agent is not None:
            of_agent.append(Row(None, partial(_draw_heading, agent)))
            of_agent += scope_rows(self.store, agent, columns, self._reset_key)
        return list(_beside(arena, of_agent, columns)) if columns < width else [*arena, *of_agent]

    def note(self) -> str:
        """See `Pane`."""
        state = self.store.state
        stopped = sum(breaker.status is not BreakerStatus.ARMED for _, _, breaker in all_breakers(state))
        locked = sum(bool(locks_of(state, name)) for name in state.agents)
        words = [f"{stopped} tripped" if stopped else "all armed"]
        return " · ".join([*words, f"{locked} locked"] if locked else words)

    def put_forward(self, agent: str) -> None:
        """Shows one agent's limits and breakers."""
        if agent != self.selected_agent:
            self.selected_agent = agent
            self.paint()

    def _agent_rows(self, width: int) -> Iterator[Row]:
        """Of each agent its tripped breakers, else what is nearest to its limit; the gravest first."""
        state, graded = self.store.state, list[tuple[int, int, Gauge]]()
        for place, scope in enumerate(state.agents):
            gauges = gauges_of(state, scope, self.store.limits.get(scope))
            stopped = [each for each in gauges if each.is_stopped]
            nearest = max(gauges, key=lambda each: each.nearness, default=None)
            for each in stopped or ([nearest] if nearest else []):
                percent = round(100 * each.nearness)
                graded.append((-1_000_000 if stopped else -percent // _STEP_PERCENT, place, each))
        graded.sort(key=lambda each: each[:2])
        figures = figure_cells([gauge for _, _, gauge in graded])
        for _, _, gauge in graded:
            locked = bool(locks_of(state, gauge.scope))
            draw = partial(_draw_agent, gauge, figures, locked=locked)
            yield Row(("agent", gauge.scope, gauge.name), draw, gauge.scope)
            yield from _reason_rows(state, gauge, self._reset_key)


def all_breakers(state: ArenaState) -> Iterator[tuple[str, str, BreakerState]]:
    """(scope, name, breaker) of the arena, then of each agent."""
    for name, breaker in state.breakers.items():
        yield ARENA, name, breaker
    for scope, agent in state.agents.items():
        for name, breaker in agent.breakers.items():
            yield scope, name, breaker


def locks_of(state: ArenaState, agent: str) -> list[EntryLock]:
    """What keeps an agent from opening positions now."""
    return [lock for lock in state.agents[agent].locks if lock.until_ms > state.ts_ms]


def scope_rows(store: Store, scope: str, width: int, reset_key: str) -> Iterator[Row]:
    """All gauges of an agent or the arena, an agent's entry locks, and what has nothing to show.

    Args:
        store: What is shown.
        scope: `ARENA`, or whose.
        width: Cells of a row.
        reset_key: The key that arms breakers again, as it is called on the screen.
    """
    state = store.state
    limits = store.limits.get(scope) if scope != ARENA else next(iter(store.limits.values()), None)
    gauges = gauges_of(state, scope, limits)
    figures = figure_cells(gauges)
    for lock in locks_of(state, scope) if scope != ARENA else ():
        key = ("lock", scope, lock.symbol, lock.protection, lock.is_long)
        yield Row(key, partial(_draw_lock, lock, state.ts_ms))
    for gauge in gauges:
        if gauge.is_measured:
            yield Row((scope, gauge.name), partial(draw_gauge, gauge, figures))
            yield from _reason_rows(state, gauge, reset_key)
    absent = [
        f"{words}: {', '.join(names)}"
        for words, names in (
            ("off", [gauge.words for gauge in gauges if gauge.limit is None]),
            ("no data", [each.words for each in gauges if each.limit is not None and not each.is_measured]),
            ("limits", [] if limits is not None else ["the bot does not say"]),
        )
        if names
    ]
    if absent:
        yield Row(None, partial(_draw_absent, " · ".join(absent)))


def _reason_rows(state: ArenaState, gauge: Gauge, reset_key: str) -> Iterator[Row]:
    if gauge.is_stopped and gauge.breaker is not None:
        yield Row(None, partial(_draw_reason, gauge.breaker, state.ts_ms, reset_key))


def _beside(left: Iterable[Row], right: Iterable[Row], columns: int) -> Iterator[Row]:
    for one, other in zip_longest(left, right):
        key, agent = (None, None) if one is None else (one.key, one.agent)
        yield Row(key, partial(_draw_beside, one, other, columns), agent)


def _draw_beside(left: Row | None, right: Row | None, columns: int, width: int) -> Line:
    line = Line().add("", width=columns) if left is None else Line().extend(left.draw(columns)).cut(columns)
    line = Line().extend(line).add(" " * GAP)
    return line if right is None else line.extend(right.draw(width - line.width)).cut(width)


def _draw_mode(state: ArenaState, width: int) -> Line:
    line = Line("arena ", look.HEADING) if width >= WORDY else Line()
    if state.emergency not in {None, EmergencyStage.HALTED}:
        return line.add("■ EMERGENCY STOP", look.LOUD_BAD).add(f" {state.emergency}", look.BAD).cut(width)
    if state.killed:
        return line.add("■ KILL SWITCH ON", look.LOUD_BAD).add(f" by {state.killed_by}", look.BAD).cut(width)
    match state.trading_mode:
        case TradingMode.HALTED:
            return line.add("■ HALTED", look.LOUD_BAD).add(" nothing goes out", look.BAD).cut(width)
        case TradingMode.REDUCING:
            return line.add("◐ REDUCING", look.LOUD_WARN).add(" no new exposure", look.WARN).cut(width)
        case _:
            return line.add("● active, kill switch off", look.GOOD).cut(width)


def _draw_heading(words: str, width: int) -> Line:
    line = Line(f"{words} ", look.HEADING).cut(min(width, len(words) + 1))
    return Line().extend(line).add("─" * max(0, width - line.width), look.FAINT).cut(width)


def _draw_agent(gauge: Gauge, figures_width: int, width: int, *, locked: bool) -> Line:
    name_width = max(NAME_CELLS, min(20, width // 3))
    line = Line("⊘ " if locked else "", look.WARN)
    line.add(gauge.scope, "bold", name_width - line.width).add(" ")
    line.add(gauge.words, look.MUTED, NAME_CELLS)
    if width >= WORDY:
        return draw_measure(line, gauge, figures_width, width)
    if gauge.is_stopped:
        return line.spread(Line(" ■ ", look.LOUD_BAD), width)
    return line.spread(Line(f"{gauge.nearness:.0%}", word_of(gauge.nearness)[1]), width)


def _draw_lock(lock: EntryLock, now_ms: int, width: int) -> Line:
    where = "all coins" if lock.symbol is None else short_symbol(lock.symbol)
    line = Line(f"⊘ no entries: {where}", look.WARN).add(f" {duration(lock.until_ms - now_ms)}", look.WARN)
    protection = protection_words(lock.protection, lock.is_long)
    return line.add(f" · {protection}: {lock.reason}", look.MUTED).cut(width)


def _draw_absent(words: str, width: int) -> Line:
    return Line(words, look.FAINT).cut(width)


def _draw_reason(breaker: BreakerState, now_ms: int, reset_key: str, width: int) -> Line:
    if breaker.until_ms is None:
        end = f"{reset_key} arms it again"
    else:
        end = f"until {clock(breaker.until_ms)} ({duration(breaker.until_ms - now_ms)})"
    return Line("  ↳ ", look.FAINT).add(end, look.WARN).add(f" · {breaker.reason}", look.BAD).cut(width)
