"""How believable paper fills are: every knob of them, and three settings of all knobs together."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite
from types import MappingProxyType

from cockpit.trading.margin import MarginMode, MarginTerms


class Intrabar(StrEnum):
    """In which order a bar's extremes are taken to have come.

    The nearer one first; the one against the position first, so that of a stop and a target in one bar
    the stop is met; the one in its favour first.
    """

    PATH = "path"
    WORST = "worst"
    BEST = "best"


@dataclass(frozen=True, slots=True, kw_only=True)
class FillModel:
    """The knobs of the paper venue.

    Attributes:
        half_spread_fraction: What a taker loses to the spread, as a fraction of the price.
        impact_coefficient: Of the square-root law in `impact.py`; 0: size moves nothing.
        participation: Fraction of a bar's volume one agent may trade in it; None: volume is no limit.
        touch_fill_probability: How likely a resting limit order is filled by a price that only touches it.
        latency_ms: How long an order, or a request to cancel one, is on its way to the venue.
        intrabar: In which order a bar's extremes are taken to have come.
        margin: What stands behind a position.
        leverage: Notional per unit of margin; an instrument's own highest leverage bounds it.
        liquidation_fee_fraction: Of a liquidated notional, besides the taker fee.
        seed: Of the queue draws.
    """

    half_spread_fraction: float = 0.0001
    impact_coefficient: float = 1.0
    participation: float | None = 0.1
    touch_fill_probability: float = 0.25
    latency_ms: int = 200
    intrabar: Intrabar = Intrabar.PATH
    margin: MarginMode = MarginMode.CROSS
    leverage: float = 10.0
    liquidation_fee_fraction: float = 0.005
    seed: int = 0

    def __post_init__(self) -> None:
        """Checks every knob.

        Raises:
            ValueError: If one is outside its range; the message says which and what it may be.
        """
        for name in ("half_spread_fraction", "liquidation_fee_fraction"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be a fraction from 0 up to 1")
        if not (isfinite(self.impact_coefficient) and self.impact_coefficient >= 0.0):
            raise ValueError(f"impact_coefficient is {self.impact_coefficient}: it must be 0 or more")
        if self.participation is not None and not 0.0 < self.participation <= 1.0:
            raise ValueError(f"participation is {self.participation}: it must be a fraction above 0, or off")
        if not 0.0 <= self.touch_fill_probability <= 1.0:
            raise ValueError(f"touch_fill_probability is {self.touch_fill_probability}: it must be 0 to 1")
        if self.latency_ms < 0:
            raise ValueError(f"latency_ms is {self.latency_ms}: it must be 0 or more")
        if not (isfinite(self.leverage) and self.leverage > 0.0):
            raise ValueError(f"leverage is {self.leverage}: it must be above 0")

    @property
    def participation_bound(self) -> float:
        """`participation` as kernels take it: infinity where volume is no limit."""
        return inf if self.participation is None else self.participation

    @property
    def margin_terms(self) -> MarginTerms:
        """What the venue lends on."""
        return MarginTerms(mode=self.margin, leverage=self.leverage)


REALISTIC = FillModel()

OPTIMISTIC = FillModel(
    half_spread_fraction=0.0,
    impact_coefficient=0.0,
    participation=None,
    touch_fill_probability=1.0,
    latency_ms=0,
    intrabar=Intrabar.BEST,
    liquidation_fee_fraction=0.0,
)

PESSIMISTIC = FillModel(
    half_spread_fraction=0.0003,
    impact_coefficient=2.0,
    participation=0.02,
    touch_fill_probability=0.0,
    latency_ms=1_000,
    intrabar=Intrabar.WORST,
    liquidation_fee_fraction=0.0125,
)

PRESETS: Mapping[str, FillModel] = MappingProxyType(
    {"realistic": REALISTIC, "optimistic": OPTIMISTIC, "pessimistic": PESSIMISTIC}
)
"""By the names that settings know them by."""
