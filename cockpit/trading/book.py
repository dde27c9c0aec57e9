"""An order book, and what a taker gets that walks it. The kernel is compiled unchanged."""

from dataclasses import dataclass
from math import isnan, nan
from typing import NamedTuple


class Level(NamedTuple):
    """A price and what is offered at it. A tuple, as numba takes tuples as they are.

    Attributes:
        price: Quote per base unit.
        lots: Unsigned.
    """

    price: float
    lots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What stands in a venue's order book at one instant.

    Attributes:
        ts_ms: When, UTC milliseconds.
        bids: Highest price first.
        asks: Lowest price first.
    """

    ts_ms: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]

    def __post_init__(self) -> None:
        """Checks the order of the levels.

        Raises:
            ValueError: If a side is not sorted from its best price on, a size is not positive, or the
                sides cross.
        """
        for name, levels, sign in (("bids", self.bids, -1), ("asks", self.asks, 1)):
            prices = [level.price * sign for level in levels]
            if prices != sorted(set(prices)):
                raise ValueError(f"the {name} of a book must run from the best price on, each price once")
            if any(level.lots <= 0 for level in levels):
                raise ValueError(f"the {name} of a book must hold something at each price")
        if self.bids and self.asks and self.bids[0].price >= self.asks[0].price:
            raise ValueError(f"a bid of {self.bids[0].price} crosses an ask of {self.asks[0].price}")

    def against(self, signed_lots: int) -> tuple[Level, ...]:
        """The side a taker meets: asks where it buys (> 0), bids where it sells."""
        return self.asks if signed_lots > 0 else self.bids

    def mid(self) -> float | None:
        """The price halfway between the best bid and ask; of one side alone, its best; None of neither."""
        best = [levels[0].price for levels in (self.bids, self.asks) if levels]
        return sum(best) / len(best) if best else None


def walk(
    levels: tuple[Level, ...], signed_lots: int, limit: float, taken_lots: int
) -> tuple[int, float, float]:
    """What an order fills of the side it meets, from the best price on.

    Args:
        levels: Best price first; at least one.
        signed_lots: > 0 buys.
        limit: The worst price allowed; NaN where there is none.
        taken_lots: What earlier orders of the same account have taken, from the best price on.

    Returns:
        Lots filled (unsigned), their average and their worst price; NaN where nothing is filled.
    """
    wanted, filled, worth, worst = abs(signed_lots), 0, 0.0, nan
    for price, offered in levels:
        passed = min(taken_lots, offered)
        taken_lots -= passed
        lots = min(offered - passed, wanted - filled)
        if not isnan(limit) and (price > limit if signed_lots > 0 else price < limit):
            break
        if lots > 0:
            filled += lots
            worth += lots * price
            worst = price
    return filled, worth / filled if filled > 0 else nan, worst
