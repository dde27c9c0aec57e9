"""A trade's plan, from entry to exit."""

import pytest

from cockpit.domain.market import Bar
from cockpit.strategies import plan as p
from cockpit.strategies.plan import Plan, follow_plan, open_plan
from cockpit.strategies.strategy import FLAT, StrategyPosition

LONG = StrategyPosition(1.0, 100.0, 1)
SHORT = StrategyPosition(-1.0, 100.0, 1)


def bar(high: float, low: float) -> Bar:
    return Bar(0, 100.0, high, low, 100.0, 1.0)


@pytest.fixture
def long_plan() -> Plan:
    plan = Plan()
    open_plan(plan, 1, 100.0, 98.0, 104.0, 0.5, 0.01)
    return plan


@pytest.mark.parametrize(
    ("high", "low", "position", "expected"),
    [
        (101.0, 99.0, LONG, p.OPEN),
        (101.0, 99.0, FLAT, p.OPEN),  # not filled yet
        (101.0, 98.0, FLAT, p.STOPPED),  # filled and stopped in one bar, or void before it was filled
        (104.0, 99.0, FLAT, p.TARGET_REACHED),
        (104.0, 98.0, FLAT, p.STOPPED),  # both in one bar: the stop first
        (101.0, 99.0, SHORT, p.OPEN),  # the position it reverses is still there
    ],
)
def test_a_long_plan_ends_where_its_stop_or_target_is_reached(long_plan, high, low, position, expected):
    assert follow_plan(long_plan, bar(high, low), position, 2) == expected


@pytest.mark.parametrize(
    ("high", "low", "expected"),
    [(101.9, 96.1, p.OPEN), (102.0, 97.0, p.STOPPED), (101.0, 96.0, p.TARGET_REACHED)],
)
def test_a_short_plan_ends_on_the_other_side(high, low, expected):
    plan = Plan()
    open_plan(plan, -1, 100.0, 102.0, 96.0, 0.5, 0.01)
    assert follow_plan(plan, bar(high, low), SHORT, 2) == expected


def test_a_position_that_vanishes_ends_its_plan_and_the_next_entry_waits(long_plan):
    quiet = bar(101.0, 99.0)
    statuses = [follow_plan(long_plan, quiet, held, 2) for held in (FLAT, LONG, FLAT, FLAT, FLAT, FLAT)]
    assert statuses == [p.OPEN, p.OPEN, p.CLOSED_OUTSIDE, p.RESTING, p.RESTING, p.NO_SETUP]


def test_an_entry_nobody_fills_is_dropped_after_a_while(long_plan):
    statuses = [follow_plan(long_plan, bar(101.0, 99.0), FLAT, 0) for _ in range(p.ENTRY_PATIENCE_BARS + 1)]
    assert statuses == [p.OPEN] * p.ENTRY_PATIENCE_BARS + [p.NOT_FILLED]


@pytest.mark.parametrize(("stop", "exposure"), [(98.0, 0.5), (99.5, 1.0), (90.0, 0.1)])
def test_the_exposure_risks_a_fraction_of_the_capital_at_the_stop(stop, exposure):
    plan = Plan()
    open_plan(plan, 1, 100.0, stop, p.NAN, 0.5, 0.01)
    assert plan.exposure == pytest.approx(exposure)


def test_a_trailing_stop_only_moves_towards_the_price_and_in_steps(long_plan):
    for wanted, expected in [(98.4, 98.0), (98.5, 98.5), (97.0, 98.5), (99.5, 99.5)]:
        p.trail_stop(long_plan, wanted, 0.5)
        assert long_plan.stop == expected


def test_a_stop_distance_is_neither_eaten_by_fees_nor_endless():
    assert [p.bounded_stop_distance(100.0, x) for x in (0.0, 0.2, 1.0, 50.0)] == [0.3, 0.3, 1.0, 10.0]


def test_a_latch_keeps_its_side_inside_the_band():
    side, seen = 0, []
    for value in (0.5, 1.5, 0.5, -1.0, -1.1, 0.0, 1.1):
        side = p.latch(side, value, 1.0)
        seen.append(side)
    assert seen == [0, 1, 1, 1, -1, -1, 1]


def test_confidence_grows_with_the_signal_and_stays_below_one():
    assert [p.strength(x) for x in (0.0, 1.0, -1.0, 3.0)] == [0.0, 0.5, 0.5, 0.75]
    assert p.strength(float("inf")) < 1.0
