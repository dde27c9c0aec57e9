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
    for width in range(60, 140):
        (line,) = footer.band_lines(width)
        assert "1-7 panes" in line.plain, width
        assert line.width <= width
