from collections.abc import Callable
from dataclasses import dataclass, field

from cockpit.tui.painter import STEP_S, Painter


@dataclass
class Canvas:
    """A pane that notes when it was painted."""

    clock: "Clock"
    paint_every_s: float = 0.25
    next_paint_s: float = 0.0
    is_due: bool = False
    is_shown: bool = True
    painted: list[float] = field(default_factory=list)

    def paint(self) -> None:
        self.is_due = False
        self.painted.append(round(self.clock.now_s, 3))


@dataclass
class Clock:
    """Time that passes from one call to the next."""

    now_s: float = 100.0
    waiting: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def call_later(self, delay_s: float, call: Callable[[], None]) -> None:
        self.waiting.append((self.now_s + delay_s, call))

    def run(self, until_s: float) -> None:
        while self.waiting and self.waiting[0][0] <= until_s:
            self.now_s, call = self.waiting.pop(0)
            call()
        self.now_s = until_s


def painter_of(clock: Clock, *panes: Canvas) -> Painter:
    return Painter(panes=lambda: panes, call_later=clock.call_later, monotonic=lambda: clock.now_s)


def test_nothing_is_scheduled_while_nothing_changes():
    clock = Clock()
    painter = painter_of(clock, Canvas(clock))
    assert not clock.waiting
    painter.wake()
    clock.run(200.0)
    assert not clock.waiting


def test_panes_are_painted_one_at_a_time():
    clock = Clock()
    panes = [Canvas(clock, is_due=True) for _ in range(3)]
    painter_of(clock, *panes).wake()
    clock.run(101.0)
    times = [pane.painted for pane in panes]
    assert times == [[100 + STEP_S], [100 + 2 * STEP_S], [100 + 3 * STEP_S]]


def test_a_pane_that_always_changes_is_painted_four_times_a_second():
    clock = Clock()
    pane = Canvas(clock)
    painter = painter_of(clock, pane)
    for tick in range(1, 201):
        pane.is_due = True
        painter.wake()
        clock.run(100 + tick * 0.01)
    assert 7 <= len(pane.painted) <= 9


def test_a_pane_out_of_sight_waits_until_it_is_shown():
    clock = Clock()
    hidden = Canvas(clock, is_due=True, is_shown=False)
    painter = painter_of(clock, hidden)
    painter.wake()
    clock.run(101.0)
    assert not hidden.painted
    hidden.is_shown = True
    painter.wake()
    clock.run(102.0)
    assert len(hidden.painted) == 1


def test_no_pane_starves_beside_busy_ones():
    clock = Clock()
    busy = [Canvas(clock, paint_every_s=0.0) for _ in range(3)]
    quiet = Canvas(clock, is_due=True)
    painter = painter_of(clock, *busy, quiet)
    for tick in range(1, 51):
        for pane in busy:
            pane.is_due = True
        painter.wake()
        clock.run(100 + tick * 0.01)
    assert len(quiet.painted) == 1
