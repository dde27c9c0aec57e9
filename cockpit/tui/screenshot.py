"""Pictures of the dashboard, for the README and for looking at it without a terminal."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from textual.pilot import Pilot

from cockpit.domain.errors import CockpitError
from cockpit.report.export import write_atomically
from cockpit.tui.app import CockpitApp
from cockpit.tui.link import BotLink

PATIENCE_S = 30.0
_POLL_S = 0.05
_WEB_FONTS = re.compile(r"@font-face\s*\{[^}]*\}\s*")
_IDS = re.compile(r"terminal-\d+-")


class PictureFailed(CockpitError):
    """No picture could be taken; the message says why."""


def export_svg(
    link: BotLink,
    path: Path,
    size: tuple[int, int] = (160, 50),
    *,
    theme: str = "cockpit",
    keys: Sequence[str] = (),
) -> None:
    """Writes a picture of a bot's dashboard; blocks until it is there.

    Args:
        link: The way to the bot.
        path: Where to write the SVG.
        size: Columns and rows.
        theme: As for the dashboard.
        keys: Pressed before the picture is taken, by Textual's names.

    Raises:
        PictureFailed: If the bot does not answer in time, or the dashboard broke.
        ReportUnwritable: If the file can't be written.
    """
    svg = asyncio.run(_taken(link, size, theme, keys))
    write_atomically(path, svg.encode())


async def _taken(link: BotLink, size: tuple[int, int], theme: str, keys: Sequence[str]) -> str:
    app = CockpitApp(link.bot, lambda: link, theme=theme)
    pictures: list[str] = []

    async def take(pilot: Pilot[object]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await _settle(app, pilot)
                for key in keys:
                    await pilot.press(key)
                    await _settle(app, pilot)
            pictures.append(plain_svg(app.export_screenshot()))
        except (TimeoutError, PictureFailed) as error:
            app.log(f"no picture: {error}")
        finally:
            app.exit("")

    await app.run_async(headless=True, size=size, auto_pilot=take)
    if not pictures:
        raise PictureFailed(f"no picture of the bot {link.bot}: {app.fault or 'it does not answer in time'}")
    return pictures[0]


async def _settle(app: CockpitApp, pilot: Pilot[object]) -> None:
    while app.controls is None or not app.controls.is_settled:
        if app.fault is not None:
            raise PictureFailed(f"the dashboard broke: {app.fault}")
        await pilot.pause(_POLL_S)
    await pilot.pause()


def plain_svg(svg: str) -> str:
    """A picture that loads no fonts from the network, and whose ids do not vary."""
    return _IDS.sub("terminal-", _WEB_FONTS.sub("", svg)).replace("Fira Code", "DejaVu Sans Mono")
