"""Gathers a session from a journal's events, in one pass."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from cockpit.arena.leaderboard import leaderboard
from cockpit.domain.events import (
    ARENA,
    AccountSynced,
    BotStarted,
    BotStopped,
    BreakerReset,
    BreakerTripped,
    CapitalAllocated,
    Contestant,
    DecisionFailed,
    DecisionMade,
    EmergencyAdvanced,
    EntriesLocked,
    Event,
    FundingPaid,
    JournalOutage,
    KillSwitchSet,
    MarginExhausted,
    MarketAdvanced,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    PauseSet,
    Recorded,
    ReportRefused,
    RoundClosed,
    RunStarted,
    ShortfallCovered,
    TradeClosed,
    TradingModeSet,
)
from cockpit.domain.formats import time_of
from cockpit.domain.market import Instrument
from cockpit.domain.orders import OrderStatus
from cockpit.report.notes import Notes
from cockpit.report.session import (
    DECISION_LOG,
    Answer,
    Execution,
    Incident,
    IncidentEvent,
    Noted,
    NothingToReport,
    Period,
    ProcessFact,
    Record,
    Round,
    Session,
)
from cockpit.report.tally import Tally, gross_notional
from cockpit.trading.agent_state import AgentState
from cockpit.trading.fold import apply
from cockpit.trading.lifecycle import TERMINAL
from cockpit.trading.state import ArenaState

_ALL_AGENTS = Contestant(name=ARENA, kind="all agents", summary="all agents together")


def collect_session(events: Iterable[Recorded], period: Period | None = None) -> Session:
    """The session that a run's events tell of.

    Args:
        events: Of one run, from its first; of several, the last one counts.
        period: What to report on; the whole run unless given.

    Raises:
        NothingToReport: If no run starts there, or nothing happened in the period.
        FoldError: If the events contradict each other.
    """
    collector = _Collector(period)
    for recorded in events:
        if period is not None and recorded.ts_ms >= period.end_ms:
            break
        collector.take(recorded)
    return collector.session()


class _Collector:
    """Folds events into the arena's state, and tallies those of the period."""

    def __init__(self, period: Period | None) -> None:
        self._period = period
        self._begin_run(())

    def _begin_run(self, contestants: Iterable[Contestant], instruments: Iterable[Instrument] = ()) -> None:
        self._state = ArenaState()
        self._notes = Notes({each.symbol: each.taker_fee_rate for each in instruments})
        self._tallies = {each.name: Tally(each) for each in contestants}
        self._arena = Tally(_ALL_AGENTS)
        self._rounds: list[Round] = []
        self._executions: list[Execution] = []
        self._incidents: list[Incident] = []
        self._answers: deque[Answer] = deque(maxlen=DECISION_LOG)
        self._process: list[ProcessFact] = []
        self._marks: dict[str, float] = {}
        self._from_ms: int | None = None
        self._last_seq = 0

    def take(self, recorded: Recorded) -> None:
        """Takes the next event."""
        event, ts_ms = recorded.event, recorded.ts_ms
        if isinstance(event, RunStarted):
            self._begin_run(event.contestants, event.instruments)
        elif self._state.run is None:
            return
        self._last_seq = recorded.seq
        is_in_period = self._period is None or ts_ms >= self._period.start_ms
        if isinstance(event, BotStarted | BotStopped | JournalOutage | PauseSet):
            if is_in_period:
                self._process.append(ProcessFact(ts_ms, event))
            return
        if is_in_period and self._from_ms is None:
            self._open_period(event.start_ms if isinstance(event, RunStarted) else ts_ms)
        if isinstance(event, OrderFilled):
            self._count_fill(event)
        apply(self._state, recorded)
        self._notes.take(self._state, recorded)
        count = _COUNTS.get(type(event))
        if self._from_ms is not None and count is not None:
            count(self, event, ts_ms)

    def _open_period(self, ts_ms: int) -> None:
        """The period begins: profit is measured from what everybody has now."""
        is_whole = self._state.run is None or self._period is None
        self._from_ms = ts_ms if is_whole or self._period is None else self._period.start_ms
        self._notes.begin(self._state, self._from_ms)
        if is_whole:
            return
        self._marks = dict(self._state.marks)
        for name, agent in self._state.agents.items():
            self._tallies[name].provide(agent.watch.equity, self._from_ms, agent.watch.equity)
        total = self._state.watch.equity
        self._arena.provide(total, self._from_ms, total)

    def _both(self, agent: str) -> tuple[Tally, Tally]:
        return self._tallies[agent], self._arena

    def _count_fill(self, event: OrderFilled) -> None:
        agent, order_id = self._state.agents[event.fill.agent], event.fill.order_id
        order = agent.working.get(order_id) or agent.gone.get(order_id)  # late, after it was cancelled
        if self._from_ms is None or order is None:
            return  # no such order: the fold is about to say so
        self._executions.append(
            Execution(event.fill, event.notional, event.realized, order.purpose, order.decision_id)
        )
        is_complete = order.open_lots == event.fill.signed_lots
        ended_before = order.status if order.status in TERMINAL else None
        for tally in self._both(event.fill.agent):
            tally.fill(event)
            if is_complete:
                tally.end_order(OrderStatus.FILLED, ended_before)

    def count_capital(self, event: CapitalAllocated, ts_ms: int) -> None:
        """Profit is measured against more capital."""
        own = self._state.agents[event.agent].watch.equity
        self._tallies[event.agent].provide(event.amount, ts_ms, own)
        self._arena.provide(event.amount, ts_ms, self._state.watch.equity)

    def count_marks(self, event: MarketAdvanced, ts_ms: int) -> None:
        """Equity is at new marks."""
        for name, agent in self._state.agents.items():
            self._tallies[name].meter.add(ts_ms, agent.watch.equity)
        self._arena.meter.add(ts_ms, self._state.watch.equity)

    def count_round(self, event: RoundClosed, ts_ms: int) -> None:
        """A round ended, with these equities and exposures."""
        self._rounds.append(Round(event.round, ts_ms, self._state.view_hash))
        gross = [gross_notional(self._state, agent) for agent in self._state.agents.values()]
        for tally, equity, own in zip(self._tallies.values(), event.equities, gross, strict=True):
            tally.close_round(equity, own)
        self._arena.close_round(sum(event.equities), sum(gross))

    def count_decision(self, event: DecisionMade, ts_ms: int) -> None:
        """An agent decided."""
        for tally in self._both(event.agent):
            tally.decide(event.confidence)
        if event.targets:
            self._answers.append(Answer(ts_ms, event))

    def count_failure(self, event: DecisionFailed, ts_ms: int) -> None:
        """An agent failed to decide."""
        for tally in self._both(event.agent):
            tally.failures[event.failure] += 1
        self._answers.append(Answer(ts_ms, event))

    def count_order(self, event: OrderCreated, ts_ms: int) -> None:
        """An order exists."""
        for tally in self._both(event.order.agent):
            tally.orders_created += 1

    def count_move(self, event: OrderMoved, ts_ms: int) -> None:
        """An order may have come to its end."""
        if event.after in TERMINAL:
            for tally in self._both(event.agent):
                tally.end_order(event.after)

    def count_trade(self, event: TradeClosed, ts_ms: int) -> None:
        """A round trip is complete."""
        for tally in self._both(event.trade.agent):
            tally.trades.append(event.trade)

    def count_funding(self, event: FundingPaid, ts_ms: int) -> None:
        """Funding was paid or received."""
        for tally in self._both(event.agent):
            tally.funding += event.paid

    def count_trip(self, event: BreakerTripped, ts_ms: int) -> None:
        """A breaker tripped: an agent's counts for it and the arena, the arena's own for the arena."""
        self._incidents.append(Incident(ts_ms, event))
        self._arena.trips += 1
        if event.scope != ARENA:
            self._tallies[event.scope].trips += 1

    def count_liquidation(self, event: MarginExhausted, ts_ms: int) -> None:
        """A position's margin was used up."""
        self.count_incident(event, ts_ms)
        for tally in self._both(event.agent):
            tally.liquidations += 1

    def count_shortfall(self, event: ShortfallCovered, ts_ms: int) -> None:
        """The venue bore a loss."""
        self.count_incident(event, ts_ms)
        for tally in self._both(event.agent):
            tally.covered += event.amount

    def count_incident(self, event: IncidentEvent, ts_ms: int) -> None:
        """Something kept agents from trading, or does no more."""
        self._incidents.append(Incident(ts_ms, event))

    def session(self) -> Session:
        """What was gathered.

        Raises:
            NothingToReport: If that is nothing.
        """
        state = self._state
        if state.run is None:
            raise NothingToReport("there is no run to report on; begin one with: cockpit start")
        if self._from_ms is None:
            span = f"{time_of(state.run.start_ms)} to {time_of(state.ts_ms)}"
            raise NothingToReport(f"nothing happened in that period; the run has market time {span}")
        noted = self._notes.of_agents(state.agents, self._tallies)
        agents = [self._record(name, agent, noted[name]) for name, agent in state.agents.items()]
        positions = [position for agent in agents for position in agent.positions]
        whole = self._notes.of_arena(agents)
        return Session(
            run=state.run,
            run_id=state.run_id,
            from_ms=self._from_ms,
            to_ms=state.ts_ms,
            finished=state.finished,
            rounds=tuple(self._rounds),
            agents=tuple(agents),
            arena=self._arena.record(state.watch.equity, state.halted, positions, whole),
            executions=tuple(self._executions),
            incidents=tuple(self._incidents),
            answers=tuple(self._answers),
            links=self._notes.links(self._answers),
            standings=tuple(leaderboard(state)),
            first_marks=state.first_marks | self._marks,
            marks=dict(state.marks),
            process=tuple(self._process),
            last_seq=self._last_seq,
        )

    def _record(self, name: str, agent: AgentState, noted: Noted) -> Record:
        positions = agent.account.positions.values()
        record = self._tallies[name].record(agent.watch.equity, agent.benched, positions, noted)
        return replace(record, is_ranked=agent.is_ranked)


_COUNTS: dict[type[Event], Callable[[_Collector, Any, int], None]] = {
    CapitalAllocated: _Collector.count_capital,
    MarketAdvanced: _Collector.count_marks,
    RoundClosed: _Collector.count_round,
    DecisionMade: _Collector.count_decision,
    DecisionFailed: _Collector.count_failure,
    OrderCreated: _Collector.count_order,
    OrderMoved: _Collector.count_move,
    TradeClosed: _Collector.count_trade,
    FundingPaid: _Collector.count_funding,
    BreakerTripped: _Collector.count_trip,
    BreakerReset: _Collector.count_incident,
    KillSwitchSet: _Collector.count_incident,
    TradingModeSet: _Collector.count_incident,
    EmergencyAdvanced: _Collector.count_incident,
    EntriesLocked: _Collector.count_incident,
    ReportRefused: _Collector.count_incident,
    AccountSynced: _Collector.count_incident,
    MarginExhausted: _Collector.count_liquidation,
    ShortfallCovered: _Collector.count_shortfall,
}
