"""The paper venue: what reaches it when, how much a bar or a book gives, and what it costs."""

from dataclasses import replace
from math import floor, log, sqrt

import pytest

from cockpit.domain.market import MINUTE_MS
from cockpit.domain.orders import Liquidity, OrderKind, OrderStatus, TimeInForce
from cockpit.domain.reports import Accepted, Canceled, Executed, Rejected, Triggered
from cockpit.trading.book import Book, Level
from cockpit.trading.fill_model import OPTIMISTIC, PESSIMISTIC, PRESETS, REALISTIC, FillModel
from cockpit.trading.fills import queue_uniform
from cockpit.venues.paper import PaperVenue
from tests.venues.paper_desk import EXACT, START_MS, PaperDesk, instrument

MARKET, LIMIT, STOP = OrderKind.MARKET, OrderKind.LIMIT, OrderKind.STOP_MARKET
DOWN = (100.0, 101.0, 90.0, 96.0)
QUIET = (100.0, 101.0, 99.0, 100.0)
LATE = replace(EXACT, latency_ms=30_000)
SHARED = replace(EXACT, participation=0.1)


def prices(fills):
    return [fill.price for fill in fills]


def test_the_venue_says_what_it_is():
    assert (PaperVenue().name, PaperVenue().mode, PaperVenue().model) == ("paper", "paper", REALISTIC)


def test_every_order_is_accepted_at_once():
    desk = PaperDesk()
    order = desk.place(MARKET, 10)
    assert desk.said == [Accepted(order_id=order)]
    assert desk.order(order).status is OrderStatus.ACCEPTED


# Latency.


def test_an_order_meets_the_price_that_stands_when_it_arrives():
    desk = PaperDesk(LATE)
    desk.place(MARKET, 10)
    (fill,) = desk.play((100.0, 102.0, 100.0, 102.0))
    assert (fill.price, fill.ts_ms) == (101.0, START_MS + 30_000)


def test_an_order_that_arrives_late_misses_what_came_before():
    desk = PaperDesk(LATE)
    desk.place(LIMIT, -10, limit_price=100.9)
    assert desk.play(DOWN) == []  # the high came in the first seconds
    assert prices(desk.play(DOWN)) == [100.9]


def test_an_order_still_on_its_way_at_the_close_waits_for_a_later_bar():
    desk = PaperDesk(replace(EXACT, latency_ms=MINUTE_MS + 30_000))
    desk.place(MARKET, 10)
    assert desk.play(QUIET) == []
    (fill,) = desk.play((100.0, 102.0, 100.0, 102.0))
    assert (fill.price, fill.ts_ms) == (101.0, START_MS + MINUTE_MS + 30_000)


def test_an_order_that_arrives_as_a_bar_closes_meets_the_next_open():
    desk = PaperDesk(replace(EXACT, latency_ms=MINUTE_MS))
    desk.place(MARKET, 10)
    assert desk.play(QUIET) == []
    assert prices(desk.play(DOWN)) == [100.0]


# Cancels.


def test_without_latency_a_cancel_is_done_at_once():
    desk = PaperDesk()
    order = desk.place(LIMIT, 10, limit_price=95.0)
    desk.cancel(order)
    assert desk.said[-1] == Canceled(order_id=order, reason="as asked")
    assert desk.play(DOWN) == []


def test_a_cancel_on_its_way_takes_effect_where_the_path_is_by_then():
    desk = PaperDesk(LATE)
    high, low = desk.place(LIMIT, 10, limit_price=97.0), desk.place(LIMIT, 10, limit_price=91.0)
    desk.play(QUIET)
    for order in (high, low):
        desk.cancel(order)
    assert [report for report in desk.said if isinstance(report, Canceled)] == []
    # Half of the way is 9 of 18: down to 93.
    assert [fill.order_id for fill in desk.play(DOWN)] == [high]
    assert desk.said[-1] == Canceled(order_id=low, reason="as asked")


def test_a_cancel_that_has_arrived_before_the_bar_beats_its_open():
    desk = PaperDesk(replace(LATE, latency_ms=MINUTE_MS))
    order = desk.place(LIMIT, 10, limit_price=95.0)
    desk.play(QUIET, QUIET)
    desk.cancel(order)
    desk.play(QUIET)
    assert desk.play((92.0, 93.0, 91.0, 92.0)) == []
    assert desk.said[-1] == Canceled(order_id=order, reason="as asked")


def test_a_cancel_takes_effect_in_a_minute_without_a_bar_too():
    desk = PaperDesk(LATE)
    order = desk.place(LIMIT, 10, limit_price=95.0)
    desk.play(QUIET)
    desk.cancel(order)
    desk.play(None)
    assert desk.said[-1] == Canceled(order_id=order, reason="as asked")


def test_an_order_can_be_cancelled_before_it_arrives():
    desk = PaperDesk(LATE)
    order = desk.place(MARKET, 10, live_ms=START_MS + 5 * MINUTE_MS)
    desk.cancel(order)
    assert desk.play(QUIET) == []
    assert desk.said[-1] == Canceled(order_id=order, reason="as asked")


def test_a_stop_wakes_and_fills_while_its_cancel_is_on_the_way():
    desk = PaperDesk(LATE)
    order = desk.place(STOP, -10, trigger_price=95.0)
    desk.play(QUIET)
    desk.cancel(order)
    assert prices(desk.play(DOWN)) == [95.0]
    assert desk.order(order) is None
    assert [type(report) for report in desk.said[1:]] == [Triggered, Executed]


def test_an_order_that_would_be_rejected_while_it_is_cancelled_is_canceled():
    desk = PaperDesk(LATE)
    order = desk.place(
        LIMIT, 10, limit_price=101.0, time_in_force=TimeInForce.POST_ONLY, live_ms=START_MS + 1_000
    )
    desk.cancel(order)
    desk.play(QUIET)
    assert desk.said[-1] == Canceled(order_id=order, reason="it would take liquidity")


# Volume.


def test_an_order_larger_than_its_share_of_the_volume_is_filled_over_several_bars():
    desk = PaperDesk(SHARED)
    order = desk.place(MARKET, 25)
    fills = desk.play((*QUIET, 100.0), (*DOWN, 109.0), (*QUIET, 0.0), (95.0, 96.0, 94.0, 95.0, 1e6))
    assert [(fill.signed_lots, fill.price) for fill in fills] == [(10, 100.0), (10, 100.0), (5, 95.0)]
    assert {fill.order_id for fill in fills} == {order}


def test_a_resting_limit_is_filled_over_several_bars_at_its_limit():
    desk = PaperDesk(SHARED)
    desk.place(LIMIT, 25, limit_price=95.0)
    fills = desk.play((*DOWN, 100.0), (*QUIET, 100.0), (*DOWN, 1e6))
    assert [(fill.signed_lots, fill.price, fill.liquidity) for fill in fills] == [
        (10, 95.0, Liquidity.MAKER),
        (15, 95.0, Liquidity.MAKER),
    ]


def test_a_stop_woken_in_a_thin_bar_is_a_market_order_in_the_next():
    desk = PaperDesk(SHARED)
    desk.place(MARKET, 25)
    desk.play((*QUIET, 1e6))
    order = desk.place(STOP, -25, trigger_price=95.0, reduce_only=True)
    fills = desk.play((*DOWN, 100.0), (97.0, 99.0, 96.5, 98.0, 1e6))
    assert [(fill.signed_lots, fill.price) for fill in fills] == [(-10, 95.0), (-15, 97.0)]
    assert [report for report in desk.said if isinstance(report, Triggered)] == [Triggered(order_id=order)]


def test_the_share_holds_for_all_orders_of_an_agent_together():
    desk = PaperDesk(SHARED, agents=("ann", "bob"))
    first, second = desk.place(MARKET, 7), desk.place(MARKET, 7)
    other = desk.place(MARKET, 7, agent="bob")
    fills = desk.play((*QUIET, 100.0))
    assert [(fill.order_id, fill.signed_lots) for fill in fills] == [(first, 7), (second, 3), (other, 7)]


def test_in_a_bar_without_volume_nothing_fills_unless_volume_is_no_limit():
    for model, filled in ((SHARED, []), (EXACT, [100.0])):
        desk = PaperDesk(model)
        desk.place(MARKET, 10)
        assert prices(desk.play((100.0, 100.0, 100.0, 100.0, 0.0))) == filled


def test_an_immediate_order_does_not_outlive_a_bar_without_volume():
    desk = PaperDesk(SHARED)
    desk.place(LIMIT, 10, limit_price=101.0, time_in_force=TimeInForce.IOC)
    assert desk.play((100.0, 100.0, 100.0, 100.0, 0.0), QUIET) == []
    assert isinstance(desk.said[-1], Canceled)


# The queue at a limit's price.


@pytest.mark.parametrize("chance", [0.0, 0.25, 1.0])
def test_a_touched_limit_fills_as_often_as_the_queue_lets_it(chance):
    desk = PaperDesk(replace(EXACT, touch_fill_probability=chance, seed=3))
    orders = [desk.place(LIMIT, 1, limit_price=99.0) for _ in range(400)]
    minute = START_MS // MINUTE_MS
    lucky = [order for order in orders if queue_uniform(3, order, minute) < chance]
    assert [fill.order_id for fill in desk.play(QUIET)] == lucky
    assert len(lucky) == pytest.approx(400 * chance, abs=30)


def test_each_bar_is_another_chance_in_the_queue():
    desk = PaperDesk(replace(EXACT, touch_fill_probability=0.5))
    for _ in range(100):
        desk.place(LIMIT, 1, limit_price=99.0)
    filled = [len(desk.play(QUIET)) for _ in range(3)]
    assert filled[0] > filled[1] > filled[2] > 0


# What it costs.


def test_a_taker_pays_half_the_spread_and_the_impact_of_its_size():
    model = replace(EXACT, half_spread_fraction=0.0002, impact_coefficient=0.8)
    desk = PaperDesk(model)
    desk.place(MARKET, 400)
    (fill,) = desk.play((100.0, 101.0, 99.0, 100.0, 10_000.0))
    volatility = log(101 / 99) / sqrt(4 * log(2))
    expected = 100.0 * (1 + 0.0002 + 0.8 * volatility * sqrt(400 / 10_000))
    assert fill.price == round(expected, 2) > 100.1
    assert fill.slippage == round(400 * (fill.price - 100.0) * 1e6)


def test_cutting_an_order_up_does_not_make_it_cheaper():
    model = replace(EXACT, impact_coefficient=1.0)
    whole, parts = PaperDesk(model), PaperDesk(model)
    whole.place(MARKET, -400)
    for _ in range(4):
        parts.place(MARKET, -100)
    bar = (100.0, 101.0, 99.0, 100.0, 10_000.0)
    whole.play(bar)
    parts.play(bar)
    assert parts.fills[0].price > parts.fills[-1].price == whole.fills[0].price


def test_slippage_stops_at_a_limit():
    desk = PaperDesk(replace(EXACT, half_spread_fraction=0.01))
    desk.place(LIMIT, 10, limit_price=100.5)
    desk.place(LIMIT, -10, limit_price=99.75)
    assert prices(desk.play(QUIET)) == [100.5, 99.75]


def test_impact_may_reach_beyond_the_bar():
    desk = PaperDesk(replace(EXACT, half_spread_fraction=0.02))
    desk.place(MARKET, 10)
    assert prices(desk.play(QUIET)) == [102.0]


def test_makers_pay_the_maker_fee_and_no_slippage_and_takers_the_taker_fee():
    listed = instrument(maker_fee_rate=0.0002, taker_fee_rate=0.0005)
    desk = PaperDesk(replace(EXACT, half_spread_fraction=0.001), listed)
    desk.place(MARKET, 10)
    desk.place(LIMIT, 10, limit_price=95.0)
    taken, rested = desk.play(DOWN)
    assert (taken.price, taken.fee_micros, taken.slippage) == (100.1, 500_500, 1_000_000)
    assert (rested.price, rested.fee_micros, rested.slippage) == (95.0, 190_000, 0)


def test_trade_ids_are_counted_over_all_agents_and_bars():
    desk = PaperDesk(EXACT, agents=("ann", "bob"))
    for agent in ("bob", "ann"):
        desk.place(MARKET, 1, agent=agent)
    desk.play(QUIET)
    desk.place(MARKET, 1)
    desk.play(QUIET)
    assert [(fill.agent, fill.trade_id) for fill in desk.fills] == [
        ("ann", "paper-1"),
        ("bob", "paper-2"),
        ("ann", "paper-3"),
    ]


def test_orders_of_one_instrument_know_nothing_of_another_s_bar():
    desk = PaperDesk(EXACT, instrument("X"), instrument("Y"))
    one, other = desk.place(MARKET, 1, symbol="Y"), desk.place(MARKET, 1)
    desk.step({"Y": (50.0, 51.0, 49.0, 50.0)})
    assert [(fill.order_id, fill.price) for fill in desk.fills] == [(one, 50.0)]
    desk.step({"X": QUIET})
    assert [fill.order_id for fill in desk.fills] == [one, other]


def test_a_parent_that_is_split_is_never_sent_itself():
    desk = PaperDesk()
    desk.place(MARKET, 10, is_split=True)
    assert desk.play(QUIET) == []


def test_prices_stay_on_ticks():
    desk = PaperDesk(replace(REALISTIC, participation=None), instrument(tick_size=0.5))
    desk.place(MARKET, 10)
    desk.place(STOP, -10, trigger_price=95.0)
    fills = desk.play(DOWN)
    assert len(fills) == 2
    assert all(fill.price * 2 == floor(fill.price * 2) for fill in fills)


def test_the_same_bars_give_the_same_reports():
    def play():
        desk = PaperDesk(replace(REALISTIC, touch_fill_probability=0.5))
        for lots in range(1, 60):
            desk.place(LIMIT, lots, limit_price=90.0 + lots / 10)
            desk.place(MARKET, lots, guards=(95.0, 100.5))
        desk.play((*DOWN, 5_000.0), (*QUIET, 4_000.0))
        return desk.said

    assert play() == play()


# Order books.

BOOK = Book(
    ts_ms=START_MS,
    bids=(Level(99.0, 5), Level(98.0, 10), Level(96.0, 20)),
    asks=(Level(101.0, 5), Level(102.0, 10), Level(104.0, 20)),
)


def played(book, kind, lots, bar=QUIET, model=SHARED, **fields):
    desk = PaperDesk(model)
    desk.place(kind, lots, **fields)
    desk.step({"X": bar}, books={"X": book})
    return desk


# fmt: off
WALKS = [
    # kind   lots  fields                  filled  at on average
    (MARKET, 5,    {},                     5,      101.0),
    (MARKET, 10,   {},                     10,     101.5),
    (MARKET, -15,  {},                     -15,    (495 + 980) / 15),
    (MARKET, 99,   {},                     35,     (505 + 1_020 + 2_080) / 35),
    (LIMIT,  99,   {"limit_price": 102.0}, 15,     (505 + 1_020) / 15),
    (LIMIT,  -99,  {"limit_price": 99.0},  -5,     99.0),
]
# fmt: on


@pytest.mark.parametrize(("kind", "lots", "fields", "filled", "average"), WALKS)
def test_what_takes_walks_the_book_where_there_is_one(kind, lots, fields, filled, average):
    (fill,) = played(BOOK, kind, lots, **fields).fills
    assert (fill.signed_lots, fill.liquidity) == (filled, Liquidity.TAKER)
    assert fill.price == pytest.approx(average)
    # Against the mid of 100.
    assert fill.slippage == pytest.approx(filled * (average - 100.0) * 1e6, abs=1)


def test_what_the_book_does_not_hold_waits_for_the_next_bar():
    desk = played(BOOK, MARKET, 40)
    quote = Book(ts_ms=START_MS + MINUTE_MS, bids=(Level(99.5, 50),), asks=(Level(100.5, 50),))
    desk.step({"X": QUIET}, books={"X": quote})
    assert [(fill.signed_lots, fill.price) for fill in desk.fills[1:]] == [(5, 100.5)]


def test_one_order_leaves_less_of_the_book_to_the_next():
    desk = PaperDesk()
    desk.place(MARKET, 5)
    desk.place(MARKET, 5)
    desk.place(MARKET, -5)
    desk.step({"X": QUIET}, books={"X": BOOK})
    assert prices(desk.fills) == [101.0, 102.0, 99.0]


def test_a_limit_inside_the_spread_rests_though_the_bar_opens_beyond_it():
    desk = played(BOOK, LIMIT, 10, bar=(99.5, 100.6, 99.0, 100.0), limit_price=100.0)
    (fill,) = desk.fills
    assert (fill.price, fill.liquidity) == (100.0, Liquidity.MAKER)


def test_a_post_only_order_is_judged_by_the_book():
    refused = played(BOOK, LIMIT, 10, limit_price=101.0, time_in_force=TimeInForce.POST_ONLY)
    assert isinstance(refused.said[-1], Rejected)
    rests = played(BOOK, LIMIT, 10, limit_price=100.9, time_in_force=TimeInForce.POST_ONLY)
    assert not any(isinstance(report, Rejected) for report in rests.said)


def test_a_fill_or_kill_order_needs_the_book_to_hold_all_of_it():
    fields = {"limit_price": 102.0, "time_in_force": TimeInForce.FOK}
    assert [fill.signed_lots for fill in played(BOOK, LIMIT, 15, **fields).fills] == [15]
    assert played(BOOK, LIMIT, 16, **fields).fills == []


def test_an_empty_side_fills_nothing():
    empty = Book(ts_ms=START_MS, bids=BOOK.bids, asks=())
    assert played(empty, MARKET, 10).fills == []
    assert prices(played(empty, MARKET, -5).fills) == [99.0]


def test_a_stop_s_trigger_is_met_by_the_bar_and_filled_from_the_book():
    desk = played(BOOK, STOP, -5, bar=DOWN, trigger_price=95.0)
    assert prices(desk.fills) == [99.0]


# The knobs.


def test_the_presets_are_ordered_by_what_they_cost():
    for knob in ("half_spread_fraction", "impact_coefficient", "latency_ms", "liquidation_fee_fraction"):
        assert getattr(OPTIMISTIC, knob) < getattr(REALISTIC, knob) < getattr(PESSIMISTIC, knob)
    assert PESSIMISTIC.touch_fill_probability < REALISTIC.touch_fill_probability
    assert REALISTIC.touch_fill_probability < OPTIMISTIC.touch_fill_probability
    assert PESSIMISTIC.participation_bound < REALISTIC.participation_bound < OPTIMISTIC.participation_bound
    assert list(PRESETS) == ["realistic", "optimistic", "pessimistic"]
    assert PRESETS["realistic"] == FillModel()


@pytest.mark.parametrize(
    "wrong",
    [
        {"half_spread_fraction": -0.1},
        {"half_spread_fraction": float("nan")},
        {"liquidation_fee_fraction": 1.0},
        {"impact_coefficient": float("inf")},
        {"participation": 0.0},
        {"participation": 1.5},
        {"touch_fill_probability": 1.1},
        {"latency_ms": -1},
        {"leverage": 0.0},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_knob_out_of_its_range_is_refused_by_name(wrong):
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))} is "):
        FillModel(**wrong)
