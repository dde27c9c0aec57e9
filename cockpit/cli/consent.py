"""Asks before models are asked about recorded candles."""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from cockpit.cli.answers import is_running
from cockpit.cli.invocation import Choice, Invocation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cockpit.arena.asking_plan import RunEstimate
    from cockpit.daemon.consent import CostQuestion


def with_consent(invocation: Invocation, choice: Choice, *, new: bool) -> Choice:
    """What was typed, with a person's yes to the cost where one is needed.

    What a run would cost is shown on stderr. A bot that runs already is asked nothing: it can't be started.

    Args:
        invocation: Which bot, and its settings.
        choice: What was typed.
        new: Whether a new run is wanted, even if there is an unfinished one.

    Raises:
        CostNotAccepted: If the person says no, or there is nobody to ask.
        CockpitError: If the settings make no arena.
    """
    settings = invocation.resolve(choice.flags()).settings
    if settings.market.kind != "replay" or is_running(invocation):
        return choice
    import asyncio

    from cockpit.daemon.consent import cost_question

    by_hand = bool(choice.strategy)
    question = asyncio.run(cost_question(invocation.folder, settings, new=new, by_hand=by_hand))
    if question is None:
        return choice
    _ask(question, is_accepted=choice.accept_cost)
    return replace(choice, accept_cost=True)


def _ask(question: "CostQuestion", *, is_accepted: bool) -> None:
    from cockpit.daemon.consent import HOW_TO_ACCEPT, CostNotAccepted
    from cockpit.report.estimate_table import estimate_line

    is_heard = sys.stdin.isatty() and sys.stderr.isatty()
    if not is_accepted and not is_heard:
        line = estimate_line(question.estimate)
        raise CostNotAccepted(f"models would be asked about recorded candles: {line}; {HOW_TO_ACCEPT}")
    _show(question.estimate, question.warnings, is_error=True)
    if not is_accepted and not click.confirm("Go on?", default=False, err=True):
        raise CostNotAccepted("nothing was started: the cost was not accepted")


def say_estimate(invocation: Invocation, choice: Choice) -> None:
    """Prints what a new run would ask models and what that costs, on any market; nobody is asked.

    Raises:
        CockpitError: If the settings make no arena.
    """
    import asyncio

    from cockpit.daemon.consent import new_run_estimate

    settings, by_hand = invocation.resolve(choice.flags()).settings, bool(choice.strategy)
    found = asyncio.run(new_run_estimate(invocation.folder, settings, by_hand=by_hand))
    if found is None:
        click.echo(
            "nobody would be asked: no agent that asks models can take part (`cockpit agents list` says why),"
            " or recorded calls answer"
        )
    else:
        _show(found.estimate, found.warnings, is_error=False)


def _show(estimate: "RunEstimate", warnings: "Sequence[str]", *, is_error: bool) -> None:
    from rich.console import Console

    from cockpit.report.estimate_table import estimate_report
    from cockpit.report.tables import printed

    click.echo(printed(estimate_report(estimate, warnings), Console(stderr=is_error)), err=is_error)
