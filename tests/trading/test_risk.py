"""The risk gate: for each rule an order that passes and one that is refused, with figures."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.events import ARENA, BreakerTripped, CapitalAllocated
from cockpit.domain.orders import OrderIntent, OrderKind, OrderPurpose
from cockpit.trading.risk import RULES, Refusal, RiskLimits, refusal_of
from tests.trading.arena_facts import BTC, ETH, Past, instrument, run_started, usd

LIMITS = RiskLimits(
    max_order_notional=usd(20_000), max_gross_leverage=3.0, max_open_orders=2, max_mark_age_ms=10 * 60_000
)


def ask(lots, listed=BTC, **changes):
    given = {"agent": "ann", "symbol": listed.symbol, "kind": OrderKind.MARKET}
    return OrderIntent(signed_lots=lots, **(given | changes))


def verdict(past, intent, limits=LIMITS):
    return refusal_of(intent, past.state, limits)


def trip(past, scope, breaker="drawdown"):
    past.tell(
        BreakerTripped(scope=scope, breaker=breaker, value=0.3, limit=0.2, reason="it fell", stopped="it")
    )


def test_an_ordinary_order_passes(past):
    assert verdict(past, ask(100)) is None
    assert verdict(past, ask(-100)) is None


# --- Well formed


# fmt: off
NO_ORDERS = [
    (ask(100, agent="zoe"), "no account is called zoe"),
    (ask(100, symbol="XRP/USDC:USDC"), "XRP/USDC:USDC is not traded in this run"),
    (ask(0), "a quantity must be whole lots other than zero, not 0"),
    (ask(nan), "a quantity must be whole lots other than zero, not nan"),
    (ask(inf), "a quantity must be whole lots other than zero, not inf"),
    (ask(-inf), "a quantity must be whole lots other than zero, not -inf"),
    (ask(1e30), "a quantity must be whole lots other than zero, not 1e+30"),
    (ask(1.5), "a quantity must be whole lots other than zero, not 1.5"),
    (ask(10**30), "a quantity must stay below 2^53 lots"),
    (ask(-(10**5000)), "a quantity must stay below 2^53 lots"),
    (ask(100, kind=OrderKind.STOP_MARKET), "a stop_market order needs a trigger price"),
    (ask(100, trigger_price=50.0), "a market order has no trigger price"),
] + [
    (ask(-100, kind=OrderKind.STOP_MARKET, trigger_price=price),
     f"a trigger price must be positive and finite, not {price}")
    for price in (nan, inf, -inf, 0.0, -1.0, 1e30)
]
# fmt: on


@pytest.mark.parametrize(("intent", "words"), NO_ORDERS)
def test_what_is_no_order_is_refused_before_any_rule_is_asked(past, intent, words):
    assert verdict(past, intent) == Refusal(rule="well_formed", reason=words)


# --- Reduce-only


def test_a_reduce_only_order_may_shrink_or_end_a_position(past):
    past.trade("ann", BTC, 100, 50_000.0)
    assert verdict(past, ask(-40, reduce_only=True)) is None
    assert verdict(past, ask(-100, reduce_only=True)) is None


@pytest.mark.parametrize(
    ("held", "lots", "words"),
    [
        (100, -101, "reduce-only -101 lots against a position of +100"),
        (100, 10, "reduce-only +10 lots against a position of +100"),
        (-100, 101, "reduce-only +101 lots against a position of -100"),
        (0, -10, "reduce-only -10 lots against a position of +0"),
    ],
)
def test_a_reduce_only_order_may_not_open_or_enlarge(past, held, lots, words):
    if held:
        past.trade("ann", BTC, held, 50_000.0)
    assert verdict(past, ask(lots, reduce_only=True)) == Refusal(rule="reduce_only", reason=words)


# --- Breakers


def test_a_halted_arena_takes_no_orders_but_those_that_reduce(past):
    past.trade("ann", BTC, 100, 50_000.0)
    trip(past, ARENA)
    assert verdict(past, ask(10)) == Refusal(
        rule="arena_halted", reason="an arena breaker has stopped trading"
    )
    assert verdict(past, ask(-100, reduce_only=True)) is None


def test_a_benched_agent_places_no_orders_but_those_that_reduce(past):
    past.trade("ann", BTC, 100, 50_000.0)
    trip(past, "ann")
    assert verdict(past, ask(10)) == Refusal(
        rule="agent_benched", reason="one of the agent's breakers is not armed"
    )
    assert verdict(past, ask(-100, reduce_only=True)) is None
    assert verdict(past, ask(10, agent="bob")) is None


# --- Prices


def test_an_order_needs_a_price():
    past = Past()
    past.tell(run_started(), CapitalAllocated(agent="ann", amount=usd(10_000)))
    assert verdict(past, ask(10)) == Refusal(rule="stale_quote", reason=f"{BTC.symbol} has no price yet")


def test_an_order_needs_a_fresh_price(past):
    past.after(10).mark(50_000.0, 2_000.0, fresh=(False, True))
    assert verdict(past, ask(10)) is None
    past.after(0.5).mark(50_000.0, 2_000.0, fresh=(False, True))
    assert verdict(past, ask(10)) == Refusal(
        rule="stale_quote", reason="the last bar is 10m 30s old, over 10m"
    )
    assert verdict(past, ask(10, ETH)) is None


def test_what_reduces_passes_on_a_stale_price(past):
    past.trade("ann", BTC, 100, 50_000.0).after(60).mark(50_000.0, 2_000.0, fresh=(False, True))
    assert verdict(past, ask(-100, reduce_only=True)) is None


# --- Sizes


def test_an_order_is_worth_at_least_what_the_venue_takes(past):
    past.mark(50_000.0, 1_000.0)
    assert verdict(past, ask(1, ETH)) is None  # $10.00
    past.mark(50_000.0, 999.0)
    assert verdict(past, ask(1, ETH)) == Refusal(
        rule="min_notional", reason="notional $9.99 is under the venue's $10.00"
    )
    assert verdict(past, ask(-1, ETH)).rule == "min_notional"


def test_the_rest_of_a_position_may_be_closed_however_small(past):
    past.trade("ann", ETH, 1, 1_000.0).mark(50_000.0, 10.0)
    assert verdict(past, ask(-1, ETH, reduce_only=True)) is None


def test_no_order_is_worth_more_than_its_limit(past):
    assert verdict(past, ask(400)) is None  # $20,000
    assert verdict(past, ask(401)) == Refusal(
        rule="order_notional", reason="notional $20,050.00 is over $20,000.00"
    )
    assert verdict(past, ask(-401)).rule == "order_notional"


def test_a_position_that_outgrew_the_limit_can_be_closed(past):
    past.trade("ann", BTC, 400, 50_000.0).mark(90_000.0, 2_000.0)
    assert verdict(past, ask(-400, reduce_only=True)) is None


def test_what_the_ledger_can_not_count_is_refused(past):
    past.mark(9e15, 2_000.0)
    refused = verdict(past, ask(10**9), RiskLimits(max_order_notional=2**60))
    assert refused.rule == "order_notional"
    assert refused.reason == "+1000000000 lots at 9e+15 are more than the ledger can count"


# --- Leverage


def test_gross_exposure_stays_under_its_multiple_of_equity(past):
    past.trade("ann", BTC, 400, 50_000.0)
    assert verdict(past, ask(500, ETH)) is None  # $30,000 gross on $10,000
    assert verdict(past, ask(501, ETH)) == Refusal(
        rule="gross_leverage", reason="gross notional $30,020.00 would be over $30,000.00"
    )


def test_longs_and_shorts_do_not_cancel_out(past):
    past.trade("ann", BTC, 400, 50_000.0)
    assert verdict(past, ask(-501, ETH)).rule == "gross_leverage"


def test_orders_still_working_count_as_if_they_were_filled(past):
    past.work("ann", BTC, 400)
    assert verdict(past, ask(501, ETH)).rule == "gross_leverage"
    past.work("bob", BTC, 400)
    assert verdict(past, ask(500, ETH)) is None


def test_protective_orders_do_not_count_towards_leverage(past):
    past.trade("ann", BTC, 400, 50_000.0)
    past.work("ann", BTC, -400, reduce_only=True, purpose=OrderPurpose.STOP, trigger_price=40_000.0)
    assert verdict(past, ask(500, ETH)) is None
    assert verdict(past, ask(501, ETH)).rule == "gross_leverage"


def test_an_order_against_a_position_counts_for_what_it_leaves(past):
    past.trade("ann", BTC, 400, 50_000.0)
    assert verdict(past, ask(-400)) is None
    assert verdict(past, ask(-300)) is None


def test_losses_lower_the_ceiling(past):
    past.trade("ann", BTC, 400, 50_000.0).mark(45_000.0, 2_000.0)
    assert past.state.agents["ann"].watch.equity == usd(8_000)
    assert verdict(past, ask(300, ETH)) is None  # $18,000 + $6,000
    assert verdict(past, ask(301, ETH)).reason == "gross notional $24,020.00 would be over $24,000.00"


def test_an_agent_without_equity_opens_nothing(past):
    past.trade("ann", BTC, 400, 50_000.0).mark(24_000.0, 2_000.0)
    assert past.state.agents["ann"].watch.equity < 0
    assert verdict(past, ask(10, ETH)).rule == "gross_leverage"
    assert verdict(past, ask(-400, reduce_only=True)) is None


# --- Open orders


def test_an_agent_has_only_so_many_orders_open(past):
    past.work("ann", BTC, 10)
    assert verdict(past, ask(10)) is None
    past.work("ann", ETH, 10)
    assert verdict(past, ask(10)) == Refusal(
        rule="open_orders", reason="2 orders are open, the most allowed is 2"
    )
    assert verdict(past, ask(10, agent="bob")) is None


def test_protective_orders_are_not_counted_as_open(past):
    past.trade("ann", BTC, 100, 50_000.0)
    for _ in range(3):
        past.work("ann", BTC, -100, reduce_only=True, purpose=OrderPurpose.STOP, trigger_price=40_000.0)
    assert verdict(past, ask(10)) is None
    past.work("ann", BTC, 10)
    past.work("ann", BTC, 10)
    assert verdict(past, ask(-100, reduce_only=True)) is None


def test_the_first_rule_that_is_broken_speaks(past):
    trip(past, ARENA)
    trip(past, "ann")
    assert verdict(past, ask(10_000)).rule == "arena_halted"
    assert list(RULES)[:3] == ["reduce_only", "arena_halted", "agent_benched"]


# --- Anything at all

QUANTITIES = st.one_of(
    st.integers(), st.floats(), st.sampled_from([0, -0.0, 1e30, 10**400, 2**53, 2**53 - 1, 1 - 2**53])
)
TRIGGERS = st.one_of(st.none(), st.floats(), st.sampled_from([0, -1, 10**400, 1e-320]))
MARKS = st.sampled_from([1e-300, 1e-8, 1.0, 50_000.0, 9e15])


@given(
    lots=QUANTITIES,
    trigger=TRIGGERS,
    mark=MARKS,
    kind=st.sampled_from(OrderKind),
    reduce_only=st.booleans(),
    symbol=st.sampled_from([BTC.symbol, ETH.symbol, "XRP/USDC:USDC", ""]),
    agent=st.sampled_from(["ann", "bob", "zoe", ""]),
)
def test_whatever_is_asked_for_the_gate_answers_in_words(
    lots, trigger, mark, kind, reduce_only, symbol, agent
):
    past = Past.begun(instruments=(BTC, instrument("ETH", 0.01, 1e9)))
    past.mark(mark, mark)
    intent = OrderIntent(
        agent=agent,
        symbol=symbol,
        kind=kind,
        signed_lots=lots,
        trigger_price=trigger,
        reduce_only=reduce_only,
    )
    untouched = past.copy()
    refused = refusal_of(intent, past.state, RiskLimits())
    assert past.state == untouched.state
    if refused is None:
        assert isinstance(lots, int)
        assert 0 < abs(lots) < 2**53
        assert (trigger is None) == (kind is OrderKind.MARKET)
    else:
        assert refused.rule in {"well_formed", *RULES}
        assert refused.reason


def test_the_shipped_limits_let_the_arena_trade():
    assert RiskLimits() == RiskLimits(
        max_order_notional=usd(250_000), max_gross_leverage=3.0, max_open_orders=20, max_mark_age_ms=600_000
    )
