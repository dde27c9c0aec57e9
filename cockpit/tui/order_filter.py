"""Which orders are shown, and in what order: filters by field and by words, parents above their children."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cockpit.domain.formats import short_symbol
from cockpit.tui.order_history import OrderEntry

FIELDS = ("agent", "symbol", "status", "purpose", "kind")
"""What orders can be filtered by, besides words."""

WORKING = "working"
DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """What an order has to be like to be shown; None: anything.

    Attributes:
        status: One of `OrderStatus`, or `WORKING` or `DONE`.
        words: All of them have to occur in what the order's row says.
    """

    agent: str | None = None
    symbol: str | None = None
    status: str | None = None
    purpose: str | None = None
    kind: str | None = None
    words: str = ""

    @property
    def is_set(self) -> bool:
        """Whether anything is left out."""
        return self != OrderFilter()

    def matches(self, entry: OrderEntry) -> bool:
        """Whether an order is shown."""
        order = entry.order
        return (
            self.agent in (None, order.agent)
            and self.symbol in (None, order.symbol)
            and self.purpose in (None, order.purpose)
            and self.kind in (None, order.kind)
            and self._stands(entry)
            and (not self.words or self._says(entry))
        )

    def _stands(self, entry: OrderEntry) -> bool:
        if self.status in {WORKING, DONE}:
            return entry.is_working is (self.status == WORKING)
        return self.status in (None, entry.order.status)

    def _says(self, entry: OrderEntry) -> bool:
        order = entry.order
        said = " ".join(
            (
                f"{order.order_id} {order.agent} {order.symbol} {order.side} {order.kind} {order.purpose}",
                f"{order.status} {order.time_in_force} {order.strategy or ''} {entry.words}",
            )
        )
        text = said.replace("_", " ").lower()
        return all(word in text for word in self.words.lower().replace("_", " ").split())


def stepped(filters: OrderFilter, field: str, entries: Iterable[OrderEntry], by: int = 1) -> OrderFilter:
    """The filter with the next value there is of a field; after the last, all again.

    Args:
        filters: As it stands.
        field: One of `FIELDS`.
        entries: All orders there are.
        by: 1, or −1 for the value before.
    """
    values: list[str | None] = [None, *_values(field, entries)]
    now = getattr(filters, field)
    at = values.index(now) if now in values else 0
    changes: dict[str, Any] = {field: values[(at + by) % len(values)]}
    return replace(filters, **changes)


def _values(field: str, entries: Iterable[OrderEntry]) -> list[str]:
    found = sorted({str(getattr(entry.order, field)) for entry in entries})
    return [WORKING, DONE, *found] if field == "status" else found


def value_words(field: str, value: str | None) -> str:
    """A filter's value as it is called on the screen."""
    if value is None:
        return "all"
    return short_symbol(value) if field == "symbol" else value.replace("_", " ")


def as_tree(entries: Mapping[int, OrderEntry], filters: OrderFilter) -> list[tuple[OrderEntry, int]]:
    """The orders shown, newest first, each with how deep it stands below others.

    Shares stand below the order they are split from, guards below the order that opened what they guard,
    oldest first, wherever that one is shown as well.
    """
    shown = {number: entry for number, entry in sorted(entries.items()) if filters.matches(entry)}
    children: dict[int, list[OrderEntry]] = {}
    roots: list[OrderEntry] = []
    for entry in shown.values():
        parent_id = entry.order.parent_id
        if parent_id is not None and parent_id in shown:
            children.setdefault(parent_id, []).append(entry)
        else:
            roots.append(entry)
    tree: list[tuple[OrderEntry, int]] = []
    waiting = [(entry, 0) for entry in roots]
    while waiting:
        entry, depth = waiting.pop()
        tree.append((entry, depth))
        below = children.get(entry.order.order_id, ())
        waiting.extend((child, depth + 1) for child in reversed(below))
    return tree
