"""The program: its global options, its commands, and how errors end it."""

import sys
from pathlib import Path

import click

import cockpit
from cockpit.cli.bot import host, run, start, stop, up
from cockpit.cli.controls import alerts, kill, mode, pause, reset_breaker, resume, sync, unkill
from cockpit.cli.dashboard import attach, picture
from cockpit.cli.debate import debate
from cockpit.cli.invocation import Invocation
from cockpit.cli.journal import audit, rebuild, report
from cockpit.cli.library import models, strategies, tools
from cockpit.cli.profiles import profiles
from cockpit.cli.settings import agents, config
from cockpit.cli.status import health, status
from cockpit.daemon.folder import DEFAULT_BOT, BotFolder, default_state_folder
from cockpit.domain.errors import FAILED, CockpitError

INTERRUPTED = 130
NAME_OF_BOT = r"[a-z0-9][a-z0-9_-]{0,31}"

COMMANDS: tuple[click.Command, ...] = (
    *(up, run, start, host, stop, attach, picture),
    *(status, health, report, audit, rebuild),
    *(pause, resume, kill, unkill, mode, reset_breaker, alerts, sync),
    *(agents, config, debate, profiles),
    *(models, tools, strategies),
)


def _bot_name(context: click.Context, parameter: click.Parameter, value: str) -> str:
    import re

    if not re.fullmatch(NAME_OF_BOT, value):
        raise click.BadParameter("use lower-case letters, digits, - and _, 32 at most")
    return value


@click.group(
    commands=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
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
    default=DEFAULT_BOT,
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


def _found_config(given: Path | None) -> Path | None:
    beside = Path("config/cockpit.toml")
    if given is not None or beside.is_file():
        return given or beside
    from platformdirs import user_config_path

    personal = user_config_path("cockpit") / "cockpit.toml"
    return personal if personal.is_file() else None


def main() -> None:
    """Runs the command line; errors are one line on stderr, and an exit code."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(INTERRUPTED)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        click.echo(f"cockpit: {_usage_words(error)}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except CockpitError as error:
        click.echo(f"cockpit: {error}", err=True)
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - nobody is shown a traceback; it goes to a file
        click.echo(f"cockpit: a fault of its own ({type(error).__name__}: {error}); see {_kept()}", err=True)
        sys.exit(FAILED)


def _usage_words(error: click.ClickException) -> str:
    """What click finds wrong with what was typed, in one line, and where to read on."""
    words = " ".join(error.format_message().split()).replace(". (Did", " (did").rstrip(".")
    if words[1:2].islower():
        words = words[0].lower() + words[1:]
    context = getattr(error, "ctx", None)
    return words if context is None else f"{words}; see `{context.command_path} --help`"


def _kept() -> Path:
    """Where the traceback of the error being handled was written."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="cockpit-fault-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exc(file=file)
    return Path(file.name)
