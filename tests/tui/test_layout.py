from itertools import combinations

import pytest

from cockpit.tui.layout import is_compact, plan
from cockpit.tui.pane_titles import PANES


@pytest.mark.parametrize("size", [(100, 27), (120, 37), (160, 47), (200, 57), (300, 97)])
@pytest.mark.parametrize("agents", [1, 11, 50])
def test_panes_fill_the_screen_without_overlap(size, agents):
    places = plan(*size, agents=agents, symbols=6, single=None, strip=True)
    assert set(places) == set(PANES)
    assert sum(place.area for place in places.values()) == size[0] * size[1]
    assert not any(one.overlaps(other) for one, other in combinations(places.values(), 2))
    assert all(place.width >= 24 and place.height >= 6 for place in places.values())


def test_the_leaderboard_shows_eleven_agents_without_scrolling():
    assert plan(120, 37, agents=11, symbols=6, single=None, strip=True)["leaderboard"].height == 14


def test_a_single_pane_leaves_a_strip_for_events():
    places = plan(80, 20, agents=11, symbols=6, single="equity", strip=True)
    assert places["equity"].height == 14
    assert places["events"].height == 6


@pytest.mark.parametrize(("single", "strip"), [("events", True), ("equity", False)])
def test_a_single_pane_may_have_it_all(single, strip):
    places = plan(80, 20, agents=11, symbols=6, single=single, strip=strip)
    assert list(places) == [single]
    assert places[single].area == 1_600


@pytest.mark.parametrize(("size", "compact"), [((80, 24), True), ((120, 24), True), ((120, 40), False)])
def test_small_terminals_show_one_pane_at_a_time(size, compact):
    assert is_compact(*size) is compact
