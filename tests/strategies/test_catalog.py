"""Every strategy is registered as it is written."""

import pytest

from cockpit.strategies.catalog import STRATEGIES, strategy_named
from cockpit.strategies.plan import OWN, PLAN_REASONS
from cockpit.strategies.strategy import StrategyError


def test_the_catalog_has_every_strategy_under_its_name():
    assert set(STRATEGIES) == {
        "liquidity_sweep",
        "ema_cross",
        "donchian_breakout",
        "rsi_reversion",
        "bollinger_reversion",
        "macd_trend",
        "vwap_reversion",
        "momentum_rank",
        "buy_and_hold",
        "cash",
        "random",
    }
    assert all(name == strategy.name for name, strategy in STRATEGIES.items())


def test_an_unknown_strategy_is_refused_with_those_there_are():
    with pytest.raises(StrategyError, match="no strategy ema_corss; there are liquidity_sweep, ema_cross"):
        strategy_named("ema_corss")
    assert strategy_named("ema_cross") is STRATEGIES["ema_cross"]


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_each_tells_people_what_it_does_and_warms_up_within_300_bars(strategy):
    assert strategy.summary.endswith(".")
    assert all(strategy.reasons)
    assert 1 <= strategy.warmup_bars(strategy.Params()) <= 300


def test_a_strategy_s_own_reasons_follow_those_of_plans():
    assert len(PLAN_REASONS) == OWN
    assert STRATEGIES["ema_cross"].reasons[OWN] == "the averages crossed"
