"""What kept agents from trading, or took something from them: as data, and in words."""

from collections.abc import Callable
from typing import Any

from cockpit.domain.events import (
    ARENA,
    AccountSynced,
    BreakerReset,
    BreakerTripped,
    EmergencyAdvanced,
    EntriesLocked,
    KillSwitchSet,
    MarginExhausted,
    ReportRefused,
    ShortfallCovered,
    TradingModeSet,
)
from cockpit.domain.formats import money, price, time_of
from cockpit.domain.plain_text import plain_text
from cockpit.domain.safety_events import protection_words, side_word
from cockpit.report.session import Incident, IncidentEvent
from cockpit.report.values import Document, amount, instant, statistic


def incident_row(incident: Incident) -> Document:
    """One incident as data."""
    what, facts = _FACTS[type(incident.event)](incident.event)
    return {"time": instant(incident.ts_ms), **facts, "what": what}


def incident_words(incident: Incident) -> tuple[str, str]:
    """What happened to whom, and why."""
    return _WORDS[type(incident.event)](incident.event)


def _tripped(event: BreakerTripped) -> tuple[str, Document]:
    return "breaker tripped", {
        "scope": plain_text(event.scope),
        "breaker": plain_text(event.breaker),
        "value": statistic(event.value),
        "limit": event.limit,
        "reason": plain_text(event.reason),
        "stopped": plain_text(event.stopped),
        "until": instant(event.until_ms),
    }


def _reset(event: BreakerReset) -> tuple[str, Document]:
    return "breaker reset", {
        "scope": plain_text(event.scope),
        "breaker": plain_text(event.breaker),
        "by": plain_text(event.by),
    }


def _switched(event: KillSwitchSet) -> tuple[str, Document]:
    return f"kill switch {'on' if event.on else 'off'}", {"scope": ARENA, "by": plain_text(event.by)}


def _mode(event: TradingModeSet) -> tuple[str, Document]:
    return "trading mode", {"scope": ARENA, "mode": event.mode, "by": plain_text(event.by)}


def _emergency(event: EmergencyAdvanced) -> tuple[str, Document]:
    return "emergency stop", {
        "scope": ARENA,
        "stage": event.stage,
        "attempt": event.attempt,
        "reason": plain_text(event.detail),
        "by": plain_text(event.by),
    }


def _locked(event: EntriesLocked) -> tuple[str, Document]:
    return "entries locked", {
        "scope": plain_text(event.agent),
        "symbol": None if event.symbol is None else plain_text(event.symbol),
        "protection": plain_text(event.protection),
        "side": side_word(event.is_long),
        "reason": plain_text(event.reason),
        "until": instant(event.until_ms),
    }


def _liquidated(event: MarginExhausted) -> tuple[str, Document]:
    return "liquidation", {
        "scope": plain_text(event.agent),
        "symbol": plain_text(event.symbol),
        "price": statistic(event.price),
        "equity": amount(event.equity),
        "maintenance": amount(event.maintenance),
    }


def _covered(event: ShortfallCovered) -> tuple[str, Document]:
    return "shortfall covered", {"scope": plain_text(event.agent), "amount": amount(event.amount)}


def _refused(event: ReportRefused) -> tuple[str, Document]:
    return "report refused", {
        "scope": plain_text(event.agent),
        "order_id": event.order_id,
        "report": plain_text(event.report),
        "reason": plain_text(event.reason),
    }


def _synced(event: AccountSynced) -> tuple[str, Document]:
    return "account synced", {"scope": plain_text(event.agent), "by": plain_text(event.by)}


_FACTS: dict[type[IncidentEvent], Callable[[Any], tuple[str, Document]]] = {
    BreakerTripped: _tripped,
    BreakerReset: _reset,
    KillSwitchSet: _switched,
    TradingModeSet: _mode,
    EmergencyAdvanced: _emergency,
    EntriesLocked: _locked,
    MarginExhausted: _liquidated,
    ShortfallCovered: _covered,
    ReportRefused: _refused,
    AccountSynced: _synced,
}


def _locked_words(event: EntriesLocked) -> tuple[str, str]:
    where = "no entries" if event.symbol is None else f"no entries in {event.symbol}"
    protection = protection_words(event.protection, event.is_long)
    return f"{event.agent}: {where} until {time_of(event.until_ms)}", f"{protection}: {event.reason}"


def _liquidated_words(event: MarginExhausted) -> tuple[str, str]:
    left = f"{money(event.equity)} stood behind it, {money(event.maintenance)} had to"
    return f"{event.agent}: {event.symbol} liquidated at {price(event.price)}", left


_WORDS: dict[type[IncidentEvent], Callable[[Any], tuple[str, str]]] = {
    BreakerTripped: lambda event: (
        f"{event.scope}: {event.breaker} tripped",
        f"{event.reason}; stopped {event.stopped}",
    ),
    BreakerReset: lambda event: (f"{event.scope}: {event.breaker} reset", f"by {event.by}"),
    KillSwitchSet: lambda event: (f"kill switch {'on' if event.on else 'off'}", f"by {event.by}"),
    TradingModeSet: lambda event: (f"trading mode {event.mode}", f"by {event.by}"),
    EmergencyAdvanced: lambda event: (
        f"emergency stop: {event.stage}, attempt {event.attempt}",
        f"{event.detail}; by {event.by}",
    ),
    EntriesLocked: _locked_words,
    MarginExhausted: _liquidated_words,
    ShortfallCovered: lambda event: (
        f"{event.agent}: {money(event.amount)} borne by the venue",
        "the account lost more than it had",
    ),
    ReportRefused: lambda event: (
        f"{event.agent}: the venue's {event.report} of order {event.order_id} refused",
        event.reason,
    ),
    AccountSynced: lambda event: (f"{event.agent}: in sync with the venue again", f"by {event.by}"),
}
