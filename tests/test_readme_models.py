"""README's section on language models is true: its settings, its files, its conditions."""

import re
import tomllib
from pathlib import Path

import pytest

from cockpit.agents.prompts.renderer import PromptTemplates
from cockpit.arena.assembly import assemble
from cockpit.settings.resolve import resolve
from cockpit.settings.tree import Settings
from cockpit.trading.invalidation import checkable, coin_names
from tests.trading.arena_facts import BTC

REPOSITORY = Path(__file__).parents[1]
SECTION = (REPOSITORY / "README.md").read_text().partition("## Language models")[2].partition("\n## ")[0]
EXAMPLES = re.findall(r"```toml\n(.*?)```", SECTION, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_its_settings_make_an_arena(tmp_path, example):
    config = tmp_path / "cockpit.toml"
    config.write_text(example)
    assert assemble(resolve(config=config, environment={}).settings, "test", {}).agents
    assert tomllib.loads(example)


def test_its_first_agent_is_grounded_until_the_variable_is_set_that_is_named(tmp_path):
    config = tmp_path / "cockpit.toml"
    config.write_text(EXAMPLES[0])
    settings = resolve(config=config, environment={}).settings
    (variable,) = re.findall(r"export ([A-Z_]+)=", SECTION)
    assert variable in assemble(settings, "test", {}).agents["deepseek"].grounded
    assert assemble(settings, "test", {variable: "planted-0123456789"}).agents["deepseek"].grounded == ""


def test_the_modes_are_set_by_the_variables_it_names():
    for mode in re.findall(r"COCKPIT_MODELS__MODE=(\w+)", SECTION):
        assert resolve(environment={"COCKPIT_MODELS__MODE": mode}).settings.models.mode == mode
    assert re.findall(r"COCKPIT_MODELS__MODE=(\w+)", SECTION) == ["record", "replay"]


def test_the_files_and_folders_it_names_are_there():
    assert (REPOSITORY / "config/arenas/nof1.toml").is_file()
    assert (REPOSITORY / "cockpit/agents/prompts/user.j2").is_file()
    models = Settings().models
    (own,) = re.findall(r"`(config/prompts/)nof1/`", SECTION)
    assert models.prompts == Path(own)
    assert Settings().agents[0].mind.prompt == "nof1"
    assert PromptTemplates().version("user.j2")


def test_its_conditions_are_ones_that_are_checked():
    (sentence,) = re.findall(r"such as (.*?)\. When it comes about", SECTION, re.DOTALL)
    conditions = re.findall(r"`([^`]+)`", sentence)
    assert len(conditions) == 3
    for condition in conditions:
        assert checkable(condition, BTC.symbol, coin_names([BTC]), ("15m", "4h")) is not None, condition
