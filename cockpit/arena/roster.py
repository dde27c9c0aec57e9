"""Which models and strategies an arena uses, and for whom: what settings name, and what is known of it."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from cockpit.agents.providers.model_facts import ModelFacts
from cockpit.domain.debates import JUDGE, SHADOW
from cockpit.domain.profiles import MIND_KINDS
from cockpit.domain.routing import Tier, cheap_role
from cockpit.settings.tree import AgentSettings, Settings

DECIDE = "decide"
"""The role of a model that decides alone."""

REPAIR = "repair"
"""The role of the model that mends the form of other models' answers."""


@dataclass(frozen=True, slots=True)
class ModelUse:
    """An agent that asks a model, and in which role, as its calls are told: ``decide``, ``bull`` …"""

    agent: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterModel:
    """A model that somebody may ask.

    Attributes:
        facts: What is known of it.
        uses: Who asks it, in start-list order; empty: settings have a route to it, and nobody uses it.
        benched_for_s: Real seconds until it may be asked again after failing on end; 0: it may be now.
    """

    facts: ModelFacts
    uses: tuple[ModelUse, ...]
    benched_for_s: float = 0.0


@dataclass(frozen=True, slots=True)
class StrategyUse:
    """An agent that runs a strategy; `weight` is its share of a blend, 0 … 1, and 1 where it is alone."""

    agent: str
    weight: float


def model_uses(settings: Settings) -> dict[str, tuple[ModelUse, ...]]:
    """Every model that agents, repair or routes name, with who asks it; in the order they are named."""
    uses: dict[str, list[ModelUse]] = {}
    for agent in settings.agents:
        if agent.kind in MIND_KINDS:
            for model, role in _asked(agent, settings.models.repair):
                uses.setdefault(model, []).append(ModelUse(agent.name, role))
    if settings.models.repair is not None:
        uses.setdefault(settings.models.repair, [])
    for model in settings.models.routes:
        uses.setdefault(model, [])
    return {model: tuple(each) for model, each in uses.items()}


def _asked(agent: AgentSettings, repair: str | None) -> Iterator[tuple[str, str]]:
    """Models that an agent asks, each with its role; those that settings leave out are not there."""
    roles = _debaters(agent) if agent.kind == "debate" else _deciders(agent)
    for model, role in (*roles, (repair, REPAIR)):
        if model is not None:
            yield model, role


def _deciders(agent: AgentSettings) -> Iterator[tuple[str | None, str]]:
    routing = agent.mind.routing
    if routing is None:
        yield agent.model, DECIDE
        return
    for number, model in enumerate(routing.cheap, start=1):
        yield model, cheap_role(number)
    yield agent.model or routing.powerful, Tier.POWERFUL


def _debaters(agent: AgentSettings) -> Iterator[tuple[str | None, str]]:
    held = agent.mind.debate
    for role in held.analysts:
        yield held.models.get(role, agent.model), role
    judge = held.models.get("judge", agent.model)
    yield judge, JUDGE
    if held.shadow:
        yield judge, SHADOW


def strategy_uses(settings: Settings) -> dict[str, tuple[StrategyUse, ...]]:
    """Who runs each strategy that is run, in start-list order."""
    uses: dict[str, list[StrategyUse]] = {}
    for agent in settings.agents:
        if agent.kind == "strategy":
            uses.setdefault(agent.strategy or agent.name, []).append(StrategyUse(agent.name, 1.0))
        elif agent.kind == "blend":
            whole = sum(agent.weights.values())
            for name, weight in agent.weights.items():
                uses.setdefault(name, []).append(StrategyUse(agent.name, weight / whole))
    return {name: tuple(each) for name, each in uses.items()}


def roster(
    uses: Mapping[str, tuple[ModelUse, ...]],
    facts: Callable[[str], ModelFacts],
    benched_for_s: Callable[[str], float] = lambda _: 0.0,
) -> tuple[RosterModel, ...]:
    """Models with what is known of them.

    Args:
        uses: As `model_uses` gives them.
        facts: Tells what is known of a model.
        benched_for_s: Tells for how long it is not asked.
    """
    return tuple(
        RosterModel(facts=facts(model), uses=each, benched_for_s=benched_for_s(model))
        for model, each in uses.items()
    )


def roster_of(settings: Settings, environment: Mapping[str, str] | None = None) -> tuple[RosterModel, ...]:
    """The models that settings name, where nobody asks any yet.

    Args:
        settings: Resolved.
        environment: Of the process, for keys; that of this process unless given.

    Raises:
        KeysRefused: If the file of keys can't be used.
    """
    uses = model_uses(settings)
    if not uses:
        return ()
    from cockpit.agents.switchboard import model_directory  # noqa: PLC0415 - only where there are models

    directory = model_directory(settings.models, os.environ if environment is None else environment)
    return roster(uses, directory.facts)
