"""A simulated market and what agents see of it."""

import asyncio
from collections.abc import Callable, Iterable

import pytest

from cockpit.agents.agent import MarketView
from cockpit.domain.market import MINUTE_MS
from cockpit.markets.candles import Candles
from cockpit.markets.market import MarketStep
from cockpit.markets.simulated import DEFAULT_START_MS, SimulatedMarket

NOW_MS = DEFAULT_START_MS + 90 * MINUTE_MS
"""Where the simulated steps end: half past one in the morning."""

HISTORY = 20_000
"""Minutes of it: two weeks, over which every figure of the NOF1 form is defined."""


@pytest.fixture(scope="session")
def market() -> SimulatedMarket:
    return SimulatedMarket(seed=7, symbols=("BTC", "DOGE", "XRP"))


@pytest.fixture(scope="session")
def steps(market: SimulatedMarket) -> list[MarketStep]:
    """Two weeks of minutes; XRP was listed 12 minutes ago."""

    async def made() -> list[MarketStep]:
        taken = []
        async for step in market.steps(NOW_MS, HISTORY):
            if step.ts_ms > NOW_MS:
                return taken
            xrp = step.bars[2] if step.ts_ms > NOW_MS - 12 * MINUTE_MS else None
            taken.append(MarketStep(ts_ms=step.ts_ms, bars=(*step.bars[:2], xrp)))
        raise AssertionError("the simulated market never ends")

    return asyncio.run(made())


@pytest.fixture(scope="session")
def filled(market: SimulatedMarket) -> Callable[[Iterable[MarketStep]], Candles]:
    """Candles that went through some steps."""

    def fill(steps: Iterable[MarketStep]) -> Candles:
        candles = Candles([each.symbol for each in market.instruments], MINUTE_MS, keep=HISTORY + 1)
        for step in steps:
            candles.append(step)
        return candles

    return fill


@pytest.fixture(scope="session")
def viewed(market: SimulatedMarket) -> Callable[..., MarketView]:
    """The view of candles at an instant; the last step's unless given."""

    def view(candles: Candles, at_ms: int | None = None) -> MarketView:
        cut = candles.cut(at_ms)
        last = {each.symbol: cut.bars(each.symbol, "1m", limit=1) for each in market.instruments}
        return MarketView(
            ts_ms=cut.until_ms,
            round=30,
            view_hash=f"{cut.until_ms:032x}",
            instruments={each.symbol: each for each in market.instruments},
            marks={symbol: bars[0].close for symbol, bars in last.items() if bars},
            candles=cut,
        )

    return view


@pytest.fixture(scope="session")
def candles(filled: Callable[[Iterable[MarketStep]], Candles], steps: list[MarketStep]) -> Candles:
    """Of the simulated steps."""
    return filled(steps)


@pytest.fixture(scope="session")
def view(viewed: Callable[..., MarketView], candles: Candles) -> MarketView:
    """At the end of the simulated steps."""
    return viewed(candles)
