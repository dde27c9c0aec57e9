"""The risk gate: small rules that an order has to pass, each a function that gives a refusal or None."""

from collections.abc import Callable
from dataclasses import dataclass

from cockpit.domain.formats import duration, money
from cockpit.domain.market import LEDGER_BOUND, MICROS_PER_UNIT, Instrument
from cockpit.domain.orders import OrderIntent, OrderKind
from cockpit.trading.accounting import notional_micros
from cockpit.trading.agent_state import AgentState
from cockpit.trading.state import ArenaState


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimits:
    """What an order may not exceed.

    Attributes:
        max_order_notional: Micro-units of quote.
        max_gross_leverage: Gross notional of an agent's positions per unit of its equity.
        max_open_orders: Working orders of one agent, protective ones not counted.
        max_mark_age_ms: How old a symbol's last bar may be.
    """

    max_order_notional: int = 250_000 * MICROS_PER_UNIT
    max_gross_leverage: float = 3.0
    max_open_orders: int = 20
    max_mark_age_ms: int = 10 * 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an order was denied: the rule's name, and a sentence with figures."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderContext:
    """What the rules look at."""

    intent: OrderIntent
    instrument: Instrument
    agent: AgentState
    state: ArenaState
    limits: RiskLimits
    mark: float
    notional: int


Rule = Callable[[OrderContext], str | None]


def refusal_of(intent: OrderIntent, state: ArenaState, limits: RiskLimits) -> Refusal | None:
    """The first rule that an order breaks, or None when it may go out.

    Args:
        intent: The order asked for.
        state: The arena as it is now, orders already created in this round included.
        limits: The limits in force.
    """
    malformed = _malformed(intent, state)
    if malformed:
        return Refusal(rule="well_formed", reason=malformed)
    instrument = state.instrument(intent.symbol)
    mark = state.marks.get(intent.symbol)
    if mark is None:
        return Refusal(rule="stale_quote", reason=f"{intent.symbol} has no price yet")
    if not abs(intent.signed_lots) * instrument.lot_size * mark * MICROS_PER_UNIT < LEDGER_BOUND:
        size = f"{intent.signed_lots:+d} lots at {mark:g}"
        return Refusal(rule="order_notional", reason=f"{size} are more than the ledger can count")
    context = OrderContext(
        intent=intent,
        instrument=instrument,
        agent=state.agents[intent.agent],
        state=state,
        limits=limits,
        mark=mark,
        notional=abs(notional_micros(intent.signed_lots, instrument.lot_size, mark)),
    )
    for name, rule in RULES.items():
        reason = rule(context)
        if reason:
            return Refusal(rule=name, reason=reason)
    return None


def _malformed(intent: OrderIntent, state: ArenaState) -> str | None:
    if intent.agent not in state.agents:
        return f"no account is called {intent.agent}"
    if all(instrument.symbol != intent.symbol for instrument in state.agreement.instruments):
        return f"{intent.symbol} is not traded in this run"
    return _malformed_quantity(intent) or _malformed_trigger(intent)


def _malformed_quantity(intent: OrderIntent) -> str | None:
    if not isinstance(intent.signed_lots, int) or intent.signed_lots == 0:
        return f"a quantity must be whole lots other than zero, not {intent.signed_lots}"
    if abs(intent.signed_lots) >= LEDGER_BOUND:
        return "a quantity must stay below 2^53 lots"
    return None


def _malformed_trigger(intent: OrderIntent) -> str | None:
    trigger = intent.trigger_price
    if (trigger is None) != (intent.kind is OrderKind.MARKET):
        return f"a {intent.kind} order {'needs a' if trigger is None else 'has no'} trigger price"
    if trigger is not None and not 0 < trigger < LEDGER_BOUND:
        return f"a trigger price must be positive and finite, not {trigger}"
    return None


def _reduce_only(context: OrderContext) -> str | None:
    if not context.intent.reduce_only:
        return None
    position = context.agent.account.positions.get(context.intent.symbol)
    held = position.signed_lots if position else 0
    if held * context.intent.signed_lots >= 0 or abs(context.intent.signed_lots) > abs(held):
        return f"reduce-only {context.intent.signed_lots:+d} lots against a position of {held:+d}"
    return None


def _arena_halted(context: OrderContext) -> str | None:
    if context.intent.reduce_only or not context.state.halted:
        return None
    return "an arena breaker has stopped trading"


def _agent_benched(context: OrderContext) -> str | None:
    if context.intent.reduce_only or not context.agent.benched:
        return None
    return "one of the agent's breakers is not armed"


def _stale_quote(context: OrderContext) -> str | None:
    age_ms = context.state.ts_ms - context.state.fresh_ms.get(context.intent.symbol, 0)
    if context.intent.reduce_only or age_ms <= context.limits.max_mark_age_ms:
        return None
    return f"the last bar is {duration(age_ms)} old, over {duration(context.limits.max_mark_age_ms)}"


def _min_notional(context: OrderContext) -> str | None:
    if context.intent.reduce_only or context.notional >= context.instrument.min_notional:
        return None
    return f"notional {money(context.notional)} is under the venue's {money(context.instrument.min_notional)}"


def _order_notional(context: OrderContext) -> str | None:
    if context.intent.reduce_only or context.notional <= context.limits.max_order_notional:
        return None
    return f"notional {money(context.notional)} is over {money(context.limits.max_order_notional)}"


def _gross_leverage(context: OrderContext) -> str | None:
    if context.intent.reduce_only:
        return None
    gross = _gross_notional_after(context)
    ceiling = context.limits.max_gross_leverage * context.agent.watch.equity
    if gross <= ceiling:
        return None
    return f"gross notional {money(gross)} would be over {money(ceiling)}"


def _gross_notional_after(context: OrderContext) -> int:
    state, agent = context.state, context.agent
    lots = {symbol: int(position.signed_lots) for symbol, position in agent.account.positions.items()}
    for order in agent.working.values():
        if not order.reduce_only:
            lots[order.symbol] = lots.get(order.symbol, 0) + order.open_lots
    symbol = context.intent.symbol
    lots[symbol] = lots.get(symbol, 0) + context.intent.signed_lots
    return sum(
        abs(notional_micros(held, state.instrument(name).lot_size, state.marks[name]))
        for name, held in lots.items()
    )


def _open_orders(context: OrderContext) -> str | None:
    if context.intent.reduce_only:
        return None
    working = sum(1 for order in context.agent.working.values() if not order.reduce_only)
    if working < context.limits.max_open_orders:
        return None
    return f"{working} orders are open, the most allowed is {context.limits.max_open_orders}"


RULES: dict[str, Rule] = {
    "reduce_only": _reduce_only,
    "arena_halted": _arena_halted,
    "agent_benched": _agent_benched,
    "stale_quote": _stale_quote,
    "min_notional": _min_notional,
    "order_notional": _order_notional,
    "gross_leverage": _gross_leverage,
    "open_orders": _open_orders,
}
"""Name → rule, in the order they are asked. What reduces risk passes all but the first."""
