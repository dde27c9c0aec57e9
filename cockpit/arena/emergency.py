"""The emergency stop: cancel everything, close everything, send nothing more; each step seen to be done."""

from collections.abc import Iterator
from dataclasses import dataclass

from cockpit.arena.order_desk import OrderDesk
from cockpit.arena.recorder import Recorder
from cockpit.domain.events import EmergencyAdvanced, EmergencyStage, KillSwitchSet
from cockpit.domain.formats import duration, short_symbol, time_of
from cockpit.domain.market import MINUTE_MS, Lots
from cockpit.domain.orders import WAYS_OUT, Order, OrderStatus
from cockpit.trading.state import ArenaState

PATIENCE_MS = 30 * MINUTE_MS
"""How long, in market time, cancelling may take, and closing without any fill. What is left then is told, and
the stop goes on to the next stage; orders that close positions stay at work. Where closing takes longer, and
goes on, it is told as often what is left."""

PATIENCE_BARS = 3
"""And so many bars at least, where they are long."""

_NAMED = 5
"""How much of what is left is named; the rest is counted."""

_ALL_DONE = "no order works, no position is open"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyStop:
    """Brings the arena to a halt over as many market steps as it takes, but not over any number.

    How far it has come is part of the arena's state, so a restart in the middle goes on with it.

    Attributes:
        recorder: Where events go.
        desk: Where orders go.
    """

    recorder: Recorder
    desk: OrderDesk

    @property
    def _state(self) -> ArenaState:
        return self.recorder.draft

    @property
    def patience_steps(self) -> int:
        """How many market steps something may be waited for."""
        return max(PATIENCE_BARS, PATIENCE_MS // self._state.agreement.market_interval_ms)

    @property
    def is_under_way(self) -> bool:
        """Whether it has not halted yet."""
        return self._state.emergency in {EmergencyStage.CANCELING, EmergencyStage.FLATTENING}

    def begin(self, by: str) -> None:
        """Cancels every order; closes every position as soon as no order is left that could open one."""
        count = len(self._orders_left())
        self._tell(EmergencyStage.CANCELING, by, 1, f"{count} orders to cancel")
        self._cancel_all()
        self.advance()

    def advance(self) -> None:
        """Looks at what was done, and does the next thing; called after every market step."""
        if self._state.emergency is EmergencyStage.HALTED:
            self._see_to_the_rest()
        if self._state.emergency is EmergencyStage.CANCELING:
            self._see_canceled()
        if self._state.emergency is EmergencyStage.FLATTENING:
            self._see_flat()

    def _see_canceled(self) -> None:
        left = self._orders_left()
        if not left or self._state.emergency_steps >= self.patience_steps:
            count = sum(1 for _ in self._positions())
            stuck = f"; {_listed(list(map(self._order_words, left)))}" if left else ""
            self._tell(EmergencyStage.FLATTENING, self._by, 1, f"{count} positions to close{stuck}")
            self._close_all()
        elif any(order.status is not OrderStatus.PENDING_CANCEL for order in left):
            self._tell(
                EmergencyStage.CANCELING, self._by, self._next_attempt, f"{len(left)} orders still work"
            )
            self._cancel_all()

    def _see_flat(self) -> None:
        left = self._left()
        if not left or self._state.emergency_idle_steps >= self.patience_steps:
            words = self._given_up(left) if left else _ALL_DONE
            self._tell(EmergencyStage.HALTED, self._by, 1, words, len(left))
            if not self._state.killed:
                self.recorder.emit(KillSwitchSet(on=True, by=self._by))
        elif any(not self.desk.blotter.is_closing(name, symbol) for name, symbol in self._positions()):
            still = f"{sum(1 for _ in self._positions())} positions still open"
            self._tell(EmergencyStage.FLATTENING, self._by, self._next_attempt, still)
            self._close_all()
        elif self._state.emergency_steps and self._state.emergency_steps % self.patience_steps == 0:
            self._tell(EmergencyStage.FLATTENING, self._by, self._next_attempt, f"slowly: {_listed(left)}")

    def _given_up(self, left: list[str]) -> str:
        waited = duration(self.patience_steps * self._state.agreement.market_interval_ms)
        words = f"after {waited} without a fill NOT everything is closed: {_listed(left)}"
        return f"{words}; what closes it stays at work"

    def _see_to_the_rest(self) -> None:
        """Closes what it gave up, or what came late, once its instrument trades; tells the end of it."""
        left, was_left = self._left(), self._state.emergency_left
        if was_left and not left:
            words = f"what was left is done: {_ALL_DONE}"
            self._tell(EmergencyStage.HALTED, self._by, self._next_attempt, words)
        elif left and not was_left:
            words = f"an execution came late: {_listed(left)}"
            self._tell(EmergencyStage.HALTED, self._by, self._next_attempt, words, len(left))
        self._cancel_all()
        for name, symbol in list(self._positions()):
            if self._has_bar(symbol):
                self.desk.leave(name, symbol)

    def _orders_left(self) -> list[Order]:
        return [order for order in self._orders() if order.purpose not in WAYS_OUT]

    def _orders(self) -> Iterator[Order]:
        for name in self._state.agents:
            yield from self.desk.blotter.working(name)

    def _positions(self) -> Iterator[tuple[str, str]]:
        for name, agent in self._state.agents.items():
            for symbol in agent.account.positions:
                yield name, symbol

    def _left(self) -> list[str]:
        """What still has to go, each in words: positions, and orders that are no way out of one.

        A way out goes with its position.
        """
        positions = (self._position_words(*each) for each in self._positions())
        return [*positions, *map(self._order_words, self._orders_left())]

    def _position_words(self, name: str, symbol: str) -> str:
        held = self._state.agents[name].account.positions[symbol].signed_lots
        side = "long" if held > 0 else "short"
        return f"{name} is {side} {self._size(symbol, held)} ({self._why_open(name, symbol)})"

    def _size(self, symbol: str, lots: int) -> str:
        quantity = self._state.instrument(symbol).quantity(Lots(abs(lots)))
        return f"{quantity:.10g} {short_symbol(symbol)}"

    def _order_words(self, order: Order) -> str:
        side = "buy" if order.open_lots > 0 else "sell"
        size = self._size(order.symbol, order.open_lots)
        return f"{order.agent}'s order {order.order_id} to {side} {size} is not cancelled"

    def _why_open(self, name: str, symbol: str) -> str:
        working = self.desk.blotter.working(name, symbol)
        closing = next((order for order in working if order.purpose in WAYS_OUT), None)
        if not self._has_bar(symbol):
            traded_ms = self._state.fresh_ms.get(symbol)
            return "it never traded" if traded_ms is None else f"it has not traded since {time_of(traded_ms)}"
        if closing is None:
            return "no order that closes it was taken"
        if closing.status is OrderStatus.SUBMITTED:
            return f"the venue has not answered order {closing.order_id}"
        filled = "in part " if closing.filled_lots else "not "
        return f"order {closing.order_id} that closes it is {filled}filled"

    def _has_bar(self, symbol: str) -> bool:
        """Whether an instrument was traded in the market's last step."""
        return self._state.fresh_ms.get(symbol) == self._state.marked_ms

    def _cancel_all(self) -> None:
        for order in self._orders_left():
            self.desk.cancel(order, f"emergency stop by {self._by}")

    def _close_all(self) -> None:
        for name in self._state.agents:
            self.desk.flatten(name, f"emergency stop by {self._by}")

    @property
    def _by(self) -> str:
        return self._state.emergency_by

    @property
    def _next_attempt(self) -> int:
        return self._state.emergency_attempt + 1

    def _tell(self, stage: EmergencyStage, by: str, attempt: int, detail: str, left: int = 0) -> None:
        self.recorder.emit(EmergencyAdvanced(stage=stage, by=by, attempt=attempt, detail=detail, left=left))


def _listed(each: list[str]) -> str:
    more = [f"{len(each) - _NAMED} more"] if len(each) > _NAMED else []
    return "; ".join([*each[:_NAMED], *more])
