"""What keeps the arena from trading, and what accounts lose by force, in the read models."""

from collections.abc import Iterator

from cockpit.domain.events import (
    ARENA,
    AccountSynced,
    AlertAcknowledged,
    BreakerReset,
    BreakerTripped,
    EmergencyAdvanced,
    EntriesLocked,
    JournalOutage,
    KillSwitchSet,
    MarginExhausted,
    Recorded,
    RunStarted,
    ShortfallCovered,
    TradingModeSet,
)
from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.domain.safety_events import protection_words
from cockpit.journal.statements import Row, balance, risk_event


def breaker_tripped(recorded: Recorded, event: BreakerTripped, run: RunStarted | None) -> Iterator[Row]:
    """Which breaker, what it measured and what it stopped."""
    yield risk_event(
        recorded,
        "breaker_tripped",
        event.scope,
        rule=event.breaker,
        value=event.value,
        limit_value=event.limit,
        reason=event.reason,
        stopped=event.stopped,
        until_ms=event.until_ms,
    )


def breaker_reset(recorded: Recorded, event: BreakerReset, run: RunStarted | None) -> Iterator[Row]:
    """Which breaker, and who armed it again."""
    yield risk_event(recorded, "breaker_reset", event.scope, rule=event.breaker, by_whom=event.by)


def entries_locked(recorded: Recorded, event: EntriesLocked, run: RunStarted | None) -> Iterator[Row]:
    """Which protection, of which side, on what, until when."""
    yield risk_event(
        recorded,
        "entries_locked",
        event.agent,
        symbol=event.symbol,
        rule=protection_words(event.protection, event.is_long),
        reason=event.reason,
        until_ms=event.until_ms,
    )


def trading_mode_set(recorded: Recorded, event: TradingModeSet, run: RunStarted | None) -> Iterator[Row]:
    """The mode, and who set it."""
    yield risk_event(recorded, "trading_mode_set", ARENA, state=event.mode, by_whom=event.by)


def emergency_advanced(recorded: Recorded, event: EmergencyAdvanced, run: RunStarted | None) -> Iterator[Row]:
    """The stage, which attempt of it, and what was done."""
    yield risk_event(
        recorded,
        "emergency_advanced",
        ARENA,
        state=event.stage,
        value=float(event.attempt),
        reason=event.detail,
        by_whom=event.by,
    )


def alert_acknowledged(recorded: Recorded, event: AlertAcknowledged, run: RunStarted | None) -> Iterator[Row]:
    """Which alert, and who has seen it."""
    yield risk_event(recorded, "alert_acknowledged", ARENA, alert_seq=event.alert, by_whom=event.by)


def kill_switch_set(recorded: Recorded, event: KillSwitchSet, run: RunStarted | None) -> Iterator[Row]:
    """On or off, and who set it."""
    yield risk_event(recorded, "kill_switch_set", ARENA, by_whom=event.by, is_on=event.on)


def journal_outage(recorded: Recorded, event: JournalOutage, run: RunStarted | None) -> Iterator[Row]:
    """How long there was no journal, milliseconds."""
    yield risk_event(recorded, "journal_outage", ARENA, value=float(event.lasted_ms), reason=event.reason)


def margin_exhausted(recorded: Recorded, event: MarginExhausted, run: RunStarted | None) -> Iterator[Row]:
    """The liquidation: what stood behind the position, and what had to, in units of quote."""
    yield risk_event(
        recorded,
        "margin_exhausted",
        event.agent,
        symbol=event.symbol,
        price=event.price,
        value=event.equity / MICROS_PER_UNIT,
        limit_value=event.maintenance / MICROS_PER_UNIT,
        reason="its margin is used up: the position is liquidated",
    )


def shortfall_covered(recorded: Recorded, event: ShortfallCovered, run: RunStarted | None) -> Iterator[Row]:
    """What the venue bears of an account's loss, in units of quote, and the balance after it."""
    amount = event.amount / MICROS_PER_UNIT
    reason = "it lost more than it had: the venue bears the rest"
    yield risk_event(recorded, "shortfall_covered", event.agent, value=amount, reason=reason)
    yield balance(recorded, event.agent, covered=event.amount)


def account_synced(recorded: Recorded, event: AccountSynced, run: RunStarted | None) -> Iterator[Row]:
    """An account that agrees with the venue's, and who compared them."""
    yield risk_event(recorded, "account_synced", event.agent, by_whom=event.by)
