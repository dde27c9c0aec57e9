"""Commands that show the settings, and who competes by them."""

import click

from cockpit.cli.answers import say
from cockpit.cli.invocation import Invocation


@click.group()
def agents() -> None:
    """Who competes."""


@agents.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_agents(invocation: Invocation, as_json: bool) -> None:
    """Who competes, by the settings."""
    from cockpit.arena.assembly import assemble

    found = assemble(invocation.resolve().settings, invocation.folder.name).agreement.contestants
    width = max(len(each.name) for each in found)
    lines = [f"{each.name:{width}}  {each.kind:8}  {each.summary}" for each in found]
    say(
        [{"name": each.name, "kind": each.kind, "summary": each.summary} for each in found],
        as_json,
        "\n".join(lines),
    )


@click.group()
def config() -> None:
    """The settings."""


@config.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show_config(invocation: Invocation, as_json: bool) -> None:
    """Every setting as resolved, with where it came from."""
    from cockpit.settings.resolve import described

    found = described(invocation.resolve())
    width = max(len(each.name) for each in found)
    lines = [f"{each.name:{width}}  {each.value:<24}  {each.source}" for each in found]
    as_data = {each.name: {"value": each.value, "source": each.source} for each in found}
    say(as_data, as_json, "\n".join(lines))


@config.command("check")
@click.pass_obj
def check_config(invocation: Invocation) -> None:
    """Say whether the settings make an arena."""
    from cockpit.arena.assembly import assemble

    parts = assemble(invocation.resolve().settings, invocation.folder.name)
    for notice in parts.market.notices:
        click.echo(notice)
    click.echo(f"the settings are good: {len(parts.agents)} agents on {parts.market.name}")
