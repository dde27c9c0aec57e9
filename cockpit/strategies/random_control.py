"""Control: positions by chance, at a turnover of one's choice."""

import math
from dataclasses import dataclass
from typing import ClassVar

from cockpit.domain.market import Bar
from cockpit.strategies.plan import NAN
from cockpit.strategies.strategy import Step, Strategy, StrategyParams, StrategyPosition, param

MODULUS = 2_147_483_647
MULTIPLIER = 48_271

HOLDS = 0
DREW = 1


class RandomControl(Strategy):
    """What luck and fees gave.

    The first price seen goes into the seed, so that symbols get streams of their own.
    """

    name: ClassVar[str] = "random"
    summary: ClassVar[str] = "Control: draws a new exposure from −1 to 1 now and then."
    is_control: ClassVar[bool] = True
    reasons: ClassVar[tuple[str, ...]] = ("holds what it drew", "drew a new exposure")

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Params(StrategyParams):
        """Attributes: `turnover` is the chance of a new draw at each bar."""

        seed: int = param(1, low=1, high=1_000_000_000)
        turnover: float = param(0.003, low=0.0, high=1.0)

    @dataclass(slots=True)
    class State:
        """Attributes: `draw` is the generator's last number, 0 before the first."""

        draw: int = 0
        exposure: float = 0.0

    @classmethod
    def warmup_bars(cls, params: Params) -> int:
        """It acts on the first bar."""
        return 1

    @staticmethod
    def step(params: Params, state: State, bar: Bar, position: StrategyPosition) -> Step:
        """See `Strategy.step`."""
        is_first = state.draw == 0
        if is_first:
            price_digits = math.floor(min(bar.close, 1e9) * 1e6)
            state.draw = (params.seed + price_digits) % (MODULUS - 1) + 1
            draw_number(state)
        if not is_first and draw_number(state) >= params.turnover:
            return state.exposure, NAN, NAN, NAN, HOLDS
        state.exposure = 2.0 * draw_number(state) - 1.0
        return state.exposure, NAN, NAN, NAN, DREW


def draw_number(state: RandomControl.State) -> float:
    """The next number in (0, 1). Source: Park and Miller's generator with the multiplier of 1993."""
    state.draw = state.draw * MULTIPLIER % MODULUS
    return state.draw / MODULUS
