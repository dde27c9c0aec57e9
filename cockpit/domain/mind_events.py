"""What happens in agents' minds: models are asked, roles debate, theses are broken, and some can't think."""

from dataclasses import dataclass

from cockpit.domain.debates import Debate
from cockpit.domain.decisions import ModelCall
from cockpit.domain.routing import Escalation


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCalled:
    """An agent asked a model, whatever came of it."""

    call_id: int
    agent: str
    round: int
    call: ModelCall


@dataclass(frozen=True, slots=True, kw_only=True)
class DebateHeld:
    """Several roles debated for an agent; what it decides, or why it can't, is told next.

    Attributes:
        debate_id: Counts within the run.
        agent: For whom.
        round: In which.
        first_call_id: Of its model calls of the round: `DebateMessage.call` counts from there.
        debate: What was said.
    """

    debate_id: int
    agent: str
    round: int
    first_call_id: int
    debate: Debate


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
