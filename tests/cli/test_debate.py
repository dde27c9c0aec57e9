"""`cockpit debate` where it can't be held: said in one line, before anything has begun."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cockpit.cli import cli
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.lock import BotLock, write_pid
from cockpit.daemon.lone_debate import NobodyDebates
from cockpit.daemon.remembered_settings import remember_settings
from cockpit.domain.errors import REFUSED
from cockpit.journal.writer import JournalWriter
from cockpit.settings.resolve import resolve
from tests.journal import trade_story

PANEL = '[[agents]]\nname = "panel"\nkind = "debate"\nmodel = "deepseek/deepseek-chat"\n'


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)


def said(folder: Path, *arguments: str, agents: str = "") -> Result:
    config = folder / "arena.toml"
    config.write_text(agents)
    where = ["--state-dir", str(folder / "state"), "--config", str(config)]
    return CliRunner().invoke(cli, [*where, "debate", *arguments])


def refusal(result: Result) -> str:
    assert isinstance(result.exception, NobodyDebates)
    assert result.exception.exit_code == REFUSED
    return str(result.exception)


def test_where_nobody_debates_it_is_said_how_to_get_somebody_who_does(tmp_path: Path) -> None:
    words = refusal(said(tmp_path, "BTC"))
    assert words.startswith("nobody debates here: add an agent of kind debate to the settings")
    assert words.endswith("or give --config config/arenas/debate.toml")
    assert not (tmp_path / "state" / "arena" / "journal.sqlite").exists()


def test_who_has_no_key_is_not_asked_and_no_run_is_begun_for_it(tmp_path: Path) -> None:
    words = refusal(said(tmp_path, "BTC", agents=PANEL))
    assert words.startswith(
        "panel can't debate: there is no key for deepseek/deepseek-chat: set DEEPSEEK_API"
    )
    assert not (tmp_path / "state" / "arena" / "journal.sqlite").exists()


def test_an_unfinished_run_counts_under_the_settings_it_was_last_run_with(tmp_path: Path) -> None:
    folder = BotFolder(tmp_path / "state" / "arena")
    folder.root.mkdir(parents=True)
    story = trade_story.liquidation()
    writer = JournalWriter(folder.journal)
    for ts_ms, batch in story.batches:
        writer.append(trade_story.RUN, ts_ms, batch)
    writer.close()
    remember_settings(folder.settings, resolve(environment={}, flags={}).settings)
    before = folder.journal.read_bytes()
    words = refusal(said(tmp_path, "BTC", agents=PANEL))
    assert words.startswith("nobody debates in the unfinished run, and --new would begin another: add an")
    assert folder.journal.read_bytes() == before
    assert "panel can't debate" in refusal(said(tmp_path, "BTC", "--new", agents=PANEL))


def test_a_bot_that_runs_has_its_run(tmp_path: Path) -> None:
    folder = BotFolder(tmp_path / "state" / "arena")
    folder.root.mkdir(parents=True)
    with BotLock(folder):
        write_pid(folder)
        told = said(tmp_path, "BTC", "--new", agents=PANEL)
    assert told.exit_code == 2
    assert "--new begins a run where no bot runs, but this one does" in told.stderr
