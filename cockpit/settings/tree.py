"""The tree of settings: what there is to set, its defaults and its bounds."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cockpit.domain.market import MINUTE_MS
from cockpit.settings.values import CoolDownMs, DurationMs, Limit, Speed, StaleAfterMs
from cockpit.trading.breakers import AGENT_LIMITS, ARENA_LIMITS, COOL_DOWN_MS


class Section(BaseModel):
    """A part of the tree: what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ArenaSettings(Section):
    """The competition.

    Attributes:
        interval: Market time between two rounds; 3 minutes unless given, or a bar where bars are longer.
        rounds: Rounds after which the run is finished.
        duration: Market time after which the run is finished.
        agent_capital: What every agent starts with, in quote currency.
        capital: What the treasury holds; all agents' capital unless given.
    """

    interval: DurationMs | None = None
    rounds: Annotated[int, Field(gt=0)] | None = None
    duration: DurationMs | None = None
    agent_capital: Annotated[float, Field(gt=0, le=100_000_000)] = 10_000
    capital: Annotated[float, Field(gt=0, le=1_000_000_000)] | None = None


class InstrumentRules(Section):
    """What a venue asks of orders on recorded candles, which don't say."""

    tick_size: Annotated[float, Field(gt=0)] | None = None
    lot_size: Annotated[float, Field(gt=0)] | None = None
    min_notional: Annotated[float, Field(ge=0)] | None = None
    maker_fee_rate: Annotated[float, Field(ge=-0.01, le=0.1)] | None = None
    taker_fee_rate: Annotated[float, Field(ge=0, le=0.1)] | None = None
    max_leverage: Annotated[float, Field(ge=1)] | None = None


class MarketSettings(Section):
    """Where prices come from.

    Attributes:
        kind: ``simulated``, or ``replay`` of recorded candles.
        symbols: Which instruments; all there are unless given. A base coin such as BTC will do.
        seed: Of the simulated market and of agents that draw lots.
        speed: Market seconds per second, or ``max``.
        data: For ``replay``: a file of candles, or a folder of them.
        rules: For ``replay``: symbol → tick, lot and fee rules; what is missing is read off the data.
    """

    kind: Literal["simulated", "replay"] = "simulated"
    symbols: tuple[str, ...] = ()
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 7
    speed: Speed = 60.0
    data: Path | None = None
    rules: dict[str, InstrumentRules] = {}


class VenueSettings(Section):
    """Where orders go.

    Attributes:
        kind: ``paper``.
        slippage_bps: What a taker loses against the bar's price on paper, in hundredths of a percent.
    """

    kind: Literal["paper"] = "paper"
    slippage_bps: Annotated[float, Field(ge=0, le=1_000)] = 1.0


class TradingSettings(Section):
    """How targets become orders.

    Attributes:
        enabled: The kill switch: false holds every order back; so does ``TRADING_ENABLED=false`` in
            the environment.
        leverage: Gross notional per unit of equity when every instrument is at full exposure.
        rebalance_band: A position is resized only when it is off by more than this fraction.
        decision_timeout: Real time an agent may take to decide.
    """

    enabled: bool = True
    leverage: Annotated[float, Field(gt=0, le=20)] = 1.0
    rebalance_band: Annotated[float, Field(ge=0, le=1)] = 0.25
    decision_timeout: DurationMs = 10_000


class RiskSettings(Section):
    """What the risk gate allows one order, and one agent.

    Attributes:
        max_order_notional: In quote currency.
        max_gross_leverage: Gross notional of an agent's positions per unit of its equity.
        max_open_orders: Of one agent, protective ones not counted.
        max_mark_age: How old a symbol's last bar may be.
    """

    max_order_notional: Annotated[float, Field(gt=0, le=1_000_000_000)] = 250_000
    max_gross_leverage: Annotated[float, Field(gt=0, le=100)] = 3.0
    max_open_orders: Annotated[int, Field(gt=0)] = 20
    max_mark_age: DurationMs = 10 * MINUTE_MS


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


class AgentSettings(Section):
    """One contestant.

    Attributes:
        name: Unique in the arena.
        kind: ``strategy``.
        strategy: Which one, for kind ``strategy``; the agent's name unless given.
        timeframe: Of the bars a strategy is stepped over, such as 15m; the market's own unless given.
        params: Its parameters; defaults otherwise.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    kind: Literal["strategy"] = "strategy"
    strategy: str | None = None
    timeframe: str | None = None
    params: dict[str, float] = {}


class DashboardSettings(Section):
    """The screen.

    Attributes:
        theme: ``cockpit``, ``cockpit-light``, or a Textual theme.
        keys: Action → key, where the shipped one doesn't suit; ``cockpit`` shows actions under ``?``.
    """

    theme: str = "cockpit"
    keys: dict[str, str] = {}


class ApiSettings(Section):
    """The control API, which other programs talk to; it always answers on the bot's Unix socket.

    Attributes:
        port: Of 127.0.0.1, where it also answers over TCP those who have the token in the bot's folder; 0
            for any that is free.
    """

    port: Annotated[int, Field(ge=0, le=65_535)] | None = None


DEFAULT_STRATEGIES = (
    "liquidity_sweep",
    "ema_cross",
    "donchian_breakout",
    "rsi_reversion",
    "bollinger_reversion",
    "macd_trend",
    "vwap_reversion",
    "momentum_rank",
)
CONTROLS = ("buy_and_hold", "cash", "random")
"""On every leaderboard: what luck, the market, and doing nothing would have earned."""


class Settings(Section):
    """The whole tree."""

    arena: ArenaSettings = ArenaSettings()
    market: MarketSettings = MarketSettings()
    venue: VenueSettings = VenueSettings()
    trading: TradingSettings = TradingSettings()
    risk: RiskSettings = RiskSettings()
    breakers: BreakerSettings = BreakerSettings()
    agents: tuple[AgentSettings, ...] = tuple(
        AgentSettings(name=name) for name in (*DEFAULT_STRATEGIES, *CONTROLS)
    )
    dashboard: DashboardSettings = DashboardSettings()
    api: ApiSettings = ApiSettings()
