"""The settings of circuit breakers: what each must not reach, and how long it cools down."""

from collections.abc import Mapping
from typing import Literal

from cockpit.domain.market import MINUTE_MS
from cockpit.settings.section import Section
from cockpit.settings.values import (
    BlindAfterMs,
    CoolDownMs,
    FractionLimit,
    Limit,
    StaleAfterMs,
    StoplessMs,
)
from cockpit.trading.breakers import (
    AGENT_LIMITS,
    ARENA_LIMITS,
    COOL_DOWN_MS,
    DRAWDOWN_LIMITS,
    BreakerLimits,
)

BLIND_AFTER_MS = 10 * MINUTE_MS
BLIND_AFTER_BARS = 3
"""`blind` is ten minutes by default, or three bars where those are longer: a bar may be missing."""


class AgentBreakerSettings(Section):
    """What each agent's breakers must not reach; ``off`` turns one off.

    Attributes:
        drawdown: Fall from peak equity, as a fraction; by mode: 0.20 on paper and testnet, 0.10 on mainnet.
        daily_loss: Loss since the UTC day began, as a fraction.
        daily_trades: Entries in a UTC day.
        consecutive_losses: Losing trades in a row.
        errors: Failed decisions, as a fraction of the latest 20.
        consecutive_refusals: Orders denied or rejected since one was accepted.
        missing_stop: Market time a position may be without a stop; ``one bar`` demands stops.
        fill_off_mark: How far a fill may be off the mark, as a fraction.
        costs: Fees, slippage and funding of a UTC day, as a fraction of the equity it began with.
        blind: Market time without a bar of a symbol that is held; by bars: 10 minutes or three bars.
    """

    drawdown: FractionLimit | Literal["by mode"] = "by mode"
    daily_loss: FractionLimit = AGENT_LIMITS["daily_loss"]
    daily_trades: Limit = AGENT_LIMITS["daily_trades"]
    consecutive_losses: Limit = AGENT_LIMITS["consecutive_losses"]
    errors: FractionLimit = AGENT_LIMITS["errors"]
    consecutive_refusals: Limit = AGENT_LIMITS["consecutive_refusals"]
    missing_stop: StoplessMs = None
    fill_off_mark: FractionLimit = AGENT_LIMITS["fill_off_mark"]
    costs: FractionLimit = AGENT_LIMITS["costs"]
    blind: BlindAfterMs = "by bars"


class OwnBreakerSettings(Section):
    """What one agent's breakers must not reach where that differs from all agents'; ``off`` turns one off.

    Attributes are those of `AgentBreakerSettings`.
    """

    drawdown: FractionLimit | Literal["by mode", "as all"] = "as all"
    daily_loss: FractionLimit | Literal["as all"] = "as all"
    daily_trades: Limit | Literal["as all"] = "as all"
    consecutive_losses: Limit | Literal["as all"] = "as all"
    errors: FractionLimit | Literal["as all"] = "as all"
    consecutive_refusals: Limit | Literal["as all"] = "as all"
    missing_stop: StoplessMs | Literal["as all"] = "as all"
    fill_off_mark: FractionLimit | Literal["as all"] = "as all"
    costs: FractionLimit | Literal["as all"] = "as all"
    blind: BlindAfterMs | Literal["as all"] = "as all"


class ArenaBreakerSettings(Section):
    """What the arena's own breakers must not reach; ``off`` turns one off.

    Attributes:
        drawdown: Fall of all agents' equity together from its peak, as a fraction; by mode unless given.
        daily_loss: Loss of all agents together since the UTC day began, as a fraction.
        daily_trades: Entries of all agents in a UTC day.
        stale_data: Market time without a bar of any instrument.
        errors: Failed decisions of all agents, as a fraction of the latest.
        costs: What all agents together paid in a UTC day, as a fraction of the equity it began with.
        feed_age: Real time a live market's feed may be silent.
        clock_skew: How far a live venue's clock and ours may be apart.
    """

    drawdown: FractionLimit | Literal["by mode"] = "by mode"
    daily_loss: FractionLimit = ARENA_LIMITS["daily_loss"]
    daily_trades: Limit = ARENA_LIMITS["daily_trades"]
    stale_data: StaleAfterMs = 10 * MINUTE_MS
    errors: FractionLimit = ARENA_LIMITS["errors"]
    costs: FractionLimit = ARENA_LIMITS["costs"]
    feed_age: StaleAfterMs = MINUTE_MS
    clock_skew: StaleAfterMs = 5_000


class CoolDownSettings(Section):
    """Market time after which a tripped breaker re-arms by itself; ``by hand`` for never.

    Attributes:
        drawdown: Of the drawdown breakers.
        daily_loss: Of the daily loss breakers.
        daily_trades: Of the daily trades breakers.
        consecutive_losses: Of the consecutive losses breakers.
        stale_data: Of the stale data breaker, which also waits for a fresh bar.
        errors: Of the error breakers.
        consecutive_refusals: Of the breakers of orders refused in a row.
        missing_stop: Of the missing stop breakers, which also wait until there is no such position.
        fill_off_mark: Of the breakers of fills off the mark.
        costs: Of the cost breakers.
        blind: Of the blindness breakers, which also wait for a fresh bar of every held symbol.
        feed_age: Of the feed age breaker, which also waits for the feed to speak.
        clock_skew: Of the clock skew breaker, which also waits for the clocks to agree.
    """

    drawdown: CoolDownMs = None
    daily_loss: CoolDownMs = COOL_DOWN_MS["daily_loss"]
    daily_trades: CoolDownMs = COOL_DOWN_MS["daily_trades"]
    consecutive_losses: CoolDownMs = COOL_DOWN_MS["consecutive_losses"]
    stale_data: CoolDownMs = COOL_DOWN_MS["stale_data"]
    errors: CoolDownMs = COOL_DOWN_MS["errors"]
    consecutive_refusals: CoolDownMs = COOL_DOWN_MS["consecutive_refusals"]
    missing_stop: CoolDownMs = COOL_DOWN_MS["missing_stop"]
    fill_off_mark: CoolDownMs = COOL_DOWN_MS["fill_off_mark"]
    costs: CoolDownMs = COOL_DOWN_MS["costs"]
    blind: CoolDownMs = COOL_DOWN_MS["blind"]
    feed_age: CoolDownMs = COOL_DOWN_MS["feed_age"]
    clock_skew: CoolDownMs = COOL_DOWN_MS["clock_skew"]


class BreakerSettings(Section):
    """The circuit breakers of each agent and of the arena, and their cool-downs."""

    agent: AgentBreakerSettings = AgentBreakerSettings()
    arena: ArenaBreakerSettings = ArenaBreakerSettings()
    cool_down: CoolDownSettings = CoolDownSettings()


def breaker_limits(settings: BreakerSettings, *, mode: str, market_interval_ms: int) -> BreakerLimits:
    """What the settings mean in a run.

    Args:
        settings: Of all breakers.
        mode: ``paper``, ``testnet`` or ``mainnet``.
        market_interval_ms: Between two bars.
    """
    return BreakerLimits(
        agent=_resolved(settings.agent.model_dump(), mode, market_interval_ms),
        arena=_resolved(settings.arena.model_dump(), mode, market_interval_ms),
        cool_down_ms=settings.cool_down.model_dump(),
    )


def own_limits(
    settings: OwnBreakerSettings, *, mode: str, market_interval_ms: int
) -> dict[str, float | None]:
    """The limits one agent has other than the rest, by breaker: what `Contestant.limits` holds.

    Args:
        settings: Of that agent.
        mode: ``paper``, ``testnet`` or ``mainnet``.
        market_interval_ms: Between two bars.
    """
    own = {name: limit for name, limit in settings.model_dump().items() if limit != "as all"}
    return _resolved(own, mode, market_interval_ms)


def _resolved(
    limits: Mapping[str, float | str | None], mode: str, market_interval_ms: int
) -> dict[str, float | None]:
    meant: dict[str, float] = {
        "by mode": DRAWDOWN_LIMITS[mode],
        "one bar": market_interval_ms,
        "by bars": max(BLIND_AFTER_MS, BLIND_AFTER_BARS * market_interval_ms),
    }
    return {
        name: None if limit is None else float(meant[limit] if isinstance(limit, str) else limit)
        for name, limit in limits.items()
    }
