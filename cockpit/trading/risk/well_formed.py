"""Whether what is asked for is an order at all. Nothing in it is trusted: it may hold anything.

Whole numbers are asked for their exact type, since True is an int as well.
"""

from cockpit.domain.market import LEDGER_BOUND, Instrument
from cockpit.domain.orders import OrderIntent, OrderKind, TimeInForce
from cockpit.domain.plain_text import plain_text
from cockpit.trading.state import ArenaState

_PRICES_OF = {
    OrderKind.MARKET: (False, False, False),
    OrderKind.LIMIT: (True, False, False),
    OrderKind.STOP_MARKET: (False, True, False),
    OrderKind.STOP_LIMIT: (True, True, False),
    OrderKind.TAKE_PROFIT: (False, True, False),
    OrderKind.TRAILING_STOP: (False, True, True),
}
"""Order kind → whether it has a limit price, a trigger price, a trail distance."""

_GTC = TimeInForce.GTC
_TIMES_IN_FORCE = frozenset(TimeInForce)

_MAX_SHOWN = 40
"""Characters of a wrong value."""


def listed(symbol: str, state: ArenaState) -> Instrument | None:
    """The instrument of a symbol; None where the run does not trade it."""
    for instrument in state.agreement.instruments:
        if instrument.symbol == symbol:
            return instrument
    return None


def malformation_of(intent: OrderIntent, state: ArenaState, instrument: Instrument | None) -> str | None:
    """Numbers, prices, symbol and account must be such that an order can be made of them."""
    if intent.agent not in state.agents:
        return f"no account is called {_shown(intent.agent)}"
    if instrument is None:
        return f"{_shown(intent.symbol)} is not traded in this run"
    wrong = (
        _wrong_quantity(intent.signed_lots) or _wrong_prices(intent) or _wrong_thinking(intent.thinking_ms)
    )
    return _wrong_time_in_force(intent) if wrong is None and intent.time_in_force is not _GTC else wrong


def _wrong_quantity(lots: object) -> str | None:
    if type(lots) is not int or lots == 0:
        return f"a quantity must be whole lots other than zero, not {_shown(lots)}"
    return None if -LEDGER_BOUND < lots < LEDGER_BOUND else "a quantity must stay below 2^53 lots"


def _wrong_prices(intent: OrderIntent) -> str | None:
    needed = _PRICES_OF.get(intent.kind)
    if needed is None:
        return f"there is no order of kind {_shown(intent.kind)}"
    has_limit, has_trigger, has_trail = needed
    wrong = None
    if has_limit or intent.limit_price is not None:
        wrong = _wrong_price("limit price", intent.limit_price, has_limit, intent.kind)
    if wrong is None and (has_trigger or intent.trigger_price is not None):
        wrong = _wrong_price("trigger price", intent.trigger_price, has_trigger, intent.kind)
    if wrong is None and (has_trail or intent.trail_distance is not None):
        wrong = _wrong_price("trail distance", intent.trail_distance, has_trail, intent.kind)
    return wrong


def _wrong_price(name: str, price: object, is_needed: bool, kind: OrderKind) -> str | None:
    if price is None:
        return f"a {kind} order needs a {name}" if is_needed else None
    if not is_needed:
        return f"a {kind} order has no {name}"
    if (isinstance(price, float) or type(price) is int) and 0 < price < LEDGER_BOUND:
        return None
    return f"a {name} must be positive and finite, not {_shown(price)}"


def _wrong_time_in_force(intent: OrderIntent) -> str | None:
    if intent.limit_price is None or intent.time_in_force not in _TIMES_IN_FORCE:
        return f"a {intent.kind} order can't be {_shown(intent.time_in_force)}"
    return None


def _wrong_thinking(thinking_ms: object) -> str | None:
    if type(thinking_ms) is int and 0 <= thinking_ms < LEDGER_BOUND:
        return None
    return f"thinking takes whole milliseconds, not {_shown(thinking_ms)}"


def _shown(value: object) -> str:
    if isinstance(value, int) and not -LEDGER_BOUND < value < LEDGER_BOUND:
        return "a number beyond 2^53"  # spelling it out could take any number of digits
    return plain_text(str(value), _MAX_SHOWN)
