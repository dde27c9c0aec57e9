"""Orders to ask the risk gate for, and its answers, on one line each."""

from typing import Any

from cockpit.domain.events import BreakerTripped
from cockpit.domain.market import Instrument
from cockpit.domain.orders import OrderIntent, OrderKind, OrderPurpose
from cockpit.trading.risk import Refusal, RiskLimits, refusal_of
from tests.trading.arena_facts import BTC, Past, usd

LIMITS = RiskLimits(
    max_order_notional=usd(20_000), max_gross_leverage=3.0, max_open_orders=2, max_mark_age_ms=10 * 60_000
)

WIDE = RiskLimits(
    max_order_notional=usd(1e9),
    max_position_notional=usd(1e9),
    max_price_deviation=100.0,
    max_gross_leverage=100.0,
    leverage=100.0,
    max_margin_use=100.0,
    max_concentration=100.0,
    max_gross_exposure=usd(1e9),
    max_net_exposure=usd(1e9),
    max_open_orders=1_000,
    max_orders_per_minute=1_000,
    max_mark_age_ms=10**12,
    cooldown_after_loss_ms=0,
    cooldown_after_stop_ms=0,
    max_arena_gross_leverage=100.0,
    max_arena_net_leverage=100.0,
)
"""Nothing binds: a test narrows the one limit it is about."""


def ask(lots: int, listed: Instrument = BTC, **changes: Any) -> OrderIntent:
    given = {"agent": "ann", "symbol": listed.symbol, "kind": OrderKind.MARKET}
    return OrderIntent(signed_lots=lots, **(given | changes))


def limit(lots: int, price: float, listed: Instrument = BTC, **changes: Any) -> OrderIntent:
    return ask(lots, listed, kind=OrderKind.LIMIT, limit_price=price, **changes)


def stop(lots: int, trigger: float, listed: Instrument = BTC, **changes: Any) -> OrderIntent:
    """A guard, as `trading/guards.py` makes them."""
    guard = {"kind": OrderKind.STOP_MARKET, "reduce_only": True, "purpose": OrderPurpose.STOP}
    return ask(lots, listed, trigger_price=trigger, **(guard | changes))


def verdict(past: Past, intent: OrderIntent, limits: RiskLimits = LIMITS) -> Refusal | None:
    return refusal_of(intent, past.state, limits)


def rule(past: Past, intent: OrderIntent, limits: RiskLimits = WIDE) -> str | None:
    """The rule that refuses an order; None where it passes."""
    refused = verdict(past, intent, limits)
    return None if refused is None else refused.rule


def denied(by: str, reason: str, value: float | None = None, limit: float | None = None) -> Refusal:
    return Refusal(rule=by, reason=reason, value=value, limit=limit)


def trip(past: Past, scope: str, breaker: str = "drawdown") -> None:
    past.tell(
        BreakerTripped(scope=scope, breaker=breaker, value=0.3, limit=0.2, reason="it fell", stopped="it")
    )
