"""What venues do in the real world, through the real desk: late, twice, out of order, impossible, never."""

from math import inf, nan

import pytest

from cockpit.domain.events import (
    ARENA,
    AccountSynced,
    MarginExhausted,
    OrderFilled,
    OrderMoved,
    ReportRefused,
)
from cockpit.domain.market import MINUTE_MS
from cockpit.domain.orders import OrderKind, OrderPurpose
from cockpit.domain.reports import (
    Accepted,
    Canceled,
    CancelRejected,
    Expired,
    MarginCalled,
    Rejected,
    Triggered,
    TriggerMoved,
)
from cockpit.trading.agent_state import GONE_ORDERS, RECENT_TRADE_IDS
from tests.arena.floor import Floor
from tests.arena.scripted_venue import ScriptedVenue, executed
from tests.trading.arena_facts import BTC, START_MS, usd

CALM = (50_000.0, 50_000.0, 50_000.0, 50_000.0)
ASK = "ask to cancel"
STOP = {"kind": OrderKind.STOP_MARKET, "trigger_price": 51_000.0}
TRAIL = {"kind": OrderKind.TRAILING_STOP, "trigger_price": 51_000.0, "trail_distance": 500.0}
MARKET = {}

ACCEPTED, TRIGGERED = Accepted(order_id=1), Triggered(order_id=1)
REJECTED = Rejected(order_id=1, reason="no")
CANCELED, EXPIRED = Canceled(order_id=1, reason="done"), Expired(order_id=1, reason="late")
NOT_CANCELED = CancelRejected(order_id=1, reason="too late")


def fill(lots, trade_id="t1", price=50_000.0):
    return executed(1, lots, trade_id, price)


def moved(trigger):
    return TriggerMoved(order_id=1, trigger_price=trigger)


# fmt: off
RACES = [
    # what, the order for +100, what is said and asked step by step, its story after "submitted", lots held
    ("a fill before the answer",
     MARKET, [fill(100)], "fill +100", 100),
    ("an answer after the fill",
     MARKET, [fill(100), ACCEPTED], "fill +100", 100),
    ("a fill and its answer in one breath, the wrong way round",
     MARKET, [[fill(100), ACCEPTED]], "fill +100", 100),
    ("an answer twice",
     MARKET, [ACCEPTED, ACCEPTED, fill(100)], "accepted, fill +100", 100),
    ("parts, the answer between them",
     MARKET, [fill(40), ACCEPTED, fill(60, "t2")], "fill +40, fill +60", 100),
    ("rejected twice",
     MARKET, [REJECTED, REJECTED], "rejected", 0),
    ("accepted after it was rejected",
     MARKET, [REJECTED, ACCEPTED], "rejected", 0),
    ("rejected after it was accepted",
     MARKET, [ACCEPTED, REJECTED], "accepted, rejected", 0),
    ("a trade id twice",
     MARKET, [ACCEPTED, fill(40), fill(40), fill(60, "t2")], "accepted, fill +40, fill +60", 100),
    ("a trade id twice, the second time with other figures",
     MARKET, [ACCEPTED, fill(40), fill(60, "t1", 51_000.0)], "accepted, fill +40", 40),
    ("a trade id again after the order is filled",
     MARKET, [ACCEPTED, fill(100), fill(100)], "accepted, fill +100", 100),
    ("filled after it was asked to be cancelled",
     MARKET, [ACCEPTED, ASK, fill(100)], "accepted, pending_cancel, fill +100", 100),
    ("filled in part after it was asked to be cancelled, then cancelled",
     MARKET, [ACCEPTED, ASK, fill(30), CANCELED], "accepted, pending_cancel, fill +30, canceled", 30),
    ("filled after the cancel was acknowledged",
     MARKET, [ACCEPTED, ASK, CANCELED, fill(100)], "accepted, pending_cancel, canceled, fill +100", 100),
    ("late parts after the cancel was acknowledged",
     MARKET, [ACCEPTED, ASK, CANCELED, fill(30), fill(50, "t2")],
     "accepted, pending_cancel, canceled, fill +30, fill +50", 80),
    ("late parts that fill it whole after all",
     MARKET, [ACCEPTED, CANCELED, fill(30), fill(70, "t2"), fill(70, "t2")],
     "accepted, canceled, fill +30, fill +70", 100),
    ("filled after it expired",
     MARKET, [ACCEPTED, EXPIRED, fill(100)], "accepted, expired, fill +100", 100),
    ("cancelled twice",
     MARKET, [ACCEPTED, ASK, CANCELED, CANCELED], "accepted, pending_cancel, canceled", 0),
    ("expired after it was cancelled",
     MARKET, [ACCEPTED, CANCELED, EXPIRED], "accepted, canceled", 0),
    ("cancelled without having been asked to be",
     MARKET, [ACCEPTED, CANCELED], "accepted, canceled", 0),
    ("cancelled before the answer",
     MARKET, [ASK, CANCELED, ACCEPTED], "pending_cancel, canceled", 0),
    ("cancelled after it was filled",
     MARKET, [ACCEPTED, ASK, fill(100), CANCELED], "accepted, pending_cancel, fill +100", 100),
    ("asked to be cancelled twice",
     MARKET, [ACCEPTED, ASK, ASK, CANCELED], "accepted, pending_cancel, canceled", 0),
    ("the cancel refused: it stands as before",
     MARKET, [ACCEPTED, ASK, NOT_CANCELED], "accepted, pending_cancel, accepted", 0),
    ("the cancel refused before the answer: still only submitted",
     MARKET, [ASK, NOT_CANCELED, ACCEPTED], "pending_cancel, submitted, accepted", 0),
    ("the cancel refused twice",
     MARKET, [ACCEPTED, ASK, NOT_CANCELED, NOT_CANCELED], "accepted, pending_cancel, accepted", 0),
    ("the cancel refused after a part",
     MARKET, [ACCEPTED, fill(40), ASK, NOT_CANCELED],
     "accepted, fill +40, pending_cancel, partially_filled", 40),
    ("the cancel refused, a part having come meanwhile",
     MARKET, [ACCEPTED, ASK, fill(40), NOT_CANCELED],
     "accepted, pending_cancel, fill +40, partially_filled", 40),
    ("the cancel refused, after the stop had woken",
     STOP, [ACCEPTED, TRIGGERED, ASK, NOT_CANCELED], "accepted, triggered, pending_cancel, triggered", 0),
    ("the cancel refused, the stop having woken meanwhile",
     STOP, [ACCEPTED, ASK, TRIGGERED, NOT_CANCELED],
     "accepted, pending_cancel, pending_cancel, triggered", 0),
    ("the cancel refused, without having been asked for",
     MARKET, [ACCEPTED, NOT_CANCELED], "accepted", 0),
    ("asked again after a refusal, and filled all the same",
     MARKET, [ACCEPTED, ASK, NOT_CANCELED, ASK, fill(100)],
     "accepted, pending_cancel, accepted, pending_cancel, fill +100", 100),
    ("rejected while it was to be cancelled",
     MARKET, [ACCEPTED, ASK, REJECTED], "accepted, pending_cancel, canceled", 0),
    ("a stop wakes before the answer, and twice",
     STOP, [TRIGGERED, TRIGGERED, ACCEPTED, fill(100)], "triggered, fill +100", 100),
    ("a stop filled without waking",
     STOP, [ACCEPTED, fill(100)], "accepted, fill +100", 100),
    ("a trailing stop moves, and once more to the same place",
     TRAIL, [ACCEPTED, moved(50_800.0), moved(50_800.0)], "accepted, amended to +100 @ 50800", 0),
    ("a trailing stop does not move once it has woken",
     TRAIL, [ACCEPTED, TRIGGERED, moved(50_800.0)], "accepted, triggered", 0),
]
REFUSALS = [
    # what, the order, what is said, the story, lots held, why it is refused
    ("an overfill",
     MARKET, [ACCEPTED, fill(101)], "accepted", 0, "+101 lots are more than the +100 left to fill"),
    ("an overfill of what a part left",
     MARKET, [ACCEPTED, fill(40), fill(61, "t2")],
     "accepted, fill +40", 40, "+61 lots are more than the +60 left to fill"),
    ("an overfill of a cancelled order",
     MARKET, [ACCEPTED, fill(40), CANCELED, fill(61, "t2")],
     "accepted, fill +40, canceled", 40, "+61 lots are more than the +60 left to fill"),
    ("a fill of the other side",
     MARKET, [ACCEPTED, fill(-10)], "accepted", 0, "-10 lots are not of an order for +100"),
    ("a fill of nothing",
     MARKET, [ACCEPTED, fill(0)], "accepted", 0, "+0 lots are not of an order for +100"),
    ("another fill of a filled order",
     MARKET, [ACCEPTED, fill(100), fill(1, "t2")],
     "accepted, fill +100", 100, "no order of that number can still be filled"),
    ("a fill of a rejected order",
     MARKET, [REJECTED, fill(100)], "rejected", 0, "no order of that number can still be filled"),
    ("rejected after a part",
     MARKET, [ACCEPTED, fill(40), REJECTED], "accepted, fill +40", 40,
     "+40 lots of the order are filled already"),
    ("a market order that wakes",
     MARKET, [ACCEPTED, TRIGGERED], "accepted", 0, "the order has no trigger"),
    ("a plain stop that trails",
     STOP, [ACCEPTED, moved(50_500.0)], "accepted", 0, "the order is no trailing stop"),
    ("a trailing stop that is loosened",
     TRAIL, [ACCEPTED, moved(51_500.0)], "accepted", 0,
     "a trailing stop at 51000 is not loosened to 51500"),
    ("a trailing stop at no price", TRAIL, [ACCEPTED, moved(nan)], "accepted", 0, "nan is no price"),
    ("a trailing stop below zero", TRAIL, [ACCEPTED, moved(-1.0)], "accepted", 0, "-1.0 is no price"),
    ("a fill at no price", MARKET, [ACCEPTED, fill(100, price=nan)], "accepted", 0, "nan is no price"),
    ("a fill at infinity", MARKET, [ACCEPTED, fill(100, price=inf)], "accepted", 0, "inf is no price"),
    ("a fill for nothing", MARKET, [ACCEPTED, fill(100, price=0.0)], "accepted", 0, "0.0 is no price"),
    ("a fill below nothing", MARKET, [ACCEPTED, fill(100, price=-5.0)], "accepted", 0, "-5.0 is no price"),
    ("a fill at 1e30", MARKET, [ACCEPTED, fill(100, price=1e30)], "accepted", 0, "1e+30 is no price"),
    ("a fill beyond what the ledger can count",
     MARKET, [ACCEPTED, fill(100, price=1e12)], "accepted", 0, "larger than the ledger can count"),
    ("a fee beyond what the ledger can count",
     MARKET, [ACCEPTED, executed(1, 100, "t1", fee=2**60)], "accepted", 0, "past its exact range"),
]
# fmt: on


def play(order, script):
    """A desk that has sent one order to a venue, and what both said and asked since, step by step."""
    venue = ScriptedVenue()
    floor = Floor(venue=venue)
    assert floor.place(100, **order) == 1
    for each in script:
        if each is ASK:
            for working in floor.desk.blotter.working("ann"):
                floor.desk.cancel(working, "a test asked")
        else:
            venue.to_report.append(each if isinstance(each, list) else [each])
            floor.step(CALM)
    return floor, venue


def told(floor):
    return ", ".join(word.removesuffix(" @ 50000") for word in floor.story(1)[2:])


@pytest.mark.parametrize("row", RACES, ids=[row[0] for row in RACES])
def test_in_every_race_an_order_ends_where_the_table_says(row):
    _, order, script, story, lots = row
    floor, _ = play(order, script)
    assert told(floor) == story
    assert floor.lots() == lots
    assert floor.events(ReportRefused) == []
    assert floor.agent().unsynced == ""


@pytest.mark.parametrize("row", REFUSALS, ids=[row[0] for row in REFUSALS])
def test_what_can_not_be_is_refused_recorded_and_seen_by_a_person(row):
    _, order, script, story, lots, reason = row
    floor, _ = play(order, script)
    assert told(floor) == story
    assert floor.lots() == lots
    (refused,) = floor.events(ReportRefused)
    # Of an order that is over for good nobody remembers whose it was: the whole arena is told.
    is_forgotten = "no order of that number" in reason
    assert refused.agent == (ARENA if is_forgotten else "ann")
    assert (refused.order_id, refused.report) == (1, type(script[-1]).__name__.lower())
    assert reason in refused.reason
    (alert,) = floor.state.alerts
    assert reason in alert.text
    assert (reason in floor.agent().unsynced) is not is_forgotten


def test_after_a_refused_report_nothing_is_opened_until_the_account_is_synced():
    floor, _ = play(MARKET, [ACCEPTED, fill(40), fill(61, "t2")])
    floor.desk.supersede("ann", BTC.symbol)
    assert floor.story(floor.place(10, limit_price=49_000.0, kind=OrderKind.LIMIT))[-1] == "denied"
    assert floor.story(floor.place(-40, reduce_only=True))[-1] == "submitted"
    floor.recorder.emit(AccountSynced(agent="ann", by="a test"))
    assert floor.story(floor.place(10, limit_price=49_000.0, kind=OrderKind.LIMIT))[-1] == "submitted"


def test_a_report_of_an_order_that_never_was_is_refused_for_the_arena_and_changes_nothing():
    floor, _ = play(MARKET, [ACCEPTED, [executed(77, 10, "t1")], [Accepted(order_id=77)]])
    (refused,) = floor.events(ReportRefused)
    assert (refused.agent, refused.order_id) == (ARENA, 77)
    assert told(floor) == "accepted"
    assert floor.agent().unsynced == ""


def test_an_order_cancelled_long_ago_is_forgotten_and_its_late_fill_refused():
    venue = ScriptedVenue()
    floor = Floor(venue=venue)
    for number in range(1, GONE_ORDERS + 2):
        assert floor.place(number) == number
        floor.desk.take(Canceled(order_id=number, reason="done"))
    floor.desk.take(executed(1, 1, "t1"))
    assert [event.order_id for event in floor.events(ReportRefused)] == [1]
    floor.desk.take(executed(2, 2, "t2"))
    assert floor.lots() == 2


def test_so_many_trade_ids_are_remembered_and_an_order_of_many_parts_counts_each_once():
    floor = Floor(venue=ScriptedVenue())
    floor.place(100)
    parts = [executed(1, 1, f"t{number}") for number in range(RECENT_TRADE_IDS)]
    for part in parts:
        floor.desk.take(part)
    for part in parts:
        floor.desk.take(part)
    assert floor.lots() == RECENT_TRADE_IDS
    assert len(floor.events(OrderFilled)) == RECENT_TRADE_IDS
    assert list(floor.agent().trade_ids) == [part.trade_id for part in parts]


def test_an_old_part_of_an_order_that_still_works_counts_once_however_many_others_came_since():
    floor = Floor(venue=ScriptedVenue())
    patient, busy = floor.place(100), floor.place(200)
    first = executed(patient, 30, "first")
    floor.desk.take(first)
    for number in range(3 * RECENT_TRADE_IDS):
        floor.desk.take(executed(busy, 1, f"t{number}"))
    floor.desk.take(first)
    assert floor.lots() == 30 + 3 * RECENT_TRADE_IDS
    floor.desk.cancel(floor.agent().working[patient], "a test")
    floor.desk.take(Canceled(order_id=patient, reason="as asked"))
    floor.desk.take(first)
    floor.desk.take(executed(patient, 20, "late"))
    floor.desk.take(executed(patient, 20, "late"))
    assert floor.lots() == 50 + 3 * RECENT_TRADE_IDS
    assert floor.events(ReportRefused) == []


def test_an_order_nobody_answered_is_sent_again_under_the_same_name_until_somebody_does():
    venue = ScriptedVenue()
    floor = Floor(venue=venue)
    floor.place(100)
    floor.step(CALM)
    floor.step(CALM)
    assert venue.submitted == ["cockpit-1"] * 3
    venue.to_submit = [[ACCEPTED]]
    floor.step(CALM)
    floor.step(CALM)
    assert venue.submitted == ["cockpit-1"] * 4
    assert told(floor) == "accepted"
    assert [event.order.order_id for event in created(floor)] == [1]


def test_a_venue_that_fills_an_order_sent_twice_says_so_twice_and_it_counts_once():
    venue = ScriptedVenue()
    floor = Floor(venue=venue)
    floor.place(100)
    venue.to_submit = [[ACCEPTED, fill(100)]]
    venue.to_report = [[fill(100), ACCEPTED]]
    floor.step(CALM)
    assert told(floor) == "accepted, fill +100"
    assert floor.lots() == 100


def created(floor):
    from cockpit.domain.events import OrderCreated

    return floor.events(OrderCreated)


def test_an_answer_may_come_with_the_order_or_a_cancel_itself():
    venue = ScriptedVenue()
    floor = Floor(venue=venue)
    venue.to_submit = [[ACCEPTED, fill(40)]]
    order_id = floor.place(100)
    venue.to_cancel = [[Canceled(order_id=order_id, reason="as asked")]]
    floor.desk.cancel(floor.agent().working[order_id], "a test asked")
    assert told(floor) == "accepted, fill +40, canceled"


# --- Late fills and the guards of a position


def test_a_fill_after_the_cancel_opens_a_position_that_gets_its_guards():
    venue = ScriptedVenue()
    floor = Floor(venue=venue)
    floor.decide(0.5, stop=49_000.0)
    floor.desk.take(Canceled(order_id=1, reason="done"))
    floor.desk.take(executed(1, 100, "t1", ts_ms=START_MS))
    assert floor.guards() == [("stop", -100, 49_000.0)]


def test_a_late_fill_that_shrinks_a_position_shrinks_its_guards():
    floor = Floor(venue=ScriptedVenue())
    floor.decide(0.5, stop=49_000.0)
    floor.desk.take(executed(1, 100, "t1"))
    sale = floor.place(-60, reduce_only=True)
    floor.desk.take(Canceled(order_id=sale, reason="done"))
    floor.desk.take(executed(sale, -60, "t2"))
    assert floor.guards() == [("stop", -40, 49_000.0)]


def test_a_late_fill_that_closes_a_position_leaves_no_guard_behind():
    floor = Floor(venue=ScriptedVenue())
    floor.decide(0.5, stop=49_000.0, take_profit=52_000.0)
    floor.desk.take(executed(1, 100, "t1"))
    sale = floor.place(-100, reduce_only=True)
    floor.desk.take(Canceled(order_id=sale, reason="done"))
    floor.desk.take(executed(sale, -100, "t2"))
    assert floor.guards() == []
    assert floor.agent().working == {}


def test_a_guard_whose_cancel_is_refused_after_another_took_its_place_gives_way_to_one_of_both():
    floor = Floor(venue=ScriptedVenue())
    floor.decide(0.5, stop=49_000.0)
    floor.desk.take(executed(1, 100, "t1"))
    floor.desk.cancel(floor.agent().working[2], "a test asked")
    floor.desk.protect("ann", BTC.symbol)
    assert sorted(floor.agent().working) == [2, 3]
    floor.desk.take(CancelRejected(order_id=2, reason="too late"))
    assert floor.guards() == [("stop", -100, 49_000.0)]


def test_a_guard_on_its_way_out_is_gone_at_once_when_a_late_fill_turns_its_position_round():
    floor = Floor(venue=ScriptedVenue())
    floor.decide(0.5, stop=49_000.0)
    floor.desk.take(executed(1, 100, "t1"))
    floor.desk.cancel(floor.agent().working[2], "a test asked")
    sale = floor.place(-150)
    floor.desk.take(executed(sale, -150, "t2"))
    assert floor.lots() == -50
    assert floor.story(2)[-1] == "canceled"


# --- Margin calls


def called(agent="ann", symbol=BTC.symbol, price=45_000.0):
    return MarginCalled(
        agent=agent, symbol=symbol, ts_ms=START_MS, price=price, equity=usd(100), maintenance=usd(110)
    )


def test_a_margin_call_said_twice_liquidates_once():
    floor = Floor(venue=ScriptedVenue())
    floor.decide(0.5)
    floor.desk.take(executed(1, 100, "t1"))
    floor.desk.take(called())
    floor.desk.take(called())
    assert len(floor.events(MarginExhausted)) == 1
    liquidations = [
        each for each in floor.agent().working.values() if each.purpose is OrderPurpose.LIQUIDATION
    ]
    assert [order.signed_lots for order in liquidations] == [-100]


def test_a_margin_call_on_a_position_that_is_gone_says_nothing_new():
    floor = Floor(venue=ScriptedVenue())
    before = len(floor.journal.recorded)
    floor.desk.take(called())
    floor.commit()
    assert len(floor.journal.recorded) == before


@pytest.mark.parametrize(
    ("call", "reason"), [(called(agent="zoe"), "no account zoe"), (called(price=nan), "nan is no price")]
)
def test_a_margin_call_that_can_not_be_is_refused(call, reason):
    floor = Floor(venue=ScriptedVenue())
    floor.decide(0.5)
    floor.desk.take(executed(1, 100, "t1"))
    floor.desk.take(call)
    (refused,) = floor.events(ReportRefused)
    assert reason in refused.reason
    assert floor.events(MarginExhausted) == []


def test_a_liquidation_takes_every_order_away_but_the_guards_of_other_positions():
    floor = Floor(venue=ScriptedVenue())
    eth = "ETH/USDC:USDC"
    floor.decide(0.5, stop=49_000.0)
    floor.decide(0.2, symbol=eth, stop=1_900.0)
    floor.desk.take(executed(1, 100, "t1"))
    lots = floor.agent().working[2].signed_lots
    floor.desk.take(executed(2, lots, "t2", price=2_000.0))
    floor.place(7)
    floor.desk.take(called())
    working = {(each.symbol, each.purpose) for each in floor.agent().working.values()}
    assert working == {(BTC.symbol, OrderPurpose.LIQUIDATION), (eth, OrderPurpose.STOP)}
    assert [event.after for event in floor.events(OrderMoved)].count("canceled") == 2


# --- A request to cancel that gets lost


@pytest.mark.parametrize("latency_ms", [0, 90_000])
def test_a_request_to_cancel_that_is_not_answered_in_time_is_made_again_each_step(latency_ms):
    venue = ScriptedVenue(latency_ms=latency_ms)
    floor = Floor(venue=venue)
    venue.to_submit.append([Accepted(order_id=1)])
    floor.place(100, kind=OrderKind.LIMIT, limit_price=49_000.0)
    floor.desk.cancel(floor.agent().working[1], "a person asked")
    due = latency_ms // MINUTE_MS + 1  # steps until an answer is due
    asked = []
    for _ in range(due + 2):
        floor.step((50_000.0,) * 4)
        asked.append(len(venue.canceled))
    assert asked == [1] * due + [2, 3]
    venue.to_report.append([Canceled(order_id=1, reason="as asked")])
    floor.step((50_000.0,) * 4)
    floor.step((50_000.0,) * 4)
    assert floor.agent().working == {}
    assert len(venue.canceled) == 4
