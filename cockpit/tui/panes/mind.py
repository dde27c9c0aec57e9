"""What goes on in an agent that asks models: its words as they come, its theses, what it was refused, its
costs."""

from collections.abc import Iterator, Mapping

from cockpit.arena.leaderboard import LeaderboardRow, leaderboard
from cockpit.arena.model_figures import ModelFigures, dollars
from cockpit.domain.decisions import Target, Thesis
from cockpit.domain.formats import duration, percent, price, ratio, short_symbol
from cockpit.domain.market import Instrument, Micros
from cockpit.markets.timeframes import TIMEFRAMES, timeframe_ms, timeframe_name
from cockpit.trading.agent_state import AgentState
from cockpit.trading.invalidation import checkable, coin_names
from cockpit.tui import look
from cockpit.tui.line import Line, wrapped
from cockpit.tui.panes.agent_pane import AgentPane, section
from cockpit.tui.panes.pane import Row
from cockpit.tui.spending import UNKNOWN, Spent
from cockpit.tui.store import Store, Topic
from cockpit.tui.talks import Talk

LEAST_WORDS = 3
"""Lines of what a model is saying, however low the pane."""

REASON_LINES = 4
CUT = "… "
"""Lines of a justification, or of a lesson, at most."""

MOST_THESES = 500
"""Texts of which it is remembered whether they can be checked."""

_INDENT = "      "


class MindPane(AgentPane):
    """How an agent that asks models comes to its decisions; scrolls, and has no cursor."""

    topics = (Topic.DECISIONS, Topic.STANDINGS, Topic.MODELS)
    paint_every_s = 0.25
    has_cursor = False

    def __init__(self, store: Store, agent: str, keys: Mapping[str, str]) -> None:
        super().__init__(store, "mind", agent, keys)
        self._checked: dict[tuple[str, str, str], bool] = {}

    @property
    def version(self) -> int:
        """See `PaintedLines`: what other agents' models say changes nothing here."""
        return super().version + self.store.talks.changes.get(self.agent, 0)

    def sections(self, width: int) -> Iterator[Row]:
        """See `AgentPane`."""
        state = self.state
        assert state is not None
        if state.grounded:
            yield from _told(f"⊘ can't take part: {state.grounded}", look.WARN, width)
        yield section("Says now", width)
        yield from self._words(width)
        yield section("Last word and thesis on each coin", width)
        yield from self._theses(state, width)
        if state.lessons:
            yield section("Refused or learnt, told it next time", width)
            for lesson in state.lessons:
                yield from _told(f"✗ {lesson}", look.WARN, width)
        yield section("Models and what they cost", width)
        yield from self._costs(state, width)

    def _words(self, width: int) -> Iterator[Row]:
        talks = list(self.store.talks.of(self.agent))
        if not talks:
            yield Row.of(Line("nothing: it has decided, or waits for its round", look.FAINT).cut(width))
            return
        room = max(LEAST_WORDS, self.text_size.height // 2 // len(talks) - 1)
        for talk in talks:
            yield Row.of(
                Line(f"{talk.role} ", "bold").add(f"{talk.said:,} characters", look.MUTED).cut(width)
            )
            for line in end_of(talk, width - 2, room):
                yield Row.of(Line("  ").add(line, look.INFO))

    def _theses(self, state: AgentState, width: int) -> Iterator[Row]:
        if not state.targets:
            yield Row.of(Line("none yet", look.FAINT))
        for symbol, target in state.targets.items():
            yield Row.of(wish(target, self.store.instruments.get(symbol)).cut(width))
            if target.reason:
                for piece in wrapped(target.reason, width - len(_INDENT), REASON_LINES):
                    yield Row.of(Line(_INDENT).add(piece, look.MUTED))
            if target.thesis is not None and target.thesis.invalidation:
                words, style = self._invalidation(state, symbol, target.thesis)
                for piece in wrapped(words, width - len(_INDENT), REASON_LINES):
                    yield Row.of(Line(_INDENT).add(piece, style))

    def _invalidation(self, state: AgentState, symbol: str, thesis: Thesis) -> tuple[str, str]:
        if symbol in state.broken:
            return f"✗ BROKEN: {state.broken[symbol]}", look.BAD
        if self._is_checked(symbol, thesis.invalidation):
            return f"✓ checked on every bar: wrong if {thesis.invalidation}", look.GOOD
        return f"? not checked, words only: wrong if {thesis.invalidation}", look.WARN

    def _is_checked(self, symbol: str, text: str) -> bool:
        key = self.store.state.run_id, symbol, text
        if key not in self._checked:
            if len(self._checked) >= MOST_THESES:
                self._checked.clear()
            run = self.store.state.agreement
            names = coin_names(run.instruments)
            there = _timeframes(run.market_interval_ms)
            self._checked[key] = checkable(text, symbol, names, there) is not None
        return self._checked[key]

    def _costs(self, state: AgentState, width: int) -> Iterator[Row]:
        standing = next(row for row in leaderboard(self.store.state) if row.agent == self.agent)
        spending = self.store.spending
        today = None if spending is None else spending.agents.get(self.agent, Spent())
        facts = list(model_facts(standing, state, today))
        columns = max(1, width // 36)
        rows = -(-len(facts) // columns)
        for at in range(rows):
            line = Line()
            for name, value, style in facts[at::rows]:
                line.add(name, look.MUTED, 16).add(value, style, width // columns - 16)
            yield Row.of(line.cut(width))


def model_facts(
    standing: LeaderboardRow, state: AgentState, today: Spent | None
) -> Iterator[tuple[str, str, str]]:
    """What an agent's models did and cost: name, value and style of each figure.

    Args:
        standing: The agent's row of the leaderboard.
        state: The agent's.
        today: What its calls cost today; None where that is not known.
    """
    figures = standing.models
    if figures is None:
        yield "calls", "none yet", look.FAINT
        return
    yield "cost, this run", cost_words(figures), ""
    yield "cost today", UNKNOWN if today is None else today.words, ""
    rounds = state.decisions + state.failures
    known = figures.unpriced_calls == 0 and rounds > 0
    yield "per round", dollars(Micros(figures.priced_cost // rounds)) if known else UNKNOWN, ""
    yield "projected a day", UNKNOWN if figures.daily_cost is None else dollars(figures.daily_cost), ""
    yield "calls", f"{figures.calls:,}", ""
    yield "failed calls", f"{figures.failed_calls:,}", look.BAD if figures.failed_calls else ""
    yield "repairs", f"{figures.repairs:,}", look.WARN if figures.repairs else ""
    yield "refused parts", f"{figures.refusals:,}", look.WARN if figures.refusals else ""
    yield "unpriced calls", f"{figures.unpriced_calls:,}", look.WARN if figures.unpriced_calls else ""
    yield "tokens in", f"{figures.input_tokens:,}", ""
    yield "tokens out", f"{figures.output_tokens:,}", ""
    yield "mean latency", latency_words(figures.mean_latency_ms), ""


def cost_words(figures: ModelFigures) -> str:
    """What an agent's models have cost in the run; ``unknown`` where no price is."""
    return Spent(figures.calls, figures.unpriced_calls, figures.priced_cost).words


def latency_words(latency_ms: float | None) -> str:
    """Seconds with a decimal up to a minute, such as ``1.2s``."""
    if latency_ms is not None and latency_ms < 60_000:
        return f"{latency_ms / 1000:.1f}s"
    return duration(None if latency_ms is None else round(latency_ms))


def wish(target: Target, instrument: Instrument | None) -> Line:
    """What is wanted held of an instrument, with its levels, on one line."""
    words, tone = look.wanted(target.exposure, target.quantity)
    line = Line().add(short_symbol(target.symbol), "bold", 6).add(f"{words}  ", tone)
    for name, level in (("stop", target.stop), ("target", target.take_profit)):
        if level is not None:
            level = level if instrument is None else instrument.round_price(level)  # noqa: PLW2901
            line.add(f"{name} {price(level)}  ", look.MUTED)
    thesis = target.thesis or Thesis()
    if thesis.leverage is not None:
        line.add(f"{ratio(thesis.leverage, 1)}×  ", look.MUTED)
    if thesis.risk is not None:
        line.add(f"risks {thesis.risk:,.2f}  ", look.MUTED)
    if target.confidence is not None:
        line.add(f"sure {percent(target.confidence, decimals=0)}", look.MUTED)
    return line


def end_of(talk: Talk, width: int, room: int) -> list[str]:
    """The last lines of what one is saying, as many as there is room for."""
    # A line holds at most `width` characters, so more than this can't be in sight.
    text = talk.text[-width * room :]
    lines = wrapped(text, width, len(text) + 1)
    if not (talk.is_cut or len(lines) > room or len(text) < len(talk.text)):
        return lines
    first, *rest = wrapped(text, max(1, width - len(CUT)), len(text) + 1)[-room:]
    return [f"{CUT}{first}", *rest]


def _told(words: str, style: str, width: int) -> Iterator[Row]:
    return (Row.of(Line(piece, style)) for piece in wrapped(words, width, REASON_LINES))


def _timeframes(interval_ms: int) -> frozenset[str]:
    """Whose candles a market has that gives a bar every so often; see `cockpit.markets.candles.Candles`."""
    built = {name for name in TIMEFRAMES if timeframe_ms(name) % interval_ms == 0}
    return frozenset(built | {timeframe_name(interval_ms)})
