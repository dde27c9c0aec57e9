"""Which protective orders a position should have, against what is working."""

from collections.abc import Iterable
from dataclasses import dataclass

from cockpit.domain.accounts import Position
from cockpit.domain.decisions import Target
from cockpit.domain.market import Instrument, Lots
from cockpit.domain.orders import Order, OrderIntent, OrderKind, OrderPurpose
from cockpit.trading.order_style import OrderStyle

PROTECTIVE = frozenset({OrderPurpose.STOP, OrderPurpose.TARGET})


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What a working order is to be from now on; `signed_lots` is its whole size, what is filled included."""

    order: Order
    signed_lots: Lots
    trigger_price: float
    limit_price: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardChange:
    """What has to be cancelled, amended and created so that a position is guarded as its agent asked."""

    cancel: tuple[Order, ...]
    amend: tuple[Amendment, ...]
    create: tuple[OrderIntent, ...]


def guard_change(
    agent: str,
    position: Position | None,
    target: Target | None,
    working: Iterable[Order],
    instrument: Instrument,
    mark: float,
    style: OrderStyle,
) -> GuardChange:
    """Compares the protective orders at work with those the agent's last word asks for.

    A position that is gone needs none, so nothing is left behind that could close the next one; a
    resized position has its guards amended to its new size. While an agent wants out, or the other
    way, the position keeps the guards it has until it is gone: the order that closes it may yet be
    held or denied. A trailing stop is never loosened.

    Args:
        agent: Whose position.
        position: As it is now; None when flat.
        target: The agent's last word on the instrument, if any.
        working: Its working protective orders on the instrument.
        instrument: For the tick.
        mark: Quote per base unit.
        style: How the agent wants its positions stopped.
    """
    working = tuple(working)
    wanted = {} if position is None else _wanted(agent, position, target, working, instrument, mark, style)
    cancel, amend = [], []
    for order in working:
        intent = wanted.get(order.purpose)
        if intent is None or intent.kind is not order.kind or intent.signed_lots * order.signed_lots < 0:
            cancel.append(order)
            continue
        del wanted[order.purpose]
        amendment = _amendment(order, intent)
        if amendment is not None:
            amend.append(amendment)
    return GuardChange(cancel=tuple(cancel), amend=tuple(amend), create=tuple(wanted.values()))


def _amendment(order: Order, intent: OrderIntent) -> Amendment | None:
    assert intent.trigger_price is not None
    assert order.trigger_price is not None
    trigger, limit = intent.trigger_price, intent.limit_price
    if order.is_triggered:  # it is on its way out already: only its size still matters
        trigger, limit = order.trigger_price, order.limit_price
    elif order.kind is OrderKind.TRAILING_STOP:
        tighter = max if order.signed_lots < 0 else min
        trigger = tighter(trigger, order.trigger_price)
    signed_lots = Lots(order.filled_lots + intent.signed_lots)
    if (signed_lots, trigger, limit) == (order.signed_lots, order.trigger_price, order.limit_price):
        return None
    return Amendment(order=order, signed_lots=signed_lots, trigger_price=trigger, limit_price=limit)


def _wanted(
    agent: str,
    position: Position,
    target: Target | None,
    working: tuple[Order, ...],
    instrument: Instrument,
    mark: float,
    style: OrderStyle,
) -> dict[OrderPurpose, OrderIntent]:
    lots = Lots(-position.signed_lots)
    if target is None or target.exposure * position.signed_lots <= 0:
        return {order.purpose: _again(order, lots) for order in working if order.signed_lots * lots > 0}
    wanted = {}
    if target.stop is not None:
        wanted[OrderPurpose.STOP] = _stop(agent, position, target.stop, instrument, mark, style)
    if target.take_profit is not None:
        wanted[OrderPurpose.TARGET] = OrderIntent(
            agent=agent,
            symbol=position.symbol,
            kind=OrderKind.TAKE_PROFIT,
            signed_lots=lots,
            trigger_price=instrument.round_price(target.take_profit),
            reduce_only=True,
            purpose=OrderPurpose.TARGET,
            decision_id=position.decision_id,
            parent_id=position.order_id,
        )
    return wanted


def _again(order: Order, lots: Lots) -> OrderIntent:
    return OrderIntent(
        agent=order.agent,
        symbol=order.symbol,
        kind=order.kind,
        signed_lots=lots,
        limit_price=order.limit_price,
        trigger_price=order.trigger_price,
        trail_distance=order.trail_distance,
        reduce_only=True,
        purpose=order.purpose,
        decision_id=order.decision_id,
        parent_id=order.parent_id,
    )


def _stop(
    agent: str, position: Position, stop: float, instrument: Instrument, mark: float, style: OrderStyle
) -> OrderIntent:
    lots = Lots(-position.signed_lots)
    trigger = instrument.round_price(stop)
    limit = distance = None
    if style.stop is OrderKind.STOP_LIMIT:
        slack = style.stop_slack_fraction if lots > 0 else -style.stop_slack_fraction
        limit = instrument.round_price(trigger * (1.0 + slack))
    elif style.stop is OrderKind.TRAILING_STOP:
        wide = abs(mark - trigger) if style.trail_fraction is None else mark * style.trail_fraction
        distance = max(instrument.round_price(wide), instrument.tick_size)
    return OrderIntent(
        agent=agent,
        symbol=position.symbol,
        kind=style.stop,
        signed_lots=lots,
        limit_price=limit,
        trigger_price=trigger,
        trail_distance=distance,
        reduce_only=True,
        purpose=OrderPurpose.STOP,
        decision_id=position.decision_id,
        parent_id=position.order_id,
    )
