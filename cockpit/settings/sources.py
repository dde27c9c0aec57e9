"""What each source says, before anything is checked: cheap enough for the first moment of a command."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cockpit.domain.errors import USAGE, CockpitError

ENVIRONMENT = "environment"
COMMAND_LINE = "command line"
ENV_PREFIX = "COCKPIT_"
_NOT_SETTINGS = frozenset({"COCKPIT_CONFIG", "COCKPIT_STATE_DIR", "COCKPIT_BOT"})
"""The command line's own: where things are, not what they do."""


class ConfigInvalid(CockpitError):
    """A setting is wrong; the message names it, where it came from, and what it may be."""

    exit_code = USAGE


def layers(
    config: Path | None, environment: Mapping[str, str], flags: Mapping[str, Any]
) -> list[tuple[str, Mapping[str, Any]]]:
    """The trees of all sources with their names, the weakest first.

    Args:
        config: A TOML file, if any.
        environment: Variables; those named ``COCKPIT_…`` and ``TRADING_ENABLED`` count.
        flags: A tree like the file's.

    Raises:
        ConfigInvalid: If the file can't be read.
    """
    from_file = [] if config is None else [(str(config), _read(config))]
    return [*from_file, (ENVIRONMENT, _from_environment(environment)), (COMMAND_LINE, flags)]


def _read(config: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigInvalid(f"can't read the settings in {config}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{config} is not TOML: {error}") from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    if "TRADING_ENABLED" in environment:
        put(tree, ("trading", "enabled"), environment["TRADING_ENABLED"])
    for name, text in sorted(environment.items()):
        if name.startswith(ENV_PREFIX) and name not in _NOT_SETTINGS:
            put(tree, tuple(name.removeprefix(ENV_PREFIX).lower().split("__")), _value(text))
    return tree


def _value(text: str) -> object:
    """Lists and tables are written as JSON; everything else is text for pydantic to read."""
    if not text.startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def merged(sources: list[tuple[str, Mapping[str, Any]]]) -> tuple[dict[str, Any], dict[str, str]]:
    """One tree of all sources, later ones winning, and the source of each dotted name in it."""
    tree: dict[str, Any] = {}
    named: dict[str, str] = {}
    for source, layer in sources:
        for path, value in leaves(layer):
            put(tree, path, value)
            named[".".join(path)] = source
    return tree, named


def leaves(tree: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value of a tree with the names that lead to it."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*above, name))
        else:
            yield (*above, name), value


def put(tree: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    """Sets a value in a tree, with the branches that lead to it."""
    for name in path[:-1]:
        below = tree.setdefault(name, {})
        if not isinstance(below, dict):
            below = tree[name] = {}
        tree = below
    tree[path[-1]] = value
