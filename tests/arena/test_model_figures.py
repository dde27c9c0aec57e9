"""What models did and cost: nothing unknown is shown as nothing."""

import pytest

from cockpit.arena.model_figures import MindRecord, TradeRecord, dollars, mind_record, model_figures
from cockpit.domain.accounts import Account
from cockpit.domain.market import DAY_MS, HOUR_MS, MINUTE_MS, Micros
from cockpit.trading.agent_state import AgentState, ModelUse
from cockpit.trading.calibration import TradeForecast


def figures(use: ModelUse, *, rounds: int = 1, interval_ms: int = HOUR_MS, alpha: int | None = None, **more):
    record = MindRecord(use=use, rounds=rounds, **more)
    return model_figures(record, interval_ms, None if alpha is None else Micros(alpha))


@pytest.mark.parametrize(
    ("calls", "unpriced", "cost", "exact", "words"),
    [
        (2, 0, 1_250_000, 1_250_000, "$1.25"),
        (2, 0, 12_000, 12_000, "$0.0120"),
        (2, 0, 42, 42, "$0.000042"),
        (2, 0, 0, 0, "$0.00"),
        (2, 1, 12_000, None, "≥ $0.0120"),
        (2, 1, 0, None, "≥ $0.00"),
        (2, 2, 0, None, "n/a"),
        (0, 0, 0, 0, "$0.00"),
    ],
)
def test_a_cost_that_is_not_wholly_known_is_none_and_said_to_be_more(calls, unpriced, cost, exact, words):
    use = ModelUse(calls=calls, unpriced=unpriced, cost=Micros(cost))
    assert (figures(use).cost, figures(use).cost_words) == (exact, words)


@pytest.mark.parametrize(
    ("cost", "unpriced", "rounds", "interval_ms", "daily"),
    [
        (7_500, 0, 3, MINUTE_MS, 3_600_000),
        (1_000, 0, 1, 3 * MINUTE_MS, 480_000),
        (10, 0, 3, DAY_MS, 3),
        (0, 0, 4, MINUTE_MS, 0),
        (7_500, 1, 3, MINUTE_MS, None),
        (0, 0, 0, MINUTE_MS, None),
    ],
)
def test_a_day_costs_what_a_round_costs_times_the_rounds_of_a_day(cost, unpriced, rounds, interval_ms, daily):
    use = ModelUse(calls=5, unpriced=unpriced, cost=Micros(cost))
    assert figures(use, rounds=rounds, interval_ms=interval_ms).daily_cost == daily


@pytest.mark.parametrize(
    ("cost", "unpriced", "alpha", "per_alpha"),
    [
        (1_000_000, 0, 4_000_000, 0.25),
        (1_000_000, 0, 0, None),
        (1_000_000, 0, -5, None),
        (1_000_000, 0, None, None),
        (1_000_000, 1, 4_000_000, None),
    ],
)
def test_cost_per_alpha_is_undefined_where_nothing_was_earned_above_buy_and_hold(
    cost, unpriced, alpha, per_alpha
):
    use = ModelUse(calls=2, unpriced=unpriced, cost=Micros(cost))
    assert figures(use, alpha=alpha).cost_per_alpha == per_alpha


def test_means_and_rates_are_of_calls_and_of_round_trips():
    closed = TradeRecord(trades=4, hits=3, forecasts=(TradeForecast(0.5, True),))
    found = figures(ModelUse(calls=4, latency_ms=10_000), closed=closed)
    assert (found.mean_latency_ms, found.hit_rate, found.brier) == (2_500, 0.75, 0.25)
    assert [each.count for each in found.calibration] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]


def test_without_calls_or_round_trips_means_and_rates_are_undefined():
    found = figures(ModelUse(), closed=TradeRecord())
    assert (found.mean_latency_ms, found.hit_rate, found.brier) == (None, None, None)
    unkept = figures(ModelUse())
    assert (unkept.hit_rate, unkept.brier, unkept.calibration, unkept.failures) == (None,) * 4


def test_who_has_asked_no_model_has_no_record():
    assert mind_record(AgentState(account=Account(agent="ema_cross"), decisions=9)) is None


@pytest.mark.parametrize(
    ("cost", "text"),
    [(None, "n/a"), (999_999, "$1.0000"), (100, "$0.0001"), (99, "$0.000099"), (1, "$0.000001")],
)
def test_no_cost_is_too_small_to_be_shown(cost, text):
    assert dollars(cost) == text
