"""What an analyst's words come to: a statement, or the reason why they are none."""

import json
from dataclasses import replace

import pytest

from cockpit.agents.debate.statement import Statement, read_statement, statement_schema
from cockpit.agents.models.model_call import ModelRequest
from cockpit.agents.providers.model_arguments import is_strict
from cockpit.domain.debates import MAX_ARGUMENT, MAX_SIGNAL, MAX_SIGNALS, Stance, SymbolStance
from tests.agents.answers.test_decision_reply import SITUATION
from tests.trading.arena_facts import BTC, ETH

LONG = {"stance": "long", "confidence": 0.7}
BULLISH = (SymbolStance(symbol=BTC.symbol, stance=Stance.LONG, confidence=0.7),)


def said(text):
    return read_statement(text if isinstance(text, str) else json.dumps(text), SITUATION)


# fmt: off
READ = [
    {"stances": {"BTC": LONG}, "signals": ["RSI 28", "MACD > 0"], "argument": "It rises."},
    {"stances": {"btc": {"Stance": "LONG", "Confidence": "0.7"}}, "Signals": ["RSI 28", "MACD > 0"],
     "argument": " It rises.\n"},
    {"stances": {"BTC/USDC:USDC": LONG, "BTC": LONG}, "signals": ["RSI 28", "", "MACD > 0"],
     "argument": "It rises.", "thinking": {"steps": [1, 2]}},
    "<think>{\"stances\": {}}</think> ```json\n"
    "{'stances': {'BTC': {'stance': 'long', 'confidence': 0.7}}, 'signals': ['RSI 28', 'MACD > 0'], "
    "'argument': 'It rises.'}\n```",
]
REFUSED = [
    ({"stances": {}}, "it takes no stance on any coin"),
    ({"stances": None}, "stances: it is missing"),
    ({"stances": [LONG]}, "stances: Input should be a valid dictionary"),
    ({"stances": {"BTC": "long"}}, "stances.BTC: 'long' is not an object"),
    ({"stances": {"BTC": None}}, "stances.BTC: it is missing"),
    ({"stances": {"BTC": {"stance": "long"}}}, "stances.BTC.confidence: it is missing"),
    ({"stances": {"BTC": {"confidence": 0.5}}}, "stances.BTC.stance: it is missing"),
    ({"stances": {"BTC": LONG | {"stance": "bullish"}}},
     "stances.BTC.stance: 'bullish' is none of long, short, flat"),
    ({"stances": {"BTC": LONG | {"confidence": "70%"}}},
     "stances.BTC.confidence: '70%' is not a plain number"),
    ({"stances": {"BTC": LONG | {"confidence": -0.1}}}, "stances.BTC.confidence: -0.1 is negative"),
    ({"stances": {"BTC": LONG | {"confidence": True}}},
     "stances.BTC.confidence: 'True' is not a plain number"),
    ({"stances": {"BTC": LONG | {"confidence": float("inf")}}},
     "stances.BTC.confidence: 'inf' is not a finite number"),
    ({"stances": {"BTC": LONG, "bTc": LONG | {"confidence": 0.6}}},
     "'bTc': it is given several stances, which differ"),
    ({"stances": {"SOL": LONG}}, "'SOL': it is no coin traded here (BTC, ETH, DOGE)"),
    ({"stances": {"\x1b[31mred": LONG}}, "'??31mred': it is no coin traded here (BTC, ETH, DOGE)"),
    ({"stances": {"BTC": LONG}, "signals": "RSI 28"}, "signals: 'RSI 28' is not a list"),
    ({"stances": {"BTC": LONG}, "signals": [28]}, "signals: '28.0' is not text"),
    ({"stances": {"BTC": LONG}, "argument": ["It rises."]}, "argument: an array is not text"),
    ('{"stances": {"BTC": {"stance": "long", "confidence": 0.7, "confidence": 0.2}}}',
     "stances.BTC.confidence: it is given twice, with different values"),
    ('{"stances": {"BTC": {"stance": "long", "confidence": 0.7}, "ETH": {"stance": "sh',
     "stances.ETH: it was cut off"),
    ('{"stances": {"BTC": {"stance": "long", "confidence": 0.7}}, "signals": ["a"], "argument": "It ris',
     "it was cut off"),
    ('{"stances": {"BTC": {"stance": "long", "confidence": 0.7}}}'
     '{"stances": {"BTC": {"stance": "flat", "confidence": 1}}}',
     "it made several statements, which differ"),
    ("I am bullish.", "it has no JSON object that can be read"),
]
# fmt: on


@pytest.mark.parametrize("text", READ)
def test_a_statement_is_read_however_it_is_wrapped(text):
    assert said(text) == Statement(stances=BULLISH, signals=("RSI 28", "MACD > 0"), argument="It rises.")


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_unclear_is_refused_and_never_guessed(text, reason):
    assert said(text) == reason


ALONE = replace(SITUATION, instruments={BTC.symbol: BTC}, elsewhere={ETH.symbol: ETH})
"""A debate on one coin of two that are traded."""


@pytest.mark.parametrize(
    "of_eth", [LONG, {"stance": "bullish"}, "up", None], ids=["fine", "bad", "word", "none"]
)
@pytest.mark.parametrize("name", ["ETH", " eth", ETH.symbol])
def test_what_is_said_of_a_coin_that_is_not_debated_is_left_out(name, of_eth):
    text = json.dumps({"stances": {name: of_eth, "BTC": LONG}, "argument": "ETH leads."})
    assert read_statement(text, ALONE) == Statement(stances=BULLISH, signals=(), argument="ETH leads.")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"stances": {"ETH": {"stance": "long", "confidence": 0.7}}}', "it takes no stance on BTC"),
        ('{"stances": {"SOL": {"stance": "long", "confidence": 0.7}}}',
         "'SOL': it is no coin traded here (BTC, ETH)"),
        ('{"stances": {"BTC": {"stance": "long", "confidence": 0.7}, "ETH": {"stance": "sh',
         "stances.ETH: it was cut off"),
    ],
    ids=["nothing is left", "not traded", "cut off"],
)  # fmt: skip
def test_a_debate_on_one_coin_refuses_what_any_other_does(text, reason):
    assert read_statement(text, ALONE) == reason


def test_stances_come_in_the_run_s_order():
    stances = said({"stances": {"ETH": LONG, "BTC": LONG}}).stances
    assert [each.symbol for each in stances] == [BTC.symbol, ETH.symbol]


def test_words_are_bounded_and_inert():
    text = {"stances": {"BTC": LONG}, "signals": ["\x1b[2Jx" * 200] * 20, "argument": "a\nb\u202e" * 3_000}
    came = said(text)
    assert len(came.argument) == MAX_ARGUMENT
    assert len(came.signals) == MAX_SIGNALS
    assert all(0 < len(each) <= MAX_SIGNAL for each in came.signals)
    assert all(each.isprintable() for each in (came.argument, *came.signals))


def test_the_schema_is_one_that_models_can_be_held_to():
    schema = statement_schema(("BTC", "ETH"))
    assert is_strict(schema)
    assert list(schema["properties"]["stances"]["properties"]) == ["BTC", "ETH"]
    request = ModelRequest(model="x/y", messages=(), max_tokens=1, schema=schema)
    assert request.key() == ModelRequest(**{name: getattr(request, name) for name in request.__slots__}).key()
