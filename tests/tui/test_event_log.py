"""The log that a trader reads all day: what matters, once."""

from cockpit.domain.events import KillSwitchSet, OrderCreated, OrderMoved, PauseSet, Recorded
from cockpit.domain.market import Lots
from cockpit.domain.orders import Order, OrderKind, OrderPurpose, OrderStatus
from cockpit.tui.event_log import EventLog


def logged(*events, until=0) -> EventLog:
    """A log of events, of which those up to a seq are forgotten."""
    log = EventLog()
    for seq, event in enumerate(events, start=1):
        log.take(Recorded(seq, 60_000 * seq, "run-1", event), {})
    log.prune(until)
    return log


def lines(log: EventLog, *, routine=False) -> list[str]:
    return [entry.text for entry in log.newest(routine=routine)]


def created(order_id: int) -> OrderCreated:
    order = Order(
        order_id=order_id,
        client_order_id=f"c{order_id}",
        parent_id=None,
        decision_id=None,
        agent="ema",
        symbol="BTC/USDC:USDC",
        kind=OrderKind.MARKET,
        purpose=OrderPurpose.REBALANCE,
        signed_lots=Lots(1),
        created_ms=0,
    )
    return OrderCreated(order=order)


def moved(order_id: int, after: OrderStatus) -> OrderMoved:
    return OrderMoved(agent="ema", order_id=order_id, before=OrderStatus.CREATED, after=after, reason="so")


def held(*order_ids: int):
    return [event for each in order_ids for event in (created(each), moved(each, OrderStatus.HELD))]


KILL = KillSwitchSet(on=True, by="me")
UNKILL = KillSwitchSet(on=False, by="me")


def test_while_orders_are_held_one_line_says_how_many():
    log = logged(KILL, *held(1, 2, 3), PauseSet(on=True, by="me"))
    assert lines(log) == [
        "paused by me",
        "3 orders held so far; first: ema order 1 held: so",
        "KILL SWITCH on, by me",
    ]


def test_a_single_held_order_is_told_as_it_is():
    assert lines(logged(KILL, *held(1))) == ["ema order 1 held: so", "KILL SWITCH on, by me"]


def test_each_time_the_kill_switch_is_on_is_told_by_itself():
    log = logged(KILL, *held(1, 2), UNKILL, KILL, *held(3, 4, 5))
    assert [line for line in lines(log) if "held" in line] == [
        "3 orders held so far; first: ema order 3 held: so",
        "2 orders held; first: ema order 1 held: so",
    ]


def test_all_events_show_every_order():
    log = logged(KILL, *held(1, 2, 3))
    assert len(lines(log, routine=True)) == 7
    assert lines(log, routine=True)[0] == "ema order 3 held: so"


def test_orders_that_are_not_held_stay_in_sight():
    log = logged(created(1), KILL, *held(2), created(3), moved(3, OrderStatus.DENIED))
    assert [line.split(":")[0] for line in lines(log)] == [
        "ema order 3 denied",
        "ema order 3",
        "ema order 2 held",
        "KILL SWITCH on, by me",
        "ema order 1",
    ]


def test_where_the_beginning_is_forgotten_the_count_says_so():
    log = logged(KILL, *held(1, 2, 3), until=3)
    assert lines(log) == ["2 or more orders held so far; first: ema order 2 held: so"]


def test_what_is_forgotten_is_forgotten():
    assert lines(logged(KILL, *held(1, 2), until=5)) == []
