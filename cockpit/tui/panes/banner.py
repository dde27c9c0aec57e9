"""One loud line for what must not be missed; not there while all is well."""

from collections.abc import Mapping

from cockpit.domain.events import EmergencyStage, TradingMode
from cockpit.domain.formats import clock
from cockpit.trading.state import ArenaState
from cockpit.tui import look
from cockpit.tui.keys import key_word
from cockpit.tui.line import Line
from cockpit.tui.panes.band import Band
from cockpit.tui.panes.header import is_stopping
from cockpit.tui.store import Connection, Store, Topic


class BannerBand(Band):
    """Says what is wrong, what to do, and last what may be cut off where there is no room.

    Args:
        store: How things stand.
        keys: Action id → key.
    """

    topics = (Topic.RUN,)

    def __init__(self, store: Store, keys: Mapping[str, str]) -> None:
        super().__init__(store, "banner")
        self._keys = keys

    def band_lines(self, width: int) -> list[Line]:
        """See `Band`."""
        said = banner_of(self.store, self._keys)
        return [] if said is None else [Line().add(f" {said[0]}", said[1], width)]


def banner_of(store: Store, keys: Mapping[str, str]) -> tuple[str, str] | None:
    """The gravest thing to say, and its style; None while all is well."""
    if store.connection in {Connection.LOST, Connection.ABSENT}:
        return _of_connection(store, key_word(keys["start"]))
    return _of_arena(store, keys) if store.connection is Connection.LIVE else None


def _of_connection(store: Store, start_key: str) -> tuple[str, str] | None:
    if store.state.run is None:
        return None
    seen = f"things stood like this at {clock(store.state.ts_ms)}"
    if store.connection is Connection.LOST:
        why = f": {store.trouble}" if store.trouble else ""
        return f"✗ THE BOT DOES NOT ANSWER, trying again every second; {seen}{why}", look.LOUD_BAD
    return f"○ THE BOT IS NOT RUNNING, {start_key} starts it; {seen}", look.LOUD_WARN


def _of_arena(store: Store, keys: Mapping[str, str]) -> tuple[str, str] | None:
    state = store.state
    if store.outage is not None:
        return f"■ HALTED until the journal can be written: {store.outage}", look.LOUD_BAD
    if is_stopping(state):
        return _of_emergency(state, keys), look.LOUD_BAD
    if state.killed:
        return _of_kill_switch(state, key_word(keys["kill"])), look.LOUD_BAD
    return _of_mode(state, keys)


def _of_emergency(state: ArenaState, keys: Mapping[str, str]) -> str:
    end = f"{key_word(keys['kill'])} gives it up" if state.killed else "it ends by itself"
    step = "1 of 2, cancelling orders" if state.emergency is EmergencyStage.CANCELING else "2 of 2, closing"
    return (
        f"■ EMERGENCY STOP, {end}: step {step}, attempt {state.emergency_attempt}; "
        f"then the kill switch stays on; asked for by {state.emergency_by}"
    )


def _of_kill_switch(state: ArenaState, key: str) -> str:
    words, count = "nothing is sent", state.open_positions
    if state.emergency is not None:
        still = f"{count} POSITION{'S' if count > 1 else ''} STILL OPEN"
        after = f"{still if count else words} after an emergency stop"
        words = f"{after}; nothing is sent but what closes them" if count else after
    return f"■ KILL SWITCH ON, {key} turns it off: {words}; set by {state.killed_by}"


def _of_mode(state: ArenaState, keys: Mapping[str, str]) -> tuple[str, str] | None:
    mode_key = key_word(keys["mode"])
    if state.mode is TradingMode.HALTED:
        return f"■ HALTED, {mode_key} changes the mode: nothing but cancels goes out", look.LOUD_BAD
    tripped = next(((name, each) for name, each in state.breakers.items() if each.reason), None)
    if tripped is not None:
        name, breaker = tripped
        again = f"{key_word(keys['reset_breaker'])} arms it again"
        return f"◐ REDUCING by breaker {name}, {again}: {breaker.reason}", look.LOUD_BAD
    if state.mode is TradingMode.REDUCING:
        return f"◐ REDUCING, {mode_key} changes the mode: only what reduces exposure goes out", look.LOUD_WARN
    return None
