"""The arena's state: what the fold in `fold.py` makes of the journal's events."""

from copy import deepcopy
from dataclasses import dataclass, field

from cockpit.domain.events import EmergencyStage, RunStarted, TradingMode
from cockpit.domain.market import DAY_MS, Instrument, Micros
from cockpit.trading.agent_state import AgentState, BreakerState, BreakerStatus
from cockpit.trading.series import EquityWatch

UNSEEN_ALERTS = 50
"""How many alerts wait for a person; the oldest goes when another comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What a person has to see: it stays until acknowledged.

    Attributes:
        seq: Of the event that raised it, which is its name.
        ts_ms: Market time.
        kind: The kind of that event.
        scope: An agent, or `ARENA`.
        text: What happened, on one line.
    """

    seq: int
    ts_ms: int
    kind: str
    scope: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A debate that somebody asked for and that is not over.

    Attributes:
        agent: Which debates.
        symbol: On which instrument.
        by: Who asked.
        execute: Whether the verdict is to be acted upon.
        asked_ms: When, market time.
    """

    agent: str
    symbol: str
    by: str
    execute: bool
    asked_ms: int


@dataclass(slots=True, kw_only=True)
class ArenaState:
    """The whole arena at one place of the journal.

    Attributes:
        seq: The last event in it.
        ts_ms: Market time.
        run_id: The run's name.
        run: What was agreed when it started; None before any run.
        finished: Why the run is over; empty while it isn't.
        round: The last round opened.
        round_ms: When it was opened; the run's start before the first.
        rounds_closed: Rounds completed.
        view_hash: Of the last round's market view.
        marked_ms: When the marks last changed.
        marks: Mark price by symbol.
        first_marks: The first mark of the run by symbol.
        fresh_ms: When each symbol last had a bar of its own.
        treasury: Capital not allocated.
        watch: Equity of all agents together, and what it is measured against.
        agents: By name, in start-list order.
        breakers: The arena's own, by name.
        entries_today: Orders of all agents that opened or enlarged a position this UTC day.
        killed: Whether the kill switch is on.
        killed_by: Who set the kill switch last.
        paused: Whether rounds are paused.
        mode: What a person lets orders do.
        emergency: How far an emergency stop has come; None where none is under way.
        emergency_by: Who asked for it.
        emergency_attempt: How often the stage it is at was tried.
        emergency_steps: Market steps since it came to that stage.
        emergency_idle_steps: Market steps since then, or since anything was filled, that step included.
        emergency_left: How much it left when it halted: positions, and orders that close none of them.
        alerts: What nobody has acknowledged yet, oldest first.
        debates_under_way: Debates that somebody asked for, by their number.
        feed_age_ms: Of a live market's feed, when last measured; None where there is none.
        clock_skew_ms: The venue's clock against ours, likewise.
        next_order_id: Counter.
        next_fill_id: Counter.
        next_decision_id: Counter.
        next_call_id: Counter.
        next_debate_id: Counter.
    """

    seq: int = 0
    ts_ms: int = 0
    run_id: str = ""
    run: RunStarted | None = None
    finished: str = ""
    round: int = 0
    round_ms: int = 0
    rounds_closed: int = 0
    view_hash: str = ""
    marked_ms: int = 0
    marks: dict[str, float] = field(default_factory=dict)
    first_marks: dict[str, float] = field(default_factory=dict)
    fresh_ms: dict[str, int] = field(default_factory=dict)
    treasury: Micros = Micros(0)
    watch: EquityWatch = field(default_factory=EquityWatch)
    agents: dict[str, AgentState] = field(default_factory=dict)
    breakers: dict[str, BreakerState] = field(default_factory=dict)
    entries_today: int = 0
    killed: bool = False
    killed_by: str = ""
    paused: bool = False
    mode: TradingMode = TradingMode.ACTIVE
    emergency: EmergencyStage | None = None
    emergency_by: str = ""
    emergency_attempt: int = 0
    emergency_steps: int = 0
    emergency_idle_steps: int = 0
    emergency_left: int = 0
    alerts: list[Alert] = field(default_factory=list)
    debates_under_way: dict[int, UnderWay] = field(default_factory=dict)
    feed_age_ms: int | None = None
    clock_skew_ms: int | None = None
    next_order_id: int = 1
    next_fill_id: int = 1
    next_decision_id: int = 1
    next_call_id: int = 1
    next_debate_id: int = 1

    @property
    def agreement(self) -> RunStarted:
        """What the run was started with.

        Raises:
            RuntimeError: Before any run has started.
        """
        if self.run is None:
            raise RuntimeError("no run has started")
        return self.run

    @property
    def halted(self) -> bool:
        """Whether one of the arena's own breakers has stopped trading."""
        return any(breaker.status is not BreakerStatus.ARMED for breaker in self.breakers.values())

    @property
    def open_positions(self) -> int:
        """How many positions all agents hold together."""
        return sum(len(agent.account.positions) for agent in self.agents.values())

    @property
    def is_stopped(self) -> bool:
        """Whether no order of an agent goes out, whatever it is for; an emergency stop's own do."""
        return self.killed or self.emergency is not None or self.trading_mode is TradingMode.HALTED

    @property
    def trading_mode(self) -> TradingMode:
        """What orders may do now: the strictest of what a person said and what the arena's breakers say."""
        if self.emergency is EmergencyStage.HALTED:
            return TradingMode.HALTED
        if self.mode is TradingMode.ACTIVE and (self.halted or self.emergency is not None):
            return TradingMode.REDUCING
        return self.mode

    def instrument(self, symbol: str) -> Instrument:
        """The instrument of a symbol of this run.

        Raises:
            KeyError: If the run does not trade it.
        """
        for instrument in self.agreement.instruments:
            if instrument.symbol == symbol:
                return instrument
        raise KeyError(symbol)


def branch_for(state: ArenaState, agent: str) -> ArenaState:
    """A copy in which one agent may act; the parts of the others, which nothing may change, are shared."""
    shared = [state.run, *(each for name, each in state.agents.items() if name != agent)]
    return deepcopy(state, {id(each): each for each in shared})


def utc_day(ts_ms: int) -> int:
    """The number of the UTC day since the epoch."""
    return ts_ms // DAY_MS


def conserved_difference(state: ArenaState) -> int:
    """Treasury + cash of all accounts − (capital in + realized − fees − funding + losses that venues bore).

    0, or the ledger leaks.
    """
    cash = state.treasury + sum(agent.account.cash for agent in state.agents.values())
    earned = sum(
        agent.realized - agent.fees - agent.funding + agent.covered for agent in state.agents.values()
    )
    return cash - (state.agreement.capital_in + earned)
