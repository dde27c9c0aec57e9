"""What may leave the house at all, worked out from nothing but the journal's events."""

from collections import defaultdict

from cockpit.domain.events import (
    ARENA,
    AccountSynced,
    BreakerReset,
    BreakerTripped,
    DecisionMade,
    EmergencyAdvanced,
    EmergencyStage,
    EntriesLocked,
    KillSwitchSet,
    ReportRefused,
    TradingMode,
    TradingModeSet,
)
from cockpit.domain.orders import OrderPurpose
from tests.machines.money_oracle import MoneyOracle

WAY_OUT = {OrderPurpose.FLATTEN, OrderPurpose.LIQUIDATION}
STAGES = list(EmergencyStage)


class SafetyOracle(MoneyOracle):
    """Knows every switch, breaker and lock, and what each agent said last."""

    def __init__(self):
        super().__init__()
        self.killed, self.mode, self.emergency = False, TradingMode.ACTIVE, None
        self.unsynced, self.locks, self.tripped = set(), defaultdict(list), defaultdict(set)
        self.targets = {}

    def kill_switch_set(self, event):
        self.killed = event.on
        if not event.on:
            self.emergency = None

    def mode_set(self, event):
        self.mode = event.mode

    def emergency_advanced(self, event):
        begins = self.emergency in {None, EmergencyStage.HALTED} and event.stage is EmergencyStage.CANCELING
        assert begins or STAGES.index(event.stage) - STAGES.index(self.emergency) in {0, 1}
        if event.stage is EmergencyStage.HALTED:
            is_left = bool(self.alive()) or any(self.sums.values())
            assert is_left == bool(event.left), "what is left after an emergency stop is not told truly"
        self.emergency = event.stage

    def breaker_tripped(self, event):
        self.tripped[event.scope].add(event.breaker)

    def breaker_reset(self, event):
        self.tripped[event.scope].discard(event.breaker)

    def entries_locked(self, event):
        self.locks[event.agent].append(event)

    def report_refused(self, event):
        if event.agent in self.names:
            self.unsynced.add(event.agent)

    def account_synced(self, event):
        self.unsynced.discard(event.agent)

    def decision_made(self, event):
        assert event.agent not in self.closed, "a bankrupt agent was asked"
        assert not self.tripped[event.agent], "a benched agent was asked"
        for target in event.targets:
            self.targets[event.agent, target.symbol] = target

    def check_sending(self, order):
        is_forced = order.purpose is OrderPurpose.LIQUIDATION or (
            order.purpose is OrderPurpose.FLATTEN and self.emergency is not None
        )
        assert is_forced or not self.killed, "an order left while the kill switch was on"
        if self.mode is TradingMode.HALTED or self.emergency is EmergencyStage.HALTED:
            assert is_forced, "an order left while trading was halted"
        if order.agent in self.closed:
            assert order.purpose in WAY_OUT, "a closed account trades"
        if not order.reduce_only:
            self._check_entry(order)

    def _check_entry(self, order):
        may_only_fall = (
            self.mode is not TradingMode.ACTIVE or self.emergency is not None or self.tripped[ARENA]
        )
        assert not may_only_fall, "exposure was asked for where it may only fall"
        assert not self.tripped[order.agent], "a benched agent opens positions"
        assert order.agent not in self.unsynced, "an account that may not be the venue's opens positions"
        for lock in self.locks[order.agent]:
            is_meant = lock.symbol in {None, order.symbol} and lock.is_long in {None, order.signed_lots > 0}
            assert lock.until_ms <= self.now_ms or not is_meant, "an entry left in spite of a lock"

    def compare_safety(self, state):
        assert (state.killed, state.mode, state.emergency) == (self.killed, self.mode, self.emergency)
        assert {name for name, agent in state.agents.items() if agent.unsynced} == self.unsynced
        for name, agent in state.agents.items():
            assert agent.benched == bool(self.tripped[name])


SafetyOracle.readers = MoneyOracle.readers | {
    KillSwitchSet: SafetyOracle.kill_switch_set,
    TradingModeSet: SafetyOracle.mode_set,
    EmergencyAdvanced: SafetyOracle.emergency_advanced,
    BreakerTripped: SafetyOracle.breaker_tripped,
    BreakerReset: SafetyOracle.breaker_reset,
    EntriesLocked: SafetyOracle.entries_locked,
    ReportRefused: SafetyOracle.report_refused,
    AccountSynced: SafetyOracle.account_synced,
    DecisionMade: SafetyOracle.decision_made,
}
