import pytest

from cockpit.domain.decisions import ModelCall
from cockpit.domain.events import ModelCalled, Recorded
from cockpit.domain.market import DAY_MS, Micros
from cockpit.tui.spending import DaySpending, Spent, spent_words, together

DAY = 20_000


def call(seq: int, cost: int | None, *, day: int = DAY, attempts: int = 1, agent: str = "robot") -> Recorded:
    asked = ModelCall(
        role="decide",
        model="m/m",
        key="k",
        request="{}",
        cost=None if cost is None else Micros(cost),
        asked_ms=day * DAY_MS + 5,
        attempts=attempts,
    )
    return Recorded(seq, 0, "run-1", ModelCalled(call_id=seq, agent=agent, round=1, call=asked))


@pytest.mark.parametrize(
    ("calls", "unpriced", "cost", "words"),
    [
        (0, 0, 0, "$0.00"),
        (2, 0, 12_000, "$0.0120"),
        (2, 1, 12_000, "≥ $0.0120"),
        (2, 2, 0, "unknown"),
        (1, 0, 2_500_000, "$2.50"),
        (1, 0, 3, "$0.000003"),
    ],
)
def test_a_cost_nobody_knows_is_never_nothing(calls, unpriced, cost, words):
    assert spent_words(calls, unpriced, cost) == words


def test_calls_since_the_bot_was_asked_are_added_once():
    spending = DaySpending(day=DAY, seq=10, agents={"robot": Spent(calls=1, cost=100)})
    for recorded in (call(9, 7), call(10, 7), call(11, 50), call(11, 50), call(12, None, agent="other")):
        spending.take(recorded)
    assert spending.agents == {
        "robot": Spent(calls=2, cost=150),
        "other": Spent(calls=1, unpriced=1),
    }
    assert spending.total() == Spent(calls=3, unpriced=1, cost=150)


def test_a_new_day_begins_with_nothing_and_what_was_recorded_on_another_day_is_not_spent_today():
    spending = DaySpending(day=DAY, seq=0, agents={"robot": Spent(calls=1, cost=100)})
    spending.take(call(1, 999, day=DAY - 3))
    spending.take(call(2, 5, attempts=0))
    assert spending.total() == Spent(calls=1, cost=100)
    spending.take(call(3, 40, day=DAY + 1))
    assert (spending.day, spending.total()) == (DAY + 1, Spent(calls=1, cost=40))


def test_nobody_together_has_spent_nothing():
    assert together([]) == Spent()
