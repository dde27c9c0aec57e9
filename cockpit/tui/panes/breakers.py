"""Circuit breakers and the kill switch: each value beside its limit, and how near it is in words."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from cockpit.domain.events import ARENA
from cockpit.domain.formats import clock, duration
from cockpit.trading.agent_state import BreakerState, BreakerStatus
from cockpit.trading.breakers import agent_value, arena_value, describe_limit
from cockpit.trading.state import ArenaState
from cockpit.tui import look
from cockpit.tui.charts.marks import bar
from cockpit.tui.keys import key_word
from cockpit.tui.line import Line
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.store import Store, Topic

_SHORT = {"consecutive_losses": "loss streak", "daily_trades": "day trades", "daily_loss": "day loss"}

_NEARNESS = ((0.9, "critical", look.BAD), (0.75, "near", look.WARN), (0.5, "rising", look.NOTE))


class BreakersPane(Pane):
    """The kill switch, the arena's breakers, and of each agent the one nearest to its limit."""

    topics = (Topic.BREAKERS,)
    has_cursor = True

    def __init__(self, store: Store, pane_id: str, keys: Mapping[str, str]) -> None:
        super().__init__(store, pane_id)
        self._reset_key = key_word(keys["reset_breaker"])

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        state = self.store.state
        if state.run is None:
            return []
        rows = [Row(None, partial(_draw_kill_switch, killed=state.killed, by=state.killed_by))]
        for name in state.breakers:
            rows.extend(breaker_rows(state, ARENA, name, self._reset_key, label=_word(name)))
        return [*rows, Row(None, _draw_agents_heading), *agent_rows(state, self._reset_key)]

    def note(self) -> str:
        """See `Pane`."""
        stopped = sum(
            breaker.status is not BreakerStatus.ARMED for _, _, breaker in all_breakers(self.store.state)
        )
        return f"{stopped} tripped" if stopped else "all armed"


def all_breakers(state: ArenaState) -> Iterator[tuple[str, str, BreakerState]]:
    """(scope, name, breaker) of the arena, then of each agent."""
    for name, breaker in state.breakers.items():
        yield ARENA, name, breaker
    for scope, agent in state.agents.items():
        for name, breaker in agent.breakers.items():
            yield scope, name, breaker


def value_of(state: ArenaState, scope: str, name: str) -> float | None:
    """What a breaker measures now; None where there is nothing to measure yet."""
    return arena_value(name, state) if scope == ARENA else agent_value(name, state.agents[scope])


def nearness_of(value: float | None, limit: float | None) -> float:
    """Value as a fraction of its limit; 0 where either is missing."""
    return 0.0 if value is None or not limit else value / limit


def agent_rows(state: ArenaState, reset_key: str) -> Iterator[Row]:
    """Of each agent its tripped breakers, else the one nearest to its limit; the gravest first."""
    graded: list[tuple[int, str, str]] = []
    for scope, agent in state.agents.items():
        stopped = [name for name, each in agent.breakers.items() if each.status is not BreakerStatus.ARMED]
        nearest = max(
            agent.breakers,
            key=lambda name: nearness_of(agent_value(name, agent), agent.breakers[name].limit),
            default=None,
        )
        for name in stopped or ([nearest] if nearest else []):
            breaker = agent.breakers[name]
            percent = round(100 * nearness_of(agent_value(name, agent), breaker.limit))
            graded.append((-1_000_000 if stopped else -percent // 5, scope, name))
    order = {scope: at for at, scope in enumerate(state.agents)}
    graded.sort(key=lambda each: (each[0], order[each[1]]))
    for _, scope, name in graded:
        yield from breaker_rows(state, scope, name, reset_key, label=scope, what=_word(name))


def breaker_rows(
    state: ArenaState, scope: str, name: str, reset_key: str, *, label: str, what: str = ""
) -> Iterator[Row]:
    """One breaker: a bar while it is armed, its reason below once it has tripped.

    Args:
        state: The arena.
        scope: `ARENA`, or whose breaker.
        name: The breaker's.
        reset_key: The key that arms breakers again, as it is called on the screen.
        label: What stands at the left.
        what: What stands beside it.
    """
    breaker = (state.breakers if scope == ARENA else state.agents[scope].breakers)[name]
    agent = None if scope == ARENA else scope
    draw = partial(_draw_breaker, value_of(state, scope, name), name, breaker, label, what)
    yield Row((scope, name), draw, agent)
    if breaker.status is not BreakerStatus.ARMED:
        yield Row(None, partial(_draw_reason, breaker, state.ts_ms, reset_key))


def _word(name: str) -> str:
    return _SHORT.get(name, name.replace("_", " "))


def _draw_kill_switch(width: int, *, killed: bool, by: str) -> Line:
    if killed:
        return Line("■ KILL SWITCH ON", look.LOUD_BAD).add(f" by {by}; orders are held", look.BAD).cut(width)
    line = Line("○ kill switch off", look.GOOD)
    return (line.add(" · orders go out", look.MUTED) if width >= 36 else line).cut(width)


def _draw_agents_heading(width: int) -> Line:
    words = "agents, nearest limit first " if width >= 36 else "agents "
    return Line(words, look.HEADING).add("─" * max(0, width - len(words)), look.FAINT).cut(width)


def _draw_breaker(
    value: float | None, name: str, breaker: BreakerState, label: str, what: str, width: int
) -> Line:
    wordy = width >= 46
    line = Line().add(label, "bold" if what else "", max(11, min(20, width // 4))).add(" ")
    if what:
        line.add(what, look.MUTED, 11).add(" ")
    if breaker.status is not BreakerStatus.ARMED:
        word = breaker.status.upper()
        return line.add(f" {word} " if width - line.width > len(word) + 1 else word, look.LOUD_BAD).cut(width)
    if breaker.limit is None:
        return line.add("off", look.FAINT).cut(width)
    nearness = nearness_of(value, breaker.limit)
    word, style = next(((w, s) for least, w, s in _NEARNESS if nearness >= least), ("clear", look.GOOD))
    figures = figures_of(name, value, breaker.limit)
    bar_width = width - line.width - 1 - (13 if wordy else 10) - (9 if wordy else 0)
    if bar_width >= 3:
        line.extend(bar(nearness, bar_width, style, look.FAINT)).add(" ")
    line.add(figures, "" if nearness >= 0.5 else look.MUTED, 13 if wordy else 10, "right")
    return (line.add(" ").add(word, style, 8) if wordy else line).cut(width)


def figures_of(name: str, value: float | None, limit: float) -> str:
    """A value beside its limit, the unit said once: ``3.1/20.0%``."""
    most = describe_limit(name, limit)
    unit = most.lstrip("0123456789.")
    least = "–" if value is None else describe_limit(name, value).removesuffix(unit)
    return f"{least}/{most}"


def _draw_reason(breaker: BreakerState, now_ms: int, reset_key: str, width: int) -> Line:
    if breaker.until_ms is None:
        end = f"{reset_key} arms it again"
    else:
        end = f"until {clock(breaker.until_ms)} ({duration(breaker.until_ms - now_ms)})"
    return Line("  ↳ ", look.FAINT).add(end, look.WARN).add(f" · {breaker.reason}", look.BAD).cut(width)
