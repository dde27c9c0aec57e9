"""`cockpit models`, `tools` and `strategies`: what an arena is made of, where no bot runs."""

import json
import os

import pytest
from click.testing import CliRunner

from cockpit.cli import cli
from cockpit.strategies.catalog import STRATEGIES

SETTINGS = """
[models]
repair = "openai/gpt-4o-mini"
[models.routes."openai/local"]
api_base = "http://127.0.0.1:9/v1"
[[agents]]
name = "fox"
kind = "llm"
model = "openai/local"
[[agents]]
name = "both"
kind = "blend"
weights = { ema_cross = 3, macd_trend = 1 }
"""


@pytest.fixture
def cockpit(tmp_path, monkeypatch):
    """The command line, with settings of the test's and nobody's keys."""
    for name in list(os.environ):
        if name.endswith("_API_KEY") or name.startswith("COCKPIT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "arena.toml"
    config.write_text(SETTINGS)

    def run(*arguments):
        given = ["--config", str(config), "--state-dir", str(tmp_path / "state"), *arguments]
        ran = CliRunner().invoke(cli, given, catch_exceptions=False)
        assert ran.exit_code == 0, ran.output
        return ran.output

    return run


def test_models_are_listed_with_key_price_and_who_asks_them(cockpit):
    assert cockpit("models").splitlines() == [
        "openai/local        price unknown             ✓ needs none",
        "  fox: decide",
        "openai/gpt-4o-mini  $0.15 / 0.6 by litellm    ✗ set OPENAI_API_KEY",
        "  fox: repair",
    ]


def test_json_says_what_the_control_api_does(cockpit):
    (local, _) = json.loads(cockpit("models", "--json"))
    assert (local["prices"], local["context_tokens"], local["calls"]) == ([], None, 0)
    assert local["median_latency_s"] is None
    assert [each["name"] for each in json.loads(cockpit("strategies", "--json"))] == list(STRATEGIES)


def test_strategies_say_who_runs_them_with_its_share(cockpit):
    lines = cockpit("strategies").splitlines()
    assert len(lines) == 2 * len(STRATEGIES)
    at = next(number for number, line in enumerate(lines) if line.startswith("ema_cross "))
    assert lines[at + 1].strip() == "run by both (75%)"
    assert lines[-1].strip() == "control; run by nobody"


def test_tools_say_what_they_are_given(cockpit):
    assert "given coin, timeframe, count 1 … 50 = 20; used 0 times in this run" in cockpit("tools")


def test_where_no_model_is_named_that_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(cli, ["--state-dir", str(tmp_path), "models"])
    assert ran.output == "no agent's settings name a model\n"
