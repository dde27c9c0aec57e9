"""The dashboard: on the terminal, and as a picture."""

import os
import sys
from functools import partial
from pathlib import Path

import click

from cockpit.cli.invocation import Choice, Invocation
from cockpit.domain.errors import USAGE, CockpitError


class TerminalMissing(CockpitError):
    """The dashboard was asked for where there is no terminal to draw it on."""

    exit_code = USAGE


@click.command()
@click.pass_obj
def attach(invocation: Invocation) -> None:
    """Open the dashboard on the bot, running or not."""
    open_dashboard(invocation, Choice())


def _size(context: click.Context, parameter: click.Parameter, value: str) -> tuple[int, int]:
    import re

    match = re.fullmatch(r"(\d{2,3})x(\d{2,3})", value)
    if match is None:
        raise click.BadParameter("write columns and rows, such as 160x50")
    return int(match[1]), int(match[2])


def _theme(context: click.Context, parameter: click.Parameter, value: str) -> str:
    from textual.theme import BUILTIN_THEMES

    from cockpit.tui import look

    known = (look.COCKPIT_DARK.name, look.COCKPIT_LIGHT.name, *sorted(BUILTIN_THEMES))
    if value not in known:
        raise click.BadParameter(f"there is no theme {value!r}; there are {', '.join(known)}")
    return value


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--size", default="160x50", callback=_size, show_default=True, help="Columns and rows.")
@click.option("--theme", default="cockpit", callback=_theme, show_default=True, help="As for the dashboard.")
@click.pass_obj
def picture(invocation: Invocation, file: Path, size: tuple[int, int], theme: str) -> None:
    """Draw the dashboard into an SVG file, as it looks now."""
    from cockpit.tui.bot_link import SocketLink
    from cockpit.tui.screenshot import export_svg

    link = SocketLink(invocation.folder, partial(invocation.start_bot, Choice(), new=False))
    export_svg(link, file, size, theme=theme)
    click.echo(f"wrote {file}")


def open_dashboard(invocation: Invocation, choice: Choice) -> None:
    """Shows the bot until the person leaves; a start from there takes what `choice` says.

    Raises:
        TerminalMissing: Where there is no terminal.
        ConfigInvalid: If the settings of the dashboard are wrong.
    """
    need_terminal()
    from cockpit.settings.sources import layers, merged
    from cockpit.tui.app import run_dashboard

    keys, theme = None, "cockpit"
    tree, _ = merged(layers(invocation.config, os.environ, {}))
    if "dashboard" in tree:  # only then is it worth the time to check it before the first frame
        dashboard = invocation.resolve().settings.dashboard
        keys, theme = dashboard.keys, dashboard.theme
    start_bot = partial(invocation.start_bot, choice, new=False)
    run_dashboard(invocation.folder, start=start_bot, keys=keys, theme=theme)


def need_terminal() -> None:
    """Refuses to go on without a terminal.

    Raises:
        TerminalMissing: Where there is none.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise TerminalMissing(
            "the dashboard needs a terminal; without one there are `cockpit start` and `cockpit status`"
        )
