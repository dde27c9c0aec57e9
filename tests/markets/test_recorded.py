"""Reading recorded candles: every format people have, and no candle that can't be true."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from cockpit.markets.market import MarketError
from cockpit.markets.recorded import decimals_of, read_recording
from cockpit.markets.recorded_series import bars_of

MINUTE = 60_000
NEW_YEAR = 1_577_836_800_000
HEADER = "timestamp_ms,open,high,low,close,volume"
GOOD = ["10,12,9,11,1.5", "11,11.25,10,10.5,0", "10.5,11,10.5,11,2"]


def written(
    folder: Path, rows: Sequence[str], *, header: str = HEADER, times: Sequence[object] | None = None
) -> Path:
    """A CSV file of rows, each after its minute."""
    path = folder / "BTCUSDT-1m.csv"
    stamps = [NEW_YEAR + MINUTE * i for i in range(len(rows))] if times is None else times
    lines = [header, *(f"{stamp},{row}" for stamp, row in zip(stamps, rows, strict=True))]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_candles_are_read_as_they_are_written(tmp_path: Path) -> None:
    recording = read_recording(written(tmp_path, GOOD), MINUTE)
    assert list(bars_of(recording)) == [
        (NEW_YEAR, 10.0, 12.0, 9.0, 11.0, 1.5),
        (NEW_YEAR + MINUTE, 11.0, 11.25, 10.0, 10.5, 0.0),
        (NEW_YEAR + 2 * MINUTE, 10.5, 11.0, 10.5, 11.0, 2.0),
    ]
    assert (recording.price_decimals, recording.volume_decimals) == (2, 1)
    assert recording.end_ms == NEW_YEAR + 3 * MINUTE


def test_gzip_and_parquet_hold_the_same_candles(tmp_path: Path) -> None:
    plain = written(tmp_path, GOOD)
    packed = tmp_path / "BTCUSDT-1m.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    parquet = tmp_path / "BTCUSDT-1m.parquet"
    pl.read_csv(plain).write_parquet(parquet)
    assert read_recording(packed, MINUTE) == read_recording(plain, MINUTE) == read_recording(parquet, MINUTE)


@pytest.mark.parametrize(
    ("column", "spell"),
    [
        ("timestamp", lambda s: s * 1_000),
        ("Timestamp", lambda s: s),
        ("open_time", lambda s: s * 1_000_000),
        ("Open time", lambda s: s * 1_000_000_000),
        ("ts", lambda s: f" {s}.0 "),
        ("open_ms", lambda s: s * 1_000),
        ("date", lambda s: f"2020-01-01T00:0{(s - 1_577_836_800) // 60}:00Z"),
        ("datetime", lambda s: f"2020-01-01 00:0{(s - 1_577_836_800) // 60}:00"),
        ("time", lambda s: f"2020-01-01T01:0{(s - 1_577_836_800) // 60}:00+01:00"),
    ],
)
def test_times_may_be_written_in_any_usual_way(tmp_path: Path, column: str, spell: object) -> None:
    assert callable(spell)
    times = [spell(1_577_836_800 + 60 * i) for i in range(3)]
    path = written(tmp_path, GOOD, header=f"{column},Open,HIGH,l,c,vol".replace(",l,", ",low,"), times=times)
    assert list(read_recording(path, MINUTE).open_ms) == [NEW_YEAR + i * MINUTE for i in range(3)]


@pytest.mark.parametrize(
    "dtype", [pl.Datetime("ms"), pl.Datetime("ns", "UTC"), pl.Datetime("us", "Europe/Paris")]
)
def test_dates_of_parquet_are_instants(tmp_path: Path, dtype: pl.Datetime) -> None:
    path = tmp_path / "BTCUSDT-1m.parquet"
    frame = pl.read_csv(written(tmp_path, GOOD)).with_columns(
        date=pl.from_epoch("timestamp_ms", time_unit="ms").dt.replace_time_zone("UTC")
    )
    zone = dtype.time_zone
    date = pl.col("date").dt.convert_time_zone(zone) if zone else pl.col("date").dt.replace_time_zone(None)
    frame.drop("timestamp_ms").with_columns(date.dt.cast_time_unit(dtype.time_unit)).write_parquet(path)
    assert read_recording(path, MINUTE).open_ms[0] == NEW_YEAR


def test_columns_may_come_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"volume,close,low,high,open,time\n1,11,9,12,10,{NEW_YEAR}\n")
    assert list(bars_of(read_recording(path, MINUTE))) == [(NEW_YEAR, 10.0, 12.0, 9.0, 11.0, 1.0)]


def test_the_interval_is_the_smallest_distance_where_no_name_tells(tmp_path: Path) -> None:
    times = [NEW_YEAR, NEW_YEAR + 15 * MINUTE, NEW_YEAR + 20 * MINUTE]
    assert read_recording(written(tmp_path, GOOD, times=times), None).interval_ms == 5 * MINUTE
    with pytest.raises(MarketError, match="one candle: say its length"):
        read_recording(written(tmp_path, GOOD[:1]), None)
    with pytest.raises(MarketError, match="30 s apart"):
        read_recording(written(tmp_path, GOOD, times=[NEW_YEAR + i * 30_000 for i in range(3)]), None)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("10,12,9,11,", r"volume is missing, not a number"),
        ("10,12,9,eleven,1", r"close is 'eleven', not a number"),
        ("10,12,9,11", r"volume is missing"),
        ("NaN,12,9,11,1", r"open is nan, not a finite number"),
        ("10,inf,9,11,1", r"high is inf, not a finite number"),
        ("10,12,9,11,NaN", r"volume is nan, not a finite number"),
        ("10,12,0,11,1", r"low is 0\.0, not a positive price"),
        ("10,12,-1,11,1", r"low is -1\.0, not a positive price"),
        ("10,9,12,11,1", r"high 9\.0 is below low 12\.0"),
        ("13,12,9,11,1", r"open is 13\.0, outside of low … high"),
        ("10,12,9,8.999,1", r"close is 8\.999, outside of low … high"),
        ("10,12,9,11,-0.1", r"volume is -0\.1, negative"),
    ],
)
def test_a_candle_that_cannot_be_is_refused_with_file_row_and_reason(
    tmp_path: Path, row: str, reason: str
) -> None:
    path = written(tmp_path, [GOOD[0], row, GOOD[2]])
    with pytest.raises(MarketError, match=rf"BTCUSDT-1m\.csv: row 2: {reason}"):
        read_recording(path, MINUTE)


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ([NEW_YEAR, NEW_YEAR, NEW_YEAR + MINUTE], r"row 2: 2020-01-01T00:00:00\.000Z comes twice"),
        ([NEW_YEAR + MINUTE, NEW_YEAR, NEW_YEAR + 2 * MINUTE], r"row 2: .* comes after .*: sort the file"),
        (
            [NEW_YEAR, NEW_YEAR + MINUTE, NEW_YEAR + 2 * MINUTE + 48],
            r"row 3: .*02:00\.048Z is no start of a 1m",
        ),
        ([NEW_YEAR, "", NEW_YEAR + MINUTE], r"row 2: the time is missing"),
        ([NEW_YEAR, "soon", NEW_YEAR + MINUTE], r"row 2: the time is 'soon', not a time"),
        ([NEW_YEAR, NEW_YEAR + 0.5, NEW_YEAR + MINUTE], r"row 2: the time is '1577836800000\.5'"),
        ([-MINUTE, 0, MINUTE], r"row 1: the time is '-60000', not a time since 1970"),
        (["2020-01-01", "2020-13-01", "2020-01-03"], r"row 2: the time is '2020-13-01', not a time"),
        ([NEW_YEAR * 1_000 + i for i in range(3)], r"says milliseconds, but holds 1577836800000002"),
    ],
)
def test_times_that_cannot_be_are_refused(tmp_path: Path, times: list[object], reason: str) -> None:
    with pytest.raises(MarketError, match=reason):
        read_recording(written(tmp_path, GOOD, times=times), MINUTE)


def test_a_candle_off_the_grid_of_its_interval_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MarketError, match=r"row 2: 2020-01-01T00:01:00\.000Z is no start of a 5m candle"):
        read_recording(written(tmp_path, GOOD), 5 * MINUTE)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (f"{HEADER},trades", "columns cockpit doesn't know: trades"),
        ("1577836800000,10,12,9,11,1.5", "columns cockpit doesn't know"),
        ("timestamp_ms,open,high,low,close", "lacks the columns volume"),
        ("open,high,low,close,volume", "lacks the columns time"),
        (f"{HEADER},date", "two columns for one thing"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(tmp_path: Path, header: str, reason: str) -> None:
    path = tmp_path / "x.csv"
    values = ",".join(str(NEW_YEAR) for _ in header.split(","))
    path.write_text(f"{header}\n{values}\n")
    with pytest.raises(MarketError, match=reason):
        read_recording(path, MINUTE)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.csv", b"", "is empty"),
        ("x.csv", HEADER.encode() + b"\n", "no candles: only a header"),
        ("x.csv", HEADER.encode() + b"\n1,2,3,4,5,6,7\n", "can't be read"),
        ("x.csv.gz", b"not gzip at all", "can't be read"),
        ("x.csv.gz", gzip.compress(HEADER.encode() * 500, mtime=0)[:-9], "can't be read"),
        ("x.csv.gz", gzip.compress(b"", mtime=0), "is empty"),
        ("x.parquet", b"PAR1 not really PAR1", "can't be read"),
        ("x.parquet", b"", "can't be read|is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MarketError, match=reason) as refused:
        read_recording(tmp_path / name, MINUTE)
    assert "\n" not in str(refused.value)


def test_a_parquet_column_that_holds_no_numbers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    frame = pl.read_csv(written(tmp_path, GOOD)).with_columns(close=pl.lit(value=True))
    frame.write_parquet(path)
    with pytest.raises(MarketError, match="close holds Boolean, not numbers"):
        read_recording(path, MINUTE)


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        ([1.0, 250.0], 0),
        ([1.5, 1.25], 2),
        ([0.00001], 5),
        ([8533.11384961], 8),
        ([0.1 + 0.2], 1),
        ([0.09946999000000001], 8),
        ([1 / 3], 10),
        ([94_123.4], 1),
    ],
)
def test_decimals_are_those_that_spell_every_value(values: list[float], decimals: int) -> None:
    assert decimals_of(values, 10) == decimals
