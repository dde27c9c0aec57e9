"""How well stated confidence came true."""

from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.trading.calibration import TradeForecast, calibration_curve, trade_brier_score

FORECASTS = st.lists(st.builds(TradeForecast, st.floats(0, 1), st.booleans()), max_size=40)


@pytest.mark.parametrize(
    ("forecasts", "score"),
    [
        ([], None),
        ([TradeForecast(1.0, True), TradeForecast(0.0, False)], 0.0),
        ([TradeForecast(1.0, False)], 1.0),
        ([TradeForecast(0.5, True), TradeForecast(0.5, False)], 0.25),
        ([TradeForecast(0.8, True), TradeForecast(0.6, False)], 0.2),
    ],
)
def test_the_brier_score_is_the_mean_squared_difference(forecasts, score):
    assert trade_brier_score(forecasts) == (None if score is None else pytest.approx(score))


def test_a_bin_has_its_lower_edge_and_the_last_one_its_upper_too():
    curve = calibration_curve([TradeForecast(each, True) for each in (0.0, 0.1, 0.1999, 0.9, 1.0)])
    assert [each.count for each in curve] == [1, 2, 0, 0, 0, 0, 0, 0, 0, 2]
    assert [(each.lower, each.upper) for each in (curve[0], curve[-1])] == [(0.0, 0.1), (0.9, 1.0)]


def test_a_bin_says_what_was_stated_and_what_came_of_it():
    said = ((0.62, True), (0.66, False), (0.64, False), (0.9, True))
    forecasts = [TradeForecast(*each) for each in said]
    sixties = calibration_curve(forecasts)[6]
    assert (sixties.count, sixties.stated, sixties.realized) == (3, pytest.approx(0.64), pytest.approx(1 / 3))
    empty = calibration_curve(forecasts)[0]
    assert (empty.count, empty.stated, empty.realized) == (0, None, None)


@given(FORECASTS)
@settings(max_examples=60)
def test_no_forecast_is_lost_and_each_bin_states_what_lies_in_it(forecasts):
    curve = calibration_curve(forecasts)
    assert sum(each.count for each in curve) == len(forecasts)
    won = sum(each.realized * each.count for each in curve if each.count)
    assert isclose(won, sum(each.succeeded for each in forecasts), abs_tol=1e-9)
    assert all(each.lower - 1e-9 <= each.stated <= each.upper + 1e-9 for each in curve if each.count)


@given(FORECASTS.filter(bool))
@settings(max_examples=60)
def test_the_brier_score_is_between_perfect_and_perfectly_wrong(forecasts):
    score = trade_brier_score(forecasts)
    mirrored = [TradeForecast(1 - each.confidence, not each.succeeded) for each in forecasts]
    opposite = trade_brier_score(mirrored)
    assert 0 <= score <= 1
    assert isclose(score, opposite, abs_tol=1e-9)
