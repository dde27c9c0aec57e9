"""The control by chance."""

from statistics import mean

import pytest

from cockpit.strategies.random_control import RandomControl, draw_number


def exposures(trader, bars):
    return [answer.exposure for answer in trader.watch(bars)]


def test_the_generator_is_that_of_park_and_miller():
    """The check value is that of C++ `minstd_rand`: its 10,000th number from 1."""
    state = RandomControl.State(draw=1)
    for _ in range(10_000):
        draw_number(state)
    assert state.draw == 399_268_537


@pytest.mark.parametrize(("turnover", "fewest", "most"), [(0.0, 1, 1), (0.1, 80, 125), (1.0, 1000, 1000)])
def test_turnover_is_the_chance_of_a_new_draw_at_each_bar(desk, table, turnover, fewest, most):
    held = exposures(desk(RandomControl, turnover=turnover), table([100.0] * 1000))
    assert fewest <= len(set(held)) <= most


def test_draws_lean_to_neither_side(desk, table):
    assert abs(mean(exposures(desk(RandomControl, turnover=1.0), table([100.0] * 4000)))) < 0.05


def test_a_seed_gives_the_same_draws_and_another_seed_or_symbol_gives_others(desk, table):
    bars, other_symbol = table([100.0] * 50), table([3.5] * 50)
    runs = [
        exposures(desk(RandomControl, turnover=0.5, seed=seed), series)
        for seed, series in [(7, bars), (7, bars), (8, bars), (7, other_symbol)]
    ]
    assert runs[0] == runs[1]
    assert len({tuple(held) for held in runs}) == 3
