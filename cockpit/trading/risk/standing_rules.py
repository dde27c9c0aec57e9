"""Rules that every order has to keep, those included that only reduce risk."""

from collections.abc import Mapping

from cockpit.domain.events import TradingMode
from cockpit.domain.formats import price
from cockpit.domain.market import Instrument
from cockpit.domain.orders import WAYS_OUT, Order, OrderIntent, OrderPurpose, OrderStatus
from cockpit.trading.agent_state import BreakerState, BreakerStatus
from cockpit.trading.guards import PROTECTIVE
from cockpit.trading.risk.context import Breach, OrderContext, Rule
from cockpit.trading.state import ArenaState

_ACTIVE = TradingMode.ACTIVE
_ARMED = BreakerStatus.ARMED


def account_closed(asked: OrderContext) -> Breach | None:
    """A closed account trades no more; what it still holds may be flattened or liquidated."""
    closed = asked.agent.closed
    if not closed or (asked.intent.reduce_only and asked.intent.purpose in WAYS_OUT):
        return None
    return Breach(f"the account is closed: {closed}")


def tick(asked: OrderContext) -> Breach | None:
    """Limit and trigger prices are whole ticks of their instrument."""
    intent, instrument = asked.intent, asked.instrument
    limit, trigger = intent.limit_price, intent.trigger_price
    if limit is not None and instrument.round_price(limit) != limit:
        return _off_tick("limit", limit, instrument)
    if trigger is not None and instrument.round_price(trigger) != trigger:
        return _off_tick("trigger", trigger, instrument)
    return None


def _off_tick(name: str, given: float, instrument: Instrument) -> Breach:
    nearest = price(instrument.round_price(given))
    step = f"{instrument.tick_size:.12f}".rstrip("0").rstrip(".")
    return Breach(f"{name} price {given!r} is not on the tick of {step}; the nearest is {nearest}")


def reduce_only(asked: OrderContext) -> Breach | None:
    """A reduce-only order is against a position, and no larger than what no other order closes already."""
    intent = asked.intent
    if not intent.reduce_only:
        return None
    position = asked.agent.account.positions.get(intent.symbol)
    held = position.signed_lots if position else 0
    size = abs(intent.signed_lots)
    if held * intent.signed_lots >= 0 or size > abs(held):
        against = f"reduce-only {intent.signed_lots:+d} lots against a position of {held:+d}"
        return Breach(against, size, 0 if held * intent.signed_lots >= 0 else abs(held))
    closing = sum(abs(order.open_lots) for order in asked.agent.working.values() if _competes(order, intent))
    if size <= abs(held) - closing:
        return None
    return Breach(
        f"reduce-only {intent.signed_lots:+d} lots against a position of {held:+d}, "
        f"of which {closing} are being closed already",
        size,
        max(0, abs(held) - closing),
    )


def _competes(order: Order, intent: OrderIntent) -> bool:
    """Whether a working order closes what another is to close.

    Guards compete with nothing: they stand for the whole position, and venues trim them to what is left
    of it, as they do with an order that is being cancelled. A way out gives way to other ways out alone.
    """
    if not order.reduce_only or order.symbol != intent.symbol or order.is_split:
        return False
    if order.status is OrderStatus.PENDING_CANCEL or order.signed_lots * intent.signed_lots < 0:
        return False
    if order.purpose in PROTECTIVE or intent.purpose in PROTECTIVE:
        return False
    return intent.purpose not in WAYS_OUT or order.purpose in WAYS_OUT


def trading_mode(asked: OrderContext) -> Breach | None:
    """While trading is halted nothing goes out, while it is reducing only what is flagged reduce-only.

    Even then a liquidation passes, and what flattens positions in an emergency stop.
    """
    state, intent = asked.state, asked.intent
    if state.mode is _ACTIVE and state.emergency is None and unarmed(state.breakers) is None:
        return None
    mode = state.trading_mode
    if mode is TradingMode.REDUCING and intent.reduce_only:
        return None
    if intent.reduce_only and _must_get_out(intent, state):
        return None
    if mode is TradingMode.HALTED:
        return Breach("trading is halted: nothing goes out")
    return Breach(f"{_why_reducing(state)}: only reduce-only orders pass")


def unarmed(breakers: Mapping[str, BreakerState]) -> str | None:
    """The first breaker that is not armed, in words with the reason it gave; None where all are."""
    for name, breaker in breakers.items():
        if breaker.status is not _ARMED:
            return f"{name} breaker ({breaker.reason})" if breaker.reason else f"{name} breaker"
    return None


def _must_get_out(intent: OrderIntent, state: ArenaState) -> bool:
    is_emergency = state.emergency is not None and intent.purpose is OrderPurpose.FLATTEN
    return is_emergency or intent.purpose is OrderPurpose.LIQUIDATION


def _why_reducing(state: ArenaState) -> str:
    if state.mode is TradingMode.REDUCING:
        return "exposure may only fall"
    breaker = unarmed(state.breakers)
    return f"the arena's {breaker} has tripped" if breaker else "an emergency stop is under way"


STANDING_RULES: dict[str, Rule] = {
    "account_closed": account_closed,
    "tick": tick,
    "reduce_only": reduce_only,
    "trading_mode": trading_mode,
}
"""Name → rule, in the order they are asked."""
