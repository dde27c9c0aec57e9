"""What a person has to see, and acknowledge."""

from collections.abc import Callable
from typing import Any

from cockpit.domain.events import (
    ARENA,
    KIND_OF,
    BreakerTripped,
    EmergencyAdvanced,
    EmergencyStage,
    Event,
    JournalOutage,
    MarginExhausted,
    Recorded,
    ReportRefused,
    ShortfallCovered,
    ThesisBroken,
)
from cockpit.domain.formats import duration, money
from cockpit.trading.state import UNSEEN_ALERTS, Alert, ArenaState


def raise_alert(state: ArenaState, recorded: Recorded) -> None:
    """Adds an event to what waits for a person, if it is worth one; the oldest gives way."""
    seq, ts_ms, _, event = recorded
    scope, text = ALERTING[type(event)](event)
    if text:
        state.alerts.append(Alert(seq=seq, ts_ms=ts_ms, kind=KIND_OF[type(event)], scope=scope, text=text))
        if len(state.alerts) > UNSEEN_ALERTS:
            del state.alerts[0]


def _breaker_tripped(event: BreakerTripped) -> tuple[str, str]:
    return event.scope, f"{event.reason}; stopped: {event.stopped}"


def _journal_outage(event: JournalOutage) -> tuple[str, str]:
    return ARENA, f"the journal could not be written for {duration(event.lasted_ms)}: {event.reason}"


def _report_refused(event: ReportRefused) -> tuple[str, str]:
    return event.agent, f"the venue's {event.report} of order {event.order_id} was refused: {event.reason}"


def _margin_exhausted(event: MarginExhausted) -> tuple[str, str]:
    left = f"{money(event.equity)} left, {money(event.maintenance)} needed"
    return event.agent, f"{event.symbol} is liquidated at {event.price:g}: {left}"


def _shortfall_covered(event: ShortfallCovered) -> tuple[str, str]:
    return event.agent, f"{money(event.amount)} were lost beyond what the account had; the venue bore them"


def _emergency_advanced(event: EmergencyAdvanced) -> tuple[str, str]:
    if event.stage is EmergencyStage.HALTED or event.attempt > 1:
        return ARENA, f"emergency stop by {event.by}, {event.stage}: {event.detail}"
    return ARENA, ""


def _thesis_broken(event: ThesisBroken) -> tuple[str, str]:
    """Where the position is closed for it there is nothing left to do for a person."""
    said = "by its own words its position is wrong"
    return event.agent, "" if event.closes else f"{event.symbol}: {said}: {event.condition}"


ALERTING: dict[type[Event], Callable[[Any], tuple[str, str]]] = {
    BreakerTripped: _breaker_tripped,
    JournalOutage: _journal_outage,
    ReportRefused: _report_refused,
    MarginExhausted: _margin_exhausted,
    ShortfallCovered: _shortfall_covered,
    EmergencyAdvanced: _emergency_advanced,
    ThesisBroken: _thesis_broken,
}
"""Event type → whom it concerns, and what it says; no words where it is not worth a person's look."""
