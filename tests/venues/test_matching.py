"""Rows of candles in, fills out: every kind of order on a bar's path, where nothing costs anything."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.market import MINUTE_MS
from cockpit.domain.orders import Liquidity, OrderKind, OrderPurpose, TimeInForce
from cockpit.domain.reports import Canceled, Executed, MarginCalled, Rejected, Triggered, TriggerMoved
from cockpit.trading.fill_model import PRESETS, Intrabar
from tests.venues.paper_desk import EXACT, START_MS, PaperDesk

MARKET, LIMIT, STOP = OrderKind.MARKET, OrderKind.LIMIT, OrderKind.STOP_MARKET
STOP_LIMIT, TARGET, TRAILING = OrderKind.STOP_LIMIT, OrderKind.TAKE_PROFIT, OrderKind.TRAILING_STOP
GTC, IOC, FOK, POST_ONLY = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.POST_ONLY
MAKER, TAKER = Liquidity.MAKER, Liquidity.TAKER

DOWN = (100.0, 101.0, 90.0, 96.0)
UP = (100.0, 110.0, 99.0, 104.0)
GAP_DOWN = (92.0, 97.0, 91.0, 96.0)
GAP_UP = (108.0, 109.0, 103.0, 104.0)
QUIET = (100.0, 101.0, 99.0, 100.0)


def prices(fills):
    return [fill.price for fill in fills]


def said(desk, *kinds):
    return [report for report in desk.said if isinstance(report, kinds)]


# fmt: off
ONE_ORDER = [
    # kind      lots  price fields                                     bars               fills
    (MARKET,    10,   {},                                              [DOWN],            [(100.0, TAKER)]),
    (MARKET,    -10,  {},                                              [GAP_UP],          [(108.0, TAKER)]),
    (LIMIT,     10,   {"limit_price": 101.0},                          [DOWN],            [(100.0, TAKER)]),
    (LIMIT,     10,   {"limit_price": 100.0},                          [DOWN],            [(100.0, TAKER)]),
    (LIMIT,     10,   {"limit_price": 95.0},                           [DOWN],            [(95.0, MAKER)]),
    (LIMIT,     10,   {"limit_price": 90.0},                           [DOWN],            []),
    (LIMIT,     10,   {"limit_price": 90.01},                          [DOWN],            [(90.01, MAKER)]),
    (LIMIT,     10,   {"limit_price": 95.0},                           [QUIET, GAP_DOWN], [(95.0, MAKER)]),
    (LIMIT,     10,   {"limit_price": 95.0},                           [GAP_DOWN],        [(92.0, TAKER)]),
    (LIMIT,     -10,  {"limit_price": 105.0},                          [UP],              [(105.0, MAKER)]),
    (LIMIT,     -10,  {"limit_price": 110.0},                          [UP],              []),
    (LIMIT,     -10,  {"limit_price": 105.0},                          [QUIET, GAP_UP],   [(105.0, MAKER)]),
    (STOP,      -10,  {"trigger_price": 95.0},                         [DOWN],            [(95.0, TAKER)]),
    (STOP,      -10,  {"trigger_price": 95.0},                         [GAP_DOWN],        [(92.0, TAKER)]),
    (STOP,      -10,  {"trigger_price": 89.0},                         [DOWN, UP],        []),
    (STOP,      10,   {"trigger_price": 105.0},                        [QUIET, UP],       [(105.0, TAKER)]),
    (STOP,      10,   {"trigger_price": 105.0},                        [QUIET, GAP_UP],   [(108.0, TAKER)]),
    (TARGET,    -10,  {"trigger_price": 105.0},                        [QUIET, UP],       [(105.0, TAKER)]),
    (TARGET,    -10,  {"trigger_price": 105.0},                        [QUIET, GAP_UP],   [(108.0, TAKER)]),
    (TARGET,    10,   {"trigger_price": 95.0},                         [DOWN],            [(95.0, TAKER)]),
    (TARGET,    10,   {"trigger_price": 95.0},                         [GAP_DOWN],        [(92.0, TAKER)]),
    (STOP_LIMIT, -10, {"trigger_price": 95.0, "limit_price": 94.0},    [DOWN],            [(95.0, TAKER)]),
    (STOP_LIMIT, -10, {"trigger_price": 95.0, "limit_price": 95.0},    [DOWN],            [(95.0, TAKER)]),
    (STOP_LIMIT, -10, {"trigger_price": 95.0, "limit_price": 94.0},    [GAP_DOWN],        [(94.0, MAKER)]),
    (STOP_LIMIT, -10, {"trigger_price": 95.0, "limit_price": 98.0},    [GAP_DOWN, UP],    [(98.0, MAKER)]),
    (STOP_LIMIT, -10, {"trigger_price": 95.0, "limit_price": 97.0},    [GAP_DOWN],        []),
    (STOP_LIMIT, 10,  {"trigger_price": 105.0, "limit_price": 106.0},  [QUIET, UP],       [(105.0, TAKER)]),
    (STOP_LIMIT, 10,  {"trigger_price": 105.0, "limit_price": 106.0},  [QUIET, GAP_UP],   [(106.0, MAKER)]),
    (TRAILING,  -10,  {"trigger_price": 95.0, "trail_distance": 5.0},  [DOWN],            [(96.0, TAKER)]),
    (TRAILING,  -10,  {"trigger_price": 95.0, "trail_distance": 5.0},  [UP],              [(105.0, TAKER)]),
    (TRAILING,  -10,  {"trigger_price": 90.0, "trail_distance": 10.0}, [UP, GAP_DOWN],    [(92.0, TAKER)]),
    (TRAILING,  -10,  {"trigger_price": 90.0, "trail_distance": 20.0}, [UP, DOWN],        [(90.0, TAKER)]),
    (TRAILING,  10,   {"trigger_price": 105.0, "trail_distance": 5.0}, [DOWN],            [(95.0, TAKER)]),
]
# fmt: on


@pytest.mark.parametrize(("kind", "lots", "fields", "bars", "fills"), ONE_ORDER)
def test_an_order_alone_on_its_bars(kind, lots, fields, bars, fills):
    desk = PaperDesk()
    desk.place(kind, lots, **fields)
    assert [(fill.price, fill.liquidity) for fill in desk.play(*bars)] == fills
    assert all(fill.signed_lots == lots for fill in desk.fills)


def test_nothing_fills_before_the_next_bar_opens():
    desk = PaperDesk()
    desk.play(UP)
    desk.place(MARKET, 10)
    assert desk.fills == []
    (fill,) = desk.play(QUIET)
    assert (fill.price, fill.ts_ms) == (100.0, START_MS + MINUTE_MS)


def test_a_stop_says_that_it_woke_before_it_fills():
    desk = PaperDesk()
    order = desk.place(STOP, -10, trigger_price=95.0)
    desk.play(DOWN)
    kinds = [type(report) for report in desk.said[1:]]
    assert kinds == [Triggered, Executed]
    assert {report.order_id for report in desk.said} == {order}


def test_a_fill_is_stamped_with_the_time_its_path_has_taken():
    desk = PaperDesk()
    desk.place(STOP, -10, trigger_price=95.0)
    (fill,) = desk.play(DOWN)
    # One up, then six of eleven down: 7 of the 18 that the path is long.
    assert fill.ts_ms - START_MS == int(MINUTE_MS * 7 / 18)


def test_a_fill_at_the_close_still_belongs_to_its_bar():
    desk = PaperDesk()
    desk.place(LIMIT, -10, limit_price=109.99)
    (fill,) = desk.play((100.0, 110.0, 99.0, 110.0))
    assert fill.ts_ms < START_MS + MINUTE_MS
    desk.place(STOP, 10, trigger_price=110.0)
    (fill,) = desk.play((100.0, 110.0, 100.0, 110.0))
    assert fill.ts_ms == START_MS + 2 * MINUTE_MS - 1


# fmt: off
BRACKETS = [
    # bar                          intrabar        exits at   why
    ((100.0, 104.0, 94.0, 99.0),   Intrabar.PATH,  95.0,      "only the stop is reached"),
    ((100.0, 106.0, 96.0, 99.0),   Intrabar.PATH,  105.0,     "only the target is reached"),
    ((100.0, 106.0, 93.0, 99.0),   Intrabar.PATH,  105.0,     "the high is nearer"),
    ((100.0, 107.0, 94.0, 99.0),   Intrabar.PATH,  95.0,      "the low is nearer"),
    ((100.0, 106.0, 94.0, 99.0),   Intrabar.PATH,  95.0,      "the path can't tell: the worse"),
    ((100.0, 106.0, 93.0, 99.0),   Intrabar.WORST, 95.0,      "always the worse"),
    ((100.0, 107.0, 94.0, 99.0),   Intrabar.BEST,  105.0,     "always the better"),
    ((100.0, 106.0, 94.0, 99.0),   Intrabar.BEST,  105.0,     "the better of a tie"),
]
# fmt: on


@pytest.mark.parametrize(("bar", "intrabar", "price", "why"), BRACKETS, ids=[row[-1] for row in BRACKETS])
def test_of_stop_and_target_in_one_bar_the_first_on_the_path_is_met(bar, intrabar, price, why):
    desk = PaperDesk(replace(EXACT, intrabar=intrabar))
    desk.place(MARKET, 10, guards=(95.0, 105.0))
    assert prices(desk.play(bar)) == [100.0, price]
    assert desk.held() == 0
    assert desk.state.agents["ann"].working == {}


@pytest.mark.parametrize(("bar", "intrabar", "price", "why"), BRACKETS, ids=[row[-1] for row in BRACKETS])
def test_a_short_position_sees_the_same_bar_upside_down(bar, intrabar, price, why):
    opened, high, low, close = bar
    desk = PaperDesk(replace(EXACT, intrabar=intrabar))
    desk.place(MARKET, -10, guards=(105.0, 95.0))
    assert prices(desk.play((opened, 200.0 - low, 200.0 - high, 200.0 - close))) == [100.0, 200.0 - price]


def test_guards_of_a_position_held_before_see_the_worse_first_as_well():
    desk = PaperDesk()
    desk.place(MARKET, -10, guards=(105.0, 95.0))
    desk.play(QUIET)
    assert prices(desk.play((100.0, 106.0, 94.0, 100.0))) == [105.0]


def test_where_the_path_can_t_tell_an_entry_inside_the_bar_gets_the_worse_of_it():
    tie = (100.0, 104.0, 96.0, 100.0)
    bought, sold = PaperDesk(), PaperDesk()
    bought.place(LIMIT, 10, limit_price=97.0, guards=(90.0, 103.5))
    sold.place(LIMIT, -10, limit_price=103.0, guards=(110.0, 96.5))
    assert prices(bought.play(tie)) == [97.0]  # the high came before
    assert prices(sold.play(tie)) == [103.0]  # the low came before


# fmt: off
ENTRIES = [
    # entry    bar                          fills               why
    (97.0,     (100.0, 106.0, 94.0, 99.0),  [97.0, 95.0],       "entered and stopped on one way down"),
    (97.0,     (100.0, 107.0, 96.0, 99.0),  [97.0, 105.0],      "down first: entered, then the target"),
    (97.0,     (100.0, 103.5, 96.0, 99.0),  [97.0],             "the high was before the entry"),
    (97.0,     (100.0, 103.0, 96.0, 103.0), [97.0],             "neither is reached after the entry"),
    (97.0,     (100.0, 101.0, 96.0, 105.5), [97.0, 105.0],      "the target on the last leg"),
]
# fmt: on


@pytest.mark.parametrize(("limit", "bar", "fills", "why"), ENTRIES, ids=[row[-1] for row in ENTRIES])
def test_guards_made_inside_a_bar_are_at_work_from_there_on(limit, bar, fills, why):
    bar = (bar[0], max(bar), min(bar), bar[3])
    desk = PaperDesk()
    desk.place(LIMIT, 10, limit_price=limit, guards=(95.0, 105.0))
    assert prices(desk.play(bar)) == fills
    assert [fill.ts_ms for fill in desk.fills] == sorted(fill.ts_ms for fill in desk.fills)


def test_a_guard_already_passed_when_it_is_made_wakes_at_once():
    desk = PaperDesk()
    desk.play(QUIET)
    desk.place(LIMIT, 10, limit_price=95.0, guards=(94.0, None))
    desk.play(QUIET)
    assert prices(desk.play(GAP_DOWN)) == [95.0, 92.0]  # filled at its limit, and the market is at 92


GUARDS = {
    "stop": (STOP, 95.0, OrderPurpose.STOP),
    "plain stop": (STOP, 95.0, OrderPurpose.REBALANCE),
    "target": (TARGET, 90.0, OrderPurpose.TARGET),
    "plain target": (TARGET, 90.0, OrderPurpose.REBALANCE),
}


@pytest.mark.parametrize(
    ("made", "met"),
    [
        (("stop", "target"), "stop"),
        (("target", "stop"), "stop"),
        (("plain target", "plain stop"), "plain stop"),
        (("target",), "target"),
        (("plain target",), "plain target"),
        (("plain stop",), "plain stop"),
    ],
)
def test_at_one_place_the_stop_is_met_before_the_target_and_both_before_an_entry(made, met):
    desk = PaperDesk()
    desk.place(MARKET, 10)
    desk.play(QUIET)
    entry = desk.place(LIMIT, 10, limit_price=92.0)
    order_ids = {}
    for name in made:
        kind, trigger, purpose = GUARDS[name]
        order_ids[name] = desk.place(kind, -10, trigger_price=trigger, purpose=purpose, reduce_only=True)
    fills = desk.play(GAP_DOWN)  # opens beyond all of them
    assert [fill.order_id for fill in fills][:2] == [order_ids[met], entry]


def test_a_market_order_that_closes_comes_before_the_stop_at_the_same_open():
    desk = PaperDesk()
    desk.place(MARKET, 10)
    desk.play(QUIET)
    desk.place(STOP, -10, trigger_price=95.0, purpose=OrderPurpose.STOP, reduce_only=True)
    smaller = desk.place(MARKET, -4)
    fills = desk.play(GAP_DOWN)
    assert [(fill.order_id, fill.signed_lots) for fill in fills] == [(smaller, -4), (smaller - 1, -6)]
    assert desk.held() == 0


def test_orders_alike_are_met_in_the_order_they_were_made():
    desk = PaperDesk()
    made = [desk.place(LIMIT, 1, limit_price=95.0) for _ in range(5)]
    assert [fill.order_id for fill in desk.play(DOWN)] == made


def test_orders_are_met_in_the_order_of_the_path():
    desk = PaperDesk()
    low, high = desk.place(LIMIT, 1, limit_price=92.0), desk.place(LIMIT, 1, limit_price=97.0)
    sold = desk.place(LIMIT, -1, limit_price=100.5)
    assert [fill.order_id for fill in desk.play(DOWN)] == [sold, high, low]


# What a limit order's time in force means on arrival.

# fmt: off
IN_FORCE = [
    # tif       limit   bar    participation  filled  then
    (IOC,       101.0,  DOWN,  None,          10,     None),
    (IOC,       99.0,   DOWN,  None,          0,      "nothing of it could be filled at once"),
    (IOC,       101.0,  DOWN,  0.5,           5,      "the rest could not be filled at once"),
    (FOK,       101.0,  DOWN,  None,          10,     None),
    (FOK,       101.0,  DOWN,  0.5,           0,      "not all of it could be filled at once"),
    (FOK,       99.0,   DOWN,  None,          0,      "nothing of it could be filled at once"),
    (POST_ONLY, 101.0,  DOWN,  None,          0,      "it would take liquidity"),
    (POST_ONLY, 99.0,   DOWN,  None,          10,     None),
    (GTC,       101.0,  DOWN,  0.5,           5,      None),
]
# fmt: on


@pytest.mark.parametrize(("tif", "limit", "bar", "participation", "filled", "reason"), IN_FORCE)
def test_time_in_force_decides_what_becomes_of_a_limit_on_arrival(
    tif, limit, bar, participation, filled, reason
):
    desk = PaperDesk(replace(EXACT, participation=participation))
    desk.place(LIMIT, 10, limit_price=limit, time_in_force=tif)
    desk.play((*bar, 10.0))
    assert desk.held() == filled
    gone = said(desk, Canceled, Rejected)
    assert [report.reason for report in gone] == ([reason] if reason else [])
    assert all(isinstance(report, Rejected) is (tif is POST_ONLY) for report in gone)


def test_a_fill_or_kill_order_waits_for_no_other_bar():
    desk = PaperDesk()
    desk.place(LIMIT, 10, limit_price=95.0, time_in_force=FOK)
    assert desk.play(QUIET, DOWN) == []


def test_a_stop_limit_that_must_fill_at_once_is_judged_when_it_wakes():
    desk = PaperDesk()
    fields = {"trigger_price": 95.0, "limit_price": 94.0, "time_in_force": IOC}
    desk.place(STOP_LIMIT, -10, **fields)
    assert desk.play(QUIET) == []
    assert said(desk, Canceled) == []
    assert prices(desk.play(DOWN)) == [95.0]
    desk.place(STOP_LIMIT, -10, **fields)
    assert desk.play(GAP_DOWN) == []
    assert [report.reason for report in said(desk, Canceled)] == ["nothing of it could be filled at once"]


def test_an_order_that_found_no_bar_on_arrival_rests_by_the_next():
    desk = PaperDesk()
    desk.play(QUIET)
    desk.place(LIMIT, 10, limit_price=95.0)
    desk.play(None)
    (fill,) = desk.play(GAP_DOWN)
    # It met no market in between: the open is the first price it sees, and better than its limit.
    assert (fill.price, fill.liquidity) == (92.0, TAKER)


def test_a_post_only_order_filled_in_part_rests_on():
    desk = PaperDesk(replace(EXACT, participation=0.5))
    desk.place(LIMIT, 10, limit_price=95.0, time_in_force=POST_ONLY)
    fills = desk.play((*DOWN, 10.0), (*DOWN, 10.0))
    assert [(fill.signed_lots, fill.price, fill.liquidity) for fill in fills] == [(5, 95.0, MAKER)] * 2


# Trailing stops.


def test_a_trailing_stop_s_new_trigger_is_told_at_the_end_of_the_bar():
    desk = PaperDesk()
    order = desk.place(TRAILING, -10, trigger_price=95.0, trail_distance=5.0)
    desk.play((100.0, 103.0, 99.0, 102.0), (102.0, 102.5, 101.0, 101.5), (101.5, 104.004, 101.0, 104.0))
    assert said(desk, TriggerMoved) == [
        TriggerMoved(order_id=order, trigger_price=98.0),
        TriggerMoved(order_id=order, trigger_price=99.0),
    ]
    assert desk.fills == []


def test_what_a_trailing_stop_has_seen_survives_its_resizing():
    desk = PaperDesk()
    desk.place(MARKET, 20)
    desk.play(QUIET)
    fields = {"trigger_price": 95.0, "trail_distance": 5.0, "purpose": OrderPurpose.STOP}
    desk.place(TRAILING, -20, reduce_only=True, **fields)
    desk.place(LIMIT, 1, limit_price=105.0)
    fills = desk.play((106.0, 108.0, 100.0, 104.0))
    # The trigger is five below the 108 that came before the purchase at 105.
    assert [(fill.signed_lots, fill.price) for fill in fills] == [(1, 105.0), (-21, 103.0)]


def test_a_trailing_stop_that_woke_has_no_trigger_to_move():
    desk = PaperDesk(replace(EXACT, participation=0.5))
    desk.place(TRAILING, -10, trigger_price=95.0, trail_distance=5.0)
    assert [fill.signed_lots for fill in desk.play((*DOWN, 10.0), (*QUIET, 10.0))] == [-5, -5]
    assert said(desk, TriggerMoved) == []


# Orders made or amended inside a bar.


def test_an_order_made_inside_a_bar_arrives_at_the_price_that_stands():
    desk = PaperDesk()
    desk.place(LIMIT, 10, limit_price=95.0)

    def take_profit_at_once(fill):
        if fill.signed_lots > 0:
            desk.place(LIMIT, -10, limit_price=93.0, live_ms=fill.ts_ms)

    desk.on_fill = take_profit_at_once
    bought, sold = desk.play(DOWN)
    assert (sold.price, sold.liquidity) == (95.0, TAKER)
    assert sold.ts_ms == bought.ts_ms


def test_an_order_made_inside_a_bar_may_still_be_on_its_way():
    desk = PaperDesk()
    desk.place(LIMIT, 10, limit_price=95.0)

    def sell_later(fill):
        if fill.signed_lots > 0:
            desk.place(MARKET, -10, live_ms=START_MS + 30_000)

    desk.on_fill = sell_later
    _, sold = desk.play(DOWN)
    assert (sold.price, sold.ts_ms) == (93.0, START_MS + 30_000)  # nine of the 18 that the path is long


def test_a_guard_amended_inside_a_bar_is_looked_at_again():
    desk = PaperDesk()
    desk.place(MARKET, 10)
    desk.play(QUIET)
    stop = desk.place(STOP, -10, trigger_price=80.0, reduce_only=True)
    desk.place(LIMIT, -5, limit_price=100.5)
    desk.on_fill = lambda fill: fill.order_id != stop and desk.amend(stop, trigger_price=97.0)
    assert prices(desk.play(DOWN)) == [100.5, 97.0]
    assert desk.held() == 0


def test_an_order_cancelled_inside_a_bar_is_met_no_more():
    desk = PaperDesk()
    first, second = desk.place(LIMIT, 5, limit_price=97.0), desk.place(LIMIT, 5, limit_price=95.0)
    desk.on_fill = lambda fill: desk.cancel(second)
    assert [fill.order_id for fill in desk.play(DOWN)] == [first]


# Reduce-only orders.


def test_a_reduce_only_order_never_turns_a_position_round():
    desk = PaperDesk()
    desk.place(MARKET, 10)
    desk.play(QUIET)
    order = desk.place(MARKET, -25, reduce_only=True)
    (fill,) = desk.play(QUIET)
    assert fill.signed_lots == -10
    assert said(desk, Canceled) == [Canceled(order_id=order, reason="nothing is left to reduce")]


@pytest.mark.parametrize(
    ("kind", "lots", "fields"),
    [
        (MARKET, -10, {}),
        (MARKET, 10, {}),
        (STOP, -10, {"trigger_price": 95.0}),
        (LIMIT, -10, {"limit_price": 100.5}),
        (LIMIT, -10, {"limit_price": 99.5}),
    ],
)
def test_a_reduce_only_order_with_nothing_to_reduce_is_canceled_where_it_would_fill(kind, lots, fields):
    desk = PaperDesk()
    if lots > 0:
        desk.place(MARKET, 10)
        desk.play(QUIET)
    before = len(desk.fills)
    order = desk.place(kind, lots, reduce_only=True, **fields)
    assert desk.play(DOWN) == []
    assert len(desk.fills) == before
    assert desk.said[-1] == Canceled(order_id=order, reason="nothing is left to reduce")


# What nobody should rely on, and what must not hang.


@pytest.mark.parametrize("deaf_to", [Executed, Triggered, Canceled, Rejected])
def test_a_report_that_is_refused_is_not_made_again_in_the_same_bar(deaf_to):
    desk = PaperDesk()
    desk.deaf_to = (deaf_to,)
    desk.place(MARKET, 10)
    desk.place(STOP, -10, trigger_price=95.0)
    desk.place(LIMIT, 10, limit_price=99.0, time_in_force=IOC)
    desk.place(LIMIT, 10, limit_price=101.0, time_in_force=POST_ONLY)
    said_in_bar = desk.step({"X": DOWN})
    refused = [report.order_id for report in said_in_bar if isinstance(report, deaf_to)]
    assert len(refused) == len(set(refused)) > 0


PRICE = st.integers(9_000, 11_000).map(lambda cents: cents / 100)
BAR = st.tuples(PRICE, PRICE, PRICE, PRICE, st.integers(0, 200)).map(
    lambda drawn: (drawn[0], max(drawn[:4]), min(drawn[:4]), drawn[3], float(drawn[4]))
)
ORDER = st.tuples(
    st.sampled_from(list(OrderKind)),
    st.integers(-50, 50).filter(bool),
    PRICE,
    PRICE,
    st.sampled_from(list(TimeInForce)),
    st.booleans(),
)


@settings(max_examples=150)
@given(st.lists(ORDER, max_size=6), st.lists(BAR, min_size=1, max_size=4), st.sampled_from(sorted(PRESETS)))
def test_whatever_the_orders_the_bars_and_the_knobs(orders, bars, preset):
    model = PRESETS[preset]
    desk = PaperDesk(model, cash=20_000.0)
    for kind, lots, limit, trigger, tif, reduces in orders:
        takes_limit = kind in {LIMIT, STOP_LIMIT}
        desk.place(
            kind,
            lots,
            limit_price=limit if takes_limit else None,
            trigger_price=None if kind in {MARKET, LIMIT} else trigger,
            trail_distance=2.0 if kind is TRAILING else None,
            time_in_force=tif if takes_limit else GTC,
            reduce_only=reduces,
        )
    limits = {order.order_id: order.limit_price for order in desk.state.agents["ann"].working.values()}
    filled = 0
    for bar in bars:
        open_ms = desk.state.ts_ms
        fills = desk.play(bar)
        filled += sum(fill.signed_lots for fill in fills)
        assert [fill.ts_ms for fill in fills] == sorted(fill.ts_ms for fill in fills)
        for fill in fills:
            assert open_ms <= fill.ts_ms < open_ms + MINUTE_MS
            side = 1 if fill.signed_lots > 0 else -1
            limit = limits.get(fill.order_id)
            assert limit is None or (limit - fill.price) * side >= 0
            assert fill.slippage >= 0
        ordinary = [fill for fill in fills if fill.order_id in limits]
        if model.participation is not None:
            assert sum(abs(fill.signed_lots) for fill in ordinary) <= model.participation * bar[4] + 1e-9
    assert desk.held() == filled


OFFSET_MS = st.integers(-1, 2 * MINUTE_MS)
LATE = st.tuples(
    st.sampled_from([MARKET, LIMIT, STOP, TRAILING]), st.sampled_from([-20, 20]), PRICE, OFFSET_MS
)


@settings(max_examples=200)
@given(st.lists(LATE, min_size=1, max_size=4), st.lists(BAR, min_size=1, max_size=3), st.booleans())
def test_a_fill_is_told_no_earlier_than_its_order_was_live_and_within_its_bar(orders, bars, is_leveraged):
    desk = PaperDesk(cash=200.0 if is_leveraged else 20_000.0)
    desk.deaf_to = (Rejected,)
    live_ms = {}
    for kind, lots, price, offset_ms in orders:
        order_id = desk.place(
            kind,
            lots,
            limit_price=price if kind is LIMIT else None,
            trigger_price=price if kind in {STOP, TRAILING} else None,
            trail_distance=2.0 if kind is TRAILING else None,
            live_ms=START_MS + offset_ms,
            guards=(price * (0.99 if lots > 0 else 1.01), None),
        )
        live_ms[order_id] = START_MS + offset_ms
    for bar in bars:
        open_ms, told_ms = desk.state.ts_ms, 0
        for report in desk.step({"X": bar}):
            if not isinstance(report, Executed | MarginCalled):
                continue
            assert max(open_ms, told_ms) <= report.ts_ms < open_ms + MINUTE_MS
            told_ms = report.ts_ms
            if isinstance(report, Executed):
                assert report.ts_ms >= live_ms.get(report.order_id, 0)


def test_an_order_live_in_the_middle_of_a_bar_is_filled_at_its_own_millisecond():
    early = []
    for live_ms in range(START_MS + 1, START_MS + MINUTE_MS, 97):
        desk = PaperDesk()
        desk.place(MARKET, 10, live_ms=live_ms)
        (fill,) = desk.play((100.0, 101.37, 99.11, 100.73))
        early.append(live_ms - fill.ts_ms)
    assert set(early) == {0}
