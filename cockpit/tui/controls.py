"""What each action does, and the dashboard it does it to: everything that is loaded after the first frame."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from textual.app import App

from cockpit.tui import actions
from cockpit.tui.bot_controls import BotControls
from cockpit.tui.feed import Feed
from cockpit.tui.link import BotLink
from cockpit.tui.painter import Paintable, Painter
from cockpit.tui.screens.agent_detail import AgentDetailScreen
from cockpit.tui.screens.dashboard import DashboardScreen
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
    _connection: Connection = field(init=False, default=Connection.CONNECTING)

    def __post_init__(self) -> None:
        self.store = Store(bot=self.link.bot)
        if not self.link.is_running():
            self.store.set_connection(Connection.ABSENT)
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

    async def follow(self) -> None:
        """Follows the bot until cancelled."""
        try:
            await self.feed.run()
        finally:
            await self.link.close()

    def do(self, action_id: str) -> None:
        """Does what an action of the registry stands for."""
        if action_id.startswith("pane_"):
            self._go_to(int(action_id.removeprefix("pane_")))
        else:
            owner = self if hasattr(type(self), action_id) else self.bot
            getattr(owner, action_id)()

    @property
    def is_settled(self) -> bool:
        """Whether the bot is followed and every pane in sight shows what there is."""
        live = self.store.connection is Connection.LIVE
        return live and not any(pane.is_shown and pane.is_due for pane in self._panes())

    def _panes(self) -> Iterable[Paintable]:
        """Those of the screen in sight, and under a dialog those of the screen below it."""
        for screen in reversed(self.app.screen_stack):
            panes = getattr(screen, "panes", None)
            if panes is not None:
                return cast("Iterable[Paintable]", panes)
        return ()

    def _changed(self) -> None:
        if self.store.connection is not self._connection:
            self._connection = self.store.connection
            self.app.clear_notifications()  # what was said of the bot before holds no longer
        if self.dashboard.is_mounted:
            self.dashboard.on_store_changed()
            self.painter.wake()

    def help(self) -> None:
        """Every key."""
        self.app.push_screen(PageScreen(self.store, "Help", help_lines(self.keys), self.keys["help"]))

    def detail(self) -> None:
        """The selected agent's page, or back from it."""
        front = self.app.screen
        if isinstance(front, AgentDetailScreen):
            front.action_close()
            return
        agent = self.dashboard.selected_agent
        if agent is None:
            self.bot.tell("No agent competes yet.")
            return
        self.dashboard.put_forward(agent)
        self.app.push_screen(AgentDetailScreen(self.store, agent, self.keys), self._repaint_all)

    def _repaint_all(self, _result: object = None) -> None:
        self._changed()

    def _to_dashboard(self) -> None:
        while self.app.screen is not self.dashboard and self.dashboard in self.app.screen_stack:
            self.app.pop_screen()
        self._repaint_all()

    def _go_to(self, number: int) -> None:
        self._to_dashboard()
        self.dashboard.go_to(actions.PANES[number - 1])
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
        """Opens the field over the event log."""
        if self.store.state.run is not None:
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
