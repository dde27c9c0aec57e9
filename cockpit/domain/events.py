"""Everything that can happen in an arena. Its state is the fold of these, and nothing else.

Prices are quote per base unit, money is micro-units of quote, times are UTC milliseconds, fractions
are of one. Only what `Recorded` adds depends on where and when a run took place.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from cockpit.domain.accounts import Trade
from cockpit.domain.decisions import FailureKind, Target
from cockpit.domain.market import Instrument, Micros
from cockpit.domain.orders import Fill, Order, OrderStatus

ARENA = "arena"
"""The scope of a breaker that guards all agents together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """An agent on the start list: its name, its kind, and one line on what it does."""

    name: str
    kind: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A run begins: who competes, on what, by which rules.

    Attributes:
        bot: The bot's name.
        settings_digest: Identifies the settings; a run goes on only under the same ones.
        mode: ``paper``, ``testnet`` or ``mainnet``.
        market_interval_ms: Between two bars.
        round_interval_ms: Between two rounds.
        start_ms: Market time at which the run begins.
        capital_in: What the treasury holds before any of it is allocated.
        agent_limits: Breaker name → limit, for each agent; None: off.
        arena_limits: The same for the arena as a whole.
        rounds_limit: Rounds after which the run is finished; None: no limit.
        end_ms: Market time at which the run is finished; None: no limit.
    """

    bot: str
    settings_digest: str
    seed: int
    market: str
    venue: str
    mode: str
    quote: str
    instruments: tuple[Instrument, ...]
    contestants: tuple[Contestant, ...]
    market_interval_ms: int
    round_interval_ms: int
    start_ms: int
    capital_in: Micros
    agent_limits: dict[str, float | None]
    arena_limits: dict[str, float | None]
    rounds_limit: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """A run reached its end: its rounds, its duration, or the end of its data."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BotStarted:
    """A process took up the run.

    Attributes:
        wall_ms: The real time.
        recovered_from: Where the state came from, in words; empty for a new run.
        notices: What a person should know, one line each.
    """

    wall_ms: int
    recovered_from: str
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BotStopped:
    """A process left the run in good order."""

    wall_ms: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalOutage:
    """The journal could not be written for a while; trading was halted until it could.

    Attributes:
        lasted_ms: Real time.
        reason: What the first failed attempt said.
    """

    lasted_ms: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CapitalAllocated:
    """Capital went from the treasury to an agent."""

    agent: str
    amount: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketAdvanced:
    """Bars closed.

    Attributes:
        marks: Mark price per instrument, in the run's order; None before its first bar.
        fresh: Whether each instrument had a bar of its own.
    """

    marks: tuple[float | None, ...]
    fresh: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundOpened:
    """All agents of a round see one view of the market, identified by its hash."""

    round: int
    view_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade:
    """An agent decided.

    Attributes:
        confidence: Mean over the targets that give one.
        targets: Those that differ from the agent's last word on the same instrument.
    """

    decision_id: int
    agent: str
    round: int
    confidence: float | None
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFailed:
    """An agent raised, hung or returned junk: an error on its count, and no trade."""

    agent: str
    round: int
    failure: FailureKind
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundClosed:
    """A round is over; `equities` are the agents' in start-list order."""

    round: int
    equities: tuple[Micros, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCreated:
    """An order exists; nothing has been sent."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMoved:
    """An order went from one status to another, by the table in `trading/lifecycle.py`.

    Attributes:
        agent: Whose order.
        rule: The risk rule that spoke, for DENIED.
        reason: Why, in words with figures; may be empty where the status says it all.
    """

    agent: str
    order_id: int
    before: OrderStatus
    after: OrderStatus
    rule: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilled:
    """A fill, and what it realized.

    Attributes:
        notional: Unsigned.
        realized: Profit before fees.
    """

    fill: Fill
    notional: Micros
    realized: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeClosed:
    """A round trip is complete."""

    trade: Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingPaid:
    """A position paid (or, negative, received) funding."""

    agent: str
    symbol: str
    rate: float
    paid: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerTripped:
    """A circuit breaker stopped something.

    Attributes:
        scope: An agent's name, or `ARENA`.
        value: What was measured.
        limit: What it must not reach.
        reason: In words with figures.
        stopped: What it stopped, in words.
        until_ms: When it re-arms by itself; None: by hand only.
    """

    scope: str
    breaker: str
    value: float
    limit: float
    reason: str
    stopped: str
    until_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerReset:
    """A breaker is armed again; `by` says whether a person or the cool-down did it."""

    scope: str
    breaker: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KillSwitchSet:
    """While the kill switch is on, orders are created and never sent."""

    on: bool
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseSet:
    """While paused, market time stands still (or, on live markets, no rounds are held)."""

    on: bool
    by: str


Event: TypeAlias = (
    RunStarted
    | RunFinished
    | BotStarted
    | BotStopped
    | JournalOutage
    | CapitalAllocated
    | MarketAdvanced
    | RoundOpened
    | DecisionMade
    | DecisionFailed
    | RoundClosed
    | OrderCreated
    | OrderMoved
    | OrderFilled
    | TradeClosed
    | FundingPaid
    | BreakerTripped
    | BreakerReset
    | KillSwitchSet
    | PauseSet
)


def _kind(event_type: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", event_type.__name__).lower()


KIND_OF: dict[type, str] = {event_type: _kind(event_type) for event_type in Event.__args__}
"""Event type → the word that stands for it in the journal and the API."""


class Recorded(NamedTuple):
    """An event in the journal. A tuple, since a replay makes a million of them.

    Attributes:
        seq: Its place; the journal has no other order.
        ts_ms: Market time at which it became known.
        run_id: Which run it belongs to.
        event: What happened.
    """

    seq: int
    ts_ms: int
    run_id: str
    event: Event
