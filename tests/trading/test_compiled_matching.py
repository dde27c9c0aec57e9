"""The kernels of matching and margin give the same bits compiled, on random bars and on recorded ones."""

import csv
import gzip
import random
import struct
from functools import cache
from itertools import islice
from math import nan

import pytest

from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.lab.compiler import compile_function
from cockpit.trading.book import Level, walk
from cockpit.trading.fills import (
    is_marketable,
    nearest_tick,
    queue_uniform,
    resting_event,
    stop_event,
    target_event,
    trailing_event,
)
from cockpit.trading.impact import bar_volatility, fillable_lots, impact_fraction, taker_price
from cockpit.trading.margin import (
    bankruptcy_price,
    initial_margin_micros,
    liquidation_fee_micros,
    liquidation_price,
    maintenance_margin_micros,
)
from cockpit.trading.path import arrival, elapsed, path_of, price_at, through, touch

CASES = 1_000


def bits(value):
    """A result down to its last bit, so that −0 is not 0 and NaN is NaN."""
    if isinstance(value, tuple):
        return tuple(bits(each) for each in value)
    if isinstance(value, bool | int):
        return int(value)
    return struct.pack("<d", value)


compiled_once = cache(compile_function)


def agree(kernel, cases):
    compiled = compiled_once(kernel)
    for case in cases:
        assert bits(compiled(*case)) == bits(kernel(*case)), f"{kernel.__name__}{case}"


def random_bars(draw):
    while True:
        size = 10.0 ** draw.randint(-3, 5)
        prices = [nearest_tick(size * draw.uniform(0.9, 1.1), size / 1_000) for _ in range(4)]
        if draw.random() < 0.1:
            prices = prices[:1] * 4
        volume = draw.choice([0.0, draw.uniform(0.0, 10.0), draw.uniform(0.0, 1e7)])
        yield prices[0], max(prices), min(prices), prices[3], volume, size / 1_000


def recorded_bars(folder):
    for name, tick in (("BTC-1m", 1.0), ("kPEPE-1m", 1e-6)):
        with gzip.open(folder / "candles" / "hyperliquid_perp" / f"{name}.csv.gz", "rt") as rows:
            for row in islice(csv.DictReader(rows), CASES // 2):
                prices = [float(row[column]) for column in ("open", "high", "low", "close", "volume")]
                yield (*prices, tick)


@pytest.fixture(scope="module", params=["random", "recorded"])
def bars(request):
    """Open, high, low, close, volume, tick."""
    if request.param == "random":
        return list(islice(random_bars(random.Random(5)), CASES))
    return list(recorded_bars(request.getfixturevalue("shared_data")))


@pytest.fixture(scope="module")
def moments(bars):
    """Bars, each with its path, a position on it, the tick there, a level nearby and a side."""
    draw = random.Random(11)
    made = []
    for opened, high, low, close, volume, tick in bars:
        path = path_of(opened, high, low, close, draw.random() < 0.5)
        position = draw.choice([0.0, 1.0, 2.0, 3.0, draw.uniform(0.0, 3.0)])
        here = nearest_tick(price_at(path, position), tick)
        level = draw.choice([low, high, opened, nearest_tick(draw.uniform(low * 0.99, high * 1.01), tick)])
        made.append((path, position, here, level, draw.choice([3, -3]), volume, tick))
    return made


def test_the_path(bars, moments):
    agree(path_of, [(*bar[:4], rises) for bar in bars for rises in (True, False)])
    agree(price_at, [(path, position) for path, position, *_ in moments])
    agree(arrival, [(path, position / 3) for path, position, *_ in moments])
    agree(elapsed, [(path, position) for path, position, *_ in moments])


@pytest.mark.parametrize("kernel", [touch, through])
def test_reaching_a_level(moments, kernel):
    agree(kernel, [(path, at, level, side > 0) for path, at, _, level, side, *_ in moments])


@pytest.mark.parametrize("kernel", [stop_event, target_event])
def test_triggers(moments, kernel):
    agree(kernel, [(path, at, here, side, level) for path, at, here, level, side, *_ in moments])


def test_trailing_stops(moments):
    agree(
        trailing_event,
        [
            (path, at, here, side, level, tick * (1 + place % 50), tick)
            for place, (path, at, here, level, side, _, tick) in enumerate(moments)
        ],
    )


def test_limits(moments):
    agree(is_marketable, [(here, side, level) for _, _, here, level, side, *_ in moments])
    agree(
        resting_event,
        [
            (path, at, side, level, lucky)
            for path, at, _, level, side, *_ in moments
            for lucky in (True, False)
        ],
    )


def test_queue_draws():
    draw = random.Random(3)
    seeds = (0, 1, -1, 2**62, draw.randrange(2**62))
    agree(
        queue_uniform,
        [
            (draw.choice(seeds), draw.randrange(1, 2**40), 29_000_000 + draw.randrange(10**6))
            for _ in range(CASES)
        ],
    )


def test_ticks_volatility_impact_and_takers_prices(moments, bars):
    agree(nearest_tick, [(here * 1.0001, tick) for _, _, here, *_, tick in moments])
    agree(bar_volatility, [(high, low) for _, high, low, *_ in bars])
    lots = [(3 + place % 100, volume) for place, (*_, volume, _) in enumerate(bars)]
    agree(impact_fraction, [(size, volume, 0.01, 0.7) for size, volume in lots])
    agree(
        taker_price,
        [
            (here, side, 0.001, limit, tick)
            for _, _, here, level, side, _, tick in moments
            for limit in (level, nan)
        ],
    )
    agree(fillable_lots, [(volume, 10.0**-power, 0.1) for *_, volume, _ in bars for power in (0, 3, 8)])


def test_walking_a_book():
    draw = random.Random(9)
    asks = tuple(Level(100.0 + place / 10, draw.randint(1, 50)) for place in range(10))
    sizes = [(draw.randint(1, 400), draw.choice([nan, 100.45]), draw.randint(0, 60)) for _ in range(CASES)]
    agree(walk, [(asks, lots, limit, taken) for lots, limit, taken in sizes])


def test_margins_and_liquidation_prices():
    draw = random.Random(13)
    positions = []
    for _ in range(CASES):
        lots = draw.choice([1, -1]) * draw.randint(1, 10**6)
        cost = round(lots * 0.001 * draw.uniform(0.01, 1e5) * MICROS_PER_UNIT)
        positions.append((lots, cost, 0.001, round(cost * draw.uniform(-2.0, 2.0)), draw.uniform(0.4, 50.0)))
    agree(liquidation_price, positions)
    agree(bankruptcy_price, [each[:4] for each in positions])
    for kernel in (initial_margin_micros, maintenance_margin_micros, liquidation_fee_micros):
        agree(kernel, [(cost, factor) for _, cost, _, _, factor in positions])
