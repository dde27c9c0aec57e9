"""The command line: parses, calls, prints. What a command needs is imported inside it."""

import os
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

import cockpit
from cockpit.daemon.folder import BotFolder, default_state_folder
from cockpit.domain.errors import FAILED, REFUSED, USAGE, CockpitError

if TYPE_CHECKING:
    from cockpit.settings.resolve import Resolved

P = ParamSpec("P")
R = TypeVar("R")

INTERRUPTED = 130
READY_TIMEOUT_S = 60.0
"""A bot that has to replay a long journal without a snapshot takes a while."""

NAME_OF_BOT = r"[a-z0-9][a-z0-9_-]{0,31}"


class TerminalMissing(CockpitError):
    """The dashboard was asked for where there is no terminal to draw it on."""

    exit_code = USAGE


class AlreadyUp(CockpitError):
    """The bot runs already, so what was asked of a new start can't be done."""

    exit_code = REFUSED


@dataclass(frozen=True, slots=True)
class Invocation:
    """What the global options said.

    Attributes:
        config: The settings file, if any.
        folder: The bot's.
        state_folder: Where all bots are.
    """

    config: Path | None
    folder: BotFolder
    state_folder: Path

    def resolve(self, flags: Mapping[str, Any] | None = None) -> "Resolved":
        """Settings from the file, the environment and a command's flags."""
        from cockpit.settings.resolve import resolve

        return resolve(config=self.config, environment=os.environ, flags=flags)

    def host_command(self, choice: "Choice", *, new: bool) -> list[str]:
        """What runs this bot in a process of its own, with the same settings."""
        where = ["--state-dir", str(self.folder.root.parent), "--bot", self.folder.name]
        where += [] if self.config is None else ["--config", str(self.config.absolute())]
        command = [sys.executable, "-m", "cockpit", *where, "host", *choice.arguments()]
        return [*command, "--new"] if new else command


def _bot_name(context: click.Context, parameter: click.Parameter, value: str) -> str:
    import re

    if not re.fullmatch(NAME_OF_BOT, value):
        raise click.BadParameter("use lower-case letters, digits, - and _, 32 at most")
    return value


def _found_config(given: Path | None) -> Path | None:
    from platformdirs import user_config_path

    places = (Path("config/cockpit.toml"), user_config_path("cockpit") / "cockpit.toml")
    return given or next((place for place in places if place.is_file()), None)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="COCKPIT_CONFIG",
    help="Settings file (config/cockpit.toml here, or in your configuration folder).",
)
@click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="COCKPIT_STATE_DIR",
    help="Where bots keep their things (state/ here, or your state folder).",
)
@click.option(
    "--bot",
    default="arena",
    envvar="COCKPIT_BOT",
    callback=_bot_name,
    show_default=True,
    help="Which bot; each has a folder of its own.",
)
@click.version_option(cockpit.__version__, prog_name="cockpit")
@click.pass_context
def cli(context: click.Context, config: Path | None, state_dir: Path | None, bot: str) -> None:
    """Trading agents compete with paper money. Without a command: the dashboard."""
    state_folder = state_dir or default_state_folder(Path.cwd())
    context.obj = Invocation(_found_config(config), BotFolder((state_folder / bot).absolute()), state_folder)
    if context.invoked_subcommand is None:
        context.invoke(attach)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the options that `run`, `start` and `up` share said; None or empty where nothing was."""

    rounds: int | None = None
    duration: str | None = None
    test: bool = False
    symbol: tuple[str, ...] = ()
    strategy: tuple[str, ...] = ()
    market: str | None = None
    data: Path | None = None
    venue: str | None = None
    interval: str | None = None
    speed: str | None = None
    seed: int | None = None

    def flags(self) -> dict[str, Any]:
        """As a tree of settings."""
        from cockpit.settings.tree import CONTROLS

        tree: dict[str, dict[str, Any]] = {
            "arena": {
                "rounds": self.rounds or (5 if self.test else None),
                "duration": self.duration,
                "interval": self.interval or ("1m" if self.test else None),
            },
            "market": {
                "kind": self.market or ("replay" if self.data else None),
                "data": self.data,
                "symbols": self.symbol or None,
                "speed": self.speed or ("max" if self.test else None),
                "seed": self.seed,
            },
            "venue": {"kind": self.venue},
        }
        given = {
            section: {name: value for name, value in values.items() if value is not None}
            for section, values in tree.items()
        }
        if not self.strategy:
            return given
        names = dict.fromkeys((*self.strategy, *CONTROLS))
        return given | {"agents": [{"name": name} for name in names]}

    def arguments(self) -> list[str]:
        """As they were typed."""
        arguments = ["--test"] if self.test else []
        for name in self.__slots__:
            value = getattr(self, name)
            values = value if isinstance(value, tuple) else (value,)
            if name != "test":
                arguments += [f"--{name}={each}" for each in values if each is not None]
        return arguments


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that `run`, `start` and `up` share; the command gets them as one `choice`."""
    options = (
        click.option("--rounds", type=click.IntRange(min=1), help="Finish after so many rounds."),
        click.option("--duration", metavar="TIME", help="Finish after so much market time: 90s, 15m, 7d."),
        click.option("--test", is_flag=True, help="Five quick rounds."),
        click.option("--symbol", multiple=True, help="Trade only this; may be given again."),
        click.option("--strategy", multiple=True, help="Only this strategy and the controls."),
        click.option("--market", metavar="KIND", help="simulated or replay."),
        click.option(
            "--data", type=click.Path(path_type=Path), help="Candles to replay: a file or a folder."
        ),
        click.option("--venue", metavar="KIND", help="paper."),
        click.option("--interval", metavar="TIME", help="Market time between rounds: 3m."),
        click.option("--speed", metavar="X", help="Market seconds per second, or max."),
        click.option("--seed", type=click.IntRange(min=0), help="Of the simulated market."),
    )

    @click.pass_obj
    @wraps(command)
    def with_choice(invocation: Invocation, /, **given: Any) -> Any:
        chosen = Choice(**{name: given.pop(name) for name in Choice.__slots__})
        return command(invocation, choice=chosen, **given)

    for option in reversed(options):
        with_choice = option(with_choice)
    return with_choice


@cli.command()
@run_options
@click.option("--new", is_flag=True, help="Begin a new run even if there is an unfinished one.")
def up(invocation: Invocation, choice: Choice, new: bool) -> None:
    """Start the bot if it isn't running, then open the dashboard."""
    from cockpit.daemon.lock import running_pid

    _need_terminal()
    if running_pid(invocation.folder) is None:
        _start(invocation, choice, new)
    elif new or choice != Choice():
        raise AlreadyUp(f"the bot {invocation.folder.name} runs already: `cockpit attach` shows it as it is")
    _open_dashboard(invocation, choice)


@cli.command()
@run_options
@click.option("--json", "as_json", is_flag=True, help="Print the pid as JSON.")
@click.option("--new", is_flag=True, help="Begin a new run even if there is an unfinished one.")
def start(invocation: Invocation, choice: Choice, new: bool, as_json: bool) -> None:
    """Start the bot in the background; it goes on with its unfinished run."""
    pid = _start(invocation, choice, new)
    _say({"bot": invocation.folder.name, "pid": pid}, as_json, f"{invocation.folder.name} runs (pid {pid})")


def _start(invocation: Invocation, choice: Choice, new: bool) -> int:
    from cockpit.daemon.process import spawn

    invocation.resolve(choice.flags())  # what is wrong with them is better said here
    return spawn(invocation.folder, invocation.host_command(choice, new=new), READY_TIMEOUT_S)


@cli.command(hidden=True)
@run_options
@click.option("--new", is_flag=True)
def host(invocation: Invocation, choice: Choice, new: bool) -> None:
    """The background process itself; `start` runs it."""
    from cockpit.daemon.hosting import Hosting
    from cockpit.daemon.hosting import host as host_bot

    settings = invocation.resolve(choice.flags()).settings
    host_bot(invocation.folder, settings, Hosting(new=new, foreground=False))


@cli.command()
@run_options
def run(invocation: Invocation, choice: Choice) -> None:
    """A new run in the foreground: a leaderboard after each round, exports at the end."""
    from rich.console import Console

    from cockpit.daemon.hosting import Hosting
    from cockpit.daemon.hosting import host as host_bot
    from cockpit.report.live import round_printer

    settings = invocation.resolve(choice.flags()).settings
    console = Console(soft_wrap=True)
    show = _unless_nobody_listens(console.print)
    tell = _unless_nobody_listens(click.echo)
    hosting = Hosting(
        new=True,
        foreground=True,
        tell=tell,
        watch=lambda bot: bot.listen(round_printer(bot.state, show)),
    )
    ended = host_bot(invocation.folder, settings, hosting)
    tell(ended.reason)
    if ended.interrupted:
        sys.exit(INTERRUPTED)


def _unless_nobody_listens(show: Callable[[Any], None]) -> Callable[[Any], None]:
    """Shows as long as there is somebody to show it to: a run outlives its terminal, and `| head`."""
    is_heard = True

    def attempt(what: Any) -> None:
        nonlocal is_heard
        if not is_heard:
            return
        try:
            show(what)
            sys.stdout.flush()
        except OSError:
            is_heard = False
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the exit flushes once more

    return attempt


@cli.command()
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


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--all", "every", is_flag=True, help="Every bot there is, running or not.")
@click.pass_obj
def status(invocation: Invocation, as_json: bool, every: bool) -> None:
    """How the bot is doing."""
    from cockpit.daemon.status import bots_status, status_lines

    if every:
        found = bots_status(invocation.state_folder)
        lines = [
            f"{each['bot']}: {'pid ' + str(each['pid']) if each['pid'] else 'not running'}" for each in found
        ]
        _say(found, as_json, "\n".join(lines) or f"no bots in {invocation.state_folder}")
    else:
        health, rows = _ask(invocation, "/health", "/leaderboard")
        _say({"health": health, "leaderboard": rows}, as_json, "\n".join(status_lines(health, rows)))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def health(invocation: Invocation, as_json: bool) -> None:
    """Whether process, journal and market are well; exit code 1 if something is wrong."""
    from cockpit.daemon.status import health_faults

    (found,) = _ask(invocation, "/health")
    faults = health_faults(found)
    _say({"health": found, "faults": faults}, as_json, "\n".join(faults) or "all is well")
    if faults:
        sys.exit(1)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="A .json, .csv or .html file."
)
@click.option("--day", metavar="2025-01-31", help="One UTC day of market time; the whole run unless given.")
@click.pass_obj
def report(invocation: Invocation, as_json: bool, output: Path | None, day: str | None) -> None:
    """What the newest run earned, and how; reads the journal, bot or no bot."""
    from cockpit.report.export import print_report

    print_report(invocation.folder.journal, day=day, as_json=as_json, output=output, echo=click.echo)


@cli.command()
@click.pass_obj
def attach(invocation: Invocation) -> None:
    """Open the dashboard on the bot, running or not."""
    _open_dashboard(invocation, Choice())


def _need_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise TerminalMissing(
            "the dashboard needs a terminal; without one there are `cockpit start` and `cockpit status`"
        )


def _open_dashboard(invocation: Invocation, choice: Choice) -> None:
    _need_terminal()
    from cockpit.settings.sources import layers, merged
    from cockpit.tui.app import run_dashboard

    keys, theme = None, "cockpit"
    tree, _ = merged(layers(invocation.config, os.environ, {}))
    if "dashboard" in tree:  # only then is it worth the time to check it before the first frame
        dashboard = invocation.resolve().settings.dashboard
        keys, theme = dashboard.keys, dashboard.theme
    start_bot = partial(_start, invocation, choice, False)
    run_dashboard(invocation.folder, start=start_bot, keys=keys, theme=theme)


def _size(context: click.Context, parameter: click.Parameter, value: str) -> tuple[int, int]:
    import re

    match = re.fullmatch(r"(\d{2,3})x(\d{2,3})", value)
    if match is None:
        raise click.BadParameter("write columns and rows, such as 160x50")
    return int(match[1]), int(match[2])


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--size", default="160x50", callback=_size, show_default=True, help="Columns and rows.")
@click.option("--theme", default="cockpit", show_default=True, help="As for the dashboard.")
@click.pass_obj
def picture(invocation: Invocation, file: Path, size: tuple[int, int], theme: str) -> None:
    """Draw the dashboard into an SVG file, as it looks now."""
    from cockpit.tui.bot_link import SocketLink
    from cockpit.tui.screenshot import export_svg

    link = SocketLink(invocation.folder, partial(_start, invocation, Choice(), False))
    export_svg(link, file, size, theme=theme)
    click.echo(f"wrote {file}")


@cli.command()
@click.pass_obj
def pause(invocation: Invocation) -> None:
    """Let market time stand still."""
    _control(invocation, "/pause")


@cli.command()
@click.pass_obj
def resume(invocation: Invocation) -> None:
    """Let market time go on."""
    _control(invocation, "/resume")


@cli.command()
@click.option("--flatten", is_flag=True, help="First cancel every order and close every position.")
@click.pass_obj
def kill(invocation: Invocation, flatten: bool) -> None:
    """Turn the kill switch on: orders are created and never sent."""
    _control(invocation, "/kill", flatten=flatten)


@cli.command()
@click.pass_obj
def unkill(invocation: Invocation) -> None:
    """Turn the kill switch off."""
    _control(invocation, "/unkill")


@cli.command("reset-breaker")
@click.argument("name")
@click.option("--scope", default="arena", show_default=True, help="An agent, or arena.")
@click.pass_obj
def reset_breaker(invocation: Invocation, name: str, scope: str) -> None:
    """Arm a tripped circuit breaker again."""
    from cockpit.daemon.client import BotClient

    async def reset() -> dict[str, Any]:
        async with BotClient(invocation.folder.socket) as client:
            return await client.reset_breaker(name, scope, "the command line")

    click.echo(_with_bot(invocation, reset)["message"])


@cli.command()
@click.argument("ident")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def audit(invocation: Invocation, ident: str, as_json: bool) -> None:
    """The whole trail of decision:7, order:12 or fill:3; reads the journal, bot or no bot."""
    from cockpit.report.trail import read_trail, trail_document, trail_lines

    trail = read_trail(invocation.folder.journal, ident)
    _say(trail_document(trail), as_json, "\n".join(trail_lines(trail)))


@cli.command()
@click.pass_obj
def rebuild(invocation: Invocation) -> None:
    """Make the read models anew from the journal's events; the bot must not be running."""
    from cockpit.daemon.lock import BotLock
    from cockpit.journal.journal import Journal

    if not invocation.folder.journal.exists():
        raise click.UsageError(f"there is no journal at {invocation.folder.journal}")
    with BotLock(invocation.folder):
        journal = Journal.open(invocation.folder.journal)
        try:
            click.echo(f"read models made anew from {journal.rebuild():,} events")
        finally:
            journal.close()


@cli.group()
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
    _say(
        [{"name": each.name, "kind": each.kind, "summary": each.summary} for each in found],
        as_json,
        "\n".join(lines),
    )


@cli.group()
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
    _say(as_data, as_json, "\n".join(lines))


@config.command("check")
@click.pass_obj
def check_config(invocation: Invocation) -> None:
    """Say whether the settings make an arena."""
    from cockpit.arena.assembly import assemble

    parts = assemble(invocation.resolve().settings, invocation.folder.name)
    for notice in parts.market.notices:
        click.echo(notice)
    click.echo(f"the settings are good: {len(parts.agents)} agents on {parts.market.name}")


def _ask(invocation: Invocation, *paths: str) -> list[Any]:
    from cockpit.daemon.client import BotClient

    async def ask() -> list[Any]:
        async with BotClient(invocation.folder.socket) as client:
            return [await client.get(path) for path in paths]

    return _with_bot(invocation, ask)


def _control(invocation: Invocation, path: str, **body: bool) -> None:
    from cockpit.daemon.client import BotClient

    async def post() -> dict[str, Any]:
        async with BotClient(invocation.folder.socket) as client:
            return await client.post(path, params=None, by="the command line", **body)

    click.echo(_with_bot(invocation, post)["message"])


def _with_bot(invocation: Invocation, call: Callable[[], Coroutine[Any, Any, R]]) -> R:
    import asyncio

    from cockpit.daemon.lock import running_pid
    from cockpit.daemon.process import NotRunning

    if running_pid(invocation.folder) is None:
        raise NotRunning(invocation.folder.name)
    return asyncio.run(call())


def _say(data: object, as_json: bool, text: str) -> None:
    import json

    click.echo(json.dumps(data, indent=2, ensure_ascii=False) if as_json else text)


def main() -> None:
    """Runs the command line; errors are one line on stderr, and an exit code."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except CockpitError as error:
        click.echo(f"cockpit: {error}", err=True)
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - nobody is shown a traceback; it goes to a file
        click.echo(f"cockpit: a fault of its own ({type(error).__name__}: {error}); see {_kept()}", err=True)
        sys.exit(FAILED)


def _kept() -> Path:
    """Where the traceback of the error being handled was written."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="cockpit-fault-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exc(file=file)
    return Path(file.name)
