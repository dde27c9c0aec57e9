"""What waits for a person: raised once, told plainly, and there until somebody has seen it."""

import pytest

from cockpit.domain.events import (
    ARENA,
    AlertAcknowledged,
    BreakerTripped,
    EmergencyAdvanced,
    EmergencyStage,
    JournalOutage,
    KillSwitchSet,
    MarginExhausted,
    ReportRefused,
    ShortfallCovered,
)
from cockpit.trading.state import UNSEEN_ALERTS
from tests.trading.arena_facts import BTC, usd


def advanced(stage, attempt):
    return EmergencyAdvanced(stage=stage, by="zoe", attempt=attempt, detail="2 left")


# fmt: off
TOLD = [
    (BreakerTripped(scope="bob", breaker="drawdown", value=0.3, limit=0.2, reason="bob's drawdown of 30 %",
                    stopped="the agent"),
     "bob", "breaker_tripped", "bob's drawdown of 30 %; stopped: the agent"),
    (JournalOutage(lasted_ms=61_000, reason="disk full"),
     ARENA, "journal_outage", "the journal could not be written for 1m 1s: disk full"),
    (ReportRefused(agent="ann", order_id=3, report="executed", reason="too much"),
     "ann", "report_refused", "the venue's executed of order 3 was refused: too much"),
    (MarginExhausted(agent="ann", symbol=BTC.symbol, price=45_000.5, equity=usd(9), maintenance=usd(10)),
     "ann", "margin_exhausted", f"{BTC.symbol} is liquidated at 45000.5: $9.00 left, $10.00 needed"),
    (ShortfallCovered(agent="ann", amount=usd(2)),
     "ann", "shortfall_covered", "$2.00 were lost beyond what the account had; the venue bore them"),
    (advanced(EmergencyStage.FLATTENING, 2),
     ARENA, "emergency_advanced", "emergency stop by zoe, flattening: 2 left"),
    (advanced(EmergencyStage.HALTED, 1),
     ARENA, "emergency_advanced", "emergency stop by zoe, halted: 2 left"),
]
# fmt: on


@pytest.mark.parametrize(("event", "scope", "kind", "text"), TOLD, ids=[row[2] for row in TOLD])
def test_what_a_person_must_see_is_told_on_one_line(past, event, scope, kind, text):
    past.after(1).tell(event)
    (alert,) = past.state.alerts
    assert (alert.seq, alert.ts_ms, alert.scope) == (past.state.seq, past.now_ms, scope)
    assert (alert.kind, alert.text) == (kind, text)


@pytest.mark.parametrize(
    "event",
    [
        advanced(EmergencyStage.CANCELING, 1),
        advanced(EmergencyStage.FLATTENING, 1),
        KillSwitchSet(on=True, by="zoe"),
    ],
)
def test_what_goes_as_it_should_raises_none(past, event):
    assert past.tell(event).state.alerts == []


def test_an_alert_is_taken_off_by_its_number_and_the_others_stay(past):
    for reason in ("one", "two", "three"):
        past.tell(JournalOutage(lasted_ms=1, reason=reason))
    first, second, third = past.state.alerts
    past.tell(AlertAcknowledged(alert=second.seq, by="zoe"))
    assert past.state.alerts == [first, third]


def test_when_too_many_wait_the_oldest_gives_way(past):
    for number in range(UNSEEN_ALERTS + 2):
        past.tell(JournalOutage(lasted_ms=1, reason=f"number {number}"))
    assert len(past.state.alerts) == UNSEEN_ALERTS
    assert past.state.alerts[0].text.endswith("number 2")
