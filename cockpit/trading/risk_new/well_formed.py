"""Whether what is asked for is an order at all. Nothing in it is trusted: it may hold anything."""

from typing import TypeGuard

from cockpit.domain.market import LEDGER_BOUND
from cockpit.domain.orders import OrderIntent, OrderKind, TimeInForce
from cockpit.domain.plain_text import plain_text
from cockpit.trading.state import ArenaState

_PRICES_OF = {
    OrderKind.MARKET: frozenset[str](),
    OrderKind.LIMIT: frozenset({"limit price"}),
    OrderKind.STOP_MARKET: frozenset({"trigger price"}),
    OrderKind.STOP_LIMIT: frozenset({"limit price", "trigger price"}),
    OrderKind.TAKE_PROFIT: frozenset({"trigger price"}),
    OrderKind.TRAILING_STOP: frozenset({"trigger price", "trail distance"}),
}
"""Order kind → which prices it needs; it must have no other."""

_TIMES_IN_FORCE = frozenset(TimeInForce)

_MAX_SHOWN = 40
"""Characters of a wrong value."""


def malformation_of(intent: OrderIntent, state: ArenaState) -> str | None:
    """Numbers, prices, symbol and account must be such that an order can be made of them."""
    if intent.agent not in state.agents:
        return f"no account is called {_shown(intent.agent)}"
    if all(instrument.symbol != intent.symbol for instrument in state.agreement.instruments):
        return f"{_shown(intent.symbol)} is not traded in this run"
    return (
        _wrong_quantity(intent.signed_lots)
        or _wrong_prices(intent)
        or _wrong_time_in_force(intent)
        or _wrong_thinking(intent.thinking_ms)
    )


def _wrong_quantity(lots: object) -> str | None:
    if not _is_whole(lots) or lots == 0:
        return f"a quantity must be whole lots other than zero, not {_shown(lots)}"
    if not -LEDGER_BOUND < lots < LEDGER_BOUND:
        return "a quantity must stay below 2^53 lots"
    return None


def _wrong_prices(intent: OrderIntent) -> str | None:
    needed = _PRICES_OF.get(intent.kind)
    if needed is None:
        return f"there is no order of kind {_shown(intent.kind)}"
    for name, price in (
        ("limit price", intent.limit_price),
        ("trigger price", intent.trigger_price),
        ("trail distance", intent.trail_distance),
    ):
        if (price is None) == (name in needed):
            return f"a {intent.kind} order {'needs a' if price is None else 'has no'} {name}"
        if price is not None and not _is_price(price):
            return f"a {name} must be positive and finite, not {_shown(price)}"
    return None


def _wrong_time_in_force(intent: OrderIntent) -> str | None:
    if intent.time_in_force is TimeInForce.GTC:
        return None
    if intent.limit_price is None or intent.time_in_force not in _TIMES_IN_FORCE:
        return f"a {intent.kind} order can't be {_shown(intent.time_in_force)}"
    return None


def _wrong_thinking(thinking_ms: object) -> str | None:
    if _is_whole(thinking_ms) and 0 <= thinking_ms < LEDGER_BOUND:
        return None
    return f"thinking takes whole milliseconds, not {_shown(thinking_ms)}"


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_price(value: object) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool) and 0 < value < LEDGER_BOUND


def _shown(value: object) -> str:
    if isinstance(value, int) and not -LEDGER_BOUND < value < LEDGER_BOUND:
        return "a number beyond 2^53"  # spelling it out could take any number of digits
    return plain_text(str(value), _MAX_SHOWN)
