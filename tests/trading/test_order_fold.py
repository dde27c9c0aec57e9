"""What the events of orders change in the state, one by one."""

import pytest

from cockpit.domain.events import FeedMeasured, OrderAmended, OrderCreated, OrderMoved, ReportRefused
from cockpit.domain.market import MINUTE_MS
from cockpit.domain.orders import OrderKind, OrderPurpose
from cockpit.domain.orders import OrderStatus as S
from cockpit.trading.agent_state import GONE_ORDERS
from cockpit.trading.fold import FoldError
from tests.trading.arena_facts import BTC, order

TRAIL = {
    "kind": OrderKind.TRAILING_STOP,
    "trigger_price": 49_000.0,
    "trail_distance": 500.0,
    "reduce_only": True,
    "purpose": OrderPurpose.STOP,
}


def amended(order_id, lots, trigger=None, limit=None, agent="ann"):
    return OrderAmended(
        agent=agent, order_id=order_id, signed_lots=lots, trigger_price=trigger, limit_price=limit, reason="r"
    )


# --- Cancels under way


def test_an_order_to_be_cancelled_knows_when_and_where_it_stood(past):
    order_id = past.work("ann", BTC, 100)
    past.move(order_id, S.PENDING_CANCEL, cancel_ms=past.now_ms + 200)
    pending = past.order(order_id)
    assert (pending.status, pending.resume_status, pending.cancel_ms) == (
        S.PENDING_CANCEL,
        S.ACCEPTED,
        past.now_ms + 200,
    )
    past.move(order_id, S.ACCEPTED)
    kept = past.order(order_id)
    assert (kept.status, kept.resume_status, kept.cancel_ms) == (S.ACCEPTED, None, None)


def test_a_part_filled_meanwhile_changes_where_it_stands_again(past):
    order_id = past.work("ann", BTC, 100)
    past.move(order_id, S.PENDING_CANCEL, cancel_ms=7)
    past.fill(order_id, 50_000.0, lots=40)
    pending = past.order(order_id)
    assert (pending.status, pending.resume_status, pending.cancel_ms) == (
        S.PENDING_CANCEL,
        S.PARTIALLY_FILLED,
        7,
    )


def test_a_stop_that_wakes_meanwhile_stands_again_as_triggered(past):
    past.trade("ann", BTC, 100, 50_000.0)
    order_id = past.work("ann", BTC, -100, **TRAIL)
    past.move(order_id, S.PENDING_CANCEL, cancel_ms=7)
    assert not past.order(order_id).is_triggered
    past.move(order_id, S.PENDING_CANCEL)
    pending = past.order(order_id)
    assert (pending.resume_status, pending.cancel_ms, pending.is_triggered) == (S.TRIGGERED, 7, True)


# --- Orders that are gone


@pytest.mark.parametrize("end", [S.CANCELED, S.EXPIRED])
def test_what_may_still_be_filled_late_is_remembered(past, end):
    order_id = past.work("ann", BTC, 100)
    past.move(order_id, end)
    ann = past.state.agents["ann"]
    assert (ann.working, ann.gone[order_id].status) == ({}, end)


@pytest.mark.parametrize("way", [(S.DENIED,), (S.HELD,), (S.SUBMITTED, S.REJECTED)])
def test_what_never_can_be_is_forgotten(past, way):
    past.move(past.create("ann", BTC, 100), *way)
    assert past.state.agents["ann"].gone == {}


def test_so_many_gone_orders_are_remembered_and_the_oldest_gives_way(past):
    for _ in range(GONE_ORDERS + 1):
        past.move(past.work("ann", BTC, 100), S.CANCELED)
    assert list(past.state.agents["ann"].gone) == list(range(2, GONE_ORDERS + 2))


# --- Amendments


def test_an_amendment_gives_an_order_another_size_and_prices_and_leaves_the_rest(past):
    past.trade("ann", BTC, 100, 50_000.0)
    order_id = past.work("ann", BTC, -100, **TRAIL)
    before = past.order(order_id)
    past.tell(amended(order_id, -60, 49_500.0))
    after = past.order(order_id)
    assert (after.signed_lots, after.trigger_price) == (-60, 49_500.0)
    assert (after.status, after.trail_distance, after.reduce_only) == (before.status, 500.0, True)
    assert (after.client_order_id, after.live_ms) == (before.client_order_id, before.live_ms)


def test_an_amended_order_keeps_a_cancel_that_is_under_way(past):
    past.trade("ann", BTC, 100, 50_000.0)
    order_id = past.work("ann", BTC, -100, **TRAIL)
    past.move(order_id, S.PENDING_CANCEL, cancel_ms=7)
    past.tell(amended(order_id, -60, 49_000.0))
    assert (past.order(order_id).status, past.order(order_id).cancel_ms) == (S.PENDING_CANCEL, 7)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (amended(2, 60, 49_000.0), "can't be amended to \\+60 lots"),
        (amended(2, -40, 49_000.0), "can't be amended to -40 lots"),
        (amended(2, 0, 49_000.0), "can't be amended to \\+0 lots"),
        (amended(2, -60, None), "can't be amended to a price of None"),
        (amended(2, -60, 0.0), "can't be amended to a price of 0.0"),
        (amended(2, -60, float("nan")), "can't be amended to a price of nan"),
        (amended(2, -60, 1e30), "can't be amended to a price of 1e\\+30"),
        (amended(2, -60, 49_000.0, 48_000.0), "can't be amended to a price of 48000.0"),
        (amended(9, -60, 49_000.0), "ann has no working order 9"),
        (amended(2, -60, 49_000.0, agent="bob"), "bob has no working order 2"),
    ],
)
def test_an_amendment_that_can_not_be_changes_nothing(past, event, words):
    past.trade("ann", BTC, 100, 50_000.0)
    order_id = past.work("ann", BTC, -100, **TRAIL)
    past.fill(order_id, 49_000.0, lots=-40)
    untouched = past.copy()
    with pytest.raises(FoldError, match=words):
        past.tell(event)
    assert past.state == untouched.state


# --- Sums of shares


def shared(past):
    parent = past.create("ann", BTC, 90, is_split=True)
    first = past.create("ann", BTC, 60, parent_id=parent, strategy="trend")
    second = past.create("ann", BTC, 30, parent_id=parent, strategy="mean")
    past.move(first, S.SUBMITTED, S.ACCEPTED)
    past.move(second, S.SUBMITTED, S.ACCEPTED)
    past.move(parent, S.SUBMITTED, S.ACCEPTED)
    return parent, first, second


def test_what_shares_fill_their_sum_has_filled(past):
    parent, first, _ = shared(past)
    past.fill(first, 50_000.0, lots=20)
    assert (past.order(parent).filled_lots, past.order(parent).status) == (20, S.ACCEPTED)


def test_a_sum_is_filled_by_a_move_once_its_shares_are_and_not_before(past):
    parent, first, second = shared(past)
    past.fill(first, 50_000.0)
    with pytest.raises(FoldError, match="can't be filled without a fill"):
        past.move(parent, S.FILLED)
    past.fill(second, 50_000.0)
    past.move(parent, S.FILLED)
    assert past.state.agents["ann"].working == {}


def test_a_sum_can_not_be_filled_itself(past):
    parent, _, _ = shared(past)
    with pytest.raises(FoldError, match="is the sum of its children, which alone are filled"):
        past.fill(parent, 50_000.0)


def test_a_late_fill_counts_in_a_sum_that_is_gone_too(past):
    parent, first, second = shared(past)
    past.move(first, S.CANCELED).move(second, S.CANCELED).move(parent, S.CANCELED)
    ann = past.state.agents["ann"]
    ann.working[first] = ann.gone[first]  # the story's own way to fill it; the fold takes either
    past.fill(first, 50_000.0, lots=20)
    assert ann.gone[parent].filled_lots == 20


def test_neither_answers_nor_refusals_of_a_sum_are_counted_beside_its_shares(past):
    parent = past.create("ann", BTC, 90, is_split=True)
    past.move(parent, S.DENIED, rule="order_notional")
    ann = past.state.agents["ann"]
    assert (ann.orders, ann.denied, ann.refusals_in_a_row) == (1, 0, 0)


# --- Counts


def test_orders_of_the_last_minute_are_remembered_by_their_time(past):
    past.create("ann", BTC, 1)
    past.after(0.5).create("ann", BTC, 2)
    first, second = past.now_ms - MINUTE_MS // 2, past.now_ms
    assert past.state.agents["ann"].sent_ms == [first, second]
    past.after(0.5).create("ann", BTC, 3)
    assert past.state.agents["ann"].sent_ms == [second, past.now_ms]


# fmt: off
REFUSALS = [
    # what happens to orders one after the other, refusals in a row
    ([("denied", "price_collar")],                              1),
    ([("denied", "price_collar"), ("denied", "leverage")],      2),
    ([("denied", "price_collar"), ("accepted", None)],          0),
    ([("denied", "price_collar"), ("rejected", None)],          2),
    ([("denied", "trading_mode")],                              0),
    ([("denied", "agent_benched")],                             0),
    ([("denied", "entry_locks")],                               0),
    ([("denied", "account_synced")],                            0),
    ([("denied", "cooldown")],                                  0),
    ([("held", None)],                                          0),
]
# fmt: on


@pytest.mark.parametrize(("story", "in_a_row"), REFUSALS)
def test_refusals_in_a_row_are_those_that_say_something_against_the_order(past, story, in_a_row):
    for end, rule in story:
        order_id = past.create("ann", BTC, 10)
        if end in {"accepted", "rejected"}:
            past.move(order_id, S.SUBMITTED)
        past.move(order_id, S(end), rule=rule)
    assert past.state.agents["ann"].refusals_in_a_row == in_a_row


def test_a_refused_report_leaves_its_account_unsynced_and_one_of_nobody_nothing(past):
    past.tell(ReportRefused(agent="ann", order_id=1, report="executed", reason="too much"))
    assert past.state.agents["ann"].unsynced == "too much"
    past.tell(ReportRefused(agent="arena", order_id=1, report="executed", reason="whose?"))
    assert past.state.agents["bob"].unsynced == ""


def test_what_a_feed_measured_is_kept(past):
    past.tell(FeedMeasured(age_ms=500, skew_ms=-40))
    assert (past.state.feed_age_ms, past.state.clock_skew_ms) == (500, -40)


def test_an_order_begins_as_created(past):
    with pytest.raises(FoldError, match="order 1 begins as filled"):
        past.tell(OrderCreated(order=order(1, "ann", BTC, 10, status=S.FILLED)))


def test_a_move_says_where_the_order_stood(past):
    order_id = past.work("ann", BTC, 10)
    with pytest.raises(FoldError, match=f"order {order_id} is accepted, not submitted"):
        past.tell(OrderMoved(agent="ann", order_id=order_id, before=S.SUBMITTED, after=S.CANCELED))
