"""Commands that ask a running bot to change something."""

import sys
from typing import Any

import click

from cockpit.cli.answers import ASKER, ask_bot, is_running, say, with_bot
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
    """Turn the kill switch on: orders are created and never sent.

    With --flatten by an emergency stop, which is waited for; it works while the bot is paused, killed or
    stopped: a stopped bot is started for it alone, and stopped again. Interrupted, it goes on by itself.
    """
    if flatten:
        from cockpit.cli.emergency import stop_everything

        stop_everything(invocation)
    else:
        _control(invocation, "/kill")


@click.command()
@click.argument("mode", type=click.Choice(["active", "reducing", "halted"]))
@click.pass_obj
def mode(invocation: Invocation, mode: str) -> None:
    """Say what orders may do: anything, only reduce exposure, or nothing. Cancels always pass."""
    _control(invocation, "/mode", mode=mode)


@click.command()
@click.option("--every", metavar="TIME", help="Again and again, such as 60s; once unless given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def sync(invocation: Invocation, every: str | None, as_json: bool) -> None:
    """Compare the accounts with the venue's; exit code 1 if one differs.

    An account that was not trusted any more, and agrees, is trusted again. On paper an account has to be
    what the journal's fills add up to.
    """
    import time

    from cockpit.daemon.status import sync_lines

    interval_s = None if every is None else _seconds(every)
    while True:
        found = ask_bot(invocation, "/sync")
        say(found, as_json, "\n".join(sync_lines(found)))
        if interval_s is None:
            break
        time.sleep(interval_s)
    if not all(each["agrees"] for each in found["accounts"]):
        sys.exit(1)


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
            return await client.reset_breaker(name, scope, ASKER)

    click.echo(with_bot(invocation, reset)["message"])


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def alerts(context: click.Context, as_json: bool) -> None:
    """What a person has to see: it stays until acknowledged. Reads the journal where no bot runs."""
    if context.invoked_subcommand is None:
        from cockpit.daemon.status import alert_lines

        found = _unseen(context.obj) if is_running(context.obj) else _left_unseen(context.obj)
        say(found, as_json, "\n".join(alert_lines(found)))


@alerts.command()
@click.argument("which", metavar="SEQ|all")
@click.pass_obj
def ack(invocation: Invocation, which: str) -> None:
    """Acknowledge an alert by its number, or all of them."""
    if which == "all":
        seqs = [each["seq"] for each in _unseen(invocation)]
        for seq in seqs:
            ask_bot(invocation, f"/alerts/{seq}/acknowledge")
        click.echo(f"{len(seqs)} alerts are acknowledged")
    elif which.isascii() and which.isdigit():
        _control(invocation, f"/alerts/{int(which)}/acknowledge")
    else:
        raise click.BadParameter(f"{which!r} is no alert: give its number, or all", param_hint="SEQ")


def _unseen(invocation: Invocation) -> list[dict[str, Any]]:
    from cockpit.daemon.client import BotClient

    async def get() -> list[dict[str, Any]]:
        async with BotClient(invocation.folder.socket) as client:
            found: list[dict[str, Any]] = await client.get("/alerts")
            return found

    return with_bot(invocation, get)


def _left_unseen(invocation: Invocation) -> list[dict[str, Any]]:
    from cockpit.daemon.stopped_bot import alerts_left

    return alerts_left(invocation.folder)


def _seconds(text: str) -> float:
    from cockpit.settings.values import duration_ms

    try:
        length_ms = duration_ms(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--every") from error
    if not length_ms:
        raise click.BadParameter("0 is no pause: give a longer time", param_hint="--every")
    return length_ms / 1000


def _control(invocation: Invocation, path: str, **body: str | bool) -> None:
    click.echo(ask_bot(invocation, path, **body)["message"])
