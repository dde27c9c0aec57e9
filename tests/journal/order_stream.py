"""Orders of every kind and what becomes of them, made up but consistent: the fold takes every event."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from cockpit.domain.events import (
    Event,
    MarginExhausted,
    OrderAmended,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    ShortfallCovered,
    TradeClosed,
)
from cockpit.domain.market import MINUTE_MS, Instrument, Lots, Micros
from cockpit.domain.orders import Fill, Liquidity, Order, OrderKind, OrderPurpose, OrderStatus, TimeInForce
from cockpit.trading.accounting import apply_fill, fee_micros, notional_micros
from cockpit.trading.agent_state import AgentState
from cockpit.trading.lifecycle import parent_status
from cockpit.trading.state import ArenaState

PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0, "BNB": 600.0, "DOGE": 0.12, "XRP": 0.5}
GUARDS = (OrderPurpose.STOP, OrderPurpose.TARGET)


def instrument(base: str, price: float) -> Instrument:
    return Instrument(
        symbol=f"{base}/USDC:USDC",
        base=base,
        quote="USDC",
        tick_size=0.0001 if price < 10 else 0.01,
        lot_size=1.0 if price < 10 else 0.001,
        min_notional=Micros(10_000_000),
        maker_fee_rate=0.00015,
        taker_fee_rate=0.00045,
        max_leverage=10.0,
        funding_interval_ms=60 * MINUTE_MS,
    )


def listed(symbol: str) -> Instrument:
    base = symbol.partition("/")[0]
    return instrument(base, PRICES[base])


@dataclass
class OrderStream:
    """The orders of an arena: entries, whole and split, and the guards of what they open.

    Attributes:
        emit: Folds an event and gives it out.
        state: The fold.
        random: Where all chance comes from.
        marks: By base coin.
        ts_ms: Market time.
    """

    emit: Callable[[Event], None]
    state: ArenaState
    random: Random
    run_id: str
    ts_ms: int
    marks: dict[str, float] = field(default_factory=lambda: dict(PRICES))

    def enter(self, name: str, decision_id: int | None) -> None:
        base = self.random.choice(list(PRICES))
        what = instrument(base, PRICES[base])
        held = self.state.agents[name].account.positions.get(what.symbol)
        wanted = self.random.choice((-1, 0, 0, 1)) * int(1_000 / self.marks[base] / what.lot_size)
        wanted += 3 if wanted else 0
        lots = Lots(wanted - (held.signed_lots if held else 0))
        if lots == 0:
            return
        if self.random.random() < 0.1 and abs(lots) > 1:
            self._enter_split(name, what.symbol, lots, decision_id)
        else:
            self._send(self._create(name, what.symbol, lots, decision_id=decision_id, **self._style(what)))

    def meet_market(self) -> None:
        for name, agent in self.state.agents.items():
            for order in list(agent.working.values()):
                if order.order_id in agent.working and not order.is_split:
                    self._meet(name, agent.working[order.order_id])
            if agent.gone and self.random.random() < 0.05:
                late = self.random.choice(list(agent.gone.values()))
                if late.purpose is OrderPurpose.REBALANCE and not late.is_split:
                    self._fill(late, self._part(late.open_lots))

    def liquidate(self, name: str) -> None:
        agent = self.state.agents[name]
        position = max(agent.account.positions.values(), key=lambda each: each.signed_lots < 0)
        mark = self.marks[position.symbol.split("/")[0]]
        price = mark * (15 if position.signed_lots < 0 else 0.1)
        left = {"equity": Micros(1_000_000), "maintenance": Micros(2_500_000)}
        self.emit(MarginExhausted(agent=name, symbol=position.symbol, price=price, **left))
        lots = Lots(-position.signed_lots)
        why = {"purpose": OrderPurpose.LIQUIDATION, "reduce_only": True, "decision_id": None}
        order = self._create(name, position.symbol, lots, **why)
        self._move(order, OrderStatus.SUBMITTED)
        self._fill(self._now(order), lots, price)
        if agent.account.cash < 0 and not agent.account.positions:
            self.emit(ShortfallCovered(agent=name, amount=Micros(-agent.account.cash)))

    def _style(self, what: Instrument) -> dict[str, Any]:
        if self.random.random() < 0.8:
            return {}
        price = what.round_price(self.marks[what.base])
        time_in_force = self.random.choice(list(TimeInForce))
        return {"kind": OrderKind.LIMIT, "limit_price": price, "time_in_force": time_in_force}

    def _enter_split(self, name: str, symbol: str, lots: Lots, decision_id: int | None) -> None:
        parent = self._create(name, symbol, lots, is_split=True, decision_id=decision_id)
        parts = {"momentum": lots // 2, "reversion": lots - lots // 2}
        for strategy, part in parts.items():
            share = {"parent_id": parent.order_id, "strategy": strategy, "decision_id": decision_id}
            self._send(self._create(name, symbol, Lots(part), **share))
        working = self.state.agents[name].working.values()
        if any(each.parent_id == parent.order_id for each in working):
            self._move(parent, OrderStatus.SUBMITTED)
            self._follow_shares(parent, OrderStatus.SUBMITTED)
        else:
            self._move(parent, OrderStatus.DENIED)

    def _create(self, name: str, symbol: str, lots: Lots, **facts: Any) -> Order:
        order_id = self.state.next_order_id
        asked = {"parent_id": None, "kind": OrderKind.MARKET, "purpose": OrderPurpose.REBALANCE} | facts
        order = Order(
            order_id=order_id,
            client_order_id=f"{self.run_id}-{order_id}",
            agent=name,
            symbol=symbol,
            signed_lots=lots,
            created_ms=self.ts_ms,
            live_ms=self.ts_ms + 200,
            **asked,
        )
        self.emit(OrderCreated(order=order))
        return order

    def _send(self, order: Order) -> None:
        if self.random.random() < 0.05:
            figures = {"rule": "max_leverage", "value": 11.0, "limit": 10.0}
            self._move(order, OrderStatus.DENIED, reason="leverage 11 above 10", **figures)
        elif self.random.random() < 0.02:
            self._move(order, OrderStatus.HELD, reason="the kill switch is on")
        else:
            self._move(order, OrderStatus.SUBMITTED)

    def _now(self, order: Order) -> Order:
        return self.state.agents[order.agent].working[order.order_id]

    def _move(self, order: Order, after: OrderStatus, **said: Any) -> None:
        before = self._now(order).status
        said = {"agent": order.agent, "order_id": order.order_id} | said
        self.emit(OrderMoved(before=before, after=after, **said))
        self._follow_share(order, after)

    def _follow_share(self, order: Order, status: OrderStatus) -> None:
        working = self.state.agents[order.agent].working
        parent = None if order.parent_id is None else working.get(order.parent_id)
        if parent is not None and parent.is_split and parent.status is not OrderStatus.CREATED:
            self._follow_shares(parent, status)

    def _follow_shares(self, parent: Order, status: OrderStatus) -> None:
        parent = self._now(parent)
        working = self.state.agents[parent.agent].working.values()
        is_alive = any(each.parent_id == parent.order_id for each in working)
        after = parent_status(parent, status, is_alive=is_alive)
        if after is not parent.status:
            self._move(parent, after)

    def _meet(self, name: str, order: Order) -> None:
        chance = self.random.random()
        if order.status is OrderStatus.SUBMITTED:
            if chance < 0.01:
                self._move(order, OrderStatus.REJECTED, reason="post-only would take liquidity")
                return
            self._move(order, OrderStatus.ACCEPTED)
        if order.status is OrderStatus.PENDING_CANCEL:
            self._answer_cancel(order, chance)
        elif order.purpose in GUARDS:
            self._meet_guard(name, order, chance)
        elif chance < 0.06:
            asked = {"reason": "superseded by a newer decision", "cancel_ms": self.ts_ms + 200}
            self._move(order, OrderStatus.PENDING_CANCEL, **asked)
        elif chance < 0.08:
            self._move(order, OrderStatus.EXPIRED, reason="its time ran out")
        else:
            self._fill(self._now(order), self._part(order.open_lots))

    def _answer_cancel(self, order: Order, chance: float) -> None:
        assert order.resume_status is not None
        if chance < 0.3:
            self._fill(order, self._part(order.open_lots))
        elif chance < 0.5:
            self._move(order, order.resume_status, reason="too late to cancel")
        else:
            self._move(order, OrderStatus.CANCELED, reason="superseded by a newer decision")

    def _meet_guard(self, name: str, order: Order, chance: float) -> None:
        if order.kind is OrderKind.TRAILING_STOP and chance < 0.1:
            self._trail(order)
        elif chance > 0.93:
            held = self.state.agents[name].account.positions[order.symbol].signed_lots
            if not order.is_triggered:
                self._move(order, OrderStatus.TRIGGERED, reason="triggered")
            part = self._part(Lots(-min(held, -order.open_lots, key=abs)))
            self._fill(self._now(order), part)

    def _trail(self, order: Order) -> None:
        assert order.trigger_price is not None
        nearer = order.trigger_price * (1.001 if order.signed_lots < 0 else 0.999)
        self._amend(order, order.signed_lots, listed(order.symbol).round_price(nearer), "follows the price")

    def _amend(self, order: Order, lots: int, trigger: float | None, reason: str) -> None:
        self.emit(
            OrderAmended(
                agent=order.agent,
                order_id=order.order_id,
                signed_lots=Lots(lots),
                trigger_price=trigger,
                limit_price=order.limit_price,
                reason=reason,
            )
        )

    def _part(self, lots: Lots) -> Lots:
        half = int(lots / 2) if self.random.random() < 0.3 else lots
        return Lots(half or lots)

    def _fill(self, order: Order, lots: Lots, price: float | None = None) -> None:
        what = listed(order.symbol)
        mark = self.marks[what.base]
        price = what.round_price(mark if price is None else price)
        notional = abs(notional_micros(lots, what.lot_size, price))
        fill = Fill(
            fill_id=self.state.next_fill_id,
            order_id=order.order_id,
            agent=order.agent,
            symbol=order.symbol,
            ts_ms=self.ts_ms,
            signed_lots=lots,
            price=price,
            fee_micros=Micros(fee_micros(notional, what.taker_fee_rate)),
            liquidity=Liquidity.TAKER,
            trade_id=f"paper-{self.state.next_fill_id}",
            slippage=Micros(self.random.randrange(500_000)),
        )
        agent = self.state.agents[order.agent]
        excursion = agent.excursions.get(order.symbol)
        seen = None if excursion is None else (excursion.lowest, excursion.highest)
        outcome = apply_fill(agent.account, fill, what, order.purpose, order.decision_id, seen)
        self.emit(OrderFilled(fill=fill, notional=Micros(notional), realized=outcome.realized))
        if outcome.trade is not None:
            self.emit(TradeClosed(trade=outcome.trade))
        self._follow_share(order, OrderStatus.FILLED)
        self._protect(agent, order.symbol)

    def _protect(self, agent: AgentState, symbol: str) -> None:
        """Lets the guards of a position be of its size, and ends them with it."""
        position = agent.account.positions.get(symbol)
        guards = [each for each in agent.working.values() if each.symbol == symbol and each.purpose in GUARDS]
        for each in guards:
            if position is None or each.signed_lots * position.signed_lots > 0:
                self._move(each, OrderStatus.CANCELED, reason="the position it guarded has changed")
            elif each.open_lots != -position.signed_lots:
                size = each.filled_lots - position.signed_lots
                self._amend(each, size, each.trigger_price, "follows its position")
        if position is not None and not guards and self.random.random() < 0.25:
            for purpose in GUARDS:
                self._guard(agent, symbol, purpose)

    def _guard(self, agent: AgentState, symbol: str, purpose: OrderPurpose) -> None:
        position = agent.account.positions[symbol]
        what = listed(symbol)
        away = 0.03 if (purpose is OrderPurpose.TARGET) == (position.signed_lots > 0) else -0.03
        mark = self.marks[what.base]
        kind: dict[str, Any] = {"kind": OrderKind.TAKE_PROFIT}
        if purpose is OrderPurpose.STOP:
            kind = {"kind": OrderKind.STOP_MARKET}
            if self.random.random() < 0.5:
                kind = {"kind": OrderKind.TRAILING_STOP, "trail_distance": mark * 0.03}
        guard = self._create(
            agent.account.agent,
            symbol,
            Lots(-position.signed_lots),
            purpose=purpose,
            trigger_price=what.round_price(mark * (1 + away)),
            reduce_only=True,
            decision_id=position.decision_id,
            parent_id=position.order_id,
            **kind,
        )
        self._move(guard, OrderStatus.SUBMITTED)
