"""The exact ledger: fills in, positions and cash out, to the micro-unit."""

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.accounts import Account, Position
from cockpit.domain.market import LEDGER_BOUND
from cockpit.domain.orders import OrderPurpose
from cockpit.trading.accounting import (
    LedgerOverflow,
    apply_fill,
    apply_funding,
    cost_share_micros,
    entry_price,
    fee_micros,
    fill_position,
    funding_micros,
    notional_micros,
    unrealized_micros,
)
from tests.trading.arena_facts import BTC, CAPITAL, ETH, START_MS, account, fill, instrument, usd
from tests.trading.exact_ledger import ExactLedger, spelled

PENNY = instrument("PENNY", 0.0000001, 1.0)
REBALANCE = OrderPurpose.REBALANCE


def after(fills, listed=BTC, fee=0, start=None):
    """An account after (lots, price) fills, and what each of them did."""
    held, outcomes = account() if start is None else start, []
    for number, (lots, price) in enumerate(fills, 1):
        made = fill(listed, lots, price, fee, fill_id=number, ts_ms=START_MS + number)
        outcomes.append(apply_fill(held, made, listed, REBALANCE, decision_id=number))
        held = outcomes[-1].account
    return held, outcomes


# fmt: off
FILL_TABLES = [
    # (lots, price), …                                          lots  cost $   realized $ of each fill
    ("a buy opens a long",
     [(100, 50_000.0)],                                         100,  5_000,   [0]),
    ("a sale opens a short",
     [(-100, 50_000.0)],                                        -100, -5_000,  [0]),
    ("adding averages the entry",
     [(100, 50_000.0), (100, 51_000.0)],                        200,  10_100,  [0, 0]),
    ("adding to a short averages the entry",
     [(-100, 50_000.0), (-300, 52_000.0)],                      -400, -20_600, [0, 0]),
    ("a partial close takes its share of the cost",
     [(100, 50_000.0), (100, 51_000.0), (-50, 52_000.0)],       150,  7_575,   [0, 0, 75]),
    ("a partial close of a short wins when the price fell",
     [(-100, 50_000.0), (25, 48_000.0)],                        -75,  -3_750,  [0, 50]),
    ("a full close leaves nothing",
     [(100, 50_000.0), (-100, 49_000.0)],                       0,    0,       [0, -100]),
    ("a full close of a short leaves nothing",
     [(-100, 50_000.0), (40, 51_000.0), (60, 49_000.0)],        0,    0,       [0, -40, 60]),
    ("a flip closes all of it and opens the rest at its own price",
     [(100, 50_000.0), (-150, 49_000.0)],                       -50,  -2_450,  [0, -100]),
    ("a flip of a short",
     [(-100, 50_000.0), (300, 49_000.0)],                       200,  9_800,   [0, 100]),
    ("after a flip the new side has its own entry",
     [(100, 50_000.0), (-150, 49_000.0), (50, 48_000.0)],       0,    0,       [0, -100, 50]),
    ("adding after a partial close averages what is left",
     [(100, 50_000.0), (-50, 55_000.0), (50, 60_000.0)],        100,  5_500,   [0, 250, 0]),
]
# fmt: on


@pytest.mark.parametrize(
    ("fills", "lots", "cost", "realized"),
    [row[1:] for row in FILL_TABLES],
    ids=[row[0] for row in FILL_TABLES],
)
def test_positions_and_profits_are_exact(fills, lots, cost, realized):
    held, outcomes = after(fills)
    position = held.positions.get(BTC.symbol)
    assert (position.signed_lots if position else 0) == lots
    assert (position.cost if position else 0) == usd(cost)
    assert [outcome.realized for outcome in outcomes] == [usd(each) for each in realized]
    assert held.cash == CAPITAL + usd(sum(realized))


def test_the_average_entry_is_the_cost_over_the_quantity():
    held, _ = after([(100, 50_000.0), (300, 52_000.0)])
    assert entry_price(held.positions[BTC.symbol], BTC) == 51_500.0
    held, _ = after([(-100, 50_000.0), (-300, 52_000.0)])
    assert entry_price(held.positions[BTC.symbol], BTC) == 51_500.0


def test_a_partial_close_does_not_move_the_average_entry():
    held, _ = after([(100, 50_000.0), (300, 52_000.0), (-320, 60_000.0)])
    assert entry_price(held.positions[BTC.symbol], BTC) == 51_500.0


@pytest.mark.parametrize(
    ("lots", "mark", "unrealized"), [(100, 51_000.0, 100), (100, 49_000.0, -100), (-100, 51_000.0, -100)]
)
def test_unrealized_profit_is_value_less_cost(lots, mark, unrealized):
    held, _ = after([(lots, 50_000.0)])
    assert unrealized_micros(held.positions[BTC.symbol], BTC, mark) == usd(unrealized)


# fmt: off
NOTIONALS = [
    (1, 0.5, 1e-6, 0),      # half a micro-unit: to the even neighbour
    (3, 0.5, 1e-6, 2),      # one and a half
    (5, 0.5, 1e-6, 2),      # two and a half
    (7, 0.5, 1e-6, 4),
    (-1, 0.5, 1e-6, 0),
    (-3, 0.5, 1e-6, -2),
    (-5, 0.5, 1e-6, -2),
    (0, 0.001, 50_000.0, 0),
    (1, 0.001, 50_000.0, 50_000_000),
    (-7, 0.001, 43_210.5, -302_473_500),
]
# fmt: on


@pytest.mark.parametrize(("lots", "lot_size", "price", "micros"), NOTIONALS)
def test_a_notional_is_rounded_half_to_even(lots, lot_size, price, micros):
    assert notional_micros(lots, lot_size, price) == micros


@pytest.mark.parametrize(
    ("cost", "closed", "held", "share"),
    [
        (5, 1, 2, 2),
        (7, 1, 2, 4),
        (-5, 1, 2, -2),
        (10, 1, 3, 3),
        (10, 2, 3, 7),
        (11, 3, 3, 11),
        (-9, 3, 3, -9),
    ],
)
def test_a_share_of_the_cost_is_rounded_half_to_even(cost, closed, held, share):
    assert cost_share_micros(cost, closed, held) == share


@pytest.mark.parametrize(
    ("notional", "rate", "fee"),
    [
        (1_000_000_000, 0.0005, 500_000),
        (-1_000_000_000, 0.0005, 500_000),
        (1_000, 0.0005, 0),  # half a micro-unit
        (3_000, 0.0005, 2),  # one and a half
        (0, 0.0005, 0),
        (1_000_000_000, -0.0001, -100_000),  # a rebate
    ],
)
def test_a_fee_is_a_fraction_of_the_notional_s_size(notional, rate, fee):
    assert fee_micros(notional, rate) == fee


@pytest.mark.parametrize(
    ("lots", "rate", "paid"),
    [(100, 0.0001, 500_000), (-100, 0.0001, -500_000), (100, -0.0001, -500_000), (100, 0.0, 0)],
)
def test_longs_pay_positive_funding_and_shorts_receive_it(lots, rate, paid):
    assert funding_micros(lots, 0.001, 50_000.0, rate) == paid


def test_what_rounding_leaves_stays_in_the_position_until_it_is_closed():
    held, outcomes = after([(3, 3.3333e-6), (-1, 3.3333e-6)], PENNY)
    assert held.positions[PENNY.symbol].cost == 7  # 10 bought three, 3 went with the first
    held, outcomes = after([(3, 3.3333e-6), *[(-1, 3.3333e-6)] * 3], PENNY)
    assert [outcome.realized for outcome in outcomes] == [0, 0, -1, 0]
    assert held.positions == {}
    assert held.cash == CAPITAL - 1


def test_fees_come_out_of_cash_and_gather_in_the_position():
    held, outcomes = after([(100, 50_000.0), (100, 50_000.0), (-50, 50_000.0)], fee=7)
    assert held.cash == CAPITAL - 21
    assert held.positions[BTC.symbol].fees == 21
    assert outcomes[-1].realized == 0


# fmt: off
FLIP_FEES = [
    (90, 100, 50, 60, 30),
    (100, 100, 50, 67, 33),
    (5, 100, 100, 2, 3),     # half to even
    (7, 100, 100, 4, 3),
    (-90, 100, 50, -60, -30),
]
# fmt: on


@pytest.mark.parametrize(("fee", "closed", "opened", "for_closing", "for_opening"), FLIP_FEES)
def test_the_fee_of_a_flip_is_split_by_quantity_and_none_of_it_is_lost(
    fee, closed, opened, for_closing, for_opening
):
    held, _ = after([(closed, 50_000.0)])
    outcome = apply_fill(held, fill(BTC, -closed - opened, 50_000.0, fee), BTC, REBALANCE)
    assert outcome.trade.fees == for_closing
    assert outcome.account.positions[BTC.symbol].fees == for_opening
    assert outcome.account.cash == held.cash - fee


def test_a_trade_tells_the_whole_life_of_its_position():
    held, outcomes = after([(100, 50_000.0), (100, 51_000.0), (-150, 52_000.0)], fee=10)
    held = apply_funding(held, BTC.symbol, 7)
    last = fill(BTC, -50, 53_000.0, 20, ts_ms=START_MS + 99)
    trade = apply_fill(held, last, BTC, OrderPurpose.STOP, decision_id=9).trade
    assert (trade.signed_lots, trade.entry_price, trade.exit_price) == (200, 50_500.0, 53_000.0)
    assert (trade.opened_ms, trade.closed_ms) == (START_MS + 1, START_MS + 99)
    assert trade.realized == usd(225 + 125)
    assert (trade.fees, trade.funding) == (50, 7)
    assert trade.pnl == usd(350) - 57
    assert (trade.decision_id, trade.exit_purpose) == (1, "stop")
    assert all(outcome.trade is None for outcome in outcomes)


def test_a_short_s_trade_has_negative_lots():
    _, outcomes = after([(-100, 50_000.0), (100, 49_000.0)])
    assert outcomes[-1].trade.signed_lots == -100
    assert outcomes[-1].trade.realized == usd(100)


def test_a_flip_closes_one_trade_and_opens_a_position_with_its_own_decision_and_time():
    held, outcomes = after([(100, 50_000.0), (-150, 49_000.0)])
    assert outcomes[-1].trade.decision_id == 1
    opened = held.positions[BTC.symbol]
    assert (opened.decision_id, opened.opened_ms, opened.entry_lots) == (2, START_MS + 2, 50)
    assert (opened.realized, opened.funding) == (0, 0)


def test_the_decision_that_opened_a_position_stays_with_it():
    held, _ = after([(100, 50_000.0), (100, 51_000.0)])
    assert held.positions[BTC.symbol].decision_id == 1
    assert held.positions[BTC.symbol].opened_ms == START_MS + 1


def test_positions_in_several_instruments_do_not_touch_each_other():
    held, _ = after([(100, 50_000.0)])
    both, _ = after([(-10, 2_000.0)], ETH, start=held)
    assert both.positions[BTC.symbol] == held.positions[BTC.symbol]
    assert list(both.positions) == [BTC.symbol, ETH.symbol]


def test_a_fill_leaves_the_account_it_was_given_alone():
    held, _ = after([(100, 50_000.0)])
    before = deepcopy(held)
    apply_fill(held, fill(BTC, -150, 49_000.0), BTC, REBALANCE)
    apply_funding(held, BTC.symbol, 5)
    assert held == before


def test_funding_moves_cash_and_nothing_else_of_the_position():
    held, _ = after([(100, 50_000.0)], fee=3)
    paid = apply_funding(apply_funding(held, BTC.symbol, 500), BTC.symbol, -200)
    assert paid.cash == held.cash - 300
    position, before = paid.positions[BTC.symbol], held.positions[BTC.symbol]
    assert position.funding == 300
    assert replace(position, funding=0) == before


# fmt: off
UNCOUNTABLE = [
    (10_000, 100, 1e14),                   # a notional past the bound
    (10_000, -100, 1e14),
    (10_000, 100, float("inf")),
    (10_000, 100, float("-inf")),
    (10_000, 100, float("nan")),
    (10_000, 100, 1e308),
    (10_000, 2**53, 1e-12),                # more lots than float64 can tell apart
    (10_000, 10**400, 1.0),
]
# fmt: on


@pytest.mark.parametrize(("cash", "lots", "price"), UNCOUNTABLE)
def test_a_fill_the_ledger_can_not_count_raises_and_changes_nothing(cash, lots, price):
    held = account(cash)
    before = deepcopy(held)
    with pytest.raises(LedgerOverflow, match="fill 1 "):
        apply_fill(held, fill(BTC, lots, price, fee=0), BTC, REBALANCE)
    assert held == before


def test_cash_and_cost_stay_below_the_ledger_s_bound():
    rich = Account(agent="ann", cash=LEDGER_BOUND - 1)
    with pytest.raises(LedgerOverflow, match="past its exact range"):
        apply_fill(rich, fill(BTC, 100, 50_000.0, fee=-1), BTC, REBALANCE)
    assert apply_fill(rich, fill(BTC, 100, 50_000.0, fee=0), BTC, REBALANCE).account.cash == LEDGER_BOUND - 1
    laden, _ = after([(5_000_000, 1_000_000.0)])
    with pytest.raises(LedgerOverflow, match="past its exact range"):
        apply_fill(laden, fill(BTC, 5_000_000, 1_000_000.0, fee=0), BTC, REBALANCE)


def test_funding_the_ledger_can_not_count_raises_and_changes_nothing():
    held, _ = after([(100, 50_000.0)])
    before = deepcopy(held)
    for paid in (LEDGER_BOUND, -LEDGER_BOUND, CAPITAL - LEDGER_BOUND):
        with pytest.raises(LedgerOverflow, match=BTC.symbol):
            apply_funding(held, BTC.symbol, paid)
    assert held == before


# --- Against exact arithmetic

FILLS = st.lists(
    st.tuples(
        st.integers(-50_000, 50_000).filter(bool),  # lots
        st.integers(1, 2_000_000),  # price in ticks
        st.integers(-1_000, 1_000_000),  # fee
        st.integers(-1_000_000, 1_000_000),  # funding paid after it
    ),
    min_size=1,
    max_size=25,
)
LISTED = st.sampled_from([BTC, ETH, instrument("DOGE", 0.0001, 1.0), instrument("PEPE", 0.0000001, 1000.0)])


@given(LISTED, FILLS)
def test_every_amount_is_within_a_micro_unit_per_rounding_of_exact_arithmetic(listed, fills):
    ledger, exact = (0, 0), ExactLedger()
    realized = 0
    for lots, ticks, _, _ in fills:
        price = float(spelled(listed.tick_size) * ticks)
        *ledger, gained, _ = fill_position(*ledger, lots, listed.lot_size, price)
        realized += gained
        exact.fill(lots, listed, price)
        assert exact.agrees(*ledger, realized)


@given(st.integers(-(2**50), 2**50), st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_share_is_within_one_micro_unit_of_decimal_arithmetic(cost, one, other):
    closed, held = sorted((one, other))
    with localcontext(prec=60):
        exact = Decimal(cost) * closed / held
    share = cost_share_micros(cost, closed, held)
    assert abs(share - exact) <= 1
    assert abs(share) <= abs(cost)


@given(LISTED, FILLS)
def test_cash_is_conserved_and_positions_are_the_sum_of_fills(listed, fills):
    held = account()
    lots = realized = fees = funding = 0
    trades = []
    for number, (signed_lots, ticks, fee, paid) in enumerate(fills):
        price = listed.round_price(ticks * listed.tick_size)
        outcome = apply_fill(held, fill(listed, signed_lots, price, fee, fill_id=number), listed, REBALANCE)
        held = outcome.account
        lots, realized, fees = lots + signed_lots, realized + outcome.realized, fees + fee
        trades += [outcome.trade] if outcome.trade else []
        if listed.symbol in held.positions:
            held = apply_funding(held, listed.symbol, paid)
            funding += paid
        position = held.positions.get(listed.symbol)
        assert held.cash == CAPITAL + realized - fees - funding
        assert (position.signed_lots if position else 0) == lots
        lives = [*trades, *([position] if position else [])]
        assert sum(life.realized for life in lives) == realized
        assert sum(life.fees for life in lives) == fees
        assert sum(life.funding for life in lives) == funding
        if position:
            assert position.entry_lots >= abs(position.signed_lots)
            assert position.cost * position.signed_lots >= 0


@given(LISTED, st.integers(-50_000, 50_000).filter(bool), st.integers(1, 2_000_000))
def test_buying_and_selling_at_one_price_earns_nothing(listed, lots, ticks):
    price = listed.round_price(ticks * listed.tick_size)
    held, outcomes = after([(lots, price), (-lots, price)], listed)
    assert held == account()
    assert outcomes[-1].trade.pnl == 0


@given(FILLS)
def test_a_position_s_lots_are_never_zero(fills):
    held, _ = after([(lots, ticks * 0.5) for lots, ticks, _, _ in fills])
    assert all(isinstance(each, Position) and each.signed_lots != 0 for each in held.positions.values())
