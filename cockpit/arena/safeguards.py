"""What watches an arena after every market step: breakers, protections, theses, exits that are due."""

from dataclasses import dataclass, field

from cockpit.arena.invalidation_watch import InvalidationWatch
from cockpit.arena.order_desk import OrderDesk
from cockpit.arena.recorder import Recorder
from cockpit.arena.rules import Rules
from cockpit.arena.tape import Tape
from cockpit.domain.events import ARENA, BreakerTripped, ThesisBroken
from cockpit.trading.breakers import changes
from cockpit.trading.protections import locks_due
from cockpit.trading.state import ArenaState


@dataclass(slots=True, kw_only=True)
class Safeguards:
    """Acts on what the market's last step made of positions.

    Attributes:
        recorder: Where events go.
        desk: Where orders go.
        tape: What the market has said.
        rules: How the arena trades.
    """

    recorder: Recorder
    desk: OrderDesk
    tape: Tape
    rules: Rules
    _theses: InvalidationWatch = field(init=False)

    def __post_init__(self) -> None:
        self._theses = InvalidationWatch(self.tape.instruments, self.tape.candles.timeframes)

    @property
    def _state(self) -> ArenaState:
        return self.recorder.draft

    def heed(self, *, is_winding_down: bool) -> None:
        """Trips, re-arms, locks and closes what has to be.

        Args:
            is_winding_down: Whether everything is to be closed before the bot stops.
        """
        self._heed_breakers()
        self._heed_protections()
        self._heed_theses()
        self._see_to_exits(is_winding_down)

    def _heed_breakers(self) -> None:
        for change in list(changes(self._state, self.rules.breakers)):
            self.recorder.emit(change)
            if isinstance(change, BreakerTripped):
                self._stop_what_tripped(change)

    def _stop_what_tripped(self, change: BreakerTripped) -> None:
        reason = f"breaker {change.breaker} tripped"
        if change.scope == ARENA:
            self.desk.cancel_entries(reason)
        else:
            self.desk.flatten(change.scope, reason)

    def _heed_protections(self) -> None:
        for lock in list(locks_due(self._state, self.rules.protections)):
            self.recorder.emit(lock)

    def _heed_theses(self) -> None:
        """A position that its agent's own words prove wrong is told of, and closed where settings say so."""
        stated = [name for name, agent in self._state.agents.items() if agent.stated_ms]
        if not stated:
            return
        cut = self.tape.candles.cut(self._state.ts_ms)
        for name in stated:
            for breach in list(self._theses.breaches(self._state.agents[name], self._state.marks, cut)):
                if self.desk.blotter.is_closing(name, breach.symbol):
                    continue
                closes = name in self.rules.closing
                self.recorder.emit(
                    ThesisBroken(agent=name, symbol=breach.symbol, condition=breach.condition, closes=closes)
                )

    def _see_to_exits(self, is_winding_down: bool) -> None:
        """Closes again what should be closed: an entry may fill, or a way out fail, after a flattening."""
        if self._state.is_stopped:
            return
        for name, agent in self._state.agents.items():
            must_leave = is_winding_down or agent.benched or agent.closed
            if must_leave and agent.account.positions:
                self.desk.flatten(name, "a position is open that was to be closed")
            self.desk.leave_unwanted(name)
