"""Track records: empyrical is the oracle on real candles and made-up series; the rest are tables."""

import csv
import gzip
import math
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import empyrical
import numpy
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cockpit.arena.leaderboard import sharpe_of
from cockpit.domain.market import DAY_MS, HOUR_MS, MINUTE_MS
from cockpit.trading.metrics import (
    CONFIDENCE_EDGES,
    MIN_RETURNS,
    YEAR_MS,
    Drawdown,
    DrawdownMeter,
    cagr,
    calmar,
    confidence_distribution,
    expectancy,
    fraction_of,
    gross_exposure,
    profit_factor,
    sharpe,
    sharpe_from,
    sortino,
    time_in_market,
    win_rate,
)
from cockpit.trading.series import EquityWatch, RunningMoments

INTERVALS = {"1m": MINUTE_MS, "1h": HOUR_MS}
RETURNS = st.lists(st.floats(-0.2, 0.25).map(lambda value: round(value, 6)), min_size=20, max_size=60)


def closes(shared_data: Path, name: str) -> list[float]:
    with gzip.open(shared_data / "candles" / "hyperliquid_perp" / f"{name}.csv.gz", "rt") as file:
        return [float(row["close"]) for row in csv.DictReader(file)]


def drawdown_of(equities: Iterable[float], interval_ms: int = 1) -> Drawdown | None:
    meter = DrawdownMeter()
    for place, equity in enumerate(equities):
        meter.add(place * interval_ms, equity)
    return meter.drawdown()


def annual(interval_ms: int) -> float:
    return YEAR_MS / interval_ms


# empyrical on real candles


@pytest.mark.parametrize("name", ["BTC-1h", "ETH-1h", "DOGE-1m", "kPEPE-1m"])
def test_ratios_of_real_candles_are_those_of_empyrical(shared_data: Path, name: str) -> None:
    prices, interval_ms = closes(shared_data, name), INTERVALS[name.partition("-")[2]]
    returns = [after / before - 1 for before, after in pairwise(prices)]
    series, periods = numpy.array(returns), annual(interval_ms)
    drawdown = drawdown_of(prices)
    assert drawdown is not None

    assert sharpe(returns, interval_ms) == pytest.approx(
        empyrical.sharpe_ratio(series, annualization=periods), rel=1e-9
    )
    assert sortino(returns, interval_ms) == pytest.approx(
        empyrical.sortino_ratio(series, annualization=periods), rel=1e-9
    )
    assert cagr(returns, interval_ms) == pytest.approx(
        empyrical.annual_return(series, annualization=periods), rel=1e-9
    )
    assert drawdown.fraction == pytest.approx(-empyrical.max_drawdown(series), rel=1e-9)
    assert calmar(cagr(returns, interval_ms), drawdown.fraction) == pytest.approx(
        empyrical.calmar_ratio(series, annualization=periods), rel=1e-9
    )


def test_the_drawdown_of_real_candles_lasts_as_long_as_looking_back_and_forth_says(shared_data: Path) -> None:
    prices = closes(shared_data, "BTC-1h")
    drawdown = drawdown_of(prices, HOUR_MS)

    trough = int(numpy.argmax(1 - numpy.array(prices) / numpy.maximum.accumulate(prices)))
    top = max(prices[: trough + 1])
    peak = max(index for index in range(trough) if prices[index] == top)
    back = next((index for index in range(trough, len(prices)) if prices[index] >= top), None)
    assert drawdown == Drawdown(
        fraction=(top - prices[trough]) / top,
        peak_ms=peak * HOUR_MS,
        trough_ms=trough * HOUR_MS,
        recovered_ms=None if back is None else back * HOUR_MS,
        duration_ms=((len(prices) - 1 if back is None else back) - peak) * HOUR_MS,
    )


# empyrical on made-up series


@settings(max_examples=40)
@given(RETURNS)
def test_ratios_of_any_series_are_those_of_empyrical(returns: list[float]) -> None:
    series, periods = numpy.array(returns), annual(DAY_MS)
    assume(series.std() > 1e-6)

    assert sharpe(returns, DAY_MS) == pytest.approx(
        empyrical.sharpe_ratio(series, annualization=periods), rel=1e-9, abs=1e-9
    )
    if (series < 0).any():
        assert sortino(returns, DAY_MS) == pytest.approx(
            empyrical.sortino_ratio(series, annualization=periods), rel=1e-9, abs=1e-9
        )
    else:
        assert sortino(returns, DAY_MS) is None
    assert cagr(returns, DAY_MS) == pytest.approx(
        empyrical.annual_return(series, annualization=periods), rel=1e-9, abs=1e-9
    )


@settings(max_examples=40)
@given(RETURNS)
def test_drawdown_of_any_series_is_that_of_empyrical(returns: list[float]) -> None:
    equities = [100.0, *(100.0 * numpy.cumprod(1 + numpy.array(returns)))]
    drawdown = drawdown_of(equities)
    assert drawdown is not None
    assert drawdown.fraction == pytest.approx(
        -empyrical.max_drawdown(numpy.array(returns)), rel=1e-9, abs=1e-12
    )


@settings(max_examples=40)
@given(RETURNS)
def test_the_leaderboards_sharpe_over_running_moments_is_the_same(returns: list[float]) -> None:
    moments = RunningMoments()
    for value in returns:
        moments.add(value)
    expected = sharpe(returns, 3 * MINUTE_MS)
    for found in (
        sharpe_of(moments, 3 * MINUTE_MS),
        sharpe_from(moments.count, moments.mean, moments.deviation, 3 * MINUTE_MS),
    ):
        assert found == (None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9))


@settings(max_examples=40)
@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=40))
def test_a_meter_measures_the_depth_that_the_breakers_watch(equities: list[int]) -> None:
    meter, watch = DrawdownMeter(), EquityWatch()
    meter.begin(0, equities[0])
    watch.begin(equities[0])
    for ts_ms, equity in enumerate(equities):
        meter.add(ts_ms, equity)
        watch.mark(equity, new_day=False)
    drawdown = meter.drawdown()
    assert drawdown is not None
    assert drawdown.fraction == watch.max_drawdown


@settings(max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_a_confidence_histogram_is_that_of_numpy(confidences: list[float]) -> None:
    found = confidence_distribution(confidences)
    assert list(found.counts) == numpy.histogram(confidences, bins=CONFIDENCE_EDGES)[0].tolist()
    assert found.mean == pytest.approx(numpy.mean(confidences))


# tables


@pytest.mark.parametrize(
    ("equities", "expected"),
    [
        ([], None),
        ([100], Drawdown(fraction=0.0)),
        ([100, 100, 120], Drawdown(fraction=0.0)),
        # it falls, and never comes back: the duration runs to the end
        ([100, 80, 90], Drawdown(fraction=0.2, peak_ms=0, trough_ms=1, duration_ms=2)),
        # reaching the peak again is a recovery
        ([100, 80, 100], Drawdown(fraction=0.2, peak_ms=0, trough_ms=1, recovered_ms=2, duration_ms=2)),
        # the fall begins where the peak was last touched
        ([100, 100, 75, 110], Drawdown(fraction=0.25, peak_ms=1, trough_ms=2, recovered_ms=3, duration_ms=2)),
        # a shallower fall afterwards changes nothing, a deeper one does
        ([100, 80, 100, 90], Drawdown(fraction=0.2, peak_ms=0, trough_ms=1, recovered_ms=2, duration_ms=2)),
        ([100, 80, 100, 50], Drawdown(fraction=0.5, peak_ms=2, trough_ms=3, duration_ms=1)),
        # of two equally deep ones, the earlier
        (
            [100, 80, 100, 80, 100],
            Drawdown(fraction=0.2, peak_ms=0, trough_ms=1, recovered_ms=2, duration_ms=2),
        ),
        # more than everything is lost
        ([100, -50], Drawdown(fraction=1.5, peak_ms=0, trough_ms=1, duration_ms=1)),
    ],
)
def test_max_drawdown_runs_from_the_peak_to_the_recovery(
    equities: list[float], expected: Drawdown | None
) -> None:
    assert drawdown_of(equities) == expected


def test_capital_that_leaves_is_no_drawdown() -> None:
    meter = DrawdownMeter()
    for ts_ms, equity in enumerate([100, 80]):
        meter.add(ts_ms, equity)
    meter.begin(2, 40)
    meter.add(3, 38)
    assert meter.drawdown() == Drawdown(fraction=0.2, peak_ms=0, trough_ms=1, recovered_ms=2, duration_ms=2)


@pytest.mark.parametrize(
    ("pnls", "rate", "factor", "mean"),
    [
        ([], None, None, None),
        ([5], 1.0, None, 5.0),  # nothing lost: no factor, rather than an infinite one
        ([-5], 0.0, 0.0, -5.0),
        ([0], 0.0, None, 0.0),  # breaking even is no win
        ([30, -10, -10, 0], 0.25, 1.5, 2.5),
    ],
)
def test_trade_statistics(
    pnls: list[float], rate: float | None, factor: float | None, mean: float | None
) -> None:
    assert (win_rate(pnls), profit_factor(pnls), expectancy(pnls)) == (rate, factor, mean)


def test_expectancy_is_what_wins_bring_less_what_losses_cost() -> None:
    pnls = [30.0, 10.0, -8.0, -4.0, -6.0]
    wins, losses = 2 / 5, 3 / 5
    assert expectancy(pnls) == pytest.approx(wins * 20 - losses * 6)


@pytest.mark.parametrize(
    ("returns", "why"),
    [
        ([0.01, -0.01] * 9 + [0.01], "one return fewer than the least that says something"),
        ([0.01] * 100, "returns that don't vary"),
        ([0.1 + 0.2 - 0.3] * 100, "nothing but rounding"),
        ([0.0] * 100, "an agent that never traded"),
        ([], "nothing at all"),
    ],
)
def test_ratios_are_undefined_rather_than_zero_or_infinite(returns: list[float], why: str) -> None:
    assert sharpe(returns, DAY_MS) is None, why
    assert sortino(returns, DAY_MS) is None, why


def test_twenty_returns_are_enough() -> None:
    assert sharpe([0.01, -0.01] * (MIN_RETURNS // 2), DAY_MS) == 0.0


def test_growth_is_compounded_over_a_year_of_365_days() -> None:
    assert cagr([0.0] * 364 + [0.5], DAY_MS) == pytest.approx(0.5)
    assert cagr([0.0] * 729 + [0.21], DAY_MS) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("returns", "interval_ms", "expected", "why"),
    [
        ([0.001] * 100, MINUTE_MS, None, "an hour's growth to the power of a year says nothing"),
        ([0.1] * 19, DAY_MS, None, "too few returns"),
        ([0.5] * 48, HOUR_MS, None, "a year of it is too large for a number"),
        ([0.9] * 1_440, MINUTE_MS, None, "a day of it is too large for a number"),
        ([0.0] * 29 + [-1.0], DAY_MS, -1.0, "everything was lost"),
        ([0.0] * 29 + [-1.5], DAY_MS, None, "more than everything was lost"),
        ([-1.5, -1.5] * 15, DAY_MS, None, "two such losses are no gain"),
    ],
)
def test_growth_is_undefined_where_it_means_nothing(
    returns: list[float], interval_ms: int, expected: float | None, why: str
) -> None:
    assert cagr(returns, interval_ms) == expected, why


@pytest.mark.parametrize(
    ("growth", "drawdown", "expected"),
    [(0.5, 0.25, 2.0), (-0.5, 0.5, -1.0), (0.5, 0.0, None), (None, 0.2, None), (0.5, None, None)],
)
def test_calmar_is_growth_over_drawdown(
    growth: float | None, drawdown: float | None, expected: float | None
) -> None:
    assert calmar(growth, drawdown) == expected


@pytest.mark.parametrize(
    ("samples", "exposure", "in_market"),
    [
        ([], None, None),
        ([None], None, None),
        ([0.0, 0.0], 0.0, 0.0),
        ([0.5, 0.0, 1.5, 0.0], 0.5, 0.5),
        ([1.0, None], 1.0, 1.0),  # where equity was gone, nothing can be said
    ],
)
def test_exposure_is_weighted_by_time(
    samples: list[float | None], exposure: float | None, in_market: float | None
) -> None:
    assert gross_exposure(samples) == exposure
    assert time_in_market(samples) == in_market


def test_nothing_is_a_fraction_of_what_is_not_there() -> None:
    assert fraction_of(5, 0) is None
    assert fraction_of(5, -10) is None
    assert fraction_of(-5, 10) == -0.5


def test_confidence_bins_include_their_lower_edge_and_the_last_its_upper_one() -> None:
    found = confidence_distribution([0.0, 0.1, 0.3, math.nextafter(0.3, 0), 0.99, 1.0])
    assert found.counts == (1, 1, 1, 1, 0, 0, 0, 0, 0, 2)
    assert confidence_distribution([]).mean is None
    assert sum(confidence_distribution([]).counts) == 0
