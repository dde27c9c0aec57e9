"""What is declared of a strategy holds."""

import math
import textwrap
from dataclasses import FrozenInstanceError, dataclass, field

import pytest

from cockpit.domain.market import Bar
from cockpit.strategies import strategy as strategy_module
from cockpit.strategies.ema_cross import EmaCross
from cockpit.strategies.indicators.averages import Ema, update_ema
from cockpit.strategies.strategy import ParamSpec, Strategy, StrategyError, flat_bar, param_specs


def test_params_are_declared_with_default_and_bounds():
    assert param_specs(EmaCross.Params)[0] == ParamSpec(
        name="fast_bars", default=40, low=2, high=60, is_integer=True
    )
    band = next(spec for spec in param_specs(EmaCross.Params) if spec.name == "band_atrs")
    assert (band.is_integer, band.low, band.high) == (False, 0.0, 10.0)


@pytest.mark.parametrize("value", [1, 61, math.nan, 12.5, True, "12", math.inf])
def test_a_value_out_of_bounds_or_of_another_kind_is_refused_with_the_bounds(value):
    with pytest.raises(StrategyError, match=r"ema_cross: fast_bars is .*a whole number from 2 to 60"):
        EmaCross.make_params({"fast_bars": value})


@pytest.mark.parametrize("value", [-0.1, 10.1, math.nan, -math.inf])
def test_a_float_out_of_bounds_is_refused_on_construction_too(value):
    with pytest.raises(StrategyError, match=r"band_atrs is .* from 0.0 to 10.0"):
        EmaCross.Params(band_atrs=value)


def test_an_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(StrategyError, match=r"ema_cross has no parameter fsat_bars.*fast_bars \(2 to 60\)"):
        EmaCross.make_params({"fsat_bars": 10})


def test_a_whole_float_passes_for_an_integer():
    params = EmaCross.make_params({"fast_bars": 12.0})
    assert params == EmaCross.Params(fast_bars=12)
    assert type(params.fast_bars) is int


def test_params_are_frozen():
    with pytest.raises(FrozenInstanceError):
        EmaCross.Params().fast_bars = 3  # type: ignore[misc]


def test_an_interval_without_a_trade_is_a_flat_bar_without_volume():
    assert flat_bar(60_000, 7.5) == (60_000, 7.5, 7.5, 7.5, 7.5, 0.0)


def test_the_strategy_in_the_documentation_works(desk, table):
    example = textwrap.dedent(strategy_module.__doc__.split("::\n")[1].split("\n`step`")[0])
    names = vars(strategy_module) | {
        "Bar": Bar,
        "Ema": Ema,
        "dataclass": dataclass,
        "field": field,
        "update_ema": update_ema,
        "__name__": __name__,
    }
    exec(example, names)
    dip_buyer: type[Strategy] = names["DipBuyer"]
    trader = desk(dip_buyer, bars=2)
    answers = trader.watch(table([100.0, 100.0, 90.0, 120.0]))
    assert [answer.exposure for answer in answers[1:]] == [0.0, 1.0, 0.0]
    assert trader.reason() == "above the average"
    assert dip_buyer.warmup_bars(dip_buyer.Params()) == 50
