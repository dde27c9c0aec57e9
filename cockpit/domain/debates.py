"""What is said in a debate: analysts take a side of each instrument, and a judge decides."""

from dataclasses import dataclass
from enum import StrEnum

MAX_ARGUMENT = 1_500
"""Characters of what an analyst argues."""

MAX_SIGNAL = 160
"""Characters of one of the signals it names."""

MAX_SIGNALS = 8

JUDGE = "judge"
"""The role of who decides."""

SHADOW = "shadow"
"""The role of the judge where it decides without having heard the debate."""

NOT_ACTED_UPON = "not acted upon"
"""What the one among a verdict's checks begins with that says why nothing comes of it."""


class AnalystRole(StrEnum):
    """Who may speak in a debate."""

    BULL = "bull"
    BEAR = "bear"
    RISK_MANAGER = "risk_manager"
    TECHNICAL = "technical"
    FUNDAMENTAL = "fundamental"


class Stance(StrEnum):
    """Which way a price is said to go: up, down, or not far enough to pay for a trade."""

    LONG = "long"
    SHORT = "short"
    FLAT = "flat"


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolStance:
    """What one role says of one instrument.

    Attributes:
        symbol: Which instrument.
        stance: Which way.
        confidence: Probability that the stance proves right, 0 … 1; None where none was given.
    """

    symbol: str
    stance: Stance
    confidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebateMessage:
    """What one role said in one turn, or why it said nothing.

    Attributes:
        turn: 1 is the first, in which nobody has heard the others; the judge speaks in the last.
        role: Who: ``bull``, ``bear`` …, ``judge``, ``shadow``.
        model: litellm's name for what was asked.
        stances: At most one for each instrument.
        signals: What it goes by, in a few words each; bounded and inert.
        argument: Bounded and inert.
        tools: Names of the tools it used, in that order.
        failed: Why it said nothing; empty where it did.
        call: Which of its agent's model calls of the round brought it, counted from 0; None: none was made.
    """

    turn: int
    role: str
    model: str
    stances: tuple[SymbolStance, ...] = ()
    signals: tuple[str, ...] = ()
    argument: str = ""
    tools: tuple[str, ...] = ()
    failed: str = ""
    call: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolConsensus:
    """What the analysts' last words on one instrument come to.

    Attributes:
        symbol: Which instrument.
        stance: The one most of them take, flat where two are taken by as many; None where nobody takes any.
        confidence: Mean of those who take it, 0 … 1; None where nobody does.
        agreement: Share of analysts that take a stance no other has more of; None where fewer than two
            said anything.
        opinions: How many said anything.
        mark: Mark price at the time, quote per base unit; None where there was none.
    """

    symbol: str
    stance: Stance | None
    confidence: float | None
    agreement: float | None
    opinions: int
    mark: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Debate:
    """A debate, whatever came of it.

    Attributes:
        symbols: What it was about, in the run's order.
        messages: In the order of the turns, and within one in that of the roles; the judge's is the last.
        consensus: For each of the symbols.
        agreement: Mean over the symbols that have one; None where none has.
        is_disagreed: Whether the agreement is below what settings ask for.
        shadow: What the judge says without having heard the debate; None where it was not asked.
        prompt_version: Of all templates together.
        horizon_ms: Market time after which it shows whether a stance was right.
    """

    symbols: tuple[str, ...]
    messages: tuple[DebateMessage, ...]
    consensus: tuple[SymbolConsensus, ...]
    agreement: float | None
    is_disagreed: bool
    shadow: DebateMessage | None
    prompt_version: str
    horizon_ms: int
