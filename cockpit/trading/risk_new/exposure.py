"""How far an agent's positions and working orders reach, and what that is worth.

All sums are over whole numbers, so they don't depend on the order in which positions come.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cockpit.domain.market import Instrument
from cockpit.trading.accounting import notional_micros
from cockpit.trading.agent_state import AgentState


class Reach(NamedTuple):
    """The most lots that may come to be held of each symbol, signed.

    Attributes:
        highest: What is held, with every buy that works filled.
        lowest: What is held, with every sell that works filled.
    """

    highest: dict[str, int]
    lowest: dict[str, int]


class Worth(NamedTuple):
    """What turns a symbol's lots into money.

    Attributes:
        lot_size: Base units in one lot.
        mark: Quote per base unit.
        leverage: Exposure that one unit of initial margin carries.
    """

    lot_size: float
    mark: float
    leverage: float


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
        return Exposure(
            self.gross - before.gross + after.gross,
            self.longest - before.longest + after.longest,
            self.shortest - before.shortest + after.shortest,
            self.margin - before.margin + after.margin,
        )


NO_EXPOSURE = Exposure(0, 0, 0, 0)


class Unpriced(Exception):
    """Something is held, or may come to be, that has no mark."""

    def __init__(self, symbol: str) -> None:
        super().__init__(f"{symbol} has no price, so exposure can't be counted")
        self.symbol = symbol


def worth_of(instruments: Iterable[Instrument], marks: Mapping[str, float], leverage: float) -> dict[str, Worth]:
    """What turns lots into money, for every symbol that has a mark.

    Args:
        instruments: Those of the run.
        marks: Mark price by symbol.
        leverage: What the agent may use; an instrument may allow less.
    """
    return {
        each.symbol: Worth(each.lot_size, marks[each.symbol], min(leverage, each.max_leverage))
        for each in instruments
        if each.symbol in marks
    }


def reach_of(agent: AgentState) -> Reach:
    """How far an agent reaches. Orders that only reduce don't count, nor do parents of split orders."""
    highest: dict[str, int] = {
        symbol: position.signed_lots for symbol, position in agent.account.positions.items()
    }
    lowest = highest.copy()
    for order in agent.working.values():
        if order.reduce_only or order.is_split:
            continue
        symbol, lots = order.symbol, order.signed_lots - order.filled_lots
        highest[symbol] = highest.get(symbol, 0) + max(lots, 0)
        lowest[symbol] = lowest.get(symbol, 0) + min(lots, 0)
    return Reach(highest, lowest)


def symbol_exposure(highest: int, lowest: int, worth: Worth) -> Exposure:
    """Exposure of one agent to one symbol, given how far it reaches."""
    lot_size, mark, leverage = worth
    longest = notional_micros(highest, lot_size, mark)
    shortest = longest if lowest == highest else notional_micros(lowest, lot_size, mark)
    gross = max(longest, -shortest)
    return Exposure(gross, longest, shortest, round(gross / leverage))


def exposures_of(reach: Reach, worth: Mapping[str, Worth]) -> dict[str, Exposure]:
    """Exposure of one agent, by symbol.

    Raises:
        Unpriced: If a symbol has no mark.
    """
    lowest = reach.lowest
    try:
        return {
            symbol: symbol_exposure(high, lowest[symbol], worth[symbol])
            for symbol, high in reach.highest.items()
        }
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


def arena_exposure(agents: Iterable[AgentState], worth: Mapping[str, Worth]) -> Exposure:
    """Exposure of all agents together: one's long and another's short add up in gross, and cancel out in net.

    Raises:
        Unpriced: If a symbol has no mark.
    """
    highest, lowest, gross = (dict.fromkeys(worth, 0) for _ in range(3))
    try:
        for agent in agents:
            for symbol, position in agent.account.positions.items():
                lots = position.signed_lots
                highest[symbol] += lots
                gross[symbol] += abs(lots)
            for order in agent.working.values():
                if not order.reduce_only:
                    break
            else:
                continue
            _add_working(agent, highest, lowest, gross)
    except KeyError as unknown:
        raise Unpriced(unknown.args[0]) from unknown
    return total(
        Exposure(
            notional_micros(lots, worth[symbol].lot_size, worth[symbol].mark),
            notional_micros(highest[symbol], worth[symbol].lot_size, worth[symbol].mark),
            notional_micros(highest[symbol] + lowest[symbol], worth[symbol].lot_size, worth[symbol].mark),
            0,
        )
        for symbol, lots in gross.items()
    )
