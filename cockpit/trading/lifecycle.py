"""The one table of legal order transitions, the races of the real world among them."""

from cockpit.domain.orders import Order
from cockpit.domain.orders import OrderStatus as S


class IllegalTransition(Exception):
    """An order can't go from where it stands to where it was asked to go."""

    def __init__(self, order_id: int, before: S, after: S) -> None:
        super().__init__(f"order {order_id} can't go from {before} to {after}")
        self.order_id = order_id
        self.before = before
        self.after = after


_AT_VENUE = frozenset({S.PARTIALLY_FILLED, S.FILLED, S.PENDING_CANCEL, S.CANCELED, S.EXPIRED})

TRANSITIONS: dict[S, frozenset[S]] = {
    S.CREATED: frozenset({S.DENIED, S.HELD, S.SUBMITTED}),
    # A fill may come before the answer that the order was accepted.
    S.SUBMITTED: frozenset({S.ACCEPTED, S.REJECTED, S.TRIGGERED}) | _AT_VENUE,
    S.ACCEPTED: frozenset({S.REJECTED, S.TRIGGERED}) | _AT_VENUE,
    S.TRIGGERED: frozenset({S.REJECTED}) | _AT_VENUE,
    S.PARTIALLY_FILLED: _AT_VENUE,
    # Filled before the request to cancel arrived; or the venue refused it, and the order stands as before.
    S.PENDING_CANCEL: frozenset(
        {
            S.SUBMITTED,
            S.ACCEPTED,
            S.TRIGGERED,
            S.PENDING_CANCEL,
            S.PARTIALLY_FILLED,
            S.FILLED,
            S.CANCELED,
            S.EXPIRED,
        }
    ),
    # Executions that were on their way when the venue said that the order was gone.
    S.CANCELED: frozenset({S.CANCELED, S.FILLED}),
    S.EXPIRED: frozenset({S.EXPIRED, S.FILLED}),
    S.DENIED: frozenset(),
    S.HELD: frozenset(),
    S.REJECTED: frozenset(),
    S.FILLED: frozenset(),
}
"""DENIED is risk's word, REJECTED the venue's, HELD the kill switch's.

A status that leads to itself is where a fill of a part leaves the order as it stands.
"""

TERMINAL = frozenset({S.DENIED, S.HELD, S.REJECTED, S.CANCELED, S.EXPIRED, S.FILLED})
"""An order that stands here works no more; only an execution that comes late still counts."""


def check_transition(order_id: int, before: S, after: S) -> None:
    """Lets a legal transition pass.

    Raises:
        IllegalTransition: If the table does not have it.
    """
    if after not in TRANSITIONS[before]:
        raise IllegalTransition(order_id, before, after)


def status_after_fill(before: S, *, is_complete: bool) -> S:
    """Where a fill takes an order that stands at `before`.

    A part leaves an order that is being cancelled, or was, where it stands.
    """
    if is_complete:
        return S.FILLED
    return before if before in _UNMOVED_BY_PARTS else S.PARTIALLY_FILLED


_UNMOVED_BY_PARTS = frozenset({S.PENDING_CANCEL, S.CANCELED, S.EXPIRED})


def parent_status(parent: Order, child_status: S, *, is_alive: bool) -> S:
    """Where an order stands that is the sum of its children.

    Args:
        parent: With what its children have filled.
        child_status: Of the child that changed last.
        is_alive: Whether any child can still move.
    """
    if is_alive:
        return S.PARTIALLY_FILLED if parent.filled_lots else S.ACCEPTED
    if parent.open_lots == 0:
        return S.FILLED
    return S.CANCELED if parent.filled_lots else child_status
