"""What an agent is: something that looks at a market view and says what it wants to hold.

To add a kind of agent, write a class with these members in a file of its own and register it in
`arena/assembly.py`. An agent never places orders, and never raises out of `decide`: whatever goes
wrong is a `DecisionFailure`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from cockpit.domain.accounts import Account
from cockpit.domain.decisions import Decision, DecisionFailure, Target
from cockpit.domain.market import Instrument
from cockpit.markets.candles import CandlesCut


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketView:
    """What all agents of a round see, and nothing later than it.

    Attributes:
        ts_ms: The instant, UTC milliseconds.
        round: Which round.
        view_hash: Identifies the view and everything before it.
        instruments: By symbol, in the run's order.
        marks: Mark price by symbol; a symbol without a bar so far has none.
        candles: Closed bars of all timeframes, cut at the instant: nothing newer is ever given.
    """

    ts_ms: int
    round: int
    view_hash: str
    instruments: Mapping[str, Instrument]
    marks: Mapping[str, float]
    candles: CandlesCut


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """What an agent sees of its own account.

    Attributes:
        account: Cash and positions.
        equity: Micro-units.
        capital: What it was given, micro-units.
        targets: Its last word on each instrument.
        rounds_asked: Rounds in which it was asked so far; those that its own rules skipped don't count.
        sharpe: Of its returns from round to round, annualised; None while there are too few.
        lessons: What was wrong with its last word and the orders made of it, a line each.
        broken: Symbol → the condition under which it said that its position there would be wrong, and which
            has come about.
        drawdown: Fall of its equity from its peak, as a fraction; None where it had nothing to lose.
    """

    account: Account
    equity: int
    capital: int = 0
    targets: Mapping[str, Target] = field(default_factory=dict)
    rounds_asked: int = 0
    sharpe: float | None = None
    lessons: tuple[str, ...] = ()
    broken: Mapping[str, str] = field(default_factory=dict)
    drawdown: float | None = None


class Agent(Protocol):
    """One contestant.

    Attributes:
        name: Unique in its arena.
        kind: ``strategy``, ``llm``, ``debate`` …
        summary: One line for people.
        is_control: Whether it only shows what luck, the market or doing nothing would have earned.
        history_ms: How much of the past it wants to see in its first view.
    """

    name: str
    kind: str
    summary: str
    is_control: bool
    history_ms: int

    @property
    def grounded(self) -> str:
        """Why it can't take part; empty: it can."""
        ...

    async def decide(self, view: MarketView, own: AccountView) -> Decision | DecisionFailure:
        """Its answer to one view. May be cancelled at its deadline; a late answer is dropped."""
        ...

    def relive(self, view: MarketView, own: AccountView) -> None:
        """Takes in a view it has already answered, as `decide` did, after a restart."""
        ...

    def forget(self) -> None:
        """Drops what it remembers: after a failed decision its memory can't be relied on."""
        ...

    def memory(self) -> bytes:
        """What it remembers, as JSON, for a snapshot."""
        ...

    def restore(self, memory: object) -> None:
        """Takes back what `memory` gave, decoded.

        Raises:
            ValueError: If the data does not fit this agent.
        """
        ...

    def close(self) -> None:
        """Lets go of threads and connections."""
        ...


@runtime_checkable
class Debater(Protocol):
    """An agent whose roles can be heard outside of its rounds.

    Attributes:
        name: Unique in its arena.
    """

    name: str

    async def debate(self, view: MarketView, own: AccountView, speaker: str) -> Decision | DecisionFailure:
        """What its roles come to on what the view shows; it remembers nothing of it.

        Args:
            view: Of the market, which may show less than is traded.
            own: Its account.
            speaker: In whose name listeners are told what is said.
        """
        ...
