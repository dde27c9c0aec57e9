"""The log that a trader reads all day: what matters, once."""

import pytest

from cockpit.domain.accounts import Trade
from cockpit.domain.events import (
    AccountSynced,
    AlertAcknowledged,
    EmergencyAdvanced,
    EmergencyStage,
    EntriesLocked,
    KillSwitchSet,
    MarginExhausted,
    OrderAmended,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    PauseSet,
    Recorded,
    ReportRefused,
    ShortfallCovered,
    TradeClosed,
    TradingMode,
    TradingModeSet,
)
from cockpit.domain.market import Lots, Micros
from cockpit.domain.orders import Fill, Liquidity, Order, OrderKind, OrderPurpose, OrderStatus
from cockpit.tui import look
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


SYMBOL = "BTC/USDC:USDC"


def amended() -> OrderAmended:
    return OrderAmended(
        agent="ema", order_id=1, signed_lots=Lots(1), trigger_price=1.0, limit_price=None, reason="trails"
    )


def filled(fill_id: int) -> OrderFilled:
    fill = Fill(
        fill_id=fill_id,
        order_id=7,
        agent="ema",
        symbol=SYMBOL,
        ts_ms=0,
        signed_lots=Lots(1),
        price=1.0,
        fee_micros=Micros(0),
        liquidity=Liquidity.TAKER,
    )
    return OrderFilled(fill=fill, notional=Micros(1), realized=Micros(0))


def closed() -> TradeClosed:
    trade = Trade(
        agent="ema",
        symbol=SYMBOL,
        signed_lots=Lots(1),
        opened_ms=0,
        closed_ms=1,
        entry_price=1.0,
        exit_price=1.0,
        realized=Micros(0),
        fees=Micros(0),
        funding=Micros(0),
        decision_id=None,
        exit_purpose="stop",
    )
    return TradeClosed(trade=trade)


def created(order_id: int, *, parent_id=None, **facts) -> OrderCreated:
    order = Order(
        order_id=order_id,
        client_order_id=f"c{order_id}",
        parent_id=parent_id,
        decision_id=None,
        agent="ema",
        symbol="BTC/USDC:USDC",
        kind=OrderKind.MARKET,
        purpose=OrderPurpose.REBALANCE,
        signed_lots=Lots(1),
        created_ms=0,
        **facts,
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


@pytest.mark.parametrize("end", [OrderStatus.FILLED, OrderStatus.REJECTED, OrderStatus.DENIED])
def test_of_the_sum_of_a_split_order_its_creation_and_its_end_are_told(end):
    under_way = (OrderStatus.SUBMITTED, OrderStatus.ACCEPTED, OrderStatus.PARTIALLY_FILLED)
    shares = (created(2, parent_id=1, strategy="trend"), created(3, parent_id=1, strategy="mean"))
    log = logged(created(1, is_split=True), *shares, *(moved(1, after) for after in (*under_way, end)))
    told = [line.partition(": ")[0] for line in reversed(lines(log))]
    assert told == ["ema order 1", "ema order 2", "ema order 3", f"ema order 1 {end}"]


def test_where_the_beginning_is_forgotten_the_count_says_so():
    log = logged(KILL, *held(1, 2, 3), until=3)
    assert lines(log) == ["2 or more orders held so far; first: ema order 2 held: so"]


@pytest.mark.parametrize(
    ("event", "style", "routine", "agent"),
    [
        (amended(), look.MUTED, True, "ema"),
        (
            EntriesLocked(agent="ema", symbol=None, protection="MaxDrawdown", reason="so", until_ms=1),
            look.WARN,
            False,
            "ema",
        ),
        (
            MarginExhausted(agent="ema", symbol=SYMBOL, price=1.0, equity=Micros(1), maintenance=Micros(2)),
            look.BAD,
            False,
            "ema",
        ),
        (ShortfallCovered(agent="ema", amount=Micros(1)), look.BAD, False, "ema"),
        (ReportRefused(agent="ema", order_id=1, report="fill", reason="so"), look.BAD, False, "ema"),
        (AccountSynced(agent="ema", by="me"), look.NOTE, False, "ema"),
        (TradingModeSet(mode=TradingMode.HALTED, by="me"), look.BAD, False, None),
        (TradingModeSet(mode=TradingMode.REDUCING, by="me"), look.WARN, False, None),
        (
            EmergencyAdvanced(stage=EmergencyStage.CANCELING, by="me", attempt=1, detail="so"),
            look.BAD,
            False,
            None,
        ),
        (AlertAcknowledged(alert=1, by="me"), look.NOTE, False, None),
    ],
)
def test_colours_go_by_gravity(event, style, routine, agent):
    (entry,) = logged(event).entries
    assert (entry.style, entry.routine, entry.agent) == (style, routine, agent)


def test_what_has_an_audit_trail_is_named_as_the_audit_names_it():
    entries = logged(created(7), moved(7, OrderStatus.SUBMITTED), filled(3), closed(), KILL).entries
    assert [entry.ident for entry in entries] == ["order:7", "order:7", "fill:3", "trade:4", ""]


def test_a_round_trip_is_audited_by_the_fill_that_closed_it():
    log = logged(filled(3), closed(), filled(4), closed())
    assert [log.closing_fill(2), log.closing_fill(4)] == ["fill:3", "fill:4"]
    log.prune(1)
    assert log.closing_fill(2) == "", "forgotten"


def test_what_is_forgotten_is_forgotten():
    assert lines(logged(KILL, *held(1, 2), until=5)) == []
