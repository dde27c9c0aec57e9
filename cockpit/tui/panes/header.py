"""The header: which bot, in what mode and state, how far the run is, and what all agents own together."""

from collections.abc import Iterator

from cockpit.arena.leaderboard import asks_models
from cockpit.domain.events import EmergencyStage, TradingMode
from cockpit.domain.formats import duration, money, percent, time_of
from cockpit.trading.state import ArenaState
from cockpit.tui import look
from cockpit.tui.charts.marks import bar
from cockpit.tui.layout import WIDE
from cockpit.tui.line import Line, cells_of
from cockpit.tui.panes.band import Band
from cockpit.tui.safe import clean
from cockpit.tui.spending import UNKNOWN
from cockpit.tui.store import Connection, Store, Topic

_BADGES = {
    "paper": look.LOUD_INFO,
    "testnet": look.LOUD_WARN,
    "mainnet": look.LOUD_BAD,
}


class HeaderBand(Band):
    """Two lines over everything."""

    topics = (Topic.RUN, Topic.ALERTS)

    def band_lines(self, width: int) -> list[Line]:
        """See `Band`."""
        return [_first(self.store, width), _second(self.store, width)]


def status_of(store: Store) -> tuple[str, str]:
    """How bot and run are, in a word or two, and the style for them; the gravest comes first."""
    state = store.state
    words = (
        (store.connection is Connection.CONNECTING, "… CONNECTING", look.MUTED),
        (store.connection is Connection.ABSENT, "○ NOT RUNNING", look.MUTED),
        (store.connection is Connection.LOST, "✗ NO ANSWER", look.LOUD_BAD),
        (store.outage is not None, "■ HALTED: JOURNAL", look.LOUD_BAD),
        (state.run is None, "… PREPARING", look.MUTED),
        (is_stopping(state), "■ EMERGENCY STOP", look.LOUD_BAD),
        (state.killed, "■ KILLED", look.LOUD_BAD),
        (state.trading_mode is not TradingMode.ACTIVE, *_mode(state)),
        (bool(state.finished), "✓ FINISHED", look.LOUD_GOOD),
        (state.paused, "‖ PAUSED", look.LOUD_WARN),
        (True, "● RUNNING", f"bold {look.GOOD}"),
    )
    return next((word, style) for holds, word, style in words if holds)


def is_stopping(state: ArenaState) -> bool:
    """Whether an emergency stop is under way."""
    return state.emergency not in {None, EmergencyStage.HALTED}


def _mode(state: ArenaState) -> tuple[str, str]:
    """What orders may do, where that is not everything."""
    halted = state.trading_mode is TradingMode.HALTED
    return ("■ HALTED", look.LOUD_BAD) if halted else ("◐ REDUCING", look.LOUD_WARN)


def _first(store: Store, width: int) -> Line:
    state = store.state
    status, style = status_of(store)
    line = Line(" cockpit ", "bold $text-accent").add(store.bot, "bold").add("  ")
    run = state.run
    if run is not None:
        line.add(f" {run.mode.upper()} ", _BADGES.get(run.mode, look.LOUD_BAD)).add("  ")
    line.add(f" {status} " if "on $" in style else status, style)
    equity = _equity(state, width)
    for badge in _badges(state, status):
        if line.width + badge.width + equity.width < width:
            line.extend(badge)
    where = "" if run is None else f"  {clean(run.market)} market → {clean(run.venue)} venue"
    if width >= WIDE and line.width + cells_of(where) + equity.width < width:
        line.add(where, look.MUTED)
    return line.spread(equity, width)


def _badges(state: ArenaState, status: str) -> Iterator[Line]:
    """What stands beside the status where there is room, the gravest first."""
    if state.trading_mode is not TradingMode.ACTIVE:
        word, style = _mode(state)
        if word != status and not (is_stopping(state) and state.mode is TradingMode.ACTIVE):
            yield Line("  ").add(f" {word} ", style)
    if state.alerts:
        count = len(state.alerts)
        yield Line("  ").add(f" ! {count} {'alert' if count == 1 else 'alerts'} ", look.LOUD_WARN)


def _equity(state: ArenaState, width: int) -> Line:
    capital = sum(agent.capital for agent in state.agents.values())
    if not capital:
        return Line()
    won = state.watch.equity - capital
    tone = look.tone_of(won)
    line = Line("equity ", look.MUTED).add(money(state.watch.equity), "bold").add(" ")
    if width >= 100:
        line.add(money(won, signed=True), tone).add(" ")
    return line.add(percent(won / capital, signed=True), tone).add(" ")


def _second(store: Store, width: int) -> Line:
    state = store.state
    run = state.run
    if run is None:
        return Line()
    line = Line(" ").add(time_of(state.ts_ms, seconds=False).replace("T", " "), "bold")
    line.add(f" +{duration(state.ts_ms - run.start_ms)}", look.MUTED)
    progress = _progress(state, bar_width=6 if width < WIDE else 20)
    if asks_models(state):
        costs = _costs(store, named=width >= WIDE)
        if line.width + costs.width + progress.width >= width:
            progress = _progress(state, bar_width=0)
        if line.width + costs.width + progress.width < width:
            line.extend(costs)
    where = f"  {clean(run.market)} → {clean(run.venue)}"
    if width < WIDE and line.width + cells_of(where) + progress.width < width:
        line.add(where, look.MUTED)
    return line.spread(progress, width)


def _costs(store: Store, *, named: bool) -> Line:
    """What models cost today, and what they would in a day of rounds like those so far."""
    today, daily = store.cost_today, store.daily_cost
    line = Line("  models " if named else "  ", look.MUTED).add(
        today, "bold" if today != UNKNOWN else look.WARN
    )
    line.add(" today, ", look.MUTED)
    return line.add(f"~{daily}" if daily != UNKNOWN else daily, look.MUTED).add("/day", look.MUTED)


def _progress(state: ArenaState, *, bar_width: int) -> Line:
    """Which round it is, and how much of the run is over; drawn only where the bar has any cells."""
    run = state.agreement
    line = Line("round ", look.MUTED).add(str(state.round), "bold")
    if run.rounds_limit is not None:
        line.add(f"/{run.rounds_limit}", look.MUTED)
    fraction = _fraction(state)
    if fraction is not None and bar_width:
        line.add(" ").extend(bar(fraction, bar_width, look.INFO, look.FAINT))
        line.add(f" {percent(fraction, decimals=0)}", look.MUTED)
    if state.finished:
        return line.add(f" · {state.finished} ", look.GOOD)
    next_ms = run.start_ms - (run.start_ms - state.ts_ms) // run.round_interval_ms * run.round_interval_ms
    wait_ms = next_ms - state.ts_ms or run.round_interval_ms
    return line.add(f" · next in {duration(wait_ms)} ", look.MUTED)


def _fraction(state: ArenaState) -> float | None:
    """How much of the run is over; None where it has no end."""
    run = state.agreement
    if run.rounds_limit is not None:
        return min(1.0, state.rounds_closed / run.rounds_limit)
    if run.end_ms is not None and run.end_ms > run.start_ms:
        return min(1.0, (state.ts_ms - run.start_ms) / (run.end_ms - run.start_ms))
    return None
