"""Control: stays in cash."""

from dataclasses import dataclass
from typing import ClassVar

from cockpit.domain.market import Bar
from cockpit.strategies.plan import NAN
from cockpit.strategies.strategy import Step, Strategy, StrategyParams, StrategyPosition


class Cash(Strategy):
    """What doing nothing gave."""

    name: ClassVar[str] = "cash"
    summary: ClassVar[str] = "Control: never trades."
    is_control: ClassVar[bool] = True
    reasons: ClassVar[tuple[str, ...]] = ("stays in cash",)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Params(StrategyParams):
        """It has none."""

    @dataclass(slots=True)
    class State:
        """Attributes: `bars_seen` counts bars."""

        bars_seen: int = 0

    @classmethod
    def warmup_bars(cls, params: Params) -> int:
        """It acts on the first bar."""
        return 1

    @staticmethod
    def step(params: Params, state: State, bar: Bar, position: StrategyPosition) -> Step:
        """See `Strategy.step`."""
        state.bars_seen += 1
        return 0.0, NAN, NAN, NAN, 0
