"""What happens in agents' minds that costs money or can be proven wrong: model calls, broken theses."""

from dataclasses import dataclass

from cockpit.domain.decisions import ModelCall


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCalled:
    """An agent asked a model, whatever came of it."""

    call_id: int
    agent: str
    round: int
    call: ModelCall


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
