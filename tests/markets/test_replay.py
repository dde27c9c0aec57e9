"""A market of recorded candles."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from cockpit.domain.market import MICROS_PER_UNIT, Micros
from cockpit.markets.candles import Candles
from cockpit.markets.market import Market, MarketError, MarketStep
from cockpit.markets.replay import ReplayMarket
from cockpit.markets.rules import InstrumentRules

MINUTE = 60_000
NEW_YEAR = 1_577_836_800_000


def taken(market: Market, *, after_ms: int | None = None, history: int = 0) -> list[MarketStep]:
    async def take() -> list[MarketStep]:
        after = market.start_ms if after_ms is None else after_ms
        return [step async for step in market.steps(after, history)]

    return asyncio.run(take())


def written(folder: Path, name: str, minutes: list[int], *, every: int = 1, price: float = 10.0) -> Path:
    """A file of candles that open at these minutes; a candle's close tells its minute."""
    path = folder / name
    rows = [
        f"{NEW_YEAR + m * MINUTE},{price + m},{price + m + every},{price + m},{price + m},1" for m in minutes
    ]
    path.write_text("\n".join(["timestamp_ms,open,high,low,close,volume", *rows]) + "\n")
    return path


def minutes_of(steps: list[MarketStep], place: int = 0) -> list[int | None]:
    bars = [step.bars[place] for step in steps]
    return [None if bar is None else (bar.open_ms - NEW_YEAR) // MINUTE for bar in bars]


def test_history_comes_first_and_trading_begins_after_it(tmp_path: Path) -> None:
    market = ReplayMarket(path=written(tmp_path, "BTCUSDT-1m.csv", list(range(10))), history_bars=3)
    assert market.start_ms == NEW_YEAR + 3 * MINUTE
    assert market.end_ms == NEW_YEAR + 10 * MINUTE
    assert minutes_of(taken(market)) == [3, 4, 5, 6, 7, 8, 9]
    assert minutes_of(taken(market, history=2)) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert minutes_of(taken(market, history=100)) == list(range(10))
    assert [step.ts_ms for step in taken(market, after_ms=NEW_YEAR + 8 * MINUTE)] == [
        NEW_YEAR + 9 * MINUTE,
        NEW_YEAR + 10 * MINUTE,
    ]
    assert taken(market, after_ms=market.end_ms) == []


def test_a_short_recording_is_history_for_half_of_it_at_most(tmp_path: Path) -> None:
    market = ReplayMarket(path=written(tmp_path, "BTCUSDT-1m.csv", list(range(9))))
    assert market.start_ms == NEW_YEAR + 4 * MINUTE


def test_a_gap_is_a_step_without_bar_and_is_told(tmp_path: Path) -> None:
    written(tmp_path, "BTCUSDT-1m.csv", [0, 1, 2, 6, 7, 9])
    written(tmp_path, "ETHUSDT-1m.csv", [0, 2, 3, 6, 7, 8, 9])
    market = ReplayMarket(path=tmp_path, history_bars=0)
    steps = taken(market)
    assert minutes_of(steps, 0) == [0, 1, 2, None, None, None, 6, 7, None, 9]
    assert minutes_of(steps, 1) == [0, None, 2, 3, None, None, 6, 7, 8, 9]
    assert [step.ts_ms for step in steps] == [NEW_YEAR + m * MINUTE for m in range(1, 11)]
    assert (
        "BTC/USDT: 4 of 10 intervals of 1m have no candle, at most 3 in a row; they are passed over"
        in market.notices
    )
    assert (
        "ETH/USDT: 3 of 10 intervals of 1m have no candle, at most 2 in a row; they are passed over"
        in market.notices
    )


def test_symbols_are_replayed_over_the_time_they_share(tmp_path: Path) -> None:
    written(tmp_path, "BTCUSDT-1m.csv", list(range(3, 12)))
    written(tmp_path, "ETHUSDT-1m.csv", list(range(9)))
    market = ReplayMarket(path=tmp_path, history_bars=0)
    assert minutes_of(taken(market), 0) == minutes_of(taken(market), 1) == [3, 4, 5, 6, 7, 8]
    assert not any("no candle" in notice for notice in market.notices)


def test_symbols_that_share_no_time_are_refused(tmp_path: Path) -> None:
    written(tmp_path, "BTCUSDT-1m.csv", [10, 11])
    written(tmp_path, "ETHUSDT-1m.csv", [0, 1])
    with pytest.raises(MarketError, match=r"ETH/USDT ends 2020-01-01T00:02:00Z, before BTC/USDT begins"):
        ReplayMarket(path=tmp_path)


def test_periods_of_one_symbol_are_one_recording(tmp_path: Path) -> None:
    written(tmp_path, "BTCUSDT-1m-b.csv", [5, 6])
    written(tmp_path, "BTCUSDT-1m-a.csv", [7, 8, 9])
    assert minutes_of(taken(ReplayMarket(path=tmp_path, history_bars=0))) == [5, 6, 7, 8, 9]


def test_periods_that_overlap_are_refused(tmp_path: Path) -> None:
    written(tmp_path, "BTCUSDT-1m-a.csv", [5, 6, 7])
    written(tmp_path, "BTCUSDT-1m-b.csv", [7, 8])
    with pytest.raises(MarketError, match=r"BTCUSDT-1m-b\.csv begins before .*BTCUSDT-1m-a\.csv ends"):
        ReplayMarket(path=tmp_path)


def test_the_finest_candles_are_replayed(tmp_path: Path) -> None:
    written(tmp_path, "BTCUSDT-5m.csv", [0, 5, 10], every=5)
    written(tmp_path, "BTCUSDT-1m.csv", list(range(6)))
    assert ReplayMarket(path=tmp_path).interval_ms == MINUTE
    assert ReplayMarket(path=tmp_path, interval="5m").interval_ms == 5 * MINUTE


def test_where_the_finest_differ_the_coarsest_of_them_is_the_interval(tmp_path: Path) -> None:
    written(tmp_path, "BTCUSDT-1m.csv", list(range(3, 23)))
    written(tmp_path, "ETHUSDT-5m.csv", [0, 5, 10, 15, 20], every=5)
    market = ReplayMarket(path=tmp_path, history_bars=0)
    steps = taken(market)
    assert market.interval_ms == 5 * MINUTE
    assert minutes_of(steps, 0) == minutes_of(steps, 1) == [5, 10, 15]
    assert steps[0].bars[0] == (NEW_YEAR + 5 * MINUTE, 15.0, 20.0, 15.0, 19.0, 5.0)
    assert "BTC/USDT: candles of 1m are aggregated to 5m" in market.notices


def test_an_interval_the_candles_do_not_make_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "BTCUSDT-5m.csv", [0, 5], every=5)
    with pytest.raises(MarketError, match="has candles of 5m, which don't make 7m"):
        ReplayMarket(path=path, interval="7m")
    with pytest.raises(MarketError, match="make no whole candle of 1h"):
        ReplayMarket(path=path, interval="1h")
    with pytest.raises(MarketError, match="'soon' is no timeframe"):
        ReplayMarket(path=path, interval="soon")


def test_several_quote_currencies_are_refused(tmp_path: Path) -> None:
    written(tmp_path, "BTCUSDT-1m.csv", [0, 1])
    written(tmp_path, "ETHBTC-1m.csv", [0, 1])
    with pytest.raises(MarketError, match=r"BTC/USDT, ETH/BTC have 2"):
        ReplayMarket(path=tmp_path)
    assert [i.symbol for i in ReplayMarket(path=tmp_path, symbols=["ETHBTC"]).instruments] == ["ETH/BTC"]


def test_rules_come_from_settings_and_the_rest_from_the_recording(tmp_path: Path) -> None:
    path = written(tmp_path, "BTC-1m.csv", [0, 1], price=10.25)
    (found,) = ReplayMarket(path=path).instruments
    assert (found.tick_size, found.lot_size, found.funding_interval_ms) == (0.01, 0.1, None)
    assert found.min_notional == 10 * MICROS_PER_UNIT
    rules = {"BTC": InstrumentRules(tick_size=0.5, lot_size=0.001, min_notional=Micros(5), max_leverage=3)}
    market = ReplayMarket(path=path, rules=rules)
    (given,) = market.instruments
    assert (given.tick_size, given.lot_size, given.min_notional, given.max_leverage) == (0.5, 0.001, 5, 3)
    assert market.notices == ()


def test_rules_that_make_no_grid_are_refused() -> None:
    for size in (0.0, -1.0, 0.3, 1.5, float("nan")):
        with pytest.raises(MarketError, match="can't be used"):
            InstrumentRules(tick_size=size)


def test_a_folder_of_six_perpetuals_is_replayed_whole(shared_data: Path) -> None:
    market = ReplayMarket(path=shared_data / "candles/hyperliquid_perp")
    assert [instrument.base for instrument in market.instruments] == [
        "BTC",
        "DOGE",
        "ETH",
        "HYPE",
        "SOL",
        "kPEPE",
    ]
    ticks = {instrument.base: instrument.tick_size for instrument in market.instruments}
    assert (ticks["BTC"], ticks["ETH"], ticks["SOL"], ticks["kPEPE"]) == (1.0, 0.1, 0.01, 1e-6)
    lots = {instrument.base: instrument.lot_size for instrument in market.instruments}
    assert (lots["BTC"], lots["ETH"], lots["SOL"], lots["DOGE"]) == (1e-5, 1e-4, 0.01, 1.0)
    steps = taken(market, history=300)
    assert len(steps) == 6_805
    assert all(None not in step.bars for step in steps)
    assert steps[300].ts_ms == market.start_ms + MINUTE
    for instrument, bar in zip(market.instruments, steps[-1].bars, strict=True):
        assert bar is not None
        assert instrument.round_price(bar.close) == bar.close


def test_a_month_with_real_gaps_is_replayed_in_even_time(shared_data: Path) -> None:
    market = ReplayMarket(path=shared_data / "candles/bitfinex_spot", symbols=["BTC"])
    assert "672 of 43,200 intervals of 1m have no candle, at most 188 in a row" in " ".join(market.notices)
    steps = taken(market, history=300)
    assert len(steps) == 43_200
    assert sum(step.bars[0] is None for step in steps) == 672
    assert {later.ts_ms - step.ts_ms for step, later in pairwise(steps)} == {MINUTE}


@pytest.mark.parametrize(
    ("file", "symbol", "interval_ms", "tick_size"),
    [
        ("binance_spot/BTCUSDT-1d-2020.csv.gz", "BTC/USDT", 86_400_000, 0.01),
        ("ftx_perp/BTC-PERP-1m-2022-01.csv.gz", "BTC/USDC:USDC", MINUTE, 0.001),
        ("freqtrade_spot/ETHBTC-5m-2018-01.csv.gz", "ETH/BTC", 5 * MINUTE, 1e-8),
        ("hyperliquid_spot/HYPE_USDC-1m.csv.gz", "HYPE/USDC", MINUTE, 0.001),
        ("bitstamp_spot/BTCUSD-1m-2020-01-01.csv.gz", "BTC/USD", MINUTE, 0.01),
    ],
)
def test_recordings_of_many_venues_are_understood(
    shared_data: Path, file: str, symbol: str, interval_ms: int, tick_size: float
) -> None:
    market = ReplayMarket(path=shared_data / "candles" / file)
    (instrument,) = market.instruments
    assert (instrument.symbol, market.interval_ms, instrument.tick_size) == (symbol, interval_ms, tick_size)
    assert len(taken(market, history=10)) > 150


def test_what_is_replayed_can_be_read_as_candles(shared_data: Path) -> None:
    market = ReplayMarket(path=shared_data / "candles/freqtrade_spot", symbols=["XRPETH"])
    symbol = market.instruments[0].symbol
    candles = Candles([symbol], market.interval_ms)
    for step in taken(market, history=300):
        candles.append(step)
    assert candles.bars(symbol, "1h")[-1].open_ms < market.end_ms - 3_600_000 + 1
    assert len(candles.bars(symbol, "1h")) >= 55
