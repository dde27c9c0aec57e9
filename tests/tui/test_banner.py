"""What is wrong, and what to do, before anything that may be cut off."""

from dataclasses import replace

import pytest

from cockpit.domain.events import (
    BreakerTripped,
    EmergencyAdvanced,
    EmergencyStage,
    KillSwitchSet,
    Recorded,
    TradingMode,
    TradingModeSet,
)
from cockpit.tui.keys import keymap
from cockpit.tui.panes.banner import banner_of
from cockpit.tui.store import Connection, Store
from tests.tui.recorded_arena import state_at

REASON = "the arena's drawdown of 21.0% reached the limit of 20.0%, measured from the peak at noon"


@pytest.fixture
def store(arena_events) -> Store:
    store = Store(bot="arena")
    store.attach(state_at(arena_events, len(arena_events)))
    store.set_connection(Connection.LIVE)
    return store


def happens(store: Store, event) -> None:
    store.take(Recorded(store.state.seq + 1, store.state.ts_ms, "run-1", event))


def said(store: Store, **keys: str) -> str:
    banner = banner_of(store, keymap(keys))
    assert banner is not None
    return banner[0][:79]


def trip(store: Store) -> None:
    happens(
        store,
        BreakerTripped(scope="arena", breaker="drawdown", value=1, limit=1, reason=REASON, stopped="all"),
    )


def test_nothing_is_said_while_all_is_well(store):
    assert banner_of(store, keymap({})) is None


def test_a_halt_says_in_eighty_columns_which_key_ends_it(store):
    trip(store)
    assert "◐ REDUCING by breaker drawdown, R arms it again: the arena's" in said(store)


@pytest.mark.parametrize(
    ("mode", "begins"),
    [
        (TradingMode.HALTED, "■ HALTED, m changes the mode: nothing but cancels goes out"),
        (TradingMode.REDUCING, "◐ REDUCING, m changes the mode: only what reduces exposure goes out"),
    ],
)
def test_a_mode_says_in_eighty_columns_which_key_changes_it(store, mode, begins):
    happens(store, TradingModeSet(mode=mode, by="me"))
    assert said(store) == begins
    happens(store, TradingModeSet(mode=TradingMode.ACTIVE, by="me"))
    assert banner_of(store, keymap({})) is None


def test_an_emergency_stop_says_how_far_it_has_come_and_what_ends_it(store):
    happens(store, advanced(EmergencyStage.CANCELING, 1))
    assert said(store).startswith(
        "■ EMERGENCY STOP, it ends by itself: step 1 of 2, cancelling orders, attempt 1"
    )
    happens(store, advanced(EmergencyStage.FLATTENING, 2))
    assert said(store).startswith("■ EMERGENCY STOP, it ends by itself: step 2 of 2, closing, attempt 2")
    happens(store, KillSwitchSet(on=True, by="me"))
    assert said(store).startswith("■ EMERGENCY STOP, K gives it up: step 2 of 2"), "it was killed before"
    happens(store, advanced(EmergencyStage.HALTED, 1))
    count = sum(len(agent.account.positions) for agent in store.state.agents.values())
    assert f"K turns it off: {count} POSITIONS STILL OPEN after an emergency" in said(store), "in 80 columns"
    for agent in store.state.agents.values():
        agent.account = replace(agent.account, positions={})
    assert said(store).startswith("■ KILL SWITCH ON, K turns it off: nothing is sent after an emergency stop")


def test_the_gravest_comes_first(store):
    happens(store, TradingModeSet(mode=TradingMode.HALTED, by="me"))
    trip(store)
    assert "m changes the mode" in said(store), "arming the breaker alone would change nothing"
    happens(store, KillSwitchSet(on=True, by="me"))
    assert "KILL SWITCH ON" in said(store)


def advanced(stage: EmergencyStage, attempt: int) -> EmergencyAdvanced:
    return EmergencyAdvanced(stage=stage, by="me", attempt=attempt, detail="2 orders left")


def test_every_key_is_the_one_in_the_settings(store):
    trip(store)
    assert "f5 arms it again" in said(store, reset_breaker="f5")
    happens(store, KillSwitchSet(on=True, by="a person with a very long name " * 3))
    assert "f6 turns it off" in said(store, kill="f6")
    happens(store, KillSwitchSet(on=False, by="me"))
    happens(store, TradingModeSet(mode=TradingMode.HALTED, by="me"))
    assert "f8 changes the mode" in said(store, mode="f8")
    store.set_connection(Connection.ABSENT)
    assert "f7 starts it" in said(store, start="f7")


def test_a_journal_that_is_out_comes_before_all_else_of_the_arena(store):
    trip(store)
    store.set_outage("no space left on device")
    assert said(store) == "■ HALTED until the journal can be written: no space left on device"


def test_before_any_run_the_welcome_speaks_instead():
    store = Store(bot="arena", state=replace(Store(bot="arena").state))
    store.set_connection(Connection.ABSENT)
    assert banner_of(store, keymap({})) is None
