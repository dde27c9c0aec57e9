"""Limits: what stands by default, which of two is the stricter, how they are told."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.market import MINUTE_MS
from cockpit.trading.risk import RISK_LIMITS_BY_MODE, RULES, RiskLimits, tightest
from cockpit.trading.risk.documented import RULE_DOCS, RULE_LIMITS, rule_rows
from cockpit.trading.risk.limits import LIMIT_UNITS, is_looser, spelled
from tests.trading.arena_facts import usd

PAPER, MAINNET = RISK_LIMITS_BY_MODE["paper"], RISK_LIMITS_BY_MODE["mainnet"]


def test_the_shipped_limits_let_the_arena_trade():
    assert PAPER == RISK_LIMITS_BY_MODE["testnet"] == RiskLimits()
    assert PAPER.max_order_notional == usd(250_000)
    assert PAPER.max_gross_leverage == 3.0
    assert PAPER.max_open_orders == 20
    assert PAPER.max_mark_age_ms == 10 * MINUTE_MS


def test_mainnets_limits_are_tighter_wherever_there_is_a_limit():
    assert tightest(PAPER, MAINNET) == MAINNET
    for limit in LIMIT_UNITS.keys() - {"symbols"}:
        assert is_looser(limit, getattr(PAPER, limit), getattr(MAINNET, limit)), limit


def test_of_each_limit_the_strictest_counts():
    venue = RiskLimits(max_open_orders=5, cooldown_after_loss_ms=60_000)
    arena = RiskLimits(max_order_notional=usd(1_000), cooldown_after_loss_ms=30_000)
    agent = RiskLimits(max_order_notional=usd(2_000), leverage=2.0)
    assert tightest(venue, arena, agent) == RiskLimits(
        max_open_orders=5, max_order_notional=usd(1_000), cooldown_after_loss_ms=60_000, leverage=2.0
    )


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (None, None, None),
        (None, ("ETH", "BTC"), ("BTC", "ETH")),
        (("ETH",), None, ("ETH",)),
        (("BTC", "ETH"), ("ETH", "SOL"), ("ETH",)),
        (("BTC",), ("BTC/USDT", "ETH/USDT"), ("BTC/USDT",)),
        (("BTC/USDT",), ("BTC/USDC:USDC",), ()),
        (("BTC",), ("ETH",), ()),
    ],
)
def test_symbols_must_stand_in_every_list(one, other, both):
    first, second = RiskLimits(symbols=one), RiskLimits(symbols=other)
    assert tightest(first, second).symbols == tightest(second, first).symbols == both


SOME_LIMITS = st.builds(
    RiskLimits,
    max_order_notional=st.integers(1, 10**12),
    max_gross_leverage=st.floats(0.1, 10),
    cooldown_after_stop_ms=st.integers(0, 10**6),
    symbols=st.sampled_from([None, (), ("BTC",), ("ETH", "BTC/USDT"), ("BTC/USDT",)]),
)


@given(SOME_LIMITS, SOME_LIMITS, SOME_LIMITS)
def test_it_does_not_matter_in_which_order_limits_are_given(one, two, three):
    strictest = tightest(one, two, three)
    assert strictest == tightest(three, one, two) == tightest(tightest(two, three), one)
    assert tightest(strictest, two) == strictest
    for each in (one, two, three):
        assert not any(
            is_looser(field.name, getattr(strictest, field.name), getattr(each, field.name))
            for field in fields(RiskLimits)
        )


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("max_order_notional", usd(250_000), "$250,000.00"),
        ("max_price_deviation", 0.03, "3.00%"),
        ("max_gross_leverage", 1.5, "1.50×"),
        ("max_gross_leverage", None, "n/a"),
        ("max_open_orders", 20, "20"),
        ("max_mark_age_ms", 90_000, "1m 30s"),
        ("cooldown_after_loss_ms", 0, "0s"),
        ("symbols", None, "all"),
        ("symbols", ("BTC", "ETH"), "BTC, ETH"),
    ],
)
def test_each_limit_is_told_in_its_unit(limit, value, words):
    assert spelled(limit, value) == words


def test_every_limit_has_a_unit_and_a_rule_that_reads_it():
    names = [field.name for field in fields(RiskLimits)]
    assert list(LIMIT_UNITS) == names
    assert {limit for limits in RULE_LIMITS.values() for limit in limits} == set(names)


def test_every_rule_says_what_it_does_in_one_sentence():
    assert list(RULE_DOCS) == ["well_formed", *RULES]
    for rule, does in RULE_DOCS.items():
        assert does.endswith("."), rule
        assert len(does) > 20, rule
    assert RULE_LIMITS.keys() <= RULES.keys()


def test_the_table_of_rules_shows_the_limits_in_force():
    rows = {row.rule: row.limits for row in rule_rows(replace(PAPER, max_open_orders=7))}
    assert rows["open_orders"] == {"max_open_orders": "7"}
    assert rows["cooldown"] == {"cooldown_after_loss_ms": "0s", "cooldown_after_stop_ms": "5m"}
    assert rows["tick"] == {}
