"""The table of order transitions, told once more by hand."""

from itertools import product

import pytest

from cockpit.domain.orders import OrderStatus as S
from cockpit.trading.lifecycle import (
    TERMINAL,
    TRANSITIONS,
    IllegalTransition,
    check_transition,
    parent_status,
    status_after_fill,
)
from tests.trading.arena_facts import BTC, Past, order

LEGAL = {
    S.CREATED: "denied held submitted",
    S.SUBMITTED: "accepted rejected triggered partially_filled filled pending_cancel canceled expired",
    S.ACCEPTED: "rejected triggered partially_filled filled pending_cancel canceled expired",
    S.TRIGGERED: "rejected partially_filled filled pending_cancel canceled expired",
    S.PARTIALLY_FILLED: "partially_filled filled pending_cancel canceled expired",
    S.PENDING_CANCEL: "submitted accepted triggered pending_cancel partially_filled filled canceled expired",
    S.CANCELED: "canceled filled",
    S.EXPIRED: "expired filled",
}
WAYS = {(before, S(word)) for before, words in LEGAL.items() for word in words.split()}

WAY_THERE = {
    S.CREATED: (),
    S.SUBMITTED: (S.SUBMITTED,),
    S.ACCEPTED: (S.SUBMITTED, S.ACCEPTED),
    S.TRIGGERED: (S.SUBMITTED, S.ACCEPTED, S.TRIGGERED),
    S.PARTIALLY_FILLED: (S.SUBMITTED, S.ACCEPTED, S.PARTIALLY_FILLED),
    S.PENDING_CANCEL: (S.SUBMITTED, S.ACCEPTED, S.PENDING_CANCEL),
}


@pytest.mark.parametrize(("before", "after"), sorted(WAYS))
def test_a_legal_move_passes(before, after):
    check_transition(1, before, after)


@pytest.mark.parametrize(("before", "after"), sorted(set(product(S, S)) - WAYS))
def test_an_illegal_move_raises_and_says_which(before, after):
    with pytest.raises(IllegalTransition, match=f"order 7 can't go from {before} to {after}") as refused:
        check_transition(7, before, after)
    assert (refused.value.order_id, refused.value.before, refused.value.after) == (7, before, after)


def test_every_status_is_in_the_table():
    assert set(TRANSITIONS) == set(S)


def test_an_order_that_is_over_never_works_again():
    assert {S.DENIED, S.HELD, S.REJECTED, S.FILLED, S.CANCELED, S.EXPIRED} == TERMINAL
    assert all(after in TERMINAL for before in TERMINAL for after in TRANSITIONS[before])


@pytest.mark.parametrize(
    ("before", "part", "whole"),
    [
        (S.SUBMITTED, S.PARTIALLY_FILLED, S.FILLED),
        (S.ACCEPTED, S.PARTIALLY_FILLED, S.FILLED),
        (S.TRIGGERED, S.PARTIALLY_FILLED, S.FILLED),
        (S.PENDING_CANCEL, S.PENDING_CANCEL, S.FILLED),
        (S.CANCELED, S.CANCELED, S.FILLED),
        (S.EXPIRED, S.EXPIRED, S.FILLED),
    ],
)
def test_a_part_leaves_an_order_that_is_being_cancelled_where_it_stands(before, part, whole):
    assert status_after_fill(before, is_complete=False) is part
    assert status_after_fill(before, is_complete=True) is whole


@pytest.mark.parametrize(("filled", "child", "is_alive", "after"), [
    (0, S.ACCEPTED, True, S.ACCEPTED),
    (0, S.DENIED, True, S.ACCEPTED),
    (40, S.FILLED, True, S.PARTIALLY_FILLED),
    (100, S.FILLED, False, S.FILLED),
    (40, S.CANCELED, False, S.CANCELED),
    (0, S.REJECTED, False, S.REJECTED),
    (0, S.CANCELED, False, S.CANCELED),
])  # fmt: skip
def test_a_sum_of_shares_stands_where_they_do(filled, child, is_alive, after):
    parent = order(1, "ann", BTC, 100, is_split=True, filled_lots=filled)
    assert parent_status(parent, child, is_alive=is_alive) is after


def test_every_status_can_be_reached_from_created():
    reached, front = set(), {S.CREATED}
    while front:
        reached |= front
        front = {after for before in front for after in TRANSITIONS[before]} - reached
    assert reached == set(S)


@pytest.mark.parametrize(("before", "after"), sorted(way for way in product(WAY_THERE, S) if way not in WAYS))
def test_an_order_that_is_moved_illegally_stays_where_it_is(before, after):
    past = Past.begun()
    order_id = past.create("ann", BTC, 100)
    past.move(order_id, *WAY_THERE[before])
    untouched = past.copy()
    with pytest.raises(IllegalTransition):
        past.move(order_id, after)
    assert past.state == untouched.state
