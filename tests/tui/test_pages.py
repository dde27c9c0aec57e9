import pytest

from cockpit.daemon.api_models import Health
from cockpit.domain.events import BreakerTripped, EmergencyAdvanced, EmergencyStage, Recorded
from cockpit.tui.screens.pages import _FACTS, _SHOWN_ALREADY, status_lines
from cockpit.tui.store import Connection, Store
from tests.tui.recorded_arena import state_at

HEALTH = {
    "pid": 4242,
    "bot": "arena",
    "market_interval_ms": 60_000,
    "started_time": "2025-01-01T00:00:00Z",
    "uptime_s": 3_725.4,
    "speed": 600.0,
    "outage": None,
    "unsynced": [],
    "last_step_age_s": 0.6,
}
"""What a bot says of itself, as far as it matters here."""


@pytest.fixture
def store(arena_events) -> Store:
    store = Store(bot="arena")
    store.attach(state_at(arena_events, len(arena_events)))
    store.set_connection(Connection.LIVE)
    return store


def facts(store: Store, **changed: object) -> dict[str, str]:
    lines = (line.plain for line in status_lines(store, HEALTH | changed))
    return {line[:20].strip(): line[20:].strip() for line in lines}


def test_facts_are_said_in_words(store):
    told = facts(store)
    assert "bars of 1m" in told["market"]
    assert told["journal outage"] == "none"
    assert told["up for"] == "1h 2m"
    assert told["speed"] == "600×"
    assert told["last bar"] == "1s ago"


def test_what_keeps_orders_back_is_among_them(store):
    told = facts(store)
    assert (told["trading mode"], told["emergency stop"], told["alerts"]) == ("active", "none", "none")
    assert told["out of sync"] == "none"
    reducing = BreakerTripped(
        scope="arena", breaker="drawdown", value=1, limit=1, reason="so", stopped="entries"
    )
    stopping = EmergencyAdvanced(stage=EmergencyStage.CANCELING, by="me", attempt=2, detail="so")
    for event in (reducing, stopping):
        store.take(Recorded(store.state.seq + 1, store.state.ts_ms, "run-1", event))
    told = facts(store, unsynced=["ann", "bob"], emergency={"stage": "canceling"})
    assert told["trading mode"] == "reducing (asked for: active)"
    assert told["emergency stop"] == "canceling, attempt 2, asked for by me"
    assert told["alerts"] == "2 not acknowledged"
    assert told["out of sync"] == "ann, bob"
    assert "emergency" not in told


def test_a_stop_that_left_positions_open_says_so(store):
    halted = EmergencyAdvanced(stage=EmergencyStage.HALTED, by="me", attempt=1, detail="so", left=2)
    store.take(Recorded(store.state.seq + 1, store.state.ts_ms, "run-1", halted))
    count = sum(len(agent.account.positions) for agent in store.state.agents.values())
    assert count > 0
    words = f"halted, attempt 1, asked for by me; POSITIONS STILL OPEN: {count}"
    assert facts(store)["emergency stop"] == words


def test_facts_that_are_missing_or_unusual_are_said_too(store):
    told = facts(store, outage="no space left", speed=None, last_step_age_s=None, threads=3, tls=False)
    assert told["journal outage"] == "no space left"
    assert told["speed"] == "as fast as it can"
    assert told["last bar"] == "none yet"
    assert (told["threads"], told["tls"]) == ("3", "no")


def test_nothing_is_left_that_only_a_machine_reads(store):
    told = facts(store)
    assert not {"market interval ms", "settings", "uptime s", "outage"} & set(told)
    assert store.state.agreement.settings_digest not in "".join(told.values())


def test_every_fact_that_has_a_unit_is_put_into_words():
    raw = set(Health.model_fields) - _SHOWN_ALREADY - set(_FACTS)
    assert not [name for name in raw if name.endswith(("_s", "_ms", "_time", "_micros", "_fraction"))]
