"""What was typed: which bot and settings the global options name, and the options of a run."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cockpit.daemon.folder import BotFolder

if TYPE_CHECKING:
    from cockpit.settings.resolve import Resolved

READY_TIMEOUT_S = 60.0
"""A bot that has to replay a long journal without a snapshot takes a while."""


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
    accept_cost: bool = False

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
        arguments = []
        for name in self.__slots__:
            option, value = f"--{name.replace('_', '-')}", getattr(self, name)
            if isinstance(value, bool):
                arguments += [option] if value else []
                continue
            values = value if isinstance(value, tuple) else (value,)
            arguments += [f"{option}={each}" for each in values if each is not None]
        return arguments


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

    def host_command(self, choice: Choice, *, new: bool) -> list[str]:
        """What runs this bot in a process of its own, with the same settings."""
        command = [*self._program(), "host", *choice.arguments()]
        return [*command, "--new"] if new else command

    def start_bot(self, choice: Choice, *, new: bool) -> int:
        """Starts the bot in a process of its own, once it answers; its pid.

        Raises:
            ConfigInvalid: If the settings are wrong.
            AlreadyRunning, StartFailed, FolderUnusable: See `daemon.process.spawn`.
        """
        from cockpit.daemon.process import spawn

        self.resolve(choice.flags())  # what is wrong with them is better said here
        return spawn(self.folder, self.host_command(choice, new=new), READY_TIMEOUT_S)

    def start_for_emergency(self) -> int:
        """Starts the bot in a process of its own for an emergency stop of its unfinished run alone; its pid.

        The settings are those it was last run with.

        Raises:
            AlreadyRunning, StartFailed, FolderUnusable: See `daemon.process.spawn`.
        """
        from cockpit.daemon.process import spawn

        return spawn(self.folder, [*self._program(), "host", "--emergency"], READY_TIMEOUT_S)

    def _program(self) -> list[str]:
        where = ["--state-dir", str(self.folder.root.parent), "--bot", self.folder.name]
        where += [] if self.config is None else ["--config", str(self.config.absolute())]
        return [sys.executable, "-m", "cockpit", *where]


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
        click.option("--accept-cost", is_flag=True, help="Yes to what models cost on recorded candles."),
    )

    @click.pass_obj
    @wraps(command)
    def with_choice(invocation: Invocation, /, **given: Any) -> Any:
        chosen = Choice(**{name: given.pop(name) for name in Choice.__slots__})
        return command(invocation, choice=chosen, **given)

    for option in reversed(options):
        with_choice = option(with_choice)
    return with_choice
