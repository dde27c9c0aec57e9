"""Instruments, orders and events to build an arena's past out of, one fact a line."""

from copy import deepcopy
from typing import Any

from cockpit.domain.accounts import Account
from cockpit.domain.decisions import Target
from cockpit.domain.events import (
    CapitalAllocated,
    Contestant,
    DecisionMade,
    Event,
    MarketAdvanced,
    OrderCreated,
    OrderFilled,
    OrderMoved,
    Recorded,
    RunStarted,
    TradeClosed,
)
from cockpit.domain.market import DAY_MS, MICROS_PER_UNIT, MINUTE_MS, Instrument, Lots, Micros
from cockpit.domain.orders import Fill, Liquidity, Order, OrderKind, OrderPurpose, OrderStatus
from cockpit.trading.accounting import apply_fill, fee_micros, notional_micros
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState

START_MS = 20_000 * DAY_MS + 12 * 60 * MINUTE_MS
"""Noon of a UTC day."""

CAPITAL = Micros(10_000 * MICROS_PER_UNIT)


def usd(amount: float) -> Micros:
    return Micros(round(amount * MICROS_PER_UNIT))


def instrument(base: str, tick_size: float, lot_size: float, **rules: Any) -> Instrument:
    given = {
        "min_notional": usd(10),
        "maker_fee_rate": 0.0002,
        "taker_fee_rate": 0.0005,
        "max_leverage": 20.0,
        "funding_interval_ms": 60 * MINUTE_MS,
    }
    return Instrument(
        symbol=f"{base}/USDC:USDC",
        base=base,
        quote="USDC",
        tick_size=tick_size,
        lot_size=lot_size,
        **(given | rules),
    )


BTC = instrument("BTC", 0.5, 0.001)
ETH = instrument("ETH", 0.01, 0.01)
DOGE = instrument("DOGE", 0.0001, 1.0)


def run_started(**changes: Any) -> RunStarted:
    limits = {
        "drawdown": 0.20,
        "daily_loss": 0.10,
        "daily_trades": 3.0,
        "consecutive_losses": 2.0,
        "errors": 0.5,
    }
    given: dict[str, Any] = {
        "bot": "test",
        "settings_digest": "d",
        "seed": 7,
        "market": "simulated",
        "venue": "paper",
        "mode": "paper",
        "quote": "USDC",
        "instruments": (BTC, ETH),
        "contestants": tuple(Contestant(name=name, kind="strategy", summary="") for name in ("ann", "bob")),
        "market_interval_ms": MINUTE_MS,
        "round_interval_ms": 3 * MINUTE_MS,
        "start_ms": START_MS,
        "capital_in": usd(20_000),
        "agent_limits": limits,
        "arena_limits": {
            name: limit
            for name, limit in limits.items()
            if name not in {"daily_trades", "consecutive_losses"}
        }
        | {"daily_trades": 5.0, "stale_data": 10.0 * MINUTE_MS},
    }
    return RunStarted(**(given | changes))


class Past:
    """An arena's past, told event by event.

    Attributes:
        state: The fold of everything told.
        now_ms: Market time of the next event.
    """

    def __init__(self, state: ArenaState | None = None) -> None:
        self.state = ArenaState() if state is None else state
        self.now_ms = START_MS

    @classmethod
    def begun(cls, **changes: Any) -> "Past":
        """A run of ann and bob, each with $10,000, on BTC at 50,000 and ETH at 2,000."""
        past = cls()
        past.tell(
            run_started(**changes),
            CapitalAllocated(agent="ann", amount=CAPITAL),
            CapitalAllocated(agent="bob", amount=CAPITAL),
        )
        past.mark(50_000.0, 2_000.0)
        return past

    def tell(self, *events: Event) -> "Past":
        for event in events:
            apply(self.state, Recorded(self.state.seq + 1, self.now_ms, "run-1", event))
        return self

    def mark(self, *marks: float | None, fresh: tuple[bool, ...] | None = None) -> "Past":
        given = tuple(mark is not None for mark in marks) if fresh is None else fresh
        return self.tell(MarketAdvanced(marks=marks, fresh=given))

    def after(self, minutes: float) -> "Past":
        self.now_ms += round(minutes * MINUTE_MS)
        return self

    def decide(self, agent: str, *targets: Target) -> int:
        decision_id = self.state.next_decision_id
        self.tell(
            DecisionMade(
                decision_id=decision_id,
                agent=agent,
                round=self.state.round,
                confidence=None,
                targets=targets,
            )
        )
        return decision_id

    def create(self, agent: str, listed: Instrument, lots: int, **changes: Any) -> int:
        made = order(self.state.next_order_id, agent, listed, lots, **changes)
        self.tell(OrderCreated(order=made))
        return made.order_id

    def move(self, order_id: int, *statuses: OrderStatus, **said: Any) -> "Past":
        for after in statuses:
            moved = self.order(order_id)
            self.tell(
                OrderMoved(agent=moved.agent, order_id=order_id, before=moved.status, after=after, **said)
            )
        return self

    def work(self, agent: str, listed: Instrument, lots: int, **changes: Any) -> int:
        """An order that was accepted."""
        order_id = self.create(agent, listed, lots, **changes)
        self.move(order_id, OrderStatus.SUBMITTED, OrderStatus.ACCEPTED)
        return order_id

    def order(self, order_id: int) -> Order:
        return next(
            agent.working[order_id] for agent in self.state.agents.values() if order_id in agent.working
        )

    def fill(self, order_id: int, price: float, lots: int | None = None, fee: int | None = None) -> "Past":
        """What the desk emits when an order fills: the fill, and the trade it closes."""
        filled = self.order(order_id)
        listed = self.state.instrument(filled.symbol)
        done = fill(
            listed,
            filled.open_lots if lots is None else lots,
            price,
            fee,
            fill_id=self.state.next_fill_id,
            order_id=order_id,
            agent=filled.agent,
            ts_ms=self.now_ms,
        )
        account = self.state.agents[filled.agent].account
        outcome = apply_fill(account, done, listed, filled.purpose, filled.decision_id)
        notional = abs(notional_micros(done.signed_lots, listed.lot_size, price))
        self.tell(OrderFilled(fill=done, notional=Micros(notional), realized=outcome.realized))
        if outcome.trade is not None:
            self.tell(TradeClosed(trade=outcome.trade))
        return self

    def trade(self, agent: str, listed: Instrument, lots: int, price: float, **changes: Any) -> "Past":
        """An order, accepted and filled at once."""
        fee = changes.pop("fee", 0)
        return self.fill(self.work(agent, listed, lots, **changes), price, fee=fee)

    def copy(self) -> "Past":
        copied = Past(deepcopy(self.state))
        copied.now_ms = self.now_ms
        return copied


def order(order_id: int, agent: str, listed: Instrument, lots: int, **changes: Any) -> Order:
    given: dict[str, Any] = {
        "client_order_id": f"cockpit-{order_id}",
        "parent_id": None,
        "decision_id": None,
        "kind": OrderKind.MARKET,
        "purpose": OrderPurpose.REBALANCE,
        "created_ms": START_MS,
    }
    return Order(
        order_id=order_id,
        agent=agent,
        symbol=listed.symbol,
        signed_lots=Lots(lots),
        **(given | changes),
    )


def fill(listed: Instrument, lots: int, price: float, fee: int | None = None, **changes: Any) -> Fill:
    if fee is None:
        fee = fee_micros(notional_micros(lots, listed.lot_size, price), listed.taker_fee_rate)
    given: dict[str, Any] = {
        "fill_id": 1,
        "order_id": 1,
        "agent": "ann",
        "symbol": listed.symbol,
        "ts_ms": START_MS,
        "liquidity": Liquidity.TAKER,
    }
    return Fill(
        signed_lots=Lots(lots),
        price=price,
        fee_micros=Micros(fee),
        **(given | changes),
    )


def account(cash: float = 10_000, agent: str = "ann") -> Account:
    return Account(agent=agent, cash=usd(cash))
