"""What happens to a run as a whole: it begins and ends, the market moves, rounds are held."""

from dataclasses import dataclass, field

from cockpit.domain.decisions import FailureKind, Target
from cockpit.domain.market import Instrument, Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """An agent on the start list.

    Attributes:
        name: Unique in the run.
        kind: ``strategy``, …
        summary: One line on what it does.
        limits: Breaker name → limit, where this agent has another one than the rest; None: off.
        is_control: Whether it only shows what luck, the market or doing nothing would have earned.
    """

    name: str
    kind: str
    summary: str
    limits: dict[str, float | None] = field(default_factory=dict)
    is_control: bool = False


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
        cost_accepted: Whether a person has accepted, for the whole run, what asking models about recorded
            candles will cost.
    """

    wall_ms: int
    recovered_from: str
    notices: tuple[str, ...] = ()
    cost_accepted: bool = False


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
        lows: Lowest price of each bar; None where there was none, empty where nobody says.
        highs: Highest price of each bar, likewise.
    """

    marks: tuple[float | None, ...]
    fresh: tuple[bool, ...]
    lows: tuple[float | None, ...] = ()
    highs: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMeasured:
    """How far behind a live market's prices and clock are, in real time.

    Attributes:
        age_ms: Since the last message of its feed.
        skew_ms: The venue's clock against ours; > 0: ours is behind.
    """

    age_ms: int
    skew_ms: int


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
        refused: What else it said, and why that could not be used, a line each.
    """

    decision_id: int
    agent: str
    round: int
    confidence: float | None
    targets: tuple[Target, ...]
    refused: tuple[str, ...] = ()


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
class PauseSet:
    """While paused, market time stands still (or, on live markets, no rounds are held)."""

    on: bool
    by: str
