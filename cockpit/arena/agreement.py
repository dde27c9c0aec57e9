"""What a run is agreed to be before it begins: who competes, by which rules, under which settings."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from types import MappingProxyType

from cockpit.agents.agent import Agent
from cockpit.arena.rules import Rules
from cockpit.domain.events import Contestant, RunStarted
from cockpit.domain.market import MICROS_PER_UNIT, MINUTE_MS, Micros
from cockpit.domain.profiles import MIND_KINDS
from cockpit.markets.market import Market
from cockpit.settings.breaker_tree import breaker_limits, own_limits
from cockpit.settings.order_tree import order_style
from cockpit.settings.protection_tree import protections_of
from cockpit.settings.sources import ConfigInvalid
from cockpit.settings.tree import AgentSettings, Settings
from cockpit.trading.allocation import Sizing
from cockpit.venues.venue import Venue

DEFAULT_INTERVAL_MS = 3 * MINUTE_MS
OWN_TIMEOUT_SLACK_S = 2.0
"""How much longer than its own time an agent is waited for that keeps one."""


def agreement(
    settings: Settings,
    bot: str,
    market: Market,
    venue: Venue,
    agents: Mapping[str, Agent],
    prompts: Mapping[str, str],
) -> RunStarted:
    """What a run is started with.

    Args:
        settings: Resolved.
        bot: Its name.
        market: Where prices come from.
        venue: Where orders go.
        agents: By name, in start-list order.
        prompts: Agent → version of the templates its prompts are made of.

    Raises:
        ConfigInvalid: If rounds don't fit the market's bars.
    """
    arena = settings.arena
    rules = rules_of(settings, venue.mode, market.interval_ms)
    capital = arena.capital if arena.capital is not None else arena.agent_capital * len(agents)
    quotes = {instrument.quote for instrument in market.instruments}
    return RunStarted(
        bot=bot,
        settings_digest=settings_digest(settings, market, prompts),
        seed=settings.market.seed,
        market=market.name,
        venue=venue.name,
        mode=venue.mode,
        quote=quotes.pop(),
        instruments=market.instruments,
        contestants=_contestants(settings, agents, venue.mode, market.interval_ms),
        market_interval_ms=market.interval_ms,
        round_interval_ms=round_interval_ms(settings, market),
        start_ms=market.start_ms,
        capital_in=Micros(round(capital * MICROS_PER_UNIT)),
        agent_limits=dict(rules.breakers.agent),
        arena_limits=dict(rules.breakers.arena),
        rounds_limit=arena.rounds,
        end_ms=None if arena.duration is None else market.start_ms + arena.duration,
    )


def round_interval_ms(settings: Settings, market: Market) -> int:
    """Market time between two rounds.

    Raises:
        ConfigInvalid: If it does not fit the market's bars.
    """
    interval_ms = settings.arena.interval or max(DEFAULT_INTERVAL_MS, market.interval_ms)
    if interval_ms % market.interval_ms:
        raise ConfigInvalid(
            f"rounds every {interval_ms // 1000} s don't fit bars of {market.interval_ms // 1000} s; "
            "give --interval a multiple of the bars'"
        )
    return interval_ms


def rules_of(settings: Settings, mode: str, market_interval_ms: int) -> Rules:
    """How the arena trades."""
    trading = settings.trading
    return Rules(
        sizing=Sizing(leverage=trading.leverage, rebalance_band=trading.rebalance_band),
        breakers=breaker_limits(settings.breakers, mode=mode, market_interval_ms=market_interval_ms),
        protections=protections_of(settings.protections, market_interval_ms),
        timeouts_s={agent.name: _timeout_s(agent, settings) for agent in settings.agents},
        closing=frozenset(
            agent.name
            for agent in settings.agents
            if agent.kind in MIND_KINDS and agent.mind.on_invalidation == "close"
        ),
    )


def _timeout_s(agent: AgentSettings, settings: Settings) -> float:
    """An agent that asks models keeps its own time, and says what it asked even when that is over."""
    if agent.kind in MIND_KINDS:
        return agent.mind.timeout / 1000 + OWN_TIMEOUT_SLACK_S
    return settings.trading.decision_timeout / 1000


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


def settings_digest(
    settings: Settings, market: Market, prompts: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Identifies the settings that decide what a run does.

    Left out are speed, patience, the kill switch, the screen, the API's port, where keys and recordings
    lie and what may be spent: a run goes on under others.

    Args:
        settings: Resolved.
        market: Where prices come from.
        prompts: Agent → version of the templates its prompts are made of.
    """
    tree = settings.model_dump(mode="json", exclude={"api": True, "dashboard": True, "market": {"speed"}})
    for name in ("enabled", "decision_timeout"):
        del tree["trading"][name]
    models = tree.pop("models")
    if prompts:
        tree["models"] = {"repair": models["repair"], "routes": models["routes"], "prompts": dict(prompts)}
    tree["market"]["symbols"] = [instrument.symbol for instrument in market.instruments]
    if settings.market.data is not None:
        tree["market"]["data"] = str(settings.market.data.absolute())
    canonical = json.dumps(tree, sort_keys=True, separators=(",", ":")).encode()
    return blake2b(canonical, digest_size=8).hexdigest()
