"""What the names of candle files say."""

from pathlib import Path

import pytest

from cockpit.markets.market import MarketError
from cockpit.markets.recorded_files import candle_files, unified_symbol


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("BTC", "BTC/USDC:USDC"),
        ("kPEPE", "kPEPE/USDC:USDC"),
        ("BTC-PERP", "BTC/USDC:USDC"),
        ("HYPE_USDC", "HYPE/USDC"),
        ("BTC-USD", "BTC/USD"),
        ("BTCUSDT", "BTC/USDT"),
        ("btcusdt", "BTC/USDT"),
        ("ETHBTC", "ETH/BTC"),
        ("XRPETH", "XRP/ETH"),
        ("LTCUSD", "LTC/USD"),
        ("BTCEUR", "BTC/EUR"),
        ("ETHFDUSD", "ETH/FDUSD"),
        ("BTC_USDC_USDC", "BTC/USDC:USDC"),
        ("WBTC", "WBTC/USDC:USDC"),
        ("STETH", "STETH/USDC:USDC"),
        ("BTC USDT", None),
        ("BTC--USDT", None),
        ("A_B_C_D", None),
    ],
)
def test_a_name_stands_for_a_symbol(name: str, symbol: str | None) -> None:
    assert unified_symbol(name) == symbol


@pytest.mark.parametrize(
    ("file_name", "symbol", "interval_ms"),
    [
        ("AVAX-1m.csv.gz", "AVAX/USDC:USDC", 60_000),
        ("BTCUSDT-1d-2020.csv", "BTC/USDT", 86_400_000),
        ("ETHUSD-1m-2019-06.parquet", "ETH/USD", 60_000),
        ("BTC-PERP-1m-2022-01.csv.gz", "BTC/USDC:USDC", 60_000),
        ("HYPE_USDC-15m.csv.gz", "HYPE/USDC", 900_000),
        ("BTC_USDC_USDC-1h-futures.parquet", "BTC/USDC:USDC", 3_600_000),
        ("BTCUSDT.csv", "BTC/USDT", None),
    ],
)
def test_a_files_name_tells_symbol_and_interval(
    tmp_path: Path, file_name: str, symbol: str, interval_ms: int | None
) -> None:
    (tmp_path / file_name).touch()
    (file,), notices = candle_files(tmp_path, None)
    assert (file.symbol, file.interval_ms, notices) == (symbol, interval_ms, [])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "ETHUSDT-1m.csv",
        "BTCUSDT-1m-2020.csv",
        "BTCUSDT-1m-2021.csv",
        "BTC-1m.csv",
        "notes-2020.csv",
        "README.md",
    ):
        (tmp_path / name).touch()
    return tmp_path


def test_files_whose_name_tells_nothing_are_passed_over_with_a_line(folder: Path) -> None:
    files, notices = candle_files(folder, None)
    assert [file.path.name for file in files] == [
        "BTC-1m.csv",
        "BTCUSDT-1m-2020.csv",
        "BTCUSDT-1m-2021.csv",
        "ETHUSDT-1m.csv",
    ]
    assert notices == ["notes-2020.csv is passed over: its name is not like BTCUSDT-1m.csv.gz"]


@pytest.mark.parametrize("wanted", ["ETH", "ETH/USDT", "ETHUSDT"])
def test_a_symbol_is_named_by_itself_its_base_or_its_file(folder: Path, wanted: str) -> None:
    files, _ = candle_files(folder, [wanted])
    assert [file.symbol for file in files] == ["ETH/USDT"]


def test_symbols_come_in_the_order_asked_for_with_all_their_periods(folder: Path) -> None:
    files, _ = candle_files(folder, ["ETH", "BTC/USDT"])
    assert [file.symbol for file in files] == ["ETH/USDT", "BTC/USDT", "BTC/USDT"]


@pytest.mark.parametrize(
    ("symbols", "message"),
    [
        (["SOL"], r"no candles of SOL; it has BTC/USDC:USDC, BTC/USDT, ETH/USDT"),
        (["ETH", "ETH/USDT"], "each symbol to replay once"),
        ([], "at least one"),
    ],
)
def test_symbols_that_cannot_be_matched_are_refused(folder: Path, symbols: list[str], message: str) -> None:
    with pytest.raises(MarketError, match=message):
        candle_files(folder, symbols)


def test_a_base_that_may_be_two_symbols_is_refused(tmp_path: Path) -> None:
    for name in ("ETHUSDT-1m.csv", "ETH_USDC-1m.csv"):
        (tmp_path / name).touch()
    with pytest.raises(MarketError, match="ETH may be ETH/USDT or ETH/USDC"):
        candle_files(tmp_path, ["ETH"])


def test_one_file_is_told_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "my candles.csv"
    path.touch()
    with pytest.raises(MarketError, match=r"can't tell what my candles\.csv holds"):
        candle_files(path, None)
    (file,), _ = candle_files(path, ["BTC/EUR"])
    assert (file.symbol, file.interval_ms) == ("BTC/EUR", None)


def test_one_file_may_be_another_contract_of_its_coin_but_not_another_coin(tmp_path: Path) -> None:
    path = tmp_path / "BTC-PERP-1m.csv"
    path.touch()
    (file,), _ = candle_files(path, ["BTC/USD:USD"])
    assert file.symbol == "BTC/USD:USD"
    with pytest.raises(MarketError, match="no candles of ETH/USD:USD"):
        candle_files(path, ["ETH/USD:USD"])


def test_nothing_to_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MarketError, match="doesn't exist"):
        candle_files(tmp_path / "nowhere", None)
    with pytest.raises(MarketError, match="no candles in"):
        candle_files(tmp_path, None)
    (tmp_path / "binance").mkdir()
    with pytest.raises(MarketError, match="it has folders: binance"):
        candle_files(tmp_path, None)
    (tmp_path / "BTC-1m.xlsx").touch()
    with pytest.raises(MarketError, match=r"those end in \.csv, \.csv\.gz, \.parquet"):
        candle_files(tmp_path / "BTC-1m.xlsx", None)
