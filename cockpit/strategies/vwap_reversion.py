"""VWAP reversion: back to the price most volume was traded at."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from cockpit.domain.market import Bar
from cockpit.strategies.indicators.ranges import Atr, update_atr
from cockpit.strategies.indicators.volume import RollingVwap, update_rolling_vwap
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

TURNED_BACK = OWN


class VwapReversion(Strategy):
    """Arms when the close is far from the VWAP, enters when it has come back part of the way."""

    name: ClassVar[str] = "vwap_reversion"
    summary: ClassVar[str] = "Trades back to the volume-weighted price once a far excursion turns."
    reasons: ClassVar[tuple[str, ...]] = (*PLAN_REASONS, "turned back towards the VWAP")

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Params(StrategyParams):
        """What an entry takes.

        Attributes:
            far_atrs: Distance from the VWAP that arms an entry, in average true ranges.
            far_fraction: The same as a fraction of the price; both must be met.
            return_fraction: The part of the farthest distance it must have come back.
            stop_ratio: Of the way left to the VWAP.
        """

        vwap_bars: int = param(240, low=10, high=240)
        atr_bars: int = param(60, low=5, high=240)
        far_atrs: float = param(12.0, low=1.0, high=50.0)
        far_fraction: float = param(0.008, low=0.0, high=0.1)
        return_fraction: float = param(0.25, low=0.05, high=0.9)
        stop_ratio: float = param(1.0, low=0.25, high=4.0)
        max_hold_bars: int = param(240, low=5, high=1440)
        rest_bars: int = param(30, low=0, high=240)
        risk_fraction: float = param(0.01, low=0.001, high=0.1)

    @dataclass(slots=True)
    class State:
        """Attributes: `farthest` is the largest close − VWAP since it was armed, 0.0 when it isn't."""

        vwap: RollingVwap = field(default_factory=RollingVwap)
        atr: Atr = field(default_factory=Atr)
        plan: Plan = field(default_factory=Plan)
        farthest: float = 0.0

    @classmethod
    def warmup_bars(cls, params: Params) -> int:
        """Until the VWAP and the true range stand."""
        return max(params.vwap_bars, params.atr_bars + 1)

    @staticmethod
    def step(params: Params, state: State, bar: Bar, position: StrategyPosition) -> Step:
        """See `Strategy.step`."""
        vwap = update_rolling_vwap(state.vwap, params.vwap_bars, bar)
        atr = update_atr(state.atr, params.atr_bars, bar)
        plan = state.plan
        status = follow_plan(plan, bar, position, params.rest_bars)
        if math.isnan(vwap) or math.isnan(atr):
            # Where nothing was traded for a whole window there is no VWAP either; what is open goes on.
            return no_opinion() if status == NO_SETUP else hold_plan(plan, status)
        away = bar.close - vwap
        far = max(params.far_atrs * atr, params.far_fraction * bar.close)
        farthest = farthest_excursion(state.farthest, away, far)
        has_turned = farthest != 0.0 and abs(away) <= (1.0 - params.return_fraction) * abs(farthest)
        state.farthest = 0.0 if has_turned else farthest
        if status == OPEN:
            if plan.age_bars >= params.max_hold_bars:
                close_plan(plan, params.rest_bars)
                return stay_flat(TIMED_OUT)
            return hold_plan(plan, OPEN)
        side = 1 if farthest < 0.0 else -1
        if status != NO_SETUP or not has_turned or away * side >= 0.0:
            return stay_flat(status)
        stop = bar.close - side * bounded_stop_distance(bar.close, params.stop_ratio * abs(away))
        confidence = strength(farthest / max(2.0 * far, 1e-6 * bar.close))
        open_plan(plan, side, bar.close, stop, vwap, confidence, params.risk_fraction)
        return hold_plan(plan, TURNED_BACK)


def farthest_excursion(farthest: float, away: float, far: float) -> float:
    """The excursion where it was largest, 0.0 when none is armed; one that changed sides is over."""
    if farthest * away < 0.0:
        farthest = 0.0
    if abs(away) > max(far, abs(farthest)):
        return away
    return farthest
