"""The tree of settings: what there is to set, its defaults and its bounds."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from cockpit.settings.breaker_tree import BreakerSettings, OwnBreakerSettings
from cockpit.settings.model_tree import NAME_SHAPE, MindSettings, ModelName, ModelSettings
from cockpit.settings.order_tree import OrderOverrides, OrderSettings
from cockpit.settings.protection_tree import ProtectionSettings
from cockpit.settings.risk_tree import RiskOverrides, RiskSettings
from cockpit.settings.section import Section
from cockpit.settings.values import DurationMs, Speed
from cockpit.settings.venue_tree import VenueSettings


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
    rules: dict[str, InstrumentRules] = Field(default_factory=dict)


class TradingSettings(Section):
    """How targets become orders.

    Attributes:
        enabled: The kill switch: false holds every order back; so does ``TRADING_ENABLED=false`` in
            the environment.
        leverage: Gross notional per unit of equity when every instrument is at full exposure.
        rebalance_band: A position is resized only when it is off by more than this fraction.
        decision_timeout: Real time an agent may take to decide.
        orders: How positions are entered and guarded.
    """

    enabled: bool = True
    leverage: Annotated[float, Field(gt=0, le=20)] = 1.0
    rebalance_band: Annotated[float, Field(ge=0, le=1)] = 0.25
    decision_timeout: DurationMs = 10_000
    orders: OrderSettings = OrderSettings()


class AgentSettings(Section):
    """One contestant.

    Attributes:
        name: Unique in the arena.
        kind: ``strategy``, ``blend`` of several strategies, ``llm``, or ``debate``.
        strategy: Which one, for kind ``strategy``; the agent's name unless given.
        weights: For kind ``blend``: strategy → weight.
        timeframe: Of the bars a strategy is stepped over, such as 15m; the market's own unless given.
        params: Its parameters; defaults otherwise.
        model: For kinds ``llm`` and ``debate``: litellm's name for it, such as ``deepseek/deepseek-chat``.
        mind: For the same kinds: how it uses its models.
        orders: How it enters and guards its positions, where it does so otherwise than all agents.
        breakers: Its own limits, where they differ from all agents'.
        risk: What the risk gate allows it, where that is stricter than what it allows every agent.
    """

    name: Annotated[str, Field(pattern=NAME_SHAPE)]
    kind: Literal["strategy", "blend", "llm", "debate"] = "strategy"
    strategy: str | None = None
    weights: dict[str, Annotated[float, Field(gt=0, le=1_000)]] = Field(default_factory=dict)
    timeframe: str | None = None
    params: dict[str, float] = Field(default_factory=dict)
    model: ModelName | None = None
    mind: MindSettings = MindSettings()
    orders: OrderOverrides = OrderOverrides()
    breakers: OwnBreakerSettings = OwnBreakerSettings()
    risk: RiskOverrides = RiskOverrides()


class DashboardSettings(Section):
    """The screen.

    Attributes:
        theme: ``cockpit``, ``cockpit-light``, or a Textual theme.
        keys: Action → key, where the shipped one doesn't suit; ``cockpit`` shows actions under ``?``.
    """

    theme: str = "cockpit"
    keys: dict[str, str] = Field(default_factory=dict)


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
    protections: tuple[ProtectionSettings, ...] = ()
    models: ModelSettings = ModelSettings()
    agents: tuple[AgentSettings, ...] = tuple(
        AgentSettings(name=name) for name in (*DEFAULT_STRATEGIES, *CONTROLS)
    )
    dashboard: DashboardSettings = DashboardSettings()
    api: ApiSettings = ApiSettings()
