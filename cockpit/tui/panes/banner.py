"""One loud line for what must not be missed; not there while all is well."""

from cockpit.domain.formats import clock
from cockpit.tui import look
from cockpit.tui.line import Line
from cockpit.tui.panes.band import Band
from cockpit.tui.store import Connection, Store, Topic


class BannerBand(Band):
    """Says what is wrong, what it means, and what to do."""

    topics = (Topic.RUN,)

    def band_lines(self, width: int) -> list[Line]:
        """See `Band`."""
        said = banner_of(self.store)
        return [] if said is None else [Line().add(f" {said[0]}", said[1], width)]


def banner_of(store: Store) -> tuple[str, str] | None:
    """The gravest thing to say, and its style; None while all is well."""
    if store.connection in {Connection.LOST, Connection.ABSENT}:
        return _of_connection(store)
    return _of_arena(store) if store.connection is Connection.LIVE else None


def _of_connection(store: Store) -> tuple[str, str] | None:
    if store.state.run is None:
        return None
    seen = f"things stood like this at {clock(store.state.ts_ms)}"
    if store.connection is Connection.LOST:
        why = f": {store.trouble}" if store.trouble else ""
        return f"✗ THE BOT DOES NOT ANSWER, trying again every second; {seen}{why}", look.LOUD_BAD
    return f"○ THE BOT IS NOT RUNNING; {seen}; s starts it", look.LOUD_WARN


def _of_arena(store: Store) -> tuple[str, str] | None:
    state = store.state
    if store.outage is not None:
        words = f"the journal can't be written ({store.outage}); trading goes on when it can"
        return f"■ HALTED: {words}", look.LOUD_BAD
    if state.killed:
        words = f"by {state.killed_by}: nothing is sent; K turns it off"
        return f"■ KILL SWITCH ON, {words}", look.LOUD_BAD
    for name, breaker in state.breakers.items():
        if breaker.reason:
            return f"■ HALTED by breaker {name}: {breaker.reason}; R arms it again", look.LOUD_BAD
    return None
