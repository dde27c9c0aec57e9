"""From settings to an arena: the one place where markets, venues and agents are chosen and put together.

A new market, venue or kind of agent gets its line in `_MARKETS`, `_VENUES` or `_AGENTS`.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cockpit.agents.agent import Agent
from cockpit.agents.blend_agent import BlendAgent
from cockpit.agents.strategy_agent import StrategyAgent
from cockpit.arena.agreement import agreement, round_interval_ms, rules_of
from cockpit.arena.rules import Rules
from cockpit.arena.tape import Tape
from cockpit.domain.events import RunStarted
from cockpit.domain.market import DAY_MS, MICROS_PER_UNIT, Micros
from cockpit.domain.profiles import MIND_KINDS
from cockpit.markets.candles import Candles
from cockpit.markets.market import Market, MarketError
from cockpit.markets.replay import ReplayMarket
from cockpit.markets.rules import InstrumentRules
from cockpit.markets.simulated import SimulatedMarket
from cockpit.markets.timeframes import timeframe_ms, timeframe_name
from cockpit.settings.order_tree import order_style
from cockpit.settings.risk_limits import risk_limits
from cockpit.settings.risk_tree import symbol_lists
from cockpit.settings.sources import ConfigInvalid
from cockpit.settings.tree import AgentSettings, MarketSettings, Settings
from cockpit.settings.venue_tree import fill_model
from cockpit.strategies.catalog import strategy_named
from cockpit.strategies.strategy import StrategyError, param_specs
from cockpit.trading.order_style import OrderStyle
from cockpit.trading.risk import RiskLimits
from cockpit.trading.risk.limits import is_listed
from cockpit.venues.paper import PaperVenue
from cockpit.venues.venue import Venue

if TYPE_CHECKING:
    from cockpit.arena.minds import Minds

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
        minds: What agents that ask models share; None where there are none.
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
    minds: "Minds | None" = None

    def tape(self) -> Tape:
        """An empty tape of the right reach."""
        symbols = [instrument.symbol for instrument in self.market.instruments]
        interval_ms = self.market.interval_ms
        reach_ms = self.history_bars * interval_ms
        candles = Candles(symbols, interval_ms, keep=self.history_bars, reach_ms=reach_ms)
        return Tape(instruments=self.market.instruments, candles=candles, reach=self.history_bars)


def assemble(settings: Settings, bot: str, environment: Mapping[str, str] | None = None) -> Parts:
    """Puts an arena together.

    Args:
        settings: Resolved.
        bot: Its name.
        environment: Of the process, for the keys of models; that of this process unless given.

    Raises:
        ConfigInvalid: If the settings contradict each other or what there is; the message says how.
        CockpitError: If keys or prompts of models can't be used.
    """
    try:
        market = _MARKETS[settings.market.kind](settings.market)
    except MarketError as error:
        raise ConfigInvalid(str(error)) from error
    _refuse_unknown_symbols(settings, market)
    venue = _VENUES[settings.venue.kind](settings)
    minds = _minds(settings, market, venue, os.environ if environment is None else environment)
    agents = {each.name: _agent(each, settings, market, minds) for each in settings.agents}
    prompts = {} if minds is None else minds.prompt_versions()
    agreed = agreement(settings, bot, market, venue, agents, prompts)
    wanted_ms = (agent.history_ms for agent in agents.values())
    history_ms = max(MIN_HISTORY_MS, agreed.round_interval_ms, *wanted_ms)
    return Parts(
        market=market,
        venue=venue,
        agents=agents,
        rules=rules_of(settings, venue.mode, market.interval_ms),
        limits=_risk_limits(settings, venue.mode),
        styles={each.name: order_style(settings.trading.orders, each.orders) for each in settings.agents},
        agent_capital=Micros(round(settings.arena.agent_capital * MICROS_PER_UNIT)),
        agreement=agreed,
        history_bars=-(-history_ms // market.interval_ms),
        minds=minds,
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


def _minds(
    settings: Settings, market: Market, venue: Venue, environment: Mapping[str, str]
) -> "Minds | None":
    if not any(agent.kind in MIND_KINDS for agent in settings.agents):
        return None
    from cockpit.arena.minds import Minds  # noqa: PLC0415 - what only models need takes long to import

    return Minds(settings, market, venue, round_interval_ms(settings, market), environment)


def _agent(agent: AgentSettings, settings: Settings, market: Market, minds: "Minds | None") -> Agent:
    try:
        if minds is not None and agent.kind in MIND_KINDS:
            return minds.agent(agent)
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


def _refuse_unknown_symbols(settings: Settings, market: Market) -> None:
    """Whoever lists a symbol that isn't traded means another: the risk gate would deny every entry."""
    there = [instrument.symbol for instrument in market.instruments]
    for setting, symbols in symbol_lists(
        settings.risk, {each.name: each.risk for each in settings.agents}
    ).items():
        for name in symbols:
            if not any(is_listed(symbol, (name,)) for symbol in there):
                raise ConfigInvalid(
                    f"setting {setting}: {name} is not traded on {market.name}; there is {', '.join(there)}"
                )


def _risk_limits(settings: Settings, mode: str) -> dict[str, RiskLimits]:
    lent = fill_model(settings.venue, settings.market.seed).leverage
    return {agent.name: risk_limits(settings, agent.name, mode, lent) for agent in settings.agents}


_MARKETS: Mapping[str, Callable[[MarketSettings], Market]] = {"simulated": _simulated, "replay": _replay}
_VENUES: Mapping[str, Callable[[Settings], Venue]] = {"paper": _paper}
_AGENTS: Mapping[str, Callable[[AgentSettings, Settings, Market], Agent]] = {
    "strategy": _strategy_agent,
    "blend": _blend_agent,
}
