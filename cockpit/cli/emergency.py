"""The emergency stop from the command line: seen to its end, whether the bot was running or not."""

import asyncio

import click

from cockpit.cli.answers import ASKER
from cockpit.cli.invocation import Invocation
from cockpit.daemon.emergency_watch import EmergencyWatch
from cockpit.daemon.lock import running_pid
from cockpit.daemon.process import NotRunning, stop
from cockpit.journal.journal_end import journal_end


def stop_everything(invocation: Invocation) -> None:
    """Cancels every order, closes every position and turns the kill switch on; returns once that is done.

    A bot that isn't running is started for it alone, and stopped again.

    Raises:
        NotRunning: If there is no bot, running or not.
        StartFailed: If it can't be started; there may be no unfinished run.
        EmergencyUnfinished: If the end was not seen, or something is left; the bot goes on running.
        BotUnreachable, BotRefused: See `BotClient`.
    """
    try:
        if running_pid(invocation.folder) is None:
            _start_and_stop(invocation)
        else:
            asyncio.run(_see_through(invocation, None))
    except KeyboardInterrupt:
        click.echo("the emergency stop goes on by itself: see `cockpit status`", err=True)
        raise


def _start_and_stop(invocation: Invocation) -> None:
    folder = invocation.folder
    if not folder.journal.exists():
        raise NotRunning(folder.name)
    since = journal_end(folder.journal).seq
    click.echo(f"{folder.name} isn't running: it is started for the emergency stop alone")
    invocation.start_for_emergency()
    asyncio.run(_see_through(invocation, since))
    stop(folder, now=False, flatten=False, tell=lambda line: None)
    click.echo(f"{folder.name} is stopped again")


async def _see_through(invocation: Invocation, since: int | None) -> None:
    """Watches from a place of the journal on; asks for the stop where there is none given."""
    from cockpit.daemon.client import BotClient

    async with BotClient(invocation.folder.socket) as client:
        watch = EmergencyWatch(client=client, tell=click.echo)
        await watch.see_halted(await watch.ask(ASKER) if since is None else since)
    click.echo("nothing is held any more, and the kill switch is on; `cockpit unkill` turns it off")
