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
from cockpit.trading.allocation import split_lots
from cockpit.trading.guards import PROTECTIVE, guard_change
from cockpit.trading.order_style import OrderStyle
from cockpit.trading.reported import Heed, OrderReport, judgement_on, judgement_on_call
from cockpit.trading.risk import ExposureBook, RiskLimits, refusal_of
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
        refusal = refusal_of(intent, self._state, self.limits[intent.agent], self._book)
        order = self.blotter.create(intent, self._arrival_ms(intent) if live_ms is None else live_ms)
        if refusal is not None:
            self.blotter.deny(order, refusal)
            return False
        if self._state.killed and not self._is_forced(intent):
            self.blotter.move(order, OrderStatus.HELD, "the kill switch is on")
            return False
        self.blotter.move(order, OrderStatus.SUBMITTED)
        self._take_all(self.venue.submit(self.blotter.now(order)))
        return True

    def place_split(self, intent: OrderIntent, weights: Sequence[tuple[str, float]]) -> None:
        """Places an order as one child for each strategy's share; the parent is only their sum.

        The risk gate is asked about the whole first, then about each share.

        Args:
            intent: The whole.
            weights: Each strategy's name and weight.
        """
        refusal = refusal_of(intent, self._state, self.limits[intent.agent], self._book)
        parent = self.blotter.create(intent, self._arrival_ms(intent), is_split=True)
        if refusal is not None:
            self.blotter.deny(parent, refusal)
            return
        shares = split_lots(intent.signed_lots, weights).items()
        sent = [
            self.place(replace(intent, signed_lots=Lots(lots), strategy=name, parent_id=parent.order_id))
            for name, lots in shares
        ]
        if any(sent):
            self.blotter.move(parent, OrderStatus.SUBMITTED)
            self.blotter.follow_shares(parent, OrderStatus.REJECTED)
        else:
            self.blotter.move(parent, OrderStatus.HELD if self._state.killed else OrderStatus.DENIED)

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

    def leave(self, agent: str, symbol: str) -> None:
        """Closes one position, unless it is being closed already."""
        if not self.is_closing(agent, symbol):
            held = self._state.agents[agent].account.positions[symbol].signed_lots
            self._close(agent, symbol, Lots(-held), OrderPurpose.FLATTEN)

    def cancel_entries(self, reason: str) -> None:
        """Takes back every working order that may open or enlarge a position, of all agents."""
        for name in self._state.agents:
            for order in self.blotter.working(name):
                if not order.reduce_only:
                    self.cancel(order, reason)

    def _close(
        self, agent: str, symbol: str, lots: Lots, purpose: OrderPurpose, live_ms: int | None = None
    ) -> None:
        intent = OrderIntent(
            agent=agent,
            symbol=symbol,
            kind=OrderKind.MARKET,
            signed_lots=lots,
            reduce_only=True,
            purpose=purpose,
        )
        self.place(intent, live_ms)

    def is_closing(self, agent: str, symbol: str) -> bool:
        """Whether an order that closes the position from outside is still to be filled."""
        return self._is_reducing(agent, symbol, WAYS_OUT)

    def _is_reducing(self, agent: str, symbol: str, purposes: frozenset[OrderPurpose]) -> bool:
        position = self._state.agents[agent].account.positions.get(symbol)
        held = position.signed_lots if position else 0
        return any(
            order.purpose in purposes
            and order.status is not OrderStatus.PENDING_CANCEL
            and order.signed_lots * held < 0
            for order in self.blotter.working(agent, symbol)
        )

    def lots_at_work(self, agent: str, symbol: str) -> int:
        """Signed lots that the working orders of an agent's decisions may yet fill."""
        working = self.blotter.working(agent, symbol)
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
            and not self._is_reducing(agent, symbol, WAYS_OUT | {OrderPurpose.REBALANCE})
        ]

    def fill(self, bars: Mapping[str, Bar]) -> None:
        """Takes everything that happened to working orders in the market's last step.

        What the venue has not answered by then is sent again first, under the same client order id.
        """
        for order in self.blotter.unanswered():
            self._take_all(self.venue.submit(order))
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
        is_left_alone = is_stopping or self.is_closing(agent, symbol)
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
        self._close(call.agent, call.symbol, Lots(-held), OrderPurpose.LIQUIDATION, call.ts_ms)

    def _take_all(self, reports: Iterator[Report]) -> None:
        for report in reports:
            self.take(report)
