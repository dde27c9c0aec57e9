"""What switches, breakers, locks and emergency stops change in the state."""

from dataclasses import replace

import pytest

from cockpit.domain.decisions import FailureKind
from cockpit.domain.events import (
    ARENA,
    AlertAcknowledged,
    BreakerReset,
    BreakerTripped,
    DecisionFailed,
    EmergencyAdvanced,
    EmergencyStage,
    EntriesLocked,
    FundingPaid,
    KillSwitchSet,
    TradingMode,
    TradingModeSet,
)
from cockpit.domain.market import MINUTE_MS
from cockpit.trading.agent_state import BreakerStatus
from cockpit.trading.fold import FoldError
from tests.trading.arena_facts import BTC, CAPITAL, START_MS, Past, usd

LIMITS = dict.fromkeys(
    (
        "drawdown",
        "daily_loss",
        "daily_trades",
        "consecutive_losses",
        "errors",
        "consecutive_refusals",
        "costs",
        "fill_off_mark",
    ),
    1.0,
)


@pytest.fixture
def past():
    return Past.begun(agent_limits=LIMITS, arena_limits=LIMITS)


def tripped(scope, breaker, until_ms=None):
    return BreakerTripped(
        scope=scope, breaker=breaker, value=1.0, limit=0.5, reason="r", stopped="s", until_ms=until_ms
    )


def reset(scope, breaker):
    return BreakerReset(scope=scope, breaker=breaker, by="x")


def told(stage, attempt=1):
    return EmergencyAdvanced(stage=stage, by="ann", attempt=attempt, detail="d")


# --- What begins anew when a breaker is reset, so that it does not trip again at once


def test_a_reset_breaker_is_armed_and_remembers_how_often_it_tripped(past):
    past.tell(tripped("ann", "costs", until_ms=START_MS + 5), reset("ann", "costs"))
    breaker = past.state.agents["ann"].breakers["costs"]
    assert (breaker.status, breaker.reason, breaker.until_ms, breaker.trips) == (
        BreakerStatus.ARMED,
        "",
        None,
        1,
    )


@pytest.mark.parametrize(("scope", "whose"), [("ann", "ann"), (ARENA, None)])
def test_drawdown_is_measured_from_here_and_the_run_s_own_peak_stays(past, scope, whose):
    past.trade("ann", BTC, 100, 50_000.0).mark(40_000.0, 2_000.0)
    past.tell(reset(scope, "drawdown"))
    watch = past.state.agents[whose].watch if whose else past.state.watch
    assert watch.guard_peak == watch.equity < watch.peak


def test_the_day_s_loss_is_measured_from_here(past):
    past.trade("ann", BTC, 100, 50_000.0).mark(40_000.0, 2_000.0)
    past.tell(reset("ann", "daily_loss"))
    assert past.state.agents["ann"].watch.day_start == CAPITAL - usd(1_000)
    assert past.state.watch.day_start == 2 * CAPITAL


@pytest.mark.parametrize(("scope", "left"), [("ann", [0, 1]), (ARENA, [0, 0])])
def test_failures_are_forgiven(past, scope, left):
    for name in ("ann", "bob"):
        past.tell(DecisionFailed(agent=name, round=1, failure=FailureKind.CRASH, message=""))
    past.tell(reset(scope, "errors"))
    assert [len(each.recent_failures) for each in past.state.agents.values()] == left


def test_counts_of_an_agent_are_forgiven_one_by_one(past):
    past.trade("ann", BTC, 100, 60_000.0, fee=9).trade("ann", BTC, -100, 50_000.0)
    ann = past.state.agents["ann"]
    ann.refusals_in_a_row = 3
    # fmt: off
    counts = {
        "daily_trades":         lambda: (ann.entries_today, past.state.entries_today),
        "consecutive_losses":   lambda: ann.consecutive_losses,
        "consecutive_refusals": lambda: ann.refusals_in_a_row,
        "costs":                lambda: ann.costs_today,
        "fill_off_mark":        lambda: ann.worst_fill_today,
    }
    # fmt: on
    before = {name: count() for name, count in counts.items()}
    assert before == {
        "daily_trades": (2, 2),
        "consecutive_losses": 1,
        "consecutive_refusals": 3,
        "costs": 9,
        "fill_off_mark": pytest.approx(0.2),
    }
    for name in counts:
        past.tell(reset("ann", name))
        before[name] = (0, 2) if name == "daily_trades" else 0
        assert {each: count() for each, count in counts.items()} == before


def test_the_arena_s_own_counts_are_forgiven_for_all(past):
    past.trade("ann", BTC, 100, 50_000.0, fee=9)
    past.tell(FundingPaid(agent="ann", symbol=BTC.symbol, rate=0.1, paid=5))
    past.tell(reset(ARENA, "daily_trades"), reset(ARENA, "costs"))
    assert past.state.entries_today == 0
    assert past.state.agents["ann"].entries_today == 1
    assert past.state.agents["ann"].costs_today == 0


# --- Locks


def locked(symbol, minutes, agent="ann"):
    until_ms = START_MS + minutes * MINUTE_MS
    return EntriesLocked(agent=agent, symbol=symbol, protection="p", reason="r", until_ms=until_ms)


def test_locks_add_up_and_go_when_their_time_is_over(past):
    past.tell(locked(BTC.symbol, 2), locked(None, 5))
    ann = past.state.agents["ann"]
    assert [(lock.symbol, lock.protection) for lock in ann.locks] == [(BTC.symbol, "p"), (None, "p")]
    past.after(2).tell(locked(BTC.symbol, 9))
    assert [lock.until_ms for lock in ann.locks] == [START_MS + 5 * MINUTE_MS, START_MS + 9 * MINUTE_MS]
    assert past.state.agents["bob"].locks == []


# --- Modes and emergency stops


# fmt: off
MODES = [
    # what a person said, an arena breaker tripped, how far an emergency stop is, what orders may do
    ("active",   False, None,         "active"),
    ("active",   True,  None,         "reducing"),
    ("reducing", False, None,         "reducing"),
    ("reducing", True,  None,         "reducing"),
    ("halted",   False, None,         "halted"),
    ("halted",   True,  None,         "halted"),
    ("active",   False, "canceling",  "reducing"),
    ("active",   False, "flattening", "reducing"),
    ("halted",   False, "flattening", "halted"),
    ("active",   False, "halted",     "halted"),
    ("reducing", False, "halted",     "halted"),
]
# fmt: on


@pytest.mark.parametrize(("said", "is_tripped", "stage", "mode"), MODES)
def test_of_all_that_limits_trading_the_strictest_counts(past, said, is_tripped, stage, mode):
    past.tell(TradingModeSet(mode=TradingMode(said), by="x"))
    if is_tripped:
        past.tell(tripped(ARENA, "drawdown"))
    if stage:
        past.tell(told(EmergencyStage(stage)))
    assert past.state.trading_mode == mode


def test_an_agent_s_breaker_changes_nothing_for_the_others(past):
    past.tell(tripped("ann", "drawdown"))
    assert past.state.trading_mode is TradingMode.ACTIVE
    assert (past.state.agents["ann"].benched, past.state.agents["bob"].benched) == (True, False)


def test_an_emergency_stop_remembers_its_stage_who_asked_and_which_attempt(past):
    past.tell(told(EmergencyStage.CANCELING), told(EmergencyStage.CANCELING, 2))
    state = past.state
    assert (state.emergency, state.emergency_by, state.emergency_attempt) == ("canceling", "ann", 2)


def test_market_steps_are_counted_anew_from_each_stage_and_not_from_each_attempt(past):
    counted = []
    for event in (
        told(EmergencyStage.CANCELING),
        told(EmergencyStage.CANCELING, 2),
        told(EmergencyStage.FLATTENING),
        replace(told(EmergencyStage.HALTED), left=3),
    ):
        past.tell(event)
        for _ in range(2):
            past.now_ms += MINUTE_MS
            past.mark(50_000.0, 2_000.0)
        counted.append((past.state.emergency_steps, past.state.emergency_left))
    assert counted == [(2, 0), (4, 0), (2, 0), (2, 3)]
    assert past.state.emergency_idle_steps == 2
    past.tell(KillSwitchSet(on=False, by="bob"))
    past.mark(50_000.0, 2_000.0)
    state = past.state
    assert (state.emergency_steps, state.emergency_idle_steps, state.emergency_left) == (0, 0, 0)


def test_the_kill_switch_turned_off_ends_it_and_turned_on_does_not(past):
    past.tell(told(EmergencyStage.HALTED), KillSwitchSet(on=True, by="ann"))
    assert past.state.emergency is EmergencyStage.HALTED
    past.tell(KillSwitchSet(on=False, by="bob"))
    state = past.state
    assert (state.emergency, state.emergency_by, state.emergency_attempt) == (None, "", 0)


def test_an_alert_that_is_not_there_can_not_be_acknowledged(past):
    untouched = past.copy()
    with pytest.raises(FoldError, match="there is no alert 9"):
        past.tell(AlertAcknowledged(alert=9, by="x"))
    assert past.state == untouched.state
