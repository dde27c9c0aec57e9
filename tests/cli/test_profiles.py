"""`cockpit profiles`: made, shown, changed and removed from the command line, without a bot."""

import json
import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from cockpit.cli import cli, profiles
from cockpit.daemon.folder import BotFolder
from cockpit.domain.errors import REFUSED, USAGE, CockpitError
from cockpit.domain.profiles import AiRole, ProfileKind, Tier, TraderKind
from cockpit.domain.routing import RoutingMode
from cockpit.journal.profile_reading import read_profiles


@pytest.fixture
def cockpit(tmp_path, monkeypatch):
    """The command line, with nobody's keys and settings."""
    for name in list(os.environ):
        if name.endswith("_API_KEY") or name.startswith("COCKPIT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments):
        ran = CliRunner().invoke(cli, ["--state-dir", str(tmp_path / "state"), *arguments])
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        if ran.exit_code:
            raise click.UsageError(ran.output)
        return ran.output

    return run


@pytest.fixture
def pair(cockpit):
    cockpit("profiles", "add", "ai", "pro", "--model=deepseek/deepseek-chat", "--mode=cheap_first")
    cockpit("profiles", "add", "ai", "small", "--model=x/small", "--tier=cheap", "--budget-per-day=$0.50")
    cockpit("profiles", "add", "trader", "duo", "--kind=llm", "--mind=pro", "--mind=small", "--note=a pair")
    return cockpit


def shown(cockpit, kind, name):
    return json.loads(cockpit("profiles", "show", kind, name, "--json"))


def test_the_list_tells_what_is_missing(pair, monkeypatch):
    lines = pair("profiles", "list").splitlines()
    words = [line.split() for line in lines]
    assert ["pro", "deepseek/deepseek-chat", "decide", "powerful", "no", "limit"] in words
    assert ["set", "DEEPSEEK_API_KEY", "cheap", "first"] in words
    assert ["small", "x/small", "decide", "cheap", "$0.50/day"] in words
    assert ["duo", "llm", "pro,", "small", "competes", "a", "pair"] in words
    monkeypatch.setenv("DEEPSEEK_API_KEY", "planted-0123456789")
    found = json.loads(pair("profiles", "list", "--json"))
    assert found["missing_keys"] == {"small": "set X_API_KEY"}
    assert [each["name"] for each in found["ai"]] == ["pro", "small"]


def test_without_any_the_list_says_how_to_begin(cockpit, tmp_path):
    assert "cockpit profiles add ai NAME --model" in cockpit("profiles", "list")
    assert not (tmp_path / "state").exists()


def test_one_profile_is_shown_a_field_a_line(pair):
    assert [line.split(maxsplit=1) for line in pair("profiles", "show", "ai", "small").splitlines()] == [
        ["name", "small"],
        ["model", "x/small"],
        ["provider", "x"],
        ["role", "decide"],
        ["tier", "cheap"],
        ["asked", "always"],
        ["budget", "$0.50/day"],
        ["key", "set X_API_KEY"],
        ["used", "by   duo"],
    ]
    assert "next run  competes" in pair("profiles", "show", "trader", "duo")


def test_only_what_is_given_changes_and_none_takes_it_away(pair):
    before = shown(pair, "ai", "small")
    pair("profiles", "edit", "ai", "small", "--budget=5")
    assert shown(pair, "ai", "small") == before | {"budget_total": 5.0}
    pair("profiles", "edit", "ai", "small", "--budget=none", "--budget-per-day=none")
    assert shown(pair, "ai", "small") == before | {"budget_per_day": None}
    duo = shown(pair, "trader", "duo")
    said = pair("profiles", "edit", "trader", "duo", "--rests")
    assert said == "the trader profile duo is saved; it rests from the next new run\n"
    assert shown(pair, "trader", "duo") == duo | {"competes": False}
    pair("profiles", "edit", "trader", "duo", "--kind=strategy", "--mind=none", "--strategy=ema_cross")
    pair("profiles", "edit", "trader", "duo", "--timeframe=15m", "--note=")
    changed = {"kind": "strategy", "minds": [], "strategy": "ema_cross", "timeframe": "15m", "note": ""}
    assert shown(pair, "trader", "duo") == duo | {"competes": False} | changed
    pair("profiles", "edit", "trader", "duo", "--timeframe=none")
    assert shown(pair, "trader", "duo")["timeframe"] is None


def test_what_is_removed_is_gone(pair, tmp_path):
    assert pair("profiles", "remove", "trader", "duo") == "the trader profile duo is removed\n"
    assert pair("profiles", "remove", "ai", "pro") == "the AI profile pro is removed\n"
    assert list(read_profiles(BotFolder(tmp_path / "state" / "arena").journal).ai) == ["small"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("add", "ai", "pro", "--model=x/y"), REFUSED, "the AI profile pro is there already"),
        (("remove", "ai", "pro"), REFUSED, "still used by duo"),
        (("edit", "ai", "small", "--role=bear"), REFUSED, "duo could not go on with it"),
        (("show", "ai", "ghost"), USAGE, "there is no AI profile ghost"),
        (("edit", "trader", "ghost", "--rests"), USAGE, "there is no trader profile ghost"),
        (("remove", "trader", "ghost"), USAGE, "there is no trader profile ghost"),
        (("add", "ai", "New", "--model=x/y"), USAGE, "name: use lower-case letters"),
        (("add", "ai", "new", "--model=gpt"), USAGE, "model: give litellm's name with its provider"),
        (("add", "ai", "new", "--model=x/y", "--budget=-1"), USAGE, "budget_total: give US dollars"),
        (("add", "trader", "t", "--kind=strategy", "--strategy=moon"), USAGE, "there is no strategy moon"),
        (("add", "trader", "t", "--kind=llm", "--mind=ghost"), USAGE, "there is no AI profile ghost"),
        (("add", "trader", "t", "--kind=llm", "--mind=pro"), USAGE, "name a cheap AI profile as well"),
    ],
)
def test_what_can_t_be_says_why_in_a_line_and_ends_accordingly(pair, arguments, code, words):
    before = pair("profiles", "list", "--json")
    with pytest.raises(CockpitError) as raised:
        pair("profiles", *arguments)
    assert raised.value.exit_code == code
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
    assert pair("profiles", "list", "--json") == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("edit", "ai", "pro"),
        ("add", "ai", "new"),
        ("add", "trader", "t"),
        ("add", "ai", "new", "--model=x/y", "--budget=much"),
        ("add", "ai", "new", "--model=x/y", "--tier=dear"),
        ("show", "agent", "pro"),
    ],
)
def test_what_is_typed_wrong_is_a_matter_of_usage(pair, arguments):
    with pytest.raises(click.UsageError):
        pair("profiles", *arguments)


def test_traders_that_compete_are_listed_among_the_agents(pair):
    found = {each["name"]: each for each in json.loads(pair("agents", "list", "--json"))}
    assert found["duo"]["by_profile"]
    assert "set X_API_KEY" in found["duo"]["grounded"] or "set DEEPSEEK_API_KEY" in found["duo"]["grounded"]
    assert not found["ema_cross"]["by_profile"]
    assert "(by its profile)" in pair("agents", "list")
    assert "by their profiles compete duo" in pair("config", "check")
    pair("profiles", "edit", "trader", "duo", "--rests")
    assert "duo" not in pair("agents", "list")
    pair("profiles", "add", "trader", "cash", "--kind=strategy", "--strategy=ema_cross")
    assert pair("agents", "list").splitlines()[-1].startswith("settings name an agent cash: it competes")


def test_words_on_the_command_line_are_those_there_are():
    assert tuple(ProfileKind) == profiles.KINDS
    assert set(profiles.ROLES) == set(AiRole)
    assert tuple(Tier) == profiles.TIERS
    assert tuple(RoutingMode) == profiles.MODES
    assert tuple(TraderKind) == profiles.TRADER_KINDS


def test_a_list_of_none_imports_neither_models_nor_the_dashboard(tmp_path):
    program = (
        "import sys\nfrom cockpit.cli import cli\n"
        f"cli(['--state-dir', {str(tmp_path)!r}, 'profiles', 'list'], standalone_mode=False)\n"
        "print([n for n in ('litellm', 'textual', 'fastapi', 'numba', 'plotly') if n in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "[]"
