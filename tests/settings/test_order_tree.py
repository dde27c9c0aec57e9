"""How settings say how agents enter and guard their positions."""

import pytest

from cockpit.domain.orders import OrderKind, TimeInForce
from cockpit.settings.order_tree import order_style
from cockpit.settings.resolve import resolve
from cockpit.settings.sources import ConfigInvalid
from cockpit.trading.order_style import OrderStyle


def style(everybody=None, own=None):
    flags = {
        "trading": {"orders": everybody or {}},
        "agents": [{"name": "cash"}, {"name": "buy_and_hold", "orders": own or {}}],
    }
    settings = resolve(environment={}, flags=flags).settings
    return order_style(settings.trading.orders, settings.agents[1].orders)


def test_nothing_said_is_by_the_market_with_plain_stops():
    plain = style()
    assert (plain.entry, plain.stop, plain.demands_stop) == (OrderKind.MARKET, OrderKind.STOP_MARKET, False)


def test_an_agent_s_own_word_wins_over_everybody_s_and_leaves_the_rest():
    everybody = {"entry": "limit", "entry_offset_bps": 5, "demand_stop": True}
    own = {"entry_offset_bps": 10, "time_in_force": "post_only", "stop": "trailing_stop", "trail_bps": 100}
    assert style(everybody, own) == OrderStyle(
        entry=OrderKind.LIMIT,
        time_in_force=TimeInForce.POST_ONLY,
        entry_offset_fraction=0.001,
        stop=OrderKind.TRAILING_STOP,
        trail_fraction=0.01,
        demands_stop=True,
    )


@pytest.mark.parametrize(
    "wrong", [{"entry": "iceberg"}, {"trail_bps": 0}, {"stop": "market"}, {"tif": "gtc"}]
)
def test_what_is_no_way_to_trade_is_refused(wrong):
    with pytest.raises(ConfigInvalid):
        style(own=wrong)
