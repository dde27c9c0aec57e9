"""Pages over the dashboard: the help, and the bot's status. Lines to read; escape, enter, q and the key that
opened them close them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from cockpit.arena.leaderboard import asks_models
from cockpit.domain.events import EmergencyStage
from cockpit.domain.formats import duration, money, time_of
from cockpit.trading.state import ArenaState
from cockpit.tui import look
from cockpit.tui.action import Group
from cockpit.tui.actions import ACTIONS
from cockpit.tui.keys import FIXED_KEYS, key_word
from cockpit.tui.line import Line
from cockpit.tui.panes.header import status_of
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.screens.box import BoxScreen
from cockpit.tui.spending import Spent, together
from cockpit.tui.store import Store

SIGNS = (
    "▲ long or buy · ▼ short or sell · ◇ flat · ● agent · ○ control",
    "■ stopped · ◐ reducing · ✓ done · ✗ refused · ⋯ waiting · = nothing due",
    "! alert · ⊘ no entries for a while · └ below the order it belongs to",
)


_SHOWN_ALREADY = frozenset(
    {"bot", "run_id", "market", "venue", "mode", "quote", "agents", "round", "rounds_closed", "rounds_limit"}
    | {"ts_ms", "time", "seq", "equity", "paused", "killed", "killed_by", "halted", "finished"}
    | {"market_interval_ms", "trading_mode", "asked_mode", "emergency", "unseen_alerts"}
)
"""Facts of the bot's that the fold of its events says as well."""

_FACTS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "started_time": ("started", str),
    "uptime_s": ("up for", lambda seconds: duration(round(seconds * 1_000))),
    "unsynced": ("out of sync", lambda agents: ", ".join(agents) or "none"),
    "speed": ("speed", lambda speed: "as fast as it can" if speed is None else f"{speed:g}×"),
    "outage": ("journal outage", lambda reason: reason or "none"),
    "last_step_age_s": ("last bar", lambda seconds: "none yet" if seconds is None else f"{seconds:.0f}s ago"),
}
"""How facts of the bot's are said to people: name → what it is called, and its value in words."""


class PagePane(Pane):
    """Lines to read."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, "page")
        self.page: Sequence[Line] = ()

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        return [Row.of(line) for line in self.page]


class PageScreen(BoxScreen):
    """Lines to read in a box over the dashboard.

    Args:
        store: For the pane.
        title: Over the lines.
        lines: What there is to read.
        keys: Those that opened the page, with commas between: they close it as well.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "close", "Close", show=False)]

    def __init__(self, store: Store, title: str, lines: Iterable[Line], keys: str) -> None:
        self.pane = PagePane(store)
        super().__init__(self.pane, title, keys)
        self._set(lines)

    def show(self, lines: Iterable[Line]) -> None:
        """Shows other lines."""
        self._set(lines)
        self.pane.paint()

    def _set(self, lines: Iterable[Line]) -> None:
        self.pane.page = list(lines)
        self.pane.styles.height = len(self.pane.page) + 2


def help_lines(keys: Mapping[str, str]) -> list[Line]:
    """Every key with what it does, by group."""
    lines: list[Line] = []
    for group in Group:
        lines.append(Line(group.value, "bold $text-accent"))
        for action in ACTIONS:
            if action.group is group:
                words = " ".join(key_word(key) for key in keys[action.id].split(","))
                lines.append(_key_line(words, action.help))
        lines.extend(_key_line(fixed.words, fixed.told) for fixed in FIXED_KEYS if fixed.group is group)
        lines.append(Line())
    lines.append(Line("Signs", "bold $text-accent"))
    return [*lines, *(Line(f"  {signs}", look.MUTED) for signs in SIGNS)]


def status_lines(store: Store, facts: Mapping[str, object]) -> list[Line]:
    """What is known of a bot and its run.

    Args:
        store: What is shown.
        facts: What the bot says of itself; empty where it does not answer.
    """
    words, style = status_of(store)
    lines = [_fact("bot", store.bot), Line("  ").add("state", look.MUTED, 18).add(words, style)]
    state, run = store.state, store.state.run
    if run is not None:
        rounds = str(state.round) if run.rounds_limit is None else f"{state.round} of {run.rounds_limit}"
        lines += [
            _fact("run", state.run_id),
            _fact("mode", run.mode.upper()),
            _fact("market", f"{run.market}, bars of {duration(run.market_interval_ms)}, seed {run.seed}"),
            _fact("venue", run.venue),
            _fact(
                "market time", f"{time_of(state.ts_ms)}, {duration(state.ts_ms - run.start_ms)} into the run"
            ),
            _fact("rounds", f"{rounds}, one every {duration(run.round_interval_ms)}"),
            _fact("agents", str(len(state.agents))),
            _fact("equity", money(state.watch.equity)),
            _fact("treasury", money(state.treasury)),
            *_model_facts(store),
            _fact("kill switch", f"ON, by {state.killed_by}" if state.killed else "off"),
            _fact("trading mode", _mode_words(state)),
            _fact("emergency stop", _emergency_words(state)),
            _fact("alerts", f"{len(state.alerts)} not acknowledged" if state.alerts else "none"),
            _fact("events", f"{state.seq:,} in the journal"),
        ]
    lines.append(Line())
    return lines + [_told(name, value) for name, value in facts.items() if name not in _SHOWN_ALREADY]


def _model_facts(store: Store) -> list[Line]:
    """What models cost, where any was asked."""
    if not asks_models(store.state):
        return []
    uses = [agent.model_use for agent in store.state.agents.values()]
    run = together(Spent(use.calls, use.unpriced, use.cost) for use in uses)
    return [
        _fact("models, this run", f"{run.words}, {run.calls:,} calls"),
        _fact("models, today", store.cost_today),
        _fact("models, a day", f"{store.daily_cost} projected"),
    ]


def _mode_words(state: ArenaState) -> str:
    asked = "" if state.trading_mode is state.mode else f" (asked for: {state.mode})"
    return f"{state.trading_mode}{asked}"


def _emergency_words(state: ArenaState) -> str:
    if state.emergency is None:
        return "none"
    left = ""
    if state.emergency is EmergencyStage.HALTED and state.open_positions:
        left = f"; POSITIONS STILL OPEN: {state.open_positions}"
    return f"{state.emergency}, attempt {state.emergency_attempt}, asked for by {state.emergency_by}{left}"


def _told(name: str, value: object) -> Line:
    if name in _FACTS:
        label, words = _FACTS[name]
        return _fact(label, words(value))
    return _fact(name.replace("_", " "), _words(value))


def _words(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.2f}" if isinstance(value, float) else str(value)


def _fact(name: str, value: str) -> Line:
    return Line("  ").add(name, look.MUTED, 18).add(value)


def _key_line(key: str, told: str) -> Line:
    return Line("  ").add(key, "bold", 14).add(told)
