"""The name of a market view."""

import math
from dataclasses import replace

import pytest

from cockpit.domain.market import Bar
from cockpit.markets.market import MarketStep
from cockpit.markets.view_hash import GENESIS, view_hash

BAR = Bar(0, 1.0, 2.0, 0.5, 1.5, 10.0)
STEP = MarketStep(ts_ms=60_000, bars=(BAR, None), funding_rates=(0.0001, -0.0001))
NEXT = MarketStep(ts_ms=120_000, bars=(None, BAR._replace(open_ms=60_000)))


def test_a_view_keeps_its_name() -> None:
    assert view_hash(GENESIS, 120_000, (STEP, NEXT)) == "1c66a48f1c2fa1042cd08506d1937cca"


@pytest.mark.parametrize(
    "other",
    [
        replace(STEP, bars=(BAR._replace(close=math.nextafter(1.5, 2)), None)),
        replace(STEP, bars=(BAR._replace(open_ms=1), None)),
        replace(STEP, bars=(None, BAR)),
        replace(STEP, bars=(BAR,)),
        replace(STEP, ts_ms=60_001),
        replace(STEP, funding_rates=None),
        replace(STEP, funding_rates=(0.0001, 0.0001)),
    ],
)
def test_a_view_that_differs_in_one_bit_has_another_name(other: MarketStep) -> None:
    assert view_hash(GENESIS, 60_000, (other,)) != view_hash(GENESIS, 60_000, (STEP,))


def test_views_of_one_instant_with_different_pasts_have_different_names() -> None:
    past = view_hash(GENESIS, 60_000, (STEP,))
    assert view_hash(past, 120_000, (NEXT,)) != view_hash(GENESIS, 120_000, (NEXT,))


def test_the_instant_is_part_of_the_name() -> None:
    assert view_hash(GENESIS, 60_000, ()) != view_hash(GENESIS, 120_000, ())
