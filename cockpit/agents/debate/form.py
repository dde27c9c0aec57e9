"""How debates are held: who takes part, with which models, for how long, and what is enough."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.agents.answers.repair import RepairModel
from cockpit.agents.tools.tool_use import ToolLimits
from cockpit.domain.debates import AnalystRole

MAX_REBUTTALS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleModel:
    """Which model speaks for a role.

    Attributes:
        model: litellm's name for it.
        max_tokens: Of one answer.
        temperature: None: the provider's own.
    """

    model: str
    max_tokens: int
    temperature: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebateForm:
    """The rules of a debate.

    Attributes:
        analysts: Who speaks, and with which model, in the order they are told.
        judge: Who decides.
        timeout_s: Real seconds for everything.
        max_leverage: The most the judge may ask for.
        quorum: How many analysts must have said something that can be used.
        rebuttals: How often each may answer the others, 0 to 2.
        analysts_share: Fraction of the time that analysts may use up; the rest is the judge's.
        disagreement_below: An agreement below this is a disagreement, 0 … 1.
        horizon_rounds: After how many rounds it shows whether a stance was right.
        tools: How often an analyst may look things up; None: not at all.
        repair: Which model mends the form of the judge's answers; None: none.
        has_shadow: Whether the judge is asked beside the debate as well, to measure what it adds.
    """

    analysts: Mapping[AnalystRole, RoleModel]
    judge: RoleModel
    timeout_s: float
    max_leverage: float
    quorum: int = 3
    rebuttals: int = 0
    analysts_share: float = 0.6
    disagreement_below: float = 0.6
    horizon_rounds: int = 20
    tools: ToolLimits | None = field(default_factory=ToolLimits)
    repair: RepairModel | None = None
    has_shadow: bool = False

    def __post_init__(self) -> None:
        """Checks what no debate could be held with.

        Raises:
            ValueError: If something is out of range.
        """
        ranges = (
            ("quorum", self.quorum, 1, len(self.analysts)),
            ("rebuttals", self.rebuttals, 0, MAX_REBUTTALS),
            ("disagreement_below", self.disagreement_below, 0, 1),
            ("horizon_rounds", self.horizon_rounds, 1, 10_000),
        )
        for name, value, low, high in ranges:
            if not low <= value <= high:
                raise ValueError(f"{name} is {value}: give {low} to {high}")
        if not 0 < self.analysts_share < 1:
            raise ValueError(f"analysts_share is {self.analysts_share}: give more than 0 and less than 1")

    @property
    def models(self) -> tuple[str, ...]:
        """All models without which it can't be held, each once."""
        return tuple(dict.fromkeys((*(each.model for each in self.analysts.values()), self.judge.model)))
