"""Choosing columns on the command line."""

import pytest
from click.testing import CliRunner

from cockpit.cli.program import cli
from cockpit.report.columns import PresetUnknown


def report(finished, *options: str):
    bot = ["--state-dir", str(finished.root.parent), "--bot", finished.root.name]
    return CliRunner(env={"COLUMNS": "100"}).invoke(cli, [*bot, "report", *options])


def test_a_report_has_the_columns_that_were_asked_for(finished) -> None:
    full, nof1 = report(finished), report(finished, "--columns", "nof1")
    assert (full.exit_code, nof1.exit_code) == (0, 0)
    assert "BIGGEST" not in full.output
    assert "profit factor" in full.output
    assert "RANK MODEL" in nof1.output
    assert "profit factor" not in nof1.output
    assert nof1.output.count("buy_and_hold") == 1


def test_columns_that_are_not_there_and_columns_of_what_has_none_are_refused(finished) -> None:
    assert isinstance(report(finished, "--columns", "none").exception, PresetUnknown)
    refused = report(finished, "--columns", "nof1", "--json")
    assert (refused.exit_code, "leave it out" in refused.output) == (2, True)


@pytest.mark.parametrize("command", ["run", "report"])
def test_help_names_the_columns(command: str) -> None:
    assert "full|nof1" in CliRunner().invoke(cli, [command, "--help"]).output
