"""What kept agents from trading, or took something from them: as data and in words, every kind of it."""

from typing import get_args

import pytest

from cockpit.domain.events import (
    AccountSynced,
    BreakerReset,
    BreakerTripped,
    EmergencyAdvanced,
    EmergencyStage,
    EntriesLocked,
    KillSwitchSet,
    MarginExhausted,
    ReportRefused,
    ShortfallCovered,
    TradingMode,
    TradingModeSet,
)
from cockpit.report.incidents import incident_row, incident_words
from cockpit.report.session import Incident, IncidentEvent
from cockpit.report.values import encode
from tests.report.story import START_MS, SYMBOL, micros

KINDS = [
    (
        BreakerTripped(
            scope="bob", breaker="costs", value=0.06, limit=0.05, reason="too much", stopped="bob"
        ),
        "breaker tripped",
        ("bob: costs tripped", "too much; stopped bob"),
    ),
    (
        BreakerReset(scope="bob", breaker="costs", by="cool-down"),
        "breaker reset",
        ("bob: costs reset", "by cool-down"),
    ),
    (KillSwitchSet(on=False, by="a person"), "kill switch off", ("kill switch off", "by a person")),
    (
        TradingModeSet(mode=TradingMode.REDUCING, by="a person"),
        "trading mode",
        ("trading mode reducing", "by a person"),
    ),
    (
        EmergencyAdvanced(stage=EmergencyStage.FLATTENING, by="a person", attempt=2, detail="1 still open"),
        "emergency stop",
        ("emergency stop: flattening, attempt 2", "1 still open; by a person"),
    ),
    (
        EntriesLocked(
            agent="bob", symbol=SYMBOL, protection="StoplossGuard", reason="4 stops", until_ms=START_MS
        ),
        "entries locked",
        ("bob: no entries in BTC/USDC:USDC until 2025-01-01T00:00:00Z", "StoplossGuard: 4 stops"),
    ),
    (
        EntriesLocked(agent="bob", symbol=None, protection="MaxDrawdown", reason="20%", until_ms=START_MS),
        "entries locked",
        ("bob: no entries until 2025-01-01T00:00:00Z", "MaxDrawdown: 20%"),
    ),
    (
        EntriesLocked(
            agent="bob",
            symbol=None,
            protection="StoplossGuard",
            reason="4 stops",
            until_ms=START_MS,
            is_long=True,
        ),
        "entries locked",
        ("bob: no entries until 2025-01-01T00:00:00Z", "StoplossGuard (long): 4 stops"),
    ),
    (
        MarginExhausted(agent="bob", symbol=SYMBOL, price=150.5, equity=micros(1), maintenance=micros(2)),
        "liquidation",
        ("bob: BTC/USDC:USDC liquidated at 150.50", "$1.00 stood behind it, $2.00 had to"),
    ),
    (
        ShortfallCovered(agent="bob", amount=micros(12.5)),
        "shortfall covered",
        ("bob: $12.50 borne by the venue", "the account lost more than it had"),
    ),
    (
        ReportRefused(agent="bob", order_id=7, report="executed", reason="it overfills"),
        "report refused",
        ("bob: the venue's executed of order 7 refused", "it overfills"),
    ),
    (
        AccountSynced(agent="bob", by="a person"),
        "account synced",
        ("bob: in sync with the venue again", "by a person"),
    ),
]


@pytest.mark.parametrize(("event", "what", "words"), KINDS, ids=lambda value: str(value)[:30])
def test_each_kind_is_told(event: IncidentEvent, what: str, words: tuple[str, str]) -> None:
    incident = Incident(START_MS, event)
    row = incident_row(incident)
    assert (row["what"], row["time"]) == (what, "2025-01-01T00:00:00Z")
    assert row["scope"] in {"bob", "arena"}
    assert encode(row)
    assert incident_words(incident) == words


def test_there_is_no_other_kind() -> None:
    assert {type(event) for event, _, _ in KINDS} == set(get_args(IncidentEvent))
