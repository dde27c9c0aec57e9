"""A session: what a run's journal says of it, gathered for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from cockpit.arena.leaderboard import LeaderboardRow
from cockpit.arena.model_figures import MindRecord
from cockpit.domain.accounts import Position, Trade
from cockpit.domain.decisions import FailureKind
from cockpit.domain.errors import USAGE, CockpitError
from cockpit.domain.events import (
    AccountSynced,
    BotStarted,
    BotStopped,
    BreakerReset,
    BreakerTripped,
    DecisionFailed,
    DecisionMade,
    EmergencyAdvanced,
    EntriesLocked,
    JournalOutage,
    KillSwitchSet,
    MarginExhausted,
    PauseSet,
    ReportRefused,
    RunStarted,
    ShortfallCovered,
    TradingModeSet,
)
from cockpit.domain.market import DAY_MS, Micros
from cockpit.domain.orders import Fill, OrderPurpose, OrderStatus
from cockpit.journal.routing_summary import RoutingSummary
from cockpit.report.outcome_notes import OutcomeCounts, OutcomeLink
from cockpit.trading.debate_tally import DebateFigures
from cockpit.trading.forecasts import RoleScore
from cockpit.trading.metrics import Drawdown

DECISION_LOG = 1_000
"""Decisions a session keeps, the newest; the journal has them all."""


class NothingToReport(CockpitError):
    """There is no run, or nothing of it in the period asked for."""


class DayInvalid(CockpitError):
    """A day that is none."""

    exit_code = USAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From one market time up to, but without, another; UTC milliseconds."""

    start_ms: int
    end_ms: int


def utc_day_period(day: str) -> Period:
    """The UTC day written ``2025-01-31``.

    Raises:
        DayInvalid: If it is none.
    """
    try:
        midnight = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise DayInvalid(f"{day!r} is no day: write it like 2025-01-31") from error
    start_ms = round(midnight.timestamp() * 1000)
    return Period(start_ms=start_ms, end_ms=start_ms + DAY_MS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """How an agent came to its decisions, and what became of them; or all agents together.

    Attributes:
        mind: What models did for it; None where it asks none.
        routing: What its policy of cheap and powerful models came to; None where it has none.
        debates: What its debates came to; None where none was held.
        roles: How right those who spoke in them were.
        outcomes: What became of the orders that its decisions asked for.
    """

    mind: MindRecord | None
    routing: RoutingSummary | None
    debates: DebateFigures | None
    roles: tuple[RoleScore, ...]
    outcomes: OutcomeCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one agent, or the arena as a whole, did in the period.

    Attributes:
        name: Whose.
        kind: Kind of agent.
        summary: One line on what it does.
        capital: What profit is measured against: equity when the period began, and what was given since.
        equity: At its end.
        equities: One per round, as `Session.rounds`.
        returns: Of equity from round to round, starting with the capital.
        exposures: Gross notional per unit of equity at the end of each round; None where that was gone.
        drawdown: The deepest, measured at every step of the market.
        trades: Round trips, in the order they were closed.
        fills: Executions.
        realized: Profit of all fills before fees and funding.
        fees: Paid.
        slippage: Lost (> 0) against the prices that stood when orders met the market; in `realized` already.
        funding: Paid; negative when received.
        covered: Losses that the venue bore, since there was nothing left to take them from.
        liquidations: Positions that the venue closed because their margin was used up.
        turnover: Sum of the notionals of all fills.
        decisions: Rounds in which it decided.
        failures: Rounds in which it failed to, by kind.
        confidences: Of the decisions that gave one.
        orders_created: How many.
        orders_ended: How many came to each final status.
        trips: Breakers tripped.
        benched: Whether a breaker keeps it from trading at the end.
        positions: Open at the end.
        noted: How it came to its decisions, and what became of them.
        is_ranked: Whether it has a place among others.
    """

    name: str
    kind: str
    summary: str
    capital: Micros
    equity: Micros
    equities: tuple[int, ...]
    returns: tuple[float, ...]
    exposures: tuple[float | None, ...]
    drawdown: Drawdown | None
    trades: tuple[Trade, ...]
    fills: int
    realized: Micros
    fees: Micros
    slippage: Micros
    funding: Micros
    covered: Micros
    liquidations: int
    turnover: Micros
    decisions: int
    failures: Mapping[FailureKind, int]
    confidences: tuple[float, ...]
    orders_created: int
    orders_ended: Mapping[OrderStatus, int]
    trips: int
    benched: bool
    positions: tuple[Position, ...]
    noted: Noted
    is_ranked: bool = True


@dataclass(frozen=True, slots=True)
class Round:
    """A round that was completed."""

    number: int
    ts_ms: int
    view_hash: str


@dataclass(frozen=True, slots=True)
class Execution:
    """A fill, what it was worth and realized, and why its order existed."""

    fill: Fill
    notional: Micros
    realized: Micros
    purpose: OrderPurpose
    decision_id: int | None


IncidentEvent: TypeAlias = (
    BreakerTripped
    | BreakerReset
    | KillSwitchSet
    | TradingModeSet
    | EmergencyAdvanced
    | EntriesLocked
    | MarginExhausted
    | ShortfallCovered
    | ReportRefused
    | AccountSynced
)


@dataclass(frozen=True, slots=True)
class Incident:
    """Something kept agents from trading, or took something from them, at a market time."""

    ts_ms: int
    event: IncidentEvent


@dataclass(frozen=True, slots=True)
class Answer:
    """An agent decided, or failed to, at a market time."""

    ts_ms: int
    event: DecisionMade | DecisionFailed


@dataclass(frozen=True, slots=True)
class ProcessFact:
    """Something that depends on where and when the run took place, and not on what it is."""

    ts_ms: int
    event: BotStarted | BotStopped | JournalOutage | PauseSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A run, or a period of it.

    Attributes:
        run: What was agreed when it started.
        run_id: The run's name.
        from_ms: Market time at which the period begins.
        to_ms: Market time of the last thing that happened in it.
        finished: Why the run is over; empty while it isn't.
        rounds: Completed, oldest first.
        agents: In start-list order.
        arena: All agents together.
        executions: All fills, oldest first.
        incidents: Oldest first.
        answers: The newest `DECISION_LOG` decisions that changed a target or failed, oldest first.
        links: Decision → the orders it asked for and what became of them, of the `answers`.
        standings: The leaderboard of the run at the period's end.
        first_marks: Mark price by symbol at the period's beginning, or where it had none yet, its first.
        marks: Mark price by symbol at the period's end.
        process: What does not belong to the run itself, oldest first.
        last_seq: The last event read.
    """

    run: RunStarted
    run_id: str
    from_ms: int
    to_ms: int
    finished: str
    rounds: tuple[Round, ...]
    agents: tuple[Record, ...]
    arena: Record
    executions: tuple[Execution, ...]
    incidents: tuple[Incident, ...]
    answers: tuple[Answer, ...]
    links: Mapping[int, tuple[OutcomeLink, ...]]
    standings: tuple[LeaderboardRow, ...]
    first_marks: Mapping[str, float]
    marks: Mapping[str, float]
    process: tuple[ProcessFact, ...]
    last_seq: int

    def links_of(self, answer: Answer) -> tuple[OutcomeLink, ...]:
        """The orders that an answer asked for, and what became of them."""
        event = answer.event
        return self.links.get(event.decision_id, ()) if isinstance(event, DecisionMade) else ()
