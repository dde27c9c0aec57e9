"""What a market is: a source of instruments and of closed bars, minute after minute.

To add a market, write a class with these members in a file of its own and register it in
`arena/assembly.py`.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from cockpit.domain.errors import USAGE, CockpitError
from cockpit.domain.market import Bar, Instrument


class MarketError(CockpitError):
    """The market can't be used as asked; the message says what is wrong and what to do."""

    exit_code = USAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketStep:
    """Everything that became known at one instant: the bars that just closed.

    Attributes:
        ts_ms: The close time of the bars, UTC milliseconds.
        bars: One per instrument, in the market's order; None where the interval had no candle.
        funding_rates: One per instrument, as a fraction of notional that longs pay at `ts_ms`
            (negative: they receive); None when no funding is due.
    """

    ts_ms: int
    bars: tuple[Bar | None, ...]
    funding_rates: tuple[float, ...] | None = None


class Market(Protocol):
    """A source of prices.

    Attributes:
        name: As settings spell it, such as ``simulated``.
        instruments: What can be traded, in the order every step keeps.
        interval_ms: Length of the bars delivered (the base interval).
        start_ms: The close time of the last bar of history: a run's market time begins here.
        notices: What loading found that a person should know, one line each.
    """

    name: str
    instruments: tuple[Instrument, ...]
    interval_ms: int
    start_ms: int
    notices: tuple[str, ...]

    def steps(self, after_ms: int, history: int) -> AsyncIterator[MarketStep]:
        """All steps in time order, beginning with up to `history` steps that closed at or before `after_ms`.

        The same arguments give the same steps, to the bit, however often they are asked for. The
        iterator ends where the market ends (recorded data), or never.

        Args:
            after_ms: The instant to go on from, at or after `start_ms`; steps later than this are new.
            history: How many steps up to `after_ms` to give first, so that callers can warm up.
        """
        ...
