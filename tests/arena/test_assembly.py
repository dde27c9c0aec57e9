"""The start list that settings make."""

import pytest

from cockpit.settings.sources import ConfigInvalid
from cockpit.settings.tree import CONTROLS
from tests.arena.conftest import parts_of

BLEND = {"name": "mix", "kind": "blend", "weights": {"ema_cross": 1.0, "cash": 1.0}}


def controls_of(flags):
    return [each.name for each in parts_of(flags).agreement.contestants if each.is_control]


def test_the_start_list_says_who_is_a_control():
    assert sorted(controls_of({})) == sorted(CONTROLS)


def test_a_control_under_another_name_is_one_and_a_blend_with_one_in_it_is_none():
    agents = [{"name": "luck", "strategy": "random"}, {"name": "random_2", "strategy": "ema_cross"}, BLEND]
    assert controls_of({"agents": agents}) == ["luck"]


@pytest.mark.parametrize(
    ("flags", "setting"),
    [
        ({"risk": {"symbols": ["BTC", "LUNA"]}}, "risk.symbols"),
        ({"risk": {"venues": {"paper": {"symbols": ["LUNA"]}}}}, "risk.venues.paper.symbols"),
        ({"agents": [{"name": "cash", "risk": {"symbols": ["LUNA"]}}]}, "agents.cash.risk.symbols"),
    ],
)
def test_a_symbol_that_nobody_trades_is_refused_before_every_entry_is(flags, setting):
    told = f"setting {setting}: LUNA is not traded on simulated; there is BTC/USDC:USDC, ETH/USDC:USDC"
    with pytest.raises(ConfigInvalid) as refused:
        parts_of(flags | {"market": {"symbols": ["BTC", "ETH"]}})
    assert str(refused.value) == told


def test_symbols_may_be_listed_in_full_or_by_their_base_coin():
    parts = parts_of({"risk": {"symbols": ["BTC", "ETH/USDC:USDC"]}, "agents": [{"name": "cash"}]})
    assert parts.limits["cash"].symbols == ("BTC", "ETH/USDC:USDC")
