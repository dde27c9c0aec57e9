"""The table of order transitions, told once more by hand."""

from itertools import product

import pytest

from cockpit.domain.orders import OrderStatus as S
from cockpit.trading.lifecycle import TERMINAL, TRANSITIONS, IllegalTransition, check_transition
from tests.trading.arena_facts import BTC, Past

LEGAL = {
    S.CREATED: "denied held submitted",
    S.SUBMITTED: "accepted rejected partially_filled filled pending_cancel canceled expired",
    S.ACCEPTED: "triggered partially_filled filled pending_cancel canceled expired",
    S.TRIGGERED: "rejected partially_filled filled pending_cancel canceled expired",
    S.PARTIALLY_FILLED: "partially_filled filled pending_cancel canceled expired",
    S.PENDING_CANCEL: "accepted partially_filled filled canceled expired",
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


def test_a_terminal_order_never_moves_again():
    assert {S.DENIED, S.HELD, S.REJECTED, S.FILLED, S.CANCELED, S.EXPIRED} == TERMINAL


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
