"""Rules on how much an order asks for, and at which price. Orders flagged reduce-only are not asked.

An order is refused for exposure only where it adds to it: what leaves an agent with no more than it had
passes, flagged or not, even while a limit is exceeded.
"""

from cockpit.domain.formats import money, percent, price
from cockpit.domain.market import LEDGER_BOUND
from cockpit.trading.accounting import notional_micros
from cockpit.trading.risk.context import Breach, SizedOrder, SizeRule
from cockpit.trading.risk.exposure import Exposure


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
    worth, least = _notional(order, order.price), order.asked.instrument.min_notional
    if worth >= least:
        return None
    return Breach(f"notional {money(worth)} is under the venue's {money(least)}", worth, least)


def order_notional(order: SizedOrder) -> Breach | None:
    """No single order is worth more than this, at the mark or at its own price."""
    at = order.price if order.price > order.mark else order.mark
    worth, limit = _notional(order, at), order.limits.max_order_notional
    if worth >= LEDGER_BOUND:
        size = f"{order.asked.intent.signed_lots:+d} lots at {at:g}"
        return Breach(f"{size} are more than the ledger can count", worth, LEDGER_BOUND)
    if worth <= limit:
        return None
    return Breach(f"notional {money(worth)} is over {money(limit)}", worth, limit)


def _notional(order: SizedOrder, at: float) -> int:
    return abs(notional_micros(order.asked.intent.signed_lots, order.asked.instrument.lot_size, at))


def position_notional(order: SizedOrder) -> Breach | None:
    """No position is worth more than this, working orders of the same side counted as filled."""
    worth, limit = order.symbol.gross, order.limits.max_position_notional
    if worth <= limit or order.added.gross <= 0:
        return None
    return Breach(f"a position of {money(worth)} would be over {money(limit)}", worth, limit)


def gross_leverage(order: SizedOrder) -> Breach | None:
    """Gross exposure stays under its multiple of equity."""
    added = order.added.gross
    after, limit = order.agent.gross + added, order.limits.max_gross_leverage
    return _over_equity("gross notional", after, added, limit, order.equity)


def concentration(order: SizedOrder) -> Breach | None:
    """No symbol takes more than its share of equity."""
    after, limit = order.symbol.gross, order.limits.max_concentration
    return _over_equity("exposure to one symbol of", after, order.added.gross, limit, order.equity)


def free_margin(order: SizedOrder) -> Breach | None:
    """Initial margin of positions and working orders stays under its share of equity."""
    added = order.added.margin
    after, limit = order.agent.margin + added, order.limits.max_margin_use
    return _over_equity("initial margin", after, added, limit, order.equity)


def gross_exposure(order: SizedOrder) -> Breach | None:
    """Long and short positions and working orders together are worth no more than this."""
    worth, limit = order.agent.gross + order.added.gross, order.limits.max_gross_exposure
    if worth <= limit or order.added.gross <= 0:
        return None
    return Breach(f"gross exposure {money(worth)} would be over {money(limit)}", worth, limit)


def net_exposure(order: SizedOrder) -> Breach | None:
    """Long less short is worth no more than this, working orders of the order's side counted."""
    worth, _ = _net(order.agent, order)
    limit = order.limits.max_net_exposure
    if worth <= limit:
        return None
    side = "long" if order.buys else "short"
    return Breach(f"net {side} exposure {money(worth)} would be over {money(limit)}", worth, limit)


def arena_gross_leverage(order: SizedOrder) -> Breach | None:
    """Gross exposure of all agents stays under its multiple of their equity."""
    added, equity = order.added.gross, order.asked.state.watch.equity
    after, limit = order.arena.gross + added, order.limits.max_arena_gross_leverage
    return _over_equity("all agents' gross notional", after, added, limit, equity)


def arena_net_leverage(order: SizedOrder) -> Breach | None:
    """Net exposure of all agents, long or short, stays under its multiple of their equity."""
    after, added = _net(order.arena, order)
    limit, equity = order.limits.max_arena_net_leverage, order.asked.state.watch.equity
    what = "all agents' net long notional" if order.buys else "all agents' net short notional"
    return _over_equity(what, after, added, limit, equity)


def _net(before: Exposure, order: SizedOrder) -> tuple[int, int]:
    """Net exposure on the order's side with the order, and what it adds to it."""
    if order.buys:
        return before.longest + order.added.longest, order.added.longest
    return -before.shortest - order.added.shortest, -order.added.shortest


def _over_equity(what: str, after: int, added: int, limit: float, equity: int) -> Breach | None:
    ceiling = limit * equity
    if after <= ceiling or added <= 0:
        return None
    value = after / equity if equity > 0 else None
    return Breach(f"{what} {money(after)} would be over {money(ceiling)}", value, limit)


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
