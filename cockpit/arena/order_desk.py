"""Turns intents into orders, orders into fills, and keeps every position guarded."""

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.arena.recorder import Recorder
from cockpit.domain.events import FundingPaid, OrderCreated, OrderFilled, OrderMoved, TradeClosed
from cockpit.domain.market import Bar, Lots, Micros
from cockpit.domain.orders import Fill, Order, OrderIntent, OrderKind, OrderPurpose, OrderStatus
from cockpit.trading.accounting import apply_fill, funding_micros, notional_micros
from cockpit.trading.guards import PROTECTIVE, guard_change
from cockpit.trading.risk import RiskLimits, refusal_of
from cockpit.trading.state import ArenaState
from cockpit.venues.venue import Execution, Venue


@dataclass(slots=True, kw_only=True)
class OrderDesk:
    """Everything that creates, moves or fills an order goes through here, as events.

    Attributes:
        recorder: Where events go.
        venue: Where orders go.
        limits: What the risk gate allows.
    """

    recorder: Recorder
    venue: Venue
    limits: RiskLimits

    @property
    def _state(self) -> ArenaState:
        return self.recorder.draft

    def place(self, intent: OrderIntent) -> None:
        """Creates an order, asks the risk gate, and sends it unless it is denied or held."""
        refusal = refusal_of(intent, self._state, self.limits)
        order = self._create(intent)
        if refusal is not None:
            self._move(order, OrderStatus.DENIED, refusal.reason, refusal.rule)
        elif self._state.killed:
            self._move(order, OrderStatus.HELD, "the kill switch is on")
        else:
            self._move(order, OrderStatus.SUBMITTED)
            self._move(self._now(order), OrderStatus.ACCEPTED)

    def supersede(self, agent: str, symbol: str) -> None:
        """Takes back what an earlier decision ordered on a symbol and was not filled: a newer word is out."""
        for order in self._working(agent, symbol):
            if order.purpose is OrderPurpose.REBALANCE:
                self.cancel(order, "superseded by a newer decision")

    def flatten(self, agent: str, reason: str) -> None:
        """Cancels an agent's orders and closes its positions, reduce-only.

        While the kill switch is on, the closing orders are held; so the positions keep their guards.
        """
        state = self._state.agents[agent]
        for order in list(state.working.values()):
            if not (self._state.killed and order.purpose in PROTECTIVE):
                self.cancel(order, reason)
        for position in list(state.account.positions.values()):
            self.place(
                OrderIntent(
                    agent=agent,
                    symbol=position.symbol,
                    kind=OrderKind.MARKET,
                    signed_lots=Lots(-position.signed_lots),
                    reduce_only=True,
                    purpose=OrderPurpose.FLATTEN,
                )
            )

    def is_closing(self, agent: str, symbol: str) -> bool:
        """Whether an order that closes the position from outside is still to be filled."""
        return any(order.purpose is OrderPurpose.FLATTEN for order in self._working(agent, symbol))

    def fill(self, bars: Mapping[str, Bar]) -> None:
        """Lets every working order meet its symbol's bar: entries at the open, then stop, then target."""
        for agent, state in self._state.agents.items():
            for symbol in dict.fromkeys(order.symbol for order in state.working.values()):
                bar = bars.get(symbol)
                if bar is None:
                    continue
                for stage in _STAGES:
                    self._meet(agent, symbol, bar, stage)

    def protect(self, agent: str, symbol: str) -> None:
        """Brings the stop and target of a position in line with its agent's last word.

        While the kill switch is on no new guard could be sent, so an open position keeps those it has.
        """
        state = self._state.agents[agent]
        if self._state.killed and symbol in state.account.positions:
            return
        change = guard_change(
            agent,
            state.account.positions.get(symbol),
            state.targets.get(symbol),
            [order for order in self._working(agent, symbol) if order.purpose in PROTECTIVE],
            self._state.instrument(symbol),
        )
        for order in change.cancel:
            self.cancel(order, "the position it guarded has changed")
        for intent in change.create:
            self.place(intent)

    def pay_funding(self, rates: Mapping[str, float]) -> None:
        """Settles funding of all positions at the mark price."""
        for name, agent in self._state.agents.items():
            for position in list(agent.account.positions.values()):
                rate = rates.get(position.symbol, 0.0)
                lot_size = self._state.instrument(position.symbol).lot_size
                mark = self._state.marks[position.symbol]
                paid = Micros(funding_micros(position.signed_lots, lot_size, mark, rate))
                if paid:
                    self.recorder.emit(FundingPaid(agent=name, symbol=position.symbol, rate=rate, paid=paid))

    def _now(self, order: Order) -> Order:
        return self._state.agents[order.agent].working[order.order_id]

    def _working(self, agent: str, symbol: str) -> list[Order]:
        return [each for each in self._state.agents[agent].working.values() if each.symbol == symbol]

    def _meet(self, agent: str, symbol: str, bar: Bar, stage: frozenset[OrderKind]) -> None:
        for order in self._working(agent, symbol):
            if order.kind not in stage or order.order_id not in self._state.agents[agent].working:
                continue
            lots = self._fillable(order)
            if lots == 0:
                self.cancel(order, "nothing is left to reduce")
                continue
            execution = self.venue.execution(order, lots, self._state.instrument(symbol), bar)
            if execution is not None:
                self._filled(order, execution)

    def _fillable(self, order: Order) -> Lots:
        if not order.reduce_only:
            return order.open_lots
        position = self._state.agents[order.agent].account.positions.get(order.symbol)
        held = position.signed_lots if position else 0
        if held * order.signed_lots >= 0:
            return Lots(0)
        size = min(abs(order.open_lots), abs(held))
        return Lots(size if order.signed_lots > 0 else -size)

    def _filled(self, order: Order, execution: Execution) -> None:
        if order.trigger_price is not None:
            self._move(order, OrderStatus.TRIGGERED)
        fill = Fill(
            fill_id=self._state.next_fill_id,
            order_id=order.order_id,
            agent=order.agent,
            symbol=order.symbol,
            ts_ms=execution.ts_ms,
            signed_lots=execution.signed_lots,
            price=execution.price,
            fee_micros=execution.fee,
            liquidity=execution.liquidity,
        )
        account = self._state.agents[order.agent].account
        instrument = self._state.instrument(order.symbol)
        outcome = apply_fill(account, fill, instrument, order.purpose, order.decision_id)
        notional = abs(notional_micros(fill.signed_lots, instrument.lot_size, fill.price))
        self.recorder.emit(OrderFilled(fill=fill, notional=Micros(notional), realized=outcome.realized))
        if outcome.trade is not None:
            self.recorder.emit(TradeClosed(trade=outcome.trade))
        if order.order_id in self._state.agents[order.agent].working and order.reduce_only:
            self.cancel(self._now(order), "nothing is left to reduce")
        self.protect(order.agent, order.symbol)

    def _create(self, intent: OrderIntent) -> Order:
        order_id = self._state.next_order_id
        order = Order(
            order_id=order_id,
            client_order_id=f"cockpit-{order_id}",
            parent_id=None,
            decision_id=intent.decision_id,
            agent=intent.agent,
            symbol=intent.symbol,
            kind=intent.kind,
            purpose=intent.purpose,
            signed_lots=intent.signed_lots,
            trigger_price=intent.trigger_price,
            reduce_only=intent.reduce_only,
            created_ms=self._state.ts_ms,
        )
        self.recorder.emit(OrderCreated(order=order))
        return order

    def cancel(self, order: Order, reason: str) -> None:
        """Takes a working order back."""
        self._move(order, OrderStatus.CANCELED, reason)

    def _move(self, order: Order, after: OrderStatus, reason: str = "", rule: str | None = None) -> None:
        before = self._now(order).status
        self.recorder.emit(
            OrderMoved(
                agent=order.agent,
                order_id=order.order_id,
                before=before,
                after=after,
                rule=rule,
                reason=reason,
            )
        )


_STAGES = (
    frozenset({OrderKind.MARKET}),
    frozenset({OrderKind.STOP_MARKET}),
    frozenset({OrderKind.TAKE_PROFIT}),
)
"""A bar tells no path, so a stop is looked at before a target."""
