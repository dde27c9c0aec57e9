"""How settings say how believable paper fills are."""

import pytest

from cockpit.settings.resolve import resolve
from cockpit.settings.sources import ConfigInvalid
from cockpit.settings.venue_tree import fill_model
from cockpit.trading.fill_model import OPTIMISTIC, PESSIMISTIC, REALISTIC, Intrabar
from cockpit.trading.margin import MarginMode


def model(**venue):
    return fill_model(resolve(environment={}, flags={"venue": venue}).settings.venue, seed=0)


@pytest.mark.parametrize(
    ("preset", "expected"),
    [("realistic", REALISTIC), ("optimistic", OPTIMISTIC), ("pessimistic", PESSIMISTIC)],
)
def test_a_preset_is_all_knobs_at_once(preset, expected):
    assert model(preset=preset) == expected


def test_a_knob_that_is_set_wins_over_the_preset_and_leaves_the_others():
    mixed = model(preset="pessimistic", half_spread_bps=5, latency="0s", intrabar="path", margin="isolated")
    assert (mixed.half_spread_fraction, mixed.latency_ms) == (0.0005, 0)
    assert (mixed.intrabar, mixed.margin) == (Intrabar.PATH, MarginMode.ISOLATED)
    assert mixed.impact_coefficient == PESSIMISTIC.impact_coefficient


def test_participation_can_be_turned_off():
    assert model(participation="off").participation is None
    assert model(preset="optimistic", participation=0.5).participation == 0.5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("half_spread_bps", -1),
        ("participation", 0),
        ("participation", 1.5),
        ("touch_fill_probability", 2),
        ("intrabar", "random"),
        ("latency", "soon"),
        ("leverage", 0.5),
        ("leverage", float("nan")),
        ("slippage_bps", 1),
    ],
)
def test_a_knob_outside_its_range_is_refused_by_name(name, value):
    with pytest.raises(ConfigInvalid, match=rf"venue\.{name}"):
        model(**{name: value})
