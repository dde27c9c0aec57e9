"""What a venue is: where orders go, and what it reports back.

To add a venue, write a class with these members in a file of its own and register it in
`arena/assembly.py`.
"""

from dataclasses import dataclass
from typing import Protocol

from cockpit.domain.market import Bar, Instrument, Lots, Micros
from cockpit.domain.orders import Liquidity, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What a venue says of one execution.

    Attributes:
        ts_ms: When, UTC milliseconds.
        signed_lots: > 0 bought.
        price: Quote per base unit.
        fee: Micro-units; > 0 paid.
        liquidity: Maker or taker.
    """

    ts_ms: int
    signed_lots: Lots
    price: float
    fee: Micros
    liquidity: Liquidity


class Venue(Protocol):
    """A place that executes orders.

    Attributes:
        name: As settings spell it, such as ``paper``.
        mode: ``paper``, ``testnet`` or ``mainnet``.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - see the class

    @property
    def mode(self) -> str: ...  # noqa: D102 - see the class

    def execution(self, order: Order, lots: Lots, instrument: Instrument, bar: Bar) -> Execution | None:
        """What becomes of a working order within one bar that opened after it was sent.

        Args:
            order: Market, stop or take-profit.
            lots: How much of it may be filled (a reduce-only order never fills past the position).
            instrument: The order's.
            bar: The next closed bar.

        Returns:
            The execution, or None when the bar does not reach the order.
        """
        ...
