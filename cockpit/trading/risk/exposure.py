"""How far an agent's positions and working orders reach, and what that is worth.

All sums are over whole numbers, so they don't depend on the order in which positions come.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from cockpit.domain.accounts import Account
from cockpit.domain.market import Instrument
from cockpit.domain.orders import Order
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


def entries_of(agent: AgentState) -> list[Order]:
    """An agent's working orders that may open or enlarge a position; a split order is its parts."""
    return [order for order in agent.working.values() if not order.reduce_only and not order.is_split]


def reach_of(agent: AgentState) -> Reach:
    """How far an agent's positions and entries reach."""
    return reach_with(reach_held(agent.account), entries_of(agent))


def reach_held(account: Account) -> Reach:
    """How far an account's positions reach."""
    return {
        symbol: (position.signed_lots, position.signed_lots) for symbol, position in account.positions.items()
    }


def reach_with(held: Reach, entries: Iterable[Order]) -> Reach:
    """How far positions and entries reach together."""
    reach = held.copy()
    for order in entries:
        reach[order.symbol] = widened(reach.get(order.symbol, NOWHERE), order.signed_lots - order.filled_lots)
    return reach


def widened(span: tuple[int, int], lots: int) -> tuple[int, int]:
    """How far an agent reaches in a symbol with another order for `lots` at work."""
    highest, lowest = span
    return (highest + lots, lowest) if lots > 0 else (highest, lowest + lots)


NOWHERE = (0, 0)


class Exposure(NamedTuple):
    """Exposure of one agent to one symbol; micro-units of quote.

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


@dataclass(slots=True)
class Tally:
    """A sum of exposures that is kept up to date; see `Exposure`."""

    gross: int = 0
    longest: int = 0
    shortest: int = 0
    margin: int = 0

    def move(self, before: Exposure, after: Exposure) -> None:
        """Counts `after` where `before` was counted."""
        self.gross += after.gross - before.gross
        self.longest += after.longest - before.longest
        self.shortest += after.shortest - before.shortest
        self.margin += after.margin - before.margin


def total(exposures: Iterable[Exposure]) -> Tally:
    """Several exposures together."""
    tally = Tally()
    for each in exposures:
        tally.move(NO_EXPOSURE, each)
    return tally
