"""Momentum rank: long the strongest symbols, short the weakest."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from cockpit.domain.market import Bar
from cockpit.strategies.indicators.momentum import RateOfChange, update_rate_of_change
from cockpit.strategies.indicators.ranges import Atr, update_atr
from cockpit.strategies.plan import (
    NAN,
    NO_SETUP,
    OWN,
    PLAN_REASONS,
    Plan,
    bounded_stop_distance,
    close_plan,
    follow_plan,
    open_plan,
    strength,
)
from cockpit.strategies.strategy import Answer, Strategy, StrategyParams, StrategyPosition, param

STRONGEST = OWN
WEAKEST = OWN + 1
LOST_RANK = OWN + 2


class MomentumRank(Strategy):
    """Ranks by the change over `momentum_bars` in units of each symbol's own range, every `rank_bars`.

    What is held is kept while it is at most one rank beyond the chosen ones; what was stopped out
    waits for the next ranking.
    """

    name: ClassVar[str] = "momentum_rank"
    summary: ClassVar[str] = "Holds the strongest symbols long and the weakest short, ranked every few hours."
    reasons: ClassVar[tuple[str, ...]] = (
        *PLAN_REASONS,
        "among the strongest",
        "among the weakest",
        "lost its rank",
    )
    cross_symbol: ClassVar[bool] = True

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Params(StrategyParams):
        """How symbols are ranked and held.

        Attributes:
            each_side: How many are held long, and as many short, where there are twice as many symbols.
            least_atrs: Momentum a symbol must have on its side, in average true ranges.
        """

        momentum_bars: int = param(240, low=10, high=240)
        atr_bars: int = param(60, low=5, high=240)
        rank_bars: int = param(240, low=10, high=1440)
        each_side: int = param(1, low=1, high=5)
        least_atrs: float = param(4.0, low=0.0, high=20.0)
        stop_atrs: float = param(20.0, low=1.0, high=50.0)
        risk_fraction: float = param(0.01, low=0.001, high=0.1)

    @dataclass(slots=True)
    class State:
        """What it remembers of a symbol.

        Attributes:
            momentum: Change in average true ranges; NaN until it stands.
            unit: Average true range, quote per base unit.
            bars_to_rank: Bars until the next ranking; the same for all symbols.
            status: What became of the plan on this bar.
        """

        change: RateOfChange = field(default_factory=RateOfChange)
        atr: Atr = field(default_factory=Atr)
        plan: Plan = field(default_factory=Plan)
        momentum: float = NAN
        unit: float = NAN
        bars_to_rank: int = 0
        status: int = 0

    @classmethod
    def warmup_bars(cls, params: Params) -> int:
        """Until the change and the true range stand."""
        return max(params.momentum_bars, params.atr_bars) + 1

    @staticmethod
    def step_all(
        params: Params,
        states: Sequence[State],
        bars: Sequence[Bar],
        positions: Sequence[StrategyPosition],
        out: Sequence[Answer],
    ) -> None:
        """See `Strategy.step_all`."""
        ranked = 0
        for index in range(len(states)):
            state = states[index]
            state.status = NO_SETUP
            if not math.isnan(bars[index].close):
                take_in(params, state, bars[index], positions[index])
            if not math.isnan(state.momentum):
                ranked += 1
        is_ranking = ranked >= 2 and states[0].bars_to_rank <= 0
        for index in range(len(states)):
            state = states[index]
            state.bars_to_rank = params.rank_bars if is_ranking else state.bars_to_rank
            state.bars_to_rank = max(state.bars_to_rank - 1, 0)
            reason = state.status
            if is_ranking and not math.isnan(state.momentum):
                reason = choose(params, state, bars[index].close, stronger_count(states, index), ranked)
            write_answer(out[index], state, reason)


def take_in(
    params: MomentumRank.Params, state: MomentumRank.State, bar: Bar, position: StrategyPosition
) -> None:
    """Brings one symbol's momentum and plan up to its bar."""
    change = update_rate_of_change(state.change, params.momentum_bars, bar.close)
    atr = update_atr(state.atr, params.atr_bars, bar)
    state.status = follow_plan(state.plan, bar, position, 0)
    if math.isnan(change) or math.isnan(atr):
        return
    state.unit = max(atr, 1e-6 * bar.close)
    state.momentum = change * bar.close / state.unit


def stronger_count(states: Sequence[MomentumRank.State], index: int) -> int:
    """How many symbols rank before this one; of equals, the earlier one does."""
    own = states[index].momentum
    count = 0
    for other in range(len(states)):
        momentum = states[other].momentum
        if momentum > own or (momentum == own and other < index):
            count += 1
    return count


def choose(
    params: MomentumRank.Params, state: MomentumRank.State, close: float, stronger: int, ranked: int
) -> int:
    """Opens, keeps or closes a symbol's plan by its rank; returns the reason.

    Args:
        params: The strategy's.
        state: Of the symbol.
        close: Of its bar.
        stronger: How many symbols rank before it.
        ranked: How many are ranked.
    """
    plan = state.plan
    chosen = min(params.each_side, ranked // 2)
    side = 0
    if stronger < chosen and state.momentum > params.least_atrs:
        side = 1
    if ranked - 1 - stronger < chosen and state.momentum < -params.least_atrs:
        side = -1
    if side == 0 and plan.side != 0:
        ahead = stronger if plan.side > 0 else ranked - 1 - stronger
        if ahead > chosen or state.momentum * plan.side <= 0.0:
            close_plan(plan, 0)
            return LOST_RANK
    if side != 0 and side * plan.side <= 0:
        stop = close - side * bounded_stop_distance(close, params.stop_atrs * state.unit)
        confidence = strength(state.momentum / 20.0)
        open_plan(plan, side, close, stop, NAN, confidence, params.risk_fraction)
        return STRONGEST if side > 0 else WEAKEST
    return state.status


def write_answer(answer: Answer, state: MomentumRank.State, reason: int) -> None:
    """Says what the symbol's plan is."""
    plan = state.plan
    answer.reason = reason
    if math.isnan(state.momentum):
        answer.exposure = NAN
        answer.reason = 0
        return
    answer.exposure = plan.exposure
    answer.stop = plan.stop
    answer.take_profit = plan.take_profit
    answer.confidence = plan.confidence
