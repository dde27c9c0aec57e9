"""A trade's plan: what a strategy holds on to between its entry and its exit.

An entry is filled some bars after it was decided, or never; a stop may end the position in the bar
that filled it. So a plan is over when its stop or target was reached, whether or not it was
filled by then, when the position it had is gone, or when none came of it in time. After that
the strategy rests, and then waits for a new setup.
"""

import math
from dataclasses import dataclass

from cockpit.domain.market import Bar
from cockpit.strategies.strategy import Step, StrategyPosition

NAN = math.nan

WARMING_UP = 0
NO_SETUP = 1
RESTING = 2
STOPPED = 3
TARGET_REACHED = 4
CLOSED_OUTSIDE = 5
NOT_FILLED = 6
OPEN = 7
TIMED_OUT = 8

PLAN_REASONS = (
    "warming up",
    "no setup",
    "resting after a trade",
    "stop reached",
    "target reached",
    "position was closed from outside",
    "entry was not filled in time",
    "holding",
    "held long enough",
)
"""Words for the codes above; a strategy's own reasons follow them, from code `OWN` on."""

OWN = 9

ENTRY_PATIENCE_BARS = 60
"""An entry that hasn't become a position after so many bars is dropped."""

NEAREST_STOP_FRACTION = 0.003
"""Of the price. Taker fees of a round trip are about a third of it: nearer, a stop mostly pays fees."""

FARTHEST_STOP_FRACTION = 0.1
"""Of the price."""


@dataclass(slots=True)
class Plan:
    """The trade a strategy is in, or wants to be in.

    Attributes:
        side: 1 long, −1 short, 0 none.
        exposure: Signed, as decided at the entry.
        stop: Price, or NaN.
        take_profit: Price, or NaN.
        confidence: 0 … 1.
        was_held: 1 once the position has been seen.
        age_bars: Bars since the entry was decided.
        rest_bars: Bars left to wait before the next entry.
    """

    side: int = 0
    exposure: float = 0.0
    stop: float = NAN
    take_profit: float = NAN
    confidence: float = NAN
    was_held: int = 0
    age_bars: int = 0
    rest_bars: int = 0


def follow_plan(plan: Plan, bar: Bar, position: StrategyPosition, rest_bars: int) -> int:
    """Brings a plan up to the bar and the position; call once a bar, before anything is decided.

    Args:
        plan: Changed in place.
        bar: The closed bar.
        position: What is held at its close.
        rest_bars: How long to rest when the plan is over.

    Returns:
        NO_SETUP when there is no plan and an entry may be made, RESTING when it may not; OPEN when
        the plan goes on; otherwise why it ended on this bar.
    """
    if plan.side == 0:
        if plan.rest_bars <= 0:
            return NO_SETUP
        plan.rest_bars -= 1
        return RESTING
    plan.age_bars += 1
    is_held = position.exposure * plan.side > 0.0
    status = OPEN
    if _is_reached(-plan.side, plan.stop, bar):
        status = STOPPED
    elif _is_reached(plan.side, plan.take_profit, bar):
        status = TARGET_REACHED
    elif is_held:
        plan.was_held = 1
    elif plan.was_held == 1:
        status = CLOSED_OUTSIDE
    elif plan.age_bars > ENTRY_PATIENCE_BARS:
        status = NOT_FILLED
    if status != OPEN:
        close_plan(plan, rest_bars)
    return status


def _is_reached(side: int, price: float, bar: Bar) -> bool:
    # A NaN price compares false: what isn't set is never reached.
    if side > 0:
        return bar.high >= price
    return bar.low <= price


def open_plan(
    plan: Plan,
    side: int,
    close: float,
    stop: float,
    take_profit: float,
    confidence: float,
    risk_fraction: float,
) -> None:
    """Begins a trade, in place of any the plan was for.

    Args:
        plan: Changed in place.
        side: 1 long, −1 short.
        close: Of the bar it is decided on.
        stop: On the losing side of the close.
        take_profit: On the winning side, or NaN.
        confidence: 0 … 1.
        risk_fraction: Of the capital, lost when the stop is reached; the exposure follows, up to 1.
    """
    plan.side = side
    plan.exposure = side * min(1.0, risk_fraction * close / abs(close - stop))
    plan.stop = stop
    plan.take_profit = take_profit
    plan.confidence = confidence
    plan.was_held = 0
    plan.age_bars = 0
    plan.rest_bars = 0


def close_plan(plan: Plan, rest_bars: int) -> None:
    """Ends a trade; none may begin for `rest_bars` bars."""
    plan.side = 0
    plan.exposure = 0.0
    plan.stop = NAN
    plan.take_profit = NAN
    plan.confidence = NAN
    plan.was_held = 0
    plan.age_bars = 0
    plan.rest_bars = rest_bars


def trail_stop(plan: Plan, stop: float, least_gain: float) -> None:
    """Moves the stop where that brings it closer to the price by at least `least_gain` , in price."""
    if (stop - plan.stop) * plan.side >= least_gain:
        plan.stop = stop


def bounded_stop_distance(close: float, distance: float) -> float:
    """A stop's distance from the close, neither so near that fees eat it nor so far that it is none."""
    return min(max(distance, NEAREST_STOP_FRACTION * close), FARTHEST_STOP_FRACTION * close)


def no_opinion() -> Step:
    """What a strategy says while it warms up."""
    return NAN, NAN, NAN, NAN, WARMING_UP


def stay_flat(reason: int) -> Step:
    """What a strategy says when it wants no position."""
    return 0.0, NAN, NAN, NAN, reason


def hold_plan(plan: Plan, reason: int) -> Step:
    """What a strategy says when it wants the plan's position."""
    return plan.exposure, plan.stop, plan.take_profit, plan.confidence, reason


def strength(ratio: float) -> float:
    """A confidence out of a signal's size in units of what is usual: 0 at 0, ½ at 1, towards 1."""
    size = min(abs(ratio), 1e9)
    return size / (1.0 + size)


def latch(side: int, value: float, band: float) -> int:
    """A side with hysteresis: 1 above `band`, −1 below −`band`, and the side before in between."""
    if value > band:
        return 1
    if value < -band:
        return -1
    return side
