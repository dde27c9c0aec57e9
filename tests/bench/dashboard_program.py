"""What the dashboard's benchmark runs in its terminal: a minimal Textual app, or the dashboard on a bot.

    python dashboard_program.py minimal
    python dashboard_program.py cockpit STATE_FOLDER PROBE_FILE

The probe file takes a line for every F12 that reached its handler: monotonic seconds.
"""

import sys
import time


def minimal() -> None:
    from textual.app import App, ComposeResult
    from textual.widgets import Static

    class Minimal(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("first-pane")

    Minimal().run()


def cockpit(folder: str, probe_file: str) -> None:
    from pathlib import Path

    from textual import events

    from cockpit.tui.app import CockpitApp

    def open_link():
        from cockpit.daemon.folder import BotFolder
        from cockpit.tui.bot_link import SocketLink

        return SocketLink(BotFolder(Path(folder)), lambda: None)

    with Path(probe_file).open("a", buffering=1) as probe:

        class Probed(CockpitApp):
            async def on_key(self, event: events.Key) -> None:
                if event.key == "f12":
                    probe.write(f"{time.monotonic()}\n")

        Probed("arena", open_link).run()


if __name__ == "__main__":
    minimal() if sys.argv[1] == "minimal" else cockpit(*sys.argv[2:])
