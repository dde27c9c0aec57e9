"""RSI reversion: against a one-sided move once it lets go."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from cockpit.domain.market import Bar
from cockpit.strategies.indicators.momentum import Rsi, update_rsi
from cockpit.strategies.indicators.ranges import Atr, update_atr
from cockpit.strategies.plan import (
    NO_SETUP,
    OPEN,
    OWN,
    PLAN_REASONS,
    TIMED_OUT,
    Plan,
    bounded_stop_distance,
    close_plan,
    follow_plan,
    hold_plan,
    no_opinion,
    open_plan,
    stay_flat,
)
from cockpit.strategies.strategy import Step, Strategy, StrategyParams, StrategyPosition, param

LET_GO = OWN
BACK_TO_NORMAL = OWN + 1


class RsiReversion(Strategy):
    """Buys when the RSI comes back up through oversold, sells when it comes back down through overbought."""

    name: ClassVar[str] = "rsi_reversion"
    summary: ClassVar[str] = "Trades against a one-sided move once the RSI comes back from its extreme."
    reasons: ClassVar[tuple[str, ...]] = (
        *PLAN_REASONS,
        "RSI came back from an extreme",
        "RSI is past its middle again",
    )

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Params(StrategyParams):
        """What an entry and an exit take.

        Attributes:
            extreme: Distance of the RSI from 50 that arms an entry.
            exit_overshoot: How far past 50 the RSI ends a trade.
            reward_ratio: Target distance in units of the stop's.
        """

        rsi_bars: int = param(30, low=2, high=120)
        extreme: float = param(21.0, low=5.0, high=45.0)
        exit_overshoot: float = param(8.0, low=0.0, high=30.0)
        atr_bars: int = param(60, low=5, high=240)
        stop_atrs: float = param(10.0, low=1.0, high=50.0)
        reward_ratio: float = param(2.0, low=0.5, high=5.0)
        max_hold_bars: int = param(240, low=5, high=1440)
        rest_bars: int = param(15, low=0, high=240)
        risk_fraction: float = param(0.01, low=0.001, high=0.1)

    @dataclass(slots=True)
    class State:
        """Attributes: `farthest` is the most extreme RSI − 50 since it was armed, 0.0 when it isn't."""

        rsi: Rsi = field(default_factory=Rsi)
        atr: Atr = field(default_factory=Atr)
        plan: Plan = field(default_factory=Plan)
        farthest: float = 0.0

    @classmethod
    def warmup_bars(cls, params: Params) -> int:
        """Until the RSI and the true range stand."""
        return max(params.rsi_bars, params.atr_bars) + 1

    @staticmethod
    def step(params: Params, state: State, bar: Bar, position: StrategyPosition) -> Step:
        """See `Strategy.step`."""
        rsi = update_rsi(state.rsi, params.rsi_bars, bar.close)
        atr = update_atr(state.atr, params.atr_bars, bar)
        plan = state.plan
        status = follow_plan(plan, bar, position, params.rest_bars)
        if math.isnan(rsi) or math.isnan(atr):
            return no_opinion()
        lean = rsi - 50.0
        farthest = farthest_before_return(state.farthest, lean, params.extreme)
        has_returned = farthest != 0.0 and abs(lean) < params.extreme
        state.farthest = 0.0 if has_returned else farthest
        if status == OPEN:
            if lean * plan.side > params.exit_overshoot:
                close_plan(plan, params.rest_bars)
                return stay_flat(BACK_TO_NORMAL)
            if plan.age_bars >= params.max_hold_bars:
                close_plan(plan, params.rest_bars)
                return stay_flat(TIMED_OUT)
            return hold_plan(plan, OPEN)
        if status != NO_SETUP or not has_returned:
            return stay_flat(status)
        side = 1 if farthest < 0.0 else -1
        distance = bounded_stop_distance(bar.close, params.stop_atrs * atr)
        stop = bar.close - side * distance
        take_profit = bar.close + side * params.reward_ratio * distance
        confidence = (abs(farthest) - params.extreme) / (50.0 - params.extreme)
        open_plan(plan, side, bar.close, stop, take_profit, confidence, params.risk_fraction)
        return hold_plan(plan, LET_GO)


def farthest_before_return(farthest: float, lean: float, extreme: float) -> float:
    """The lean that went farthest beyond the extreme on its side, or 0.0 when none has."""
    if abs(lean) < extreme:
        return farthest
    if farthest * lean <= 0.0 or abs(lean) > abs(farthest):
        return lean
    return farthest
