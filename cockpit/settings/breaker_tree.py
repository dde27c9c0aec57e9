"""The settings of circuit breakers: what each must not reach, and how long it cools down."""

from typing import Literal

from cockpit.domain.market import MINUTE_MS
from cockpit.settings.section import Section
from cockpit.settings.values import CoolDownMs, Limit, StaleAfterMs
from cockpit.trading.breakers import AGENT_LIMITS, ARENA_LIMITS, COOL_DOWN_MS


class AgentBreakerSettings(Section):
    """What each agent's breakers must not reach; ``off`` turns one off.

    Attributes:
        drawdown: Fall from peak equity, as a fraction; by mode: 0.20 on paper and testnet, 0.10 on mainnet.
        daily_loss: Loss since the UTC day began, as a fraction.
        daily_trades: Entries in a UTC day.
        consecutive_losses: Losing trades in a row.
        errors: Failed decisions, as a fraction of the latest 20.
    """

    drawdown: Limit | Literal["by mode"] = "by mode"
    daily_loss: Limit = AGENT_LIMITS["daily_loss"]
    daily_trades: Limit = AGENT_LIMITS["daily_trades"]
    consecutive_losses: Limit = AGENT_LIMITS["consecutive_losses"]
    errors: Limit = AGENT_LIMITS["errors"]


class ArenaBreakerSettings(Section):
    """What the arena's own breakers must not reach; ``off`` turns one off.

    Attributes:
        drawdown: Fall of all agents' equity together from its peak, as a fraction; by mode unless given.
        daily_loss: Loss of all agents together since the UTC day began, as a fraction.
        daily_trades: Entries of all agents in a UTC day.
        stale_data: Market time without a bar of any instrument.
        errors: Failed decisions of all agents, as a fraction of the latest.
    """

    drawdown: Limit | Literal["by mode"] = "by mode"
    daily_loss: Limit = ARENA_LIMITS["daily_loss"]
    daily_trades: Limit = ARENA_LIMITS["daily_trades"]
    stale_data: StaleAfterMs = 10 * MINUTE_MS
    errors: Limit = ARENA_LIMITS["errors"]


class CoolDownSettings(Section):
    """Market time after which a tripped breaker re-arms by itself; ``by hand`` for never.

    Attributes:
        drawdown: Of the drawdown breakers.
        daily_loss: Of the daily loss breakers.
        daily_trades: Of the daily trades breakers.
        consecutive_losses: Of the consecutive losses breakers.
        stale_data: Of the stale data breaker, which also waits for a fresh bar.
        errors: Of the error breakers.
    """

    drawdown: CoolDownMs = None
    daily_loss: CoolDownMs = COOL_DOWN_MS["daily_loss"]
    daily_trades: CoolDownMs = COOL_DOWN_MS["daily_trades"]
    consecutive_losses: CoolDownMs = COOL_DOWN_MS["consecutive_losses"]
    stale_data: CoolDownMs = COOL_DOWN_MS["stale_data"]
    errors: CoolDownMs = COOL_DOWN_MS["errors"]


class BreakerSettings(Section):
    """The circuit breakers of each agent and of the arena, and their cool-downs."""

    agent: AgentBreakerSettings = AgentBreakerSettings()
    arena: ArenaBreakerSettings = ArenaBreakerSettings()
    cool_down: CoolDownSettings = CoolDownSettings()
