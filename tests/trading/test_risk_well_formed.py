"""What is no order at all: refused before any rule is asked, whatever its fields hold."""

from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.orders import OrderKind, OrderPurpose, TimeInForce
from cockpit.trading.risk import RULES, RiskLimits, refusal_of
from tests.trading.arena_facts import BTC, ETH, Past, instrument
from tests.trading.risk_facts import ask, denied, limit, stop, verdict

HUGE = 10**5_000
WHOLE = "a quantity must be whole lots other than zero, not "
FINITE = "must be positive and finite, not "

# fmt: off
QUANTITIES = [
    (0, WHOLE + "0"), (nan, WHOLE + "nan"), (inf, WHOLE + "inf"), (-inf, WHOLE + "-inf"),
    (1e30, WHOLE + "1e+30"), (1.5, WHOLE + "1.5"), (10.0, WHOLE + "10.0"), ("10", WHOLE + "10"),
    (True, WHOLE + "True"), (None, WHOLE + "None"),
    (2**53, "a quantity must stay below 2^53 lots"), (10**30, "a quantity must stay below 2^53 lots"),
    pytest.param(-HUGE, "a quantity must stay below 2^53 lots", id="5001 digits"),
]
PRICES = [
    (nan, "nan"), (inf, "inf"), (-inf, "-inf"), (0.0, "0.0"), (-1.0, "-1.0"), (1e30, "1e+30"), (0, "0"),
    (2**53, "a number beyond 2^53"), pytest.param(HUGE, "a number beyond 2^53", id="5001 digits"),
    ("50000", "50000"), (True, "True"),
    ("\x1b[31mred", "red"),
]
KINDS = [
    # kind                       limit     trigger   trail  what is said
    (OrderKind.MARKET,           None,     None,     None,  None),
    (OrderKind.MARKET,           50_000.0, None,     None,  "a market order has no limit price"),
    (OrderKind.MARKET,           None,     50_000.0, None,  "a market order has no trigger price"),
    (OrderKind.MARKET,           None,     None,     100.0, "a market order has no trail distance"),
    (OrderKind.LIMIT,            50_000.0, None,     None,  None),
    (OrderKind.LIMIT,            None,     None,     None,  "a limit order needs a limit price"),
    (OrderKind.LIMIT,            50_000.0, 50_000.0, None,  "a limit order has no trigger price"),
    (OrderKind.STOP_MARKET,      None,     50_000.0, None,  None),
    (OrderKind.STOP_MARKET,      None,     None,     None,  "a stop_market order needs a trigger price"),
    (OrderKind.STOP_MARKET,      50_000.0, 50_000.0, None,  "a stop_market order has no limit price"),
    (OrderKind.STOP_LIMIT,       50_000.0, 50_000.0, None,  None),
    (OrderKind.STOP_LIMIT,       None,     50_000.0, None,  "a stop_limit order needs a limit price"),
    (OrderKind.STOP_LIMIT,       50_000.0, None,     None,  "a stop_limit order needs a trigger price"),
    (OrderKind.TAKE_PROFIT,      None,     50_000.0, None,  None),
    (OrderKind.TAKE_PROFIT,      None,     None,     None,  "a take_profit order needs a trigger price"),
    (OrderKind.TRAILING_STOP,    None,     50_000.0, 100.0, None),
    (OrderKind.TRAILING_STOP,    None,     50_000.0, None,  "a trailing_stop order needs a trail distance"),
    (OrderKind.TRAILING_STOP,    None,     None,     100.0, "a trailing_stop order needs a trigger price"),
    ("iceberg",                  None,     None,     None,  "there is no order of kind iceberg"),
]
# fmt: on


def said(past, intent):
    refused = verdict(past, intent)
    assert refused is None or refused.rule == "well_formed"
    return refused and refused.reason


def test_an_order_is_of_an_account_and_a_symbol_of_the_run(past):
    assert said(past, ask(100, agent="zoe")) == "no account is called zoe"
    assert said(past, ask(100, symbol="XRP/USDC:USDC")) == "XRP/USDC:USDC is not traded in this run"
    assert said(past, ask(100, symbol="")) == " is not traded in this run"


@pytest.mark.parametrize(("lots", "words"), QUANTITIES)
def test_a_quantity_is_whole_lots_that_can_be_counted(past, lots, words):
    assert verdict(past, ask(lots)) == denied("well_formed", words)


def test_the_largest_quantity_is_well_formed(past):
    assert verdict(past, ask(2**53 - 1)).rule == "order_notional"
    assert verdict(past, ask(1 - 2**53)).rule == "order_notional"


@pytest.mark.parametrize(("price", "words"), PRICES)
def test_every_price_is_positive_and_finite(past, price, words):
    past.trade("ann", BTC, 10, 50_000.0)
    assert said(past, limit(10, price)) == f"a limit price {FINITE}{words}"
    assert said(past, stop(-10, price)) == f"a trigger price {FINITE}{words}"
    trailing = stop(-10, 49_000.0, kind=OrderKind.TRAILING_STOP, trail_distance=price)
    assert said(past, trailing) == f"a trail distance {FINITE}{words}"


@pytest.mark.parametrize(("kind", "limit_price", "trigger", "trail", "words"), KINDS)
def test_each_kind_has_the_prices_it_needs_and_no_other(past, kind, limit_price, trigger, trail, words):
    intent = ask(10, kind=kind, limit_price=limit_price, trigger_price=trigger, trail_distance=trail)
    assert said(past, intent) == words


def test_only_what_has_a_limit_has_a_time_in_force(past):
    assert said(past, limit(10, 50_000.0, time_in_force=TimeInForce.POST_ONLY)) is None
    assert said(past, ask(10, time_in_force=TimeInForce.IOC)) == "a market order can't be ioc"
    assert said(past, limit(10, 50_000.0, time_in_force="day")) == "a limit order can't be day"


@pytest.mark.parametrize("thinking", [-1, nan, inf, 1.5, "soon", None, 10**30])
def test_thinking_takes_whole_milliseconds(past, thinking):
    assert said(past, ask(10, thinking_ms=30_000)) is None
    assert said(past, ask(10, thinking_ms=thinking)).startswith("thinking takes whole milliseconds, not ")


# --- Anything at all

JUNK = st.one_of(
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.none(),
    st.booleans(),
    st.sampled_from([0, -0.0, 1e30, 1e-320, HUGE, -HUGE, 2**53, 2**53 - 1, 1 - 2**53]),
)
LOTS = st.one_of(st.integers(-500, 500), JUNK)
PRICE = st.one_of(st.none(), st.floats(1e-3, 1e6), JUNK)


@settings(max_examples=300)
@given(
    lots=LOTS,
    prices=st.tuples(PRICE, PRICE, PRICE),
    thinking=st.one_of(st.just(0), JUNK),
    mark=st.sampled_from([1e-300, 1e-8, 1.0, 50_000.0, 9e15]),
    kind=st.sampled_from(OrderKind),
    purpose=st.sampled_from(OrderPurpose),
    reduce_only=st.booleans(),
    symbol=st.sampled_from([BTC.symbol, ETH.symbol, "XRP/USDC:USDC", ""]),
    agent=st.sampled_from(["ann", "bob", "zoe", ""]),
)
def test_whatever_is_asked_for_the_gate_answers_in_words_and_changes_nothing(
    lots, prices, thinking, mark, kind, purpose, reduce_only, symbol, agent
):
    past = Past.begun(instruments=(BTC, instrument("ETH", 0.01, 1e9)))
    past.trade("ann", BTC, 10, 50_000.0)
    past.mark(mark, mark)
    limit_price, trigger, trail = prices
    intent = ask(
        lots,
        agent=agent,
        symbol=symbol,
        kind=kind,
        limit_price=limit_price,
        trigger_price=trigger,
        trail_distance=trail,
        thinking_ms=thinking,
        reduce_only=reduce_only,
        purpose=purpose,
    )
    untouched = past.copy()
    refused = refusal_of(intent, past.state, RiskLimits())
    assert past.state == untouched.state
    if refused is None:
        assert type(lots) is int
        assert 0 < abs(lots) < 2**53
        assert all(price is None or 0 < price < 2**53 for price in prices)
        assert (limit_price is None) == (kind not in {OrderKind.LIMIT, OrderKind.STOP_LIMIT})
        assert (trigger is None) == (kind in {OrderKind.MARKET, OrderKind.LIMIT})
        assert (trail is None) == (kind is not OrderKind.TRAILING_STOP)
    else:
        assert refused.rule in {"well_formed", *RULES}
        assert refused.reason.isprintable()
