"""Which orders the blotter shows, and in what order."""

import pytest

from cockpit.domain.orders import OrderKind, OrderPurpose, OrderStatus
from cockpit.tui.order_filter import DONE, WORKING, OrderFilter, as_tree, stepped, value_words
from cockpit.tui.order_history import OrderEntry
from tests.tui.test_order_history import order

S = OrderStatus


def book() -> dict[int, OrderEntry]:
    """An entry with its guard, a split order with two shares, and a denial."""
    orders = [
        (order(1, status=S.FILLED, filled_lots=10), ""),
        (
            order(
                2, -10, kind=OrderKind.STOP_MARKET, purpose=OrderPurpose.STOP, parent_id=1, status=S.ACCEPTED
            ),
            "",
        ),
        (order(3, agent="bob", symbol="ETH/USDC:USDC", is_split=True, status=S.ACCEPTED), ""),
        (order(4, agent="bob", symbol="ETH/USDC:USDC", parent_id=3, strategy="rsi", status=S.ACCEPTED), ""),
        (order(5, agent="bob", symbol="ETH/USDC:USDC", parent_id=3, strategy="ema", status=S.ACCEPTED), ""),
        (order(6, status=S.DENIED), "max_gross_leverage: 3.2 is too much"),
    ]
    return {each.order_id: OrderEntry(order=each, updated_ms=0, words=words) for each, words in orders}


def shown(**wanted) -> list[tuple[int, int]]:
    return [(entry.order.order_id, depth) for entry, depth in as_tree(book(), OrderFilter(**wanted))]


def test_the_newest_comes_first_and_children_stand_below_their_parents():
    assert shown() == [(6, 0), (3, 0), (4, 1), (5, 1), (1, 0), (2, 1)]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({"agent": "bob"}, [3, 4, 5]),
        ({"symbol": "BTC/USDC:USDC"}, [6, 1, 2]),
        ({"status": "denied"}, [6]),
        ({"status": WORKING}, [5, 4, 3, 2]),
        ({"status": DONE}, [6, 1]),
        ({"purpose": "stop"}, [2]),
        ({"kind": "stop_market"}, [2]),
        ({"words": "LEVERAGE much"}, [6]),
        ({"words": "stop market"}, [2]),
        ({"words": "bob rsi"}, [4]),
        ({"agent": "bob", "status": "denied"}, []),
    ],
)
def test_a_filter_leaves_out_what_is_not_like_it(wanted, numbers):
    assert sorted(number for number, _ in shown(**wanted)) == sorted(numbers)


def test_a_child_whose_parent_is_left_out_stands_by_itself():
    assert shown(status="accepted", words="stop") == [(2, 0)]


def test_a_filter_is_stepped_through_what_there_is_and_back_to_all():
    filters, seen = OrderFilter(), []
    for _ in range(3):
        filters = stepped(filters, "agent", book().values())
        seen.append(filters.agent)
    assert seen == ["ann", "bob", None]
    assert stepped(OrderFilter(), "agent", book().values(), -1).agent == "bob"


def test_statuses_begin_with_working_and_done():
    filters = stepped(OrderFilter(), "status", book().values())
    assert filters.status == WORKING
    assert stepped(filters, "status", book().values()).status == DONE


def test_a_value_that_is_gone_gives_way_to_the_first():
    assert stepped(OrderFilter(agent="gone"), "agent", book().values()).agent == "ann"


def test_values_are_called_as_people_call_them():
    assert [
        value_words("symbol", "BTC/USDC:USDC"),
        value_words("kind", "stop_market"),
        value_words("kind", None),
    ] == [
        "BTC",
        "stop market",
        "all",
    ]
