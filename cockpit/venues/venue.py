"""What a venue is: where orders go, and what it reports back.

To add a venue, write a class with these members in a file of its own and register it in
`arena/assembly.py`.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

from cockpit.domain.market import Bar
from cockpit.domain.orders import Order
from cockpit.domain.reports import Report
from cockpit.trading.state import ArenaState


class Venue(Protocol):
    """A place that executes orders.

    Attributes:
        name: As settings spell it, such as ``paper``.
        mode: ``paper``, ``testnet`` or ``mainnet``.
        latency_ms: Market time that a modelled venue lets pass before an order or a cancel reaches it; 0
            where real time does that.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - see the class

    @property
    def mode(self) -> str: ...  # noqa: D102 - see the class

    @property
    def latency_ms(self) -> int: ...  # noqa: D102 - see the class

    def submit(self, order: Order) -> Iterator[Report]:
        """Hands an order over; called again with the same order when no answer came, which can't trade twice.

        Yields:
            What the venue says at once, if anything: `Accepted` or `Rejected` as a rule.
        """
        ...

    def cancel(self, order: Order) -> Iterator[Report]:
        """Asks for an order to be cancelled.

        Yields:
            What the venue says at once, if anything.
        """
        ...

    def reports(self, state: ArenaState, bars: Mapping[str, Bar], ts_ms: int) -> Iterator[Report]:
        """Everything that happened to working orders in the market's last step, in order.

        Whoever iterates acts on each report before it asks for the next: the venue sees in `state` what
        became of its last one, such as the guards of a position it has just opened.

        Args:
            state: The arena as it is at each moment of the iteration.
            bars: The bars that closed, by symbol; nothing where an instrument had none.
            ts_ms: When they closed, UTC milliseconds.
        """
        ...
