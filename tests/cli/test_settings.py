"""`cockpit agents` and `cockpit config check`: who competes, who can't and why, what a model is asked."""

import json
import os

import pytest
from click.testing import CliRunner

from cockpit.cli import cli
from cockpit.domain.errors import CockpitError

SETTINGS = """
[market]
symbols = ["BTC"]
[models.routes."openai/local"]
api_base = "http://127.0.0.1:9/v1"
[[agents]]
name = "fox"
kind = "llm"
model = "openai/local"
mind = { timeframes = ["1m", "3m"] }
[[agents]]
name = "mute"
kind = "llm"
model = "deepseek/deepseek-chat"
mind = { timeframes = ["1m", "3m"] }
[[agents]]
name = "cash"
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
        ran = CliRunner().invoke(cli, given)
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return ran.output

    return run


def test_the_list_of_agents_tells_who_can_t_take_part_and_which_variable_to_set(cockpit, monkeypatch):
    lines = cockpit("agents", "list").splitlines()
    assert [line.split()[0] for line in lines] == ["fox", "mute", "can't", "cash"]
    assert "can't take part: there is no key for deepseek/deepseek-chat: set DEEPSEEK_API_KEY" in lines[2]
    found = {each["name"]: each for each in json.loads(cockpit("agents", "list", "--json"))}
    assert [each["kind"] for each in found.values()] == ["llm", "llm", "strategy"]
    assert (found["fox"]["grounded"], found["cash"]["grounded"]) == ("", "")
    assert "DEEPSEEK_API_KEY" in found["mute"]["grounded"]
    monkeypatch.setenv("DEEPSEEK_API_KEY", "planted-0123456789")
    assert "can't take part" not in cockpit("agents", "list")


def test_a_key_is_never_shown(cockpit, monkeypatch):
    monkeypatch.setenv("DEEPSEEK_API_KEY", "planted-0123456789")
    for command in (
        ("agents", "list"),
        ("agents", "prompt", "mute"),
        ("config", "show"),
        ("config", "check"),
    ):
        assert "planted" not in cockpit(*command)


def test_the_prompt_is_shown_message_by_message(cockpit, tmp_path):
    text = cockpit("agents", "prompt", "fox")
    assert text.startswith("fox asks openai/local, prompt ")
    assert text.count("\n=== ") == 2
    assert "\n=== decide · system\n\nYou trade an account of your own" in text
    assert "\n=== decide · user\n\nIt is 0 minutes since the run began." in text
    assert "it can't take part" not in text
    assert "it can't take part: there is no key" in cockpit("agents", "prompt", "mute")
    assert not (tmp_path / "state").exists()


def test_as_json_it_has_the_messages_and_the_version_of_the_templates(cockpit):
    found = json.loads(cockpit("agents", "prompt", "fox", "--json"))
    assert [each["role"] for each in found["prompts"]["decide"]] == ["system", "user"]
    assert len(found["version"]) == 32
    assert (found["agent"], found["round"], found["run_id"]) == ("fox", 1, None)


@pytest.mark.parametrize(
    ("name", "words"), [("cash", "cash asks no model"), ("nobody", "there is no agent nobody")]
)
def test_who_asks_no_model_is_refused_with_exit_code_2(cockpit, name, words):
    with pytest.raises(CockpitError, match=words) as refused:
        cockpit("agents", "prompt", name)
    assert refused.value.exit_code == 2


def test_a_check_tells_who_can_t_take_part_and_passes(cockpit):
    lines = cockpit("config", "check").splitlines()
    assert lines[0].startswith("mute can't take part: there is no key")
    assert lines[1] == "the settings are good: 3 agents on simulated"
    assert len(lines) == 2


def test_a_broken_template_is_one_line_with_exit_code_2(cockpit, tmp_path):
    folder = tmp_path / "config" / "prompts" / "nof1"
    folder.mkdir(parents=True)
    (folder / "user.j2").write_text("{{ profit }}")
    with pytest.raises(CockpitError, match=r"user\.j2, line 1: there is no profit here") as refused:
        cockpit("config", "check")
    assert refused.value.exit_code == 2
    assert "\n" not in str(refused.value)
