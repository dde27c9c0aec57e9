import re

import pytest

from cockpit.tui.keys import keymap
from cockpit.tui.panes.footer import FooterBand
from cockpit.tui.store import Connection, Store
from tests.tui.recorded_arena import state_at

WIDE = {"stop": "止", "pause": "休", "kill": "殺", "zoom": "拡", "filter": "探", "status": "状"}
"""Keys of two cells each."""


@pytest.mark.parametrize("keys", [{}, WIDE])
def test_there_is_always_room_for_the_keys_of_the_panes(arena_events, keys):
    store = Store(bot="arena")
    store.attach(state_at(arena_events, len(arena_events)))
    store.set_connection(Connection.LIVE)
    footer = FooterBand(store, keymap(keys))
    for width in range(64, 140):
        (line,) = footer.band_lines(width)
        assert "1-7 panes" in line.plain, width
        assert line.width <= width


@pytest.fixture
def said(arena_events):
    """What the footer says at a width."""
    store = Store(bot="arena")
    store.attach(state_at(arena_events, len(arena_events)))
    store.set_connection(Connection.LIVE)
    footer = FooterBand(store, keymap({}))

    def line(width):
        (line,) = footer.band_lines(width)
        return " ".join(line.plain.split())

    return line


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (80, "x stop p pause K kill F emergency b orders ? help q leave 1-7 panes"),
        (
            120,
            "x stop p pause K kill F emergency b orders a alerts ⏎ open m mode z zoom / filter ? help q leave"
            " 1-7 panes",
        ),
        (
            200,
            "x stop p pause K kill switch F emergency stop b orders a alerts ⏎ open m mode z zoom / filter"
            " ? help t status P profiles v routine o sort q leave 0 overview L library 1-7 panes",
        ),
    ],
)
def test_it_has_room_for_what_matters_most_first(said, width, words):
    assert said(width) == words


@pytest.mark.parametrize("width", [80, 90, 100, 120, 160, 200])
def test_the_emergency_stop_stands_beside_the_kill_switch_at_every_size(said, width):
    assert re.search(r"K kill( switch)? F emergency", said(width))
