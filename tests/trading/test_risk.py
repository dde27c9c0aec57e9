"""The risk gate: for each rule an order that passes and one that is refused, with figures."""

import pytest

from cockpit.domain.events import ARENA, CapitalAllocated
from cockpit.domain.orders import OrderPurpose
from cockpit.trading.risk import RULES, RiskLimits
from tests.trading.arena_facts import BTC, ETH, Past, run_started, usd
from tests.trading.risk_facts import ask, denied, trip, verdict


def test_an_ordinary_order_passes(past):
    assert verdict(past, ask(100)) is None
    assert verdict(past, ask(-100)) is None


# --- Reduce-only


def test_a_reduce_only_order_may_shrink_or_end_a_position(past):
    past.trade("ann", BTC, 100, 50_000.0)
    assert verdict(past, ask(-40, reduce_only=True)) is None
    assert verdict(past, ask(-100, reduce_only=True)) is None


@pytest.mark.parametrize(
    ("held", "lots", "words", "most"),
    [
        (100, -101, "reduce-only -101 lots against a position of +100", 100),
        (100, 10, "reduce-only +10 lots against a position of +100", 0),
        (-100, 101, "reduce-only +101 lots against a position of -100", 100),
        (0, -10, "reduce-only -10 lots against a position of +0", 0),
    ],
)
def test_a_reduce_only_order_may_not_open_or_enlarge(past, held, lots, words, most):
    if held:
        past.trade("ann", BTC, held, 50_000.0)
    assert verdict(past, ask(lots, reduce_only=True)) == denied("reduce_only", words, abs(lots), most)


# --- Breakers


def test_a_halted_arena_takes_no_orders_but_those_that_reduce(past):
    past.trade("ann", BTC, 100, 50_000.0)
    trip(past, ARENA)
    assert verdict(past, ask(10)) == denied(
        "trading_mode", "the arena's drawdown breaker (it fell) has tripped: only reduce-only orders pass"
    )
    assert verdict(past, ask(-100, reduce_only=True)) is None


def test_a_benched_agent_places_no_orders_but_those_that_reduce(past):
    past.trade("ann", BTC, 100, 50_000.0)
    trip(past, "ann")
    assert verdict(past, ask(10)) == denied(
        "agent_benched", "the agent's drawdown breaker (it fell) has tripped"
    )
    assert verdict(past, ask(-100, reduce_only=True)) is None
    assert verdict(past, ask(10, agent="bob")) is None


# --- Prices


def test_an_order_needs_a_price():
    past = Past()
    past.tell(run_started(), CapitalAllocated(agent="ann", amount=usd(10_000)))
    assert verdict(past, ask(10)) == denied("stale_quote", f"{BTC.symbol} has no price yet")


def test_an_order_needs_a_fresh_price(past):
    past.after(10).mark(50_000.0, 2_000.0, fresh=(False, True))
    assert verdict(past, ask(10)) is None
    past.after(0.5).mark(50_000.0, 2_000.0, fresh=(False, True))
    assert verdict(past, ask(10)) == denied(
        "stale_quote", "the last bar is 10m 30s old, over 10m", 630_000, 600_000
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
    assert verdict(past, ask(1, ETH)) == denied(
        "min_notional", "notional $9.99 is under the venue's $10.00", usd(9.99), usd(10)
    )
    assert verdict(past, ask(-1, ETH)).rule == "min_notional"


def test_the_rest_of_a_position_may_be_closed_however_small(past):
    past.trade("ann", ETH, 1, 1_000.0).mark(50_000.0, 10.0)
    assert verdict(past, ask(-1, ETH, reduce_only=True)) is None


def test_no_order_is_worth_more_than_its_limit(past):
    assert verdict(past, ask(400)) is None  # $20,000
    assert verdict(past, ask(401)) == denied(
        "order_notional", "notional $20,050.00 is over $20,000.00", usd(20_050), usd(20_000)
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
    assert verdict(past, ask(501, ETH)) == denied(
        "gross_leverage", "gross notional $30,020.00 would be over $30,000.00", 3.002, 3.0
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
    assert verdict(past, ask(20)) is None
    past.work("ann", ETH, 10)
    words = "3 orders would be open, the most allowed is 2"
    assert verdict(past, ask(20)) == denied("open_orders", words, 3, 2)
    assert verdict(past, ask(10, agent="bob")) is None


def test_protective_orders_are_not_counted_as_open(past):
    past.trade("ann", BTC, 100, 50_000.0)
    for _ in range(3):
        past.work("ann", BTC, -100, reduce_only=True, purpose=OrderPurpose.STOP, trigger_price=40_000.0)
    assert verdict(past, ask(10)) is None
    past.work("ann", BTC, 10)
    past.work("ann", BTC, 11)
    assert verdict(past, ask(-100, reduce_only=True)) is None


def test_the_first_rule_that_is_broken_speaks(past):
    trip(past, ARENA)
    trip(past, "ann")
    past.state.agents["ann"].unsynced = "a fill is missing"
    assert verdict(past, ask(10_000)).rule == "trading_mode"
    past.state.breakers.clear()
    assert verdict(past, ask(10_000)).rule == "account_synced"
    past.state.agents["ann"].unsynced = ""
    assert verdict(past, ask(10_000)).rule == "agent_benched"
    assert list(RULES)[:4] == ["account_closed", "tick", "reduce_only", "trading_mode"]
