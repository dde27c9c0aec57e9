"""Commands on the journal, whether its bot is running or not."""

from pathlib import Path

import click

from cockpit.cli.answers import say
from cockpit.cli.invocation import Invocation


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="A .json, .csv or .html file."
)
@click.option("--day", metavar="2025-01-31", help="One UTC day of market time; the whole run unless given.")
@click.option(
    "--columns",
    metavar="full|nof1",
    default="full",
    show_default=True,
    help="Of the tables that are printed.",
)
@click.pass_obj
def report(invocation: Invocation, as_json: bool, output: Path | None, day: str | None, columns: str) -> None:
    """What the newest run earned, and how; reads the journal, bot or no bot."""
    from cockpit.report.columns import Preset, preset_named
    from cockpit.report.export import print_report

    preset = preset_named(columns)
    if preset is not Preset.FULL and (as_json or output is not None):
        raise click.UsageError(
            "--columns is about tables that are printed: leave it out, or --json and --output"
        )
    print_report(
        invocation.folder.journal, day=day, as_json=as_json, output=output, columns=preset, echo=click.echo
    )


@click.command()
@click.argument("ident")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def audit(invocation: Invocation, ident: str, as_json: bool) -> None:
    """The whole trail of decision:7, order:12 or fill:3; reads the journal, bot or no bot."""
    from cockpit.report.trail import read_trail, trail_document, trail_lines

    trail = read_trail(invocation.folder.journal, ident)
    say(trail_document(trail), as_json, "\n".join(trail_lines(trail)))


@click.command()
@click.pass_obj
def rebuild(invocation: Invocation) -> None:
    """Make the read models anew from the journal's events; the bot must not be running."""
    from cockpit.daemon.lock import BotLock
    from cockpit.journal.errors import JournalUnavailable
    from cockpit.journal.journal import Journal

    if not invocation.folder.journal.exists():
        raise JournalUnavailable(
            f"there is no journal at {invocation.folder.journal}: no bot has run there yet"
        )
    with BotLock(invocation.folder):
        journal = Journal.open(invocation.folder.journal)
        try:
            click.echo(f"read models made anew from {journal.rebuild():,} events")
        finally:
            journal.close()
