"""What is read off a series: TA-Lib is the oracle, and nothing but the bars' own times decides."""

import csv
import gzip
from dataclasses import dataclass

import numpy as np
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.agents.prompts.readings import BLOCK_BARS, SeriesReader, history_bars
from cockpit.domain.market import MINUTE_MS, Bar
from cockpit.markets.candles import Candles
from cockpit.markets.market import MarketStep
from cockpit.markets.timeframes import timeframe_ms

SYMBOL = "BTC/USDC:USDC"
COUNT = 10


def bar(minute, price, volume=1.0):
    return Bar(minute * MINUTE_MS, price, price + 2.0, price - 2.0, price + 1.0, volume)


def wavy(minute):
    """A price that neither repeats nor runs away."""
    return 100.0 + (minute * 7919 % 101) / 10 + (minute % 37) / 3


def filled(minutes, *, missing=frozenset(), reach_ms=None, price=wavy):
    candles = Candles([SYMBOL], MINUTE_MS, keep=10_000, reach_ms=reach_ms)
    for minute in minutes:
        own = None if minute in missing else bar(minute, price(minute))
        candles.append(MarketStep(ts_ms=(minute + 1) * MINUTE_MS, bars=(own,)))
    return candles


def read(candles, timeframe="1m", until_minute=None, count=COUNT):
    cut = candles.cut(None if until_minute is None else until_minute * MINUTE_MS)
    return SeriesReader(count).read(cut, SYMBOL, timeframe)


@dataclass(frozen=True)
class Recorded:
    """Recorded minutes of one coin: candles of them, and their columns."""

    candles: Candles
    bars: list[Bar]


@pytest.fixture(scope="module", params=["BTC", "kPEPE"])
def recorded(request, shared_data):
    path = shared_data / "candles" / "hyperliquid_perp" / f"{request.param}-1m.csv.gz"
    with gzip.open(path, "rt") as lines:
        rows = list(csv.reader(lines))[1:]
    by_open = {int(row[0]): Bar(int(row[0]), *map(float, row[1:])) for row in rows}
    first_ms, last_ms = min(by_open), max(by_open)
    candles = Candles([SYMBOL], MINUTE_MS, keep=10_000)
    for open_ms in range(first_ms, last_ms + MINUTE_MS, MINUTE_MS):
        candles.append(MarketStep(ts_ms=open_ms + MINUTE_MS, bars=(by_open.get(open_ms),)))
    return Recorded(candles, [by_open[open_ms] for open_ms in sorted(by_open)])


def oracle(bars):
    """Every column of a reading by TA-Lib, over all of `bars`; NaN where it is undefined."""
    high, low, close, volume = (np.array([each[column] for each in bars]) for column in (2, 3, 4, 5))
    return {
        "close": close,
        "volume": volume,
        "ema20": talib.EMA(close, 20),
        "ema50": talib.EMA(close, 50),
        "macd": talib.MACD(close, 12, 26, 9)[0],
        "rsi7": talib.RSI(close, 7),
        "rsi14": talib.RSI(close, 14),
        "atr3": talib.ATR(high, low, close, 3),
        "atr14": talib.ATR(high, low, close, 14),
        "average_volume": talib.SMA(volume, 20),
    }


@pytest.mark.parametrize("timeframe", ["1m", "3m", "15m"])
@pytest.mark.parametrize("back", [0, 55, 130])
def test_readings_of_recorded_candles_are_those_of_ta_lib_from_the_block_before(recorded, timeframe, back):
    length_ms = timeframe_ms(timeframe)
    block_ms = BLOCK_BARS * length_ms
    until_ms = recorded.bars[-1].open_ms - back * length_ms
    cut = recorded.candles.cut(until_ms)
    readings = SeriesReader(COUNT).read(cut, SYMBOL, timeframe)
    assert [each.open_ms for each in readings] == [
        until_ms - until_ms % length_ms - n * length_ms for n in range(COUNT, 0, -1)
    ]
    bars = recorded.candles.bars(SYMBOL, timeframe, until_ms=until_ms)
    for reading in readings:
        begun_ms = (reading.open_ms // block_ms - 1) * block_ms
        run = [each for each in bars if begun_ms <= each.open_ms <= reading.open_ms]
        assert BLOCK_BARS < len(run) <= 2 * BLOCK_BARS
        for name, column in oracle(run).items():
            assert getattr(reading, name) == pytest.approx(column[-1], rel=1e-9, abs=1e-12), name


def test_a_reading_is_the_same_whenever_it_is_taken():
    candles = filled(range(700))
    seen = {}
    for until in range(500, 700, 3):
        for reading in read(candles, until_minute=until):
            assert seen.setdefault(reading.open_ms, reading) == reading
    assert len(seen) > 190


@pytest.mark.parametrize("timeframe", ["1m", "3m", "15m"])
def test_readings_do_not_depend_on_when_the_candles_began(timeframe):
    minutes = timeframe_ms(timeframe) // MINUTE_MS
    needed = history_bars(COUNT) * minutes
    end = 4 * needed + 37
    early, late = filled(range(end)), filled(range(end - needed, end))
    reaching = filled(range(end), reach_ms=needed * MINUTE_MS)
    for until in range(end - 2, end + 1):
        assert len(read(early, timeframe, until)) == COUNT
        assert read(reaching, timeframe, until) == read(early, timeframe, until)
    assert read(late, timeframe) == read(early, timeframe)


@settings(max_examples=25)
@given(
    missing=st.frozensets(st.integers(0, 699)),
    silence=st.tuples(st.integers(0, 650), st.integers(0, 260)),
    views=st.lists(st.integers(1, 700), min_size=2, max_size=12),
    rewinds=st.booleans(),
)
def test_a_reader_that_has_followed_the_market_reads_what_a_new_one_reads(missing, silence, views, rewinds):
    quiet = missing | frozenset(range(silence[0], silence[0] + silence[1]))
    candles = filled(range(700), missing=quiet)
    followed = SeriesReader(COUNT)
    for until in views if rewinds else sorted(views):
        for timeframe in ("1m", "3m"):
            cut = candles.cut(until * MINUTE_MS)
            assert followed.read(cut, SYMBOL, timeframe) == SeriesReader(COUNT).read(cut, SYMBOL, timeframe)


@pytest.mark.parametrize("parted", [0, 350])
def test_a_reader_given_a_market_that_went_another_way_reads_that_one(parted):
    followed = SeriesReader(COUNT)
    followed.read(filled(range(400)).cut(), SYMBOL, "1m")
    other = filled(range(420), price=lambda minute: wavy(minute) + 5.0 * (minute >= parted)).cut()
    assert followed.read(other, SYMBOL, "1m") == SeriesReader(COUNT).read(other, SYMBOL, "1m")


@settings(max_examples=25)
@given(
    until=st.integers(301, 480),
    prices=st.lists(st.floats(1.0, 1e6), min_size=10, max_size=10),
    missing=st.frozensets(st.integers(0, 9)),
)
def test_bars_that_have_not_closed_change_nothing(until, prices, missing):
    def altered(minute):
        return wavy(minute) if minute < until else prices[minute % 10]

    late = frozenset(minute for minute in range(until, 500) if minute % 10 in missing)
    as_it_was, otherwise = filled(range(500)), filled(range(500), missing=late, price=altered)
    stopped = filled(range(until))
    for timeframe in ("1m", "3m", "15m"):
        readings = read(as_it_was, timeframe, until)
        assert read(otherwise, timeframe, until) == readings
        assert read(stopped, timeframe) == readings


def test_closed_minutes_of_a_larger_bar_that_is_still_open_do_not_show_in_its_series():
    as_it_was = filled(range(314))
    otherwise = filled(range(314), price=lambda minute: wavy(minute) + (50.0 if minute >= 300 else 0.0))
    assert read(as_it_was, "1m") != read(otherwise, "1m")
    assert read(as_it_was, "15m") == read(otherwise, "15m")
    assert read(as_it_was, "15m")[-1].open_ms == 285 * MINUTE_MS


def test_an_interval_without_trades_is_flat_at_the_last_close():
    readings = read(filled(range(300), missing=frozenset({295, 298, 299})))
    closes = [each.close for each in readings]
    assert closes == [wavy(minute) + 1.0 for minute in (290, 291, 292, 293, 294, 294, 296, 297, 297, 297)]
    assert [each.volume for each in readings] == [1.0] * 5 + [0.0, 1.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("close", 1),
        ("volume", 1),
        ("ema20", 20),
        ("ema50", 50),
        ("macd", 26),
        ("rsi7", 8),
        ("rsi14", 15),
        ("atr3", 4),
        ("atr14", 15),
        ("average_volume", 20),
    ],
)
def test_a_coin_just_listed_has_a_figure_from_its_first_full_window_on(name, needed):
    before = frozenset(range(220))
    early = read(filled(range(220 + needed - 1), missing=before), until_minute=220 + needed - 1)
    (last,) = read(filled(range(220 + needed), missing=before), count=1)
    assert getattr(last, name) is not None
    assert all(getattr(each, name) is None for each in early)
    assert len(early) == min(COUNT, needed - 1)


def test_a_series_without_bars_or_of_an_unknown_timeframe_has_no_readings():
    assert read(filled(range(300), missing=frozenset(range(300)))) == ()
    assert read(filled(range(300)), "7m") == ()
    assert read(Candles([SYMBOL], MINUTE_MS)) == ()
    assert read(filled(range(600), missing=frozenset(range(300, 600)))) == ()


@pytest.mark.parametrize("count", [0, -1, BLOCK_BARS + 1])
def test_a_series_of_no_or_too_many_values_is_refused(count):
    with pytest.raises(ValueError, match="give 1 to 100"):
        SeriesReader(count)
