"""The latest events of a bot, held once for all who follow it, as far as they fit into memory."""

from collections import deque
from collections.abc import Sequence
from itertools import islice

from cockpit.domain.events import ModelCalled, Recorded

MOST_RECENT = 2_048
"""Events that are held; what is older is read from the journal."""

MOST_RECENT_CHARS = 16_000_000
"""Characters that models were sent and answered in what is held: one call may have more than a million."""

BUNDLE = 500
"""Events that are sent together at most."""

BUNDLE_CHARS = 1_000_000
"""And characters of what models were sent and answered, unless a single event has more."""


class RecentEvents:
    """The end of the journal, without gaps."""

    def __init__(self) -> None:
        self._events: deque[Recorded] = deque()
        self._chars = 0

    def __len__(self) -> int:
        return len(self._events)

    @property
    def chars(self) -> int:
        """Characters that models were sent and answered in what is held."""
        return self._chars

    def take(self, recorded: Sequence[Recorded]) -> None:
        """Takes in the next events, and lets go of the oldest that are too many or too long."""
        self._events.extend(recorded)
        self._chars += sum(map(_chars_of, recorded))
        while len(self._events) > MOST_RECENT or self._chars > MOST_RECENT_CHARS:
            self._chars -= _chars_of(self._events.popleft())

    def after(self, seq: int) -> Sequence[Recorded]:
        """The next bundle after a place of the journal, which is not its end; empty: it is not held."""
        if not self._events or self._events[0].seq > seq + 1:
            return ()
        start, chars = seq + 1 - self._events[0].seq, 0
        bundle: list[Recorded] = []
        for each in islice(self._events, start, start + BUNDLE):
            chars += _chars_of(each)
            if bundle and chars > BUNDLE_CHARS:
                break
            bundle.append(each)
        return bundle


def _chars_of(recorded: Recorded) -> int:
    event = recorded.event
    if not isinstance(event, ModelCalled):
        return 0
    return len(event.call.request) + len(event.call.reply) + len(event.call.raw)
