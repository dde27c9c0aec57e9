"""From settings to an arena: the one place where markets, venues and agents are chosen and put together.

A new market, venue or kind of agent gets its line in `_MARKETS`, `_VENUES` or `_AGENTS`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from cockpit.agents.agent import Agent
from cockpit.agents.blend_agent import BlendAgent
from cockpit.agents.strategy_agent import StrategyAgent
from cockpit.arena.coordinator import Rules
from cockpit.arena.tape import Tape
from cockpit.domain.events import Contestant, RunStarted
from cockpit.domain.market import DAY_MS, MICROS_PER_UNIT, MINUTE_MS, Micros
from cockpit.markets.candles import Candles
from cockpit.markets.market import Market, MarketError
from cockpit.markets.replay import ReplayMarket
from cockpit.markets.rules import InstrumentRules
from cockpit.markets.simulated import SimulatedMarket
from cockpit.markets.timeframes import timeframe_ms, timeframe_name
from cockpit.settings.breaker_tree import breaker_limits, own_limits
from cockpit.settings.order_tree import order_style
from cockpit.settings.protection_tree import protections_of
from cockpit.settings.risk_limits import risk_limits
from cockpit.settings.sources import ConfigInvalid
from cockpit.settings.tree import AgentSettings, MarketSettings, Settings
from cockpit.settings.venue_tree import fill_model
from cockpit.strategies.catalog import strategy_named
from cockpit.strategies.strategy import StrategyError, param_specs
from cockpit.trading.allocation import Sizing
from cockpit.trading.order_style import OrderStyle
from cockpit.trading.risk import RiskLimits
from cockpit.venues.paper import PaperVenue
from cockpit.venues.venue import Venue

DEFAULT_INTERVAL_MS = 3 * MINUTE_MS
MIN_HISTORY_MS = DAY_MS
MAX_SEED = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything an arena is made of, before it has a past.

    Attributes:
        market: Where prices come from.
        venue: Where orders go.
        agents: By name, in start-list order.
        rules: How it trades.
        limits: What the risk gate allows each agent, by name.
        styles: How each agent enters and guards its positions, by name.
        agent_capital: What each agent starts with.
        agreement: What the run is started with.
        history_bars: How much of the market's past agents may read.
    """

    market: Market
    venue: Venue
    agents: Mapping[str, Agent]
    rules: Rules
    limits: Mapping[str, RiskLimits]
    styles: Mapping[str, OrderStyle]
    agent_capital: Micros
    agreement: RunStarted
    history_bars: int

    def tape(self) -> Tape:
        """An empty tape of the right reach."""
        symbols = [instrument.symbol for instrument in self.market.instruments]
        interval_ms = self.market.interval_ms
        reach_ms = self.history_bars * interval_ms
        candles = Candles(symbols, interval_ms, keep=self.history_bars, reach_ms=reach_ms)
        return Tape(instruments=self.market.instruments, candles=candles, reach=self.history_bars)


def assemble(settings: Settings, bot: str) -> Parts:
    """Puts an arena together.

    Raises:
        ConfigInvalid: If the settings contradict each other or what there is; the message says how.
    """
    try:
        market = _MARKETS[settings.market.kind](settings.market)
    except MarketError as error:
        raise ConfigInvalid(str(error)) from error
    venue = _VENUES[settings.venue.kind](settings)
    agents = {each.name: _agent(each, settings, market) for each in settings.agents}
    agreement = _agreement(settings, bot, market, venue, agents)
    wanted_ms = (agent.history_ms for agent in agents.values())
    history_ms = max(MIN_HISTORY_MS, agreement.round_interval_ms, *wanted_ms)
    return Parts(
        market=market,
        venue=venue,
        agents=agents,
        rules=_rules(settings, venue.mode, market.interval_ms),
        limits=_risk_limits(settings, venue.mode),
        styles={each.name: order_style(settings.trading.orders, each.orders) for each in settings.agents},
        agent_capital=Micros(round(settings.arena.agent_capital * MICROS_PER_UNIT)),
        agreement=agreement,
        history_bars=-(-history_ms // market.interval_ms),
    )


def _simulated(settings: MarketSettings) -> Market:
    return SimulatedMarket(seed=settings.seed, symbols=settings.symbols or None)


def _replay(settings: MarketSettings) -> Market:
    if settings.data is None:
        raise ConfigInvalid("market replay needs candles: give --data FILE_OR_FOLDER, or market.data")
    rules = {symbol: _instrument_rules(given.model_dump()) for symbol, given in settings.rules.items()}
    return ReplayMarket(path=settings.data, symbols=settings.symbols or None, rules=rules)


def _instrument_rules(given: dict[str, float | None]) -> InstrumentRules:
    min_notional = given.pop("min_notional")
    micros = None if min_notional is None else Micros(round(min_notional * MICROS_PER_UNIT))
    return InstrumentRules(min_notional=micros, **given)


def _paper(settings: Settings) -> Venue:
    return PaperVenue(model=fill_model(settings.venue, settings.market.seed))


def _agent(agent: AgentSettings, settings: Settings, market: Market) -> Agent:
    try:
        return _AGENTS[agent.kind](agent, settings, market)
    except (StrategyError, ValueError) as error:
        raise ConfigInvalid(f"agent {agent.name}: {error}") from error


def _strategy_agent(agent: AgentSettings, settings: Settings, market: Market) -> StrategyAgent:
    strategy = strategy_named(agent.strategy or agent.name)
    timeframe = agent.timeframe or timeframe_name(market.interval_ms)
    if timeframe_ms(timeframe) % market.interval_ms:
        raise StrategyError(
            f"it wants {timeframe} bars, but the market has {timeframe_name(market.interval_ms)}"
        )
    params = dict(agent.params)
    if any(spec.name == "seed" for spec in param_specs(strategy.Params)):
        params.setdefault("seed", settings.market.seed % MAX_SEED + 1)
    return StrategyAgent(
        agent.name,
        strategy,
        params,
        timeframe=timeframe,
        symbols=[instrument.symbol for instrument in market.instruments],
        share=settings.trading.leverage / len(market.instruments),
    )


def _blend_agent(agent: AgentSettings, settings: Settings, market: Market) -> Agent:
    members = [
        _strategy_agent(AgentSettings(name=name, timeframe=agent.timeframe), settings, market)
        for name in agent.weights
    ]
    symbols = [instrument.symbol for instrument in market.instruments]
    return BlendAgent(agent.name, members, agent.weights, symbols=symbols)


def _rules(settings: Settings, mode: str, market_interval_ms: int) -> Rules:
    trading = settings.trading
    timeout_s = trading.decision_timeout / 1000
    return Rules(
        sizing=Sizing(leverage=trading.leverage, rebalance_band=trading.rebalance_band),
        breakers=breaker_limits(settings.breakers, mode=mode, market_interval_ms=market_interval_ms),
        protections=protections_of(settings.protections, market_interval_ms),
        timeouts_s={agent.name: timeout_s for agent in settings.agents},
    )


def _risk_limits(settings: Settings, mode: str) -> dict[str, RiskLimits]:
    lent = fill_model(settings.venue, settings.market.seed).leverage
    return {agent.name: risk_limits(settings, agent.name, mode, lent) for agent in settings.agents}


def _contestants(
    settings: Settings, agents: Mapping[str, Agent], mode: str, market_interval_ms: int
) -> tuple[Contestant, ...]:
    return tuple(
        Contestant(
            name=each.name,
            kind=agents[each.name].kind,
            summary=agents[each.name].summary,
            limits=_own_limits(each, settings, mode, market_interval_ms),
            is_control=agents[each.name].is_control,
        )
        for each in settings.agents
    )


def _own_limits(
    agent: AgentSettings, settings: Settings, mode: str, market_interval_ms: int
) -> dict[str, float | None]:
    """Its own breakers; where a stop is demanded of it, a position without one is a breach at once."""
    own = own_limits(agent.breakers, mode=mode, market_interval_ms=market_interval_ms)
    if order_style(settings.trading.orders, agent.orders).demands_stop:
        own.setdefault("missing_stop", float(market_interval_ms))
    return own


def _agreement(
    settings: Settings, bot: str, market: Market, venue: Venue, agents: Mapping[str, Agent]
) -> RunStarted:
    arena = settings.arena
    rules = _rules(settings, venue.mode, market.interval_ms)
    interval_ms = arena.interval or max(DEFAULT_INTERVAL_MS, market.interval_ms)
    if interval_ms % market.interval_ms:
        raise ConfigInvalid(
            f"rounds every {interval_ms // 1000} s don't fit bars of {market.interval_ms // 1000} s; "
            "give --interval a multiple of the bars'"
        )
    capital = arena.capital if arena.capital is not None else arena.agent_capital * len(agents)
    quotes = {instrument.quote for instrument in market.instruments}
    return RunStarted(
        bot=bot,
        settings_digest=settings_digest(settings, market),
        seed=settings.market.seed,
        market=market.name,
        venue=venue.name,
        mode=venue.mode,
        quote=quotes.pop(),
        instruments=market.instruments,
        contestants=_contestants(settings, agents, venue.mode, market.interval_ms),
        market_interval_ms=market.interval_ms,
        round_interval_ms=interval_ms,
        start_ms=market.start_ms,
        capital_in=Micros(round(capital * MICROS_PER_UNIT)),
        agent_limits=dict(rules.breakers.agent),
        arena_limits=dict(rules.breakers.arena),
        rounds_limit=arena.rounds,
        end_ms=None if arena.duration is None else market.start_ms + arena.duration,
    )


def settings_digest(settings: Settings, market: Market) -> str:
    """Identifies the settings that decide what a run does.

    Left out are speed, patience, the kill switch, the screen and the API's port: a run goes on under others.
    """
    tree = settings.model_dump(mode="json", exclude={"api": True, "dashboard": True, "market": {"speed"}})
    for name in ("enabled", "decision_timeout"):
        del tree["trading"][name]
    tree["market"]["symbols"] = [instrument.symbol for instrument in market.instruments]
    if settings.market.data is not None:
        tree["market"]["data"] = str(settings.market.data.absolute())
    canonical = json.dumps(tree, sort_keys=True, separators=(",", ":")).encode()
    return blake2b(canonical, digest_size=8).hexdigest()


_MARKETS: Mapping[str, Callable[[MarketSettings], Market]] = {"simulated": _simulated, "replay": _replay}
_VENUES: Mapping[str, Callable[[Settings], Venue]] = {"paper": _paper}
_AGENTS: Mapping[str, Callable[[AgentSettings, Settings, Market], Agent]] = {
    "strategy": _strategy_agent,
    "blend": _blend_agent,
}
