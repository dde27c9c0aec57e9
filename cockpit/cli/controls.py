"""Commands that ask a running bot to change something."""

from typing import Any

import click

from cockpit.cli.answers import with_bot
from cockpit.cli.invocation import Invocation


@click.command()
@click.pass_obj
def pause(invocation: Invocation) -> None:
    """Let market time stand still."""
    _control(invocation, "/pause")


@click.command()
@click.pass_obj
def resume(invocation: Invocation) -> None:
    """Let market time go on."""
    _control(invocation, "/resume")


@click.command()
@click.option("--flatten", is_flag=True, help="First cancel every order and close every position.")
@click.pass_obj
def kill(invocation: Invocation, flatten: bool) -> None:
    """Turn the kill switch on: orders are created and never sent."""
    _control(invocation, "/kill", flatten=flatten)


@click.command()
@click.pass_obj
def unkill(invocation: Invocation) -> None:
    """Turn the kill switch off."""
    _control(invocation, "/unkill")


@click.command("reset-breaker")
@click.argument("name")
@click.option("--scope", default="arena", show_default=True, help="An agent, or arena.")
@click.pass_obj
def reset_breaker(invocation: Invocation, name: str, scope: str) -> None:
    """Arm a tripped circuit breaker again."""
    from cockpit.daemon.client import BotClient

    async def reset() -> dict[str, Any]:
        async with BotClient(invocation.folder.socket) as client:
            return await client.reset_breaker(name, scope, "the command line")

    click.echo(with_bot(invocation, reset)["message"])


def _control(invocation: Invocation, path: str, **body: bool) -> None:
    from cockpit.daemon.client import BotClient

    async def post() -> dict[str, Any]:
        async with BotClient(invocation.folder.socket) as client:
            return await client.post(path, params=None, by="the command line", **body)

    click.echo(with_bot(invocation, post)["message"])
