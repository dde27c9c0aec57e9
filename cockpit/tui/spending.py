"""What models have cost on the present day: what the bot told when it was asked, and every call since."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cockpit.arena.model_figures import dollars
from cockpit.domain.events import ModelCalled, Recorded
from cockpit.domain.market import DAY_MS, Micros

UNKNOWN = "unknown"
"""What a cost is called that nobody knows; it is never shown as nothing."""


@dataclass(slots=True)
class Spent:
    """What some calls have cost.

    Attributes:
        calls: How many.
        unpriced: Whose cost nobody knows.
        cost: Of the others, micro-dollars.
    """

    calls: int = 0
    unpriced: int = 0
    cost: int = 0

    @property
    def words(self) -> str:
        """For people: ``$0.0120``, ``≥ $0.0120`` where some calls have no price, or ``unknown``."""
        return spent_words(self.calls, self.unpriced, self.cost)


def spent_words(calls: int, unpriced: int, cost: int) -> str:
    """What calls have cost, for people: ``unknown`` where no price is, ``≥`` where not all are.

    Args:
        calls: How many.
        unpriced: Whose cost nobody knows.
        cost: Of the others, micro-dollars.
    """
    if calls and unpriced == calls:
        return UNKNOWN
    return f"{'≥ ' if unpriced else ''}{dollars(Micros(cost))}"


@dataclass(slots=True, kw_only=True)
class DaySpending:
    """What models cost on one UTC day of real time.

    Attributes:
        day: Days since the epoch.
        seq: The last event counted.
        agents: What each one's calls have cost.
    """

    day: int
    seq: int
    agents: dict[str, Spent] = field(default_factory=dict)

    def take(self, recorded: Recorded) -> None:
        """Takes in the next event; with the first call of a later day, everything begins anew."""
        event = recorded.event
        if recorded.seq <= self.seq or not isinstance(event, ModelCalled):
            return
        self.seq = recorded.seq
        day = event.call.asked_ms // DAY_MS
        if day < self.day or event.call.attempts == 0:
            return
        if day > self.day:
            self.day = day
            self.agents.clear()
        spent = self.agents.setdefault(event.agent, Spent())
        spent.calls += 1
        spent.unpriced += event.call.cost is None
        spent.cost += event.call.cost or 0

    def total(self) -> Spent:
        """Of all agents."""
        return together(self.agents.values())


def together(each: Iterable[Spent]) -> Spent:
    """Several as one."""
    total = Spent()
    for spent in each:
        total.calls += spent.calls
        total.unpriced += spent.unpriced
        total.cost += spent.cost
    return total
