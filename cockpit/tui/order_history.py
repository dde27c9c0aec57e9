"""Orders: those created among the latest events, with how far each has come, and why it ended."""

from collections import deque
from dataclasses import dataclass, field, replace

from cockpit.domain.events import OrderAmended, OrderCreated, OrderFilled, OrderMoved, Recorded
from cockpit.domain.market import Lots
from cockpit.domain.orders import Order
from cockpit.trading.lifecycle import TERMINAL, status_after_fill


@dataclass(slots=True, kw_only=True)
class OrderEntry:
    """One order.

    Attributes:
        order: As it stands.
        updated_ms: Market time of the last thing that happened to it.
        words: Rule and reason of the last thing that happened to it, as risk or the venue gave them.
        value: Sum of lots × price over its fills; None where they are not all known.
        amended: How often its size or trigger was changed.
    """

    order: Order
    updated_ms: int
    words: str = ""
    value: float | None = 0.0
    amended: int = 0

    @property
    def is_working(self) -> bool:
        """Whether it may still move."""
        return self.order.status not in TERMINAL

    @property
    def filled_fraction(self) -> float:
        """How much of it is filled, 0 … 1."""
        return self.order.filled_lots / self.order.signed_lots

    @property
    def mean_price(self) -> float | None:
        """Average fill price, quote per base unit; None before the first fill, or where it is not known."""
        return self.value / self.order.filled_lots if self.value and self.order.filled_lots else None


@dataclass(slots=True)
class OrderHistory:
    """The orders that were created among the latest events.

    Attributes:
        entries: By id, oldest first.
    """

    entries: dict[int, OrderEntry] = field(default_factory=dict)
    _created: deque[tuple[int, int]] = field(default_factory=deque)

    def take(self, recorded: Recorded) -> None:
        """Takes in the next event."""
        event, now_ms = recorded.event, recorded.ts_ms
        if isinstance(event, OrderCreated):
            self.entries[event.order.order_id] = OrderEntry(order=event.order, updated_ms=now_ms)
            self._created.append((recorded.seq, event.order.order_id))
        elif isinstance(event, OrderMoved):
            self._move(event, now_ms)
        elif isinstance(event, OrderAmended):
            self._amend(event, now_ms)
        elif isinstance(event, OrderFilled):
            self._fill(event, now_ms)

    def prune(self, until_seq: int) -> None:
        """Forgets orders created up to an event."""
        while self._created and self._created[0][0] <= until_seq:
            self.entries.pop(self._created.popleft()[1], None)

    def _move(self, event: OrderMoved, now_ms: int) -> None:
        entry = self.entries.get(event.order_id)
        if entry is not None:
            entry.order = replace(entry.order, status=event.after)
            entry.words = f"{event.rule}: {event.reason}" if event.rule else event.reason
            entry.updated_ms = now_ms

    def _amend(self, event: OrderAmended, now_ms: int) -> None:
        entry = self.entries.get(event.order_id)
        if entry is not None:
            entry.order = replace(
                entry.order,
                signed_lots=event.signed_lots,
                trigger_price=event.trigger_price,
                limit_price=event.limit_price,
            )
            entry.amended += 1
            entry.updated_ms = now_ms

    def _fill(self, event: OrderFilled, now_ms: int) -> None:
        entry = self.entries.get(event.fill.order_id)
        if entry is None:
            return
        self._add(entry, event, now_ms)
        is_complete = entry.order.open_lots == 0
        status = status_after_fill(entry.order.status, is_complete=is_complete)
        entry.order = replace(entry.order, status=status)
        entry.words = ""
        parent = self.entries.get(entry.order.parent_id or 0)
        if parent is not None and parent.order.is_split:
            self._add(parent, event, now_ms)

    @staticmethod
    def _add(entry: OrderEntry, event: OrderFilled, now_ms: int) -> None:
        fill = event.fill
        entry.order = replace(entry.order, filled_lots=Lots(entry.order.filled_lots + fill.signed_lots))
        if entry.value is not None:
            entry.value += fill.signed_lots * fill.price
        entry.updated_ms = now_ms
