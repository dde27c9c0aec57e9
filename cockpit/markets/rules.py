"""The rules of a venue for an instrument, where a market doesn't bring its own."""

from dataclasses import dataclass
from math import isfinite

from cockpit.domain.market import MICROS_PER_UNIT, Micros
from cockpit.markets.market import MarketError

MAKER_FEE_RATE = 0.00015
TAKER_FEE_RATE = 0.00045
DOLLAR_MIN_NOTIONAL = Micros(10 * MICROS_PER_UNIT)
SPOT_LEVERAGE = 1.0
PERPETUAL_LEVERAGE = 10.0

DOLLARS = ("USD", "USDC", "USDT", "FDUSD", "TUSD", "BUSD", "DAI")
"""Quote currencies that are worth about a dollar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentRules:
    """What settings say of an instrument; None is left to the market.

    Attributes:
        tick_size: Smallest price step, quote per base unit.
        lot_size: Base units in one lot.
        min_notional: Smallest order value.
        maker_fee_rate: Fraction of notional.
        taker_fee_rate: Fraction of notional.
        max_leverage: Highest notional per unit of margin.
    """

    tick_size: float | None = None
    lot_size: float | None = None
    min_notional: Micros | None = None
    maker_fee_rate: float | None = None
    taker_fee_rate: float | None = None
    max_leverage: float | None = None

    def __post_init__(self) -> None:
        for name, size in (("tick size", self.tick_size), ("lot size", self.lot_size)):
            if size is not None and not _is_step(size):
                raise MarketError(
                    f"a {name} of {size} can't be used: "
                    "give a step that divides 1, such as 0.01 or 0.5, or a whole number"
                )


def _is_step(size: float) -> bool:
    if not isfinite(size) or size <= 0:
        return False
    return 1 / round(1 / size) == size if size < 1 else size == round(size)
