"""A strategy at work over several symbols."""

import json
import math

import pytest

from cockpit.domain.market import MINUTE_MS, Bar
from cockpit.strategies.catalog import STRATEGIES
from cockpit.strategies.ema_cross import EmaCross
from cockpit.strategies.momentum_rank import MomentumRank
from cockpit.strategies.stepper import Stepper
from cockpit.strategies.strategy import FLAT, StrategyError, flat_bar

FLATS = [FLAT, FLAT]


@pytest.mark.parametrize("strategy", [EmaCross, MomentumRank])
def test_a_missing_bar_is_a_flat_one_at_the_last_close(strategy, candles):
    first, second = candles("BTC", count=800), candles("SOL", count=800)
    gappy = [None if 400 <= index < 420 else bar for index, bar in enumerate(second)]
    filled = [
        flat_bar(bar.open_ms, second[399].close) if 400 <= index < 420 else bar
        for index, bar in enumerate(second)
    ]
    one, other = (Stepper(strategy, strategy.Params(), 2) for _ in range(2))
    for a, b, c in zip(first, gappy, filled, strict=True):
        assert repr(one.step(c.open_ms, [a, b], FLATS)) == repr(other.step(c.open_ms, [a, c], FLATS))


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_a_symbol_without_any_bar_yet_gets_no_opinion_and_troubles_no_other(strategy, candles):
    stepper = Stepper(strategy, strategy.Params(), 2)
    for bar in candles("BTC", count=400):
        answers = stepper.step(bar.open_ms, [bar, None], FLATS)
        assert math.isnan(answers[1].exposure)


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_what_was_stored_as_json_goes_on_as_if_nothing_had_happened(strategy, candles):
    series = list(zip(candles("BTC", count=900), candles("kPEPE", count=900), strict=True))
    stepper = Stepper(strategy, strategy.Params(), 2)
    for bars in series[:500]:
        stepper.step(bars[0].open_ms, bars, FLATS)
    stored = json.loads(stepper.to_json())
    again = Stepper(strategy, strategy.Params(), 2)
    again.restore(stored)
    for bars in series[500:]:
        assert repr(again.step(0, bars, FLATS)) == repr(stepper.step(0, bars, FLATS))
    assert again.to_json() == stepper.to_json()


@pytest.mark.parametrize(
    "change", [lambda d: d | {"states": d["states"][:1]}, lambda d: {}, lambda d: d | {"states": [{}, {}]}]
)
def test_stored_state_of_another_shape_is_refused_and_changes_nothing(change):
    stepper = Stepper(EmaCross, EmaCross.Params(), 2)
    stepper.step(0, [Bar(0, 1.0, 1.0, 1.0, 1.0, 1.0), None], FLATS)
    before = stepper.to_json()
    with pytest.raises(StrategyError, match="stored state"):
        stepper.restore(change(json.loads(before)))
    assert stepper.to_json() == before


def test_a_gap_counts_as_time():
    stepper = Stepper(EmaCross, EmaCross.make_params({"slow_bars": 61, "atr_bars": 5}), 1)
    stepper.step(0, [Bar(0, 1.0, 1.0, 1.0, 1.0, 1.0)], [FLAT])
    answers = [stepper.step(i * MINUTE_MS, [None], [FLAT])[0] for i in range(1, 61)]
    assert math.isnan(answers[-2].exposure)
    assert answers[-1].exposure == 0.0
