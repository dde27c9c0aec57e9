"""Commands that list what an arena is made of: models, tools and strategies."""

from collections.abc import Callable, Iterable
from typing import Any

import click

from cockpit.cli.answers import is_running, say
from cockpit.cli.invocation import Invocation


def _listed(invocation: Invocation, path: str, as_json: bool, lines: Callable[[Any], Iterable[str]]) -> None:
    """Prints what the bot says at a path; where none runs, what settings and the newest run say."""
    import asyncio
    import time

    from cockpit.daemon.client import BotClient
    from cockpit.daemon.journal_answers import JournalAnswers

    async def ask() -> Any:
        if is_running(invocation):
            async with BotClient(invocation.folder.socket) as client:
                return await client.get(path)
        by_settings = JournalAnswers(
            invocation.folder, lambda: invocation.resolve().settings, lambda: time.time_ns() // 1_000_000
        )
        return await by_settings.get(path)

    found = asyncio.run(ask())
    say(found, as_json, "\n".join(lines(found)))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def models(invocation: Invocation, as_json: bool) -> None:
    """The models that agents ask: keys, prices, and who asks them."""
    from cockpit.report.library_words import model_lines

    _listed(invocation, "/models", as_json, model_lines)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def tools(invocation: Invocation, as_json: bool) -> None:
    """The tools that models may use."""
    from cockpit.report.library_words import tool_lines

    _listed(invocation, "/tools", as_json, tool_lines)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def strategies(invocation: Invocation, as_json: bool) -> None:
    """The strategies there are, and who runs them."""
    from cockpit.report.library_words import strategy_lines

    _listed(invocation, "/strategies", as_json, strategy_lines)
