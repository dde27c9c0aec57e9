"""Changes that people wait for: made one by one where the loop has room for them, wholly or not at all."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cockpit.arena.recorder import Recorder
from cockpit.domain.errors import REFUSED, CockpitError


class ControlRefused(CockpitError):
    """A person asked for what can't be done now; the message says why and what to do."""

    exit_code = REFUSED


@dataclass(slots=True, eq=False)
class Request:
    """A change that somebody waits for.

    Attributes:
        change: Makes it.
        failure: What it raised instead; then it has left no trace.
    """

    change: Callable[[], None]
    failure: Exception | None = None


@dataclass(slots=True, kw_only=True)
class RequestQueue:
    """Requests in the order they came.

    Attributes:
        recorder: Where their events go.
    """

    recorder: Recorder
    _waiting: list[Request] = field(init=False, default_factory=list)
    _taken: list[Request] = field(init=False, default_factory=list)

    def add(self, change: Callable[[], None]) -> Request:
        """Lets a change wait for its turn."""
        request = Request(change)
        self._waiting.append(request)
        return request

    def take(self) -> None:
        """Makes the changes that wait; of one that fails nothing counts, and it is not tried again."""
        while self._waiting:
            request = self._waiting.pop(0)
            self._taken.append(request)
            mark = self.recorder.mark
            try:
                request.change()
            except Exception as error:  # noqa: BLE001 - whoever asked for it is told, whatever it is
                self.recorder.rewind(mark)
                self._taken.pop()
                request.failure = error

    def forget(self) -> None:
        """What was taken counts."""
        self._taken.clear()

    def put_back(self) -> None:
        """What was taken does not count, since what it was taken in was abandoned: it waits again."""
        self._waiting = self._taken + self._waiting
        self._taken = []
