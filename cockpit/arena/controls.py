"""What people can ask of a running arena, beside letting it run."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from cockpit.arena.asked_debates import AskedDebates
from cockpit.arena.emergency import EmergencyStop
from cockpit.arena.order_desk import OrderDesk
from cockpit.arena.reconciliation import Reconciliation
from cockpit.arena.recorder import Recorder
from cockpit.arena.requests import ControlRefused
from cockpit.domain.events import (
    ARENA,
    AccountSynced,
    AlertAcknowledged,
    BreakerReset,
    EmergencyStage,
    Event,
    KillSwitchSet,
    PauseSet,
    TradingMode,
    TradingModeSet,
)
from cockpit.trading.agent_state import BreakerState, BreakerStatus
from cockpit.trading.state import ArenaState

__all__ = ["ControlRefused", "Controls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """Each request is carried out between two steps, or when a round is about to place its orders.

    Attributes:
        recorder: Where events go.
        desk: Where orders go.
        emergency: What flattens everything.
        debates: Those that people ask for.
        carry_out: Lets a change happen when it can, and returns once it counts.
    """

    recorder: Recorder
    desk: OrderDesk
    emergency: EmergencyStop
    debates: AskedDebates
    carry_out: Callable[[Callable[[], None]], Awaitable[None]]

    @property
    def _committed(self) -> ArenaState:
        return self.recorder.committed

    @property
    def _draft(self) -> ArenaState:
        return self.recorder.draft

    async def pause(self, by: str) -> None:
        """Lets market time stand still."""
        await self.carry_out(lambda: self._set_paused(on=True, by=by))

    async def resume(self, by: str) -> None:
        """Lets market time go on."""
        await self.carry_out(lambda: self._set_paused(on=False, by=by))

    async def kill(self, by: str, *, flatten: bool) -> None:
        """Turns the kill switch on: from now on orders are created and never sent.

        Args:
            by: Who asked.
            flatten: First cancel every order and close every position: an emergency stop, which turns
                the switch on once it has seen that nothing is left, or has tried for so long in vain.

        Raises:
            ControlRefused: If an emergency stop is under way.
        """
        stage = self._committed.emergency
        if stage is not None and stage is not EmergencyStage.HALTED:
            raise ControlRefused(
                f"an emergency stop is under way: {stage}, attempt {self._committed.emergency_attempt}"
            )
        change = self._begin_emergency if flatten else self._kill
        await self.carry_out(lambda: change(by))

    async def unkill(self, by: str) -> None:
        """Turns the kill switch off, and guards again what went unguarded meanwhile."""
        await self.carry_out(lambda: self._unkill(by))

    async def set_mode(self, mode: TradingMode, by: str) -> None:
        """Says what orders may do: anything, only reduce exposure, or nothing."""
        await self.carry_out(lambda: self._set_mode(mode, by))

    async def acknowledge(self, alert: int, by: str) -> None:
        """Takes an alert off the list of what nobody has seen.

        Raises:
            ControlRefused: If there is no such alert.
        """
        if all(each.seq != alert for each in self._committed.alerts):
            raise ControlRefused(f"there is no alert {alert}; it may have been acknowledged already")
        await self.carry_out(lambda: self._acknowledge(alert, by))

    async def sync(self, found: Sequence[Reconciliation], by: str) -> None:
        """Trusts accounts again that were compared with the venue's and agree.

        An account that came to be distrusted for another reason since it was compared stays so.

        Args:
            found: What comparing them found.
            by: Who asked.
        """
        await self.carry_out(lambda: self._trust(found, by))

    async def reset_breaker(self, breaker: str, scope: str, by: str) -> None:
        """Arms a tripped breaker again.

        Raises:
            ControlRefused: If there is no such breaker, or it is armed.
        """
        breakers = self._breakers_of(scope)
        if breaker not in breakers:
            raise ControlRefused(f"{scope} has no breaker {breaker}; it has {', '.join(breakers)}")
        if breakers[breaker].status is BreakerStatus.ARMED:
            raise ControlRefused(f"{scope}'s breaker {breaker} is armed already")
        await self.carry_out(lambda: self.recorder.emit(BreakerReset(scope=scope, breaker=breaker, by=by)))

    async def keep(self, event: Event) -> None:
        """Journals what people changed that is no part of the arena."""
        await self.carry_out(lambda: self.recorder.emit(event))

    async def flatten_all(self, by: str) -> None:
        """Cancels every order and closes every position, and lets market time go on for it."""
        await self.carry_out(lambda: self._flatten_all(by))

    async def debate(self, *, symbol: str, agent: str | None, execute: bool, by: str) -> int:
        """Lets an agent debate on one instrument now; returns the debate's number once it counts.

        What came of it is told by `DebateHeld` or `DebateAbandoned`. See `AskedDebates.begin`.

        Raises:
            ControlRefused: If it can't be held.
        """
        return await self.debates.begin(symbol=symbol, agent=agent, execute=execute, by=by)

    def _set_paused(self, *, on: bool, by: str) -> None:
        if self._draft.paused != on:
            self.recorder.emit(PauseSet(on=on, by=by))

    def _kill(self, by: str) -> None:
        if not self._draft.killed:
            self.recorder.emit(KillSwitchSet(on=True, by=by))
            self.desk.cancel_entries("the kill switch is on")

    def _begin_emergency(self, by: str) -> None:
        if self._draft.emergency in {None, EmergencyStage.HALTED}:
            self.emergency.begin(by)

    def _unkill(self, by: str) -> None:
        if not self._draft.killed:
            return
        self.recorder.emit(KillSwitchSet(on=False, by=by))
        for name, agent in self._draft.agents.items():
            if agent.benched:
                self.desk.flatten(name, "benched while the kill switch was on")
        self._guard_all()

    def _guard_all(self) -> None:
        """Guards what went unguarded while no guard could be sent."""
        for name, agent in self._draft.agents.items():
            for symbol in list(agent.account.positions):
                self.desk.protect(name, symbol)

    def _set_mode(self, mode: TradingMode, by: str) -> None:
        if self._draft.mode is not mode:
            self.recorder.emit(TradingModeSet(mode=mode, by=by))
        if mode is TradingMode.ACTIVE:
            self._guard_all()
        else:
            self.desk.cancel_entries(f"the trading mode is {mode}")

    def _acknowledge(self, alert: int, by: str) -> None:
        if any(each.seq == alert for each in self._draft.alerts):
            self.recorder.emit(AlertAcknowledged(alert=alert, by=by))

    def _trust(self, found: Sequence[Reconciliation], by: str) -> None:
        for each in found:
            is_same = self._draft.agents[each.agent].unsynced == each.unsynced
            if each.agrees and each.unsynced and is_same:
                self.recorder.emit(AccountSynced(agent=each.agent, by=by))

    def _flatten_all(self, by: str) -> None:
        for name in self._draft.agents:
            self.desk.flatten(name, f"flattened by {by}")
        self._set_paused(on=False, by=by)

    def _breakers_of(self, scope: str) -> Mapping[str, BreakerState]:
        if scope == ARENA:
            return self._committed.breakers
        if scope not in self._committed.agents:
            raise ControlRefused(f"no agent is called {scope}")
        return self._committed.agents[scope].breakers
