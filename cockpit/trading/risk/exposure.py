"""How far an agent's positions and working orders reach, and what that is worth.

All sums are over whole numbers, so they don't depend on the order in which positions come.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from cockpit.domain.market import Instrument
from cockpit.trading.accounting import notional_micros
from cockpit.trading.agent_state import AgentState
from cockpit.trading.margin import initial_margin_micros


class Worth(NamedTuple):
    """What turns a symbol's lots into money.

    Attributes:
        lot_size: Base units in one lot.
        mark: Quote per base unit.
        max_leverage: Exposure that one unit of initial margin carries at most.
    """

    lot_size: float
    mark: float
    max_leverage: float


def worth_of(instruments: Iterable[Instrument], marks: Mapping[str, float]) -> dict[str, Worth]:
    """What turns lots into money, for every symbol that has a mark."""
    return {
        each.symbol: Worth(each.lot_size, marks[each.symbol], each.max_leverage)
        for each in instruments
        if each.symbol in marks
    }


Reach: TypeAlias = dict[str, tuple[int, int]]
"""Symbol → the most lots that may come to be held of it, signed: with every buy filled, with every sell."""


def reach_of(agent: AgentState) -> Reach:
    """How far an agent reaches. Orders that only reduce don't count, nor do parents of split orders."""
    reach: Reach = {
        symbol: (position.signed_lots, position.signed_lots)
        for symbol, position in agent.account.positions.items()
    }
    for order in agent.working.values():
        if order.reduce_only or order.is_split:
            continue
        reach[order.symbol] = widened(reach.get(order.symbol, NOWHERE), order.signed_lots - order.filled_lots)
    return reach


def widened(span: tuple[int, int], lots: int) -> tuple[int, int]:
    """How far an agent reaches in a symbol with another order for `lots` at work."""
    highest, lowest = span
    return (highest + lots, lowest) if lots > 0 else (highest, lowest + lots)


NOWHERE = (0, 0)


class Exposure(NamedTuple):
    """Exposure to one symbol, or to several together; micro-units of quote.

    Attributes:
        gross: The larger of both ways, unsigned.
        longest: Signed, with every buy filled and no sell.
        shortest: Signed, with every sell filled and no buy.
        margin: Initial margin of the gross exposure.
    """

    gross: int
    longest: int
    shortest: int
    margin: int

    def changed(self, before: "Exposure", after: "Exposure") -> "Exposure":
        """This exposure, where a part of it was `before` and is `after`."""
        gross, longest, shortest, margin = self
        gross_before, longest_before, shortest_before, margin_before = before
        gross_after, longest_after, shortest_after, margin_after = after
        return Exposure(
            gross - gross_before + gross_after,
            longest - longest_before + longest_after,
            shortest - shortest_before + shortest_after,
            margin - margin_before + margin_after,
        )

    def minus(self, other: "Exposure") -> "Exposure":
        """What this exposure has over another."""
        gross, longest, shortest, margin = other
        return Exposure(
            self.gross - gross, self.longest - longest, self.shortest - shortest, self.margin - margin
        )


NO_EXPOSURE = Exposure(0, 0, 0, 0)


class Unpriced(Exception):
    """Something is held, or may come to be, that has no mark."""

    def __init__(self, symbol: str) -> None:
        super().__init__(f"{symbol} has no price, so exposure can't be counted")
        self.symbol = symbol


def symbol_exposure(span: tuple[int, int], worth: Worth, leverage: float) -> Exposure:
    """Exposure of one agent to one symbol.

    Args:
        span: How far it reaches, see `Reach`.
        worth: Of the symbol's lots.
        leverage: What the agent may use; the instrument may allow less.
    """
    highest, lowest = span
    lot_size, mark, max_leverage = worth
    longest = notional_micros(highest, lot_size, mark)
    shortest = longest if lowest == highest else notional_micros(lowest, lot_size, mark)
    gross = longest if longest >= -shortest else -shortest
    lent = leverage if leverage < max_leverage else max_leverage
    return Exposure(gross, longest, shortest, initial_margin_micros(gross, lent))


def exposures_of(reach: Reach, worth: Mapping[str, Worth], leverage: float) -> dict[str, Exposure]:
    """Exposure of one agent, by symbol.

    Raises:
        Unpriced: If a symbol has no mark.
    """
    try:
        return {symbol: symbol_exposure(span, worth[symbol], leverage) for symbol, span in reach.items()}
    except KeyError as unknown:
        raise Unpriced(unknown.args[0]) from unknown


def total(exposures: Iterable[Exposure]) -> Exposure:
    """Exposure to all symbols together."""
    gross = longest = shortest = margin = 0
    for each in exposures:
        gross += each.gross
        longest += each.longest
        shortest += each.shortest
        margin += each.margin
    return Exposure(gross, longest, shortest, margin)
