"""Commands on profiles: how models are used, and who competes in the next run."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from cockpit.cli.answers import ASKER, is_running, say, with_bot
from cockpit.cli.invocation import Invocation
from cockpit.domain.errors import USAGE, CockpitError

if TYPE_CHECKING:
    from cockpit.daemon.profile_changes import ProfileChange

KINDS = ("ai", "trader")
ROLES = ("decide", "bull", "bear", "risk_manager", "technical", "fundamental", "judge")
TIERS = ("cheap", "powerful")
MODES = ("cheap_first", "escalation_only")
TRADER_KINDS = ("strategy", "llm", "debate")
NOT_SET = "none"
"""What leaves a field out that was given before."""


class ProfileNotTaken(CockpitError):
    """The bot finds something wrong with what was given; the message is its own."""

    exit_code = USAGE


def _none_or(read: Callable[[str], object]) -> Callable[..., object]:
    def value(context: click.Context, parameter: click.Parameter, given: str | None) -> object:
        return None if given is None else NOT_SET if given == NOT_SET else read(given)

    return value


def _dollars(text: str) -> float:
    try:
        return float(text.removeprefix("$"))
    except ValueError:
        raise click.BadParameter(f"{text!r} is no number of dollars: write such as 5 or 0.50") from None


def _else(default: str, *, is_new: bool) -> str:
    return f"  [default: {default}]" if is_new else ""


def _ai_options(*, is_new: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return _options(
        click.argument("name"),
        click.option("--model", required=is_new, help="litellm's name: deepseek/deepseek-chat."),
        click.option(
            "--role", type=click.Choice(ROLES), help=f"What it does.{_else('decide', is_new=is_new)}"
        ),
        click.option(
            "--tier", type=click.Choice(TIERS), help=f"What it costs.{_else('powerful', is_new=is_new)}"
        ),
        click.option(
            "--mode",
            type=click.Choice((*MODES, NOT_SET)),
            help="When a powerful one is asked that has cheap ones before it; always unless given.",
        ),
        click.option(
            "--budget", metavar="DOLLARS", callback=_none_or(_dollars), help="In all; no limit unless given."
        ),
        click.option(
            "--budget-per-day",
            metavar="DOLLARS",
            callback=_none_or(_dollars),
            help="In a UTC day; no limit unless given.",
        ),
    )


def _trader_options(*, is_new: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return _options(
        click.argument("name"),
        click.option("--kind", type=click.Choice(TRADER_KINDS), required=is_new, help="How it decides."),
        click.option("--mind", "minds", multiple=True, metavar="NAME", help="AI profile; may be repeated."),
        click.option("--strategy", metavar="NAME", help="For kind strategy."),
        click.option("--timeframe", metavar="15m", help="Of its bars; the market's own unless given."),
        click.option(
            "--competes/--rests",
            default=None,
            help=f"Whether it enters new runs.{_else('competes', is_new=is_new)}",
        ),
        click.option("--note", help="A line of your own."),
    )


def _options(*options: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return click.pass_obj(command)

    return decorate


@click.group()
def profiles() -> None:
    """How models are used, and traders of your own making.

    A trader that competes enters the next new run beside the agents that settings name; a run under way, and
    one that is taken up again, goes on with those it began with.
    """


@profiles.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_profiles(invocation: Invocation, as_json: bool) -> None:
    """All profiles, and what keeps them from competing."""
    found = _found(invocation)
    if as_json:
        say(found, True, "")
    else:
        from cockpit.report.profile_tables import profile_tables
        from cockpit.report.tables import printed

        click.echo(printed(profile_tables(found)))


@profiles.command("show")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show_profile(invocation: Invocation, kind: str, name: str, as_json: bool) -> None:
    """One profile."""
    from cockpit.report.profile_tables import profile_lines

    found = _found(invocation)
    profile = _one(found, kind, name)
    say(profile, as_json, "\n".join(profile_lines(kind, profile, found)))


@profiles.group("add")
def add() -> None:
    """Add a profile."""


@profiles.group("edit")
def edit() -> None:
    """Change a profile: only what is given changes, and "none" leaves out what was given before."""


@add.command("ai")
@_ai_options(is_new=True)
def add_ai(invocation: Invocation, name: str, **given: Any) -> None:
    """How a model is used."""
    _save(invocation, "ai", _ai_fields(given) | {"name": name}, is_new=True)


@add.command("trader")
@_trader_options(is_new=True)
def add_trader(invocation: Invocation, name: str, **given: Any) -> None:
    """A trader: a strategy, a model that decides (llm), or several that debate."""
    _save(invocation, "trader", _trader_fields(given) | {"name": name}, is_new=True)


@edit.command("ai")
@_ai_options(is_new=False)
def edit_ai(invocation: Invocation, name: str, **given: Any) -> None:
    """How a model is used."""
    _save(invocation, "ai", _edited(invocation, "ai", name, _ai_fields(given)), is_new=False)


@edit.command("trader")
@_trader_options(is_new=False)
def edit_trader(invocation: Invocation, name: str, **given: Any) -> None:
    """A trader."""
    _save(invocation, "trader", _edited(invocation, "trader", name, _trader_fields(given)), is_new=False)


@profiles.command("remove")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("name")
@click.pass_obj
def remove_profile(invocation: Invocation, kind: str, name: str) -> None:
    """Remove a profile; one of a model only while no trader uses it."""
    from cockpit.daemon.profile_changes import RemoveProfile
    from cockpit.domain.profiles import ProfileKind

    _change(invocation, RemoveProfile(kind=ProfileKind(kind), name=name))


def _ai_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = {"budget_total" if name == "budget" else name: value for name, value in given.items()}
    return {name: None if value == NOT_SET else value for name, value in fields.items() if value is not None}


def _trader_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in given.items() if value is not None and value != ()}
    if given["minds"] == (NOT_SET,):
        fields["minds"] = ()
    return {
        name: None if name in {"strategy", "timeframe"} and value == NOT_SET else value
        for name, value in fields.items()
    }


def _edited(invocation: Invocation, kind: str, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a profile with what is given in place of what was."""
    if not given:
        raise click.UsageError("nothing is to change: give at least one option")
    profile = _one(_found(invocation), kind, name)
    return {field: value for field, value in profile.items() if field != "provider"} | dict(given)


def _save(invocation: Invocation, kind: str, fields: Mapping[str, Any], *, is_new: bool) -> None:
    from pydantic import ValidationError

    from cockpit.daemon.profile_changes import SaveProfile
    from cockpit.settings.profile_agents import ProfileInvalid
    from cockpit.settings.profile_tree import AiProfileFields, TraderProfileFields, faults_of

    try:
        read = AiProfileFields(**fields) if kind == "ai" else TraderProfileFields(**fields)
    except ValidationError as error:
        field, words = next(iter(faults_of(error).items()))
        raise ProfileInvalid(f"{field}: {words}", field) from error
    _change(invocation, SaveProfile(profile=read.profile(), is_new=is_new))


def _change(invocation: Invocation, change: "ProfileChange") -> None:
    """Makes a change through the bot that runs, or else in its folder, and says so."""
    import time

    from cockpit.daemon.profile_changes import done_words
    from cockpit.daemon.profile_desk import change_of_stopped

    if is_running(invocation):
        click.echo(_ask(invocation, change)["message"])
    else:
        change_of_stopped(invocation.folder, change, ASKER, time.time_ns() // 1_000_000)
        click.echo(done_words(change))


def _ask(invocation: Invocation, change: "ProfileChange") -> dict[str, Any]:
    from cockpit.daemon.client import BotClient, BotRefused
    from cockpit.daemon.profile_requests import ask_for_change

    async def ask() -> dict[str, Any]:
        async with BotClient(invocation.folder.socket) as client:
            return await ask_for_change(client, change, ASKER)

    try:
        return with_bot(invocation, ask)
    except BotRefused as error:
        if error.status in {404, 422}:
            raise ProfileNotTaken(str(error)) from error
        raise


def _found(invocation: Invocation) -> dict[str, Any]:
    """As ``GET /profiles`` gives it, of the bot that runs, or else from its folder."""
    if not is_running(invocation):
        return _kept(invocation)
    from cockpit.daemon.client import BotClient

    async def get() -> dict[str, Any]:
        async with BotClient(invocation.folder.socket) as client:
            found: dict[str, Any] = await client.get("/profiles")
            return found

    return with_bot(invocation, get)


def _kept(invocation: Invocation) -> dict[str, Any]:
    import os

    from cockpit.daemon.api_profiles import profiles_answer
    from cockpit.daemon.profile_desk import missing_keys
    from cockpit.journal.profile_reading import read_profiles

    book = read_profiles(invocation.folder.journal)
    keys = missing_keys(book, invocation.resolve().settings.models, os.environ)
    return profiles_answer(book, keys).model_dump(mode="json")


def _one(found: Mapping[str, Any], kind: str, name: str) -> dict[str, Any]:
    from cockpit.daemon.profile_changes import ProfileUnknown
    from cockpit.domain.profiles import ProfileKind

    for each in found["ai" if kind == "ai" else "traders"]:
        if each["name"] == name:
            profile: dict[str, Any] = each
            return profile
    raise ProfileUnknown(ProfileKind(kind), name)
