"""The start list that settings make."""

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
