import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.agents.models.model_call import Message, ToolSpec
from cockpit.agents.providers.model_prices import ModelPrice, PriceTier, input_token_bound, price_of
from cockpit.agents.providers.model_route import ModelRoute
from cockpit.agents.providers.model_table import ModelTable, provider_of
from tests.agents.model_desk import request

TABLE = {
    "gpt-x": {"litellm_provider": "openai", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05},
    "gemini/long": {
        "litellm_provider": "gemini",
        "input_cost_per_token": 1.25e-06,
        "input_cost_per_token_above_200k_tokens": 2.5e-06,
        "input_cost_per_token_above_200k_tokens_priority": 9e-06,
        "output_cost_per_token": 1e-05,
        "output_cost_per_token_above_200k_tokens": 1.5e-05,
    },
    "dashscope/tiers": {
        "litellm_provider": "dashscope",
        "tiered_pricing": [
            {"range": [0, 32000.0], "input_cost_per_token": 1.2e-06, "output_cost_per_token": 6e-06},
            {"range": [32000.0, 128000.0], "input_cost_per_token": 2.4e-06, "output_cost_per_token": 1.2e-05},
        ],
    },
    "deepseek/remembers": {
        "litellm_provider": "deepseek",
        "input_cost_per_token": 2.8e-07,
        "cache_read_input_token_cost": 2.8e-08,
        "output_cost_per_token": 4.2e-07,
    },
    "deepseek/forgets": {
        "litellm_provider": "deepseek",
        "input_cost_per_token": 2.8e-07,
        "cache_read_input_token_cost": 0.0,
        "output_cost_per_token": 4.2e-07,
    },
    "gemini/long-cached": {
        "litellm_provider": "gemini",
        "input_cost_per_token": 1e-06,
        "cache_read_input_token_cost": 1e-07,
        "output_cost_per_token": 1e-05,
        "input_cost_per_token_above_200k_tokens": 2e-06,
        "cache_read_input_token_cost_above_200k_tokens": 3e-06,
        "output_cost_per_token_above_200k_tokens": 2e-05,
    },
    "thinker": {
        "litellm_provider": "openai",
        "input_cost_per_token": 1e-06,
        "output_cost_per_token": 2e-06,
        "output_cost_per_reasoning_token": 3e-06,
    },
    "perplexity/search": {
        "litellm_provider": "perplexity",
        "input_cost_per_token": 1e-06,
        "output_cost_per_token": 1e-06,
        "input_cost_per_request": 0.005,
    },
    "gemini/trial": {"litellm_provider": "gemini", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
    "ollama/llama3": {
        "litellm_provider": "ollama",
        "input_cost_per_token": 0.0,
        "output_cost_per_token": 0.0,
    },
    "bedrock/half": {"litellm_provider": "bedrock", "input_cost_per_token": 1e-06},
    "bedrock/odd": {
        "litellm_provider": "bedrock",
        "input_cost_per_token": -1e-06,
        "output_cost_per_token": "free",
    },
    "sample_spec": {"litellm_provider": "one of many", "input_cost_per_token": "dollars"},
}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.json"
    path.write_text(json.dumps(TABLE))
    return ModelTable(path)


@pytest.mark.parametrize(
    ("model", "tokens", "micros"),
    [
        ("openai/gpt-x", (1_000, 200), 4_500),
        ("gpt-x", (1_000, 200), 4_500),
        ("gpt-x", (1, 0), 3),
        ("gpt-x", (0, 0), 0),
        ("gpt-x", (None, 200), None),
        ("gpt-x", (1_000, None), None),
        ("gemini/long", (200_000, 1_000), 260_000),
        ("gemini/long", (200_001, 1_000), 515_003),
        ("dashscope/tiers", (32_000, 1_000), 44_400),
        ("dashscope/tiers", (32_001, 1_000), 88_803),
        ("thinker", (10, 10), 40),
        ("perplexity/search", (10, 10), 5_020),
        ("ollama/llama3", (1_000, 1_000), 0),
    ],
)
def test_the_table_prices_tokens(table, model, tokens, micros):
    assert price_of(ModelRoute(model=model), table).cost(*tokens) == micros


@pytest.mark.parametrize(
    ("model", "tokens", "micros"),
    [
        ("deepseek/remembers", (10_000, 100, 9_000), 574),
        ("deepseek/remembers", (10_000, 100, 0), 2_842),
        ("deepseek/remembers", (None, 100, 9_000), None),
        ("deepseek/forgets", (10_000, 100, 9_000), 2_842),
        ("gpt-x", (1_000, 200, 1_000), 4_500),
        ("gemini/long-cached", (200_000, 0, 100_000), 110_000),
        ("gemini/long-cached", (300_000, 0, 100_000), 600_000),
    ],
)
def test_what_a_provider_had_in_its_cache_costs_less_where_the_table_says_how_much(
    table, model, tokens, micros
):
    assert price_of(ModelRoute(model=model), table).cost(*tokens) == micros


def test_the_worst_case_counts_on_no_cache(table):
    remembers, forgets = (
        price_of(ModelRoute(model=f"deepseek/{each}"), table) for each in ("remembers", "forgets")
    )
    assert remembers.worst_case(request()) == forgets.worst_case(request())


@pytest.mark.parametrize(
    "model", ["groq/gpt-x", "nobody/knows", "gemini/trial", "bedrock/half", "bedrock/odd", "sample_spec"]
)
def test_a_price_nobody_knows_is_none_and_not_nothing(table, model):
    assert price_of(ModelRoute(model=model), table) is None


def test_another_server_has_prices_of_its_own(table):
    route = {"model": "openai/gpt-x", "api_base": "http://127.0.0.1:1/v1"}
    assert price_of(ModelRoute(**route), table) is None
    declared = ModelRoute(**route, input_usd_per_million=0.1, output_usd_per_million=0.0)
    assert price_of(declared, table).cost(1_000_000, 5, 400_000) == 100_000
    cached = replace(declared, cached_usd_per_million=0.025)
    assert price_of(cached, table).cost(1_000_000, 5, 400_000) == 70_000


@pytest.mark.parametrize(
    "prices",
    [
        (1.0, None, None),
        (None, 1.0, None),
        (-1.0, 1.0, None),
        (float("nan"), 1.0, None),
        (1.0, 1.0, -0.1),
        (None, None, 0.1),
    ],
)
def test_prices_without_sense_are_refused(prices):
    names = ("input_usd_per_million", "output_usd_per_million", "cached_usd_per_million")
    with pytest.raises(ValueError, match="price"):
        ModelRoute(model="x", **dict(zip(names, prices, strict=True)))


def test_the_worst_case_covers_every_byte_every_tier_and_the_whole_answer():
    tiers = (
        PriceTier(above_tokens=0, input_usd=Decimal(1), output_usd=Decimal(30)),
        PriceTier(above_tokens=5_000, input_usd=Decimal(3), output_usd=Decimal(20)),
    )
    price = ModelPrice(tiers=tiers, request_usd=Decimal("0.001"))
    asked = request(content="é" * 2_000, max_tokens=100)
    bound = input_token_bound(asked)
    assert bound > 5_000 > 4_000
    assert price.worst_case(asked) == 3 * bound + 30 * 100 + 1_000


@settings(max_examples=50)
@given(st.text(max_size=300).filter(lambda text: text.isprintable()), st.integers(1, 4_000))
def test_no_reply_within_its_tokens_costs_more_than_the_worst_case(content, max_tokens):
    price = ModelPrice(
        tiers=(PriceTier(above_tokens=0, input_usd=Decimal("0.28"), output_usd=Decimal("0.42")),)
    )
    tool = ToolSpec(name="quote", description=content, parameters={"type": "object"})
    asked = request(content=content, max_tokens=max_tokens, tools=(tool,))
    assert price.worst_case(asked) >= price.cost(2 * len(content.encode()), max_tokens)


def test_the_worst_case_grows_with_the_conversation():
    asked = request()
    longer = replace(asked, messages=(*asked.messages, Message(role="user", content="x" * 1_000)))
    assert input_token_bound(longer) - input_token_bound(asked) > 1_000


@pytest.mark.parametrize(
    ("model", "provider"),
    [("deepseek/deepseek-chat", "deepseek"), ("openrouter/a/b", "openrouter"), ("gpt-4o", "openai")],
)
def test_a_models_name_tells_its_provider(model, provider):
    assert provider_of(model) == provider


def test_the_table_that_litellm_ships_is_read_without_importing_it():
    table = ModelTable()
    price = price_of(ModelRoute(model="openai/gpt-4o"), table)
    assert price.cost(1_000_000, 0) > price.cost(1_000_000, 0, 1_000_000) > 0
    assert table.entry("openai/gpt-4o").says("supports_response_schema")
    assert table.entry("openai/no-such-model") is None
