"""Budgets: money is set aside before a call, no limit is exceeded, and what nobody knows counts in full."""

import asyncio
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.agents.models.budget import BudgetBook, BudgetRefusal, Reservation, Spending, SpendingLimits
from cockpit.agents.models.budgeted_gateway import BudgetedGateway
from cockpit.agents.models.cost_projection import projected_daily_cost, round_cost, rounds_per_day
from cockpit.agents.models.model_call import (
    CallFailed,
    CallFault,
    CallPurpose,
    Message,
    ModelReply,
    ModelRequest,
)
from cockpit.domain.market import DAY_MS, HOUR_MS, Micros

NOON_MS = 1_738_324_800_000  # 2025-01-31T12:00:00Z
CENT = 10_000


class Calendar:
    """Real time, as a test moves it."""

    def __init__(self):
        self.ms = NOON_MS

    def __call__(self):
        return self.ms


@pytest.fixture
def calendar():
    return Calendar()


def book(calendar, *, arena=None, arena_daily=None, alice=None, alice_daily=None):
    return BudgetBook(
        now_ms=calendar,
        arena=SpendingLimits(total=arena, daily=arena_daily),
        agents={"alice": SpendingLimits(total=alice, daily=alice_daily)},
    )


def spend(ledger, agent, worst_case, actual):
    reservation = ledger.reserve(agent, worst_case)
    assert isinstance(reservation, Reservation), reservation.message
    return ledger.settle(reservation, actual)


class TestReserving:
    @pytest.mark.parametrize(
        ("limits", "agent", "named"),
        [
            ({"alice": 10 * CENT}, "alice", "total budget of alice"),
            ({"alice_daily": 10 * CENT}, "alice", "daily budget of alice"),
            ({"arena": 10 * CENT}, "alice", "total budget of the arena"),
            ({"arena_daily": 10 * CENT}, "bob", "daily budget of the arena"),
        ],
    )
    def test_each_budget_refuses_what_it_has_no_room_for(self, calendar, limits, agent, named):
        ledger = book(calendar, **limits)
        spend(ledger, agent, 5 * CENT, 4 * CENT)
        in_flight = ledger.reserve(agent, 3 * CENT)
        refusal = ledger.reserve(agent, 3 * CENT + 1)
        assert isinstance(in_flight, Reservation)
        assert isinstance(refusal, BudgetRefusal)
        assert (refusal.agent, refusal.budget, refusal.limit) == (agent, named, 10 * CENT)
        assert (refusal.spent, refusal.reserved, refusal.asked) == (4 * CENT, 3 * CENT, 3 * CENT + 1)
        assert isinstance(ledger.reserve(agent, 3 * CENT), Reservation)

    def test_a_refusal_says_the_figures_and_what_to_do(self, calendar):
        ledger = book(calendar, alice_daily=10 * CENT, arena=10 * CENT)
        spend(ledger, "alice", 9 * CENT, 8 * CENT)
        assert ledger.reserve("alice", 25_000).message == (
            "the daily budget of alice has no room for this call: $0.08 spent, $0.00 in flight and up to"
            " $0.025000 asked, of $0.10; wait until 2025-02-01T00:00:00Z, or raise the daily budget of alice"
            " in the settings"
        )
        assert ledger.reserve("bob", 3 * CENT).message == (
            "the total budget of the arena has no room for this call: $0.08 spent, $0.00 in flight and up to"
            " $0.03 asked, of $0.10; raise the total budget of the arena in the settings"
        )

    def test_a_refused_call_leaves_no_trace_in_any_budget(self, calendar):
        ledger = book(calendar, arena=5 * CENT, alice=10 * CENT)
        assert isinstance(ledger.reserve("alice", 6 * CENT), BudgetRefusal)
        assert ledger.standing("alice").reserved == ledger.standing().reserved == 0

    def test_one_agents_limit_is_none_of_anothers(self, calendar):
        ledger = book(calendar, alice=0)
        assert isinstance(ledger.reserve("alice", 1), BudgetRefusal)
        assert isinstance(ledger.reserve("bob", 1_000 * CENT), Reservation)

    def test_an_unknown_price_is_refused_under_any_limit_that_applies(self, calendar):
        ledger = book(calendar, alice_daily=10 * CENT)
        assert ledger.reserve("alice", None).message == (
            "the daily budget of alice is $0.10, and what this call costs is unknown: declare the model's"
            " price in the settings, or lift that budget"
        )
        assert isinstance(ledger.reserve("bob", None), Reservation)

    def test_without_limits_calls_of_unknown_cost_are_counted_as_such(self, calendar):
        ledger = book(calendar)
        assert spend(ledger, "bob", None, None).cost is None
        assert spend(ledger, "bob", None, 2 * CENT).cost == 2 * CENT
        assert ledger.standing("bob").unknown_calls == ledger.standing().unknown_calls == 1
        assert ledger.standing("bob").spent == 2 * CENT

    def test_what_costs_nothing_always_has_room(self, calendar):
        ledger = book(calendar, alice=5 * CENT)
        spend(ledger, "alice", 5 * CENT, 9 * CENT)
        assert isinstance(ledger.reserve("alice", 0), Reservation)
        assert isinstance(ledger.reserve("alice", 1), BudgetRefusal)

    def test_a_negative_worst_case_is_a_mistake(self, calendar):
        with pytest.raises(ValueError, match="-1 micro-dollars"):
            book(calendar).reserve("alice", -1)


class TestSettling:
    @pytest.mark.parametrize(("actual", "spent"), [(2, 2), (0, 0), (None, 7), (-1, 7), (9, 9)])
    def test_the_actual_cost_counts_or_all_that_was_set_aside(self, calendar, actual, spent):
        ledger = book(calendar, alice=100)
        assert spend(ledger, "alice", 7, actual) == Spending(agent="alice", ts_ms=NOON_MS, cost=spent)
        standing = ledger.standing("alice")
        assert (standing.spent, standing.spent_today, standing.reserved) == (spent, spent, 0)

    def test_what_was_released_is_free_again(self, calendar):
        ledger = book(calendar, alice=7)
        ledger.release(ledger.reserve("alice", 7))
        assert isinstance(ledger.reserve("alice", 7), Reservation)

    def test_a_reservation_is_used_up_once(self, calendar):
        ledger = book(calendar)
        reservation = ledger.reserve("alice", 7)
        ledger.settle(reservation, 3)
        with pytest.raises(ValueError, match="used up"):
            ledger.settle(reservation, 3)
        with pytest.raises(ValueError, match="used up"):
            ledger.release(reservation)
        assert ledger.standing("alice").spent == 3


class TestDays:
    def test_a_daily_budget_is_whole_again_at_midnight_utc_and_a_total_is_not(self, calendar):
        ledger = book(calendar, alice=12, alice_daily=10)
        spend(ledger, "alice", 10, 10)
        calendar.ms += 12 * HOUR_MS - 1
        assert ledger.reserve("alice", 1).budget == "daily budget of alice"
        calendar.ms += 1
        assert isinstance(ledger.reserve("alice", 2), Reservation)
        assert ledger.reserve("alice", 1).budget == "total budget of alice"

    def test_the_day_a_call_began_on_pays_for_it(self, calendar):
        ledger = book(calendar, alice_daily=10)
        over_midnight = ledger.reserve("alice", 10)
        calendar.ms += DAY_MS
        assert ledger.settle(over_midnight, None).ts_ms == NOON_MS
        assert ledger.standing("alice").spent_today == 0
        calendar.ms -= DAY_MS
        assert ledger.standing("alice").spent_today == 10


def test_a_restored_book_stands_where_the_old_one_stood(calendar):
    limits = {"arena": 100, "alice": 50, "alice_daily": 20}
    before, after = book(calendar, **limits), book(calendar, **limits)
    journal = []
    for agent, worst_case, actual in [("alice", 9, 5), ("alice", 9, None), ("bob", 30, 20)]:
        journal.append(spend(before, agent, worst_case, actual))
        calendar.ms += 8 * HOUR_MS
    after.restore(journal)
    for name in ("alice", "bob", None):
        assert after.standing(name) == before.standing(name)
    assert after.standing("alice").spent == 14
    unlimited = book(calendar)
    unlimited.restore([Spending(agent="bob", ts_ms=NOON_MS, cost=None)])
    assert unlimited.standing("bob").unknown_calls == 1


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "reserve", "settle", "unknown", "release", "midnight"]),
        st.sampled_from(["alice", "bob"]),
        st.integers(0, 40),
        st.floats(0, 1),
    ),
    max_size=60,
)


@settings(max_examples=150)
@given(actions=ACTIONS)
def test_no_interleaving_of_calls_exceeds_a_limit(actions):
    calendar = Calendar()
    ledger = book(calendar, arena=150, arena_daily=70, alice=90, alice_daily=40)
    open_now, spendings = [], []
    for action, agent, worst_case, share in actions:
        if action == "midnight":
            calendar.ms += DAY_MS
        elif action == "reserve":
            answer = ledger.reserve(agent, worst_case)
            if isinstance(answer, Reservation):
                open_now.append(answer)
        elif open_now:
            reservation = open_now.pop(worst_case % len(open_now))
            if action == "release":
                ledger.release(reservation)
            else:
                actual = None if action == "unknown" else int(reservation.worst_case * share)
                spendings.append(ledger.settle(reservation, actual))
        assert_within_limits(ledger, open_now, spendings)


def assert_within_limits(ledger, open_now, spendings):
    """Worked out from the calls alone, for every day there was."""
    held = [(r.agent, r.ts_ms // DAY_MS, r.worst_case) for r in open_now]
    held += [(s.agent, s.ts_ms // DAY_MS, s.cost) for s in spendings]
    assert sum(cost for _, _, cost in held) <= 150
    assert sum(cost for agent, _, cost in held if agent == "alice") <= 90
    for day in {day for _, day, _ in held}:
        assert sum(cost for _, each, cost in held if each == day) <= 70
        assert sum(cost for agent, each, cost in held if (agent, each) == ("alice", day)) <= 40
    standing = ledger.standing()
    assert standing.spent == sum(spending.cost for spending in spendings)
    assert standing.reserved == sum(reservation.worst_case for reservation in open_now)


class ScriptedModel:
    """The end of the line: answers by script, one outcome per call, and counts the calls."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.calls = 0
        self.closed = False

    async def call(self, request, purpose):
        self.calls += 1
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, asyncio.Event):
            await outcome.wait()
            return ModelReply(text="late", cost=Micros(5))
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def aclose(self):
        self.closed = True


REQUEST = ModelRequest(model="a/model", messages=(Message(role="user", content="?"),), max_tokens=10)
PURPOSE = CallPurpose(agent="alice", role="decide", round=1, deadline_s=10.0)


class TestBudgetedGateway:
    @pytest.mark.parametrize(
        ("outcome", "spent"),
        [
            (ModelReply(text="hold", cost=Micros(5)), 5),
            (ModelReply(text="hold", cost=None), 8),
            (CallFailed(CallFault.SERVER, "down", attempts=3, cost=Micros(2)), 2),
            (CallFailed(CallFault.SERVER, "down", attempts=3, cost=None), 8),
            (CallFailed(CallFault.MISSING_KEY, "no key"), 0),
            (ZeroDivisionError("a mistake"), 8),
        ],
    )
    async def test_a_call_counts_with_its_cost_or_else_with_the_worst_case(self, calendar, outcome, spent):
        ledger = book(calendar, alice=10)
        gateway = BudgetedGateway(ScriptedModel(outcome), ledger, lambda _: Micros(8))
        if isinstance(outcome, ModelReply):
            answered = await gateway.call(REQUEST, PURPOSE)
            assert answered == replace(outcome, asked_ms=calendar.ms)
        else:
            with pytest.raises(type(outcome)):
                await gateway.call(REQUEST, PURPOSE)
        assert (ledger.standing("alice").spent, ledger.standing("alice").reserved) == (spent, 0)

    async def test_without_room_no_request_is_sent(self, calendar):
        model, ledger = ScriptedModel(), book(calendar, alice=7)
        with pytest.raises(CallFailed, match="total budget of alice has no room") as failed:
            await BudgetedGateway(model, ledger, lambda _: Micros(8)).call(REQUEST, PURPOSE)
        assert (failed.value.fault, failed.value.attempts, failed.value.cost) == (CallFault.BUDGET, 0, 0)
        assert model.calls == 0

    async def test_a_cancelled_call_stays_spent_in_full(self, calendar):
        ledger = book(calendar, alice=10)
        gateway = BudgetedGateway(ScriptedModel(asyncio.Event()), ledger, lambda _: Micros(8))
        calling = asyncio.create_task(gateway.call(REQUEST, PURPOSE))
        await asyncio.sleep(0)
        assert ledger.standing("alice").reserved == 8
        calling.cancel()
        await asyncio.wait({calling})
        assert (ledger.standing("alice").spent, ledger.standing("alice").reserved) == (8, 0)

    async def test_of_calls_at_once_only_those_with_room_are_made(self, calendar):
        gates = [asyncio.Event() for _ in range(10)]
        model, ledger = ScriptedModel(*gates), book(calendar, arena=35)
        gateway = BudgetedGateway(model, ledger, lambda _: Micros(10))
        calls = [asyncio.create_task(gateway.call(REQUEST, PURPOSE)) for _ in range(10)]
        await asyncio.sleep(0)
        for gate in gates:
            gate.set()
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(answer) for answer in answers] == [ModelReply] * 3 + [CallFailed] * 7
        assert (model.calls, ledger.standing().spent) == (3, 15)

    async def test_closing_closes_what_stands_behind(self, calendar):
        model = ScriptedModel()
        await BudgetedGateway(model, book(calendar), lambda _: None).aclose()
        assert model.closed


@pytest.mark.parametrize(
    ("rounds", "interval_ms", "daily"),
    [
        ([1_000], 180_000, 480_000),
        ([1_000, 0, 2_000], 180_000, 480_000),
        ([1, 0, 0], DAY_MS, 0),
        ([1, 1, 0], DAY_MS, 1),
        ([1_000], 7 * 60_000, 205_714),
        ([], 180_000, None),
        ([1_000, None], 180_000, None),
    ],
)
def test_a_days_cost_is_the_mean_rounds_cost_times_rounds_per_day(rounds, interval_ms, daily):
    assert projected_daily_cost(rounds, rounds_per_day(interval_ms)) == daily


def test_a_rounds_cost_is_unknown_if_one_of_its_calls_is():
    assert round_cost([3, 4]) == 7
    assert round_cost([]) == 0
    assert round_cost([3, None]) is None
    assert rounds_per_day(180_000) == Fraction(480)
    with pytest.raises(ValueError, match="0 ms apart"):
        rounds_per_day(0)
