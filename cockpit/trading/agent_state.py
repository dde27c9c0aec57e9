"""What the arena's state knows of one agent."""

from dataclasses import dataclass, field
from enum import StrEnum

from cockpit.domain.accounts import Account
from cockpit.domain.decisions import Target
from cockpit.domain.market import Micros
from cockpit.domain.orders import Order
from cockpit.trading.series import EquityCurve, EquityWatch, RunningMoments

RECENT_DECISIONS = 20
"""How many of an agent's latest decisions its error rate is measured over."""

RECENT_TRADES = 50
"""How many of an agent's latest trades its protections look back on."""

GONE_ORDERS = 8
"""How many of an agent's cancelled orders are remembered, should an execution of one come late."""

RECENT_TRADE_IDS = 64
"""How many of the venue's latest trade ids are remembered, whatever became of their orders, should one be
reported again; those of orders that can still be filled are all remembered, which no order has more of than
lots."""


LESSONS = 20
"""How many lines of what went wrong with its last word an agent is shown."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTrade:
    """What protections look at of a round trip.

    Attributes:
        symbol: Which instrument.
        closed_ms: UTC milliseconds.
        pnl: Fees and funding counted.
        return_fraction: `pnl` per entry notional.
        exit_purpose: What closed it: rebalance, stop, target, flatten or liquidation.
        is_long: Whether it was long; None where nobody says, which counts for both sides.
    """

    symbol: str
    closed_ms: int
    pnl: Micros
    return_fraction: float
    exit_purpose: str
    is_long: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLock:
    """While it holds, an agent opens no positions.

    Attributes:
        symbol: In which instrument; None: in all.
        protection: Which protection set it.
        reason: In words with figures.
        until_ms: When it is over.
        is_long: Whether longs or shorts are locked; None: both.
    """

    symbol: str | None
    protection: str
    reason: str
    until_ms: int
    is_long: bool | None = None


@dataclass(slots=True, kw_only=True)
class Excursion:
    """The lowest and the highest price seen while a position was held, quote per base unit."""

    lowest: float
    highest: float


@dataclass(slots=True, kw_only=True)
class ModelUse:
    """What an agent's questions to models have come to.

    Attributes:
        calls: Asked, answered or not.
        failed: That brought no answer.
        repairs: That only mended the form of another answer.
        unpriced: Whose cost nobody knows; `cost` is without them.
        cost: Micro-dollars.
        input_tokens: As far as providers said.
        output_tokens: Likewise.
        latency_ms: Of all together.
    """

    calls: int = 0
    failed: int = 0
    repairs: int = 0
    unpriced: int = 0
    cost: Micros = Micros(0)
    input_tokens: int = 0
    output_tokens: int = 0
    latency_ms: int = 0


@dataclass(slots=True, kw_only=True)
class RoutingUse:
    """How often an agent's decisions did not go the plain way.

    Attributes:
        escalations: Rounds whose decision was passed on to the powerful model.
        changed: Of those, in which it decided otherwise than the cheap ones.
        withheld: Rounds in which cheap models wanted to enter and were not let.
        skipped: Rounds in which no model was asked, since nothing had moved; they count as decisions.
    """

    escalations: int = 0
    changed: int = 0
    withheld: int = 0
    skipped: int = 0


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
        entries_today: Orders that opened or enlarged a position this UTC day.
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
        refusals_in_a_row: Orders denied or rejected since one was accepted.
        sent_ms: When the orders of the last minute were created, oldest first.
        closed_trades: The latest round trips, oldest first.
        locks: What keeps it from opening positions, until when.
        unguarded_ms: Symbol → since when a position there has had no stop at work.
        excursions: Symbol → how far the price went while its position was held.
        slippage: Lost (> 0) against the prices that stood when its orders met the market.
        costs_today: Fees, slippage and funding since the UTC day began; negative when funding outweighs.
        worst_fill_today: The furthest one of its fills was off the mark this UTC day, as a fraction.
        gone: Orders that were cancelled or expired lately, by id.
        trade_ids: The venue's ids of its latest executions, oldest first, and whose each is: an order's id.
        older_trade_ids: By order that can still be filled, the ids of its executions before those.
        unsynced: Why the account can't be trusted to be the venue's; empty while it can.
        closed: Why the account is closed; empty while it is open.
        covered: What the venue bore of its losses.
        model_use: What its questions to models have come to.
        routing: How its questions were spread over its models.
        refused: Parts of its answers that could not be used.
        lessons: What was wrong with its last word, and with the orders made of it, a line each.
        grounded: Why it is not asked; empty: it is.
        stated_ms: Symbol → since when what it says would prove it wrong there has stood.
        broken: Symbol → the condition under which its thesis on the position there is wrong, and that has
            come about.
        revision: Counts the changes of its account and orders, for who keeps what they add up to.
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
    refusals_in_a_row: int = 0
    sent_ms: list[int] = field(default_factory=list)
    closed_trades: list[ClosedTrade] = field(default_factory=list)
    locks: list[EntryLock] = field(default_factory=list)
    unguarded_ms: dict[str, int] = field(default_factory=dict)
    excursions: dict[str, Excursion] = field(default_factory=dict)
    slippage: Micros = Micros(0)
    costs_today: Micros = Micros(0)
    worst_fill_today: float = 0.0
    gone: dict[int, Order] = field(default_factory=dict)
    trade_ids: dict[str, int] = field(default_factory=dict)
    older_trade_ids: dict[int, list[str]] = field(default_factory=dict)
    unsynced: str = ""
    closed: str = ""
    covered: Micros = Micros(0)
    model_use: ModelUse = field(default_factory=ModelUse)
    routing: RoutingUse = field(default_factory=RoutingUse)
    refused: int = 0
    lessons: list[str] = field(default_factory=list)
    grounded: str = ""
    stated_ms: dict[str, int] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    revision: int = 0

    def has_counted(self, trade_id: str) -> bool:
        """Whether an execution of the venue's is remembered under this id, so that it is no news."""
        return trade_id in self.trade_ids or any(trade_id in older for older in self.older_trade_ids.values())

    @property
    def is_ranked(self) -> bool:
        """Whether it has a place among others; what can't take part, and never has, has none."""
        return not self.grounded or self.decisions + self.failures > 0

    @property
    def benched(self) -> bool:
        """Whether one of its breakers keeps it from trading."""
        return any(breaker.status is not BreakerStatus.ARMED for breaker in self.breakers.values())
