"""The system prompt: every rule in it, and no name for two things."""

import re
from dataclasses import replace
from importlib.resources import files

import pytest

from cockpit.agents.prompts.renderer import PromptTemplates
from cockpit.agents.prompts.rules_text import ArenaRules, rules_text
from cockpit.domain.market import MINUTE_MS, Micros
from cockpit.markets.simulated_instruments import coins_named
from cockpit.trading.margin import MarginMode, MarginTerms

RULES = ArenaRules(
    instruments=tuple(coin.instrument for coin in coins_named(("BTC", "DOGE"))),
    terms=MarginTerms(mode=MarginMode.CROSS, leverage=20.0),
    capital=Micros(10_000_000_000),
    round_interval_ms=3 * MINUTE_MS,
    may_pyramid=False,
    may_close_partly=False,
    closes_when_invalid=True,
    further_rules=("No position may be worth more than half of your account value.",),
    invalidation_help="close(TIMEFRAME) < PRICE",
    answer_schema='{"type": "object"}',
)


@pytest.fixture(scope="module")
def templates():
    return PromptTemplates()


def test_symbols_come_with_steps_leverage_and_fees(templates):
    text = rules_text(RULES, templates)
    assert (
        "- BTC (BTC/USDC:USDC): quantity in BTC, in steps of 0.00001; price step 1; "
        "smallest order 10.00 USDC; highest leverage 20; fee 0.045% of notional (taker), 0.015% (maker)"
    ) in text
    assert "highest leverage 10; fee" in text  # DOGE's own, below what the arena allows


def test_fees_are_told_by_what_a_round_trip_in_the_dearest_instrument_costs(templates):
    btc, doge = RULES.instruments
    dear = replace(RULES, instruments=(btc, replace(doge, taker_fee_rate=0.001)))
    text = rules_text(dear, templates)
    assert "1000 USDC of notional at a taker fee of 0.1% cost 2.00 USDC for the round trip" in text
    assert "has to go 0.2% your way" in text
    assert "10 such round trips a day, each with 10 times your account value, cost 20% of your" in text


@pytest.mark.parametrize(
    ("change", "said", "unsaid"),
    [
        ({"may_pyramid": True}, "may be added to by entering again", "can't be added to"),
        ({"may_pyramid": False}, "can't be added to", "may be added to"),
        ({"may_close_partly": True}, "or the quantity you give", "whole position"),
        ({"may_close_partly": False}, "closes the whole position", "or the quantity you give"),
        ({"closes_when_invalid": True}, "closes the position when it comes about", "tells you when"),
        ({"closes_when_invalid": False}, "tells you when it has come about", "closes the position when"),
        (
            {"terms": MarginTerms(mode=MarginMode.ISOLATED, leverage=5.0)},
            "Only the margin of that position stands behind it.",
            "All of your account stands behind",
        ),
        ({}, "All of your account stands behind", "Only the margin of that position"),
        ({"further_rules": ()}, "# Invalidation conditions", "half of your account value"),
        ({}, "more than half of your account value.\n", "None"),
        ({}, "pay or receive funding", "None"),
    ],
)
def test_rules_that_can_be_chosen_are_told_as_chosen(templates, change, said, unsaid):
    text = rules_text(replace(RULES, **change), templates)
    assert said in text
    assert unsaid not in text


def test_a_market_without_funding_is_not_said_to_have_any(templates):
    spot = tuple(replace(each, funding_interval_ms=None) for each in RULES.instruments)
    assert "funding" not in rules_text(replace(RULES, instruments=spot), templates)


def test_grammar_and_schema_are_taken_as_they_are(templates):
    odd = replace(RULES, invalidation_help="RSI(7, 1h) > 80 & {{ x }}", answer_schema='{"a": "<b>"}')
    text = rules_text(odd, templates)
    assert "\nRSI(7, 1h) > 80 & {{ x }}\n" in text
    assert text.endswith('\n{"a": "<b>"}\n')


@pytest.mark.parametrize("name", ["system.j2", "user.j2", "market.j2", "account.j2"])
@pytest.mark.parametrize(
    "other",
    [
        "free collateral",
        "free margin",
        "buying power",
        "current price",
        "current_price",
        "collateral",
        "equity",
    ],
)
def test_no_quantity_has_a_second_name(name, other):
    assert other not in shipped(name).lower()


@pytest.mark.parametrize("name", ["system.j2", "user.j2", "account.j2"])
def test_nothing_counts_rounds_held_or_trades_made(name):
    assert not re.search(r"held_|hold_|holds|in a row|streak|rounds since", shipped(name))


def shipped(name):
    return (files("cockpit.agents.prompts") / name).read_text(encoding="utf-8")
