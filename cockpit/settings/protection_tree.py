"""The settings of protections, by freqtrade's names: ``[[protections]]``, each with its ``method``."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, model_validator

from cockpit.domain.market import HOUR_MS
from cockpit.settings.section import Section
from cockpit.settings.values import PeriodMs
from cockpit.trading.agent_state import RECENT_TRADES
from cockpit.trading.protections import (
    CooldownPeriod,
    LowProfitPairs,
    MaxDrawdown,
    Protection,
    StoplossGuard,
)

DEFAULT_PERIOD_MS = HOUR_MS
"""Of a lookback or a lock that is given neither in candles nor in time: freqtrade's 60 minutes."""

Candles = Annotated[int, Field(gt=0, le=1_000_000)]
TradeLimit = Annotated[int, Field(gt=0, le=RECENT_TRADES)]


class CooldownPeriodSettings(Section):
    """Locks a pair after each trade in it.

    Attributes:
        method: Which protection.
        stop_duration: How long a lock lasts: minutes, or text such as ``90m``.
        stop_duration_candles: The same in candles of the market, instead.
    """

    method: Literal["CooldownPeriod"]
    stop_duration: PeriodMs | None = None
    stop_duration_candles: Candles | None = None

    @model_validator(mode="after")
    def _one_stop_duration(self) -> "CooldownPeriodSettings":
        _not_both(self, "stop_duration")
        return self


class _LookingBack(Section):
    """A lock, and how far back to look for its cause, each in time or in candles."""

    stop_duration: PeriodMs | None = None
    stop_duration_candles: Candles | None = None
    lookback_period: PeriodMs | None = None
    lookback_period_candles: Candles | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> "_LookingBack":
        _not_both(self, "stop_duration")
        _not_both(self, "lookback_period")
        return self


class StoplossGuardSettings(_LookingBack):
    """Locks entries after too many stops.

    Attributes:
        method: Which protection.
        trade_limit: So many stops are too many.
        required_profit: Only stops that returned less than this fraction count.
        only_per_pair: Count and lock each pair by itself.
        only_per_side: Count and lock longs and shorts by themselves.
    """

    method: Literal["StoplossGuard"]
    trade_limit: TradeLimit = 10
    required_profit: float = 0.0
    only_per_pair: bool = False
    only_per_side: bool = False


class MaxDrawdownSettings(_LookingBack):
    """Locks all entries after a fall of equity.

    Attributes:
        method: Which protection.
        trade_limit: Fewer closed trades than this in the lookback prove nothing.
        max_allowed_drawdown: A fall by more than this fraction of the peak is too much.
    """

    method: Literal["MaxDrawdown"]
    trade_limit: TradeLimit = 1
    max_allowed_drawdown: Annotated[float, Field(ge=0, lt=1)]


class LowProfitPairsSettings(_LookingBack):
    """Locks a pair that does not earn enough.

    Attributes:
        method: Which protection.
        trade_limit: Fewer trades than this prove nothing.
        required_profit: What their returns have to sum up to at least, as a fraction.
        only_per_side: Count and lock longs and shorts by themselves.
    """

    method: Literal["LowProfitPairs"]
    trade_limit: TradeLimit = 1
    required_profit: float = 0.0
    only_per_side: bool = False


ProtectionSettings = Annotated[
    StoplossGuardSettings | MaxDrawdownSettings | CooldownPeriodSettings | LowProfitPairsSettings,
    Field(discriminator="method"),
]


def protections_of(settings: Iterable[ProtectionSettings], market_interval_ms: int) -> tuple[Protection, ...]:
    """What the settings mean in a run, in their order.

    Args:
        settings: Of each protection.
        market_interval_ms: Of a candle.
    """
    return tuple(_protection(each, market_interval_ms) for each in settings)


def _protection(settings: ProtectionSettings, candle_ms: int) -> Protection:
    stop_ms = _length_ms(settings.stop_duration, settings.stop_duration_candles, candle_ms)
    if isinstance(settings, CooldownPeriodSettings):
        return CooldownPeriod(stop_ms=stop_ms)
    lookback_ms = _length_ms(settings.lookback_period, settings.lookback_period_candles, candle_ms)
    match settings:
        case StoplossGuardSettings():
            return StoplossGuard(
                lookback_ms=lookback_ms,
                trade_limit=settings.trade_limit,
                stop_ms=stop_ms,
                required_profit=settings.required_profit,
                only_per_pair=settings.only_per_pair,
                only_per_side=settings.only_per_side,
            )
        case MaxDrawdownSettings():
            return MaxDrawdown(
                lookback_ms=lookback_ms,
                trade_limit=settings.trade_limit,
                max_allowed_drawdown=settings.max_allowed_drawdown,
                stop_ms=stop_ms,
            )
        case LowProfitPairsSettings():
            return LowProfitPairs(
                lookback_ms=lookback_ms,
                trade_limit=settings.trade_limit,
                required_profit=settings.required_profit,
                stop_ms=stop_ms,
                only_per_side=settings.only_per_side,
            )


def _length_ms(length_ms: int | None, candles: int | None, candle_ms: int) -> int:
    if candles is not None:
        return candles * candle_ms
    return DEFAULT_PERIOD_MS if length_ms is None else length_ms


def _not_both(settings: Section, name: str) -> None:
    if getattr(settings, name) is not None and getattr(settings, f"{name}_candles") is not None:
        raise ValueError(f"{name} and {name}_candles can't both be given; take one out")
