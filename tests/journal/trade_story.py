"""Trades told event by event, as a journal would have them: a bracket, a liquidation, a late fill."""

from typing import Any

from cockpit.domain.decisions import Target
from cockpit.domain.events import (
    BreakerTripped,
    CapitalAllocated,
    DecisionMade,
    Event,
    FundingPaid,
    MarginExhausted,
    MarketAdvanced,
    OrderAmended,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    Recorded,
    RoundOpened,
    ShortfallCovered,
    TradeClosed,
)
from cockpit.domain.market import MINUTE_MS, Lots, Micros
from cockpit.domain.orders import Fill, Liquidity, Order, OrderKind, OrderPurpose, OrderStatus
from cockpit.trading.accounting import apply_fill, fee_micros, notional_micros
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState
from tests.trading.arena_facts import BTC, CAPITAL, START_MS, run_started

RUN = "run-1"


class TradeStory:
    """What happens to ann and bob, who trade BTC from 50,000; every event is folded as it is told.

    Attributes:
        state: The fold.
        batches: Market time and the events told then, for a journal.
        now_ms: Market time of the next event.
    """

    def __init__(self) -> None:
        self.state = ArenaState()
        self.batches: list[tuple[int, list[Event]]] = []
        self.now_ms = START_MS
        self.tell(run_started())
        self.tell(
            CapitalAllocated(agent="ann", amount=CAPITAL), CapitalAllocated(agent="bob", amount=CAPITAL)
        )
        self.mark(50_000.0)

    def tell(self, *events: Event) -> None:
        for event in events:
            apply(self.state, Recorded(self.state.seq + 1, self.now_ms, RUN, event))
        self.batches.append((self.now_ms, list(events)))

    def after(self, minutes: float) -> "TradeStory":
        self.now_ms += round(minutes * MINUTE_MS)
        return self

    def mark(self, btc: float, low: float | None = None, high: float | None = None) -> None:
        lows = (btc if low is None else low, 2_000.0)
        highs = (btc if high is None else high, 2_000.0)
        self.tell(MarketAdvanced(marks=(btc, 2_000.0), fresh=(True, True), lows=lows, highs=highs))

    def decide(self, exposure: float, agent: str = "ann", **target: Any) -> int:
        number, decision_id = self.state.round + 1, self.state.next_decision_id
        targets = (Target(symbol=BTC.symbol, exposure=exposure, **target),)
        confidence = target.get("confidence")
        self.tell(
            RoundOpened(round=number, view_hash=f"{number:016x}"),
            DecisionMade(
                decision_id=decision_id, agent=agent, round=number, confidence=confidence, targets=targets
            ),
        )
        return decision_id

    def create(self, lots: int, agent: str = "ann", **facts: Any) -> int:
        order_id = self.state.next_order_id
        asked = {"kind": OrderKind.MARKET, "purpose": OrderPurpose.REBALANCE}
        asked |= {"parent_id": None, "decision_id": None} | facts
        order = Order(
            order_id=order_id,
            client_order_id=f"cockpit-{order_id}",
            agent=agent,
            symbol=BTC.symbol,
            signed_lots=Lots(lots),
            created_ms=self.now_ms,
            live_ms=self.now_ms + 250,
            **asked,
        )
        self.tell(OrderCreated(order=order))
        return order_id

    def send(self, lots: int, agent: str = "ann", **facts: Any) -> int:
        order_id = self.create(lots, agent, **facts)
        self.move(order_id, OrderStatus.SUBMITTED)
        self.move(order_id, OrderStatus.ACCEPTED)
        return order_id

    def guard(self, lots: int, trigger: float, purpose: OrderPurpose, **facts: Any) -> int:
        is_stop = purpose is OrderPurpose.STOP
        facts = {"kind": OrderKind.STOP_MARKET if is_stop else OrderKind.TAKE_PROFIT} | facts
        return self.send(lots, purpose=purpose, trigger_price=trigger, reduce_only=True, **facts)

    def order(self, order_id: int) -> Order:
        agents = self.state.agents.values()
        return next(
            orders[order_id]
            for agent in agents
            for orders in (agent.working, agent.gone)
            if order_id in orders
        )

    def move(self, order_id: int, after: OrderStatus, **said: Any) -> None:
        order = self.order(order_id)
        move = {"agent": order.agent, "order_id": order_id, "before": order.status, "after": after}
        self.tell(OrderMoved(**(move | said)))

    def amend(self, order_id: int, reason: str, **changes: Any) -> None:
        order = self.order(order_id)
        kept = {
            "signed_lots": order.signed_lots,
            "trigger_price": order.trigger_price,
            "limit_price": order.limit_price,
        }
        self.tell(OrderAmended(agent=order.agent, order_id=order_id, reason=reason, **(kept | changes)))

    def fill(
        self, order_id: int, price: float, lots: int | None = None, slippage: int = 0, ago_ms: int = 0
    ) -> int:
        """A fill, the trade it closes, and what the venue has to bear of it; all in one commit.

        `ago_ms` is how long before the bot learned of it the venue says it was.
        """
        order = self.order(order_id)
        done = order.open_lots if lots is None else Lots(lots)
        notional = abs(notional_micros(done, BTC.lot_size, price))
        fill = Fill(
            fill_id=self.state.next_fill_id,
            order_id=order_id,
            agent=order.agent,
            symbol=BTC.symbol,
            ts_ms=self.now_ms - ago_ms,
            signed_lots=done,
            price=price,
            fee_micros=Micros(fee_micros(notional, BTC.taker_fee_rate)),
            liquidity=Liquidity.TAKER,
            trade_id=f"paper-{self.state.next_fill_id}",
            slippage=Micros(slippage),
        )
        agent = self.state.agents[order.agent]
        seen = agent.excursions.get(BTC.symbol)
        prices = None if seen is None else (seen.lowest, seen.highest)
        outcome = apply_fill(agent.account, fill, BTC, order.purpose, order.decision_id, prices)
        events: list[Event] = [OrderFilled(fill=fill, notional=Micros(notional), realized=outcome.realized)]
        events += [] if outcome.trade is None else [TradeClosed(trade=outcome.trade)]
        if outcome.account.cash < 0 and not outcome.account.positions:
            events.append(ShortfallCovered(agent=order.agent, amount=Micros(-outcome.account.cash)))
        self.tell(*events)
        return fill.fill_id

    def fund(self, paid: int, agent: str = "ann") -> None:
        self.tell(FundingPaid(agent=agent, symbol=BTC.symbol, rate=0.0001, paid=Micros(paid)))


def bracket() -> TradeStory:
    """Decision 1 buys 0.1 BTC in two fills, guarded; the stop is raised; the target closes it at 52,000."""
    story = TradeStory()
    decision = story.decide(
        0.5, stop=49_000.0, take_profit=52_000.0, confidence=0.7, reason="breakout with volume"
    )
    entry = story.send(100, decision_id=decision)
    story.after(1)
    story.fill(entry, 50_010.0, lots=40, slippage=400_000)
    guards = {"decision_id": decision, "parent_id": entry}
    stop = story.guard(-40, 49_000.0, OrderPurpose.STOP, **guards)
    target = story.guard(-40, 52_000.0, OrderPurpose.TARGET, **guards)
    story.after(1).mark(50_200.0, low=49_500.0, high=50_400.0)
    story.fill(entry, 50_020.0)
    for guard in (stop, target):
        story.amend(guard, "follows its position", signed_lots=Lots(-100))
    story.after(58).mark(51_000.0, low=50_100.0, high=51_200.0)
    story.fund(51_000)
    story.amend(stop, "follows the price", trigger_price=50_500.0)
    story.after(30).mark(52_100.0, low=50_900.0, high=52_150.0)
    story.move(target, OrderStatus.TRIGGERED, reason="triggered")
    story.fill(target, 52_000.0)
    story.move(stop, OrderStatus.CANCELED, reason="the position it guarded has changed")
    return story


def denied_and_held() -> TradeStory:
    """Decision 1's order is denied with figures, decision 2's held by the kill switch."""
    story = TradeStory()
    denied = story.create(900, decision_id=story.decide(1.0, reason="all in"))
    figures = {"rule": "max_leverage", "value": 4.5, "limit": 3.0}
    story.move(denied, OrderStatus.DENIED, reason="leverage 4.5 above 3", **figures)
    held = story.after(3).create(10, decision_id=story.decide(0.1))
    story.move(held, OrderStatus.HELD, reason="the kill switch is on")
    return story


def late_fill() -> TradeStory:
    """Decision 1's limit order is cancelled; a part of it comes filled late; decision 2 sells that."""
    story = TradeStory()
    decision = story.decide(0.5)
    limit = {"kind": OrderKind.LIMIT, "limit_price": 49_900.0}
    entry = story.send(100, decision_id=decision, **limit)
    story.after(3)
    superseded = "superseded by a newer decision"
    story.move(entry, OrderStatus.PENDING_CANCEL, reason=superseded, cancel_ms=story.now_ms + 250)
    story.move(entry, OrderStatus.CANCELED, reason=superseded)
    story.after(1).fill(entry, 49_900.0, lots=30)
    story.after(3)
    story.fill(story.send(-30, decision_id=story.decide(0.0), reduce_only=True), 49_800.0)
    return story


def liquidation() -> TradeStory:
    """Decision 1 shorts 2 BTC with $10,000; at 55,000 the venue takes the position, and some of the loss."""
    story = TradeStory()
    short = story.send(-2_000, decision_id=story.decide(-1.0, reason="top is in"))
    story.after(1).fill(short, 50_000.0)
    story.after(9).mark(55_100.0, low=50_000.0, high=55_200.0)
    story.tell(
        MarginExhausted(
            agent="ann",
            symbol=BTC.symbol,
            price=55_000.0,
            equity=Micros(-50_000_000),
            maintenance=Micros(2_750_000_000),
        ),
        BreakerTripped(
            scope="ann",
            breaker="drawdown",
            value=0.99,
            limit=0.2,
            reason="drawdown 99% reached its limit of 20%",
            stopped="ann",
        ),
    )
    taken = story.send(2_000, purpose=OrderPurpose.LIQUIDATION, reduce_only=True)
    story.fill(taken, 55_200.0)
    return story


def split() -> TradeStory:
    """Decision 1's order for 0.1 BTC is split: one share is filled, the other cancelled; a stop ends it."""
    story = TradeStory()
    decision = story.decide(0.5)
    parent = story.create(100, decision_id=decision, is_split=True)
    momentum, reversion = (
        story.send(lots, decision_id=decision, parent_id=parent, strategy=name)
        for name, lots in (("momentum", 60), ("reversion", 40))
    )
    story.move(parent, OrderStatus.SUBMITTED)
    story.move(parent, OrderStatus.ACCEPTED)
    story.after(1).fill(momentum, 50_000.0)
    story.move(parent, OrderStatus.PARTIALLY_FILLED)
    facts = {"decision_id": decision, "parent_id": momentum}
    stop = story.guard(-60, 49_000.0, OrderPurpose.STOP, **facts)
    story.move(reversion, OrderStatus.CANCELED, reason="superseded by a newer decision")
    story.move(parent, OrderStatus.CANCELED)
    story.after(5).move(stop, OrderStatus.TRIGGERED)
    story.fill(stop, 48_990.0)
    return story


def enlarged_and_flipped() -> TradeStory:
    """Decision 1 buys, 2 buys more, 3 sells a part, 4 flips to a short that stays open, 5 waits."""
    story = TradeStory()
    for lots, exposure, price in ((40, 0.2, 50_000.0), (20, 0.3, 50_500.0), (-10, 0.25, 50_600.0)):
        decision = story.decide(exposure)
        story.fill(story.send(lots, decision_id=decision, reduce_only=lots < 0), price)
        story.after(3)
    story.fill(story.send(-80, decision_id=story.decide(-0.15)), 49_000.0)
    story.after(3).send(-20, decision_id=story.decide(-0.25))
    return story
