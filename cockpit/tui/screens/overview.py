"""The arena at a glance: recent runs, what models cost today, and how often agents pass and fail."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from cockpit.domain.errors import CockpitError
from cockpit.tui.panes.costs import CostsPane
from cockpit.tui.panes.footer import FooterBand
from cockpit.tui.panes.header import HeaderBand
from cockpit.tui.panes.painted import PaintedLines
from cockpit.tui.panes.pane import Pane
from cockpit.tui.panes.reliability import WINDOWS, ReliabilityPane
from cockpit.tui.panes.runs import RunsPane
from cockpit.tui.panes.told import ToldPane
from cockpit.tui.screens.run import RunScreen
from cockpit.tui.store import Connection, Store

LookUp = Callable[..., Awaitable[Any]]
"""Gives what there is at a path of the control API; raises a `CockpitError` where it can't."""

RUNS = 50
"""Recent runs that are told."""

REFRESH_S = 5.0
"""At most so often, and only when a round has closed, everything is read anew."""

NARROW = 120
FRAME_AND_HEADING = 3
LEAST_ROWS = 6

BANDS = 3
"""Lines of header and footer."""

TITLE = 1
"""Line of a pane's title, where there is little room for frames."""

LEAST_NARROW = 4
"""Lines that each pane has, its title among them, though not all may have what they want."""


class OverviewScreen(Screen[None]):
    """Runs above, pass and fail and costs below; one above the other where there is little room.

    Args:
        store: What is shown of the present.
        keys: Action id → key.
        look_up: The way to the control API.
        monotonic: Seconds, for pacing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Back", show=False),
        Binding("left", "turn(-1)", "Window before", show=False),
        Binding("right", "turn(1)", "Next window", show=False),
    ]

    def __init__(
        self,
        store: Store,
        keys: Mapping[str, str],
        look_up: LookUp,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.store = store
        self.window = WINDOWS[0]
        self.runs = RunsPane(store)
        self.reliability = ReliabilityPane(store)
        self.costs = CostsPane(store)
        self._keys = keys
        self._look_up = look_up
        self._monotonic = monotonic
        self._bands = [HeaderBand(store, "header"), FooterBand(store, keys)]
        self._seen = self._moment
        self._next_read_s = 0.0
        self._waits = False

    @property
    def panes(self) -> Sequence[PaintedLines]:
        """What is painted."""
        return [*self._bands, self.runs, self.reliability, self.costs]

    def compose(self) -> ComposeResult:
        """See Textual."""
        yield self._bands[0]
        yield self.runs
        yield self.reliability
        yield self.costs
        yield self._bands[1]

    def on_mount(self) -> None:
        """See Textual."""
        self.runs.show_title("Recent runs", "enter opens one · esc back")
        self.costs.show_title("Models, today", "all runs, real time")
        self._show_window()
        self.runs.focus()
        self._read()

    def on_resize(self) -> None:
        """Side by side where both have room."""
        self.set_class(self.app.size.width < NARROW, "-narrow")
        self._place()

    def on_descendant_focus(self) -> None:
        """Where not all have room, the one with the keys has most."""
        self._place()

    def _place(self) -> None:
        """Gives the panes the rows they need, as far as there are some."""
        told = (self.runs, self.reliability, self.costs)
        if self.app.size.width < NARROW:
            for pane, rows in zip(told, self._rows_below_each_other(told), strict=True):
                pane.styles.height = rows
            return
        for pane in told:
            pane.styles.height = None
        wanted = len(self.runs.answer or ()) + FRAME_AND_HEADING
        rows = max(LEAST_ROWS, min(wanted, self.app.size.height // 3))
        self.styles.grid_rows = f"2 {rows} 1fr 1"

    def _rows_below_each_other(self, told: Sequence[Pane]) -> Sequence[int]:
        """A few lines for each; of the rest what it wants, the one with the keys first."""
        wanted = [TITLE + max(1, pane.virtual_size.height) for pane in told]  # without a line none is painted
        rows = [min(each, LEAST_NARROW) for each in wanted]
        room = self.app.size.height - BANDS
        ahead = next((at for at, pane in enumerate(told) if pane is self.focused), 0)
        for at in sorted(range(len(told)), key=lambda at: at != ahead):
            rows[at] += max(0, min(wanted[at] - rows[at], room - sum(rows)))
        rows[ahead] += max(0, room - sum(rows))
        return rows

    @property
    def _moment(self) -> tuple[object, ...]:
        """What everything is read anew after."""
        state = self.store.state
        return state.run_id, state.rounds_closed, state.finished, self.store.connection

    def on_store_changed(self) -> None:
        """Reads everything anew once a round has closed, or a bot is there or gone, as soon as it may."""
        is_told = self.store.connection in {Connection.LIVE, Connection.ABSENT}
        if self._seen == self._moment or self._waits or not is_told:
            return
        wait_s = self._next_read_s - self._monotonic()
        if wait_s <= 0:
            self._read()
        else:
            self._waits = True
            self.set_timer(wait_s, self._read)

    def _read(self) -> None:
        self._waits = False
        self._seen = self._moment
        self._next_read_s = self._monotonic() + REFRESH_S
        self.run_worker(self._take_all(), group="overview", exclusive=True)

    async def _take_all(self) -> None:
        await self._take(self.runs, "/runs", limit=RUNS)
        await self._take(self.reliability, "/reliability", window=self.window)
        await self._take(self.costs, "/costs")
        self._place()

    async def _take(self, pane: ToldPane, path: str, **params: str | int) -> None:
        try:
            pane.take(await self._look_up(path, **params))
        except CockpitError as error:
            pane.tell(str(error))

    def action_turn(self, by: int) -> None:
        """Shows pass and fail over another stretch of market time."""
        self.window = WINDOWS[(WINDOWS.index(self.window) + by) % len(WINDOWS)]
        self._show_window()
        taking = self._take(self.reliability, "/reliability", window=self.window)
        self.run_worker(taking, group="window", exclusive=True)

    def _show_window(self) -> None:
        words = "the whole run" if self.window == "all" else f"last {self.window} of market time"
        self.reliability.show_title(f"Pass and fail, {words}", "← → another stretch")

    def on_pane_opened(self) -> None:
        """A second click on a run."""
        self.open_selected()

    def open_selected(self) -> None:
        """Opens the run under the cursor."""
        row = self.runs.selected_row
        if self.focused is self.runs and row is not None:
            page = RunScreen(self.store, str(row.key), self._keys["detail"])
            self.app.push_screen(page)
            self.app.run_worker(self._read_run(page), group="run", exclusive=True)

    async def _read_run(self, page: RunScreen) -> None:
        await self._take(page.pane, f"/runs/{page.run_id}")

    def action_close(self) -> None:
        """Back to the dashboard."""
        self.dismiss(None)
