"""The arena's state: what the fold in `fold.py` makes of the journal's events."""

from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt

from cockpit.domain.accounts import Account
from cockpit.domain.decisions import Target
from cockpit.domain.events import RunStarted
from cockpit.domain.market import DAY_MS, Instrument, Micros
from cockpit.domain.orders import Order

CURVE_POINTS = 480
"""Points an equity curve keeps at most; half as many after it has been thinned."""

RECENT_DECISIONS = 20
"""How many of an agent's latest decisions its error rate is measured over."""


class BreakerStatus(StrEnum):
    """Armed, tripped until a person resets it, or cooling until a time."""

    ARMED = "armed"
    TRIPPED = "tripped"
    COOLING = "cooling"


@dataclass(slots=True, kw_only=True)
class BreakerState:
    """One circuit breaker.

    Attributes:
        limit: What the value must not reach; None: off.
        status: Armed, tripped or cooling.
        reason: Why it tripped, in words.
        stopped: What it stopped, in words.
        tripped_ms: When; None while armed.
        until_ms: When it re-arms by itself; None: by hand only.
        trips: How often it has tripped.
    """

    limit: float | None
    status: BreakerStatus = BreakerStatus.ARMED
    reason: str = ""
    stopped: str = ""
    tripped_ms: int | None = None
    until_ms: int | None = None
    trips: int = 0


@dataclass(slots=True, kw_only=True)
class EquityCurve:
    """Equity over market time, thinned by half whenever it is full.

    Attributes:
        stride: Rounds per point.
        waiting: Rounds since the last point.
        points: (UTC milliseconds, equity in micro-units), oldest first.
    """

    stride: int = 1
    waiting: int = 0
    points: list[tuple[int, int]] = field(default_factory=list)

    def add(self, ts_ms: int, equity: int) -> None:
        """Takes the equity at the end of a round."""
        self.waiting += 1
        if self.waiting < self.stride:
            return
        self.waiting = 0
        self.points.append((ts_ms, equity))
        if len(self.points) >= CURVE_POINTS:
            del self.points[1::2]
            # The newest point is among those that went: the next one is as far from the last that stayed.
            self.waiting = self.stride
            self.stride *= 2


@dataclass(slots=True, kw_only=True)
class RunningMoments:
    """Mean and spread of a series, without keeping it.

    Source: B. P. Welford (1962), Note on a Method for Calculating Corrected Sums of Squares and Products.
    """

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        """Takes the next value of the series."""
        self.count += 1
        delta = value - self.mean
        self.mean += delta / self.count
        self.squares += delta * (value - self.mean)

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation; None below two values."""
        if self.count < 2:
            return None
        return sqrt(self.squares / (self.count - 1))


@dataclass(slots=True, kw_only=True)
class EquityWatch:
    """What drawdown and daily loss are measured against.

    Attributes:
        equity: At the last marks.
        peak: Highest equity of the run.
        max_drawdown: Largest fall from a peak, as a fraction of it.
        guard_peak: The peak since the drawdown breaker was last reset.
        day_start: Equity when the UTC day began, or when the daily loss breaker was last reset.
    """

    equity: Micros = Micros(0)
    peak: Micros = Micros(0)
    max_drawdown: float = 0.0
    guard_peak: Micros = Micros(0)
    day_start: Micros = Micros(0)

    def begin(self, equity: int) -> None:
        """Measures everything from `equity` on."""
        self.equity = self.peak = self.guard_peak = self.day_start = Micros(equity)

    def mark(self, equity: Micros, new_day: bool) -> None:
        """Takes the equity at new marks."""
        if new_day:
            self.day_start = self.equity
        self.equity = equity
        if equity >= self.peak:
            self.peak = equity
        elif self.peak > 0:
            drawdown = (self.peak - equity) / self.peak
            if drawdown > self.max_drawdown:  # noqa: PLR1730 - replays do this a million times; max() is slow
                self.max_drawdown = drawdown
        if equity > self.guard_peak:  # noqa: PLR1730
            self.guard_peak = equity


@dataclass(slots=True, kw_only=True)
class AgentState:
    """Everything known of one agent.

    Attributes:
        account: Cash and positions.
        capital: What it was given.
        watch: Equity and what it is measured against.
        decisions: Rounds in which it decided.
        failures: Rounds in which it raised, hung or returned junk.
        recent_failures: The latest decisions, oldest first; True where one failed.
        last_failure: What went wrong last.
        working: Orders that can still move, by id.
        orders: Created.
        denied: By the risk gate.
        held: By the kill switch.
        fills: Executions.
        trades: Round trips.
        wins: Round trips with profit after fees and funding.
        entries_today: Fills that opened or enlarged a position this UTC day.
        consecutive_losses: Losing trades in a row.
        gross_profit: Sum over winning trades.
        gross_loss: Sum over the others, ≤ 0.
        best_trade: Profit of the best; None before the first.
        worst_trade: Profit of the worst; None before the first.
        realized: Profit of all fills before fees and funding.
        fees: Paid.
        funding: Paid; negative when received.
        turnover: Sum of the notionals of all fills.
        confidence: Of its decisions.
        returns: Of equity from round to round, as fractions.
        last_round_equity: Equity at the end of the last round.
        targets: Its last word on each instrument.
        curve: Its equity over time.
        breakers: By name.
    """

    account: Account
    capital: Micros = Micros(0)
    watch: EquityWatch = field(default_factory=EquityWatch)
    decisions: int = 0
    failures: int = 0
    working: dict[int, Order] = field(default_factory=dict)
    recent_failures: list[bool] = field(default_factory=list)
    last_failure: str = ""
    orders: int = 0
    denied: int = 0
    held: int = 0
    fills: int = 0
    trades: int = 0
    wins: int = 0
    entries_today: int = 0
    consecutive_losses: int = 0
    gross_profit: Micros = Micros(0)
    gross_loss: Micros = Micros(0)
    best_trade: Micros | None = None
    worst_trade: Micros | None = None
    realized: Micros = Micros(0)
    fees: Micros = Micros(0)
    funding: Micros = Micros(0)
    turnover: Micros = Micros(0)
    confidence: RunningMoments = field(default_factory=RunningMoments)
    returns: RunningMoments = field(default_factory=RunningMoments)
    last_round_equity: Micros | None = None
    targets: dict[str, Target] = field(default_factory=dict)
    curve: EquityCurve = field(default_factory=EquityCurve)
    breakers: dict[str, BreakerState] = field(default_factory=dict)

    @property
    def benched(self) -> bool:
        """Whether one of its breakers keeps it from trading."""
        return any(breaker.status is not BreakerStatus.ARMED for breaker in self.breakers.values())


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
        entries_today: Fills of all agents that opened or enlarged a position this UTC day.
        killed: Whether the kill switch is on.
        killed_by: Who set the kill switch last.
        paused: Whether rounds are paused.
        next_order_id: Counter.
        next_fill_id: Counter.
        next_decision_id: Counter.
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
    next_order_id: int = 1
    next_fill_id: int = 1
    next_decision_id: int = 1

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

    def instrument(self, symbol: str) -> Instrument:
        """The instrument of a symbol of this run.

        Raises:
            KeyError: If the run does not trade it.
        """
        for instrument in self.agreement.instruments:
            if instrument.symbol == symbol:
                return instrument
        raise KeyError(symbol)


def utc_day(ts_ms: int) -> int:
    """The number of the UTC day since the epoch."""
    return ts_ms // DAY_MS


def conserved_difference(state: ArenaState) -> int:
    """Treasury + cash of all accounts − (capital in + realized − fees − funding): 0, or the ledger leaks."""
    cash = state.treasury + sum(agent.account.cash for agent in state.agents.values())
    earned = sum(agent.realized - agent.fees - agent.funding for agent in state.agents.values())
    return cash - (state.agreement.capital_in + earned)
