"""The built-in market: the same on every machine, reachable at any minute, and like real prices."""

import asyncio
import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from cockpit.domain.market import DAY_MS, HOUR_MS, MINUTE_MS, Bar, Instrument
from cockpit.markets.market import Market, MarketError, MarketStep
from cockpit.markets.simulated import DEFAULT_START_MS, ORIGIN_MS, WARM_UP_MS, SimulatedMarket
from cockpit.markets.simulated_days import MODEL, MarketModel, first_day, next_day
from cockpit.markets.simulated_hours import CoinDay, Slots, coin_bars
from cockpit.markets.simulated_instruments import COINS
from cockpit.markets.view_hash import GENESIS, view_hash

SYMBOLS = tuple(coin.instrument.symbol for coin in COINS)
DAYS = 45


def taken(market: Market, count: int, *, after_ms: int | None = None, history: int = 0) -> list[MarketStep]:
    async def take() -> list[MarketStep]:
        steps = []
        async for step in market.steps(market.start_ms if after_ms is None else after_ms, history):
            steps.append(step)
            if len(steps) == count:
                break
        return steps

    return asyncio.run(take())


@pytest.fixture(scope="module")
def weeks() -> list[MarketStep]:
    return taken(SimulatedMarket(seed=7), DAYS * 1_440)


@pytest.fixture(scope="module")
def bars(weeks: list[MarketStep]) -> np.ndarray:
    """By symbol, minute and field of a bar."""
    return np.array([[step.bars[place] for step in weeks] for place in range(len(SYMBOLS))])


@pytest.fixture(scope="module")
def closes(bars: np.ndarray) -> np.ndarray:
    """One row a minute, one column a symbol."""
    return bars[:, :, 4].T


@pytest.fixture(scope="module")
def returns(closes: np.ndarray) -> np.ndarray:
    return np.diff(np.log(closes), axis=0)


def excess_kurtosis(values: np.ndarray) -> float:
    centred = values - values.mean()
    return float((centred**4).mean() / (centred**2).mean() ** 2 - 3)


def autocorrelation(values: np.ndarray, lag: int) -> float:
    return float(np.corrcoef(values[:-lag], values[lag:])[0, 1])


def named_hash(steps: Sequence[MarketStep]) -> str:
    return view_hash(GENESIS, steps[-1].ts_ms, steps)


# The same market, always


def test_a_seed_gives_the_same_bytes_on_every_machine() -> None:
    assert named_hash(taken(SimulatedMarket(seed=7), 1_600)) == "1e48988373dc10a204ab04a5b5dd7b65"
    later_ms = DEFAULT_START_MS + 400 * DAY_MS + 17 * MINUTE_MS
    assert (
        named_hash(taken(SimulatedMarket(seed=-3), 100, after_ms=later_ms, history=20))
        == "adf74afa1223d0d985b2f819539b32f2"
    )


def test_another_seed_gives_another_market() -> None:
    assert taken(SimulatedMarket(seed=1), 5) != taken(SimulatedMarket(seed=2), 5)


@pytest.mark.parametrize("minutes", [1, 59, 60, 61, 1_439, 1_440, 1_441, 30 * 1_440 + 777])
def test_any_minute_is_reached_as_if_run_there_from_the_start(weeks: list[MarketStep], minutes: int) -> None:
    after_ms = DEFAULT_START_MS + minutes * MINUTE_MS
    assert taken(SimulatedMarket(seed=7), 70, after_ms=after_ms) == weeks[minutes : minutes + 70]
    assert taken(SimulatedMarket(seed=7), 1, after_ms=after_ms, history=1) == weeks[minutes - 1 : minutes]


def test_a_market_gives_the_same_steps_however_often_and_in_whatever_order(weeks: list[MarketStep]) -> None:
    market = SimulatedMarket(seed=7)
    far = taken(market, 3, after_ms=DEFAULT_START_MS + 20 * DAY_MS)
    assert far == weeks[20 * 1_440 : 20 * 1_440 + 3]
    assert taken(market, 3) == weeks[:3]
    assert taken(market, 3, after_ms=DEFAULT_START_MS + 20 * DAY_MS) == far


def test_the_start_does_not_change_the_bars(weeks: list[MarketStep]) -> None:
    market = SimulatedMarket(seed=7, start_ms=DEFAULT_START_MS + DAY_MS)
    assert taken(market, 3) == weeks[1_440:1_443]


@pytest.mark.parametrize("symbols", [["SOL"], ["XRP/USDC:USDC", "BTC"], ["DOGE", "ETH", "BNB"]])
def test_fewer_symbols_have_the_bars_they_have_among_all(weeks: list[MarketStep], symbols: list[str]) -> None:
    market = SimulatedMarket(seed=7, symbols=symbols)
    places = [SYMBOLS.index(instrument.symbol) for instrument in market.instruments]
    assert [instrument.base for instrument in market.instruments] == [s.split("/")[0] for s in symbols]
    for alone, among in zip(taken(market, 1_500), weeks, strict=False):
        assert alone.bars == tuple(among.bars[place] for place in places)
        if among.funding_rates is not None:
            assert alone.funding_rates == tuple(among.funding_rates[place] for place in places)


def test_a_month_of_history_lies_before_any_start() -> None:
    market = SimulatedMarket(seed=7, start_ms=ORIGIN_MS + WARM_UP_MS)
    first, *_ = taken(market, 1, history=30 * 1_440)
    assert first.ts_ms == market.start_ms - WARM_UP_MS + MINUTE_MS
    assert taken(market, 1, history=10**9) == [first]


def test_history_leads_up_to_the_instant_asked_for() -> None:
    market = SimulatedMarket(seed=7)
    steps = taken(market, 150, history=100)
    assert [step.ts_ms for step in steps] == [
        DEFAULT_START_MS + minute * MINUTE_MS for minute in range(-99, 51)
    ]


def test_a_year_later_is_reached_without_making_the_year(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = []

    def counted(seed: int, day: CoinDay, market: Slots, hour: int, model: MarketModel) -> list[Bar]:
        hours.append(hour)
        return coin_bars(seed, day, market, hour, model)

    monkeypatch.setattr("cockpit.markets.simulated.coin_bars", counted)
    after_ms = DEFAULT_START_MS + 365 * DAY_MS
    taken(SimulatedMarket(seed=7), 1, after_ms=after_ms)
    assert hours == [after_ms // HOUR_MS] * len(SYMBOLS)


# What can be asked for


def test_symbols_it_does_not_have_are_refused_with_those_it_has() -> None:
    with pytest.raises(MarketError, match=r"no PEPE; it has BTC/USDC:USDC, ETH/USDC:USDC"):
        SimulatedMarket(seed=1, symbols=["BTC", "PEPE"])


@pytest.mark.parametrize("symbols", [[], ["BTC", "BTC"], ["BTC", "BTC/USDC:USDC"]])
def test_symbols_are_named_once(symbols: list[str]) -> None:
    with pytest.raises(MarketError, match="each symbol"):
        SimulatedMarket(seed=1, symbols=symbols)


@pytest.mark.parametrize("start_ms", [ORIGIN_MS + WARM_UP_MS - MINUTE_MS, DEFAULT_START_MS + 1, 0])
def test_a_start_without_history_or_off_the_minute_is_refused(start_ms: int) -> None:
    with pytest.raises(MarketError, match="full minute"):
        SimulatedMarket(seed=1, start_ms=start_ms)


# Bars a venue could have sent


def on_grid(values: np.ndarray, size: float) -> bool:
    if size < 1:
        steps = round(1 / size)
        return bool((np.round(values * steps) / steps == values).all())
    return bool((np.round(values / size) * size == values).all())


@pytest.mark.parametrize("place", range(6))
def test_every_bar_is_one_a_venue_could_send(bars: np.ndarray, place: int) -> None:
    instrument: Instrument = COINS[place].instrument
    open_ms, opened, high, low, close, volume = bars[place].T
    assert (open_ms == DEFAULT_START_MS + MINUTE_MS * np.arange(DAYS * 1_440)).all()
    assert (low > 0).all()
    assert (volume > 0).all()
    assert (high >= np.maximum(opened, close)).all()
    assert (low <= np.minimum(opened, close)).all()
    assert on_grid(bars[place][:, 1:5], instrument.tick_size)
    assert on_grid(volume, instrument.lot_size)
    assert all(instrument.round_price(price) == price for price in close[:2_000])


@pytest.mark.parametrize("place", range(6))
def test_a_bar_opens_within_two_ticks_of_the_last_close(bars: np.ndarray, place: int) -> None:
    changes = bars[place, 1:, 1] - bars[place, :-1, 4]
    ticks = np.round(changes / COINS[place].instrument.tick_size)
    assert np.abs(ticks).max() <= 2
    assert 0.3 < (ticks != 0).mean() < 0.7


def test_prices_stay_in_reach_of_their_anchors_for_years() -> None:
    for seed in range(4):
        day = first_day(seed, ORIGIN_MS // DAY_MS, COINS)
        for _ in range(1_500):
            day = next_day(seed, day, COINS)
            assert all(0.06 < p / c.anchor_price < 8 for p, c in zip(day.closes, COINS, strict=True))


# Like real prices: the stylised facts of Cont (2001)


@pytest.mark.parametrize("place", range(6))
def test_returns_of_a_minute_have_fat_tails_that_thin_out_over_the_hour(
    closes: np.ndarray, returns: np.ndarray, place: int
) -> None:
    minutely = excess_kurtosis(returns[:, place])
    hourly = excess_kurtosis(np.diff(np.log(closes[59::60, place])))
    assert 4 < minutely < 120
    assert hourly < minutely / 3


@pytest.mark.parametrize("place", range(6))
def test_returns_do_not_foretell_the_next(returns: np.ndarray, place: int) -> None:
    for lag in (1, 2, 5, 15, 60):
        assert abs(autocorrelation(returns[:, place], lag)) < 0.025


def jumps_of(seed: int) -> list[tuple[int, int, float]]:
    """Place of the coin, minute since the start, and sign of each jump of the weeks."""
    day = first_day(seed, ORIGIN_MS // DAY_MS, COINS)
    jumps = []
    for index in range(DEFAULT_START_MS // DAY_MS, DEFAULT_START_MS // DAY_MS + DAYS):
        while day.index < index:
            day = next_day(seed, day, COINS)
        first = (index - DEFAULT_START_MS // DAY_MS) * 1_440
        for place, own in enumerate(day.own):
            jumps += [(place, first + minute, np.sign(move)) for minute, move in day.market.jumps + own.jumps]
    return jumps


def test_a_jump_is_seen_in_its_minute_and_not_undone_afterwards(returns: np.ndarray) -> None:
    scaled = returns / returns.std(axis=0)
    jumps = [jump for jump in jumps_of(7) if jump[1] + 60 < len(scaled)]
    assert len(jumps) > 100
    seen = [sign * scaled[minute - 1, place] for place, minute, sign in jumps]
    after = [sign * scaled[minute : minute + 60, place].sum() for place, minute, sign in jumps]
    assert np.median(seen) > 6
    assert abs(np.mean(after)) < 3 * np.std(after) / np.sqrt(len(after))


@pytest.mark.parametrize("place", range(6))
def test_volatility_clusters_and_decays_slowly(returns: np.ndarray, place: int) -> None:
    sizes = np.abs(returns[:, place])
    minute, quarter, hour, day = (autocorrelation(sizes, lag) for lag in (1, 15, 60, 1_440))
    assert 0.06 < minute < 0.4
    assert minute > hour > 0.02
    assert quarter > 0.04
    assert day > 0.005


def test_coins_move_together_but_not_as_one(returns: np.ndarray) -> None:
    correlations = np.corrcoef(returns.T)[np.triu_indices(6, 1)]
    assert correlations.min() > 0.3
    assert correlations.max() < 0.95


def test_volume_comes_with_movement(bars: np.ndarray, returns: np.ndarray) -> None:
    volume = bars[0, :, 5]
    assert 0.25 < np.corrcoef(np.abs(returns[:, 0]), volume[1:])[0, 1] < 0.8


def test_volume_follows_the_hours_of_the_day(bars: np.ndarray) -> None:
    volume = bars[0, :, 5]
    by_hour = volume.reshape(DAYS, 24, 60).mean(axis=(0, 2))
    night, new_york, evening = by_hour[3:7].mean(), by_hour[13:16].mean(), by_hour[20:23].mean()
    assert new_york > 1.5 * night
    assert new_york > 1.3 * evening
    by_minute = volume.reshape(DAYS, 24, 60).mean(axis=(0, 1))
    assert by_minute[0] == by_minute.max()


def test_jumps_come_now_and_then(returns: np.ndarray) -> None:
    for column in returns.T:
        jumps = (np.abs(column) > 8 * column.std()).sum()
        assert 0.1 < jumps / DAYS < 2


@pytest.mark.parametrize(
    ("base", "low", "high"),
    [
        ("BTC", 0.02, 0.04),
        ("ETH", 0.025, 0.05),
        ("SOL", 0.03, 0.06),
        ("BNB", 0.018, 0.04),
        ("DOGE", 0.035, 0.07),
        ("XRP", 0.03, 0.06),
    ],
)
def test_a_coins_daily_volatility_is_that_of_its_namesake(base: str, low: float, high: float) -> None:
    place = [coin.instrument.base for coin in COINS].index(base)
    moves = []
    for seed in range(3):
        day = first_day(seed, ORIGIN_MS // DAY_MS, COINS)
        for _ in range(600):
            moves.append(day.closes[place] / day.opens[place] - 1)
            day = next_day(seed, day, COINS)
    assert low < np.std(moves) < high
    assert abs(np.mean(moves)) < 0.004
    assert excess_kurtosis(np.array(moves)) > 0.5


def test_minutes_add_up_to_the_volatility_of_days(returns: np.ndarray) -> None:
    for column, coin in zip(returns.T, COINS, strict=True):
        market = coin.beta * MODEL.market_volatility
        mean = np.sqrt(market**2 + coin.own_volatility**2)
        assert 0.6 < column.std() * np.sqrt(1_440) / mean < 1.8


def test_markets_have_calm_and_turbulent_stretches_and_trends() -> None:
    day = first_day(7, ORIGIN_MS // DAY_MS, COINS)
    days = [day := next_day(7, day, COINS) for _ in range(1_500)]
    runs = [(regime, len(list(run))) for regime, run in itertools.groupby(day.regime for day in days)]
    lengths = {regime: np.mean([n for r, n in runs if r is regime]) for regime in {r for r, _ in runs}}
    assert len(lengths) == 4
    assert all(2 < length < 15 for length in lengths.values())
    spread = {
        regime: np.std([day.market.total for day in days if day.regime is regime]) for regime in lengths
    }
    assert max(spread.values()) > 1.5 * min(spread.values())


# Funding


def test_funding_is_due_on_the_hour_and_only_then(weeks: list[MarketStep]) -> None:
    assert all((step.funding_rates is not None) == (step.ts_ms % HOUR_MS == 0) for step in weeks)
    assert all(coin.instrument.funding_interval_ms == HOUR_MS for coin in COINS)


def test_funding_leans_with_the_trend_and_is_bounded(weeks: list[MarketStep], closes: np.ndarray) -> None:
    rates = np.array([step.funding_rates for step in weeks if step.funding_rates is not None])
    assert np.abs(rates).max() <= MODEL.funding_bound
    assert 0 < np.median(rates) < 0.00005
    hourly = closes[59::60]
    trend = hourly[24:] / hourly[:-24] - 1
    for place in range(6):
        assert np.corrcoef(trend[:, place], rates[24:, place])[0, 1] > 0.5
    assert rates.min() < 0
