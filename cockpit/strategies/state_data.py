"""Strategy state as JSON, and back, exactly."""

import math
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec

from cockpit.strategies.strategy import StrategyError


def state_to_json(state: Any) -> bytes:
    """A state, or anything made of states, lists and numbers, as JSON: for snapshots. NaN is null.

    The state's dataclasses are encoded as they stand, without a copy: snapshots are frequent.
    """
    return msgspec.json.encode(state)


def state_from_data(state_type: type[Any], data: Any) -> Any:
    """The state that `state_to_json` was given, from its decoded JSON.

    Raises:
        StrategyError: If the data is not a state of this type.
    """
    names = [declared.name for declared in fields(state_type)]
    if not isinstance(data, dict) or sorted(data) != sorted(names):
        raise StrategyError(
            f"stored state does not fit {state_type.__qualname__}, which has {', '.join(names)}; "
            "step the strategy again over past bars"
        )
    state = state_type()
    for name in names:
        setattr(state, name, _from_data(name, getattr(state, name), data[name]))
    return state


def _from_data(name: str, like: Any, data: Any) -> Any:
    if is_dataclass(like):
        return state_from_data(type(like), data)
    if isinstance(like, list):
        if not isinstance(data, list) or len(data) != len(like):
            raise StrategyError(f"stored state has no window of {len(like)} numbers in {name}")
        return [_float_from_data(name, item) for item in data]
    if isinstance(like, int):
        if isinstance(data, bool) or not isinstance(data, int):
            raise StrategyError(f"stored state has {data!r} in {name}, where a whole number belongs")
        return data
    return _float_from_data(name, data)


def _float_from_data(name: str, data: Any) -> float:
    if data is None:
        return math.nan
    if isinstance(data, (int, float)) and not isinstance(data, bool):
        return float(data)
    raise StrategyError(f"stored state has {data!r} in {name}, where a number belongs")
