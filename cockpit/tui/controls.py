"""What each action does, and the dashboard it does it to: everything that is loaded after the first frame."""

import asyncio
import importlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from textual.app import App
from textual.screen import Screen

from cockpit.tui.bot_controls import BotControls
from cockpit.tui.debate_desk import DebateDesk
from cockpit.tui.feed import Feed
from cockpit.tui.link import BotLink
from cockpit.tui.painter import Paintable, Painter
from cockpit.tui.pane_titles import PANES
from cockpit.tui.panes.pane import Pane
from cockpit.tui.reading import Reading
from cockpit.tui.screens.agent_detail import AgentDetailScreen
from cockpit.tui.screens.alerts import AlertsScreen
from cockpit.tui.screens.dashboard import DashboardScreen
from cockpit.tui.screens.debates import DebatesScreen
from cockpit.tui.screens.library import LibraryScreen
from cockpit.tui.screens.orders import OrdersScreen
from cockpit.tui.screens.overview import OverviewScreen
from cockpit.tui.screens.pages import PageScreen, help_lines
from cockpit.tui.store import Connection, Store


@dataclass(slots=True, kw_only=True)
class Controls:
    """The dashboard and what can be done with it.

    Attributes:
        app: Where it appears.
        link: The way to the bot.
        keys: Action id → key.
        monotonic: Seconds, for pacing paints.
        store: What is shown.
        dashboard: The main screen.
        painter: Paints what changed.
        feed: Keeps the store in step with the bot.
        bot: The actions on the bot.
        reading: Opens what the journal knows.
    """

    app: App[str]
    link: BotLink
    keys: Mapping[str, str]
    monotonic: Callable[[], float] = time.monotonic
    store: Store = field(init=False)
    dashboard: DashboardScreen = field(init=False)
    painter: Painter = field(init=False)
    feed: Feed = field(init=False)
    bot: BotControls = field(init=False)
    reading: Reading = field(init=False)
    _connection: Connection = field(init=False)
    _profiles: Screen[None] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.store = Store(bot=self.link.bot)
        if not self.link.is_running():
            self.store.set_connection(Connection.ABSENT)
        self._connection = self.store.connection
        self.dashboard = DashboardScreen(self.store, self.keys)
        self.painter = Painter(panes=self._panes, call_later=self.app.set_timer, monotonic=self.monotonic)
        self.feed = Feed(link=self.link, store=self.store, changed=self._changed)
        self.bot = BotControls(
            app=self.app,
            link=self.link,
            store=self.store,
            feed=self.feed,
            dashboard=self.dashboard,
            keys=self.keys,
        )
        self.reading = Reading(
            app=self.app, link=self.link, store=self.store, keys=self.keys, tell=self.bot.tell
        )

    async def follow(self) -> None:
        """Follows the bot until cancelled."""
        self.app.theme_changed_signal.subscribe(self.dashboard, self._repaint_all)
        try:
            await self.feed.run()
        finally:
            await self.link.close()

    def do(self, action_id: str) -> None:
        """Does what an action of the registry stands for."""
        if action_id.startswith("pane_"):
            self._go_to(int(action_id.removeprefix("pane_")))
        else:
            name, _, choice = action_id.partition(":")
            owner = self if hasattr(type(self), name) else self.bot
            getattr(owner, name)(*[choice] if choice else [])

    @property
    def is_settled(self) -> bool:
        """Whether the bot is followed, or not running, and every pane in sight shows what there is."""
        is_known = self.store.connection in {Connection.LIVE, Connection.ABSENT}
        return is_known and not any(pane.is_shown and pane.is_due for pane in self._panes())

    def _panes(self) -> Iterable[Paintable]:
        """Those of the screen in sight, and under a dialog those of the screen below it as well."""
        found: list[Paintable] = []
        for screen in reversed(self.app.screen_stack):
            found += cast("Iterable[Paintable]", getattr(screen, "panes", ()))
            if found and not screen.is_modal:
                break
        return found

    def _changed(self) -> None:
        if self.store.connection is not self._connection:
            self._connection = self.store.connection
            self.app.clear_notifications()  # what was said of the bot before holds no longer
        self.bot.emergency_moved()
        if self.dashboard.is_mounted:
            for screen in self.app.screen_stack:
                notice = getattr(screen, "on_store_changed", None)
                if notice is not None:
                    notice()
            self.painter.wake()

    def help(self) -> None:
        """Every key."""
        self.app.push_screen(PageScreen(self.store, "Help", help_lines(self.keys), self.keys["help"]))

    def detail(self) -> None:
        """The trail of the selected row, where it has one; else the selected agent's page, or back."""
        focused = self.app.focused
        row = focused.selected_row if isinstance(focused, Pane) else None
        if row is not None and row.ident:
            self.reading.open(row.ident)
        elif isinstance(self.app.screen, AgentDetailScreen):
            self.app.screen.action_close()
        elif isinstance(self.app.screen, DebatesScreen):
            self.app.screen.open_chosen()
        elif isinstance(self.app.screen, OverviewScreen | LibraryScreen):
            self.app.screen.open_selected()
        elif self.app.screen is self.dashboard:
            self._open_agent()

    def orders(self) -> None:
        """The blotter; where it is open already, back to the dashboard."""
        if isinstance(self.app.screen, OrdersScreen):
            self._to_dashboard()
        elif self._has_run():
            self._to_dashboard()
            screen = OrdersScreen(self.store, self.keys, self.reading.past_orders)
            self.app.push_screen(screen, self._repaint_all)

    def debates(self) -> None:
        """The debates; where they are open already, back to the dashboard."""
        if isinstance(self.app.screen, DebatesScreen):
            self._to_dashboard()
        elif self._has_run():
            self._to_dashboard()
            self.app.push_screen(DebatesScreen(self._debate_desk), self._repaint_all)

    def new_debate(self) -> None:
        """Asks who is to debate on what, and lets them."""
        self.app.run_worker(self._ask_debate(), group="debate-asked", exclusive=True)

    async def _ask_debate(self) -> None:
        newest = max(self.store.debates.entries, default=0)
        if await self._debate_desk.ask() and isinstance(self.app.screen, DebatesScreen):
            self.app.screen.await_after(newest)

    @property
    def _debate_desk(self) -> DebateDesk:
        return DebateDesk(
            app=self.app,
            link=self.link,
            store=self.store,
            keys=self.keys,
            tell=self.bot.tell,
            reachable=self.bot.reachable,
        )

    def profiles(self) -> None:
        """The profiles; where they are open already, back to the dashboard."""
        if self._profiles is not None and self.app.screen is self._profiles:
            self._to_dashboard()
        else:
            self.app.run_worker(self._open_profiles(), group="profiles", exclusive=True)

    async def _open_profiles(self) -> None:
        await asyncio.to_thread(importlib.import_module, "cockpit.tui.screens.profiles")
        from cockpit.tui.profile_desk import ProfileDesk  # noqa: PLC0415 - when profiles are asked for
        from cockpit.tui.screens.profiles import ProfilesScreen  # noqa: PLC0415 - likewise

        desk = ProfileDesk(link=self.link, tell=self.bot.tell, reachable=self.bot.reachable)
        self._to_dashboard()
        self._profiles = ProfilesScreen(self.store, self.keys, desk)
        await self.app.push_screen(self._profiles, self._repaint_all)

    def overview(self) -> None:
        """The arena at a glance; where it is open already, back to the dashboard."""
        is_open = isinstance(self.app.screen, OverviewScreen)
        self._to_dashboard()
        if not is_open:
            screen = OverviewScreen(self.store, self.keys, self.link.look_up, self.monotonic)
            self.app.push_screen(screen, self._repaint_all)

    def library(self) -> None:
        """Models, tools and strategies; where they are open already, back to the dashboard."""
        is_open = isinstance(self.app.screen, LibraryScreen)
        self._to_dashboard()
        if not is_open:
            self.app.push_screen(LibraryScreen(self.store, self.keys, self.link.look_up), self._repaint_all)

    def alerts(self) -> None:
        """What nobody has acknowledged yet."""
        self.app.push_screen(AlertsScreen(self.store, self.keys, self.bot.acknowledge))

    def acknowledge_all(self) -> None:
        """Opens the list: what is acknowledged should have been seen."""
        self.alerts()

    def _open_agent(self) -> None:
        agent = self.dashboard.selected_agent
        if agent is None:
            self.bot.tell("No agent competes yet.")
            return
        self.dashboard.put_forward(agent)
        self.app.push_screen(
            AgentDetailScreen(self.store, agent, self.keys, self.reading.past_calls), self._repaint_all
        )

    def _has_run(self) -> bool:
        """Whether there is a run to look at; where there is none, that is told."""
        if self.store.state.run is not None:
            return True
        if self.bot.reachable():
            self.bot.tell("The bot has no run yet.")
        return False

    def _repaint_all(self, _result: object = None) -> None:
        self._changed()

    def _to_dashboard(self) -> None:
        while self.app.screen is not self.dashboard and self.dashboard in self.app.screen_stack:
            self.app.pop_screen()
        self._repaint_all()

    def _go_to(self, number: int) -> None:
        self._to_dashboard()
        self.dashboard.go_to(PANES[number - 1])
        self.painter.wake()

    def zoom(self) -> None:
        """One pane over the whole screen, or all again."""
        self._to_dashboard()
        self.dashboard.zoom(on=not self.dashboard.zoomed)
        self.dashboard.go_to(self.dashboard.current)
        self._repaint_all()

    def restore(self) -> None:
        """Closes the filter, else the zoom."""
        if not self.dashboard.close_filter(keep=False):
            self.dashboard.zoom(on=False)
        self._repaint_all()

    def filter(self) -> None:
        """Opens the field under the orders, else under the event log."""
        if isinstance(self.app.screen, OrdersScreen):
            self.app.screen.open_filter()
        elif self._has_run():
            self._to_dashboard()
            self.dashboard.open_filter()

    def routine(self) -> None:
        """Shows what is routine as well, or leaves it out."""
        shown = not self.dashboard.event_log.routine
        for pane in (self.dashboard.event_log, self.dashboard.reasoning, self.dashboard.positions):
            pane.routine = shown
            pane.paint()
        words = "shown" if shown else "left out"
        self.bot.tell(f"Routine events, unchanged decisions and protective orders are {words}.")

    def sort(self) -> None:
        """Sorts the leaderboard by the next column."""
        self.dashboard.leaderboard.sort_by_next()

    def reverse(self) -> None:
        """Turns the leaderboard round."""
        self.dashboard.leaderboard.sort_by(self.dashboard.leaderboard.sorted_by)

    def leave(self) -> None:
        """Leaves; the bot goes on."""
        bot = f"bot “{self.link.bot}”"
        if self.link.is_running():
            self.app.exit(
                f"The {bot} goes on in the background: `cockpit` shows it, `cockpit stop` stops it."
            )
        else:
            self.app.exit(f"The {bot} is not running.")
