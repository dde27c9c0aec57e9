"""The schema that models are offered, and what it lets through."""

import json

import jsonschema_rs
import pytest

from cockpit.agents.answers.answer_fields import field_name
from cockpit.agents.answers.decision_schema import CoinDecision, coin_decision, decision_schema

SCHEMA = decision_schema(["BTC", "ETH"])
NOTHING = dict.fromkeys(CoinDecision.model_fields)
HOLD = NOTHING | {"signal": "hold", "invalidation_condition": "", "justification": "Wait."}


def is_valid(answer):
    return jsonschema_rs.Draft202012Validator(SCHEMA).is_valid(answer)


def test_an_answer_of_the_schema_says_all_of_every_coin():
    assert jsonschema_rs.meta.is_valid(SCHEMA)
    assert is_valid({"BTC": HOLD, "ETH": HOLD})
    assert not is_valid({"BTC": HOLD})
    assert not is_valid({"BTC": HOLD, "ETH": HOLD, "PEPE": HOLD})
    assert not is_valid({"BTC": HOLD, "ETH": HOLD | {"signal": "buy"}})
    assert not is_valid({"BTC": HOLD, "ETH": HOLD | {"mood": "good"}})
    assert not is_valid({"BTC": HOLD, "ETH": HOLD | {"quantity": "0.5"}})


def test_it_keeps_to_what_structured_outputs_can_be_held_to():
    """All properties required, none besides; no defaults and no bounds, which some providers refuse."""
    for each in (SCHEMA, SCHEMA["$defs"]["CoinDecision"]):
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])
    written = json.dumps(SCHEMA)
    assert not any(f'"{word}"' in written for word in ("default", "minimum", "maximum", "format", "title"))


def test_what_the_schema_lets_through_is_read():
    decision = coin_decision(HOLD)
    assert isinstance(decision, CoinDecision)
    assert (decision.quantity, decision.justification) == (None, "Wait.")


@pytest.mark.parametrize(
    "key", ["stop_loss", "stopLoss", "STOP_LOSS", "Stop-Loss", " stop  loss ", "StopLoss"]
)
def test_a_key_may_be_spelled_in_any_case(key):
    assert field_name(key) == "stop_loss"
