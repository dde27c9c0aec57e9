"""MACD: with the trend while the convergence line leads its signal."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from cockpit.domain.market import Bar
from cockpit.strategies.indicators.averages import Macd, update_macd
from cockpit.strategies.indicators.ranges import Atr, update_atr
from cockpit.strategies.plan import (
    NAN,
    OPEN,
    OWN,
    PLAN_REASONS,
    Plan,
    bounded_stop_distance,
    close_plan,
    follow_plan,
    hold_plan,
    latch,
    no_opinion,
    open_plan,
    stay_flat,
    strength,
)
from cockpit.strategies.strategy import Step, Strategy, StrategyParams, StrategyPosition, param

TURNED = OWN
FADED = OWN + 1


class MacdTrend(Strategy):
    """Enters when the histogram turns to the side the line is on; leaves when it turns away."""

    name: ClassVar[str] = "macd_trend"
    summary: ClassVar[str] = "Joins a trend when the MACD histogram turns its way, leaves when it turns back."
    reasons: ClassVar[tuple[str, ...]] = (*PLAN_REASONS, "momentum turned with the trend", "momentum faded")

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Params(StrategyParams):
        """Attributes: `band_atrs` and `stop_atrs` are in average true ranges."""

        fast_bars: int = param(60, low=2, high=60)
        slow_bars: int = param(130, low=61, high=150)
        signal_bars: int = param(45, low=2, high=90)
        atr_bars: int = param(60, low=5, high=240)
        band_atrs: float = param(0.6, low=0.0, high=5.0)
        stop_atrs: float = param(10.0, low=1.0, high=50.0)
        risk_fraction: float = param(0.01, low=0.001, high=0.1)

    @dataclass(slots=True)
    class State:
        """Attributes: `turn` is the side of the histogram's last clear value, 0 before any."""

        macd: Macd = field(default_factory=Macd)
        atr: Atr = field(default_factory=Atr)
        plan: Plan = field(default_factory=Plan)
        turn: int = 0

    @classmethod
    def warmup_bars(cls, params: Params) -> int:
        """Until the signal line and the true range stand."""
        return max(params.slow_bars + params.signal_bars - 1, params.atr_bars + 1)

    @staticmethod
    def step(params: Params, state: State, bar: Bar, position: StrategyPosition) -> Step:
        """See `Strategy.step`."""
        macd = state.macd
        update_macd(macd, params.fast_bars, params.slow_bars, params.signal_bars, bar.close)
        atr = update_atr(state.atr, params.atr_bars, bar)
        plan = state.plan
        status = follow_plan(plan, bar, position, 0)
        if math.isnan(macd.signal_line) or math.isnan(atr):
            return no_opinion()
        unit = max(atr, 1e-6 * bar.close)
        turn = latch(state.turn, (macd.line - macd.signal_line) / unit, params.band_atrs)
        has_turned = turn != state.turn
        state.turn = turn
        if has_turned and macd.line * turn > 0.0:
            stop = bar.close - turn * bounded_stop_distance(bar.close, params.stop_atrs * atr)
            confidence = strength(macd.line / unit / 2.0)
            open_plan(plan, turn, bar.close, stop, NAN, confidence, params.risk_fraction)
            return hold_plan(plan, TURNED)
        if status == OPEN and plan.side != turn:
            close_plan(plan, 0)
            return stay_flat(FADED)
        if status == OPEN:
            plan.confidence = strength(macd.line / unit / 2.0)
            return hold_plan(plan, OPEN)
        return stay_flat(status)
