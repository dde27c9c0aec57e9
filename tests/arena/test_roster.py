"""Which models and strategies settings name, for whom, and what is known of them before anybody is asked."""

import subprocess
import sys

import pytest

from cockpit.agents.providers.api_keys import KeysRefused
from cockpit.agents.providers.model_facts import Source
from cockpit.arena.roster import ModelUse, StrategyUse, model_uses, roster_of, strategy_uses
from cockpit.settings.resolve import resolve
from cockpit.settings.tree import Settings

ROUTE = {"api_base": "http://ann:secret-word@127.0.0.1:9/v1", "input_price": 2.0, "output_price": 10.0}


def settings(agents=(), **models) -> Settings:
    return resolve(environment={}, flags={"agents": list(agents), "models": models}).settings


def llm(name, model=None, **mind):
    return {"name": name, "kind": "llm", "mind": mind} | ({} if model is None else {"model": model})


def named(given: Settings):
    return {model: [(use.agent, use.role) for use in uses] for model, uses in model_uses(given).items()}


def test_an_arena_of_rules_names_no_model():
    assert model_uses(Settings()) == {}
    assert roster_of(Settings()) == ()


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (llm("ann", "x/one"), {"x/one": ["decide"]}),
        (
            llm("ann", "x/big", routing={"cheap": ["x/one", "x/two"]}),
            {"x/one": ["cheap"], "x/two": ["cheap_2"], "x/big": ["powerful"]},
        ),
        (
            llm("ann", routing={"cheap": ["x/one"], "powerful": "x/big"}),
            {"x/one": ["cheap"], "x/big": ["powerful"]},
        ),
        (
            {
                "name": "ann",
                "kind": "debate",
                "model": "x/one",
                "mind": {
                    "debate": {
                        "analysts": ["bull", "bear", "technical"],
                        "models": {"bear": "x/two", "judge": "x/big"},
                        "shadow": True,
                    }
                },
            },
            {"x/one": ["bull", "technical"], "x/two": ["bear"], "x/big": ["judge", "shadow"]},
        ),
    ],
)
def test_every_model_is_named_with_who_asks_it_and_as_what(agent, expected):
    roles = {model: [("ann", role) for role in each] for model, each in expected.items()}
    assert named(settings([agent])) == roles


def test_repair_is_asked_for_by_everyone_who_asks_models_and_routes_alone_by_nobody():
    given = settings(
        [llm("ann", "x/one"), {"name": "cash"}, llm("bob", "x/one")],
        repair="x/fix",
        routes={"x/spare": ROUTE},
    )
    assert named(given) == {
        "x/one": [("ann", "decide"), ("bob", "decide")],
        "x/fix": [("ann", "repair"), ("bob", "repair")],
        "x/spare": [],
    }


def test_what_is_known_of_a_model_comes_from_settings_then_litellm_s_table_and_else_is_unknown():
    given = settings(
        [llm("ann", "openai/gpt-4o-mini"), llm("bob", "nobody/knows-it"), llm("eve", "openai/own")],
        routes={"openai/own": ROUTE | {"structured": True}},
    )
    table, unknown, own = (each.facts for each in roster_of(given, {"OPENAI_API_KEY": "sk-planted-123456"}))
    assert (table.price_source, table.context_tokens) == (Source.TABLE, 128_000)
    assert (table.keeps_schema, table.key_variable, table.missing_key) == (True, "OPENAI_API_KEY", None)
    assert (unknown.price, unknown.price_source, unknown.context_tokens) == (None, None, None)
    assert (unknown.keeps_schema, unknown.missing_key) == (None, "NOBODY_API_KEY")
    assert (own.price_source, own.context_tokens, own.keeps_schema) == (Source.SETTINGS, None, True)
    assert (own.key_variable, own.missing_key) == (None, None)
    assert own.price is not None
    assert (float(own.price.tiers[0].input_usd), float(own.price.tiers[0].output_usd)) == (2.0, 10.0)


def test_no_secret_is_in_what_is_told_of_a_model():
    given = settings([llm("eve", "openai/own")], routes={"openai/own": ROUTE | {"key": "OWN_KEY"}})
    (model,) = roster_of(given, {"OWN_KEY": "planted-value-1"})
    assert "secret-word" not in repr(model)
    assert "planted" not in repr(model)
    assert (model.facts.key_variable, model.facts.missing_key) == ("OWN_KEY", None)


def test_a_file_of_keys_that_cant_be_used_is_refused_only_where_there_are_models(tmp_path):
    missing = str(tmp_path / "none")
    assert roster_of(settings([{"name": "cash"}], keys_file=missing)) == ()
    with pytest.raises(KeysRefused, match="can't be read"):
        roster_of(settings([llm("ann", "x/one")], keys_file=missing))


def test_strategies_are_run_alone_and_in_blends():
    agents = [
        {"name": "ema_cross"},
        {"name": "fast", "strategy": "ema_cross"},
        {"name": "two", "kind": "blend", "weights": {"ema_cross": 3.0, "macd_trend": 1.0}},
        llm("ann", "x/one"),
    ]
    assert strategy_uses(settings(agents)) == {
        "ema_cross": (StrategyUse("ema_cross", 1.0), StrategyUse("fast", 1.0), StrategyUse("two", 0.75)),
        "macd_trend": (StrategyUse("two", 0.25),),
    }


def test_asking_what_models_there_are_loads_no_library_of_models():
    program = (
        "import sys\n"
        "from cockpit.arena.roster import roster_of\n"
        "from cockpit.settings.resolve import resolve\n"
        "agents = [{'name': 'ann', 'kind': 'llm', 'model': 'openai/gpt-4o-mini'}]\n"
        "assert roster_of(resolve(environment={}, flags={'agents': agents}).settings, {})\n"
        "print([name for name in ('litellm', 'openai', 'jinja2', 'tiktoken') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "[]"


def test_uses_are_told_in_start_list_order():
    given = settings([llm("zoe", "x/one"), llm("ann", "x/one")])
    assert model_uses(given)["x/one"] == (ModelUse("zoe", "decide"), ModelUse("ann", "decide"))
