"""How far an agent's positions and working orders reach, and what that is worth.

All sums are over whole numbers, so they don't depend on the order in which positions come.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from cockpit.domain.accounts import Position
from cockpit.domain.market import Instrument
from cockpit.domain.orders import Order, OrderPurpose
from cockpit.trading.accounting import notional_micros
from cockpit.trading.agent_state import AgentState
from cockpit.trading.margin import initial_margin_micros

_STOP, _TARGET = OrderPurpose.STOP, OrderPurpose.TARGET  # by identity: hashing a member costs a call


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


def at_work(agent: AgentState) -> tuple[list[Order], list[Order]]:
    """An agent's working orders that may open or enlarge a position, and those that are closing one.

    A split order is its parts; guards are neither.
    """
    entries, closing = [], []
    for order in agent.working.values():
        if not order.reduce_only:
            if not order.is_split:
                entries.append(order)
        elif order.purpose is not _STOP and order.purpose is not _TARGET and not order.is_split:
            closing.append(order)
    return entries, closing


def reach_of(positions: Mapping[str, Position], entries: Iterable[Order], closing: Iterable[Order]) -> Reach:
    """How far positions and entries reach together.

    What is being closed may be gone before an entry of the other side is filled, so it makes no room for
    it. Guards may never fill: what they guard is counted as held.

    Args:
        positions: By symbol.
        entries: Orders that may open or enlarge one.
        closing: Orders that are closing one.
    """
    reach: Reach = {
        symbol: (position.signed_lots, position.signed_lots) for symbol, position in positions.items()
    }
    for order in closing:
        reach[order.symbol] = _narrowed(reach.get(order.symbol, NOWHERE), order.open_lots)
    for order in entries:
        span = reach.get(order.symbol, NOWHERE)
        reach[order.symbol] = widened(span, order.signed_lots - order.filled_lots)
    return reach


def _narrowed(span: tuple[int, int], lots: int) -> tuple[int, int]:
    """How far a position reaches either way with `lots` of it about to be closed, or not."""
    highest, lowest = span
    if lots < 0:
        return highest, min(lowest, max(0, lowest + lots))
    return max(highest, min(0, highest + lots)), lowest


def widened(span: tuple[int, int], lots: int) -> tuple[int, int]:
    """How far an agent reaches in a symbol with another order for `lots` at work."""
    highest, lowest = span
    return (highest + lots, lowest) if lots > 0 else (highest, lowest + lots)


NOWHERE = (0, 0)


Exposure: TypeAlias = tuple[int, int, int, int]
"""Exposure to one symbol, or to several together, in micro-units of quote.

- Gross: the larger of both ways, unsigned.
- Longest: signed, with every buy filled and no sell.
- Shortest: signed, with every sell filled and no buy.
- Initial margin of the gross exposure.
"""

NO_EXPOSURE: Exposure = (0, 0, 0, 0)


class Unpriced(Exception):
    """Something is held, or may come to be, that has no mark."""

    def __init__(self, symbol: str) -> None:
        super().__init__(f"{symbol} has no price, so exposure can't be counted")
        self.symbol = symbol


Counted: TypeAlias = dict[tuple[str, tuple[int, int]], tuple[int, int, int, float]]
"""A symbol and how far one reaches in it → the same in money: the larger way unsigned, up, down; and the
symbol's highest leverage.

It holds as long as marks do; positions seldom change from one order to the next.
"""


def exposure_of(
    reach: Reach, worth: Mapping[str, Worth], leverage: float, counted: Counted | None = None
) -> Exposure:
    """Exposure of one agent to all symbols of its reach together.

    Args:
        reach: How far it reaches.
        worth: Of each symbol's lots.
        leverage: What the agent may use; an instrument may allow less.
        counted: What was counted before by the same worth, to be added to.

    Raises:
        Unpriced: If a symbol has no mark.
    """
    counted = {} if counted is None else counted
    gross = longest = shortest = margin = unbounded = 0
    for span in reach.items():
        known = counted.get(span)
        if known is None:
            known = counted[span] = _counted(*span, worth)
        most, up, down, max_leverage = known
        gross += most
        longest += up
        shortest += down
        if leverage <= max_leverage:
            unbounded += most
        else:
            margin += initial_margin_micros(most, max_leverage)
    return gross, longest, shortest, margin + initial_margin_micros(unbounded, leverage)


def _counted(symbol: str, span: tuple[int, int], worth: Mapping[str, Worth]) -> tuple[int, int, int, float]:
    try:
        lot_size, mark, max_leverage = worth[symbol]
    except KeyError:
        raise Unpriced(symbol) from None
    highest, lowest = span
    up = notional_micros(highest, lot_size, mark)
    down = up if lowest == highest else notional_micros(lowest, lot_size, mark)
    return (up if up >= -down else -down), up, down, max_leverage
