"""What commands have in common: calling a running bot, and printing for people or as JSON."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import click

from cockpit.cli.invocation import Invocation

R = TypeVar("R")

ASKER = "the command line"
"""Who asks, for the journal."""


def is_running(invocation: Invocation) -> bool:
    """Whether there is a bot to call."""
    from cockpit.daemon.lock import running_pid

    return running_pid(invocation.folder) is not None


def with_bot(invocation: Invocation, call: Callable[[], Coroutine[Any, Any, R]]) -> R:
    """What a call to the bot comes back with.

    Raises:
        NotRunning: If there is no bot to call.
    """
    import asyncio

    from cockpit.daemon.process import NotRunning

    if not is_running(invocation):
        raise NotRunning(invocation.folder.name)
    return asyncio.run(call())


def ask_bot(invocation: Invocation, path: str, **body: str | bool) -> dict[str, Any]:
    """What the bot answers to a request that changes something.

    Raises:
        NotRunning, BotUnreachable, BotRefused: If there is none, or it says no.
    """
    from cockpit.daemon.client import BotClient

    async def post() -> dict[str, Any]:
        async with BotClient(invocation.folder.socket) as client:
            return await client.post(path, params=None, by=ASKER, **body)

    return with_bot(invocation, post)


def say(data: object, as_json: bool, text: str) -> None:
    """Prints `data` as JSON, or the text that tells the same."""
    import json

    click.echo(json.dumps(data, indent=2, ensure_ascii=False) if as_json else text)
