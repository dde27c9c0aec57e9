"""Paints panes whose data changed: one at a time, each only so often, and nothing while nothing happens."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

STEP_S = 0.03
"""Between two panes, so that keys get their turn."""


class Paintable(Protocol):
    """A pane, as the painter sees it."""

    next_paint_s: float
    paint_every_s: float

    @property
    def is_due(self) -> bool:
        """Whether its data changed since it was painted."""
        ...

    @property
    def is_shown(self) -> bool:
        """Whether it is on the screen."""
        ...

    def paint(self) -> None:
        """Shows the data as it is now."""
        ...


@dataclass(slots=True, kw_only=True)
class Painter:
    """Wakes when something changed, and sleeps once every pane shows what there is.

    Attributes:
        panes: Gives those on the screen, in the order of their turns.
        call_later: Calls a function after so many seconds.
        monotonic: Seconds.
    """

    panes: Callable[[], Iterable[Paintable]]
    call_later: Callable[[float, Callable[[], None]], object]
    monotonic: Callable[[], float]
    _armed: bool = field(init=False, default=False)
    _turn: int = field(init=False, default=0)

    def wake(self) -> None:
        """Something changed."""
        if not self._armed:
            self._arm(STEP_S)

    def _arm(self, delay_s: float) -> None:
        self._armed = True
        self.call_later(delay_s, self._step)

    def _step(self) -> None:
        self._armed = False
        now_s = self.monotonic()
        panes = list(self.panes())
        turn = self._turn % max(1, len(panes))
        waiting = [pane for pane in panes[turn:] + panes[:turn] if pane.is_shown and pane.is_due]
        if not waiting:
            return
        ready = next((pane for pane in waiting if pane.next_paint_s <= now_s), None)
        if ready is not None:
            self._turn = panes.index(ready) + 1
            ready.next_paint_s = now_s + ready.paint_every_s
            ready.paint()
            waiting.remove(ready)
        if waiting:
            self._arm(max(STEP_S, min(pane.next_paint_s for pane in waiting) - now_s))
