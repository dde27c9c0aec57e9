"""Names of timeframes."""

import pytest

from cockpit.markets.timeframes import TIMEFRAMES, timeframe_ms, timeframe_name


@pytest.mark.parametrize(
    ("name", "length_ms"),
    [
        ("1m", 60_000),
        ("3m", 180_000),
        ("15m", 900_000),
        ("1h", 3_600_000),
        ("4h", 14_400_000),
        ("1d", 86_400_000),
    ],
)
def test_a_name_stands_for_a_length_and_back(name: str, length_ms: int) -> None:
    assert timeframe_ms(name) == length_ms
    assert timeframe_name(length_ms) == name


def test_a_length_has_its_shortest_name() -> None:
    assert timeframe_name(timeframe_ms("60m")) == "1h"
    assert timeframe_name(timeframe_ms("48h")) == "2d"
    assert timeframe_name(timeframe_ms("90m")) == "90m"


@pytest.mark.parametrize("name", ["", "m", "0m", "-1m", "1", "1M", "1 m", "1s", "01m", "١m", "1mm"])
def test_what_is_no_timeframe_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no timeframe"):
        timeframe_ms(name)


@pytest.mark.parametrize("length_ms", [0, -60_000, 59_999, 90_000])
def test_a_length_that_is_not_whole_minutes_has_no_name(length_ms: int) -> None:
    with pytest.raises(ValueError, match="whole minutes"):
        timeframe_name(length_ms)


def test_the_timeframes_are_shortest_first() -> None:
    lengths = [timeframe_ms(name) for name in TIMEFRAMES]
    assert lengths == sorted(lengths)
