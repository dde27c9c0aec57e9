"""A glance at an account before its bars are walked: most of the time nothing can happen to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.domain.market import MICROS_PER_UNIT, Bar, Instrument
from cockpit.domain.orders import Order
from cockpit.trading.accounting import notional_micros
from cockpit.trading.agent_state import AgentState
from cockpit.trading.margin import MarginMode, MarginTerms, maintenance_margin_micros

_SLACK_MICROS = MICROS_PER_UNIT
"""More than what rounding can add up to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What an agent has at work, and whether its margin is beyond doubt.

    Attributes:
        orders: Working ones by symbol, oldest first.
        is_safe: Whether no price of the bars can use up its margin, whatever comes together.
    """

    orders: Mapping[str, list[Order]]
    is_safe: bool

    @classmethod
    def at(
        cls,
        agent: AgentState,
        instruments: Mapping[str, Instrument],
        bars: Mapping[str, Bar],
        marks: Mapping[str, float],
        terms: MarginTerms,
    ) -> "Glance":
        """What there is to see of an agent as it is now.

        Args:
            agent: Whose account.
            instruments: By symbol.
            bars: That closed, by symbol.
            marks: Mark prices before them.
            terms: Of the venue.
        """
        orders: dict[str, list[Order]] = {}
        for order in agent.working.values():
            orders.setdefault(order.symbol, []).append(order)
        return cls(orders=orders, is_safe=_is_safe(agent, instruments, bars, marks, terms))


def _is_safe(
    agent: AgentState,
    instruments: Mapping[str, Instrument],
    bars: Mapping[str, Bar],
    marks: Mapping[str, float],
    terms: MarginTerms,
) -> bool:
    positions = agent.account.positions
    if not positions:
        return True
    if terms.mode is MarginMode.ISOLATED:
        return False  # each has a margin of its own, to be looked at by itself
    equity, maintenance = int(agent.account.cash), 0
    for symbol, position in positions.items():
        listed, bar, mark = instruments[symbol], bars.get(symbol), marks.get(symbol)
        if mark is None:
            return False
        low, high = (mark, mark) if bar is None else (min(mark, bar.low), max(mark, bar.high))
        worst = low if position.signed_lots > 0 else high
        equity += notional_micros(position.signed_lots, listed.lot_size, worst) - position.cost
        largest = notional_micros(position.signed_lots, listed.lot_size, high)
        maintenance += maintenance_margin_micros(largest, listed.max_leverage)
    return equity - maintenance > _SLACK_MICROS
