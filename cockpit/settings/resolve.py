"""Where settings come from: defaults, a file, the environment, the command line; later ones win."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cockpit.domain.events import ARENA
from cockpit.settings.model_tree import SHAPES_TOLD
from cockpit.settings.risk_limits import mode_of, refuse_loosened
from cockpit.settings.sources import ConfigInvalid, layers, leaves, merged
from cockpit.settings.tree import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Settings, and the source of each that is not a default.

    Attributes:
        settings: The tree.
        sources: Dotted name → where its value came from.
    """

    settings: Settings
    sources: Mapping[str, str]


def resolve(
    *, config: Path | None = None, environment: Mapping[str, str], flags: Mapping[str, Any] | None = None
) -> Resolved:
    """The settings from a configuration file, the environment and the command line.

    Args:
        config: A TOML file, if any.
        environment: Variables; those named ``COCKPIT_…`` and ``TRADING_ENABLED`` count.
        flags: A tree like the file's.

    Raises:
        ConfigInvalid: If the file can't be read, or a value is wrong.
    """
    tree, sources = merged(layers(config, environment, flags or {}))
    try:
        settings = Settings(**tree)
        _check_agents(settings)
    except ValidationError as error:
        raise ConfigInvalid(_first_fault(error, tree, sources)) from error
    refuse_loosened(settings, sources, mode_of(settings.venue.kind))
    return Resolved(settings=settings, sources=sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One setting for people: its dotted name, its value as settings spell it, and its source."""

    name: str
    value: str
    source: str


def described(resolved: Resolved) -> list[Described]:
    """Every setting, in the tree's order."""
    tree = resolved.settings.model_dump(mode="json")
    return [
        Described(name=name, value=_spelled(name, value), source=_source_of(name, resolved.sources))
        for name, value in ((".".join(path), value) for path, value in leaves(tree))
    ]


def _spelled(name: str, value: object) -> str:
    if value is None and name == "market.speed":
        return "max"
    if value is None and name.startswith("risk.") and not name.startswith("risk.venues."):
        return "by mode"
    if value is None:
        return "by hand" if "cool_down" in name else "off" if name.startswith("breakers") else "not set"
    return json.dumps(value) if isinstance(value, (list, dict)) else str(value)


def _source_of(name: str, sources: Mapping[str, str]) -> str:
    return sources.get(name, "default")


def _check_agents(settings: Settings) -> None:
    names = [agent.name for agent in settings.agents]
    for name in names:
        if names.count(name) > 1:
            raise ConfigInvalid(f"two agents are called {name}; give each a name of its own")
    if ARENA in names:
        raise ConfigInvalid(f"no agent can be called {ARENA}: the arena's own breakers go by that name")
    if not names:
        raise ConfigInvalid("nobody competes: give at least one [[agents]]")


def _first_fault(error: ValidationError, given: object, sources: Mapping[str, str]) -> str:
    fault = error.errors()[0]
    path = _setting_of(fault, given)
    name = ".".join(path)
    source = next(
        (sources[".".join(path[:n])] for n in range(len(path), 0, -1) if ".".join(path[:n]) in sources), ""
    )
    where = f" (from {source})" if source else ""
    return f"setting {name}{where}: {_words_of(fault)}"


def _words_of(fault: ErrorDetails) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such setting"
    if fault["type"] == "string_pattern_mismatch":
        return SHAPES_TOLD.get(fault["ctx"]["pattern"], fault["msg"])
    return fault["msg"].removeprefix("Value error, ")


def _setting_of(fault: ErrorDetails, given: object) -> list[str]:
    """The names that lead to what is wrong, without those pydantic has for its own parts: validators, tags.

    What is missing is the only thing that has a name and isn't among what was given.
    """
    path: list[str] = []
    for part in fault["loc"]:
        try:
            given = given[part]  # type: ignore[index]
        except (LookupError, TypeError):
            continue
        path.append(str(part))
    return [*path, str(fault["loc"][-1])] if fault["type"] == "missing" else path
