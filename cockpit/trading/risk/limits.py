"""What an order may not exceed: the limits, their units, and which of two is the stricter."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import TypeAlias

from cockpit.domain.formats import duration, money, percent, ratio
from cockpit.domain.market import MICROS_PER_UNIT, MINUTE_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimits:
    """What an order may not exceed. The defaults are those of paper and testnet.

    A symbol's exposure is the larger of what is held with all buys that work on it filled, and with all
    sells filled; an agent's gross exposure is their sum. Equity is at the last marks.

    Attributes:
        max_order_notional: Micro-units of quote, of one order.
        max_position_notional: Micro-units of quote, of one symbol's exposure.
        max_price_deviation: Fraction of the mark that a limit or trigger may be off it.
        max_gross_leverage: Gross exposure per unit of equity.
        leverage: Exposure that one unit of initial margin carries, where the instrument allows as much.
        max_margin_use: Initial margin of all exposure, as a fraction of equity.
        max_concentration: One symbol's exposure per unit of equity.
        max_gross_exposure: Micro-units of quote.
        max_net_exposure: Micro-units of quote, long less short, either way.
        max_open_orders: Working orders of one agent, those that only reduce not counted.
        max_orders_per_minute: Orders of one agent created within 60 seconds of market time.
        max_mark_age_ms: How old a symbol's last bar may be.
        cooldown_after_loss_ms: From a losing trade to the next entry in the same symbol; 0: none.
        cooldown_after_stop_ms: From a stop to the next entry in the same symbol; 0: none.
        symbols: What may be traded, as unified symbols or base coins; None: everything.
        max_arena_gross_leverage: Gross exposure of all agents per unit of their equity.
        max_arena_net_leverage: Net exposure of all agents, either way, per unit of their equity.
    """

    max_order_notional: int = 250_000 * MICROS_PER_UNIT
    max_position_notional: int = 500_000 * MICROS_PER_UNIT
    max_price_deviation: float = 0.10
    max_gross_leverage: float = 3.0
    leverage: float = 10.0
    max_margin_use: float = 1.0
    max_concentration: float = 2.0
    max_gross_exposure: int = 1_000_000 * MICROS_PER_UNIT
    max_net_exposure: int = 1_000_000 * MICROS_PER_UNIT
    max_open_orders: int = 20
    max_orders_per_minute: int = 60
    max_mark_age_ms: int = 10 * MINUTE_MS
    cooldown_after_loss_ms: int = 0
    cooldown_after_stop_ms: int = 5 * MINUTE_MS
    symbols: tuple[str, ...] | None = None
    max_arena_gross_leverage: float = 3.0
    max_arena_net_leverage: float = 3.0


_MAINNET = RiskLimits(
    max_order_notional=10_000 * MICROS_PER_UNIT,
    max_position_notional=25_000 * MICROS_PER_UNIT,
    max_price_deviation=0.03,
    max_gross_leverage=1.5,
    leverage=3.0,
    max_margin_use=0.5,
    max_concentration=1.0,
    max_gross_exposure=50_000 * MICROS_PER_UNIT,
    max_net_exposure=50_000 * MICROS_PER_UNIT,
    max_open_orders=10,
    max_orders_per_minute=20,
    max_mark_age_ms=2 * MINUTE_MS,
    cooldown_after_loss_ms=10 * MINUTE_MS,
    cooldown_after_stop_ms=30 * MINUTE_MS,
    max_arena_gross_leverage=1.5,
    max_arena_net_leverage=1.0,
)

RISK_LIMITS_BY_MODE: Mapping[str, RiskLimits] = {
    "paper": RiskLimits(),
    "testnet": RiskLimits(),
    "mainnet": _MAINNET,
}
"""Defaults: what stands unless settings say otherwise."""


class Unit(StrEnum):
    """What a limit counts in; `MULTIPLE` is per unit of equity or margin."""

    MONEY = "micro-units of quote"
    FRACTION = "fraction"
    MULTIPLE = "multiple"
    COUNT = "count"
    DURATION = "milliseconds"
    SYMBOLS = "symbols"


LIMIT_UNITS: Mapping[str, Unit] = {
    "max_order_notional": Unit.MONEY,
    "max_position_notional": Unit.MONEY,
    "max_price_deviation": Unit.FRACTION,
    "max_gross_leverage": Unit.MULTIPLE,
    "leverage": Unit.MULTIPLE,
    "max_margin_use": Unit.FRACTION,
    "max_concentration": Unit.FRACTION,
    "max_gross_exposure": Unit.MONEY,
    "max_net_exposure": Unit.MONEY,
    "max_open_orders": Unit.COUNT,
    "max_orders_per_minute": Unit.COUNT,
    "max_mark_age_ms": Unit.DURATION,
    "cooldown_after_loss_ms": Unit.DURATION,
    "cooldown_after_stop_ms": Unit.DURATION,
    "symbols": Unit.SYMBOLS,
    "max_arena_gross_leverage": Unit.MULTIPLE,
    "max_arena_net_leverage": Unit.MULTIPLE,
}
"""Limit → the unit of its value, and of every figure that is measured against it."""

LimitValue: TypeAlias = int | float | tuple[str, ...] | None

_STRICTER_WHEN_LONGER = frozenset({"cooldown_after_loss_ms", "cooldown_after_stop_ms"})


def spelled(limit: str, value: LimitValue) -> str:
    """A value of a limit's unit as people read it, such as ``$250,000.00``, ``3.00×`` or ``10m``."""
    unit = LIMIT_UNITS[limit]
    if unit is Unit.SYMBOLS or isinstance(value, tuple):
        return ", ".join(value) if isinstance(value, tuple) else "all"
    if value is None:
        return ratio(None)
    if unit is Unit.DURATION:
        return duration(round(value))
    if unit is Unit.COUNT:
        return f"{value:.0f}"
    words = {Unit.MONEY: money, Unit.FRACTION: percent}.get(unit)
    return f"{ratio(value)}×" if words is None else words(value)


def is_looser(limit: str, value: LimitValue, than: LimitValue) -> bool:
    """Whether one value of a limit lets orders through that another does not."""
    return stricter(limit, value, than) != stricter(limit, value, value)


def stricter(limit: str, one: LimitValue, other: LimitValue) -> LimitValue:
    """What is left of a limit when an order has to keep to both of its values."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        listed = [name for name in one if is_listed(name, other)]
        return tuple(sorted({*listed, *(name for name in other if is_listed(name, one))}))
    if isinstance(one, tuple):
        return tuple(sorted(one))
    if isinstance(other, tuple):
        return tuple(sorted(other))
    if one is None or other is None:
        return None
    return max(one, other) if limit in _STRICTER_WHEN_LONGER else min(one, other)


def is_listed(symbol: str, names: tuple[str, ...]) -> bool:
    """Whether a symbol, or its base coin, is among `names`."""
    return symbol in names or symbol.partition("/")[0] in names


def tightest(first: RiskLimits, *others: RiskLimits) -> RiskLimits:
    """Of each limit the strictest value there is: an order has to keep to all of them.

    A longer cooldown is the stricter one, and of two symbol lists what stands in both.
    """
    strictest = first
    for limits in others:
        changes = {
            field.name: stricter(field.name, getattr(strictest, field.name), getattr(limits, field.name))
            for field in fields(RiskLimits)
        }
        strictest = with_changes(strictest, changes)
    return strictest


def with_changes(limits: RiskLimits, changes: Mapping[str, LimitValue]) -> RiskLimits:
    """These limits, but for the fields named in `changes`."""
    return replace(limits, **changes)  # type: ignore[arg-type]
