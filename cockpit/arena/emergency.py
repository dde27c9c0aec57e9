"""The emergency stop: cancel everything, close everything, send nothing more; each step seen to be done."""

from dataclasses import dataclass

from cockpit.arena.order_desk import OrderDesk
from cockpit.arena.recorder import Recorder
from cockpit.domain.events import EmergencyAdvanced, EmergencyStage, KillSwitchSet
from cockpit.domain.orders import WAYS_OUT, Order, OrderStatus
from cockpit.trading.state import ArenaState


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyStop:
    """Brings the arena to a halt over as many market steps as it takes.

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
    def is_under_way(self) -> bool:
        """Whether there is something left to do."""
        return self._state.emergency in {EmergencyStage.CANCELING, EmergencyStage.FLATTENING}

    def begin(self, by: str) -> None:
        """Cancels every order; closes every position as soon as no order is left that could open one."""
        count = len(self._orders_left())
        self._tell(EmergencyStage.CANCELING, by, 1, f"{count} orders to cancel")
        self._cancel_all()
        self.advance()

    def advance(self) -> None:
        """Looks at what was done, and does the next thing; called after every market step."""
        if self._state.emergency is EmergencyStage.CANCELING:
            self._see_canceled()
        if self._state.emergency is EmergencyStage.FLATTENING:
            self._see_flat()

    def _see_canceled(self) -> None:
        left = self._orders_left()
        if not left:
            count = sum(len(agent.account.positions) for agent in self._state.agents.values())
            self._tell(EmergencyStage.FLATTENING, self._by, 1, f"{count} positions to close")
            self._close_all()
        elif any(order.status is not OrderStatus.PENDING_CANCEL for order in left):
            self._tell(
                EmergencyStage.CANCELING, self._by, self._next_attempt, f"{len(left)} orders still work"
            )
            self._cancel_all()

    def _see_flat(self) -> None:
        open_positions = [
            (name, symbol) for name, agent in self._state.agents.items() for symbol in agent.account.positions
        ]
        if not open_positions and not any(agent.working for agent in self._state.agents.values()):
            self._tell(EmergencyStage.HALTED, self._by, 1, "no order works, no position is open")
            if not self._state.killed:
                self.recorder.emit(KillSwitchSet(on=True, by=self._by))
        elif any(not self.desk.blotter.is_closing(name, symbol) for name, symbol in open_positions):
            left = f"{len(open_positions)} positions still open"
            self._tell(EmergencyStage.FLATTENING, self._by, self._next_attempt, left)
            self._close_all()

    def _orders_left(self) -> list[Order]:
        return [
            order
            for agent in self._state.agents.values()
            for order in agent.working.values()
            if order.purpose not in WAYS_OUT and not order.is_split
        ]

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

    def _tell(self, stage: EmergencyStage, by: str, attempt: int, detail: str) -> None:
        self.recorder.emit(EmergencyAdvanced(stage=stage, by=by, attempt=attempt, detail=detail))
