"""Real processes, driven the way a person drives them."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cockpit.daemon.folder import BotFolder


@dataclass(frozen=True)
class CommandLine:
    """`cockpit` with a state folder of its own.

    Attributes:
        state_folder: Where bots keep their things.
    """

    state_folder: Path

    def arguments(self, *arguments: str, bot: str = "arena") -> list[str]:
        where = ["--state-dir", str(self.state_folder), "--bot", bot]
        return [sys.executable, "-m", "cockpit", *where, *arguments]

    def __call__(
        self, *arguments: str, bot: str = "arena", code: int = 0, timeout: float = 120, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end and checks its exit code."""
        done = subprocess.run(
            self.arguments(*arguments, bot=bot),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env=os.environ | environment,
        )
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    def json(self, *arguments: str, bot: str = "arena") -> Any:
        return json.loads(self(*arguments, "--json", bot=bot).stdout)

    def folder(self, bot: str = "arena") -> BotFolder:
        return BotFolder(self.state_folder / bot)

    def session(self, bot: str = "arena") -> dict[str, Any]:
        """The newest session file of a bot."""
        newest = max(
            self.folder(bot).results.glob("session_*.json"), key=lambda path: path.stat().st_mtime_ns
        )
        return json.loads(newest.read_text())


@pytest.fixture
def cockpit(tmp_path):
    commands = CommandLine(tmp_path / "state")
    yield commands
    for folder in commands.state_folder.glob("*"):
        if (folder / "cockpit.lock").exists():
            subprocess.run(
                commands.arguments("stop", "--now", bot=folder.name),
                capture_output=True,
                timeout=60,
                check=False,
            )


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=50, help="how often the crash test kills the bot")


@pytest.fixture
def kills(request) -> int:
    return request.config.getoption("--kills")
