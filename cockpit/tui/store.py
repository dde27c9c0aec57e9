"""What is shown: the fold of the bot's events, and short lists of the latest of them.

Pure: no Textual, no clock, no connection. The same events give the same store, whether they came one
by one or a client attached in the middle of them: every list covers exactly the last `WINDOW` events.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from cockpit.arena.leaderboard import leaderboard
from cockpit.arena.model_figures import dollars
from cockpit.domain.accounts import Trade
from cockpit.domain.events import (
    DebateAbandoned,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    EmergencyStage,
    MarketAdvanced,
    Recorded,
    RunStarted,
    TradeClosed,
)
from cockpit.domain.market import Instrument, Micros
from cockpit.trading.fold import apply
from cockpit.trading.risk import RiskLimits
from cockpit.trading.state import ArenaState
from cockpit.tui.call_history import CallHistory
from cockpit.tui.debate_history import DebateHistory
from cockpit.tui.event_log import EventLog
from cockpit.tui.link import Said, Words
from cockpit.tui.order_history import OrderHistory
from cockpit.tui.situation import Situation
from cockpit.tui.spending import UNKNOWN, DaySpending
from cockpit.tui.talks import Talks
from cockpit.tui.topics import TOPICS_OF, Topic
from cockpit.tui.trail import DecisionTrail

__all__ = ["WINDOW", "Connection", "Store", "Topic"]

WINDOW = 4_000
"""Events the lists reach back over."""

DEBATE = "debate"
"""The kind of agents whose roles debate."""


class Connection(IntEnum):
    """How the dashboard stands with its bot."""

    CONNECTING = 0
    LIVE = 1
    LOST = 2
    ABSENT = 3


@dataclass(slots=True)
class Store:
    """The fold of a bot's events and what is derived from the latest of them.

    Attributes:
        bot: Its name.
        state: The arena.
        connection: How the dashboard stands with the bot.
        trouble: What went wrong with the connection last, in words.
        outage: Why the journal can't be written now; None while it can.
        limits: What the risk gate allows, by agent; empty until the bot has said so.
        log: Events in words.
        orders: Orders and what became of them.
        trail: Decisions and what became of them.
        trades: (seq, round trip), oldest first.
        marks: Symbol → (seq, mark price), oldest first.
        calls: Questions to models.
        debates: What agents' roles debated.
        talks: What models are saying right now.
        spending: What models have cost today; None until the bot has said so.
        versions: Goes up by topic with every change.
    """

    bot: str
    state: ArenaState = field(default_factory=ArenaState)
    connection: Connection = Connection.CONNECTING
    trouble: str = ""
    outage: str | None = None
    limits: Mapping[str, RiskLimits] = field(default_factory=dict)
    orders: OrderHistory = field(default_factory=OrderHistory)
    log: EventLog = field(default_factory=EventLog)
    trail: DecisionTrail = field(default_factory=DecisionTrail)
    trades: deque[tuple[int, Trade]] = field(default_factory=deque)
    marks: dict[str, deque[tuple[int, float]]] = field(default_factory=dict)
    calls: CallHistory = field(default_factory=CallHistory)
    debates: DebateHistory = field(default_factory=DebateHistory)
    talks: Talks = field(default_factory=Talks)
    spending: DaySpending | None = None
    versions: list[int] = field(default_factory=lambda: [0] * len(Topic))
    _listed_seq: int = 0
    _instruments: dict[str, Instrument] = field(default_factory=dict)
    _controls: frozenset[str] = frozenset()

    def attach(self, state: ArenaState) -> int:
        """Begins anew from a bot's state; returns the seq after which its events are wanted."""
        self.state = state
        self.outage = None
        self._clear_lists()
        self.debates.begin(state.debates_under_way)
        self._listed_seq = max(0, state.seq - WINDOW)
        self._touch(Topic)
        return self._listed_seq

    def take(self, recorded: Recorded) -> None:
        """Takes in the next event: folds it unless the state has it already, and lists it.

        Raises:
            FoldError: If it contradicts the state; attach again.
        """
        if recorded.seq <= self._listed_seq:
            return
        if recorded.seq > self.state.seq:
            apply(self.state, recorded)
        self._listed_seq = recorded.seq
        if isinstance(recorded.event, RunStarted):
            self._clear_lists()
        self._list(recorded)
        self._prune(self.state.seq - WINDOW)
        self._touch(TOPICS_OF.get(type(recorded.event), ()))
        self._touch((Topic.LOG,))

    def set_connection(self, connection: Connection, trouble: str = "") -> None:
        """Notes how the dashboard stands with the bot."""
        if (connection, trouble) != (self.connection, self.trouble):
            self.connection, self.trouble = connection, trouble
            self._touch((Topic.RUN,))
            if connection is Connection.ABSENT:  # who spoke will not come to an end
                self.talks.clear()

    def set_outage(self, reason: str | None) -> None:
        """Notes that the journal can't be written, or (None) that it can again."""
        self.outage = reason
        self._touch((Topic.RUN,))

    def set_limits(self, limits: Mapping[str, RiskLimits]) -> None:
        """Notes what the risk gate allows, by agent."""
        self.limits = limits
        self._touch((Topic.RISK,))

    def set_spending(self, spending: DaySpending | None) -> None:
        """Notes what models have cost today; None: that is not known."""
        self.spending = spending
        self._touch((Topic.RUN, Topic.MODELS))

    def hear(self, words: Words) -> None:
        """Takes in what a model is saying; no topic changes, for it is no state."""
        self.talks.hear(words)

    def conclude(self, said: Said) -> None:
        """Takes in what a role of a debate has said; no topic changes, for it is no state."""
        self.talks.conclude(said)

    @property
    def cost_today(self) -> str:
        """What all agents' models have cost today, for people."""
        return UNKNOWN if self.spending is None else self.spending.total().words

    @property
    def daily_cost(self) -> str:
        """What they would cost in a day of rounds like those so far, for people."""
        figures = [row.models for row in leaderboard(self.state) if row.models is not None]
        daily = [each.daily_cost for each in figures]
        known = [cost for cost in daily if cost is not None]
        return dollars(Micros(sum(known))) if known and len(known) == len(daily) else UNKNOWN

    @property
    def situation(self) -> Situation:
        """What decides which actions can be done now."""
        state = self.state
        return Situation(
            absent=self.connection is Connection.ABSENT,
            answers=self.connection is Connection.LIVE,
            has_run=state.run is not None,
            paused=state.paused,
            killed=state.killed,
            tripped=state.halted or any(agent.benched for agent in state.agents.values()),
            emergency=state.emergency not in {None, EmergencyStage.HALTED},
            alerts=bool(state.alerts),
            debates=bool(self.debaters) or state.next_debate_id > 1,
        )

    @property
    def controls(self) -> frozenset[str]:
        """The agents that show what luck, the market or doing nothing would have earned."""
        if not self._controls and self.state.run is not None:
            contestants = self.state.run.contestants
            self._controls = frozenset(each.name for each in contestants if each.is_control)
        return self._controls

    @property
    def debaters(self) -> tuple[str, ...]:
        """The agents whose roles debate."""
        run = self.state.run
        return () if run is None else tuple(each.name for each in run.contestants if each.kind == DEBATE)

    @property
    def instruments(self) -> dict[str, Instrument]:
        """The run's instruments by symbol."""
        if not self._instruments and self.state.run is not None:
            self._instruments = {each.symbol: each for each in self.state.run.instruments}
        return self._instruments

    def auditable(self, ident: str) -> str:
        """What the journal's audit calls a row: of a round trip, the fill that closed it.

        Empty where that is not known any more.
        """
        kind, _, number = ident.partition(":")
        return self.log.closing_fill(int(number)) if kind == "trade" else ident

    def version(self, topics: Iterable[Topic]) -> int:
        """A number that grows whenever one of the topics changes."""
        return sum(self.versions[topic] for topic in topics)

    def _touch(self, topics: Iterable[Topic]) -> None:
        for topic in topics:
            self.versions[topic] += 1

    def _clear_lists(self) -> None:
        self.log = EventLog()
        self.trail = DecisionTrail()
        self.orders = OrderHistory()
        self.trades.clear()
        self.marks.clear()
        self.calls = CallHistory()
        self.debates = DebateHistory()
        self.talks.clear()
        self._instruments = {}
        self._controls = frozenset()

    def _list(self, recorded: Recorded) -> None:
        event = recorded.event
        self.log.take(recorded, self.instruments)
        self.trail.take(recorded)
        self.orders.take(recorded)
        self.calls.take(recorded)
        self.debates.take(recorded)
        if self.spending is not None:
            self.spending.take(recorded)
        if isinstance(event, DecisionMade | DecisionFailed):
            self.talks.end(event.agent)
        elif isinstance(event, DebateHeld | DebateAbandoned):
            asked = isinstance(event, DebateAbandoned) or event.asked
            self.talks.end(f"{event.agent}#{event.debate_id}" if asked else event.agent)
        if isinstance(event, MarketAdvanced):
            for symbol, mark in zip(self.instruments, event.marks, strict=False):
                if mark is not None:
                    self.marks.setdefault(symbol, deque()).append((recorded.seq, mark))
        elif isinstance(event, TradeClosed):
            self.trades.append((recorded.seq, event.trade))

    def _prune(self, until_seq: int) -> None:
        self.log.prune(until_seq)
        while self.trades and self.trades[0][0] <= until_seq:
            self.trades.popleft()
        for marks in self.marks.values():
            while marks and marks[0][0] <= until_seq:
                marks.popleft()
        self.trail.prune(until_seq)
        self.orders.prune(until_seq)
        self.calls.prune(until_seq)
        self.debates.prune(until_seq)
