"""The ledger's oracle: average-cost accounting in fractions, with no rounding anywhere."""

from decimal import Decimal
from fractions import Fraction

from cockpit.domain.market import MICROS_PER_UNIT, Instrument

ROUNDING = Fraction(51, 100)
"""Half a micro-unit, and what float64 adds on amounts of the sizes tested."""


def spelled(number: float) -> Fraction:
    """The decimal a float is written as, which is what a price or lot size means."""
    return Fraction(Decimal(repr(number)))


class ExactLedger:
    """One position, and all it ever realized.

    Attributes:
        lots: Held, signed.
        cost: Entry notional in micro-units, signed.
        realized: Profit before fees, micro-units.
        roundings: How often the ledger of whole micro-units had to round on the same way.
    """

    def __init__(self) -> None:
        self.lots, self.cost, self.realized = 0, Fraction(0), Fraction(0)
        self.roundings = 0

    def fill(self, lots: int, listed: Instrument, price: float) -> None:
        value_per_lot = spelled(listed.lot_size) * spelled(price) * MICROS_PER_UNIT
        if self.lots * lots >= 0:
            self.lots, self.cost = self.lots + lots, self.cost + lots * value_per_lot
            self.roundings += 1
            return
        closed = min(abs(lots), abs(self.lots)) * (1 if self.lots > 0 else -1)
        share = self.cost * closed / self.lots
        self.realized += closed * value_per_lot - share
        opened = lots + closed
        self.roundings += 1 if closed == self.lots and not opened else 2
        self.lots, self.cost = self.lots + lots, self.cost - share + opened * value_per_lot

    def agrees(self, lots: int, cost: int, realized: int) -> bool:
        """Whether whole micro-units are within one per rounding of the exact amounts."""
        return (
            lots == self.lots
            and abs(cost - self.cost) <= self.roundings * ROUNDING
            and abs(realized - self.realized) <= self.roundings * 2 * ROUNDING
            and (self.lots != 0 or cost == 0)
        )
