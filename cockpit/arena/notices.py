"""What a person should know before a run: what is odd about its data, which models may have read of it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time

from cockpit.agents.models.lookahead import lookahead_warning
from cockpit.arena.assembly import Parts
from cockpit.arena.run_span import ends_by_ms
from cockpit.domain.market import DAY_MS
from cockpit.markets.replay import ReplayMarket
from cockpit.settings.tree import Settings


def notices_of(settings: Settings, parts: Parts) -> tuple[str, ...]:
    """One line each, of the market, of models, and of the recorded calls that are replayed."""
    replayed = () if parts.minds is None else parts.minds.switchboard.notices
    return (*parts.market.notices, *lookahead_notices(settings, parts), *replayed)


def lookahead_notices(settings: Settings, parts: Parts) -> tuple[str, ...]:
    """A line for each model that may know how the market went, with the names of its agents.

    Nobody can have read of a simulated market.

    Args:
        settings: Resolved; `ModelRouteSettings.knowledge_cutoff` says what each model has read.
        parts: The arena made of them.
    """
    if parts.minds is None or not isinstance(parts.market, ReplayMarket):
        return ()
    start_ms, end_ms = parts.agreement.start_ms, ends_by_ms(parts.agreement, parts.market.end_ms)
    assert end_ms is not None
    return tuple(_lines(settings, parts.minds.switchboard.models, start_ms, end_ms))


def _lines(
    settings: Settings, models: Mapping[str, Iterable[str]], start_ms: int, end_ms: int
) -> Iterator[str]:
    agents: dict[str, list[str]] = {}
    for name, asked in models.items():
        for model in asked:
            agents.setdefault(model, []).append(name)
    for model, names in agents.items():
        warning = lookahead_warning(model, _cutoff_ms(settings, model), start_ms, end_ms)
        if warning is not None:
            yield f"{', '.join(names)}: {warning}"


def _cutoff_ms(settings: Settings, model: str) -> int | None:
    """The end of the last day that a model has read about, UTC milliseconds."""
    route = settings.models.routes.get(model)
    if route is None or route.knowledge_cutoff is None:
        return None
    day = datetime.combine(route.knowledge_cutoff, time(), UTC)
    return round(day.timestamp() * 1_000) + DAY_MS
