"""The stop and target that guard a position: what they should be, against what is working."""

from collections.abc import Iterable
from dataclasses import dataclass

from cockpit.domain.accounts import Position
from cockpit.domain.decisions import Target
from cockpit.domain.market import Instrument, Lots
from cockpit.domain.orders import Order, OrderIntent, OrderKind, OrderPurpose

PROTECTIVE = frozenset({OrderPurpose.STOP, OrderPurpose.TARGET})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionChange:
    """What has to be cancelled and created so that a position is guarded as its agent asked."""

    cancel: tuple[Order, ...]
    create: tuple[OrderIntent, ...]


def protection_change(
    agent: str,
    position: Position | None,
    target: Target | None,
    working: Iterable[Order],
    instrument: Instrument,
) -> ProtectionChange:
    """Compares the protective orders at work with those the agent's last word asks for.

    A position that is gone needs none, so nothing is left behind that could close the next one; a
    resized position gets orders of its new size.

    Args:
        agent: Whose position.
        position: As it is now; None when flat.
        target: The agent's last word on the instrument, if any.
        working: Its working protective orders on the instrument.
        instrument: For the tick.
    """
    wanted = _wanted(agent, position, target, instrument)
    cancel = []
    for order in working:
        key = (order.purpose, order.open_lots, order.trigger_price)
        if key in wanted:
            del wanted[key]
        else:
            cancel.append(order)
    return ProtectionChange(cancel=tuple(cancel), create=tuple(wanted.values()))


def _wanted(
    agent: str, position: Position | None, target: Target | None, instrument: Instrument
) -> dict[tuple[OrderPurpose, Lots, float | None], OrderIntent]:
    if position is None or target is None or target.exposure * position.signed_lots <= 0:
        return {}
    wanted: dict[tuple[OrderPurpose, Lots, float | None], OrderIntent] = {}
    for purpose, kind, price in (
        (OrderPurpose.STOP, OrderKind.STOP_MARKET, target.stop),
        (OrderPurpose.TARGET, OrderKind.TAKE_PROFIT, target.take_profit),
    ):
        if price is None:
            continue
        trigger = instrument.round_price(price)
        lots = Lots(-position.signed_lots)
        wanted[purpose, lots, trigger] = OrderIntent(
            agent=agent,
            symbol=position.symbol,
            kind=kind,
            signed_lots=lots,
            trigger_price=trigger,
            reduce_only=True,
            purpose=purpose,
            decision_id=position.decision_id,
        )
    return wanted
