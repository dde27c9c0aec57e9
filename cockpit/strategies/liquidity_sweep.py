"""Liquidity sweep: against a run through a recent swing's stops that comes back inside."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from cockpit.domain.market import Bar
from cockpit.strategies.indicators.ranges import Atr, Donchian, update_atr, update_donchian
from cockpit.strategies.indicators.rolling import RollingMaximum, maximum_age
from cockpit.strategies.plan import (
    NAN,
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
    strength,
)
from cockpit.strategies.strategy import Step, Strategy, StrategyParams, StrategyPosition, param

SWEPT_LOW = OWN
SWEPT_HIGH = OWN + 1


@dataclass(slots=True)
class Sweep:
    """A run beyond a swing's level, while it lasts.

    Attributes:
        level: The swing's price; NaN when there is no sweep.
        extreme: The farthest price beyond it.
        age_bars: Bars since the level was passed.
    """

    level: float = NAN
    extreme: float = NAN
    age_bars: int = 0


class LiquiditySweep(Strategy):
    """Enters on the close back inside, its stop beyond the wick, its target at a multiple of the risk.

    An entry takes a swing old enough, a sweep deep and short enough, and one end only.
    """

    name: ClassVar[str] = "liquidity_sweep"
    summary: ClassVar[str] = "Trades against a sweep of a swing high or low that closes back inside."
    reasons: ClassVar[tuple[str, ...]] = (*PLAN_REASONS, "a swing low was swept", "a swing high was swept")

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Params(StrategyParams):
        """What a sweep is, and how it is traded.

        Attributes:
            swing_bars: Bars the swing's level must be the extreme of.
            least_age_bars: A level younger than this is part of the move, not a swing.
            depth_atrs: How far beyond the level the sweep must reach, in average true ranges.
            max_sweep_bars: Bars it may stay beyond; longer is a breakout.
            stop_atrs: Distance of the stop beyond the sweep's extreme, in average true ranges.
            reward_ratio: Target distance in units of the stop's.
        """

        swing_bars: int = param(180, low=10, high=240)
        least_age_bars: int = param(20, low=2, high=120)
        depth_atrs: float = param(1.0, low=0.0, high=10.0)
        max_sweep_bars: int = param(5, low=1, high=60)
        atr_bars: int = param(60, low=5, high=240)
        stop_atrs: float = param(2.0, low=0.0, high=20.0)
        reward_ratio: float = param(2.0, low=0.5, high=5.0)
        max_hold_bars: int = param(240, low=5, high=1440)
        rest_bars: int = param(30, low=0, high=240)
        risk_fraction: float = param(0.01, low=0.001, high=0.1)

    @dataclass(slots=True)
    class State:
        """What it remembers of a symbol."""

        swings: Donchian = field(default_factory=Donchian)
        atr: Atr = field(default_factory=Atr)
        low_sweep: Sweep = field(default_factory=Sweep)
        high_sweep: Sweep = field(default_factory=Sweep)
        plan: Plan = field(default_factory=Plan)

    @classmethod
    def warmup_bars(cls, params: Params) -> int:
        """Until the swings before the current bar and the true range stand."""
        return max(params.swing_bars, params.atr_bars) + 1

    @staticmethod
    def step(params: Params, state: State, bar: Bar, position: StrategyPosition) -> Step:
        """See `Strategy.step`."""
        swings = state.swings
        # A low is the highest of the negated lows: both sweeps are looked for on the upper side.
        ceiling = swing_level(swings.highs, swings.upper, params.least_age_bars)
        floor = swing_level(swings.negated_lows, -swings.lower, params.least_age_bars)
        has_swings = not math.isnan(swings.upper)
        update_donchian(swings, params.swing_bars, bar)
        atr = update_atr(state.atr, params.atr_bars, bar)
        plan = state.plan
        status = follow_plan(plan, bar, position, params.rest_bars)
        if not has_swings or math.isnan(atr):
            return no_opinion()
        depth = params.depth_atrs * atr
        limit = params.max_sweep_bars
        low_depth = update_sweep(state.low_sweep, floor, -bar.low, -bar.close, depth, limit)
        high_depth = update_sweep(state.high_sweep, ceiling, bar.high, bar.close, depth, limit)
        if status == OPEN:
            if plan.age_bars >= params.max_hold_bars:
                close_plan(plan, params.rest_bars)
                return stay_flat(TIMED_OUT)
            return hold_plan(plan, OPEN)
        # A bar that sweeps both ends says nothing about the direction.
        if status != NO_SETUP or (low_depth > 0.0) == (high_depth > 0.0):
            return stay_flat(status)
        side = 1 if low_depth > 0.0 else -1
        extreme = -state.low_sweep.extreme if side > 0 else state.high_sweep.extreme
        wick = (bar.close - extreme) * side
        distance = bounded_stop_distance(bar.close, wick + params.stop_atrs * atr)
        stop = bar.close - side * distance
        take_profit = bar.close + side * params.reward_ratio * distance
        confidence = strength(max(low_depth, high_depth) / max(2.0 * atr, 1e-6 * bar.close))
        open_plan(plan, side, bar.close, stop, take_profit, confidence, params.risk_fraction)
        return hold_plan(plan, SWEPT_LOW if side > 0 else SWEPT_HIGH)


def swing_level(extremes: RollingMaximum, level: float, least_age_bars: int) -> float:
    """The extreme of the bars before this one, or NaN while it is too young to be a swing."""
    if math.isnan(level) or maximum_age(extremes) + 1 < least_age_bars:
        return NAN
    return level


def update_sweep(sweep: Sweep, level: float, high: float, close: float, depth: float, max_bars: int) -> float:
    """How far a sweep of a high reached beyond its level, on the bar that closes it; otherwise 0.0.

    Args:
        sweep: Changed in place; when it closes, `extreme` keeps its farthest price.
        level: Of the swing before this bar, or NaN.
        high: Of the bar.
        close: Of the bar.
        depth: Least distance beyond the level that counts.
        max_bars: Bars it may last.
    """
    if math.isnan(sweep.level):
        if math.isnan(level) or high <= level:
            return 0.0
        sweep.level = level
        sweep.extreme = high
        sweep.age_bars = 0
    sweep.extreme = max(sweep.extreme, high)
    sweep.age_bars += 1
    reach = sweep.extreme - sweep.level
    is_inside = close < sweep.level
    is_late = sweep.age_bars > max_bars
    if is_inside or is_late:
        sweep.level = NAN
    if is_inside and not is_late and reach >= depth:
        return reach
    return 0.0
