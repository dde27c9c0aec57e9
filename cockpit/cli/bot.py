"""Commands that start the bot, in the background or before one's eyes, and stop it."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from cockpit.cli.answers import ASKER, say
from cockpit.cli.consent import say_estimate, with_consent
from cockpit.cli.dashboard import need_terminal, open_dashboard
from cockpit.cli.invocation import Choice, Invocation, run_options
from cockpit.domain.errors import REFUSED, CockpitError

if TYPE_CHECKING:
    from cockpit.daemon.bot import Bot


class AlreadyUp(CockpitError):
    """The bot runs already, so what was asked of a new start can't be done."""

    exit_code = REFUSED


@click.command()
@run_options
@click.option("--new", is_flag=True, help="Begin a new run even if there is an unfinished one.")
def up(invocation: Invocation, choice: Choice, new: bool) -> None:
    """Start the bot if it isn't running, then open the dashboard."""
    from cockpit.daemon.lock import running_pid

    need_terminal()
    if running_pid(invocation.folder) is None:
        invocation.start_bot(with_consent(invocation, choice, new=new), new=new)
    elif new or choice != Choice():
        raise AlreadyUp(f"the bot {invocation.folder.name} runs already: `cockpit attach` shows it as it is")
    open_dashboard(invocation, replace(choice, accept_cost=False))  # a yes is to one run, not to the next


@click.command()
@run_options
@click.option("--json", "as_json", is_flag=True, help="Print the pid as JSON.")
@click.option("--new", is_flag=True, help="Begin a new run even if there is an unfinished one.")
def start(invocation: Invocation, choice: Choice, new: bool, as_json: bool) -> None:
    """Start the bot in the background; it goes on with its unfinished run."""
    pid = invocation.start_bot(with_consent(invocation, choice, new=new), new=new)
    say({"bot": invocation.folder.name, "pid": pid}, as_json, f"{invocation.folder.name} runs (pid {pid})")


@click.command(hidden=True)
@run_options
@click.option("--new", is_flag=True)
@click.option("--emergency", is_flag=True, help="Only to bring an emergency stop to its end.")
def host(invocation: Invocation, choice: Choice, new: bool, emergency: bool) -> None:
    """The background process itself; `start` runs it, and `kill --flatten` where there is none."""
    from cockpit.daemon.hosting import Hosting
    from cockpit.daemon.hosting import host as host_bot
    from cockpit.daemon.remembered_settings import remembered_settings

    settings = remembered_settings(invocation.folder.settings) if emergency else None
    if settings is None:
        settings = invocation.resolve(choice.flags()).settings
    hosting = Hosting(
        new=new,
        foreground=False,
        by_hand=bool(choice.strategy),
        emergency_by=ASKER if emergency else "",
        cost_accepted=choice.accept_cost,
    )
    host_bot(invocation.folder, settings, hosting)


@click.command()
@run_options
@click.option("--columns", metavar="full|nof1", default="full", show_default=True, help="Of the leaderboard.")
@click.option("--estimate", is_flag=True, help="Only say what it would ask models, and what that costs.")
def run(invocation: Invocation, choice: Choice, columns: str, estimate: bool) -> None:
    """A new run in the foreground: a leaderboard after each round, exports at the end."""
    from rich.console import Console

    from cockpit.daemon.hosting import Hosting
    from cockpit.daemon.hosting import host as host_bot
    from cockpit.report.columns import preset_named
    from cockpit.report.live import opening_line, round_printer
    from cockpit.report.tables import printed

    preset = preset_named(columns)
    if estimate:
        say_estimate(invocation, choice)
        return
    choice = with_consent(invocation, choice, new=True)
    settings = invocation.resolve(choice.flags()).settings
    console = Console(soft_wrap=True)
    tell = _unless_nobody_listens()

    def watch(bot: "Bot") -> None:
        tell(opening_line(bot.state))
        bot.listen(round_printer(bot.state, lambda table: tell(printed(table, console)), preset))

    hosting = Hosting(
        new=True,
        foreground=True,
        by_hand=bool(choice.strategy),
        cost_accepted=choice.accept_cost,
        tell=tell,
        watch=watch,
    )
    ended = host_bot(invocation.folder, settings, hosting)
    tell(ended.reason)
    if ended.interrupted:
        raise click.Abort


@click.command()
@click.option("--now", is_flag=True, help="Abandon the round in progress.")
@click.option("--flatten", is_flag=True, help="Close all positions first.")
@click.pass_obj
def stop(invocation: Invocation, now: bool, flatten: bool) -> None:
    """Stop the bot; returns when its process is gone."""
    from cockpit.daemon.process import stop as stop_bot

    if now and flatten:
        raise click.UsageError("--now abandons what --flatten would have to wait for: give one of them")
    outcome = stop_bot(invocation.folder, now=now, flatten=flatten, tell=click.echo)
    click.echo(f"{invocation.folder.name} (pid {outcome.pid}) is gone after {outcome.waited_s:.1f} s")


def _unless_nobody_listens() -> Callable[[str], None]:
    """Prints as long as there is somebody to print to: a run outlives its terminal, and `| head`."""
    is_heard = True

    def attempt(what: str) -> None:
        nonlocal is_heard
        if not is_heard:
            return
        try:
            click.echo(what)
            sys.stdout.flush()
        except OSError:
            is_heard = False
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the exit flushes once more

    return attempt
