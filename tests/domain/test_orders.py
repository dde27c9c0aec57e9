"""What an order says of itself."""

import pytest

from cockpit.domain.orders import OrderStatus, Side
from tests.trading.arena_facts import BTC, order


@pytest.mark.parametrize(("lots", "side"), [(3, Side.BUY), (-3, Side.SELL)])
def test_the_sign_of_an_order_is_its_side(lots, side):
    assert order(1, "ann", BTC, lots).side is side
    assert Side.of(lots) is side


@pytest.mark.parametrize(
    ("lots", "filled", "still_open"), [(10, 0, 10), (10, 4, 6), (-10, -4, -6), (5, 5, 0)]
)
def test_what_is_open_of_an_order_keeps_its_sign(lots, filled, still_open):
    assert order(1, "ann", BTC, lots, filled_lots=filled).open_lots == still_open


def test_a_new_order_is_created_and_unfilled():
    made = order(1, "ann", BTC, 10)
    assert (made.status, made.filled_lots, made.reduce_only) == (OrderStatus.CREATED, 0, False)
