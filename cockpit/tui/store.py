"""What is shown: the fold of the bot's events, and short lists of the latest of them.

Pure: no Textual, no clock, no connection. The same events give the same store, whether they came one
by one or a client attached in the middle of them: every list covers exactly the last `WINDOW` events.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from cockpit.domain.accounts import Trade
from cockpit.domain.events import (
    AccountSynced,
    AlertAcknowledged,
    BreakerReset,
    BreakerTripped,
    CapitalAllocated,
    DecisionFailed,
    DecisionMade,
    EmergencyAdvanced,
    EmergencyStage,
    EntriesLocked,
    Event,
    FundingPaid,
    JournalOutage,
    KillSwitchSet,
    MarginExhausted,
    MarketAdvanced,
    ModelCalled,
    OrderAmended,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    PauseSet,
    Recorded,
    ReportRefused,
    RoundClosed,
    RoundOpened,
    RunFinished,
    RunStarted,
    ShortfallCovered,
    ThesisBroken,
    TradeClosed,
    TradingModeSet,
)
from cockpit.domain.market import Instrument
from cockpit.trading.fold import apply
from cockpit.trading.risk import RiskLimits
from cockpit.trading.state import ArenaState
from cockpit.tui.event_log import EventLog
from cockpit.tui.order_history import OrderHistory
from cockpit.tui.situation import Situation
from cockpit.tui.trail import DecisionTrail

WINDOW = 4_000
"""Events the lists reach back over."""


class Topic(IntEnum):
    """A part of what is shown; panes repaint when one of theirs has changed."""

    RUN = 0
    STANDINGS = 1
    CURVES = 2
    DECISIONS = 3
    HOLDINGS = 4
    RISK = 5
    LOG = 6
    MARKETS = 7
    ALERTS = 8


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
    versions: list[int] = field(default_factory=lambda: [0] * len(Topic))
    _listed_seq: int = 0
    _instruments: dict[str, Instrument] = field(default_factory=dict)
    _controls: frozenset[str] = frozenset()

    def attach(self, state: ArenaState) -> int:
        """Begins anew from a bot's state; returns the seq after which its events are wanted."""
        self.state = state
        self.outage = None
        self._clear_lists()
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
        self._touch(_TOPICS_OF.get(type(recorded.event), ()))
        self._touch((Topic.LOG,))

    def set_connection(self, connection: Connection, trouble: str = "") -> None:
        """Notes how the dashboard stands with the bot."""
        if (connection, trouble) != (self.connection, self.trouble):
            self.connection, self.trouble = connection, trouble
            self._touch((Topic.RUN,))

    def set_outage(self, reason: str | None) -> None:
        """Notes that the journal can't be written, or (None) that it can again."""
        self.outage = reason
        self._touch((Topic.RUN,))

    def set_limits(self, limits: Mapping[str, RiskLimits]) -> None:
        """Notes what the risk gate allows, by agent."""
        self.limits = limits
        self._touch((Topic.RISK,))

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
        )

    @property
    def controls(self) -> frozenset[str]:
        """The agents that show what luck, the market or doing nothing would have earned."""
        if not self._controls and self.state.run is not None:
            contestants = self.state.run.contestants
            self._controls = frozenset(each.name for each in contestants if each.is_control)
        return self._controls

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
        self._instruments = {}
        self._controls = frozenset()

    def _list(self, recorded: Recorded) -> None:
        event = recorded.event
        self.log.take(recorded, self.instruments)
        self.trail.take(recorded)
        self.orders.take(recorded)
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


_EVERYTHING = tuple(Topic)
_ORDERS = (Topic.HOLDINGS, Topic.DECISIONS)
_SAFETY = (Topic.RUN, Topic.STANDINGS, Topic.RISK, Topic.ALERTS)
_TOPICS_OF: dict[type[Event], tuple[Topic, ...]] = {
    RunStarted: _EVERYTHING,
    RunFinished: (Topic.RUN,),
    CapitalAllocated: (Topic.RUN, Topic.STANDINGS, Topic.RISK),
    MarketAdvanced: (Topic.RUN, Topic.STANDINGS, Topic.HOLDINGS, Topic.RISK, Topic.MARKETS),
    RoundOpened: (Topic.RUN,),
    RoundClosed: (Topic.RUN, Topic.STANDINGS, Topic.CURVES, Topic.DECISIONS),
    DecisionMade: (Topic.DECISIONS,),
    DecisionFailed: (Topic.DECISIONS, Topic.STANDINGS, Topic.RISK),
    ModelCalled: (Topic.DECISIONS,),
    ThesisBroken: (Topic.DECISIONS, Topic.ALERTS),
    OrderCreated: _ORDERS,
    OrderMoved: _ORDERS,
    OrderAmended: _ORDERS,
    OrderFilled: (Topic.STANDINGS, Topic.HOLDINGS, Topic.DECISIONS, Topic.RISK),
    TradeClosed: (Topic.STANDINGS, Topic.DECISIONS, Topic.RISK),
    FundingPaid: (Topic.STANDINGS,),
    AccountSynced: (Topic.RISK,),
    MarginExhausted: (Topic.RISK, Topic.ALERTS),
    ShortfallCovered: (Topic.STANDINGS, Topic.RISK, Topic.ALERTS),
    ReportRefused: (Topic.RISK, Topic.ALERTS),
    JournalOutage: (Topic.RUN, Topic.ALERTS),
    BreakerTripped: _SAFETY,
    BreakerReset: _SAFETY,
    EntriesLocked: (Topic.RISK,),
    TradingModeSet: (Topic.RUN, Topic.RISK),
    EmergencyAdvanced: (Topic.RUN, Topic.RISK, Topic.ALERTS),
    KillSwitchSet: (Topic.RUN, Topic.RISK),
    AlertAcknowledged: (Topic.ALERTS, Topic.RUN),
    PauseSet: (Topic.RUN,),
}
