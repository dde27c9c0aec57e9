"""Where a bot keeps its things: one folder each."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

DEFAULT_BOT = "arena"
"""The one that is meant where none is named."""

MAX_SOCKET_PATH = 100
"""Bytes; the kernel takes 108 on Linux and 104 on macOS, its terminator included."""


def default_state_folder(working_folder: Path) -> Path:
    """``state/`` beside the caller if there is one, else the platform's state folder."""
    beside = working_folder / "state"
    if beside.is_dir():
        return beside
    from platformdirs import user_state_path  # noqa: PLC0415 - a twentieth of a command's start

    return user_state_path("cockpit")


@dataclass(frozen=True, slots=True)
class BotFolder:
    """The files of one bot.

    Attributes:
        root: The folder, ``<state folder>/<bot>``.
    """

    root: Path

    @property
    def name(self) -> str:
        """The bot's name."""
        return self.root.name

    @property
    def journal(self) -> Path:
        """The event log."""
        return self.root / "journal.sqlite"

    @property
    def pid(self) -> Path:
        """The pid alone on its first line."""
        return self.root / "cockpit.pid"

    @property
    def lock(self) -> Path:
        """Held by the bot's process as long as it lives."""
        return self.root / "cockpit.lock"

    @property
    def log(self) -> Path:
        """What the bot has to say beyond its events; rotated."""
        return self.root / "cockpit.log"

    @property
    def settings(self) -> Path:
        """What the bot was last run with."""
        return self.root / "settings.json"

    @property
    def token(self) -> Path:
        """What a program has to show that asks over TCP; its user's, and nobody else's."""
        return self.root / "token"

    @property
    def results(self) -> Path:
        """Exports."""
        return self.root / "results"

    @property
    def socket(self) -> Path:
        """The control API's socket: in the folder, or under /tmp where that path is too long for one.

        The platform's runtime folder would not do: it depends on how one has logged in, and a bot has to be
        found from every login.
        """
        inside = self.root / "cockpit.sock"
        if len(os.fsencode(inside)) <= MAX_SOCKET_PATH:
            return inside
        digest = hashlib.blake2b(os.fsencode(self.root.absolute()), digest_size=8).hexdigest()
        return Path("/tmp") / f"cockpit-{os.getuid()}" / f"{digest}.sock"  # noqa: S108 - of mode 0700, checked
