"""Turns intents into orders, takes what the venue reports of them, and keeps every position guarded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cockpit.arena.blotter import Blotter
from cockpit.arena.executions import known_executions, owner_of, record_execution
from cockpit.domain.events import ARENA, MarginExhausted, TradingMode
from cockpit.domain.market import Bar, Lots
from cockpit.domain.orders import WAYS_OUT, Order, OrderIntent, OrderKind, OrderPurpose, OrderStatus
from cockpit.domain.reports import (
    Accepted,
    Canceled,
    CancelRejected,
    Executed,
    Expired,
    MarginCalled,
    Rejected,
    Report,
    Triggered,
    TriggerMoved,
)
from cockpit.trading.accounting import LedgerOverflow
from cockpit.trading.allocation import least_lots, split_lots
from cockpit.trading.guards import PROTECTIVE, guard_change
from cockpit.trading.order_style import OrderStyle
from cockpit.trading.reported import Heed, OrderReport, judgement_on, judgement_on_call
from cockpit.trading.risk import ExposureBook, Refusal, RiskLimits, refusal_of
from cockpit.trading.state import ArenaState
from cockpit.venues.venue import Venue


@dataclass(slots=True, kw_only=True)
class OrderDesk:
    """Everything that creates, moves or fills an order goes through here, as events.

    Attributes:
        blotter: The record of orders.
        venue: Where orders go.
        limits: What the risk gate allows each agent, by name.
        styles: How each agent enters and guards its positions, by name.
    """

    blotter: Blotter
    venue: Venue
    limits: Mapping[str, RiskLimits]
    styles: Mapping[str, OrderStyle]
    _book: ExposureBook = field(init=False, default_factory=ExposureBook)

    @property
    def _state(self) -> ArenaState:
        return self.blotter.recorder.draft

    def place(self, intent: OrderIntent, live_ms: int | None = None) -> bool:
        """Creates an order, asks the risk gate, and sends it unless it is denied or held.

        Args:
            intent: What is asked for.
            live_ms: Market time at which it reaches the venue; after latency and thinking unless given.

        Returns:
            Whether it was sent.
        """
        refusal = self._refusal(intent)
        order = self.blotter.create(intent, self._arrival_ms(intent) if live_ms is None else live_ms)
        if refusal is not None:
            self.blotter.deny(order, refusal)
            return False
        return self._send(order, intent)

    def place_split(self, intent: OrderIntent, weights: Sequence[tuple[str, float]]) -> bool:
        """Places an order as one child for each strategy's share; the parent is only their sum.

        The risk gate is asked about the whole, then about it as so many orders; not about each share. None
        is so small that the venue would not take it: what would be is added to the largest.

        Args:
            intent: The whole.
            weights: Each strategy's name and weight.

        Returns:
            Whether any of it was sent.
        """
        refusal = self._refusal(intent)
        shares = {} if refusal else self._shares(intent, weights)
        refusal = refusal or self._refusal(intent, orders=len(shares))
        live_ms = self._arrival_ms(intent)
        parent = self.blotter.create(intent, live_ms, is_split=True)
        if refusal is not None:
            self.blotter.deny(parent, refusal)
            return False
        parts = [
            replace(intent, signed_lots=Lots(lots), strategy=name, parent_id=parent.order_id)
            for name, lots in shares.items()
        ]
        sent = [self._send(self.blotter.create(part, live_ms), part) for part in parts]
        if any(sent):
            self.blotter.move(parent, OrderStatus.SUBMITTED)
            self.blotter.follow_shares(parent, OrderStatus.REJECTED)
        else:
            self.blotter.move(parent, OrderStatus.HELD)
        return any(sent)

    def _shares(self, intent: OrderIntent, weights: Sequence[tuple[str, float]]) -> dict[str, int]:
        price = intent.limit_price or self._state.marks.get(intent.symbol)
        least = 1 if price is None else least_lots(self._state.instrument(intent.symbol), price)
        return split_lots(intent.signed_lots, weights, least)

    def _refusal(self, intent: OrderIntent, orders: int = 1) -> Refusal | None:
        return refusal_of(intent, self._state, self.limits[intent.agent], self._book, orders)

    def _send(self, order: Order, intent: OrderIntent) -> bool:
        if self._state.killed and not self._is_forced(intent):
            self.blotter.move(order, OrderStatus.HELD, "the kill switch is on")
            return False
        self.blotter.move(order, OrderStatus.SUBMITTED)
        self._take_all(self.venue.submit(self.blotter.now(order)))
        return True

    def _arrival_ms(self, intent: OrderIntent) -> int:
        return self._state.ts_ms + self.venue.latency_ms + intent.thinking_ms

    def _is_forced(self, intent: OrderIntent) -> bool:
        """What the venue does by itself, and what an emergency stop needs done, no switch holds back."""
        is_way_out = self._state.emergency is not None and intent.purpose is OrderPurpose.FLATTEN
        return is_way_out or intent.purpose is OrderPurpose.LIQUIDATION

    def supersede(self, agent: str, symbol: str) -> None:
        """Takes back what an earlier decision ordered on a symbol and was not filled: a newer word is out."""
        for order in self.blotter.working(agent, symbol):
            if order.purpose is OrderPurpose.REBALANCE:
                self.cancel(order, "superseded by a newer decision")

    def cancel(self, order: Order, reason: str) -> None:
        """Asks the venue to take a working order back; it may fill before the venue has heard of it."""
        if self.blotter.now(order).status is OrderStatus.PENDING_CANCEL:
            return
        answers = list(self.venue.cancel(order))
        if len(answers) == 1 and isinstance(answers[0], Canceled):
            self.blotter.drop(order, reason)
            return
        cancel_ms = self._state.ts_ms + self.venue.latency_ms
        self.blotter.move(order, OrderStatus.PENDING_CANCEL, reason, cancel_ms=cancel_ms)
        self._take_all(iter(answers))

    def flatten(self, agent: str, reason: str) -> None:
        """Cancels an agent's orders and closes its positions, reduce-only.

        While the kill switch is on the closing orders are held, and while trading is halted there are none;
        so the positions keep their guards.
        """
        state = self._state.agents[agent]
        is_halted = self._state.trading_mode is TradingMode.HALTED and self._state.emergency is None
        keeps_guards = is_halted or (self._state.killed and self._state.emergency is None)
        kept = WAYS_OUT | PROTECTIVE if keeps_guards else WAYS_OUT
        for order in self.blotter.working(agent):
            if order.purpose not in kept:
                self.cancel(order, reason)
        for symbol in [] if is_halted else list(state.account.positions):
            self.leave(agent, symbol)

    def leave(self, agent: str, symbol: str, thinking_ms: int = 0) -> None:
        """Closes one position, unless it is being closed already.

        Args:
            agent: Whose position.
            symbol: In which instrument.
            thinking_ms: How long the agent thought before it wanted that; the order arrives later by it.
        """
        if not self.blotter.is_closing(agent, symbol):
            held = self._state.agents[agent].account.positions[symbol].signed_lots
            way_out = _way_out(agent, symbol, Lots(-held), OrderPurpose.FLATTEN)
            self.place(replace(way_out, thinking_ms=thinking_ms))

    def leave_unwanted(self, agent: str, thinking_ms: int = 0) -> None:
        """Closes the positions that an agent by its last word does not want, where nothing else does.

        While nothing goes out anyway, or everything is being closed, they are left alone.
        """
        unwanted = self.blotter.unwanted(agent)
        for symbol in [] if not unwanted or self._state.is_stopped else unwanted:
            self.leave(agent, symbol, thinking_ms)

    def cancel_entries(self, reason: str) -> None:
        """Takes back every working order that may open or enlarge a position, of all agents."""
        for name in self._state.agents:
            for order in self.blotter.working(name):
                if not order.reduce_only:
                    self.cancel(order, reason)

    def fill(self, bars: Mapping[str, Bar]) -> None:
        """Takes everything that happened to working orders in the market's last step.

        What the venue has not answered by then is asked again first: orders under the same client order id,
        and requests to take one back.
        """
        for order in self.blotter.unanswered():
            self._take_all(self.venue.submit(order))
        for order in self.blotter.uncancelled():
            self._take_all(self.venue.cancel(order))
        self._take_all(self.venue.reports(self._state, bars, self.blotter.recorder.now_ms))

    def protect(self, agent: str, symbol: str, live_ms: int | None = None) -> None:
        """Brings the stop and target of a position in line with its agent's last word.

        While the kill switch is on, in an emergency stop, or while the position is being closed, no new
        guard is sent: it keeps those it has, resized with it.

        Args:
            agent: Whose position.
            symbol: In which instrument.
            live_ms: Market time at which new guards reach the venue; see `place`.
        """
        state = self._state.agents[agent]
        position = state.account.positions.get(symbol)
        is_stopping = self._state.killed or self._state.emergency is not None
        is_left_alone = is_stopping or self.blotter.is_closing(agent, symbol)
        change = guard_change(
            agent,
            position,
            None if is_left_alone else state.targets.get(symbol),
            self.blotter.guards(agent, symbol),
            self._state.instrument(symbol),
            self._state.marks.get(symbol, 0.0),
            self.styles[agent],
        )
        for order in change.cancel:
            self.blotter.drop(order, "the position it guarded has changed")
        for each in change.amend:
            self.blotter.amend(
                each.order, each.signed_lots, each.trigger_price, each.limit_price, "follows its position"
            )
        for intent in change.create:
            self.place(intent, live_ms)

    def take(self, report: Report) -> None:
        """Does what a report says, if it counts: what is known is ignored, what can't be is refused."""
        if isinstance(report, MarginCalled):
            self._heed_call(report)
            return
        owner = owner_of(self._state, report.order_id)
        agent = None if owner is None else self._state.agents[owner]
        order = None if agent is None else agent.working.get(report.order_id) or agent.gone[report.order_id]
        judgement = judgement_on(report, order, known_executions(self._state, report, agent))
        if judgement.heed is Heed.REFUSE:
            self.blotter.refuse(report, owner or ARENA, report.order_id, judgement.reason)
        elif judgement.heed is Heed.TAKE:
            assert order is not None
            self._act(order, report)

    def _act(self, order: Order, report: OrderReport) -> None:
        match report:
            case Accepted():
                self.blotter.move(order, OrderStatus.ACCEPTED)
            case Rejected(reason=reason) if order.status is OrderStatus.PENDING_CANCEL:
                self.blotter.drop(order, f"rejected: {reason}")
            case Rejected(reason=reason):
                self.blotter.move(order, OrderStatus.REJECTED, reason)
            case Triggered():
                pending = order.status is OrderStatus.PENDING_CANCEL
                self.blotter.move(
                    order, OrderStatus.PENDING_CANCEL if pending else OrderStatus.TRIGGERED, "triggered"
                )
            case TriggerMoved(trigger_price=trigger):
                self.blotter.amend(order, order.signed_lots, trigger, order.limit_price, "follows the price")
            case CancelRejected(reason=reason):
                self._stand_again(order, reason)
            case Canceled(reason=reason):
                self.blotter.drop(order, reason)
            case Expired(reason=reason):
                self.blotter.move(order, OrderStatus.EXPIRED, reason)
            case Executed():
                self._executed(order, report)

    def _stand_again(self, order: Order, reason: str) -> None:
        assert order.resume_status is not None
        self.blotter.move(order, order.resume_status, f"not cancelled: {reason}")
        if order.purpose in PROTECTIVE:  # another may have taken its place
            self.protect(order.agent, order.symbol)

    def _executed(self, order: Order, report: Executed) -> None:
        try:
            record_execution(self.blotter.recorder, order, report)
        except LedgerOverflow as overflow:  # raised before anything was recorded
            self.blotter.refuse(report, order.agent, order.order_id, str(overflow))
            return
        self.blotter.follow_share(order, OrderStatus.FILLED)
        agent = self._state.agents[order.agent]
        is_flat = order.symbol not in agent.account.positions
        for each in self.blotter.working(order.agent):
            if agent.closed and not agent.account.positions:
                self.blotter.drop(each, f"the account is closed: {agent.closed}")
            elif is_flat and each.reduce_only and each.symbol == order.symbol:
                self.blotter.drop(each, "nothing is left to reduce")
        self.protect(order.agent, order.symbol, report.ts_ms)

    def _heed_call(self, call: MarginCalled) -> None:
        judgement = judgement_on_call(call, self._state.agents.get(call.agent))
        if judgement.heed is Heed.REFUSE:
            self.blotter.refuse(call, call.agent, 0, judgement.reason)
        elif judgement.heed is Heed.TAKE:
            self._liquidate(call)

    def _liquidate(self, call: MarginCalled) -> None:
        """Closes a position whose margin is used up; of the account's orders only guards of others stay."""
        self.blotter.recorder.emit(
            MarginExhausted(
                agent=call.agent,
                symbol=call.symbol,
                price=call.price,
                equity=call.equity,
                maintenance=call.maintenance,
            )
        )
        state = self._state.agents[call.agent]
        for order in self.blotter.working(call.agent):
            if order.symbol == call.symbol or order.purpose not in PROTECTIVE:
                self.blotter.drop(order, f"{call.symbol} is being liquidated")
        held = state.account.positions[call.symbol].signed_lots
        self.place(_way_out(call.agent, call.symbol, Lots(-held), OrderPurpose.LIQUIDATION), call.ts_ms)

    def _take_all(self, reports: Iterator[Report]) -> None:
        for report in reports:
            self.take(report)


def _way_out(agent: str, symbol: str, lots: Lots, purpose: OrderPurpose) -> OrderIntent:
    return OrderIntent(
        agent=agent,
        symbol=symbol,
        kind=OrderKind.MARKET,
        signed_lots=lots,
        reduce_only=True,
        purpose=purpose,
    )
