"""The command that lets a bot debate, and shows it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from cockpit.cli.answers import ASKER, is_running, say
from cockpit.cli.invocation import Invocation
from cockpit.domain.errors import FAILED

if TYPE_CHECKING:
    from cockpit.daemon.debate_watch import DebateWish
    from cockpit.report.debates.board import DebateBoard

_NOT_BEGUN = "stopped before the debate had begun"
LIVE_PER_S = 8
"""How often the screen is drawn anew while somebody speaks."""


@click.command()
@click.argument("symbol")
@click.option("--agent", metavar="NAME", help="Which agent of kind debate; the first that can unless given.")
@click.option("--execute", is_flag=True, help="Act upon the verdict; else it is only told.")
@click.option(
    "--new", is_flag=True, help="Where no bot runs: begin a new run even if there is an unfinished one."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, once it is over.")
@click.pass_obj
def debate(
    invocation: Invocation, symbol: str, agent: str | None, execute: bool, new: bool, as_json: bool
) -> None:
    """Let an agent debate on SYMBOL now, outside its rounds, and show it as it unfolds.

    A running bot is asked for it. Where none runs, its unfinished run is opened for this debate alone, under
    the settings it was last run with, or a new one is begun; market time does not pass meanwhile. Exit code 1
    if there is no verdict.
    """
    from cockpit.daemon.debate_watch import DebateWish

    wish = DebateWish(symbol=symbol, agent=agent, execute=execute, by=ASKER)
    is_live = not as_json and sys.stdout.isatty()
    if not is_live and sys.stderr.isatty():
        click.echo("getting ready to debate: what was said is told once it is over", err=True)
    with _shown(is_live=is_live) as board:
        watched = _Watched(invocation, wish, board)
        ask = watched.ask_running if is_running(invocation) else watched.ask_alone
        ask(new=new)
    if watched.farewell:
        click.echo(watched.farewell, err=True)
    if watched.is_interrupted:
        raise click.Abort
    if watched.found:
        _print(watched.found, as_json)
    if watched.found.get("status") != "held":
        sys.exit(FAILED)


class _Watched:
    """One debate, asked for and shown.

    Attributes:
        found: What the bot tells of it; empty where it was not seen to its end.
        farewell: Why it was not, in words.
        is_interrupted: Whether that is so because the person wanted it.
    """

    def __init__(self, invocation: Invocation, wish: "DebateWish", board: "DebateBoard | None") -> None:
        self.found: dict[str, Any] = {}
        self.farewell = ""
        self.is_interrupted = False
        self._invocation = invocation
        self._wish = wish
        self._board = board
        self._name = ""

    def ask_running(self, *, new: bool) -> None:
        """Asks the bot that runs."""
        import asyncio

        if new:
            raise click.UsageError("--new begins a run where no bot runs, but this one does: leave it out")
        try:
            asyncio.run(self._see())
        except KeyboardInterrupt:
            self.is_interrupted = True
            self.farewell = _NOT_BEGUN
            if self._name:
                self.farewell = (
                    f"{self._name} goes on in the bot, which journals it: `cockpit attach` shows it"
                )

    def ask_alone(self, *, new: bool) -> None:
        """Opens the bot for the debate alone."""
        from cockpit.daemon.lone_debate import host_debate

        settings = self._invocation.resolve().settings
        ended = host_debate(self._invocation.folder, settings, self._see, new=new)
        if not self.found:
            self.is_interrupted = ended.interrupted
            self.farewell = f"{self._name} was abandoned: {ended.reason}" if self._name else _NOT_BEGUN

    async def _see(self) -> None:
        from cockpit.daemon.client import BotClient, PassingMessage, PassingWords
        from cockpit.daemon.debate_watch import DebateWatch
        from cockpit.domain.events import DebateAsked

        def begun(asked: DebateAsked) -> None:
            self._name = f"debate {asked.debate_id}"
            if self._board is not None:
                self._board.begin(asked.debate_id, asked.agent, asked.symbol)

        def heard(told: PassingWords | PassingMessage) -> None:
            if self._board is None:
                return
            if isinstance(told, PassingMessage):
                self._board.conclude(told.message)
            else:
                self._board.hear(told.role, told.talk, told.start, told.text)

        async with BotClient(self._invocation.folder.socket) as client:
            watch = DebateWatch(client=client, begun=begun, heard=heard)
            self.found = await watch.see(self._wish)


@contextmanager
def _shown(*, is_live: bool) -> "Iterator[DebateBoard | None]":
    """What is drawn on the terminal while it changes, and wiped away in the end; None where nobody looks."""
    if not is_live:
        yield None
        return
    import time

    from rich.console import Console
    from rich.live import Live

    from cockpit.report.debates.board import DebateBoard

    board = DebateBoard(clock_s=time.monotonic)
    with Live(board, console=Console(), refresh_per_second=LIVE_PER_S, transient=True):
        yield board


def _print(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        say(found, True, "")
        return
    from cockpit.report.debates.page import debate_page
    from cockpit.report.tables import printed

    click.echo(printed(debate_page(found, in_panels=sys.stdout.isatty())))
