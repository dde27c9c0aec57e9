"""The form of a model's answer: what it says of each coin, and the JSON schema that it is offered.

Here is checked whatever one coin's answer says by itself; `decision_reply` checks it against the market
and the account.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from cockpit.agents.answers.answer_fields import Fraction, Number, Words, described, field_name, refusal
from cockpit.agents.answers.reply_text import Unusable, quoted
from cockpit.trading.decision_checks import MAX_REASON_LENGTH

COIN_KEYS = frozenset({"coin", "symbol"})
"""Under which an answer may name its coin by itself."""


class Signal(StrEnum):
    """What is to be done about a coin."""

    BUY_TO_ENTER = "buy_to_enter"
    SELL_TO_ENTER = "sell_to_enter"
    HOLD = "hold"
    CLOSE = "close"


def _signal(value: object) -> Signal:
    for signal in Signal:
        if isinstance(value, str) and field_name(value) == signal:
            return signal
    raise refusal(f"{described(value)} is none of {', '.join(Signal)}")


class CoinDecision(BaseModel):
    """What a model says of one coin; numbers are finite and not negative, words are inert and bounded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    signal: Annotated[
        Signal,
        BeforeValidator(_signal),
        Field(description="buy_to_enter opens a long, sell_to_enter a short; hold changes nothing."),
    ]
    quantity: Number = Field(default=None, description="Units of the coin, above 0; null for hold.")
    leverage: Number = Field(default=None, description="Notional per unit of margin, above 0.")
    profit_target: Number = Field(default=None, description="Price that ends the position at a profit.")
    stop_loss: Number = Field(default=None, description="Price that ends the position at a loss.")
    invalidation_condition: Words = Field(default="", description="What would prove the plan wrong.")
    confidence: Fraction = Field(default=None, description="From 0 to 1.")
    risk_usd: Number = Field(default=None, description="Dollars lost if the stop is hit.")
    justification: Words = Field(default="", description=f"Why, in at most {MAX_REASON_LENGTH} characters.")


FIELDS = frozenset(CoinDecision.model_fields)


def decision_schema(coins: Sequence[str]) -> dict[str, Any]:
    """JSON schema of an object: coin → decision. Every field is required, with null for what is not said.

    It keeps to what all providers' structured outputs can be held to; bounds of numbers are told in words.

    Args:
        coins: Names a model may use, in the order they are shown.
    """
    schema = CoinDecision.model_json_schema()
    properties: dict[str, Any] = schema["properties"]
    for each in properties.values():
        each.pop("default", None)
        each.pop("title", None)
    signal = {
        "type": "string",
        "enum": [each.value for each in Signal],
        "description": properties["signal"]["description"],
    }
    decision = {
        "type": "object",
        "properties": properties | {"signal": signal},
        "required": list(properties),
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {coin: {"$ref": "#/$defs/CoinDecision"} for coin in coins},
        "required": list(coins),
        "additionalProperties": False,
        "$defs": {"CoinDecision": decision},
    }


def coin_decision(answer: Mapping[str, Any]) -> CoinDecision | str:
    """One coin's answer, or in one line why it can't be taken.

    Keys may be in any case. A field the schema does not know is left out where it holds only words, and
    refused where it holds anything else: a number under another name may be the stop that was meant.
    """
    fields: dict[str, Any] = {}
    for key, value in answer.items():
        if value is Unusable.CUT:
            return Unusable.CUT.value
        name = field_name(key)
        if name in COIN_KEYS or (name not in FIELDS and _is_remark(value)):
            continue
        if name not in FIELDS:
            return f"{quoted(key)} is not one of its fields ({', '.join(CoinDecision.model_fields)})"
        if value is Unusable.CONTRADICTED or (name in fields and fields[name] != value):
            return f"{name}: {Unusable.CONTRADICTED.value}"
        fields[name] = value
    try:
        return CoinDecision.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{first['loc'][0]}: {'it is missing' if first['type'] == 'missing' else first['msg']}"


def _is_remark(value: object) -> bool:
    if isinstance(value, str):
        return not any(character.isdigit() for character in value[:40]) or len(value) > 40
    return value is None or isinstance(value, bool)
