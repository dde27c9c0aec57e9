"""`cockpit status` and `cockpit alerts` where no bot runs: they read what it left."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cockpit.cli import cli
from cockpit.daemon.stopping import NotRunning
from cockpit.domain.errors import NOT_RUNNING
from cockpit.domain.events import KillSwitchSet
from cockpit.journal.writer import JournalWriter
from tests.journal import trade_story
from tests.journal.trade_story import RUN


@pytest.fixture
def state_folder(tmp_path: Path) -> Path:
    (tmp_path / "arena").mkdir()
    writer = JournalWriter(tmp_path / "arena" / "journal.sqlite")
    story = trade_story.liquidation()
    short = story.send(-500, agent="bob")
    story.after(1).fill(short, 55_000.0)
    story.tell(KillSwitchSet(on=True, by="the command line"))
    for ts_ms, batch in story.batches:
        writer.append(RUN, ts_ms, batch)
    writer.close()
    return tmp_path


def said(state_folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--state-dir", str(state_folder), *arguments])


def test_status_says_how_the_bot_was_left_and_by_its_exit_code_that_it_is_not_running(state_folder):
    told = said(state_folder, "status")
    assert told.exit_code == NOT_RUNNING
    lines = told.stdout.splitlines()
    assert lines[0] == "arena  NOT RUNNING  PAPER  KILLED, orders are held"
    assert "1 position is held: bob short BTC" in lines
    assert "3 alerts nobody has acknowledged: see `cockpit alerts`" in lines
    assert [line.split()[1] for line in lines[-2:]] == ["bob", "ann"]
    document = json.loads(said(state_folder, "status", "--json").stdout)
    assert list(document) == ["health", "leaderboard", "positions"]
    assert (document["health"]["pid"], document["health"]["killed"]) == (None, True)


def test_alerts_are_read_from_the_journal(state_folder):
    told = said(state_folder, "alerts")
    assert told.exit_code == 0
    assert "BTC/USDC:USDC is liquidated at 55000" in told.stdout
    assert [each["kind"] for each in json.loads(said(state_folder, "alerts", "--json").stdout)] == [
        "margin_exhausted",
        "breaker_tripped",
        "shortfall_covered",
    ]


@pytest.mark.parametrize(
    "arguments", [("status",), ("alerts",), ("alerts", "ack", "all"), ("alerts", "ack", "3"), ("health",)]
)
def test_where_no_bot_has_run_that_is_said(tmp_path, arguments):
    assert isinstance(said(tmp_path, *arguments).exception, NotRunning)


@pytest.mark.parametrize("arguments", [("alerts", "ack", "all"), ("health",)])
def test_what_changes_or_checks_a_bot_needs_one_that_runs(state_folder, arguments):
    assert isinstance(said(state_folder, *arguments).exception, NotRunning)
