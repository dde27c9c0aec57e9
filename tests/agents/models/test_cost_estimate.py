"""What questions to models come to before any is asked: tables worked out by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest

from cockpit.agents.models.cost_estimate import (
    Amount,
    PlannedCall,
    cost_estimate,
    token_estimate,
    usual_output,
)
from cockpit.agents.models.model_call import Message
from cockpit.agents.providers.model_prices import ModelPrice, PriceTier


def price(read, written):
    """Dollars per million tokens."""
    return ModelPrice(
        tiers=(PriceTier(above_tokens=0, input_usd=Decimal(read), output_usd=Decimal(written)),)
    )


def call(agent="fox", role="decide", model="x/fox", **given):
    told = {
        "price": price("2", "10"),
        "per_round": Fraction(1),
        "most_per_round": 1,
        "input_tokens": 3_000,
        "most_input_tokens": 5_000,
        "max_tokens": 4_000,
    }
    return PlannedCall(agent=agent, role=role, model=model, **told | given)


def test_one_model_asked_once_a_round_costs_its_tokens_times_the_rounds():
    """3,000 at $2 and 1,000 at $10 a million are 1.6 cents; 5,000 and 4,000 are 5 cents."""
    (fox,) = cost_estimate([call()], 100).models
    assert fox.usual == Amount(calls=100, input_tokens=300_000, output_tokens=100_000, cost=1_600_000)
    assert fox.most == Amount(calls=100, input_tokens=500_000, output_tokens=400_000, cost=5_000_000)


@pytest.mark.parametrize(
    ("per_round", "most_per_round", "rounds", "calls", "most_calls"),
    [
        (Fraction(1), 1, 0, 0, 0),
        (Fraction(1, 4), 1, 100, 25, 100),
        (Fraction(1, 4), 1, 101, 26, 101),  # a call is made or it is not
        (Fraction(0), 3, 100, 0, 300),
        (Fraction(1), 4, 100, 100, 400),
    ],
)
def test_calls_are_rounds_times_calls_per_round(per_round, most_per_round, rounds, calls, most_calls):
    planned = call(per_round=per_round, most_per_round=most_per_round)
    together = cost_estimate([planned], rounds).together
    assert (together.usual.calls, together.most.calls) == (calls, most_calls)
    assert together.usual.cost == 16_000 * calls
    assert together.most.cost == 50_000 * most_calls


def test_roles_of_one_agent_that_share_a_model_are_one_line_and_agents_are_not():
    planned = [
        call(role="bull"),
        call(role="bear"),
        call(role="judge", model="x/owl", price=price("1", "1")),
        call("cub", "decide"),
    ]
    estimate = cost_estimate(planned, 10)
    told = [(each.name, each.model, each.roles, each.usual.calls) for each in estimate.models]
    assert told == [
        ("fox", "x/fox", ("bull", "bear"), 20),
        ("fox", "x/owl", ("judge",), 10),
        ("cub", "x/fox", ("decide",), 10),
    ]
    assert (estimate.together.usual.calls, estimate.together.usual.cost) == (40, 30 * 16_000 + 10 * 4_000)


def test_what_has_no_price_is_said_and_never_nothing():
    priced, unpriced = call(), call("owl", model="x/owl", price=None)
    estimate = cost_estimate([priced, unpriced], 10)
    owl = estimate.models[1]
    assert (owl.usual.known_cost, owl.most.known_cost, owl.usual.unpriced) == (None, None, 10)
    together = estimate.together.usual
    assert (together.known_cost, together.unpriced, together.calls) == (160_000, 10, 20)


def test_a_model_that_costs_nothing_is_not_one_whose_price_is_unknown():
    (local,) = cost_estimate([call(price=price("0", "0"))], 10).models
    assert (local.usual.known_cost, local.usual.unpriced) == (0, 0)


def test_larger_requests_are_priced_by_their_own_tier():
    tiers = (
        PriceTier(above_tokens=0, input_usd=Decimal(1), output_usd=Decimal(1)),
        PriceTier(above_tokens=4_000, input_usd=Decimal(2), output_usd=Decimal(3)),
    )
    (fox,) = cost_estimate([call(price=ModelPrice(tiers=tiers))], 1).models
    assert (fox.usual.cost, fox.most.cost) == (3_000 + 1_000, 2 * 5_000 + 3 * 4_000)


@pytest.mark.parametrize(
    ("texts", "further_bytes", "tokens"),
    [
        ([], 0, 0),
        (["x" * 2_500], 0, 1_000 + 16),
        (["x" * 2_500, "y" * 1_250], 0, 1_500 + 2 * 16),
        (["xx"], 0, 1 + 16),
        (["é" * 1_250], 0, 1_000 + 16),  # two bytes each
        (["x" * 2_500], 500, 1_200 + 16),
    ],
)
def test_tokens_are_taken_from_the_bytes_of_what_is_asked(texts, further_bytes, tokens):
    messages = [Message(role="user", content=text) for text in texts]
    assert token_estimate(messages, further_bytes) == tokens


def test_a_usual_answer_is_a_quarter_of_the_longest():
    assert [usual_output(longest) for longest in (4_000, 2_000, 3, 1)] == [1_000, 500, 1, 1]


def test_less_than_no_round_is_refused():
    with pytest.raises(ValueError, match="-1 rounds"):
        cost_estimate([call()], -1)
