"""What an agent's debates come to: how far analysts agree, and what the judge makes of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import fsum

from cockpit.domain.debates import JUDGE, Debate, DebateMessage, Stance
from cockpit.trading.metrics import fraction_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DebateFigures:
    """What debates come to. Undefined is None.

    A verdict is the side that a judge takes of one instrument: one debate brings as many as it is about.

    Attributes:
        debates: How many were held.
        agreement: Mean agreement of those in which at least two analysts said something, 0 … 1.
        disagreed_share: Of the same, those that settings call a disagreement, 0 … 1.
        verdicts: Of judges, on instruments on which the analysts had a consensus.
        consensus_share: Of these, those that are the consensus, 0 … 1.
        compared: Verdicts on instruments of which the judge was asked without the debate as well.
        shadow_differs_share: Of these, those that are another side than without the debate, 0 … 1.
    """

    debates: int
    agreement: float | None
    disagreed_share: float | None
    verdicts: int
    consensus_share: float | None
    compared: int
    shadow_differs_share: float | None


@dataclass(slots=True)
class DebateTally:
    """Debates, counted one by one; `DebateFigures` says what is what."""

    debates: int = 0
    agreements: list[float] = field(default_factory=list)
    disagreed: int = 0
    verdicts: int = 0
    as_consensus: int = 0
    compared: int = 0
    shadow_differs: int = 0

    def count(self, debate: Debate) -> None:
        """Takes one in."""
        self.debates += 1
        if debate.agreement is not None:
            self.agreements.append(debate.agreement)
            self.disagreed += debate.is_disagreed
        verdict = _sides(next((each for each in debate.messages if each.role == JUDGE), None))
        consensus = {each.symbol: each.stance for each in debate.consensus if each.stance is not None}
        shadow = _sides(debate.shadow)
        on_consensus, on_shadow = verdict.keys() & consensus.keys(), verdict.keys() & shadow.keys()
        self.verdicts += len(on_consensus)
        self.as_consensus += sum(verdict[symbol] is consensus[symbol] for symbol in on_consensus)
        self.compared += len(on_shadow)
        self.shadow_differs += sum(verdict[symbol] is not shadow[symbol] for symbol in on_shadow)

    def figures(self) -> DebateFigures | None:
        """What they come to; None where none was held."""
        if not self.debates:
            return None
        counted = len(self.agreements)
        return DebateFigures(
            debates=self.debates,
            agreement=fsum(self.agreements) / counted if counted else None,
            disagreed_share=fraction_of(self.disagreed, counted),
            verdicts=self.verdicts,
            consensus_share=fraction_of(self.as_consensus, self.verdicts),
            compared=self.compared,
            shadow_differs_share=fraction_of(self.shadow_differs, self.compared),
        )


def together(tallies: Iterable[DebateTally]) -> DebateTally:
    """The debates of all."""
    whole = DebateTally()
    for each in tallies:
        whole.agreements += each.agreements
        for name in ("debates", "disagreed", "verdicts", "as_consensus", "compared", "shadow_differs"):
            setattr(whole, name, getattr(whole, name) + getattr(each, name))
    return whole


def _sides(message: DebateMessage | None) -> Mapping[str, Stance]:
    return {} if message is None else {each.symbol: each.stance for each in message.stances}
