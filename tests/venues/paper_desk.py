"""A desk for the paper venue alone: it acts on each report as the arena's does, on a state built by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cockpit.domain.accounts import Account
from cockpit.domain.market import DAY_MS, MICROS_PER_UNIT, MINUTE_MS, Bar, Instrument, Lots, Micros
from cockpit.domain.orders import Fill, Order, OrderKind, OrderPurpose, OrderStatus
from cockpit.domain.reports import (
    Accepted,
    Canceled,
    Executed,
    MarginCalled,
    Rejected,
    Report,
    Triggered,
    TriggerMoved,
)
from cockpit.domain.run_events import RunStarted
from cockpit.trading.accounting import apply_fill
from cockpit.trading.agent_state import AgentState
from cockpit.trading.book import Book
from cockpit.trading.fill_model import FillModel
from cockpit.trading.lifecycle import TERMINAL, check_transition, status_after_fill
from cockpit.trading.state import ArenaState
from cockpit.venues.paper import PaperVenue

START_MS = 20_000 * DAY_MS

EXACT = FillModel(
    half_spread_fraction=0.0,
    impact_coefficient=0.0,
    participation=None,
    touch_fill_probability=0.0,
    latency_ms=0,
    liquidation_fee_fraction=0.0,
)
"""Nothing costs anything, and volume is no limit: what is left is the path."""


def instrument(symbol: str = "X", **rules: Any) -> Instrument:
    given: dict[str, Any] = {
        "base": symbol,
        "quote": "USD",
        "tick_size": 0.01,
        "lot_size": 1.0,
        "min_notional": Micros(0),
        "maker_fee_rate": 0.0,
        "taker_fee_rate": 0.0,
        "max_leverage": 10.0,
    }
    return Instrument(symbol=symbol, **(given | rules))


X = instrument()


def started(instruments: tuple[Instrument, ...]) -> RunStarted:
    return RunStarted(
        bot="test",
        settings_digest="d",
        seed=7,
        market="table",
        venue="paper",
        mode="paper",
        quote="USD",
        instruments=instruments,
        contestants=(),
        market_interval_ms=MINUTE_MS,
        round_interval_ms=MINUTE_MS,
        start_ms=START_MS,
        capital_in=Micros(0),
        agent_limits={},
        arena_limits={},
    )


class PaperDesk:
    """Places orders and plays bars.

    Attributes:
        state: The arena, built by hand.
        venue: The paper venue.
        said: Every report, in order.
        fills: Every fill, in order.
        guards: Order id of an entry → the stop and the target its position gets; None for none.
        on_fill: What else is to happen after a fill.
        deaf_to: Reports of these types change nothing, as if they were refused.
    """

    def __init__(
        self,
        model: FillModel = EXACT,
        *instruments: Instrument,
        cash: float = 1_000_000.0,
        agents: tuple[str, ...] = ("ann",),
    ) -> None:
        money = Micros(round(cash * MICROS_PER_UNIT))
        self.state = ArenaState(run=started(instruments or (X,)), ts_ms=START_MS)
        for name in agents:
            self.state.agents[name] = AgentState(account=Account(agent=name, cash=money))
        self.venue = PaperVenue(model=model)
        self.said: list[Report] = []
        self.fills: list[Fill] = []
        self.guards: dict[int, tuple[float | None, float | None]] = {}
        self.on_fill: Callable[[Fill], None] = lambda fill: None
        self.deaf_to: tuple[type, ...] = ()

    def place(
        self,
        kind: OrderKind,
        lots: int,
        *,
        agent: str = "ann",
        symbol: str = "X",
        guards: tuple[float | None, float | None] | None = None,
        **fields: Any,
    ) -> int:
        """An order that reaches the venue after its latency, and is accepted."""
        order_id = self.state.next_order_id
        self.state.next_order_id += 1
        given: dict[str, Any] = {
            "purpose": OrderPurpose.REBALANCE,
            "live_ms": self.state.ts_ms + self.venue.model.latency_ms,
            "created_ms": self.state.ts_ms,
            "status": OrderStatus.SUBMITTED,
        }
        order = Order(
            order_id=order_id,
            client_order_id=f"test-{order_id}",
            parent_id=None,
            decision_id=None,
            agent=agent,
            symbol=symbol,
            kind=kind,
            signed_lots=Lots(lots),
            **(given | fields),
        )
        self.state.agents[agent].working[order_id] = order
        if guards is not None:
            self.guards[order_id] = guards
        for report in self.venue.submit(order):
            self.act(report)
        return order_id

    def order(self, order_id: int) -> Order | None:
        for agent in self.state.agents.values():
            if order_id in agent.working:
                return agent.working[order_id]
        return None

    def cancel(self, order_id: int) -> None:
        order = self.order(order_id)
        assert order is not None
        self._put(
            replace(
                order,
                status=OrderStatus.PENDING_CANCEL,
                resume_status=order.status,
                cancel_ms=self.state.ts_ms + self.venue.model.latency_ms,
            )
        )
        for report in self.venue.cancel(order):
            self.act(report)

    def play(self, *rows: tuple[float, ...] | None, symbol: str = "X") -> list[Fill]:
        """One bar a minute: open, high, low, close and, if it matters, volume; None: no bar.

        Returns:
            The fills that came of them.
        """
        before = len(self.fills)
        for row in rows:
            bars = {} if row is None else {symbol: row}
            self.step(bars)
        return self.fills[before:]

    def step(self, rows: dict[str, tuple[float, ...]], books: dict[str, Book] | None = None) -> list[Report]:
        open_ms, close_ms = self.state.ts_ms, self.state.ts_ms + MINUTE_MS
        bars = {
            symbol: Bar(open_ms, *(row if len(row) == 5 else (*row, 1e6))) for symbol, row in rows.items()
        }
        before = len(self.said)
        reports = (
            self.venue.reports(self.state, bars, close_ms)
            if books is None
            else self.venue.reports(self.state, bars, close_ms, books=books)
        )
        for report in reports:
            self.act(report)
        for symbol, bar in bars.items():
            self.state.marks[symbol] = bar.close
            self.state.fresh_ms[symbol] = close_ms
        self.state.ts_ms = close_ms
        return self.said[before:]

    def held(self, agent: str = "ann", symbol: str = "X") -> int:
        position = self.state.agents[agent].account.positions.get(symbol)
        return position.signed_lots if position else 0

    def act(self, report: Report) -> None:
        self.said.append(report)
        if isinstance(report, self.deaf_to):
            return
        if isinstance(report, MarginCalled):
            self._liquidate(report)
            return
        order = self.order(report.order_id)
        assert order is not None, f"{report} is about an order that is not at work"
        match report:
            case Accepted():
                self._move(order, OrderStatus.ACCEPTED)
            case Rejected():
                self._move(order, OrderStatus.REJECTED)
            case Canceled():
                self._move(order, OrderStatus.CANCELED)
            case Triggered() if order.status is OrderStatus.PENDING_CANCEL:
                self._put(replace(order, resume_status=OrderStatus.TRIGGERED))
            case Triggered():
                self._move(order, OrderStatus.TRIGGERED)
            case TriggerMoved():
                self._put(replace(order, trigger_price=report.trigger_price))
            case Executed():
                self._fill(order, report)
            case _:
                raise AssertionError(report)

    def amend(self, order_id: int, **fields: Any) -> None:
        order = self.order(order_id)
        assert order is not None
        self._put(replace(order, **fields))

    def _put(self, order: Order) -> None:
        working = self.state.agents[order.agent].working
        if order.status in TERMINAL:
            del working[order.order_id]
        else:
            working[order.order_id] = order

    def _move(self, order: Order, after: OrderStatus) -> None:
        check_transition(order.order_id, order.status, after)
        self._put(replace(order, status=after))

    def _fill(self, order: Order, done: Executed) -> None:
        assert abs(done.signed_lots) <= abs(order.open_lots)
        assert done.signed_lots * order.signed_lots > 0
        assert done.trade_id == f"paper-{self.state.next_fill_id}"
        agent = self.state.agents[order.agent]
        fill = Fill(
            fill_id=self.state.next_fill_id,
            order_id=order.order_id,
            agent=order.agent,
            symbol=order.symbol,
            ts_ms=done.ts_ms,
            signed_lots=done.signed_lots,
            price=done.price,
            fee_micros=done.fee,
            liquidity=done.liquidity,
            trade_id=done.trade_id,
            slippage=done.slippage,
        )
        self.state.next_fill_id += 1
        self.fills.append(fill)
        listed = self.state.instrument(order.symbol)
        agent.account = apply_fill(agent.account, fill, listed, order.purpose).account
        filled = Lots(order.filled_lots + done.signed_lots)
        after = status_after_fill(order.status, is_complete=filled == order.signed_lots)
        resume = OrderStatus.PARTIALLY_FILLED if order.resume_status else None
        self._put(replace(order, status=after, filled_lots=filled, resume_status=resume))
        self._protect(order, done.ts_ms)
        self.on_fill(fill)

    def _protect(self, order: Order, ts_ms: int) -> None:
        """Guards as large as the position: new ones where an entry asks for them, none where it is gone."""
        working = self.state.agents[order.agent].working
        held = self.held(order.agent, order.symbol)
        standing = [
            each
            for each in working.values()
            if each.symbol == order.symbol and each.purpose in {OrderPurpose.STOP, OrderPurpose.TARGET}
        ]
        for guard in standing:
            if held * guard.signed_lots >= 0:
                self._move(guard, OrderStatus.CANCELED)
            elif guard.open_lots != -held and guard.order_id != order.order_id:
                self._put(replace(guard, signed_lots=Lots(guard.filled_lots - held)))
        if order.order_id in self.guards and not standing and held:
            stop, target = self.guards[order.order_id]
            kinds = (
                (stop, OrderKind.STOP_MARKET, OrderPurpose.STOP),
                (target, OrderKind.TAKE_PROFIT, OrderPurpose.TARGET),
            )
            for price, kind, purpose in kinds:
                if price is not None:
                    self.place(
                        kind,
                        -held,
                        agent=order.agent,
                        symbol=order.symbol,
                        trigger_price=price,
                        purpose=purpose,
                        reduce_only=True,
                        live_ms=ts_ms,
                    )

    def _liquidate(self, call: MarginCalled) -> None:
        for order in list(self.state.agents[call.agent].working.values()):
            self._move(order, OrderStatus.CANCELED)
        self.place(
            OrderKind.MARKET,
            -self.held(call.agent, call.symbol),
            agent=call.agent,
            symbol=call.symbol,
            purpose=OrderPurpose.LIQUIDATION,
            reduce_only=True,
            live_ms=call.ts_ms,
        )
