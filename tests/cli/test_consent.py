"""Before models are asked about recorded candles a person is asked; where there is none, it is refused."""

import os

import pytest
from click.testing import CliRunner

from cockpit.cli import cli
from cockpit.cli.invocation import Choice
from cockpit.daemon.consent import CostNotAccepted
from cockpit.settings.sources import ConfigInvalid
from tests.arena.recorded_hours import hours_in

SETTINGS = """
[arena]
interval = "1h"
rounds = 100
[market]
data = "{candles}"
kind = "replay"
[models]
{models}
[models.routes."openai/fox"]
api_base = "http://127.0.0.1:9/v1"
input_price = 2.0
output_price = 10.0
[models.routes."openai/owl"]
api_base = "http://127.0.0.1:9/v1"
[[agents]]
name = "fox"
kind = "llm"
model = "openai/{model}"
mind = {{ timeframes = ["1h", "4h"], max_tokens = 1000 }}
[[agents]]
name = "cash"
"""


@pytest.fixture
def cockpit(tmp_path, monkeypatch):
    """The command line, with settings of the test's and nobody's keys; nobody is at its terminal."""
    for name in list(os.environ):
        if name.endswith("_API_KEY") or name.startswith("COCKPIT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    candles = hours_in(tmp_path)

    def run(*arguments, models="", model="fox"):
        config = tmp_path / "arena.toml"
        config.write_text(SETTINGS.format(candles=candles, models=models, model=model))
        given = ["--config", str(config), "--state-dir", str(tmp_path / "state"), *arguments]
        ran = CliRunner().invoke(cli, given)
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return ran.output

    return run


@pytest.mark.parametrize("command", [("run",), ("start",), ("start", "--new")])
def test_without_a_terminal_they_refuse_with_exit_code_2_and_one_line(cockpit, tmp_path, command):
    with pytest.raises(CostNotAccepted) as refused:
        cockpit(*command)
    assert refused.value.exit_code == 2
    line = str(refused.value)
    assert "\n" not in line
    assert line.startswith("models would be asked about recorded candles: about 100 calls for $")
    assert "at most 100 for $" in line
    assert "say yes with --accept-cost" in line
    assert not (tmp_path / "state").exists()


def test_no_environment_variable_and_no_setting_says_yes(cockpit, tmp_path, monkeypatch):
    for name in ("COCKPIT_ACCEPT_COST", "COCKPIT_RUN_ACCEPT_COST", "COCKPIT_START_ACCEPT_COST"):
        monkeypatch.setenv(name, "1")
    with pytest.raises((CostNotAccepted, ConfigInvalid)):
        cockpit("run")
    assert not (tmp_path / "state").exists()


def test_an_estimate_alone_asks_nobody_and_writes_nothing(cockpit, tmp_path):
    lines = cockpit("run", "--estimate").splitlines()
    assert lines[0].strip() == "What models would be asked in 100 rounds"
    row = next(line.split() for line in lines if line.startswith("fox"))
    assert row[:5] == ["fox", "openai/fox", "decide", "100", "100"]
    assert any(line.startswith("fox: look-ahead: ") for line in lines)
    assert not (tmp_path / "state").exists()


def test_what_nobody_knows_the_price_of_is_said(cockpit):
    text = cockpit("run", "--estimate", model="owl")
    assert "Nobody knows the price of openai/owl" in text
    assert next(line.split() for line in text.splitlines() if line.startswith("together"))[-1] == "n/a"


def test_a_budget_is_told_with_the_estimate(cockpit):
    assert "ends it at $2.50" in cockpit("run", "--estimate", models="budget = { total = 2.5 }")


def test_where_nobody_would_be_asked_an_estimate_says_so(cockpit):
    assert cockpit("run", "--estimate", models='mode = "replay"') == (
        "nobody would be asked: no agent that asks models can take part (`cockpit agents list` says why),"
        " or recorded calls answer\n"
    )


def test_what_was_typed_is_handed_on_as_it_was_typed():
    choice = Choice(test=True, symbol=("BTC", "ETH"), rounds=3, accept_cost=True)
    assert choice.arguments() == ["--rounds=3", "--test", "--symbol=BTC", "--symbol=ETH", "--accept-cost"]
    assert Choice().arguments() == []


def test_what_is_too_wide_for_a_terminal_goes_over_several_lines(cockpit, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    lines = cockpit("run", "--estimate").splitlines()
    assert max(map(len, lines)) <= 60
    assert not any("…" in line for line in lines)
