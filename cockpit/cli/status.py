"""Commands that tell how a bot is doing."""

import sys
from typing import Any

import click

from cockpit.cli.answers import say, with_bot
from cockpit.cli.invocation import Invocation
from cockpit.domain.errors import FAILED


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--all", "every", is_flag=True, help="Every bot there is, running or not.")
@click.pass_obj
def status(invocation: Invocation, as_json: bool, every: bool) -> None:
    """How the bot is doing."""
    from cockpit.daemon.status import bots_status, status_lines

    if every:
        found = bots_status(invocation.state_folder)
        lines = [
            f"{each['bot']}: {'pid ' + str(each['pid']) if each['pid'] else 'not running'}" for each in found
        ]
        say(found, as_json, "\n".join(lines) or f"no bots in {invocation.state_folder}")
    else:
        health, rows = _ask(invocation, "/health", "/leaderboard")
        say({"health": health, "leaderboard": rows}, as_json, "\n".join(status_lines(health, rows)))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def health(invocation: Invocation, as_json: bool) -> None:
    """Whether process, journal and market are well; exit code 1 if something is wrong."""
    from cockpit.daemon.status import health_faults

    (found,) = _ask(invocation, "/health")
    faults = health_faults(found)
    say({"health": found, "faults": faults}, as_json, "\n".join(faults) or "all is well")
    if faults:
        sys.exit(FAILED)


def _ask(invocation: Invocation, *paths: str) -> list[Any]:
    from cockpit.daemon.client import BotClient

    async def ask() -> list[Any]:
        async with BotClient(invocation.folder.socket) as client:
            return [await client.get(path) for path in paths]

    return with_bot(invocation, ask)
