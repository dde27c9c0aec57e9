"""Strategies compiled: the very functions that run live, handed to numba, and their state as numpy records.

Live code never imports numba, so a step's source knows nothing of it: here each function is cloned with
the functions it calls replaced by their compiled clones. No fast math: the bits are Python's.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from types import FunctionType, ModuleType
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from cockpit.domain.market import Bar
from cockpit.strategies.strategy import FLAT, Answer, Strategy

_type_of: Any = numba.typeof  # numba has no annotations


class CompileError(Exception):
    """A strategy can't be compiled, so the lab runs it as plain Python; the message says why."""


def record_dtype(prototype: Any) -> np.dtype[np.void]:
    """The record with the attribute names of a state, parameters, bar or position.

    Args:
        prototype: An instance, since a window is as long as the list it starts with.

    Raises:
        CompileError: If a field is neither a float, an int, a list of floats, nor such an instance.
    """
    columns: list[Any] = []
    for name, value in _members(prototype):
        if isinstance(value, list):
            columns.append((name, np.float64, (len(value),)))
        elif isinstance(value, float):
            columns.append((name, np.float64))
        elif isinstance(value, int) and not isinstance(value, bool):
            columns.append((name, np.int64))
        elif is_dataclass(value):
            columns.append((name, record_dtype(value)))
        else:
            raise CompileError(
                f"{type(prototype).__qualname__}.{name} is {value!r}; "
                "only floats, ints, lists of floats and dataclasses of these have a record"
            )
    # Numba has no record without fields: strategies without parameters get one that is never read.
    return np.dtype(columns or [("unused", np.int64)], align=True)


def _members(value: Any) -> list[tuple[str, Any]]:
    if is_dataclass(value):
        return [(declared.name, getattr(value, declared.name)) for declared in fields(value)]
    return list(value._asdict().items())


def new_records(values: list[Any]) -> npt.NDArray[np.void]:
    """An array of records holding the values of instances of one type; element `i` is a view, not a copy."""
    records = np.zeros(len(values), dtype=record_dtype(values[0]))
    for index, value in enumerate(values):
        _write(records[index], value)
    return records


def new_record(value: Any) -> Any:
    """One record holding the values of a state, parameters, bar or position."""
    return new_records([value])[0]


def _write(record: Any, value: Any) -> None:
    for name, member in _members(value):
        if is_dataclass(member):
            _write(record[name], member)
        else:
            record[name] = member


def read_record(record: Any, into: Any) -> None:
    """Writes a record's values back into an instance of the type it was made of."""
    for name, member in _members(into):
        if is_dataclass(member):
            read_record(record[name], member)
        else:
            setattr(into, name, record[name].tolist())


def compile_step(strategy: type[Strategy]) -> Any:
    """The strategy's `step`, or `step_all` if it is across symbols, compiled; same bits, same arguments.

    `step` takes records for params and state, a `Bar` and a `StrategyPosition` (or records of them).
    `step_all` takes a record for params, and arrays of records for states, bars, positions and answers.

    Raises:
        CompileError: If numba can't compile it.
    """
    function = strategy.step_all if strategy.cross_symbol else strategy.step
    compiled = compile_function(function)
    try:
        compiled.compile(_signature(strategy))
    except numba.core.errors.NumbaError as error:
        cause = " ".join(str(error).split())
        raise CompileError(f"{strategy.name} can't be compiled: {cause}") from error
    return compiled


def _signature(strategy: type[Strategy]) -> tuple[Any, ...]:
    bar = Bar(0, 0.0, 0.0, 0.0, 0.0, 0.0)
    params = new_record(strategy.Params())
    if not strategy.cross_symbol:
        return tuple(_type_of(value) for value in (params, new_record(strategy.State()), bar, FLAT))
    per_symbol = (strategy.State(), bar, FLAT, Answer())
    return (_type_of(params), *(_type_of(new_records([value])) for value in per_symbol))


def compile_function(function: Callable[..., Any]) -> Any:
    """A plain function compiled, with all the plain functions it calls by name.

    Raises:
        CompileError: If it is of a kind that can't be: it has a closure, or calls through a module.
    """
    return _compile(function, {})


def _compile(function: Any, compiled: dict[FunctionType, Any]) -> Any:
    if not isinstance(function, FunctionType) or function.__closure__:
        raise CompileError(f"{function!r} is not a plain module-level function, so it can't be compiled")
    if function in compiled:
        return compiled[function]
    names = dict(function.__globals__)
    for name in function.__code__.co_names:
        value = names.get(name)
        if isinstance(value, FunctionType):
            names[name] = _compile(value, compiled)
        elif isinstance(value, ModuleType) and value.__name__.startswith("cockpit."):
            raise CompileError(
                f"{function.__qualname__} uses the module {value.__name__}; import the functions by name"
            )
    clone = FunctionType(function.__code__, names, function.__name__, function.__defaults__)
    compiled[function] = numba.njit(clone)
    return compiled[function]
