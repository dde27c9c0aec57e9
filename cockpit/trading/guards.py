"""The stop and target that guard a position: what they should be, against what is working."""

from collections.abc import Iterable
from dataclasses import dataclass

from cockpit.domain.accounts import Position
from cockpit.domain.decisions import Target
from cockpit.domain.market import Instrument, Lots
from cockpit.domain.orders import Order, OrderIntent, OrderKind, OrderPurpose

PROTECTIVE = frozenset({OrderPurpose.STOP, OrderPurpose.TARGET})


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardChange:
    """What has to be cancelled and created so that a position is guarded as its agent asked."""

    cancel: tuple[Order, ...]
    create: tuple[OrderIntent, ...]


def guard_change(
    agent: str,
    position: Position | None,
    target: Target | None,
    working: Iterable[Order],
    instrument: Instrument,
) -> GuardChange:
    """Compares the protective orders at work with those the agent's last word asks for.

    A position that is gone needs none, so nothing is left behind that could close the next one; a
    resized position gets orders of its new size. While an agent wants out, or the other way, the
    position keeps the guards it has until it is gone: the order that closes it may yet be held or denied.

    Args:
        agent: Whose position.
        position: As it is now; None when flat.
        target: The agent's last word on the instrument, if any.
        working: Its working protective orders on the instrument.
        instrument: For the tick.
    """
    working = tuple(working)
    wanted = _wanted(agent, position, target, working, instrument)
    cancel = []
    for order in working:
        key = (order.purpose, order.open_lots, order.trigger_price)
        if key in wanted:
            del wanted[key]
        else:
            cancel.append(order)
    return GuardChange(cancel=tuple(cancel), create=tuple(wanted.values()))


def _wanted(
    agent: str,
    position: Position | None,
    target: Target | None,
    working: tuple[Order, ...],
    instrument: Instrument,
) -> dict[tuple[OrderPurpose, Lots, float | None], OrderIntent]:
    if position is None:
        return {}
    wanted: dict[tuple[OrderPurpose, Lots, float | None], OrderIntent] = {}
    lots = Lots(-position.signed_lots)
    for purpose, price in _triggers(position, target, working):
        if price is None:
            continue
        trigger = instrument.round_price(price)
        wanted[purpose, lots, trigger] = OrderIntent(
            agent=agent,
            symbol=position.symbol,
            kind=_KINDS[purpose],
            signed_lots=lots,
            trigger_price=trigger,
            reduce_only=True,
            purpose=purpose,
            decision_id=position.decision_id,
        )
    return wanted


def _triggers(
    position: Position, target: Target | None, working: tuple[Order, ...]
) -> list[tuple[OrderPurpose, float | None]]:
    if target is not None and target.exposure * position.signed_lots > 0:
        return [(OrderPurpose.STOP, target.stop), (OrderPurpose.TARGET, target.take_profit)]
    guards = (order for order in working if order.signed_lots * position.signed_lots < 0)
    return [(order.purpose, order.trigger_price) for order in guards]


_KINDS = {OrderPurpose.STOP: OrderKind.STOP_MARKET, OrderPurpose.TARGET: OrderKind.TAKE_PROFIT}
