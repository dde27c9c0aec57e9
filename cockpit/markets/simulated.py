"""The built-in market: six perpetuals whose prices behave like real ones, made from a seed.

Any minute can be reached without making the minutes before it, and is the same on every machine; so
nothing of it needs to be stored.
"""

from collections.abc import AsyncIterator, Iterator, Sequence

from cockpit.domain.market import DAY_MS, HOUR_MS, MINUTE_MS, Bar
from cockpit.markets.market import MarketError, MarketStep
from cockpit.markets.simulated_days import MODEL, Day, MarketModel, first_day, next_day
from cockpit.markets.simulated_hours import (
    HOURS_PER_DAY,
    CoinDay,
    Slots,
    coin_bars,
    coin_day,
    funding_rate,
    hour_slots,
    minute_slots,
)
from cockpit.markets.simulated_instruments import coins_named

ORIGIN_MS = 1_704_067_200_000
"""2024-01-01T00:00:00Z: the first minute there is."""

DEFAULT_START_MS = 1_735_689_600_000
"""2025-01-01T00:00:00Z."""

WARM_UP_MS = 30 * DAY_MS
"""At least so much history lies before any start."""


class SimulatedMarket:
    """A market made from a seed; see `cockpit.markets.market.Market` for the members."""

    name = "simulated"
    interval_ms = MINUTE_MS

    def __init__(
        self,
        *,
        seed: int,
        symbols: Sequence[str] | None = None,
        start_ms: int = DEFAULT_START_MS,
        model: MarketModel = MODEL,
    ) -> None:
        """Choose a market.

        Args:
            seed: The same seed gives the same bars, whatever symbols are asked for.
            symbols: Unified symbols or bases, in the order wanted; None for all.
            start_ms: Where trading may begin, UTC milliseconds, a full minute.
            model: How prices behave.

        Raises:
            MarketError: If a symbol is unknown, or there is too little history before the start.
        """
        if start_ms % MINUTE_MS or start_ms < ORIGIN_MS + WARM_UP_MS:
            raise MarketError("the simulated market starts at a full minute, from 2024-01-31T00:00:00Z on")
        self.seed = seed
        self.start_ms = start_ms
        self.notices: tuple[str, ...] = ()
        self._coins = coins_named(symbols)
        self.instruments = tuple(coin.instrument for coin in self._coins)
        self._model = model
        self._day = first_day(seed, ORIGIN_MS // DAY_MS, self._coins, model)

    async def steps(self, after_ms: int, history: int) -> AsyncIterator[MarketStep]:
        """All steps in time order, without end; see `cockpit.markets.market.Market.steps`.

        Steps are made an hour at a time, so that every sixtieth takes a moment longer.
        """
        first_open_ms = max(after_ms - after_ms % MINUTE_MS - history * MINUTE_MS, ORIGIN_MS)
        for step in self._steps_from(first_open_ms):
            yield step

    def _steps_from(self, first_open_ms: int) -> Iterator[MarketStep]:
        hour = first_open_ms // HOUR_MS
        skipped = first_open_ms % HOUR_MS // MINUTE_MS
        for day in self._days_from(hour // HOURS_PER_DAY):
            market_hours = hour_slots(self.seed, day.market, day.index, self._model)
            coins = [
                coin_day(self.seed, day, position, coin, market_hours, self._model)
                for position, coin in enumerate(self._coins)
            ]
            while hour // HOURS_PER_DAY == day.index:
                yield from self._hour(day, market_hours, coins, hour)[skipped:]
                skipped = 0
                hour += 1

    def _days_from(self, index: int) -> Iterator[Day]:
        day = self._day
        if index < day.index:
            day = first_day(self.seed, ORIGIN_MS // DAY_MS, self._coins, self._model)
        while day.index < index:
            day = next_day(self.seed, day, self._coins, self._model)
        self._day = day
        while True:
            yield day
            day = next_day(self.seed, day, self._coins, self._model)

    def _hour(self, day: Day, market_hours: Slots, coins: list[CoinDay], hour: int) -> list[MarketStep]:
        market = minute_slots(self.seed, day.market, market_hours, hour, self._model)
        columns = [coin_bars(self.seed, coin, market, hour, self._model) for coin in coins]
        rows: Iterator[tuple[Bar, ...]] = zip(*columns, strict=True)
        first_close_ms = hour * HOUR_MS + MINUTE_MS
        steps = [
            MarketStep(ts_ms=first_close_ms + minute * MINUTE_MS, bars=bars)
            for minute, bars in enumerate(rows)
        ]
        rates = tuple(
            funding_rate(self.seed, day, position, coin, hour, self._model)
            for position, coin in enumerate(coins)
        )
        steps[-1] = MarketStep(ts_ms=steps[-1].ts_ms, bars=steps[-1].bars, funding_rates=rates)
        return steps
