"""Instruments and bars, and the units the ledger counts in."""

from dataclasses import dataclass
from math import trunc
from typing import NamedTuple, NewType

Lots = NewType("Lots", int)
"""A quantity: whole lots of one instrument; signed where a field says so."""

Micros = NewType("Micros", int)
"""Money: whole micro-units of the quote currency (1 USD = 1,000,000)."""

MICROS_PER_UNIT = 1_000_000
LEDGER_BOUND = 2**53
"""Amounts of money stay below this, so that float64 holds each of them exactly."""

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


class Bar(NamedTuple):
    """One candle. A tuple, since bars are the longest series there is and numba takes tuples as they are.

    Attributes:
        open_ms: Open time, UTC milliseconds. The bar may be seen only once it has closed.
        open: First price, quote per base unit.
        high: Highest price.
        low: Lowest price.
        close: Last price.
        volume: Base units traded.
    """

    open_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """What is traded, and the rules its venue sets for it.

    Attributes:
        symbol: ccxt's unified symbol, such as ``BTC/USDC:USDC`` (a perpetual) or ``BTC/USDT`` (spot).
        base: Base coin.
        quote: Quote currency; money of this instrument is counted in its micro-units.
        tick_size: Smallest price step, quote per base unit.
        lot_size: Base units in one lot.
        min_notional: Smallest order value the venue takes.
        maker_fee_rate: Fraction of notional.
        taker_fee_rate: Fraction of notional.
        max_leverage: Highest notional per unit of margin.
        funding_interval_ms: Time between funding payments, or None where there are none.
    """

    symbol: str
    base: str
    quote: str
    tick_size: float
    lot_size: float
    min_notional: Micros
    maker_fee_rate: float
    taker_fee_rate: float
    max_leverage: float
    funding_interval_ms: int | None = None

    def round_price(self, price: float) -> float:
        """The tick nearest to `price`, half to even, as the float nearest to its decimal spelling."""
        return to_tick(price, self.tick_size)

    def quantity(self, lots: Lots) -> float:
        """Base units in `lots`, as the float nearest to their decimal spelling."""
        if self.lot_size < 1:
            return lots / round(1 / self.lot_size)
        return lots * self.lot_size

    def whole_lots(self, quantity: float) -> Lots:
        """Lots in `quantity` base units ≥ 0, cut; what is off a whole lot by a rounding is one.

        Raises:
            OverflowError, ValueError: If it is infinite or no number.
        """
        lots = quantity / self.lot_size
        nearest = round(lots)
        return Lots(nearest if abs(lots - nearest) <= _A_ROUNDING * max(1.0, lots) else trunc(lots))


_A_ROUNDING = 1e-9
"""0.3 / 0.1 falls short of 3 by less than this fraction."""


def to_tick(price: float, tick_size: float) -> float:
    """The multiple of `tick_size` nearest to `price`, half to even, as the float nearest to its spelling."""
    if tick_size < 1:
        ticks_per_unit = round(1 / tick_size)
        return round(price * ticks_per_unit) / ticks_per_unit
    return round(price / tick_size) * tick_size
