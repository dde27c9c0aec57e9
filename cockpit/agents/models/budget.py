"""What may be spent on models: money is set aside before a call, and counted after it.

A call has to fit into four budgets at once: its agent's and the arena's, each in total and for the UTC
day on which the call began. What is in flight counts like what is spent, so calls that run at the same
time can't exceed a limit together as long as none costs more than was set aside for it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cockpit.domain.formats import money, time_of
from cockpit.domain.market import DAY_MS, MICROS_PER_UNIT, Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingLimits:
    """What may be spent, in micro-dollars; None: no limit.

    Attributes:
        total: Over the whole life of the book.
        daily: In any one UTC day.
    """

    total: Micros | None = None
    daily: Micros | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """One call's cost, as it counts.

    Attributes:
        agent: Whose call.
        ts_ms: When it began, UTC milliseconds of real time.
        cost: Micro-dollars: the actual cost, or all that was set aside where nobody knows it; None where
            neither is known.
    """

    agent: str
    ts_ms: int
    cost: Micros | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Money set aside for one call.

    Attributes:
        number: Its own in the book.
        agent: Whose call.
        ts_ms: When it was set aside, UTC milliseconds; its UTC day is the one that pays.
        worst_case: Micro-dollars; None where the price is unknown, which only goes without limits.
    """

    number: int
    agent: str
    ts_ms: int
    worst_case: Micros | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRefusal:
    """A call that does not fit into a budget.

    Attributes:
        agent: Whose call.
        budget: Which one stands in the way, such as ``daily budget of alice``.
        limit: Of that budget, micro-dollars.
        spent: Of it, so far.
        reserved: Of it, for calls in flight.
        asked: What this call may cost at worst; None where its price is unknown.
        message: One line for people.
    """

    agent: str
    budget: str
    limit: Micros
    spent: Micros
    reserved: Micros
    asked: Micros | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetStanding:
    """Where a budget stands; money in micro-dollars.

    Attributes:
        limits: What may be spent.
        spent: In total.
        spent_today: This UTC day.
        reserved: For calls in flight.
        unknown_calls: Calls whose cost is in none of these figures, since nobody knows it.
    """

    limits: SpendingLimits
    spent: Micros
    spent_today: Micros
    reserved: Micros
    unknown_calls: int


@dataclass(slots=True)
class _Tally:
    """Of one budget, micro-dollars."""

    spent: int = 0
    reserved: int = 0
    unknown_calls: int = 0


@dataclass(frozen=True, slots=True)
class _Budget:
    """One of the four that a call has to fit into; `agent` None: the arena's; `day` None: in total."""

    agent: str | None
    day: int | None
    limit: Micros | None

    @property
    def name(self) -> str:
        period = "total" if self.day is None else "daily"
        return f"{period} budget of {'the arena' if self.agent is None else self.agent}"


@dataclass(slots=True, kw_only=True)
class BudgetBook:
    """What was spent, what is in flight, and what may be.

    Attributes:
        now_ms: UTC milliseconds of real time: dollars are spent in real days.
        arena: Limits for all agents together.
        agents: Limits by agent; one that is missing here has none of its own.
    """

    now_ms: Callable[[], int]
    arena: SpendingLimits = SpendingLimits()
    agents: Mapping[str, SpendingLimits] = field(default_factory=dict)
    _tallies: dict[tuple[str | None, int | None], _Tally] = field(default_factory=dict, init=False)
    _open: dict[int, Reservation] = field(default_factory=dict, init=False)
    _last_number: int = field(default=0, init=False)

    def reserve(self, agent: str, worst_case: Micros | None) -> Reservation | BudgetRefusal:
        """Sets money aside for a call, or says which budget has no room for it.

        Args:
            agent: Whose call.
            worst_case: Micro-dollars, every attempt included; None where the price is unknown, which any
                limit that applies refuses. A call that costs nothing always has room.

        Raises:
            ValueError: If the worst case is negative.
        """
        if worst_case is not None and worst_case < 0:
            raise ValueError(f"a call can't cost {worst_case} micro-dollars")
        now_ms = self.now_ms()
        for budget in self._budgets(agent, now_ms):
            if refusal := self._refusal(agent, budget, worst_case, now_ms):
                return refusal
        self._last_number += 1
        reservation = Reservation(number=self._last_number, agent=agent, ts_ms=now_ms, worst_case=worst_case)
        self._open[reservation.number] = reservation
        for tally in self._tallies_of(agent, now_ms):
            tally.reserved += worst_case or 0
        return reservation

    def settle(self, reservation: Reservation, actual: Micros | None) -> Spending:
        """Counts what a call cost, instead of what was set aside for it.

        Args:
            reservation: Which call's; it is used up.
            actual: Micro-dollars; None or negative where nobody knows: all that was set aside is spent then.

        Returns:
            What it counts as, for the journal: `restore` takes it back.

        Raises:
            ValueError: If the reservation is used up.
        """
        self.release(reservation)
        known = actual is not None and actual >= 0
        spending = Spending(
            agent=reservation.agent,
            ts_ms=reservation.ts_ms,
            cost=actual if known else reservation.worst_case,
        )
        self._count(spending)
        return spending

    def release(self, reservation: Reservation) -> None:
        """Gives back what was set aside for a call that was not made.

        Raises:
            ValueError: If the reservation is used up.
        """
        if self._open.pop(reservation.number, None) is None:
            raise ValueError(f"the money set aside for call {reservation.number} is used up")
        for tally in self._tallies_of(reservation.agent, reservation.ts_ms):
            tally.reserved -= reservation.worst_case or 0

    def restore(self, spendings: Iterable[Spending]) -> None:
        """Counts calls of the past, as `settle` gave them."""
        for spending in spendings:
            self._count(spending)

    def standing(self, agent: str | None = None) -> BudgetStanding:
        """Where an agent's budget stands; without a name, the arena's."""
        total = self._tallies.get((agent, None), _Tally())
        today = self._tallies.get((agent, self.now_ms() // DAY_MS), _Tally())
        return BudgetStanding(
            limits=self._limits(agent),
            spent=Micros(total.spent),
            spent_today=Micros(today.spent),
            reserved=Micros(total.reserved),
            unknown_calls=total.unknown_calls,
        )

    def _limits(self, agent: str | None) -> SpendingLimits:
        return self.arena if agent is None else self.agents.get(agent, SpendingLimits())

    def _budgets(self, agent: str, ts_ms: int) -> Iterator[_Budget]:
        for payer in (agent, None):
            limits = self._limits(payer)
            yield _Budget(payer, ts_ms // DAY_MS, limits.daily)
            yield _Budget(payer, None, limits.total)

    def _tallies_of(self, agent: str, ts_ms: int) -> Iterator[_Tally]:
        for budget in self._budgets(agent, ts_ms):
            yield self._tallies.setdefault((budget.agent, budget.day), _Tally())

    def _count(self, spending: Spending) -> None:
        for tally in self._tallies_of(spending.agent, spending.ts_ms):
            if spending.cost is None:
                tally.unknown_calls += 1
            else:
                tally.spent += spending.cost

    def _refusal(
        self, agent: str, budget: _Budget, asked: Micros | None, now_ms: int
    ) -> BudgetRefusal | None:
        if budget.limit is None or asked == 0:
            return None
        tally = self._tallies.get((budget.agent, budget.day), _Tally())
        if asked is not None and tally.spent + tally.reserved + asked <= budget.limit:
            return None
        return BudgetRefusal(
            agent=agent,
            budget=budget.name,
            limit=budget.limit,
            spent=Micros(tally.spent),
            reserved=Micros(tally.reserved),
            asked=asked,
            message=_refusal_words(budget, tally, budget.limit, asked, now_ms),
        )


def _refusal_words(budget: _Budget, tally: _Tally, limit: int, asked: int | None, now_ms: int) -> str:
    if asked is None:
        return (
            f"the {budget.name} is {_dollars(limit)}, and what this call costs is unknown: declare the"
            " model's price in the settings, or lift that budget"
        )
    raise_it = f"raise the {budget.name} in the settings"
    next_day_ms = (now_ms // DAY_MS + 1) * DAY_MS
    what_to_do = raise_it if budget.day is None else f"wait until {time_of(next_day_ms)}, or {raise_it}"
    return (
        f"the {budget.name} has no room for this call: {_dollars(tally.spent)} spent,"
        f" {_dollars(tally.reserved)} in flight and up to {_dollars(asked)} asked,"
        f" of {_dollars(limit)}; {what_to_do}"
    )


def _dollars(micros: int) -> str:
    """In cents where that is exact, else to the micro-dollar."""
    return money(micros, decimals=2 if micros % (MICROS_PER_UNIT // 100) == 0 else 6)
