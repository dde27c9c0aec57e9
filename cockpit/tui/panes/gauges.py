"""Gauges: a value beside its limit, drawn as a bar, and how near it is in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from cockpit.domain.events import ARENA
from cockpit.domain.market import MICROS_PER_UNIT, MINUTE_MS
from cockpit.trading.agent_state import BreakerState, BreakerStatus
from cockpit.trading.breakers import describe_limit, value_of
from cockpit.trading.risk.limits import LIMIT_UNITS, RiskLimits, Unit
from cockpit.trading.risk.measures import Measure, arena_measured, measured
from cockpit.trading.state import ArenaState
from cockpit.tui import look
from cockpit.tui.charts.marks import bar
from cockpit.tui.line import Line

WORDY = 46
"""Cells from which a gauge has both its bar and its word."""

NAME_CELLS = 11
WORD_CELLS = 8

_OVER = 1.005
_AT_LIMIT = 0.995
_NEAR = 0.75

_SHORT = {
    "max_position_notional": "position",
    "max_gross_leverage": "gross lev.",
    "max_margin_use": "margin use",
    "max_concentration": "one coin",
    "max_gross_exposure": "gross expo.",
    "max_net_exposure": "net expo.",
    "max_open_orders": "open orders",
    "max_orders_per_minute": "orders/min",
    "max_mark_age_ms": "mark age",
    "max_arena_gross_leverage": "gross lev.",
    "max_arena_net_leverage": "net lev.",
    "daily_loss": "day loss",
    "daily_trades": "day trades",
    "consecutive_losses": "loss streak",
    "consecutive_refusals": "refusals",
    "missing_stop": "no stop",
    "fill_off_mark": "fill off",
}
"""Limit or breaker → what it is called where there is little room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """One limit of the risk gate, or one circuit breaker.

    Attributes:
        scope: An agent, or `ARENA`.
        name: The limit's or the breaker's.
        value: What is measured; None where there is nothing to measure.
        limit: In the same unit; None: off.
        figures: Both in words, the unit said once.
        breaker: The breaker behind it; None for a limit.
    """

    scope: str
    name: str
    value: float | None
    limit: float | None
    figures: str
    breaker: BreakerState | None = None

    @property
    def words(self) -> str:
        """What it is called."""
        return short_name(self.name)

    @property
    def nearness(self) -> float:
        """Value as a fraction of the limit; 0 where either is missing."""
        return 0.0 if self.value is None or not self.limit else self.value / self.limit

    @property
    def is_measured(self) -> bool:
        """Whether there is anything to draw."""
        return self.is_stopped or (self.value is not None and self.limit is not None)

    @property
    def is_stopped(self) -> bool:
        """Whether it is a breaker that has tripped."""
        return self.breaker is not None and self.breaker.status is not BreakerStatus.ARMED


def short_name(name: str) -> str:
    """A limit or breaker in a word or two."""
    return _SHORT.get(name, name.replace("_", " "))


def word_of(nearness: float) -> tuple[str, str]:
    """How near a value is to its limit, and the style for it."""
    if nearness >= _OVER:
        return "over", look.BAD
    if nearness >= _AT_LIMIT:
        return "at limit", look.BAD
    return ("near", look.WARN) if nearness >= _NEAR else ("fine", look.GOOD)


def gauges_of(state: ArenaState, scope: str, limits: RiskLimits | None) -> list[Gauge]:
    """An agent's gauges, or the arena's: limits first, then breakers.

    Args:
        state: The arena.
        scope: Whose.
        limits: Of the risk gate, in force for that agent (for the arena: for any); None: not known yet.
    """
    return [*_limits(state, scope, limits), *_breakers(state, scope)]


def _limits(state: ArenaState, scope: str, limits: RiskLimits | None) -> Iterator[Gauge]:
    if limits is None:
        return
    measures = arena_measured(state, limits) if scope == ARENA else measured(state, scope, limits)
    for each in measures:
        yield Gauge(
            scope=scope,
            name=each.limit,
            value=each.value,
            limit=each.ceiling,
            figures=_limit_figures(each),
        )


def _breakers(state: ArenaState, scope: str) -> Iterator[Gauge]:
    breakers = state.breakers if scope == ARENA else state.agents[scope].breakers
    for name, breaker in breakers.items():
        value = value_of(scope, name, state)
        yield Gauge(
            scope=scope,
            name=name,
            value=value,
            limit=breaker.limit,
            figures="off" if breaker.limit is None else breaker_figures(name, value, breaker.limit),
            breaker=breaker,
        )


def breaker_figures(name: str, value: float | None, limit: float) -> str:
    """A breaker's value beside its limit: ``3.1/20.0%``."""
    most = describe_limit(name, limit)
    unit = most.lstrip("0123456789.")
    least = "–" if value is None else describe_limit(name, value).removesuffix(unit)
    return f"{least}/{most}"


def _limit_figures(measure: Measure) -> str:
    value, most = measure.value, measure.ceiling
    match LIMIT_UNITS[measure.limit]:
        case Unit.MONEY:
            return f"${'–' if value is None else _brief(value)}/{_brief(most)}"
        case Unit.FRACTION:
            return f"{'–' if value is None else f'{value:.0%}'[:-1]}/{most:.0%}"
        case Unit.MULTIPLE:
            return f"{'–' if value is None else f'{value:.2f}'}/{most:.4g}×"
        case Unit.DURATION:
            least = "–" if value is None else f"{value / MINUTE_MS:.3g}"
            return f"{least}/{most / MINUTE_MS:.3g}m"
        case _:
            return f"{'–' if value is None else f'{value:.0f}'}/{most:.0f}"


def _brief(micros: float) -> str:
    """Money in three digits: ``940``, ``12.3k``, ``250k``, ``1M``."""
    amount = micros / MICROS_PER_UNIT
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(amount) >= size * 0.9995:
            return f"{amount / size:.3g}{letter}"
    return f"{amount:.3g}"


def figure_cells(gauges: list[Gauge]) -> int:
    """Cells that the widest figures of some gauges take."""
    return max((len(gauge.figures) for gauge in gauges if gauge.is_measured), default=0)


def draw_gauge(gauge: Gauge, figures_width: int, width: int) -> Line:
    """Name, bar, figures and word in `width` cells; where that is little, a word takes the bar's place."""
    return draw_measure(Line().add(gauge.words, "", NAME_CELLS), gauge, figures_width, width)


def draw_measure(line: Line, gauge: Gauge, figures_width: int, width: int) -> Line:
    """Goes on after whatever the line begins with."""
    line.add(" ")
    if gauge.is_stopped:
        assert gauge.breaker is not None
        return line.add(f" {gauge.breaker.status.upper()} ", look.LOUD_BAD).cut(width)
    if gauge.limit is None:
        return line.add("off", look.FAINT).cut(width)
    word, style = word_of(gauge.nearness)
    wordy = width >= WORDY
    room = width - line.width - figures_width - 1 - (WORD_CELLS + 1 if wordy else 0)
    if room >= 3:
        line.extend(_bar(gauge, word, style, room, wordy=wordy)).add(" ")
    line.add(gauge.figures, "" if gauge.nearness >= _NEAR else look.MUTED, figures_width, "right")
    return (line.add(" ").add(word, style, WORD_CELLS) if wordy else line).cut(width)


def _bar(gauge: Gauge, word: str, style: str, room: int, *, wordy: bool) -> Line:
    said = word if len(word) <= room else word.rpartition(" ")[2]
    if wordy or gauge.nearness < _NEAR or len(said) > room:
        return bar(gauge.nearness, room, style, look.FAINT)
    line = Line(said, f"bold {style}")
    return line.add(" ").extend(bar(1.0, room - line.width - 1, style, look.FAINT)).cut(room)
