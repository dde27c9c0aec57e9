"""Two moving averages: with the fast one while it is clearly above or below the slow one."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from cockpit.domain.market import Bar
from cockpit.strategies.indicators.averages import Ema, update_ema
from cockpit.strategies.indicators.ranges import Atr, update_atr
from cockpit.strategies.plan import (
    NAN,
    OPEN,
    OWN,
    PLAN_REASONS,
    Plan,
    bounded_stop_distance,
    follow_plan,
    hold_plan,
    latch,
    no_opinion,
    open_plan,
    stay_flat,
    strength,
)
from cockpit.strategies.strategy import Step, Strategy, StrategyParams, StrategyPosition, param

CROSSED = OWN


class EmaCross(Strategy):
    """Reverses on each cross; stopped out, it waits for the next one."""

    name: ClassVar[str] = "ema_cross"
    summary: ClassVar[str] = "Follows the fast average when it crosses the slow one by a clear margin."
    reasons: ClassVar[tuple[str, ...]] = (*PLAN_REASONS, "the averages crossed")

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Params(StrategyParams):
        """Attributes: `band_atrs` and `stop_atrs` are in average true ranges."""

        fast_bars: int = param(40, low=2, high=60)
        slow_bars: int = param(180, low=61, high=240)
        atr_bars: int = param(60, low=5, high=240)
        band_atrs: float = param(2.0, low=0.0, high=10.0)
        stop_atrs: float = param(12.0, low=1.0, high=50.0)
        risk_fraction: float = param(0.01, low=0.001, high=0.1)

    @dataclass(slots=True)
    class State:
        """Attributes: `trend` is the side of the last clear margin, 0 before any."""

        fast: Ema = field(default_factory=Ema)
        slow: Ema = field(default_factory=Ema)
        atr: Atr = field(default_factory=Atr)
        plan: Plan = field(default_factory=Plan)
        trend: int = 0

    @classmethod
    def warmup_bars(cls, params: Params) -> int:
        """Until the slow average and the true range stand."""
        return max(params.slow_bars, params.atr_bars + 1)

    @staticmethod
    def step(params: Params, state: State, bar: Bar, position: StrategyPosition) -> Step:
        """See `Strategy.step`."""
        fast = update_ema(state.fast, params.fast_bars, bar.close)
        slow = update_ema(state.slow, params.slow_bars, bar.close)
        atr = update_atr(state.atr, params.atr_bars, bar)
        status = follow_plan(state.plan, bar, position, 0)
        if math.isnan(slow) or math.isnan(atr):
            return no_opinion()
        margin = (fast - slow) / max(atr, 1e-6 * bar.close)
        trend = latch(state.trend, margin, params.band_atrs)
        if trend != state.trend:
            state.trend = trend
            distance = bounded_stop_distance(bar.close, params.stop_atrs * atr)
            stop = bar.close - trend * distance
            open_plan(state.plan, trend, bar.close, stop, NAN, strength(margin), params.risk_fraction)
            return hold_plan(state.plan, CROSSED)
        if status == OPEN:
            state.plan.confidence = strength(margin)
            return hold_plan(state.plan, OPEN)
        return stay_flat(status)
