"""What holds for every strategy, whatever the market does."""

import math
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.market import MINUTE_MS, Bar
from cockpit.settings.tree import CONTROLS
from cockpit.strategies.catalog import STRATEGIES
from cockpit.strategies.state_data import state_to_json
from cockpit.strategies.stepper import Stepper
from cockpit.strategies.strategy import FLAT, Answer, StrategyPosition, param_specs

SEGMENT_BARS = 12


@dataclass(frozen=True)
class Segment:
    """Some bars of one kind: each moves by `drift`, ranges by `noise`, trades `volume`."""

    drift: float
    noise: float
    jump: float
    volume: float


segments = st.lists(
    st.builds(
        Segment,
        drift=st.sampled_from([0.0, 0.0, 0.0005, -0.0005, 0.01, -0.01]),
        noise=st.sampled_from([0.0, 0.0, 0.0005, 0.02]),
        jump=st.sampled_from([1.0, 1.0, 1.0, 1.05, 0.95, 1000.0, 0.001]),
        volume=st.sampled_from([0.0, 1e-9, 1.0, 1e12]),
    ),
    min_size=30,
    max_size=60,
)
one_symbol_strategies = pytest.mark.parametrize(
    "strategy",
    [strategy for strategy in STRATEGIES.values() if not strategy.cross_symbol],
    ids=lambda strategy: strategy.name,
)


def bars_of(parts: list[Segment]) -> list[Bar]:
    bars: list[Bar] = []
    close = 100.0
    for part in parts:
        close = min(max(close * part.jump, 1e-6), 1e9)
        for index in range(SEGMENT_BARS):
            opened, close = close, close * (1 + part.drift * (1 if index % 5 else -2))
            high, low = max(opened, close) * (1 + part.noise), min(opened, close) * (1 - part.noise)
            bars.append(Bar(len(bars) * MINUTE_MS, opened, high, low, close, part.volume))
    return bars


def params_of(strategy, fractions: list[float]):
    """A point of the strategy's box, each parameter at a fraction of its range."""
    values = {}
    for spec, fraction in zip(param_specs(strategy.Params), fractions, strict=False):
        value = spec.low + fraction * (spec.high - spec.low)
        values[spec.name] = math.floor(value) if spec.is_integer else value
    return strategy.make_params(values)


def assert_sane(answer: Answer, close: float) -> None:
    if math.isnan(answer.exposure):
        return
    assert -1.0 <= answer.exposure <= 1.0
    assert math.isnan(answer.confidence) or 0.0 <= answer.confidence <= 1.0
    side = math.copysign(1.0, answer.exposure)
    if not math.isnan(answer.stop):
        assert answer.stop > 0.0
        assert (close - answer.stop) * side > 0.0
    if not math.isnan(answer.take_profit):
        assert answer.take_profit > 0.0
        assert (answer.take_profit - close) * side > 0.0


def held_after(answer: Answer, bar: Bar, index: int, gap: int) -> StrategyPosition:
    """Fills late, and now and then not at all."""
    if math.isnan(answer.exposure) or answer.exposure == 0.0 or index % gap == 0:
        return FLAT
    return StrategyPosition(answer.exposure, bar.close, 1)


fractions = st.lists(st.floats(0.0, 1.0), min_size=12, max_size=12)


@one_symbol_strategies
@given(parts=segments, fractions=fractions, gap=st.integers(2, 50))
@settings(max_examples=25)
def test_answers_are_sane_for_any_market_and_any_point_of_the_box(strategy, parts, fractions, gap):
    params, state, position = params_of(strategy, fractions), strategy.State(), FLAT
    for index, bar in enumerate(bars_of(parts)):
        answer = Answer(*strategy.step(params, state, bar, position))
        assert_sane(answer, bar.close)
        assert strategy.reasons[answer.reason]
        position = held_after(answer, bar, index, gap)


@given(first=segments, second=segments, fractions=fractions, gap=st.integers(2, 50))
@settings(max_examples=25)
def test_answers_across_symbols_are_sane_for_any_markets(first, second, fractions, gap):
    strategy = STRATEGIES["momentum_rank"]
    stepper = Stepper(strategy, params_of(strategy, fractions), 3)
    positions = [FLAT] * 3
    for index, pair in enumerate(zip(bars_of(first), bars_of(second), strict=False)):
        bars = [*pair, None if index % gap else pair[0]]
        answers = stepper.step(pair[0].open_ms, bars, positions)
        for answer, bar in zip(answers, pair, strict=False):
            assert_sane(answer, bar.close)
        positions = [held_after(answer, pair[0], index, gap) for answer in answers]


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
@pytest.mark.parametrize("fraction", [0.0, 1.0])
def test_the_shortest_and_longest_periods_fit_the_windows_and_the_warm_up_is_told_right(
    strategy, fraction, candles
):
    params = params_of(strategy, [fraction] * 12)
    stepper = Stepper(strategy, params, 2)
    series = zip(candles("BTC", count=700), candles("SOL", count=700), strict=True)
    has_opinion = [
        not math.isnan(stepper.step(pair[0].open_ms, pair, [FLAT, FLAT])[0].exposure) for pair in series
    ]
    warmup = strategy.warmup_bars(params)
    assert has_opinion == [False] * (warmup - 1) + [True] * (700 - warmup + 1)


@one_symbol_strategies
def test_the_same_bars_give_the_same_answers_and_state(strategy, candles):
    runs = []
    for _ in range(2):
        state = strategy.State()
        answers = [strategy.step(strategy.Params(), state, bar, FLAT) for bar in candles("SOL", count=1200)]
        runs.append((repr(answers), state_to_json(state)))
    assert runs[0] == runs[1]


@one_symbol_strategies
def test_none_trades_so_often_that_fees_decide(strategy, candles, desk):
    """At default parameters, on one-minute bars: at most a dozen entries a day."""
    bars = candles("kPEPE", count=5760)
    held = desk(strategy)
    entries, before = 0, FLAT.exposure
    for bar in bars:
        held.see(bar)
        entries += held.position.exposure != before and held.position.exposure != 0.0
        before = held.position.exposure
    assert entries <= 12 * 4


@one_symbol_strategies
def test_an_entry_s_confidence_says_how_strong_its_signal_was(strategy, candles, desk):
    answers = desk(strategy).watch(candles("SOL", count=5760))
    confidences = {answer.confidence for answer in answers if not math.isnan(answer.confidence)}
    assert strategy.is_control is (strategy.name in CONTROLS)
    assert len(confidences) >= (0 if strategy.is_control else 3)
    if strategy.is_control:
        assert not confidences
