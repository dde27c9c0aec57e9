"""How far each order has come, as its events tell it."""

from cockpit.domain.events import OrderAmended, OrderCreated, OrderFilled, OrderMoved, Recorded
from cockpit.domain.market import Lots, Micros
from cockpit.domain.orders import Fill, Liquidity, Order, OrderKind, OrderPurpose, OrderStatus
from cockpit.tui.order_history import OrderEntry, OrderHistory

SYMBOL = "BTC/USDC:USDC"
S = OrderStatus


def order(number: int = 1, lots: int = 10, **fields) -> Order:
    values = {
        "order_id": number,
        "client_order_id": f"cockpit-{number}",
        "parent_id": None,
        "decision_id": None,
        "agent": "ann",
        "symbol": SYMBOL,
        "kind": OrderKind.MARKET,
        "purpose": OrderPurpose.REBALANCE,
        "signed_lots": Lots(lots),
        "created_ms": 0,
    }
    return Order(**values | fields)


def moved(after: OrderStatus, reason: str = "", rule: str | None = None, number: int = 1) -> OrderMoved:
    return OrderMoved(agent="ann", order_id=number, before=S.CREATED, after=after, reason=reason, rule=rule)


def filled(lots: int, price: float, number: int = 1) -> OrderFilled:
    fill = Fill(
        fill_id=1,
        order_id=number,
        agent="ann",
        symbol=SYMBOL,
        ts_ms=0,
        signed_lots=Lots(lots),
        price=price,
        fee_micros=Micros(0),
        liquidity=Liquidity.TAKER,
    )
    return OrderFilled(fill=fill, notional=Micros(0), realized=Micros(0))


def after(*events) -> OrderHistory:
    history = OrderHistory()
    for seq, event in enumerate(events, start=1):
        history.take(Recorded(seq, 60_000 * seq, "run-1", event))
    return history


def only(history: OrderHistory) -> OrderEntry:
    (entry,) = history.entries.values()
    return entry


def test_an_order_is_what_its_last_event_made_of_it():
    entry = only(after(OrderCreated(order=order()), moved(S.SUBMITTED), moved(S.ACCEPTED), filled(4, 100.0)))
    assert (entry.order.status, entry.filled_fraction, entry.mean_price) == (S.PARTIALLY_FILLED, 0.4, 100.0)
    assert entry.is_working
    assert entry.updated_ms == 240_000


def test_the_average_price_is_that_of_all_its_fills():
    entry = only(after(OrderCreated(order=order(lots=-10)), filled(-4, 100.0), filled(-6, 110.0)))
    assert entry.mean_price == 106.0
    assert entry.order.status is S.FILLED
    assert not entry.is_working


def test_why_it_was_denied_or_cancelled_is_kept_in_the_words_it_was_said():
    denied = only(after(OrderCreated(order=order()), moved(S.DENIED, "too big", "max_order")))
    assert denied.words == "max_order: too big"
    canceled = only(after(OrderCreated(order=order()), moved(S.CANCELED, "superseded")))
    assert canceled.words == "superseded"


def test_an_amended_order_has_its_new_size_and_prices():
    stop = order(kind=OrderKind.TRAILING_STOP, trigger_price=90.0)
    amendment = OrderAmended(
        agent="ann", order_id=1, signed_lots=Lots(6), trigger_price=95.0, limit_price=None, reason="trails"
    )
    entry = only(after(OrderCreated(order=stop), amendment, amendment))
    assert (entry.order.signed_lots, entry.order.trigger_price, entry.amended) == (6, 95.0, 2)


def test_what_fills_a_share_fills_what_it_is_a_share_of():
    history = after(
        OrderCreated(order=order(1, 10, is_split=True)),
        OrderCreated(order=order(2, 4, parent_id=1, strategy="ema")),
        OrderCreated(order=order(3, 6, parent_id=1, strategy="rsi")),
        filled(4, 100.0, 2),
        moved(S.PARTIALLY_FILLED),
        filled(6, 110.0, 3),
        moved(S.FILLED),
    )
    assert [entry.order.filled_lots for entry in history.entries.values()] == [10, 4, 6]
    assert history.entries[1].mean_price == 106.0
    assert {entry.order.status for entry in history.entries.values()} == {S.FILLED}


def test_a_fill_after_the_cancel_counts_and_leaves_the_order_cancelled():
    entry = only(after(OrderCreated(order=order()), moved(S.CANCELED), filled(4, 100.0)))
    assert (entry.order.status, entry.order.filled_lots) == (S.CANCELED, 4)


def test_orders_are_forgotten_with_the_events_that_created_them():
    history = after(OrderCreated(order=order(1)), OrderCreated(order=order(2)))
    history.prune(1)
    assert list(history.entries) == [2]
    history.take(Recorded(3, 0, "run-1", filled(4, 100.0, 1)))
    assert list(history.entries) == [2], "news of what is forgotten changes nothing"
