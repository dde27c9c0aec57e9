"""State survives JSON exactly."""

import json
import math
from dataclasses import dataclass, field

import pytest

from cockpit.strategies.state_data import state_from_data, state_to_json
from cockpit.strategies.strategy import StrategyError


@dataclass(slots=True)
class Inner:
    values: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    count: int = 0


@dataclass(slots=True)
class Outer:
    level: float = 0.0
    inner: Inner = field(default_factory=Inner)


def test_floats_ints_windows_and_nested_states_come_back_to_the_bit():
    state = Outer(level=0.1 + 0.2, inner=Inner(values=[-0.0, 5e-324, 1.0], count=2**60))
    stored = json.loads(state_to_json(state))
    restored = state_from_data(Outer, stored)
    assert repr(restored) == repr(state)


def test_nan_is_null():
    state = Outer(level=math.nan, inner=Inner(values=[math.nan, 2.0, 1.0]))
    data = json.loads(state_to_json(state))
    assert data == {"level": None, "inner": {"values": [None, 2.0, 1.0], "count": 0}}
    assert repr(state_from_data(Outer, data)) == repr(state)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"level": 1.0}, "does not fit Outer, which has level, inner"),
        ([], "does not fit Outer"),
        ({"level": 1.0, "inner": {"values": [1.0], "count": 0}}, "no window of 3 numbers in values"),
        ({"level": 1.0, "inner": {"values": [0, 0, 0], "count": 1.5}}, "1.5 in count, where a whole number"),
        ({"level": True, "inner": {"values": [0, 0, 0], "count": 1}}, "True in level, where a number"),
        ({"level": "x", "inner": {"values": [0, 0, 0], "count": 1}}, "'x' in level, where a number"),
    ],
)
def test_data_of_another_shape_is_refused_by_name(data, message):
    with pytest.raises(StrategyError, match=message):
        state_from_data(Outer, data)
