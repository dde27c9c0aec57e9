"""Compiled steps give the bits of the plain ones."""

import subprocess
import sys
from dataclasses import astuple, dataclass, field
from typing import Any

import numba
import numpy as np
import pytest

from cockpit.domain.market import Bar
from cockpit.lab.compiler import (
    CompileError,
    compile_function,
    compile_step,
    new_record,
    new_records,
    read_record,
    record_dtype,
)
from cockpit.strategies.catalog import STRATEGIES
from cockpit.strategies.ema_cross import EmaCross
from cockpit.strategies.indicators.averages import Sma, update_sma
from cockpit.strategies.indicators.volume import SessionVwap, update_session_vwap
from cockpit.strategies.plan import CLOSED_OUTSIDE, OPEN, OWN, PLAN_REASONS, STOPPED
from cockpit.strategies.state_data import state_to_json
from cockpit.strategies.strategy import FLAT, Answer, Strategy, StrategyPosition, param_specs

SYMBOLS = ("BTC", "SOL", "kPEPE")
BARS = 3000


@pytest.fixture(scope="module")
def series(shared_data) -> list[list[Bar]]:
    """Recorded one-minute candles, a list of bars per symbol."""
    return [_read(shared_data / "candles" / "hyperliquid_perp" / f"{symbol}-1m.csv.gz") for symbol in SYMBOLS]


def _read(path) -> list[Bar]:
    rows = np.loadtxt(path, delimiter=",", skiprows=1, max_rows=BARS)
    return [Bar(int(row[0]), *map(float, row[1:])) for row in rows]


@pytest.fixture(scope="module", params=list(STRATEGIES))
def compiled(request) -> tuple[type[Strategy], Any]:
    """Each strategy with its compiled step; compiled once."""
    strategy = STRATEGIES[request.param]
    return strategy, compile_step(strategy)


def _points(strategy: type[Strategy]) -> list[Any]:
    """Defaults, and the shortest periods and nearest stops there are, which trade most."""
    return [
        strategy.Params(),
        strategy.Params(**{spec.name: spec.low for spec in param_specs(strategy.Params)}),
    ]


def _follow(position: StrategyPosition, answer: Answer, bar: Bar, index: int) -> StrategyPosition:
    """Fills, now and then refused or closed from outside, so that every branch of a plan is met."""
    is_refusing = index % 600 < 100 and position == FLAT
    if is_refusing or index % 7 == 0 or np.isnan(answer.exposure):
        return position
    if index % 101 == 0 or answer.exposure == 0.0:
        return FLAT
    return StrategyPosition(answer.exposure, bar.close, position.held_bars + 1)


def _bits(answers: list[tuple[float, ...]]) -> bytes:
    table = np.array(answers, dtype=np.float64)
    table[np.isnan(table)] = np.nan
    return table.tobytes()


def _assert_same_state(record: Any, plain: Any) -> None:
    into = type(plain)()
    read_record(record, into)
    assert state_to_json(into) == state_to_json(plain)


def test_every_strategy_gives_the_same_bits_compiled_over_recorded_candles(compiled, series):
    strategy, step = compiled
    compare = _compare_across if strategy.cross_symbol else _compare_each
    met = set()
    for params in _points(strategy):
        met |= compare(strategy, step, params, series)
    assert met >= _reasons_to_meet(strategy)


def _reasons_to_meet(strategy: type[Strategy]) -> set[int]:
    """Without these the candles would not have tried the strategy."""
    if strategy.reasons[:OWN] != PLAN_REASONS:
        return set(range(len(strategy.reasons)))
    return {STOPPED, CLOSED_OUTSIDE, OPEN, *range(OWN, len(strategy.reasons))}


def _compare_each(strategy, step, params, series) -> set[int]:
    reasons = set()
    for bars in series:
        state, record, params_record = strategy.State(), new_record(strategy.State()), new_record(params)
        position = FLAT
        plain, ours = [], []
        for index, bar in enumerate(bars):
            plain.append(strategy.step(params, state, bar, position))
            ours.append(step(params_record, record, bar, position))
            position = _follow(position, Answer(*plain[-1]), bar, index)
            reasons.add(plain[-1][4])
        assert _bits(ours) == _bits(plain)
        _assert_same_state(record, state)
    return reasons


def _compare_across(strategy, step, params, series) -> set[int]:
    states = [strategy.State() for _ in series]
    answers = [Answer() for _ in series]
    records, answer_records = new_records(states), new_records(answers)
    params_record = new_record(params)
    positions = [FLAT for _ in series]
    plain, ours = [], []
    for index, bars in enumerate(zip(*series, strict=True)):
        strategy.step_all(params, states, list(bars), positions, answers)
        step(params_record, records, new_records(list(bars)), new_records(positions), answer_records)
        plain += [astuple(answer) for answer in answers]
        ours += answer_records.tolist()
        positions = [
            _follow(position, answer, bar, index)
            for position, answer, bar in zip(positions, answers, bars, strict=True)
        ]
    assert _bits(ours) == _bits(plain)
    for record, state in zip(records, states, strict=True):
        _assert_same_state(record, state)
    return {int(row[4]) for row in plain}


def test_indicators_no_strategy_uses_compile_as_well(series):
    session, average = compile_function(update_session_vwap), compile_function(update_sma)
    states = (SessionVwap(), Sma())
    records = [new_record(state) for state in states]
    plain, ours = [], []
    for bar in series[2]:
        plain.append((update_session_vwap(states[0], bar), update_sma(states[1], 30, bar.close)))
        ours.append((session(records[0], bar), average(records[1], 30, bar.close)))
    assert _bits(ours) == _bits(plain)


@numba.njit
def _run(step, params, state, bars, position, out):
    for index in range(len(bars)):
        answer = step(params, state, bars[index], position)
        out[index, 0], out[index, 1], out[index, 2], out[index, 3], out[index, 4] = answer


def test_a_compiled_loop_over_recorded_bars_may_call_a_compiled_step(series):
    bars = series[0]
    out = np.empty((len(bars), 5))
    params, state = new_record(EmaCross.Params()), new_record(EmaCross.State())
    _run(compile_step(EmaCross), params, state, new_records(bars), FLAT, out)
    plain_state = EmaCross.State()
    plain = [EmaCross.step(EmaCross.Params(), plain_state, bar, FLAT) for bar in bars]
    assert _bits(out.tolist()) == _bits(plain)
    _assert_same_state(state, plain_state)


@dataclass(slots=True)
class Inner:
    level: float = 1.5
    values: list[float] = field(default_factory=lambda: [0.0] * 4)


@dataclass(slots=True)
class Outer:
    count: int = 3
    inner: Inner = field(default_factory=Inner)


def test_a_record_has_the_attributes_of_its_state_and_gives_them_back():
    record = new_record(Outer(count=2**53, inner=Inner(level=0.1, values=[1.0, 2.0, 3.0, 4.0])))
    back = Outer()
    read_record(record, back)
    assert back == Outer(count=2**53, inner=Inner(level=0.1, values=[1.0, 2.0, 3.0, 4.0]))
    assert record_dtype(Outer()).names == ("count", "inner")


def test_a_state_with_a_field_that_has_no_record_is_refused_by_name():
    with pytest.raises(CompileError, match=r"Odd\.name is 'x'"):
        record_dtype(Odd())


@dataclass(slots=True)
class Odd:
    name: str = "x"


def test_a_step_that_numba_can_not_compile_is_refused_with_the_reason():
    class Unlisted(Strategy):
        name = "unlisted"

        @dataclass(frozen=True, slots=True)
        class Params:
            pass

        @dataclass(slots=True)
        class State:
            count: int = 0

        @staticmethod
        def step(params, state, bar, position):
            return eval("1.0"), 0.0, 0.0, 0.0, 0

    with pytest.raises(CompileError, match="unlisted can't be compiled"):
        compile_step(Unlisted)


def test_a_function_with_a_closure_is_refused():
    factor = 2.0

    def scale(value: float) -> float:
        return value * factor

    with pytest.raises(CompileError, match="not a plain module-level function"):
        compile_function(scale)


def test_live_code_imports_neither_numba_nor_numpy():
    code = "import sys, cockpit.strategies.catalog; print({'numba', 'numpy'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "set()\n"
