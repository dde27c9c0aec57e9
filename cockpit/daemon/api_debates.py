"""What the control API tells of debates; costs are in US dollars, what roles said is untrusted text."""

from typing import Annotated, Literal

from pydantic import Field

from cockpit.daemon.api_models import Answer
from cockpit.daemon.api_requests import ControlRequest
from cockpit.daemon.api_rows import TargetLine
from cockpit.domain.debates import Stance
from cockpit.domain.orders import OrderKind, OrderPurpose, OrderStatus, Side


class DebateRequest(ControlRequest):
    """A debate to be held now, beside the rounds.

    Attributes:
        symbol: A unified symbol of the run, or its base coin.
        agent: Which agent of kind debate; the first that can unless given.
        execute: Whether the verdict is acted upon, as the agent's decision; else it is only told.
    """

    symbol: Annotated[str, Field(min_length=1, max_length=100)]
    agent: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    execute: bool = False


class DebateTaken(Answer):
    """A debate that begins.

    Attributes:
        debate_id: Counts within the run; null where it begins only after the round in progress: then the
            event ``debate_asked`` tells it.
        agent: Which debates; null likewise, unless the request said it.
        symbol: On which instrument; likewise as the request said it.
        message: One line for people.
        seq: The last event of the journal.
    """

    debate_id: int | None
    agent: str | None
    symbol: str
    message: str
    seq: int


class StanceLine(Answer):
    """What a role says of an instrument; confidence 0 … 1."""

    symbol: str
    stance: Stance
    confidence: float | None


class DebateMessageLine(Answer):
    """What a role said in a turn, or why it said nothing.

    Attributes:
        number: In the order they are told.
        turn: 1 is the first, in which nobody has heard the others; 0 that of the judge without the debate.
        role: ``bull``, ``bear`` …, ``judge``, ``shadow``.
        failed: Why it said nothing; empty where it did.
        call_id: Of the call that brought it, see ``/calls``; null: none was made.
        calls: That were made for it, with those for tools and to mend its form.
        unpriced_calls: Whose cost nobody knows.
        cost_usd: Of all others together; null where there are none.
        latency_s: Of all together, real time; null where none was made.
    """

    number: int
    turn: int
    role: str
    model: str
    stances: list[StanceLine]
    signals: list[str]
    argument: str
    tools: list[str]
    failed: str
    call_id: int | None
    calls: int
    unpriced_calls: int
    cost_usd: float | None
    latency_s: float | None


class ConsensusLine(Answer):
    """What the analysts' last words on an instrument come to; see `SymbolConsensus`."""

    symbol: str
    stance: Stance | None
    confidence: float | None
    agreement: float | None
    opinions: int
    mark: float | None


class DebateLine(Answer):
    """A debate, without what was said.

    Attributes:
        ts_ms: Market time at which it was held, or asked for.
        round: In which, or after which where somebody asked for it.
        asked: Whether somebody asked for it; else it was held for a round.
        by: Who asked; null: nobody.
        execute: Whether the verdict is the agent's decision, as always in a round.
        status: ``failed``: held, but without a verdict; ``abandoned``: it came to nothing.
        reason: Why there is no verdict; empty where there is one.
        decision_id: What it led to; null: nothing.
        agreement: Mean over the instruments, 0 … 1; null where too few said anything.
        verdict: The judge's sides; empty where there are none.
        calls: To models, for all that was said.
        unpriced_calls: Whose cost nobody knows.
        cost_usd: Of all others together; null where there are none.
        elapsed_s: Real time from the first call to the last answer; null where none was made.
    """

    run_id: str
    debate_id: int
    seq: int
    ts_ms: int
    time: str
    agent: str
    round: int
    symbols: list[str]
    asked: bool
    by: str | None
    execute: bool
    status: Literal["under_way", "held", "failed", "abandoned"]
    reason: str
    decision_id: int | None
    agreement: float | None
    is_disagreed: bool
    prompt_version: str | None
    horizon_s: float | None
    consensus: list[ConsensusLine]
    verdict: list[StanceLine]
    calls: int
    unpriced_calls: int
    cost_usd: float | None
    elapsed_s: float | None


class ProposedTarget(TargetLine):
    """What the judge wants to hold of an instrument.

    Attributes:
        quantity: Base units, unsigned; null: by exposure.
        leverage: Notional per unit of margin.
        risk: What it is ready to lose, quote currency.
        invalidation: Under which condition it is wrong.
    """

    quantity: float | None
    leverage: float | None
    risk: float | None
    invalidation: str | None


class DebateOrder(Answer):
    """An order that a debate's decision asked for, and why it stands where it stands."""

    order_id: int
    parent_id: int | None
    symbol: str
    kind: OrderKind
    purpose: OrderPurpose
    side: Side
    quantity: float
    filled_quantity: float
    status: OrderStatus
    rule: str | None
    reason: str


class DebateOutcome(Answer):
    """What became of an order that a debate's decision asked for; pnl is null while nobody knows."""

    order_id: int
    symbol: str
    role: str | None
    outcome: Literal["pending", "win", "loss", "none"]
    reason: str
    pnl: float | None


class DebateDetail(DebateLine):
    """A debate with all that was said.

    Attributes:
        messages: In the order they were said, the judge's last.
        shadow: What the judge says without the debate; null where it was not asked.
        proposal: What the judge wants to hold; of a round's debate what its decision changed.
        refused: What of the judge's answer could not be used, and why.
        checks: The orders that the proposal makes, and what the risk gate says of each, where somebody asked
            for the debate.
        orders: That its decision asked for.
        outcomes: Of those.
    """

    messages: list[DebateMessageLine]
    shadow: DebateMessageLine | None
    proposal: list[ProposedTarget]
    refused: list[str]
    checks: list[str]
    orders: list[DebateOrder]
    outcomes: list[DebateOutcome]
