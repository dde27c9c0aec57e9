"""How breakers, locks, the kill switch and people change the arena's state."""

from collections.abc import Callable
from typing import Any

from cockpit.domain.events import (
    ARENA,
    AlertAcknowledged,
    BreakerReset,
    BreakerTripped,
    EmergencyAdvanced,
    EntriesLocked,
    Event,
    KillSwitchSet,
    TradingModeSet,
)
from cockpit.domain.market import Micros
from cockpit.trading.agent_state import AgentState, BreakerState, BreakerStatus, EntryLock
from cockpit.trading.fold_checks import FoldError, agent_of
from cockpit.trading.state import ArenaState


def _breaker(state: ArenaState, scope: str, name: str) -> BreakerState:
    breakers = state.breakers if scope == ARENA else agent_of(state, scope).breakers
    if name not in breakers:
        raise FoldError(f"{scope} has no breaker {name}")
    return breakers[name]


def _breaker_tripped(state: ArenaState, event: BreakerTripped, ts_ms: int) -> None:
    breaker = _breaker(state, event.scope, event.breaker)
    breaker.status = BreakerStatus.TRIPPED if event.until_ms is None else BreakerStatus.COOLING
    breaker.reason = event.reason
    breaker.stopped = event.stopped
    breaker.tripped_ms = ts_ms
    breaker.until_ms = event.until_ms
    breaker.trips += 1


def _breaker_reset(state: ArenaState, event: BreakerReset, ts_ms: int) -> None:
    breaker = _breaker(state, event.scope, event.breaker)
    breaker.status = BreakerStatus.ARMED
    breaker.reason = breaker.stopped = ""
    breaker.tripped_ms = breaker.until_ms = None
    agent = state.agents.get(event.scope)
    watch = agent.watch if agent else state.watch
    if event.breaker == "drawdown":
        watch.guard_peak = watch.equity
    elif event.breaker == "daily_loss":
        watch.day_start = watch.equity
    elif event.breaker == "errors":
        for each in [agent] if agent else state.agents.values():
            each.recent_failures.clear()
    elif event.breaker == "daily_trades" and agent is None:
        state.entries_today = 0
    elif event.breaker == "costs" and agent is None:
        for each in state.agents.values():
            each.costs_today = Micros(0)
    elif agent is not None and event.breaker in _AGENT_RESETS:
        _AGENT_RESETS[event.breaker](agent)


def _forgive_trades(agent: AgentState) -> None:
    agent.entries_today = 0


def _forgive_losses(agent: AgentState) -> None:
    agent.consecutive_losses = 0


def _forgive_refusals(agent: AgentState) -> None:
    agent.refusals_in_a_row = 0


def _forgive_costs(agent: AgentState) -> None:
    agent.costs_today = Micros(0)


def _forgive_fills(agent: AgentState) -> None:
    agent.worst_fill_today = 0.0


_AGENT_RESETS: dict[str, Callable[[AgentState], None]] = {
    "daily_trades": _forgive_trades,
    "consecutive_losses": _forgive_losses,
    "consecutive_refusals": _forgive_refusals,
    "costs": _forgive_costs,
    "fill_off_mark": _forgive_fills,
}
"""Breaker → what begins anew when it is reset, so that it doesn't trip again at once."""


def _entries_locked(state: ArenaState, event: EntriesLocked, ts_ms: int) -> None:
    agent = agent_of(state, event.agent)
    agent.locks = [lock for lock in agent.locks if lock.until_ms > ts_ms]
    agent.locks.append(
        EntryLock(
            symbol=event.symbol,
            protection=event.protection,
            reason=event.reason,
            until_ms=event.until_ms,
            is_long=event.is_long,
        )
    )


def _trading_mode_set(state: ArenaState, event: TradingModeSet, ts_ms: int) -> None:
    state.mode = event.mode


def _emergency_advanced(state: ArenaState, event: EmergencyAdvanced, ts_ms: int) -> None:
    if event.attempt == 1:
        state.emergency_steps = state.emergency_idle_steps = 0
    state.emergency = event.stage
    state.emergency_by = event.by
    state.emergency_attempt = event.attempt
    state.emergency_left = event.left


def _kill_switch_set(state: ArenaState, event: KillSwitchSet, ts_ms: int) -> None:
    state.killed = event.on
    state.killed_by = event.by
    if not event.on:
        state.emergency = None
        state.emergency_by = ""
        state.emergency_attempt = state.emergency_left = 0
        state.emergency_steps = state.emergency_idle_steps = 0


def _alert_acknowledged(state: ArenaState, event: AlertAcknowledged, ts_ms: int) -> None:
    left = [alert for alert in state.alerts if alert.seq != event.alert]
    if len(left) == len(state.alerts):
        raise FoldError(f"there is no alert {event.alert} to acknowledge")
    state.alerts = left


SAFETY_FOLDS: dict[type[Event], Callable[[ArenaState, Any, int], None]] = {
    BreakerTripped: _breaker_tripped,
    BreakerReset: _breaker_reset,
    EntriesLocked: _entries_locked,
    TradingModeSet: _trading_mode_set,
    EmergencyAdvanced: _emergency_advanced,
    KillSwitchSet: _kill_switch_set,
    AlertAcknowledged: _alert_acknowledged,
}
"""Event type → what it does to the state, given market time; each checks everything, then changes."""
