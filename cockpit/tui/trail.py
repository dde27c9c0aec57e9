"""What became of decisions: each one with its orders, their fills and the trades they ended in."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

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
from cockpit.domain.formats import money, price
from cockpit.domain.market import Instrument
from cockpit.domain.orders import Order, OrderPurpose, OrderStatus
from cockpit.tui import look


@dataclass(slots=True, kw_only=True)
class OrderFate:
    """An order of a decision, and how far it has come.

    Attributes:
        signed_lots: > 0 buys.
        filled_lots: So far, same sign.
        value: Sum of lots × price over its fills.
        words: Rule and reason of its last move, as risk or the venue gave them; of a share's, where it is
            split into shares.
        shares: The orders it is the sum of.
    """

    order_id: int
    symbol: str
    signed_lots: int
    status: OrderStatus = OrderStatus.CREATED
    filled_lots: int = 0
    value: float = 0.0
    words: str = ""
    shares: list[int] = field(default_factory=list)

    @property
    def mean_price(self) -> float | None:
        """Average fill price, quote per base unit; None before the first fill."""
        return self.value / self.filled_lots if self.filled_lots else None


@dataclass(slots=True, kw_only=True)
class DecisionEntry:
    """One agent's answer in one round, or its failure to give one.

    Attributes:
        decision_id: None for a failure.
        failure: In which way it failed; None for a decision.
        message: What went wrong.
        orders: By id.
        trades: Round trips it opened that have closed since.
        settled: Whether its round is over, so that no more orders will come of it.
    """

    seq: int
    ts_ms: int
    round: int
    agent: str
    decision_id: int | None = None
    confidence: float | None = None
    targets: tuple[Target, ...] = ()
    failure: FailureKind | None = None
    message: str = ""
    orders: dict[int, OrderFate] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    settled: bool = False


@dataclass(slots=True)
class DecisionTrail:
    """The decisions of the latest events, newest last.

    Attributes:
        entries: In the order they were made.
    """

    entries: deque[DecisionEntry] = field(default_factory=deque)
    _by_decision: dict[int, DecisionEntry] = field(default_factory=dict)
    _by_order: dict[int, tuple[DecisionEntry, OrderFate]] = field(default_factory=dict)
    _unsettled: list[DecisionEntry] = field(default_factory=list)

    def take(self, recorded: Recorded) -> bool:
        """Takes in an event; whether anything changed."""
        match recorded.event:
            case DecisionMade() | DecisionFailed() as event:
                self._add(recorded, event)
            case OrderCreated(order=order) if order.decision_id in self._by_decision:
                if order.purpose is not OrderPurpose.REBALANCE:
                    return False
                self._add_order(self._by_decision[order.decision_id], order)
            case OrderMoved(order_id=order_id) as event if order_id in self._by_order:
                self._move(self._by_order[order_id][1], event)
            case OrderFilled(fill=fill) if fill.order_id in self._by_order:
                self._fill(self._by_order[fill.order_id][1], fill.signed_lots, fill.price)
            case TradeClosed(trade=trade) if trade.decision_id in self._by_decision:
                self._by_decision[trade.decision_id].trades.append(trade)
            case RoundClosed():
                for entry in self._unsettled:
                    entry.settled = True
                self._unsettled.clear()
            case _:
                return False
        return True

    def prune(self, until_seq: int) -> None:
        """Forgets decisions made up to an event."""
        while self.entries and self.entries[0].seq <= until_seq:
            entry = self.entries.popleft()
            if entry.decision_id is not None:
                self._by_decision.pop(entry.decision_id, None)
            for order_id, fate in entry.orders.items():
                for each in (order_id, *fate.shares):
                    del self._by_order[each]

    def of(self, decision_id: int | None) -> DecisionEntry | None:
        """A decision; None where the latest events do not know it."""
        return None if decision_id is None else self._by_decision.get(decision_id)

    def newest(self) -> Iterator[DecisionEntry]:
        """The decisions, newest first."""
        return reversed(self.entries)

    def _add(self, recorded: Recorded, event: DecisionMade | DecisionFailed) -> None:
        entry = DecisionEntry(seq=recorded.seq, ts_ms=recorded.ts_ms, round=event.round, agent=event.agent)
        if isinstance(event, DecisionMade):
            entry.decision_id = event.decision_id
            entry.confidence = event.confidence
            entry.targets = event.targets
            self._by_decision[event.decision_id] = entry
        else:
            entry.failure = event.failure
            entry.message = event.message
        self.entries.append(entry)
        self._unsettled.append(entry)

    def _add_order(self, entry: DecisionEntry, order: Order) -> None:
        whole = entry.orders.get(order.parent_id or 0)
        if whole is not None and order.strategy is not None:
            whole.shares.append(order.order_id)
            self._by_order[order.order_id] = (entry, whole)
            return
        fate = OrderFate(order_id=order.order_id, symbol=order.symbol, signed_lots=order.signed_lots)
        entry.orders[order.order_id] = fate
        self._by_order[order.order_id] = (entry, fate)

    @staticmethod
    def _move(fate: OrderFate, event: OrderMoved) -> None:
        words = f"{event.rule}: {event.reason}" if event.rule else event.reason
        if event.order_id == fate.order_id:
            fate.status = event.after
        if words or not fate.shares:
            fate.words = words

    @staticmethod
    def _fill(fate: OrderFate, signed_lots: int, price_paid: float) -> None:
        fate.filled_lots += signed_lots
        fate.value += signed_lots * price_paid
        complete = fate.filled_lots == fate.signed_lots
        fate.status = OrderStatus.FILLED if complete else OrderStatus.PARTIALLY_FILLED


_STATUS_WORDS = {
    OrderStatus.CREATED: ("⋯ order created", look.MUTED),
    OrderStatus.SUBMITTED: ("⋯ sent", look.INFO),
    OrderStatus.ACCEPTED: ("⋯ waits for a fill", look.INFO),
    OrderStatus.TRIGGERED: ("⋯ triggered", look.INFO),
    OrderStatus.PENDING_CANCEL: ("⋯ being canceled", look.MUTED),
    OrderStatus.CANCELED: ("– canceled", look.MUTED),
    OrderStatus.EXPIRED: ("– expired", look.MUTED),
    OrderStatus.DENIED: ("✗ denied by", look.WARN),
    OrderStatus.REJECTED: ("✗ rejected", look.BAD),
    OrderStatus.HELD: ("■ held: kill switch", look.WARN),
}


def outcome_of(entry: DecisionEntry, symbol: str, instrument: Instrument | None = None) -> tuple[str, str]:
    """What became of a decision on one symbol, in words, and the style for them.

    Args:
        entry: The decision.
        symbol: What it was about.
        instrument: The same; average prices are given to its tick.
    """
    closed = [trade for trade in entry.trades if trade.symbol == symbol]
    if closed:
        pnl = sum(trade.pnl for trade in closed)
        purpose = closed[-1].exit_purpose
        return f"✓ closed by {purpose} {money(pnl, signed=True)}", look.tone_of(pnl)
    fates = [fate for fate in entry.orders.values() if fate.symbol == symbol]
    if not fates:
        return ("= no order needed", look.MUTED) if entry.settled else ("⋯ at work", look.MUTED)
    fate = fates[-1]
    mean = fate.mean_price
    if instrument is not None and mean is not None:
        mean = instrument.round_price(mean)
    if fate.status is OrderStatus.FILLED:
        return f"✓ filled at {price(mean)}", look.INFO
    if fate.status is OrderStatus.PARTIALLY_FILLED:
        return f"◐ {fate.filled_lots / fate.signed_lots:.0%} filled at {price(mean)}", look.INFO
    words, style = _STATUS_WORDS[fate.status]
    if fate.status is OrderStatus.HELD or not fate.words:
        return words, style
    return f"{words} {fate.words}" if words.endswith("by") else f"{words}: {fate.words}", style
