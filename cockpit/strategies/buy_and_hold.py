"""Control: buys once and holds."""

from dataclasses import dataclass
from typing import ClassVar

from cockpit.domain.market import Bar
from cockpit.strategies.plan import NAN
from cockpit.strategies.strategy import Step, Strategy, StrategyParams, StrategyPosition, param


class BuyAndHold(Strategy):
    """What the market gave."""

    name: ClassVar[str] = "buy_and_hold"
    summary: ClassVar[str] = "Control: buys with everything it has and holds."
    is_control: ClassVar[bool] = True
    reasons: ClassVar[tuple[str, ...]] = ("holds whatever comes",)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Params(StrategyParams):
        """Attributes: `exposure` is the fraction of the capital to hold."""

        exposure: float = param(1.0, low=-1.0, high=1.0)

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
        return params.exposure, NAN, NAN, NAN, 0
