import pytest

from cockpit.domain.accounts import Trade
from cockpit.domain.decisions import FailureKind, Target
from cockpit.domain.events import (
    DecisionFailed,
    DecisionMade,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    Recorded,
    RoundClosed,
    TradeClosed,
)
from cockpit.domain.market import Instrument, Lots, Micros
from cockpit.domain.orders import Fill, Liquidity, Order, OrderKind, OrderPurpose, OrderStatus
from cockpit.tui.trail import DecisionTrail, outcome_of

SYMBOL = "BTC/USDC:USDC"
CREATED, SUBMITTED, ACCEPTED = OrderStatus.CREATED, OrderStatus.SUBMITTED, OrderStatus.ACCEPTED


def decided() -> DecisionMade:
    target = Target(symbol=SYMBOL, exposure=1.0, reason="because")
    return DecisionMade(decision_id=7, agent="ann", round=1, confidence=0.5, targets=(target,))


def created(purpose: OrderPurpose = OrderPurpose.REBALANCE, order_id: int = 3) -> OrderCreated:
    order = Order(
        order_id=order_id,
        client_order_id=f"cockpit-{order_id}",
        parent_id=None,
        decision_id=7,
        agent="ann",
        symbol=SYMBOL,
        kind=OrderKind.MARKET,
        purpose=purpose,
        signed_lots=Lots(10),
        created_ms=0,
    )
    return OrderCreated(order=order)


def moved(before: OrderStatus, after: OrderStatus, reason: str = "", rule: str | None = None) -> OrderMoved:
    return OrderMoved(agent="ann", order_id=3, before=before, after=after, reason=reason, rule=rule)


def filled(lots: int, price: float) -> OrderFilled:
    fill = Fill(
        fill_id=1,
        order_id=3,
        agent="ann",
        symbol=SYMBOL,
        ts_ms=0,
        signed_lots=Lots(lots),
        price=price,
        fee_micros=Micros(0),
        liquidity=Liquidity.TAKER,
    )
    return OrderFilled(fill=fill, notional=Micros(0), realized=Micros(0))


def closed(realized: int) -> TradeClosed:
    trade = Trade(
        agent="ann",
        symbol=SYMBOL,
        signed_lots=Lots(10),
        opened_ms=0,
        closed_ms=1,
        entry_price=100.0,
        exit_price=101.0,
        realized=Micros(realized),
        fees=Micros(0),
        funding=Micros(0),
        decision_id=7,
        exit_purpose="stop",
    )
    return TradeClosed(trade=trade)


def after(*events) -> DecisionTrail:
    trail = DecisionTrail()
    for seq, event in enumerate(events, start=1):
        trail.take(Recorded(seq, 0, "run-1", event))
    return trail


ON_ITS_WAY = (created(), moved(CREATED, SUBMITTED), moved(SUBMITTED, ACCEPTED))


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ((), "⋯ at work"),
        ((RoundClosed(round=1, equities=()),), "= no order needed"),
        ((created(OrderPurpose.STOP),), "⋯ at work"),
        ((created(),), "⋯ order created"),
        (ON_ITS_WAY, "⋯ waits for a fill"),
        (
            (created(), moved(CREATED, OrderStatus.DENIED, "too big", "max_order")),
            "✗ denied by max_order: too big",
        ),
        ((created(), moved(CREATED, OrderStatus.HELD, "the kill switch is on")), "■ held: kill switch"),
        ((*ON_ITS_WAY, moved(ACCEPTED, OrderStatus.CANCELED, "superseded")), "– canceled: superseded"),
        ((*ON_ITS_WAY, filled(4, 100.0)), "◐ 40% filled at 100.00"),
        ((*ON_ITS_WAY, filled(4, 100.0), filled(6, 110.0)), "✓ filled at 106.00"),
        ((*ON_ITS_WAY, filled(10, 100.0), closed(2_500_000)), "✓ closed by stop +$2.50"),
        ((*ON_ITS_WAY, filled(10, 100.0), closed(-2_500_000)), "✓ closed by stop −$2.50"),
    ],
)
def test_a_decision_says_what_became_of_it(events, said):
    trail = after(decided(), *events)
    assert outcome_of(trail.entries[0], SYMBOL)[0] == said


def test_a_failure_stands_among_the_decisions():
    trail = after(DecisionFailed(agent="ann", round=1, failure=FailureKind.TIMEOUT, message="slept"))
    assert trail.entries[0].failure is FailureKind.TIMEOUT
    assert trail.entries[0].message == "slept"


def test_a_forgotten_decision_takes_its_orders_with_it():
    trail = after(decided(), *ON_ITS_WAY)
    trail.prune(1)
    assert not trail.entries
    assert not trail.take(Recorded(9, 0, "run-1", filled(10, 100.0)))
    assert not trail.take(Recorded(10, 0, "run-1", closed(1)))


def test_an_average_of_fills_is_given_to_the_instrument_s_tick():
    coin = Instrument(
        symbol=SYMBOL,
        base="BTC",
        quote="USDC",
        tick_size=0.5,
        lot_size=0.001,
        min_notional=Micros(0),
        maker_fee_rate=0.0,
        taker_fee_rate=0.0,
        max_leverage=1.0,
    )
    trail = after(decided(), created(), filled(3, 100.5), filled(7, 101.0))
    assert outcome_of(trail.entries[0], SYMBOL)[0] == "✓ filled at 100.85"
    assert outcome_of(trail.entries[0], SYMBOL, coin)[0] == "✓ filled at 101.00"
