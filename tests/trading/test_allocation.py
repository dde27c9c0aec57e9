"""Capital given out, and targets turned into orders."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.accounts import Account, Position
from cockpit.domain.decisions import Target
from cockpit.domain.events import CapitalAllocated
from cockpit.domain.orders import OrderKind, OrderPurpose, TimeInForce
from cockpit.trading.accounting import notional_micros
from cockpit.trading.allocation import (
    AllocationError,
    Sizing,
    allocate,
    intents_for,
    least_lots,
    split_lots,
    target_lots,
)
from cockpit.trading.order_style import OrderStyle
from tests.trading.arena_facts import BTC, DOGE, ETH, START_MS, usd

MARKS = {BTC.symbol: 50_000.0, ETH.symbol: 2_000.0}
LISTED = {BTC.symbol: BTC, ETH.symbol: ETH}


# --- Capital


@pytest.mark.parametrize(("treasury", "amount", "left"), [(100, 40, 60), (100, 100, 0)])
def test_what_is_given_leaves_the_treasury(treasury, amount, left):
    assert allocate(treasury, amount) == left


@pytest.mark.parametrize(
    ("treasury", "amount", "words"),
    [
        (usd(100), usd(100) + 1, r"holds \$100\.00, which can't cover \$100\.00"),
        (usd(0), usd(5), r"holds \$0\.00, which can't cover \$5\.00; raise arena.capital or lower"),
        (usd(100), 0, r"must be positive, not \$0\.00"),
        (usd(100), usd(-5), r"must be positive, not −\$5\.00"),
    ],
)
def test_capital_that_is_not_there_can_not_be_given(treasury, amount, words):
    with pytest.raises(AllocationError, match=words):
        allocate(treasury, amount)


def test_a_refused_allocation_changes_nothing(past):
    untouched = past.copy()
    with pytest.raises(AllocationError):
        past.tell(CapitalAllocated(agent="ann", amount=usd(1)))
    assert past.state == untouched.state


# --- Sizes


# fmt: off
SIZES = [
    (1.0, 10_000, 1.0, BTC, 50_000.0, 200),
    (-1.0, 10_000, 1.0, BTC, 50_000.0, -200),
    (0.5, 10_000, 0.5, BTC, 50_000.0, 50),
    (0.0, 10_000, 1.0, BTC, 50_000.0, 0),
    (1.0, 99, 1.0, BTC, 50_000.0, 1),        # 1.98 lots, cut towards zero
    (-1.0, 99, 1.0, BTC, 50_000.0, -1),
    (1.0, 49, 1.0, BTC, 50_000.0, 0),
    (-1.0, 49, 1.0, BTC, 50_000.0, 0),
    (1.0, 10_000, 3.0, BTC, 50_000.0, 600),  # leverage
    (1.0, 10_000, 1.0, DOGE, 0.125, 80_000),
    (1.0, 0, 1.0, BTC, 50_000.0, 0),
    (1.0, -500, 1.0, BTC, 50_000.0, 0),      # no equity, no position
    (-1.0, -500, 1.0, BTC, 50_000.0, 0),
]
# fmt: on


@pytest.mark.parametrize(("exposure", "equity", "share", "listed", "mark", "lots"), SIZES)
def test_an_exposure_is_cut_to_whole_lots_towards_zero(exposure, equity, share, listed, mark, lots):
    assert target_lots(exposure, usd(equity), share, listed, mark) == lots


@given(st.floats(-1.0, 1.0), st.integers(-(10**12), 10**13), st.floats(0.01, 5.0), st.floats(0.5, 1e6))
def test_a_size_is_never_worth_more_than_what_was_asked_for(exposure, equity, share, mark):
    lots = target_lots(exposure, equity, share, BTC, mark)
    asked = abs(exposure) * share * max(0, equity)
    assert abs(notional_micros(lots, BTC.lot_size, mark)) <= asked * (1 + 1e-12) + 1
    assert lots * exposure >= 0


# --- Orders

FULL = Sizing(leverage=2.0, rebalance_band=0.25)
"""Two instruments at leverage 2: full exposure to one is worth all of the equity."""


def holding(**lots):
    positions = {
        f"{base}/USDC:USDC": Position(
            symbol=f"{base}/USDC:USDC", signed_lots=size, cost=1, opened_ms=START_MS, entry_lots=abs(size)
        )
        for base, size in lots.items()
    }
    return Account(agent="ann", cash=usd(10_000), positions=positions)


def orders(account, *targets, equity=10_000, sizing=FULL, marks=MARKS):
    intents = intents_for(account, usd(equity), targets, LISTED, marks, sizing, OrderStyle(), decision_id=7)
    for intent in intents:
        assert (intent.agent, intent.kind, intent.decision_id) == ("ann", OrderKind.MARKET, 7)
        assert (intent.purpose, intent.trigger_price) == (OrderPurpose.REBALANCE, None)
    return [(intent.symbol.partition("/")[0], intent.signed_lots, intent.reduce_only) for intent in intents]


def btc(exposure):
    return Target(symbol=BTC.symbol, exposure=exposure)


# fmt: off
TABLE = [
    # held  exposure  order (lots, reduce only)
    ("from flat to long",                    0,    1.0,   (200, False)),
    ("from flat to short",                   0,    -0.5,  (-100, False)),
    ("a long is enlarged",                   100,  1.0,   (100, False)),
    ("a long shrinks reduce-only",           200,  0.5,   (-100, True)),
    ("a long ends reduce-only",              200,  0.0,   (-200, True)),
    ("a short shrinks reduce-only",          -200, -0.5,  (100, True)),
    ("a short ends reduce-only",             -200, 0.0,   (200, True)),
    ("a flip is one order that opens",       200,  -1.0,  (-400, False)),
    ("a flip to a smaller side opens too",   200,  -0.1,  (-220, False)),
    ("a flip of a short",                    -100, 1.0,   (300, False)),
    ("what is held is what is wanted",       200,  1.0,   None),
    ("flat stays flat",                      0,    0.0,   None),
    ("a drift inside the band",              160,  1.0,   None),
    ("a drift on the edge of the band",      150,  1.0,   None),
    ("a drift past the band",                149,  1.0,   (51, False)),
    ("too large by less than the band",      266,  1.0,   None),
    ("too large by more than the band",      267,  1.0,   (-67, True)),
    ("the end of a position knows no band",  1,    0.0,   (-1, True)),
]
# fmt: on


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_a_position_is_brought_to_its_target(row):
    _, held, exposure, expected = row
    account = holding(BTC=held) if held else holding()
    assert orders(account, btc(exposure)) == ([("BTC", *expected)] if expected else [])


def test_the_band_keeps_nobody_from_opening_or_flipping():
    wide = Sizing(leverage=2.0, rebalance_band=1.0)
    assert orders(holding(), btc(1.0), sizing=wide) == [("BTC", 200, False)]
    assert orders(holding(BTC=200), btc(-1.0), sizing=wide) == [("BTC", -400, False)]
    assert orders(holding(BTC=20), btc(1.0), sizing=wide) == []


def test_what_the_venue_would_not_take_makes_no_order():
    small = Sizing(leverage=2.0, rebalance_band=0.0)
    assert orders(holding(), Target(symbol=ETH.symbol, exposure=0.1), equity=99) == []  # $9.90
    assert orders(holding(), Target(symbol=ETH.symbol, exposure=0.1), equity=200) == [("ETH", 1, False)]
    # Half a lot more than nothing: 4 lots of 0.01 ETH are $80, one more is $20.
    marks = {ETH.symbol: 999.0}
    wanted = Target(symbol=ETH.symbol, exposure=0.5)
    assert orders(holding(ETH=4), wanted, equity=100, sizing=small, marks=marks) == []  # 1 lot, $9.99


def test_a_position_ends_however_small_it_is():
    assert orders(holding(ETH=1), Target(symbol=ETH.symbol, exposure=0.0), marks={ETH.symbol: 1.0}) == [
        ("ETH", -1, True)
    ]


def test_an_account_without_equity_closes_and_opens_nothing():
    eth = Target(symbol=ETH.symbol, exposure=1.0)
    assert orders(holding(BTC=200), btc(1.0), eth, equity=0) == [("BTC", -200, True)]
    assert orders(holding(BTC=-200), btc(1.0), eth, equity=-50) == [("BTC", 200, True)]


def test_every_instrument_has_an_equal_share():
    both = (btc(1.0), Target(symbol=ETH.symbol, exposure=-1.0))
    assert orders(holding(), *both, sizing=Sizing(leverage=1.0)) == [
        ("BTC", 100, False),
        ("ETH", -250, False),
    ]


def test_an_instrument_without_a_price_is_left_for_later():
    assert orders(holding(), btc(1.0), marks={ETH.symbol: 2_000.0}) == []


def test_an_instrument_without_a_target_is_left_alone():
    assert orders(holding(BTC=200)) == []


@given(held=st.integers(-400, 400), exposure=st.floats(-1.0, 1.0), equity=st.integers(-1_000, 20_000))
def test_a_reduce_only_order_never_passes_through_zero(held, exposure, equity):
    account = holding(BTC=held) if held else holding()
    for _, lots, reduce_only in orders(account, btc(exposure), equity=equity):
        assert reduce_only == (abs(held + lots) < abs(held) and (held + lots) * held >= 0)
        assert lots != 0


# --- Entries by limit

PATIENT = OrderStyle(entry=OrderKind.LIMIT, time_in_force=TimeInForce.POST_ONLY, entry_offset_fraction=0.001)


def asked(held, exposure, style=PATIENT):
    given = (holding(BTC=held) if held else holding(), usd(10_000), [btc(exposure)], LISTED, MARKS)
    intents = intents_for(*given, FULL, style, decision_id=7)
    return [(each.kind, each.signed_lots, each.limit_price, each.reduce_only) for each in intents]


@pytest.mark.parametrize(("held", "exposure", "expected"), [
    (0,    1.0,  [(OrderKind.LIMIT, 200, 49_950.0, False)]),
    (0,    -1.0, [(OrderKind.LIMIT, -200, 50_050.0, False)]),
    (100,  1.0,  [(OrderKind.LIMIT, 100, 49_950.0, False)]),
    (200,  0.5,  [(OrderKind.MARKET, -100, None, True)]),
    (200,  0.0,  [(OrderKind.MARKET, -200, None, True)]),
    (200,  -1.0, [(OrderKind.MARKET, -200, None, True), (OrderKind.LIMIT, -200, 50_050.0, False)]),
    (-200, 0.5,  [(OrderKind.MARKET, 200, None, True), (OrderKind.LIMIT, 100, 49_950.0, False)]),
])  # fmt: skip
def test_who_enters_by_limit_leaves_by_the_market_first(held, exposure, expected):
    assert asked(held, exposure) == expected


# --- Who says how many by itself


@pytest.mark.parametrize(("held", "exposure", "quantity", "lots"), [
    (0,    1.0,  0.15,   [150]),
    (0,    -1.0, 0.15,   [-150]),
    (0,    1.0,  0.0006, []),                # less than the lot of 0.001
    (0,    1.0,  0.3,    [300]),             # 0.3 / 0.001 is 299.99999999999994
    (100,  1.0,  0.11,   [10]),              # inside the band, yet asked for
    (100,  1.0,  0.1,    []),
    (100,  -1.0, 0.1,    [-200]),
    (100,  0.0,  None,   [-100]),
    (100,  0.0,  0.5,    [-100]),
])  # fmt: skip
def test_a_quantity_is_taken_at_its_word(held, exposure, quantity, lots):
    account = holding(BTC=held) if held else holding()
    target = replace(btc(exposure), quantity=quantity)
    sizing = Sizing(leverage=1.0, rebalance_band=0.25)
    intents = intents_for(account, usd(10_000), [target], LISTED, MARKS, sizing, OrderStyle(), decision_id=7)
    assert [each.signed_lots for each in intents] == lots


# --- Shares of several strategies


@pytest.mark.parametrize(
    ("lots", "weights", "shares"),
    [
        (10, [("a", 1.0), ("b", 1.0)], {"a": 5, "b": 5}),
        (-10, [("a", 3.0), ("b", 1.0)], {"a": -8, "b": -2}),
        (10, [("a", 1.0), ("b", 1.0), ("c", 1.0)], {"a": 4, "b": 3, "c": 3}),
        (1, [("a", 1.0), ("b", 2.0)], {"b": 1}),
        (5, [("a", 1.0)], {"a": 5}),
    ],
)
def test_an_order_is_split_by_the_largest_remainders(lots, weights, shares):
    assert split_lots(lots, weights) == shares


@given(
    st.integers(-(10**12), 10**12).filter(bool),
    st.lists(st.floats(0.001, 1_000.0), min_size=1, max_size=6),
)
def test_shares_add_up_to_the_whole_and_none_is_off_by_a_lot_or_against_it(lots, weights):
    named = [(f"s{number}", weight) for number, weight in enumerate(weights)]
    shares = split_lots(lots, named)
    assert sum(shares.values()) == lots
    assert all(share * lots > 0 for share in shares.values())
    for name, weight in named:
        assert abs(shares.get(name, 0) - lots * weight / sum(weights)) < 1 + abs(lots) * 1e-12


@pytest.mark.parametrize(
    ("lots", "weights", "shares"),
    [
        (100, [("a", 8.0), ("b", 1.0), ("c", 1.0)], {"a": 80, "b": 10, "c": 10}),
        (90, [("a", 8.0), ("b", 1.0), ("c", 1.0)], {"a": 90}),
        (-28, [("a", 1.0), ("b", 1.0), ("c", 1.0)], {"a": -28}),
        (-9, [("a", 1.0), ("b", 2.0)], {"b": -9}),
    ],
)
def test_a_share_under_the_least_goes_to_the_largest(lots, weights, shares):
    assert split_lots(lots, weights, least=10) == shares


@pytest.mark.parametrize(("price", "lots"), [(50_000.0, 1), (10_000.0, 1), (9_999.0, 2), (100.0, 100)])
def test_the_least_order_is_worth_what_the_venue_takes(price, lots):
    instrument = replace(BTC, lot_size=0.001, min_notional=usd(10))
    assert least_lots(instrument, price) == lots


# --- Orders that are still at work


@pytest.mark.parametrize(
    ("held", "at_work", "exposure", "lots"),
    [
        (0, 200, 1.0, []),
        (0, 100, 1.0, [100]),
        (0, 300, 1.0, []),
        (100, 100, 1.0, []),
        (200, -200, 0.0, []),
        (200, -150, 0.0, [-50]),
        (0, -50, 1.0, [200]),
        (0, 100, 0.0, []),
        (200, -400, -1.0, []),
    ],
)
def test_what_orders_at_work_may_yet_fill_is_not_ordered_again(held, at_work, exposure, lots):
    account = holding(BTC=held) if held else holding()
    given = (account, usd(10_000), [btc(exposure)], LISTED, MARKS, FULL, OrderStyle(), 7)
    intents = intents_for(*given, {BTC.symbol: at_work})
    assert [intent.signed_lots for intent in intents] == lots
