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
    """Who competes in a new run, by settings and profiles, and who can't and why."""
    from cockpit.daemon.enrolment import enrolled

    start_list = enrolled(invocation.resolve().settings, invocation.folder, new=True)
    parts = start_list.parts
    found = [
        {
            "name": each.name,
            "kind": each.kind,
            "summary": each.summary,
            "grounded": parts.agents[each.name].grounded,
            "by_profile": each.name in start_list.traders,
        }
        for each in parts.agreement.contestants
    ]
    width = max(map(len, parts.agents))
    lines = []
    for each in found:
        whence = "  (by its profile)" if each["by_profile"] else ""
        lines.append(f"{each['name']:{width}}  {each['kind']:8}  {each['summary']}{whence}")
        if each["grounded"]:
            lines.append(f"{'':{width}}  can't take part: {each['grounded']}")
    lines += start_list.left_out
    say(found, as_json, "\n".join(lines))


@agents.command("prompt")
@click.argument("name")
@click.option("--role", help="Of a debate, this one's prompt alone: bull, bear …, shadow.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show_prompt(invocation: Invocation, name: str, role: str | None, as_json: bool) -> None:
    """What an agent's models would be asked now; bot or no bot, and nobody is asked.

    Of a debate that is what each analyst is told before anybody has spoken, and what the judge would be told
    without them (shadow).
    """
    from cockpit.daemon.prompt_now import prompt_document, prompt_lines, prompt_now

    found = prompt_now(invocation.folder, invocation.resolve().settings, name, role)
    say(prompt_document(found), as_json, "\n".join(prompt_lines(found)))


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
    """Say whether the settings make an arena, with the traders of profiles in it."""
    from cockpit.arena.notices import notices_of
    from cockpit.daemon.enrolment import enrolled

    start_list = enrolled(invocation.resolve().settings, invocation.folder, new=True)
    parts = start_list.parts
    for notice in (*notices_of(start_list.settings, parts), *start_list.notices):
        click.echo(notice)
    for name, agent in parts.agents.items():
        if agent.grounded:
            click.echo(f"{name} can't take part: {agent.grounded}")
    click.echo(f"the settings are good: {len(parts.agents)} agents on {parts.market.name}")
