"""Rules on how much an order asks for, and at which price. Orders flagged reduce-only are not asked.

An order is refused for exposure only where it adds to it: what leaves an agent with no more than it had
passes, flagged or not, even while a limit is exceeded.
"""

from cockpit.domain.formats import money, percent, price
from cockpit.domain.market import LEDGER_BOUND
from cockpit.trading.accounting import notional_micros
from cockpit.trading.risk.context import Breach, SizedOrder, SizeRule


def price_collar(order: SizedOrder) -> Breach | None:
    """A limit or trigger far off the mark is taken for a slip of the finger."""
    limit, trigger = order.asked.intent.limit_price, order.asked.intent.trigger_price
    return (None if limit is None else _off_the_mark("limit", limit, order)) or (
        None if trigger is None else _off_the_mark("trigger", trigger, order)
    )


def _off_the_mark(name: str, given: float, order: SizedOrder) -> Breach | None:
    off, most = abs(given - order.mark) / order.mark, order.limits.max_price_deviation
    if off <= most:
        return None
    words = f"{name} price {price(given)} is {percent(off)} off the mark of {price(order.mark)}"
    return Breach(f"{words}, over {percent(most)}", off, most)


def min_notional(order: SizedOrder) -> Breach | None:
    """An order is worth at least what the venue takes."""
    worth, least = order.notional, order.asked.instrument.min_notional
    if worth >= least:
        return None
    return Breach(f"notional {money(worth)} is under the venue's {money(least)}", worth, least)


def order_notional(order: SizedOrder) -> Breach | None:
    """No single order is worth more than this, at the mark or at its own price."""
    worth, limit, at = order.notional, order.limits.max_order_notional, order.price
    lots, lot_size = order.asked.intent.signed_lots, order.asked.instrument.lot_size
    if at < order.mark:
        at = order.mark
        worth = abs(notional_micros(lots, lot_size, at))
    if worth >= LEDGER_BOUND:
        words = f"{lots:+d} lots at {at:g} are more than the ledger can count"
        return Breach(words, worth, LEDGER_BOUND)
    if worth <= limit:
        return None
    return Breach(f"notional {money(worth)} is over {money(limit)}", worth, limit)


def position_notional(order: SizedOrder) -> Breach | None:
    """No position is worth more than this, working orders of the same side counted as filled."""
    worth, limit = order.symbol_gross, order.limits.max_position_notional
    if worth <= limit or not order.adds:
        return None
    return Breach(f"a position of {money(worth)} would be over {money(limit)}", worth, limit)


def gross_leverage(order: SizedOrder) -> Breach | None:
    """Gross exposure stays under its multiple of equity."""
    limit = order.limits.max_gross_leverage
    if order.gross <= limit * order.equity or not order.adds:
        return None
    return _over_equity("gross notional", order.gross, limit, order.equity)


def concentration(order: SizedOrder) -> Breach | None:
    """No symbol takes more than its share of equity."""
    limit = order.limits.max_concentration
    if order.symbol_gross <= limit * order.equity or not order.adds:
        return None
    return _over_equity("exposure to one symbol of", order.symbol_gross, limit, order.equity)


def free_margin(order: SizedOrder) -> Breach | None:
    """Initial margin of positions and working orders stays under its share of equity."""
    limit = order.limits.max_margin_use
    if order.margin <= limit * order.equity or not order.adds:
        return None
    return _over_equity("initial margin", order.margin, limit, order.equity)


def gross_exposure(order: SizedOrder) -> Breach | None:
    """Long and short positions and working orders together are worth no more than this."""
    worth, limit = order.gross, order.limits.max_gross_exposure
    if worth <= limit or not order.adds:
        return None
    return Breach(f"gross exposure {money(worth)} would be over {money(limit)}", worth, limit)


def net_exposure(order: SizedOrder) -> Breach | None:
    """Long less short is worth no more than this, working orders of the order's side counted."""
    worth, limit = order.net, order.limits.max_net_exposure
    if worth <= limit:
        return None
    side = "long" if order.buys else "short"
    return Breach(f"net {side} exposure {money(worth)} would be over {money(limit)}", worth, limit)


def arena_gross_leverage(order: SizedOrder) -> Breach | None:
    """Gross exposure of all agents stays under its multiple of their equity."""
    limit, equity = order.limits.max_arena_gross_leverage, order.asked.state.watch.equity
    if order.arena_gross <= limit * equity or not order.adds:
        return None
    return _over_equity("all agents' gross notional", order.arena_gross, limit, equity)


def arena_net_leverage(order: SizedOrder) -> Breach | None:
    """Net exposure of all agents, long or short, stays under its multiple of their equity."""
    limit, equity = order.limits.max_arena_net_leverage, order.asked.state.watch.equity
    if order.arena_net <= limit * equity:
        return None
    side = "long" if order.buys else "short"
    return _over_equity(f"all agents' net {side} notional", order.arena_net, limit, equity)


def _over_equity(what: str, amount: int, limit: float, equity: int) -> Breach:
    value = amount / equity if equity > 0 else None
    return Breach(f"{what} {money(amount)} would be over {money(limit * equity)}", value, limit)


SIZE_RULES: dict[str, SizeRule] = {
    "price_collar": price_collar,
    "min_notional": min_notional,
    "order_notional": order_notional,
    "position_notional": position_notional,
    "gross_leverage": gross_leverage,
    "concentration": concentration,
    "free_margin": free_margin,
    "gross_exposure": gross_exposure,
    "net_exposure": net_exposure,
    "arena_gross_leverage": arena_gross_leverage,
    "arena_net_leverage": arena_net_leverage,
}
"""Name → rule, in the order they are asked."""
