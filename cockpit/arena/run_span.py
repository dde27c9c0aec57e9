"""How long a run is, before it has begun."""

from cockpit.domain.events import RunStarted
from cockpit.markets.market import Market
from cockpit.markets.replay import ReplayMarket


def market_end_ms(market: Market) -> int | None:
    """Where a market's data end, UTC milliseconds; None: nowhere."""
    return market.end_ms if isinstance(market, ReplayMarket) else None


def ends_by_ms(run: RunStarted, market_end_ms: int | None) -> int | None:
    """When a run ends at the latest, UTC milliseconds of market time; None where nothing ends it.

    Args:
        run: What was agreed.
        market_end_ms: Where the market's data end; None: nowhere.
    """
    limit = run.rounds_limit
    by_rounds_ms = None if limit is None else run.start_ms + limit * run.round_interval_ms
    ends_ms = [each for each in (market_end_ms, run.end_ms, by_rounds_ms) if each is not None]
    return max(run.start_ms, min(ends_ms)) if ends_ms else None


def rounds_to_play(run: RunStarted, market_end_ms: int | None) -> int | None:
    """How many rounds a run has at most; None where nothing ends it.

    The first is held one interval after its start. Arguments as of `ends_by_ms`.
    """
    until_ms = ends_by_ms(run, market_end_ms)
    return None if until_ms is None else (until_ms - run.start_ms) // run.round_interval_ms
