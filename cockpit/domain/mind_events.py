"""What happens in agents' minds: models are asked, roles debate, theses are broken, and some can't think."""

from dataclasses import dataclass

from cockpit.domain.debates import Debate
from cockpit.domain.decisions import ModelCall, Target
from cockpit.domain.routing import Escalation


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCalled:
    """An agent asked a model, whatever came of it.

    Attributes:
        call_id: Counts within the run.
        agent: Which.
        round: In which, or after which; 0: before the first.
        call: What was asked and answered.
        debate_id: Of the debate it was made for, where somebody asked for that; None: for a round.
    """

    call_id: int
    agent: str
    round: int
    call: ModelCall
    debate_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebateAsked:
    """Somebody wants an agent to debate on one instrument now, outside its rounds.

    `DebateHeld` or `DebateAbandoned` tells what came of it.

    Attributes:
        debate_id: Counts within the run, together with the debates of rounds.
        agent: Which is to debate.
        symbol: On which instrument.
        by: Who asked.
        execute: Whether the verdict is to be acted upon as the agent's decision.
    """

    debate_id: int
    agent: str
    symbol: str
    by: str
    execute: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DebateHeld:
    """Several roles debated for an agent; what it decides in a round, or why it can't, is told next.

    What follows the debate itself is told only of one that somebody asked for.

    Attributes:
        debate_id: Counts within the run.
        agent: For whom.
        round: In which; of one that was asked for, the last that was opened before it began, 0: none.
        first_call_id: Of its model calls: `DebateMessage.call` counts from there.
        debate: What was said.
        asked: Whether somebody asked for it; else it was held for a round.
        proposal: What the judge wants to hold, acted upon or not.
        refused: What of its answer could not be used and why, a line each.
        checks: The orders that the proposal makes and what the risk gate says of each, a line each.
        failed: Why there is no verdict; empty: there is one.
        decision_id: Of the decision that the verdict becomes, which is told next; None: it is not acted upon.
    """

    debate_id: int
    agent: str
    round: int
    first_call_id: int
    debate: Debate
    asked: bool = False
    proposal: tuple[Target, ...] = ()
    refused: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    failed: str = ""
    decision_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebateAbandoned:
    """A debate that somebody asked for came to nothing.

    Attributes:
        debate_id: Which.
        agent: Whose.
        reason: Why, in one line.
    """

    debate_id: int
    agent: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """A decision was passed on to an agent's powerful model; what it decides, or why not, is told next."""

    agent: str
    round: int
    escalation: Escalation


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesWithheld:
    """An agent's cheap models wanted to enter, which they may not by themselves, and nothing escalated it.

    Attributes:
        agent: Whose models.
        round: In which.
        symbols: Of the instruments they wanted to enter.
    """

    agent: str
    round: int
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingSkipped:
    """No model of an agent was asked in a round, since nothing had moved; its word stands.

    Attributes:
        agent: Which.
        round: In which.
        reason: What was found, in words and figures.
    """

    agent: str
    round: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentGrounded:
    """An agent can't take part, or can again; it is not asked meanwhile, and nobody else is the worse for it.

    Attributes:
        agent: Which.
        reason: What is missing and what to do; empty: it takes part again.
    """

    agent: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThesisBroken:
    """The condition came about under which an agent said that it would be wrong.

    Attributes:
        agent: Whose thesis.
        symbol: Of the position in which instrument.
        condition: In canonical words.
        closes: Whether the position is closed for it, or people only told.
    """

    agent: str
    symbol: str
    condition: str
    closes: bool
