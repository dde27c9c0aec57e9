"""The parts of the state that take in one value after another."""

from copy import deepcopy
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.market import DAY_MS
from cockpit.trading.series import CURVE_POINTS, EquityCurve, EquityWatch, RunningMoments
from cockpit.trading.state import ArenaState, branch_for, conserved_difference, utc_day
from tests.trading.arena_facts import BTC, ETH, usd


def curve_of(rounds):
    curve = EquityCurve()
    for number in range(rounds):
        curve.add(number, number * 10)
    return curve


# --- Equity curves


def test_a_curve_keeps_every_round_until_it_is_full():
    assert curve_of(CURVE_POINTS - 1).points == [(n, n * 10) for n in range(CURVE_POINTS - 1)]


def test_a_full_curve_is_thinned_by_half():
    curve = curve_of(CURVE_POINTS)
    assert len(curve.points) == CURVE_POINTS // 2
    assert curve.stride == 2
    assert curve.points[:3] == [(0, 0), (2, 20), (4, 40)]


@given(st.integers(1, 6_000))
def test_the_points_of_a_curve_are_evenly_spaced_and_begin_with_the_first_round(rounds):
    curve = curve_of(rounds)
    assert [ts_ms for ts_ms, _ in curve.points] == list(range(0, rounds, curve.stride))
    assert len(curve.points) < CURVE_POINTS
    assert rounds - 1 - curve.points[-1][0] == curve.waiting < curve.stride


# --- Mean and spread


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60))
def test_running_moments_are_those_of_the_whole_series(values):
    moments = RunningMoments()
    for value in values:
        moments.add(value)
    scale = max(1.0, *map(abs, values))
    assert moments.count == len(values)
    assert moments.mean == pytest.approx(fmean(values), rel=1e-9, abs=1e-9 * scale)
    assert moments.deviation == pytest.approx(stdev(values), rel=1e-6, abs=1e-6 * scale)


def test_one_value_has_a_mean_and_no_spread():
    moments = RunningMoments()
    assert moments.deviation is None
    moments.add(3.0)
    assert (moments.mean, moments.deviation) == (3.0, None)
    moments.add(3.0)
    assert moments.deviation == 0.0


# --- Peaks and days


def test_drawdown_is_the_largest_fall_from_a_peak():
    watch = EquityWatch()
    watch.begin(100)
    for equity in (120, 90, 110, 150, 140):
        watch.mark(equity, new_day=False)
    assert (watch.equity, watch.peak, watch.guard_peak) == (140, 150, 150)
    assert watch.max_drawdown == 0.25


def test_a_new_day_begins_with_the_equity_of_the_mark_before():
    watch = EquityWatch()
    watch.begin(100)
    watch.mark(90, new_day=False)
    watch.mark(80, new_day=True)
    assert (watch.day_start, watch.equity) == (90, 80)


def test_without_a_positive_peak_there_is_no_drawdown():
    watch = EquityWatch()
    watch.mark(-10, new_day=False)
    assert watch.max_drawdown == 0.0


@given(st.lists(st.integers(-1_000, 10_000), min_size=1, max_size=50))
def test_drawdown_is_what_a_look_at_the_whole_series_gives(equities):
    watch = EquityWatch()
    watch.begin(5_000)
    for equity in equities:
        watch.mark(equity, new_day=False)
    series = [5_000, *equities]
    falls = [(max(series[: i + 1]) - each) / max(series[: i + 1]) for i, each in enumerate(series)]
    assert watch.max_drawdown == max(falls)
    assert watch.peak == watch.guard_peak == max(series)


# --- The arena


def test_a_utc_day_ends_at_midnight():
    assert utc_day(20_000 * DAY_MS - 1) == 19_999
    assert utc_day(20_000 * DAY_MS) == 20_000


def test_before_any_run_there_is_no_agreement():
    with pytest.raises(RuntimeError, match="no run has started"):
        _ = ArenaState().agreement


def test_an_instrument_is_found_by_its_symbol(past):
    assert past.state.instrument(ETH.symbol) is ETH
    assert past.state.instrument(BTC.symbol) is BTC
    with pytest.raises(KeyError, match="XRP"):
        past.state.instrument("XRP")


def test_a_leak_shows_in_the_difference(past):
    assert conserved_difference(past.state) == 0
    past.state.agents["ann"].fees += 3
    assert conserved_difference(past.state) == 3


def test_in_a_branch_one_agent_acts_apart_and_the_others_are_not_copied(past):
    before = deepcopy(past.state)
    branch = branch_for(past.state, "ann")
    assert branch == before
    assert branch.agents["bob"] is past.state.agents["bob"]
    branch.agents["ann"].working.clear()
    branch.agents["ann"].lessons.append("too much")
    branch.agents["ann"].watch.mark(usd(1), new_day=True)
    branch.marks[BTC.symbol] = 1.0
    branch.next_order_id += 1
    branch.watch.mark(usd(1), new_day=True)
    assert branch != before
    assert past.state == before
