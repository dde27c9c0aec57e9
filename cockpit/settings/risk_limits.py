"""From settings to the limits the risk gate goes by."""

from collections.abc import Mapping

from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.settings.risk_tree import VENUE_MODES, RiskOverrides, RiskSettings
from cockpit.settings.sources import COMMAND_LINE, ENVIRONMENT, ConfigInvalid
from cockpit.settings.tree import Settings
from cockpit.trading.risk.limits import (
    LIMIT_UNITS,
    RISK_LIMITS_BY_MODE,
    LimitValue,
    RiskLimits,
    Unit,
    is_looser,
    spelled,
    tightest,
    with_changes,
)

_ARENA_LIMITS = {
    "max_arena_gross_leverage": "max_gross_leverage",
    "max_arena_net_leverage": "max_net_leverage",
}


def mode_of(venue: str) -> str:
    """``paper``, ``testnet`` or ``mainnet``; a venue nobody has told about is held to be mainnet."""
    return VENUE_MODES.get(venue, "mainnet")


def risk_limits(settings: Settings, agent: str, mode: str, venue_leverage: float | None = None) -> RiskLimits:
    """What the gate allows an agent: of every limit the strictest that the run, its venue and it have.

    Args:
        settings: The tree.
        agent: Its name.
        mode: Of the venue, which sets the defaults.
        venue_leverage: Exposure per unit of initial margin that the venue lends on, where it says so.

    Raises:
        KeyError: If no agent is called so.
    """
    run = with_changes(RISK_LIMITS_BY_MODE[mode], _given(settings.risk))
    own = {each.name: each.risk for each in settings.agents}[agent]
    at_venue = settings.risk.venues.get(settings.venue.kind, RiskOverrides())
    lent = {} if venue_leverage is None else {"leverage": venue_leverage}
    return tightest(run, *(with_changes(run, each) for each in (_given(at_venue), lent, _given(own))))


def loosened_by_environment(settings: Settings, sources: Mapping[str, str], mode: str) -> list[str]:
    """Settings that loosen one of a mode's limits from somewhere else than the settings file.

    Args:
        settings: The tree.
        sources: Dotted name → where its value came from; see `resolve`.
        mode: ``paper``, ``testnet`` or ``mainnet``.

    Returns:
        Their dotted names, in the order of `RiskLimits`.
    """
    defaults = RISK_LIMITS_BY_MODE[mode]
    return [
        name
        for limit, value in _given(settings.risk).items()
        if sources.get(name := _setting(limit)) in (ENVIRONMENT, COMMAND_LINE)
        and is_looser(limit, value, getattr(defaults, limit))
    ]


def refuse_loosened(settings: Settings, sources: Mapping[str, str], mode: str) -> None:
    """Lets mainnet's limits be loosened in the settings file alone, where it is done on purpose.

    Raises:
        ConfigInvalid: If the environment or the command line loosens one.
    """
    if mode != "mainnet":
        return
    for name in loosened_by_environment(settings, sources, mode):
        limit = next(each for each in LIMIT_UNITS if _setting(each) == name)
        default = spelled(limit, getattr(RISK_LIMITS_BY_MODE[mode], limit))
        raise ConfigInvalid(
            f"setting {name} (from {sources[name]}): mainnet's limit of {default} can only be loosened "
            "in the settings file"
        )


def _setting(limit: str) -> str:
    if limit in _ARENA_LIMITS:
        return f"risk.arena.{_ARENA_LIMITS[limit]}"
    return f"risk.{limit.removesuffix('_ms')}"


def _given(section: RiskOverrides) -> dict[str, LimitValue]:
    """Limit → value, in the unit of `RiskLimits`, of everything a section sets."""
    arena = section.arena if isinstance(section, RiskSettings) else None
    given: dict[str, LimitValue] = {}
    for limit, unit in LIMIT_UNITS.items():
        if limit in _ARENA_LIMITS:
            value = None if arena is None else getattr(arena, _ARENA_LIMITS[limit])
        else:
            value = getattr(section, limit.removesuffix("_ms"))
        if value not in (None, ()):
            given[limit] = round(value * MICROS_PER_UNIT) if unit is Unit.MONEY else value
    return given
