"""Commands that tell how a bot is doing."""

import sys
from typing import Any

import click

from cockpit.cli.answers import is_running, say, with_bot
from cockpit.cli.invocation import Invocation
from cockpit.domain.errors import FAILED, NOT_RUNNING


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--all", "every", is_flag=True, help="Every bot there is, running or not.")
@click.pass_obj
def status(invocation: Invocation, as_json: bool, every: bool) -> None:
    """How the bot is doing, or how it was left; exit code 3 if it isn't running."""
    from cockpit.daemon.status import bots_status, status_lines

    if every:
        bots = bots_status(invocation.state_folder)
        lines = [
            f"{each['bot']}: {'pid ' + str(each['pid']) if each['pid'] else 'not running'}" for each in bots
        ]
        say(bots, as_json, "\n".join(lines) or f"no bots in {invocation.state_folder}")
    else:
        found = _running(invocation) if is_running(invocation) else _stopped(invocation)
        lines = status_lines(found["health"], found["leaderboard"], found["positions"])
        say(found, as_json, "\n".join(lines))
        if found["health"]["pid"] is None:
            sys.exit(NOT_RUNNING)


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


def _running(invocation: Invocation) -> dict[str, Any]:
    from cockpit.daemon.status import HELD_FACTS

    health, board, positions = _ask(invocation, "/health", "/leaderboard", "/positions")
    held = [{name: each[name] for name in HELD_FACTS} for each in positions]
    return {"health": health, "leaderboard": board, "positions": held}


def _stopped(invocation: Invocation) -> dict[str, Any]:
    import asyncio

    from cockpit.daemon.stopped_bot import status_left

    return asyncio.run(status_left(invocation.folder))


def _ask(invocation: Invocation, *paths: str) -> list[Any]:
    from cockpit.daemon.client import BotClient

    async def ask() -> list[Any]:
        async with BotClient(invocation.folder.socket) as client:
            return [await client.get(path) for path in paths]

    return with_bot(invocation, ask)
