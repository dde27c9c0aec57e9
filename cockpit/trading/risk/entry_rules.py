"""Rules on whether, where and how often an agent may ask for exposure.

Orders flagged reduce-only are not asked.
"""

from bisect import bisect_right

from cockpit.domain.formats import duration
from cockpit.domain.market import MINUTE_MS
from cockpit.domain.orders import OrderPurpose, OrderStatus
from cockpit.domain.safety_events import protection_words
from cockpit.trading.agent_state import AgentState
from cockpit.trading.protections import is_locked_out
from cockpit.trading.risk.context import Breach, OrderContext, Rule
from cockpit.trading.risk.limits import is_listed
from cockpit.trading.risk.standing_rules import unarmed


def account_synced(asked: OrderContext) -> Breach | None:
    """Nothing is opened on an account that may not be the venue's."""
    unsynced = asked.agent.unsynced
    return Breach(f"the account is not synced with the venue: {unsynced}") if unsynced else None


def agent_benched(asked: OrderContext) -> Breach | None:
    """An agent whose breaker has tripped opens nothing."""
    breaker = unarmed(asked.agent.breakers)
    return Breach(f"the agent's {breaker} has tripped") if breaker else None


def entry_locks(asked: OrderContext) -> Breach | None:
    """While a protection's lock on the symbol or on all symbols holds, nothing is opened."""
    now_ms, intent = asked.state.ts_ms, asked.intent
    lock = is_locked_out(asked.agent.locks, intent.symbol, intent.signed_lots, now_ms)
    if lock is None:
        return None
    protection = protection_words(lock.protection, lock.is_long)
    return Breach(f"{protection} locks entries for {duration(lock.until_ms - now_ms)}: {lock.reason}")


def cooldown(asked: OrderContext) -> Breach | None:
    """After a loss or a stop the same symbol is left alone for a while."""
    limits, now_ms = asked.limits, asked.state.ts_ms
    longest_ms = max(limits.cooldown_after_loss_ms, limits.cooldown_after_stop_ms)
    for trade in reversed(asked.agent.closed_trades):
        past_ms = now_ms - trade.closed_ms
        if past_ms >= longest_ms:
            return None
        if trade.symbol != asked.intent.symbol:
            continue
        if trade.exit_purpose == OrderPurpose.STOP and past_ms < limits.cooldown_after_stop_ms:
            return _cooling("stop", past_ms, limits.cooldown_after_stop_ms)
        if trade.pnl < 0 and past_ms < limits.cooldown_after_loss_ms:
            return _cooling("loss", past_ms, limits.cooldown_after_loss_ms)
    return None


def _cooling(after: str, past_ms: int, limit_ms: int) -> Breach:
    words = f"the last {after} in it was {duration(past_ms)} ago, entries wait for {duration(limit_ms)}"
    return Breach(words, past_ms, limit_ms)


def symbol_list(asked: OrderContext) -> Breach | None:
    """Only listed symbols are traded, where there is a list; a base coin stands for all of its symbols."""
    symbols = asked.limits.symbols
    if symbols is None or is_listed(asked.intent.symbol, symbols):
        return None
    return Breach(f"{asked.intent.symbol} is not among the symbols allowed: {', '.join(symbols) or 'none'}")


def stale_quote(asked: OrderContext) -> Breach | None:
    """Nothing is opened without a price, or on an old one."""
    symbol, state, limit_ms = asked.intent.symbol, asked.state, asked.limits.max_mark_age_ms
    if symbol not in state.marks:
        return Breach(f"{symbol} has no price yet")
    age_ms = state.ts_ms - state.fresh_ms.get(symbol, 0)
    if age_ms <= limit_ms:
        return None
    return Breach(f"the last bar is {duration(age_ms)} old, over {duration(limit_ms)}", age_ms, limit_ms)


def open_orders(asked: OrderContext) -> Breach | None:
    """An agent has only so many orders at work; those that only reduce don't count."""
    working, limit = len(asked.entries), asked.limits.max_open_orders
    would_be = working + asked.orders
    if would_be <= limit:
        return None
    return Breach(f"{would_be} orders would be open, the most allowed is {limit}", would_be, limit)


def orders_per_minute(asked: OrderContext) -> Breach | None:
    """An agent creates only so many orders within 60 seconds of market time; all kinds count."""
    sent, limit = orders_last_minute(asked.agent, asked.state.ts_ms), asked.limits.max_orders_per_minute
    would_be = sent + asked.orders
    if would_be <= limit:
        return None
    return Breach(f"it would be {would_be} orders in a minute, the most allowed is {limit}", would_be, limit)


def orders_last_minute(agent: AgentState, now_ms: int) -> int:
    """Orders created in the 60 seconds up to now."""
    return len(agent.sent_ms) - bisect_right(agent.sent_ms, now_ms - MINUTE_MS)


def duplicate_order(asked: OrderContext) -> Breach | None:
    """An order of the same symbol, side, kind, size and prices as one at work is taken for a slip."""
    intent = asked.intent
    for order in asked.entries:
        if (
            order.signed_lots == intent.signed_lots
            and order.symbol == intent.symbol
            and order.kind is intent.kind
            and order.limit_price == intent.limit_price
            and order.trigger_price == intent.trigger_price
            and order.trail_distance == intent.trail_distance
            and order.strategy == intent.strategy
            and order.status is not OrderStatus.PENDING_CANCEL
        ):
            return Breach(f"order {order.order_id} asks for the same and is still at work")
    return None


ENTRY_RULES: dict[str, Rule] = {
    "account_synced": account_synced,
    "agent_benched": agent_benched,
    "entry_locks": entry_locks,
    "cooldown": cooldown,
    "symbol_list": symbol_list,
    "stale_quote": stale_quote,
    "open_orders": open_orders,
    "orders_per_minute": orders_per_minute,
    "duplicate_order": duplicate_order,
}
"""Name → rule, in the order they are asked."""
