"""The blotter: the record of orders, and the one place where their events are made."""

from dataclasses import dataclass
from typing import Any

from cockpit.arena.recorder import Recorder
from cockpit.domain.events import OrderAmended, OrderCreated, OrderMoved, ReportRefused
from cockpit.domain.market import Lots
from cockpit.domain.orders import WAYS_OUT, Order, OrderIntent, OrderPurpose, OrderStatus
from cockpit.domain.reports import Report
from cockpit.trading.guards import PROTECTIVE
from cockpit.trading.lifecycle import parent_status
from cockpit.trading.risk import Refusal
from cockpit.trading.state import ArenaState

_EXITS = WAYS_OUT | {OrderPurpose.REBALANCE}


@dataclass(slots=True, kw_only=True)
class Blotter:
    """Creates, moves and amends orders, as events; whoever decides to is elsewhere.

    Attributes:
        recorder: Where events go.
    """

    recorder: Recorder

    @property
    def _state(self) -> ArenaState:
        return self.recorder.draft

    def create(self, intent: OrderIntent, live_ms: int, *, is_split: bool = False) -> Order:
        """A new order, not sent yet.

        Args:
            intent: What is asked for.
            live_ms: Market time at which it would reach the venue.
            is_split: Whether it is only the sum of the children it will have.
        """
        order_id = self._state.next_order_id
        now_ms = self._state.ts_ms
        order = Order(
            order_id=order_id,
            client_order_id=f"cockpit-{order_id}",
            parent_id=intent.parent_id,
            decision_id=intent.decision_id,
            agent=intent.agent,
            symbol=intent.symbol,
            kind=intent.kind,
            purpose=intent.purpose,
            signed_lots=intent.signed_lots,
            limit_price=intent.limit_price,
            trigger_price=intent.trigger_price,
            trail_distance=intent.trail_distance,
            time_in_force=intent.time_in_force,
            reduce_only=intent.reduce_only,
            strategy=intent.strategy,
            is_split=is_split,
            created_ms=now_ms,
            live_ms=live_ms,
        )
        self.recorder.emit(OrderCreated(order=order))
        return order

    def now(self, order: Order) -> Order:
        """A working order as it stands now."""
        return self._state.agents[order.agent].working[order.order_id]

    def working(self, agent: str, symbol: str | None = None) -> list[Order]:
        """An agent's working orders, on one symbol or on all, oldest first; sums of shares left out."""
        working = self._state.agents[agent].working.values()
        return [each for each in working if (symbol is None or each.symbol == symbol) and not each.is_split]

    def guards(self, agent: str, symbol: str) -> list[Order]:
        """The stops and targets at work on a symbol.

        Those that are being cancelled are left out, unless they are of a side that is no longer held.
        """
        position = self._state.agents[agent].account.positions.get(symbol)
        held = position.signed_lots if position else 0
        return [
            order
            for order in self.working(agent, symbol)
            if order.purpose in PROTECTIVE
            and (order.status is not OrderStatus.PENDING_CANCEL or order.signed_lots * held >= 0)
        ]

    def is_closing(self, agent: str, symbol: str) -> bool:
        """Whether an order that closes the position from outside is still to be filled."""
        return self._is_reducing(agent, symbol, WAYS_OUT)

    def _is_reducing(self, agent: str, symbol: str, purposes: frozenset[OrderPurpose]) -> bool:
        position = self._state.agents[agent].account.positions.get(symbol)
        if position is None:
            return False
        held = position.signed_lots
        return any(
            order.purpose in purposes
            and order.status is not OrderStatus.PENDING_CANCEL
            and order.signed_lots * held < 0
            for order in self.working(agent, symbol)
        )

    def lots_at_work(self, agent: str, symbol: str) -> int:
        """Signed lots that the working orders of an agent's decisions may yet fill."""
        working = self.working(agent, symbol)
        return sum(order.open_lots for order in working if order.purpose is OrderPurpose.REBALANCE)

    def unwanted(self, agent: str) -> list[str]:
        """Symbols where an agent holds what by its last word it does not want, and nothing is closing it.

        An entry may fill after the agent has changed its mind, and an order that turns a position round
        may be refused.
        """
        state = self._state.agents[agent]
        return [
            symbol
            for symbol, position in state.account.positions.items()
            if symbol in state.targets
            and state.targets[symbol].exposure * position.signed_lots <= 0
            and not self._is_reducing(agent, symbol, _EXITS)
        ]

    def unanswered(self) -> list[Order]:
        """Orders that were sent in an earlier step, and of which the venue has said nothing yet."""
        return [
            order
            for agent in self._state.agents.values()
            for order in agent.working.values()
            if order.status is OrderStatus.SUBMITTED
            and order.created_ms < self.recorder.now_ms
            and not order.is_split
        ]

    def uncancelled(self) -> list[Order]:
        """Orders that should have been taken back by the market's last step, and were not."""
        return [
            order
            for agent in self._state.agents.values()
            for order in agent.working.values()
            if order.cancel_ms is not None and order.cancel_ms < self._state.ts_ms and not order.is_split
        ]

    def move(self, order: Order, after: OrderStatus, reason: str = "", cancel_ms: int | None = None) -> None:
        """Moves an order by the table, and with it the order it is a share of."""
        self._emit(order, after, reason=reason, cancel_ms=cancel_ms)

    def deny(self, order: Order, refusal: Refusal) -> None:
        """Ends an order that the risk gate refused."""
        figures = {"value": refusal.value, "limit": refusal.limit}
        self._emit(order, OrderStatus.DENIED, reason=refusal.reason, rule=refusal.rule, **figures)

    def _emit(self, order: Order, after: OrderStatus, **said: Any) -> None:
        before = self.now(order).status
        self.recorder.emit(
            OrderMoved(agent=order.agent, order_id=order.order_id, before=before, after=after, **said)
        )
        self.follow_share(order, after)

    def follow_share(self, order: Order, status: OrderStatus) -> None:
        """Lets the order that another is a share of, if it is one, stand where its shares do."""
        working = self._state.agents[order.agent].working
        parent = None if order.parent_id is None else working.get(order.parent_id)
        if parent is not None and parent.is_split and parent.status is not OrderStatus.CREATED:
            self.follow_shares(parent, status)

    def follow_shares(self, parent: Order, status: OrderStatus) -> None:
        """Lets an order that is the sum of shares stand where they do.

        Args:
            parent: The sum.
            status: Where the share stands that changed last.
        """
        working = self._state.agents[parent.agent].working
        parent = working[parent.order_id]
        is_alive = any(each.parent_id == parent.order_id for each in working.values())
        after = parent_status(parent, status, is_alive=is_alive)
        if after is not parent.status:
            self.move(parent, after)

    def drop(self, order: Order, reason: str) -> None:
        """Ends an order at once, as a venue does with what can no longer be filled."""
        self.move(order, OrderStatus.CANCELED, reason)

    def amend(
        self,
        order: Order,
        signed_lots: Lots,
        trigger_price: float | None,
        limit_price: float | None,
        reason: str,
    ) -> None:
        """Gives a working order another size, trigger or limit."""
        self.recorder.emit(
            OrderAmended(
                agent=order.agent,
                order_id=order.order_id,
                signed_lots=signed_lots,
                trigger_price=trigger_price,
                limit_price=limit_price,
                reason=reason,
            )
        )

    def refuse(self, report: Report, agent: str, order_id: int, reason: str) -> None:
        """Records what a venue said that can't be true; no order is changed."""
        words = type(report).__name__.lower()
        self.recorder.emit(ReportRefused(agent=agent, order_id=order_id, report=words, reason=reason))
