"""The one table of legal order transitions."""

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
    S.SUBMITTED: frozenset({S.ACCEPTED, S.REJECTED}) | _AT_VENUE,
    S.ACCEPTED: frozenset({S.TRIGGERED}) | _AT_VENUE,
    S.TRIGGERED: frozenset({S.REJECTED}) | _AT_VENUE,
    S.PARTIALLY_FILLED: _AT_VENUE,
    S.PENDING_CANCEL: frozenset({S.ACCEPTED, S.PARTIALLY_FILLED, S.FILLED, S.CANCELED, S.EXPIRED}),
    S.DENIED: frozenset(),
    S.HELD: frozenset(),
    S.REJECTED: frozenset(),
    S.FILLED: frozenset(),
    S.CANCELED: frozenset(),
    S.EXPIRED: frozenset(),
}
"""DENIED is risk's word, REJECTED the venue's, HELD the kill switch's."""

TERMINAL = frozenset(status for status, ways in TRANSITIONS.items() if not ways)
"""An order that stands here never moves again."""


def check_transition(order_id: int, before: S, after: S) -> None:
    """Lets a legal transition pass.

    Raises:
        IllegalTransition: If the table does not have it.
    """
    if after not in TRANSITIONS[before]:
        raise IllegalTransition(order_id, before, after)
