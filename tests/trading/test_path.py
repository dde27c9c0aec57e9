"""The way a price is taken to go inside a bar."""

from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.trading.path import END, arrival, elapsed, path_of, price_at, through, touch

HIGH_FIRST = (100.0, 104.0, 90.0, 98.0)
LOW_FIRST = (100.0, 97.0, 110.0, 105.0)
FLAT = (100.0, 100.0, 100.0, 100.0)


@pytest.mark.parametrize(
    ("bar", "rises_on_tie", "path"),
    [
        ((100.0, 104.0, 90.0, 98.0), False, (100.0, 104.0, 90.0, 98.0)),
        ((100.0, 110.0, 97.0, 105.0), True, (100.0, 97.0, 110.0, 105.0)),
        ((100.0, 110.0, 90.0, 105.0), True, (100.0, 110.0, 90.0, 105.0)),
        ((100.0, 110.0, 90.0, 105.0), False, (100.0, 90.0, 110.0, 105.0)),
        ((100.0, 100.0, 90.0, 95.0), False, (100.0, 100.0, 90.0, 95.0)),
        ((100.0, 110.0, 100.0, 110.0), True, (100.0, 100.0, 110.0, 110.0)),
    ],
    ids=["high nearer", "low nearer", "tie, up", "tie, down", "opens on its high", "opens on its low"],
)
def test_the_extreme_nearer_the_open_comes_first(bar, rises_on_tie, path):
    assert path_of(*bar, rises_on_tie) == path


@pytest.mark.parametrize(
    ("position", "price"),
    [(0.0, 100.0), (0.5, 102.0), (1.0, 104.0), (1.25, 100.5), (2.0, 90.0), (2.5, 94.0), (3.0, 98.0)],
)
def test_a_position_is_a_leg_and_the_part_of_it_that_is_done(position, price):
    assert price_at(HIGH_FIRST, position) == price


# fmt: off
TOUCHES = [
    # path        from  level  rising  touched   passed
    (HIGH_FIRST,  0.0,  102.0, True,   0.5,      0.5,  "on the way up"),
    (HIGH_FIRST,  0.0,  104.0, True,   1.0,      inf,  "only the high itself"),
    (HIGH_FIRST,  0.0,  105.0, True,   inf,      inf,  "never"),
    (HIGH_FIRST,  0.0,   97.0, False,  1.5,      1.5,  "on the way down"),
    (HIGH_FIRST,  0.0,   90.0, False,  2.0,      inf,  "only the low itself"),
    (HIGH_FIRST,  0.0,   99.0, True,   0.0,      0.0,  "beyond at once"),
    (HIGH_FIRST,  0.0,  100.0, True,   0.0,      0.0,  "there at once, and then beyond"),
    (HIGH_FIRST,  0.0,  100.0, False,  0.0,      1.0 + 4 / 14, "there at once, beyond later"),
    (HIGH_FIRST,  2.0,   94.0, True,   2.5,      2.5,  "on the last leg"),
    (HIGH_FIRST,  2.5,   92.0, False,  inf,      inf,  "behind it already"),
    (HIGH_FIRST,  1.5,   97.0, False,  1.5,      1.5,  "from where it is"),
    (LOW_FIRST,   3.0,  105.0, True,   3.0,      inf,  "at the close"),
    (FLAT,        0.0,  100.0, True,   0.0,      inf,  "a flat bar at the level"),
    (FLAT,        0.0,  101.0, True,   inf,      inf,  "a flat bar below it"),
    (HIGH_FIRST,  0.0,  nan,   True,   inf,      inf,  "no level at all"),
]
# fmt: on


@pytest.mark.parametrize("row", TOUCHES, ids=[row[-1] for row in TOUCHES])
def test_a_level_is_touched_when_the_price_stands_there_and_passed_when_it_goes_beyond(row):
    path, start, level, rising, touched, passed, _ = row
    assert touch(path, start, level, rising) == touched
    assert through(path, start, level, rising) == pytest.approx(passed)


@pytest.mark.parametrize(
    ("fraction", "position"),
    [(-1.0, 0.0), (0.0, 0.0), (2 / 26, 0.5), (4 / 26, 1.0), (11 / 26, 1.5), (18 / 26, 2.0), (1.0, 3.0)],
)
def test_time_passes_with_the_length_travelled(fraction, position):
    assert arrival(HIGH_FIRST, fraction) == pytest.approx(position)
    assert elapsed(HIGH_FIRST, position) == pytest.approx(max(fraction, 0.0))


def test_on_a_flat_bar_time_passes_evenly():
    assert arrival(FLAT, 0.5) == 1.5
    assert elapsed(FLAT, 1.5) == 0.5


PRICES = st.floats(0.01, 1e6)
PATHS = st.tuples(PRICES, PRICES, PRICES, PRICES)
POSITIONS = st.floats(0.0, END)


@settings(max_examples=200)
@given(PATHS, POSITIONS)
def test_a_price_on_the_path_lies_between_the_ends_of_its_leg(path, position):
    leg = min(int(position), 2)
    ends = path[leg : leg + 2]
    assert min(ends) <= price_at(path, position) <= max(ends)


@settings(max_examples=200)
@given(PATHS, st.floats(0.0, 1.0))
def test_a_fraction_of_the_time_comes_back_from_its_position(path, fraction):
    assert elapsed(path, arrival(path, fraction)) == pytest.approx(fraction, abs=1e-9)


@settings(max_examples=200)
@given(PATHS, POSITIONS, POSITIONS)
def test_time_never_runs_backwards(path, one, other):
    early, late = sorted((one, other))
    assert elapsed(path, early) <= elapsed(path, late) + 1e-12


@settings(max_examples=300)
@given(PATHS, POSITIONS, PRICES, st.booleans())
def test_a_touch_is_the_first_place_at_the_level(path, start, level, rising):
    def is_there(price):
        return price >= level if rising else price <= level

    met = touch(path, start, level, rising)
    before = [start] + [leg for leg in (1.0, 2.0, 3.0) if start < leg < met]
    if met == inf:
        assert not any(is_there(price_at(path, each)) for each in [*before, END])
        return
    assert start <= met <= END
    assert price_at(path, met) == pytest.approx(level) or met == start
    assert not any(is_there(price_at(path, each)) for each in before if each < met)
    assert through(path, start, level, rising) >= met
