"""Rolling sums, moments and extremes against the plain definition."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.strategies.indicators.rolling import (
    RollingMaximum,
    RollingMoments,
    RollingSum,
    maximum_age,
    update_maximum,
    update_moments,
    update_sum,
)

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)
periods = st.integers(1, 12)


@given(values, periods)
@settings(max_examples=50)
def test_a_rolling_sum_is_the_sum_of_the_last_values(series, period):
    state = RollingSum()
    for index, value in enumerate(series):
        total = update_sum(state, period, value)
        last = series[max(0, index + 1 - period) : index + 1]
        assert total == pytest.approx(math.fsum(last), abs=1e-9 * max(map(abs, last)) + 1e-300)


@given(values, periods)
@settings(max_examples=50)
def test_rolling_moments_are_those_of_the_last_values(series, period):
    state = RollingMoments()
    for index, value in enumerate(series):
        update_moments(state, period, value)
        if index + 1 < period:
            assert math.isnan(state.mean)
            continue
        last = series[index + 1 - period : index + 1]
        mean = math.fsum(last) / period
        deviation = math.sqrt(math.fsum((x - mean) ** 2 for x in last) / period)
        scale = max(map(abs, last))
        assert state.mean == pytest.approx(mean, abs=1e-12 * scale + 1e-300)
        assert state.deviation == pytest.approx(deviation, abs=1e-12 * scale + 1e-160)


@given(st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=60), periods)
@settings(max_examples=50)
def test_a_rolling_maximum_is_the_highest_of_the_last_values_and_knows_its_age(series, period):
    state = RollingMaximum()
    for index, value in enumerate(series):
        highest = update_maximum(state, period, value)
        last = series[max(0, index + 1 - period) : index + 1]
        if len(last) == period:
            assert highest == max(last)
        assert maximum_age(state) == last[::-1].index(max(last))
