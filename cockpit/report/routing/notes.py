"""What a session notes of how agents spread their questions over cheap and powerful models."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from cockpit.domain.events import AskingSkipped, EntriesWithheld, Escalated, ModelCalled
from cockpit.domain.market import Micros
from cockpit.domain.routing import Tier, Trigger
from cockpit.journal.routing_summary import RoutingSummary

RoutingEvent: TypeAlias = ModelCalled | Escalated | EntriesWithheld | AskingSkipped


@dataclass(slots=True)
class RoutingTally:
    """What one agent's policy came to so far; `RoutingSummary` says what is what."""

    is_routed: bool = False
    asked: set[int] = field(default_factory=set)
    skipped: int = 0
    escalations: int = 0
    changed: int = 0
    undecided: int = 0
    withheld: set[int] = field(default_factory=set)
    triggers: Counter[Trigger] = field(default_factory=Counter)
    costs: Counter[str] = field(default_factory=Counter)
    unpriced: int = 0

    def count(self, event: RoutingEvent) -> None:
        """Takes one event in."""
        match event:
            case ModelCalled():
                self._count_call(event)
            case Escalated(escalation=escalation):
                self.is_routed = True
                self.escalations += 1
                self.changed += escalation.changed is True
                self.undecided += escalation.changed is None
                self.triggers.update(escalation.triggers)
            case EntriesWithheld():
                self.is_routed = True
                self.withheld.add(event.round)
            case AskingSkipped():
                self.is_routed = True
                self.skipped += 1

    def _count_call(self, event: ModelCalled) -> None:
        role, cost = event.call.role, event.call.cost
        self.is_routed = self.is_routed or role == Tier.CHEAP
        self.asked.add(event.round)
        if cost is None:
            self.unpriced += 1
        else:
            self.costs[_tier_of(role)] += cost

    def summary(self) -> RoutingSummary | None:
        """What it came to; None where nothing was routed or skipped."""
        if not self.is_routed:
            return None
        return RoutingSummary(
            rounds=len(self.asked),
            skipped=self.skipped,
            escalations=self.escalations,
            changed=self.changed,
            undecided=self.undecided,
            withheld=len(self.withheld),
            triggers={trigger: self.triggers[trigger] for trigger in Trigger if self.triggers[trigger]},
            cheap_cost=Micros(self.costs[Tier.CHEAP]),
            powerful_cost=Micros(self.costs[Tier.POWERFUL]),
            other_cost=Micros(self.costs[""]),
            unpriced=self.unpriced,
        )


def together(summaries: Iterable[RoutingSummary | None]) -> RoutingSummary | None:
    """The policies of all agents added up, rounds by agent; None where there is none."""
    found = [each for each in summaries if each is not None]
    if not found:
        return None
    triggers: Counter[Trigger] = Counter()
    for each in found:
        triggers.update(each.triggers)
    return RoutingSummary(
        rounds=sum(each.rounds for each in found),
        skipped=sum(each.skipped for each in found),
        escalations=sum(each.escalations for each in found),
        changed=sum(each.changed for each in found),
        undecided=sum(each.undecided for each in found),
        withheld=sum(each.withheld for each in found),
        triggers={trigger: triggers[trigger] for trigger in Trigger if triggers[trigger]},
        cheap_cost=Micros(sum(each.cheap_cost for each in found)),
        powerful_cost=Micros(sum(each.powerful_cost for each in found)),
        other_cost=Micros(sum(each.other_cost for each in found)),
        unpriced=sum(each.unpriced for each in found),
    )


def _tier_of(role: str) -> str:
    """The tier a role belongs to; empty for those outside of a route."""
    if role == Tier.POWERFUL:
        return Tier.POWERFUL
    return Tier.CHEAP if role == Tier.CHEAP or role.startswith(f"{Tier.CHEAP}_") else ""
