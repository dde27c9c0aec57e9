"""Candles: aggregated once, read everywhere, never seen before they close."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.market import Bar
from cockpit.markets.candles import Candles, CandlesError, aggregate
from cockpit.markets.market import MarketStep
from cockpit.markets.timeframes import TIMEFRAMES, timeframe_ms

MINUTE = 60_000
SYMBOL = "BTC/USDC:USDC"


def bar(minute: int, price: float = 100.0, volume: float = 1.0) -> Bar:
    return Bar(minute * MINUTE, price, price + 2, price - 2, price + 1, volume)


def step(minute: int, *bars: Bar | None) -> MarketStep:
    """The step that closes the minute."""
    return MarketStep(ts_ms=(minute + 1) * MINUTE, bars=bars)


def filled(
    minutes: range,
    *,
    missing: frozenset[int] = frozenset(),
    keep: int = 1_000,
    reach_ms: int | None = None,
) -> Candles:
    candles = Candles([SYMBOL], MINUTE, keep=keep, reach_ms=reach_ms)
    for minute in minutes:
        candles.append(step(minute, None if minute in missing else bar(minute, 100.0 + minute)))
    return candles


def test_a_larger_bar_opens_first_closes_last_and_spans_the_extremes() -> None:
    table = [
        Bar(0, 10.0, 12.0, 9.0, 11.0, 1.0),
        Bar(MINUTE, 11.0, 15.0, 10.5, 14.0, 2.0),
        Bar(2 * MINUTE, 14.0, 14.0, 8.0, 8.5, 4.0),
    ]
    assert aggregate(table, 0) == Bar(0, 10.0, 15.0, 8.0, 8.5, 7.0)


def test_a_larger_bar_appears_with_its_last_minute_and_not_before() -> None:
    candles = filled(range(14))
    assert candles.bars(SYMBOL, "15m") == []
    candles.append(step(14, bar(14, 114.0)))
    assert candles.bars(SYMBOL, "15m") == [Bar(0, 100.0, 116.0, 98.0, 115.0, 15.0)]


def test_an_interval_that_had_begun_before_the_first_step_is_never_shown() -> None:
    candles = filled(range(7, 31))
    assert [b.open_ms // MINUTE for b in candles.bars(SYMBOL, "5m")] == [10, 15, 20, 25]
    assert [b.open_ms // MINUTE for b in candles.bars(SYMBOL, "15m")] == [15]


def test_a_gap_is_passed_over_and_an_interval_without_any_candle_has_no_bar() -> None:
    candles = filled(range(16), missing=frozenset({0, 4, *range(5, 10)}))
    assert [(b.open_ms // MINUTE, b.volume) for b in candles.bars(SYMBOL, "5m")] == [(0, 3.0), (10, 5.0)]
    assert candles.bars(SYMBOL, "5m")[0].open == 101.0


def test_an_interval_closes_though_its_last_minute_has_no_candle() -> None:
    candles = filled(range(5), missing=frozenset({4}))
    assert [b.volume for b in candles.bars(SYMBOL, "5m")] == [4.0]


def test_steps_that_were_left_out_close_the_intervals_they_passed() -> None:
    candles = filled(range(3))
    candles.append(step(14, bar(14)))
    assert [(b.open_ms // MINUTE, b.volume) for b in candles.bars(SYMBOL, "5m")] == [(0, 3.0), (10, 1.0)]
    assert [(b.open_ms // MINUTE, b.volume) for b in candles.bars(SYMBOL, "15m")] == [(0, 4.0)]


def test_the_newest_bars_are_read_oldest_first() -> None:
    candles = filled(range(10))
    assert [b.open_ms // MINUTE for b in candles.bars(SYMBOL, "1m", limit=3)] == [7, 8, 9]
    assert [b.open_ms // MINUTE for b in candles.bars(SYMBOL, "1m", after_ms=8 * MINUTE)] == [8, 9]
    assert [b.open_ms // MINUTE for b in candles.bars(SYMBOL, "1m", until_ms=2 * MINUTE)] == [0, 1]
    assert candles.bars(SYMBOL, "1m", limit=0) == []
    assert candles.bars(SYMBOL, "1m", after_ms=10 * MINUTE) == []


def test_timeframes_that_are_no_multiple_of_the_base_interval_are_left_out() -> None:
    assert Candles([SYMBOL], 5 * MINUTE).timeframes == ("5m", "15m", "1h", "4h", "1d")
    assert Candles([SYMBOL], 2 * MINUTE).timeframes == ("2m", "1h", "4h", "1d")
    assert Candles([SYMBOL], 86_400_000).timeframes == ("1d",)


def test_a_day_is_built_even_when_fewer_minutes_are_kept() -> None:
    candles = Candles([SYMBOL], MINUTE, timeframes=("1d",), keep=3)
    for minute in range(1_440):
        candles.append(step(minute, bar(minute)))
    assert [b.volume for b in candles.bars(SYMBOL, "1d")] == [1_440.0]
    assert len(candles.bars(SYMBOL, "1m")) == 3


def test_memory_is_bounded() -> None:
    candles = filled(range(5_000), keep=50)
    held = sum(len(series) for own in candles._series for series in own)
    assert held < 5_000 / 10
    assert len(candles.bars(SYMBOL, "1m")) == 50
    assert candles.bars(SYMBOL, "1m")[-1].open_ms == 4_999 * MINUTE


def test_what_can_no_longer_be_read_is_held_only_where_a_larger_bar_is_built_from_it() -> None:
    candles = filled(range(20_000), keep=60, reach_ms=60 * MINUTE)
    held = dict(zip(candles.timeframes, map(len, candles._series[0]), strict=True))
    assert held == {"1m": 60, "3m": 20, "5m": 12, "15m": 4, "1h": 4, "4h": 6, "1d": 1}


def test_a_larger_bar_is_whole_though_little_of_what_it_is_built_from_is_held() -> None:
    candles = filled(range(5 * 1_440), keep=8, reach_ms=1_440 * MINUTE)
    read = {name: [b.volume for b in candles.bars(SYMBOL, name)] for name in ("15m", "1h", "4h", "1d")}
    assert read == {"15m": [15.0] * 8, "1h": [60.0] * 8, "4h": [240.0] * 6, "1d": [1_440.0]}


def test_a_cut_stays_as_it_was_while_the_market_goes_on() -> None:
    candles = filled(range(100), keep=50)
    cut = candles.cut()
    before = {name: list(cut.bars(SYMBOL, name)) for name in cut.timeframes}
    for minute in range(100, 1_000):
        candles.append(step(minute, bar(minute)))
    assert {name: list(cut.bars(SYMBOL, name)) for name in cut.timeframes} == before
    assert cut.until_ms == 100 * MINUTE


def test_a_cut_in_the_future_is_one_of_now() -> None:
    candles = filled(range(3))
    cut = candles.cut(10**15)
    candles.append(step(20, bar(20)))
    assert cut.until_ms == 3 * MINUTE
    assert len(cut.bars(SYMBOL, "1m")) == 3
    assert cut.bars(SYMBOL, "5m") == []


def test_what_is_read_does_not_depend_on_when_reading_began() -> None:
    reach_ms = 60 * MINUTE
    long, short = filled(range(500), reach_ms=reach_ms), filled(range(417, 500), reach_ms=reach_ms)
    for name in long.timeframes:
        assert long.bars(SYMBOL, name) == short.bars(SYMBOL, name)
    assert len(long.bars(SYMBOL, "15m")) == 3


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (step(9, bar(9)), "time only goes on"),
        (step(10, bar(10), bar(10)), "2 bars for 1 symbols"),
        (step(10, bar(9)), "doesn't close"),
    ],
)
def test_a_wrong_step_is_refused_and_changes_nothing(wrong: MarketStep, message: str) -> None:
    candles = filled(range(10))
    with pytest.raises(CandlesError, match=message):
        candles.append(wrong)
    assert candles.now_ms == 10 * MINUTE
    assert len(candles.bars(SYMBOL, "1m")) == 10


def test_unknown_symbols_timeframes_and_limits_are_refused() -> None:
    candles = filled(range(3))
    with pytest.raises(CandlesError, match="there are BTC/USDC:USDC"):
        candles.bars("ETH/USDC:USDC", "1m")
    with pytest.raises(CandlesError, match="there are 1m, 3m"):
        candles.bars(SYMBOL, "2m")
    with pytest.raises(CandlesError, match="limit of -1"):
        candles.bars(SYMBOL, "1m", limit=-1)
    with pytest.raises(CandlesError, match="at least one"):
        Candles([SYMBOL], MINUTE, keep=0)


@settings(max_examples=40)
@given(
    first=st.integers(0, 3_000),
    present=st.lists(st.booleans(), min_size=1, max_size=150),
    timeframe=st.sampled_from(TIMEFRAMES[:5]),
    back=st.integers(0, 100),
)
def test_no_bar_is_seen_before_it_closes_and_each_is_made_of_its_minutes(
    first: int, present: list[bool], timeframe: str, back: int
) -> None:
    candles = Candles([SYMBOL], MINUTE)
    minutes = [bar(first + i, 100.0 + i) if there else None for i, there in enumerate(present)]
    for i, minute in enumerate(minutes):
        candles.append(step(first + i, minute))
    until_ms = (first + len(minutes) - back) * MINUTE
    length_ms = timeframe_ms(timeframe)
    begun_ms = first * MINUTE
    expected = []
    for open_ms in range(-(-begun_ms // length_ms) * length_ms, until_ms - length_ms + 1, length_ms):
        inside = [m for m in minutes if m is not None and open_ms <= m.open_ms < open_ms + length_ms]
        expected += [aggregate(inside, open_ms)] if inside else []
    assert candles.bars(SYMBOL, timeframe, until_ms=until_ms) == expected


def recorded(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False).select(
        pl.col("timestamp_ms").cast(pl.Int64),
        *(pl.col(name).cast(pl.Float64) for name in ("open", "high", "low", "close", "volume")),
    )


def appended(frame: pl.DataFrame) -> Candles:
    candles = Candles([SYMBOL], MINUTE, keep=10_000)
    by_minute = {row[0]: Bar(*row) for row in frame.rows()}
    for open_ms in range(frame["timestamp_ms"][0], frame["timestamp_ms"][-1] + 1, MINUTE):
        candles.append(MarketStep(ts_ms=open_ms + MINUTE, bars=(by_minute.get(open_ms),)))
    return candles


@pytest.mark.parametrize("timeframe", ["3m", "15m", "4h"])
def test_real_candles_with_real_gaps_aggregate_as_polars_does(shared_data: Path, timeframe: str) -> None:
    frame = recorded(shared_data / "candles/bitfinex_spot/BTCUSD-1m-2019-06.csv.gz").head(9_000)
    grouped = (
        frame.with_columns(at=pl.from_epoch("timestamp_ms", time_unit="ms"))
        .group_by_dynamic("at", every=timeframe)
        .agg(pl.first("open"), pl.max("high"), pl.min("low"), pl.last("close"), pl.sum("volume"))
        .select(pl.col("at").dt.epoch("ms"), "open", "high", "low", "close", "volume")
    )
    candles = appended(frame)
    assert candles.now_ms is not None
    expected = [row for row in grouped.rows() if row[0] + timeframe_ms(timeframe) <= candles.now_ms]
    bars = candles.bars(SYMBOL, timeframe)
    assert [b[:5] for b in bars] == [row[:5] for row in expected]
    assert [b.volume for b in bars] == pytest.approx([row[5] for row in expected], rel=1e-12)


@pytest.mark.parametrize(
    ("coin", "timeframe", "differing"),
    [("BTC", "5m", 0), ("BTC", "15m", 0), ("BTC", "1h", 0), ("kPEPE", "5m", 2), ("kPEPE", "1h", 0)],
)
def test_real_candles_aggregate_to_the_venues_own(
    shared_data: Path, coin: str, timeframe: str, differing: int
) -> None:
    folder = shared_data / "candles/hyperliquid_perp"
    own = {row[0]: row for row in recorded(folder / f"{coin}-{timeframe}.csv.gz").rows()}
    bars = appended(recorded(folder / f"{coin}-1m.csv.gz")).bars(SYMBOL, timeframe)
    compared = [(b, own[b.open_ms]) for b in bars if b.open_ms in own]
    assert len(compared) > 100
    assert sum(b[:5] != row[:5] for b, row in compared) <= differing
