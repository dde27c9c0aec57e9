"""What became of decisions: each order they asked for, the positions it was part of, and how those ended.

The links of the journal's ``ai_outcome_links``, as they stand at the end of a period. An order is its
decision's entry once a fill of it opens or enlarges a position: it is pending while that is open, and a win
or a loss by the whole round trip's profit after fees and funding. An order that only reduces what is held is
an exit, which has no outcome of its own; nor has one without a fill.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from cockpit.domain.accounts import Trade
from cockpit.domain.events import Event, OrderCreated, OrderFilled, OrderMoved, TradeClosed
from cockpit.domain.market import Micros
from cockpit.domain.orders import Fill, Order, OrderPurpose
from cockpit.trading.lifecycle import TERMINAL


class Outcome(StrEnum):
    """What became of an order that a decision asked for."""

    WIN = "win"
    LOSS = "loss"
    PENDING = "pending"
    NONE = "none"


class LinkRole(StrEnum):
    """Whether an order led into a position or out of one."""

    ENTRY = "entry"
    EXIT = "exit"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLink:
    """From a decision to what became of it, by way of one order.

    Attributes:
        decision_id: Which decision.
        order_id: Which order it asked for.
        split_from: The order it asked for, of which this one is a share; None where it is no share.
        client_order_id: What the venue was told.
        agent: Whose.
        symbol: On which instrument.
        fill_ids: Its executions, and those of the orders it was split into.
        role: None where it was never filled.
        outcome: So far.
        reason: Why it has no outcome; empty where it has.
        pnl: Of the round trips it opened or enlarged, micro-units; None where none is over.
    """

    decision_id: int
    order_id: int
    split_from: int | None
    client_order_id: str
    agent: str
    symbol: str
    fill_ids: tuple[int, ...]
    role: LinkRole | None
    outcome: Outcome
    reason: str
    pnl: Micros | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCounts:
    """Orders that decisions asked for, by what became of them; shares of split orders are not counted again.

    Attributes:
        intents: All of them.
        filled: With an execution, if only of a part.
        won: That led into positions with a profit.
        lost: With a loss.
        pending: Whose position is open.
    """

    intents: int = 0
    filled: int = 0
    won: int = 0
    lost: int = 0
    pending: int = 0


@dataclass(slots=True, kw_only=True)
class _Draft:
    order: Order
    decision_id: int
    split_from: int | None = None
    fill_ids: list[int] = field(default_factory=list)
    role: LinkRole | None = None
    outcome: Outcome = Outcome.PENDING
    reason: str = ""
    pnl: int | None = None


_Place: TypeAlias = tuple[str, str]
"""Agent and symbol."""


class OutcomeNotes:
    """Notes of one run, from its first event."""

    def __init__(self) -> None:
        self._drafts: dict[int, _Draft] = {}
        self._held: dict[_Place, int] = {}
        self._behind: dict[_Place, deque[set[int]]] = {}  # who led into each position that is not closed yet

    def take(self, event: Event) -> None:
        """Takes the next event, whatever it is."""
        match event:
            case OrderCreated(order=order):
                self._create(order)
            case OrderMoved() if event.after in TERMINAL:
                self._give_up(event)
            case OrderFilled(fill=fill):
                self._fill(fill)
            case TradeClosed(trade=trade):
                self._close(trade)

    def links(self, decisions: Iterable[int]) -> dict[int, tuple[OutcomeLink, ...]]:
        """Decision → its orders, oldest first, of those named that asked for any."""
        wanted, found = set(decisions), dict[int, list[OutcomeLink]]()
        for draft in self._drafts.values():
            if draft.decision_id in wanted:
                found.setdefault(draft.decision_id, []).append(_link(draft))
        return {decision_id: tuple(links) for decision_id, links in found.items()}

    def counts(self, from_ms: int) -> dict[str, OutcomeCounts]:
        """By agent, of the orders created at a time or later."""
        grouped: dict[str, list[_Draft]] = {}
        for draft in self._drafts.values():
            if draft.order.created_ms >= from_ms and draft.split_from is None:
                grouped.setdefault(draft.order.agent, []).append(draft)
        return {agent: _counts(drafts) for agent, drafts in grouped.items()}

    def _create(self, order: Order) -> None:
        if order.decision_id is None or order.purpose is not OrderPurpose.REBALANCE:
            return
        parent = None if order.parent_id is None else self._drafts.get(order.parent_id)
        self._drafts[order.order_id] = _Draft(
            order=order,
            decision_id=order.decision_id,
            split_from=order.parent_id if parent is not None and parent.order.is_split else None,
        )

    def _give_up(self, moved: OrderMoved) -> None:
        draft = self._drafts.get(moved.order_id)
        if draft is None or draft.fill_ids:
            return
        by = f" by {moved.rule}" if moved.rule else ""
        why = f": {moved.reason}" if moved.reason else ""
        draft.outcome, draft.reason = Outcome.NONE, f"{moved.after}{by}{why}"

    def _fill(self, fill: Fill) -> None:
        place = fill.agent, fill.symbol
        before = self._held.get(place, 0)
        after = self._held[place] = before + fill.signed_lots
        behind = self._behind.setdefault(place, deque())
        if before == 0 or before * after < 0:
            behind.append(set())
        for draft in self._linked(fill.order_id):
            draft.fill_ids.append(fill.fill_id)
            if after * fill.signed_lots > 0:
                draft.role, draft.outcome, draft.reason = LinkRole.ENTRY, Outcome.PENDING, ""
                for led in behind:
                    led.discard(draft.order.order_id)
                behind[-1].add(draft.order.order_id)
            elif draft.role is not LinkRole.ENTRY:
                draft.role, draft.outcome = LinkRole.EXIT, Outcome.NONE
                draft.reason = "it reduced a position and opened none"

    def _linked(self, order_id: int) -> Iterator[_Draft]:
        """The order itself, and the one it is split from."""
        draft = self._drafts.get(order_id)
        if draft is not None:
            yield draft
            if draft.split_from is not None:
                yield self._drafts[draft.split_from]

    def _close(self, trade: Trade) -> None:
        for order_id in self._behind[trade.agent, trade.symbol].popleft():
            draft = self._drafts[order_id]
            pnl = draft.pnl = (draft.pnl or 0) + trade.pnl
            draft.outcome = Outcome.WIN if pnl > 0 else Outcome.LOSS if pnl < 0 else Outcome.NONE
            draft.reason = "" if pnl else "it broke even"


def together(counts: Iterable[OutcomeCounts]) -> OutcomeCounts:
    """Those of all."""
    names = OutcomeCounts.__slots__
    given = list(counts)
    return OutcomeCounts(**{name: sum(getattr(each, name) for each in given) for name in names})


def _link(draft: _Draft) -> OutcomeLink:
    order = draft.order
    return OutcomeLink(
        decision_id=draft.decision_id,
        order_id=order.order_id,
        split_from=draft.split_from,
        client_order_id=order.client_order_id,
        agent=order.agent,
        symbol=order.symbol,
        fill_ids=tuple(draft.fill_ids),
        role=draft.role,
        outcome=draft.outcome,
        reason=draft.reason,
        pnl=None if draft.pnl is None else Micros(draft.pnl),
    )


def _counts(drafts: list[_Draft]) -> OutcomeCounts:
    outcomes = [draft.outcome for draft in drafts if draft.role is LinkRole.ENTRY]
    return OutcomeCounts(
        intents=len(drafts),
        filled=sum(bool(draft.fill_ids) for draft in drafts),
        won=outcomes.count(Outcome.WIN),
        lost=outcomes.count(Outcome.LOSS),
        pending=outcomes.count(Outcome.PENDING),
    )
