"""Ranks across symbols."""

import math

import pytest

from cockpit.strategies.momentum_rank import MomentumRank
from cockpit.strategies.stepper import Stepper
from cockpit.strategies.strategy import FLAT, StrategyPosition

PARAMS = {"momentum_bars": 10, "atr_bars": 5, "rank_bars": 10, "least_atrs": 1.0, "stop_atrs": 5.0}


def drift(step, count=40):
    return [100 * (1 + step * index) + 0.05 * (-1) ** index for index in range(count)]


def run(series, params=PARAMS, held=None):
    """Answers bar by bar; what is asked for is held, or what `held` says."""
    stepper = Stepper(MomentumRank, MomentumRank.make_params(params), len(series))
    positions = [FLAT] * len(series)
    rounds = []
    for index, bars in enumerate(zip(*series, strict=True)):
        answers = stepper.step(bars[0].open_ms, bars, positions)
        rounds.append(answers)
        positions = [
            FLAT
            if not answer.exposure or math.isnan(answer.exposure)
            else StrategyPosition(answer.exposure, 1.0, 1)
            for answer in answers
        ]
        if held is not None:
            positions = held(index, positions)
    return rounds


def sides(answers):
    return [
        None if math.isnan(answer.exposure) else (answer.exposure > 0) - (answer.exposure < 0)
        for answer in answers
    ]


@pytest.fixture
def four(table):
    return [table(drift(step)) for step in (0.0001, 0.004, -0.003, 0.0002)]


def test_the_strongest_is_long_and_the_weakest_short(four):
    rounds = run(four)
    assert [sides(answers) for answers in rounds[:11]] == [[None] * 4] * 10 + [[0, 1, -1, 0]]
    entry = rounds[10][1]
    assert MomentumRank.reasons[entry.reason] == "among the strongest"
    assert entry.stop < four[1][10].close
    assert 0.0 < entry.confidence < 1.0


def test_more_on_each_side_takes_enough_symbols(four):
    rounds = run(four, PARAMS | {"each_side": 2, "least_atrs": 0.0})
    assert sides(rounds[10])[1:] == [1, -1, 1]
    assert sum(map(abs, sides(run(four[:3], PARAMS | {"each_side": 2})[10]))) <= 2


def test_a_lone_symbol_is_never_ranked(four):
    assert {tuple(sides(answers)) for answers in run(four[:1])} == {(None,), (0,)}


def test_ranks_change_only_when_it_ranks(four, table):
    turned = [table(drift(0.004, 12) + drift(-0.004, 28)), *four[1:]]
    turns = [index for index, answers in enumerate(run(turned)) if any(a.reason >= 9 for a in answers)]
    assert turns
    assert all((index - 10) % 10 == 0 for index in turns)


def test_stopped_out_it_waits_for_the_next_ranking(four):
    bar = four[1][13]
    four[1][13] = bar._replace(low=bar.close * 0.96)
    rounds = run(four)
    assert [sides(answers)[1] for answers in rounds[12:21]] == [1, 0, 0, 0, 0, 0, 0, 0, 1]
    assert MomentumRank.reasons[rounds[13][1].reason] == "stop reached"


def test_closed_from_outside_it_waits_for_the_next_ranking(four):
    def held(index, positions):
        return [FLAT] * 4 if index == 14 else positions

    rounds = run(four, held=held)
    assert [sides(answers)[2] for answers in rounds[13:21]] == [-1, -1, 0, 0, 0, 0, 0, -1]
