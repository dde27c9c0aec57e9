"""config/arenas/: every arena loads without any key, and asks models that litellm knows and prices."""

from pathlib import Path

import pytest

from cockpit.agents.providers.model_prices import price_of
from cockpit.agents.providers.model_route import ModelRoute
from cockpit.agents.providers.model_table import ModelTable
from cockpit.arena.assembly import assemble
from cockpit.domain.market import MICROS_PER_UNIT, MINUTE_MS
from cockpit.settings.resolve import resolve
from cockpit.settings.tree import CONTROLS

ARENAS = Path(__file__).parents[2] / "config" / "arenas"
NOF1 = ARENAS / "nof1.toml"
VARIABLES = {
    "gpt": "OPENAI_API_KEY",
    "claude": "ANTHROPIC_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "grok": "XAI_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "qwen": "DASHSCOPE_API_KEY",
}


@pytest.fixture(scope="module")
def settings():
    return resolve(config=NOF1, environment={}).settings


@pytest.mark.parametrize("path", sorted(ARENAS.glob("*.toml")), ids=lambda path: path.stem)
def test_it_makes_an_arena_without_any_key(path):
    parts = assemble(resolve(config=path, environment={}).settings, "test", {})
    assert parts.agents


def test_it_is_the_arena_by_its_rules(settings):
    parts = assemble(settings, "test", {})
    run = parts.agreement
    assert [each.base for each in run.instruments] == ["BTC", "ETH", "SOL", "BNB", "DOGE", "XRP"]
    assert run.round_interval_ms == 3 * MINUTE_MS
    assert parts.agent_capital == 10_000 * MICROS_PER_UNIT
    assert [each.name for each in run.contestants if each.kind == "llm"] == list(VARIABLES)
    assert [each.name for each in run.contestants if each.is_control] == ["buy_and_hold"]
    assert {parts.limits[name].max_gross_leverage for name in VARIABLES} == {10.0}


def test_without_keys_every_model_is_grounded_with_its_own_variable(settings):
    agents = assemble(settings, "test", {}).agents
    for name, variable in VARIABLES.items():
        assert f"set {variable}, or" in agents[name].grounded
    assert agents["buy_and_hold"].grounded == ""
    keys = dict.fromkeys(VARIABLES.values(), "planted-0123456789")
    assert not any(agent.grounded for agent in assemble(settings, "test", keys).agents.values())


def test_its_models_are_in_the_table_that_litellm_ships_with_a_price(settings):
    table = ModelTable()
    for agent in settings.agents:
        if agent.model is not None:
            assert table.entry(agent.model) is not None, agent.model
            assert price_of(ModelRoute(model=agent.model), table) is not None, agent.model


def test_what_it_may_spend_is_bounded(settings):
    assert settings.models.budget.per_day is not None
    for agent in settings.agents:
        assert agent.model is None or agent.mind.budget.per_day is not None
    assert settings.market.speed == 1.0


def test_in_the_arena_of_debates_one_agent_debates_against_the_controls_with_a_single_key():
    settings = resolve(config=ARENAS / "debate.toml", environment={}).settings
    parts = assemble(settings, "test", {})
    kinds = [(each.name, each.kind) for each in parts.agreement.contestants]
    assert kinds == [("panel", "debate"), *((name, "strategy") for name in CONTROLS)]
    assert "set DEEPSEEK_API_KEY, or" in parts.agents["panel"].grounded
    keys = {"DEEPSEEK_API_KEY": "planted-0123456789"}
    assert not assemble(settings, "test", keys).agents["panel"].grounded
    table = ModelTable()
    panel = settings.agents[0]
    for model in (panel.model, *panel.mind.debate.models.values()):
        assert price_of(ModelRoute(model=model), table) is not None, model
    assert settings.models.budget.per_day is not None
