"""Bollinger reversion: back to the average after a close outside the bands."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from cockpit.domain.market import Bar
from cockpit.strategies.indicators.averages import Bollinger, update_bollinger
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
    strength,
)
from cockpit.strategies.strategy import Step, Strategy, StrategyParams, StrategyPosition, param

CAME_BACK = OWN


class BollingerReversion(Strategy):
    """Waits for a close back inside the bands, and only trades when the way to the average pays the fees."""

    name: ClassVar[str] = "bollinger_reversion"
    summary: ClassVar[str] = "Trades back to the average once a close returns inside the Bollinger bands."
    reasons: ClassVar[tuple[str, ...]] = (*PLAN_REASONS, "closed back inside the bands")

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Params(StrategyParams):
        """What an entry takes.

        Attributes:
            band_width: In standard deviations.
            least_way: Distance to the average, as a fraction of the price.
            stop_ratio: The stop's distance in units of the target's.
        """

        band_bars: int = param(180, low=10, high=240)
        band_width: float = param(2.5, low=0.5, high=5.0)
        least_way: float = param(0.006, low=0.0, high=0.05)
        stop_ratio: float = param(1.0, low=0.25, high=4.0)
        max_hold_bars: int = param(180, low=5, high=1440)
        rest_bars: int = param(15, low=0, high=240)
        risk_fraction: float = param(0.01, low=0.001, high=0.1)

    @dataclass(slots=True)
    class State:
        """Attributes: `outside` is the band the last close was beyond: 1 upper, −1 lower, 0 neither."""

        bands: Bollinger = field(default_factory=Bollinger)
        plan: Plan = field(default_factory=Plan)
        outside: int = 0

    @classmethod
    def warmup_bars(cls, params: Params) -> int:
        """Until the bands stand."""
        return params.band_bars

    @staticmethod
    def step(params: Params, state: State, bar: Bar, position: StrategyPosition) -> Step:
        """See `Strategy.step`."""
        bands = state.bands
        update_bollinger(bands, params.band_bars, params.band_width, bar.close)
        plan = state.plan
        status = follow_plan(plan, bar, position, params.rest_bars)
        if math.isnan(bands.middle):
            return no_opinion()
        was_outside = state.outside
        state.outside = 1 if bar.close > bands.upper else -1 if bar.close < bands.lower else 0
        if status == OPEN:
            if plan.age_bars >= params.max_hold_bars:
                close_plan(plan, params.rest_bars)
                return stay_flat(TIMED_OUT)
            return hold_plan(plan, OPEN)
        way = (bands.middle - bar.close) * -was_outside
        is_setup = was_outside != 0 and state.outside == 0 and way >= params.least_way * bar.close
        if status != NO_SETUP or not is_setup or way <= 0.0:
            return stay_flat(status)
        side = -was_outside
        stop = bar.close - side * bounded_stop_distance(bar.close, params.stop_ratio * way)
        confidence = strength(way / (bands.moments.deviation * params.band_width))
        open_plan(plan, side, bar.close, stop, bands.middle, confidence, params.risk_fraction)
        return hold_plan(plan, CAME_BACK)
