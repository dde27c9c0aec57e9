"""The dashboard: a client of a bot's events that holds nothing of its own.

What is imported here is what the first frame needs; `controls.py` and all behind it come after.
"""

import asyncio
import importlib
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen

from cockpit.domain.errors import CockpitError
from cockpit.tui import actions, look
from cockpit.tui.keys import bindings, keymap
from cockpit.tui.safe import clean
from cockpit.tui.screens.opening import OpeningScreen
from cockpit.tui.situation import Situation

if TYPE_CHECKING:  # loaded after the first frame
    from cockpit.daemon.folder import BotFolder
    from cockpit.tui.controls import Controls
    from cockpit.tui.link import BotLink


class DashboardFailed(CockpitError):
    """The dashboard itself broke; what it showed goes on without it."""


class CockpitApp(App[str]):
    """The full-screen terminal over one bot; its result is what to say after leaving.

    Args:
        bot: Its name.
        open_link: Gives the way to it; called in a thread once the first frame is on the screen.
        keys: Action id → key, where the shipped one doesn't suit.
        theme: A Textual theme, or ``cockpit`` or ``cockpit-light``.

    Attributes:
        controls: What keys do; None until everything is loaded.
        fault: The exception that ended the dashboard, if one did.

    Raises:
        KeysInvalid: If the keys can't be used.
    """

    CSS_PATH = Path(__file__).with_name("cockpit.tcss")
    TITLE = "cockpit"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("ctrl+q", "do('leave')", "Leave", show=False, priority=True),
    ]

    def __init__(
        self,
        bot: str,
        open_link: "Callable[[], BotLink]",
        *,
        keys: Mapping[str, str] | None = None,
        theme: str = "cockpit",
    ) -> None:
        self.keys = keymap(keys or {})
        super().__init__()
        self.register_theme(look.COCKPIT_DARK)
        self.register_theme(look.COCKPIT_LIGHT)
        self.theme = theme if theme in self.available_themes else look.COCKPIT_DARK.name
        self.set_keymap(self.keys)
        self.controls: Controls | None = None
        self.fault: Exception | None = None
        self._bot = bot
        self._open_link = open_link

    def get_default_screen(self) -> Screen[None]:
        """See Textual."""
        return OpeningScreen(self._bot)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """See Textual."""
        return look.variables_of(self.current_theme)

    def on_mount(self) -> None:
        """Loads the rest once the first frame is on the screen."""
        self.call_after_refresh(lambda: self.run_worker(self._load(), group="feed"))

    async def _load(self) -> None:
        module = await asyncio.to_thread(importlib.import_module, "cockpit.tui.controls")
        link = await asyncio.to_thread(self._open_link)
        controls: Controls = module.Controls(app=self, link=link, keys=self.keys)
        self.controls = controls
        await self.push_screen(controls.dashboard)
        await controls.follow()

    def action_do(self, action_id: str) -> None:
        """Does an action of the registry; while the dashboard loads, only leaving."""
        if self.controls is not None:
            self.controls.do(action_id)
        elif action_id == "leave":
            self.exit("")

    def _handle_exception(self, error: Exception) -> None:
        if self.fault is None:
            self.fault = error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Textual would print a traceback with all locals: foreign text, and far more than a person can use.
        self._close_messages_no_wait()

    async def action_quit(self) -> None:
        """The palette's way out."""
        self.action_do("leave")

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Says something in passing, in place of what was said before; see Textual, whose own words come
        through here as well. Nothing is ever markup."""
        self.clear_notifications()
        super().notify(clean(message, 400), title=title, severity=severity, timeout=timeout, markup=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: the actions that can be done now by name, then Textual's own."""
        now = Situation() if self.controls is None else self.controls.store.situation
        for action in actions.offered(now):
            title = action.label_in(now).capitalize()
            yield SystemCommand(title, action.help, partial(self.action_do, action.id))
            for choice in action.choices:
                doing = partial(self.action_do, f"{action.id}:{choice}")
                yield SystemCommand(f"{title} {choice}", action.help, doing)
        for command in super().get_system_commands(screen):
            if command.title in {"Theme", "Screenshot"}:
                yield command


def run_dashboard(
    folder: "BotFolder",
    *,
    start: Callable[[], object],
    keys: Mapping[str, str] | None = None,
    theme: str = "cockpit",
) -> None:
    """Shows a bot's dashboard until it is left, then prints whether the bot goes on.

    Args:
        folder: The bot's.
        start: Starts the bot as a process of its own and returns when it answers; called in a thread.
            Raises a `CockpitError` where it can't.
        keys: Action id → key, where the shipped one doesn't suit.
        theme: A Textual theme, or ``cockpit`` or ``cockpit-light``.

    Raises:
        KeysInvalid: If the keys can't be used.
        DashboardFailed: If the dashboard broke.
    """

    def open_link() -> "BotLink":
        from cockpit.tui.bot_link import SocketLink  # noqa: PLC0415 - after the first frame

        return SocketLink(folder, start)

    app = CockpitApp(folder.name, open_link, keys=keys, theme=theme)
    said = app.run()
    if app.fault is not None:
        raise DashboardFailed(_told(app.fault, folder.root / "dashboard.log")) from app.fault
    if said:
        print(said)


def _told(fault: Exception, log: Path) -> str:
    """One line on a fault; the traceback goes to a file."""
    with suppress(OSError):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("".join(traceback.format_exception(fault)), encoding="utf-8")
    said = clean(f"{type(fault).__name__}: {fault}", 200)
    return f"the dashboard broke ({said}); the bot is not affected, and {log} has the details"
