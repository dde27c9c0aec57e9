"""Donchian breakout: with a close outside the range of the last hours, behind a stop that follows."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from cockpit.domain.market import Bar
from cockpit.strategies.indicators.ranges import Atr, Donchian, update_atr, update_donchian
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
    no_opinion,
    open_plan,
    stay_flat,
    strength,
    trail_stop,
)
from cockpit.strategies.strategy import Step, Strategy, StrategyParams, StrategyPosition, param

BROKE_OUT = OWN
FELL_BACK = OWN + 1


class DonchianBreakout(Strategy):
    """One trade per breakout: the next needs a close back in the channel's other half first."""

    name: ClassVar[str] = "donchian_breakout"
    summary: ClassVar[str] = "Joins a close beyond the channel's edge and trails an ATR stop behind it."
    reasons: ClassVar[tuple[str, ...]] = (
        *PLAN_REASONS,
        "closed outside the channel",
        "fell back through the channel's middle",
    )

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Params(StrategyParams):
        """Attributes: `margin_atrs`, `stop_atrs` and `trail_step_atrs` are in average true ranges."""

        channel_bars: int = param(240, low=10, high=240)
        atr_bars: int = param(60, low=5, high=240)
        margin_atrs: float = param(1.5, low=0.0, high=10.0)
        stop_atrs: float = param(15.0, low=1.0, high=50.0)
        trail_step_atrs: float = param(2.0, low=0.1, high=10.0)
        risk_fraction: float = param(0.01, low=0.001, high=0.1)

    @dataclass(slots=True)
    class State:
        """Attributes: `spent_side` is the side of the last breakout, 0 once price was back in the middle."""

        channel: Donchian = field(default_factory=Donchian)
        atr: Atr = field(default_factory=Atr)
        plan: Plan = field(default_factory=Plan)
        spent_side: int = 0

    @classmethod
    def warmup_bars(cls, params: Params) -> int:
        """Until the channel before the current bar and the true range stand."""
        return max(params.channel_bars, params.atr_bars) + 1

    @staticmethod
    def step(params: Params, state: State, bar: Bar, position: StrategyPosition) -> Step:
        """See `Strategy.step`."""
        upper = state.channel.upper
        lower = state.channel.lower
        update_donchian(state.channel, params.channel_bars, bar)
        atr = update_atr(state.atr, params.atr_bars, bar)
        plan = state.plan
        status = follow_plan(plan, bar, position, 0)
        if math.isnan(upper) or math.isnan(atr):
            return no_opinion()
        middle = (upper + lower) / 2.0
        if (bar.close - middle) * state.spent_side < 0.0:
            state.spent_side = 0
        distance = bounded_stop_distance(bar.close, params.stop_atrs * atr)
        side = breakout_side(bar.close, upper, lower, params.margin_atrs * atr)
        if side != 0 and side * state.spent_side <= 0:
            state.spent_side = side
            beyond = bar.close - upper if side > 0 else lower - bar.close
            confidence = strength(beyond / max(2.0 * atr, 1e-6 * bar.close))
            stop = bar.close - side * distance
            open_plan(plan, side, bar.close, stop, NAN, confidence, params.risk_fraction)
            return hold_plan(plan, BROKE_OUT)
        if status != OPEN:
            return stay_flat(status)
        if (bar.close - middle) * plan.side < 0.0:
            close_plan(plan, 0)
            return stay_flat(FELL_BACK)
        trail_stop(plan, bar.close - plan.side * distance, params.trail_step_atrs * atr)
        return hold_plan(plan, OPEN)


def breakout_side(close: float, upper: float, lower: float, margin: float) -> int:
    """1 above the channel by more than the margin, −1 below it, 0 inside."""
    if close > upper + margin:
        return 1
    if close < lower - margin:
        return -1
    return 0
