"""What must stand behind a position, and the price at which too little does."""

from math import isnan, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.accounts import Account, Position
from cockpit.domain.market import MICROS_PER_UNIT, Instrument, Lots, Micros
from cockpit.trading.accounting import notional_micros
from cockpit.trading.margin import (
    Backing,
    MarginMode,
    MarginTerms,
    backing_of,
    bankruptcy_price,
    initial_margin_micros,
    liquidation_fee_micros,
    liquidation_price,
    liquidation_price_of,
    maintenance_margin_micros,
)

USD = MICROS_PER_UNIT


@pytest.mark.parametrize(
    ("max_leverage", "fraction"), [(50.0, 0.01), (40.0, 0.0125), (20.0, 0.025), (3.0, 1 / 6)]
)
def test_maintenance_is_half_of_the_initial_margin_at_the_highest_leverage(max_leverage, fraction):
    assert maintenance_margin_micros(1_000 * USD, max_leverage) == round(1_000 * USD * fraction)
    assert maintenance_margin_micros(-1_000 * USD, max_leverage) == round(1_000 * USD * fraction)
    assert initial_margin_micros(-1_000 * USD, max_leverage) == pytest.approx(2_000 * USD * fraction, abs=1)


def test_a_liquidation_s_fee_is_a_fraction_of_the_notional():
    assert liquidation_fee_micros(-1_000 * USD, 0.005) == 5 * USD


# fmt: off
LIQUIDATIONS = [
    # lots  entry  backing  max leverage  liquidated at          bankrupt at
    (10,    100.0, 100.0,   20.0,         900 / (10 * 0.975),    90.0,  "ten times long"),
    (-10,   100.0, 100.0,   20.0,         1_100 / (10 * 1.025),  110.0, "ten times short"),
    (10,    100.0, 1_000.0, 20.0,         nan,                   nan,   "long, paid in full"),
    (10,    100.0, 999.0,   20.0,         1 / (10 * 0.975),      0.1,   "long, all but paid"),
    (-10,   100.0, 1_000.0, 20.0,         2_000 / (10 * 1.025),  200.0, "short at its own worth"),
    (10,    100.0, -50.0,   20.0,         1_050 / (10 * 0.975),  105.0, "long on a loss elsewhere"),
    (-10,   100.0, -1_000.0, 20.0,        0.0,            0.0,   "short, with nothing left at any price"),
    (10,    100.0, 500.0,   1.0,          100.0,                 50.0,  "half paid where nobody lends"),
]
# fmt: on


@pytest.mark.parametrize("row", LIQUIDATIONS, ids=[row[-1] for row in LIQUIDATIONS])
def test_a_position_is_liquidated_where_only_its_maintenance_is_left(row):
    lots, entry, backing, max_leverage, liquidated, bankrupt, _ = row
    cost, behind = round(lots * entry * USD), round(backing * USD)
    price = liquidation_price(lots, cost, 1.0, behind, max_leverage)
    assert price == pytest.approx(liquidated, nan_ok=True)
    assert bankruptcy_price(lots, cost, 1.0, behind) == pytest.approx(bankrupt, nan_ok=True)


@settings(max_examples=300)
@given(
    lots=st.integers(-(10**6), 10**6).filter(bool),
    entry=st.floats(0.01, 1e5),
    leverage=st.floats(1.05, 50.0),
    headroom=st.floats(1.0, 5.0),
)
def test_at_the_liquidation_price_equity_is_the_maintenance_margin(lots, entry, leverage, headroom):
    cost = notional_micros(lots, 0.001, entry)
    backing = round(abs(cost) / leverage)
    max_leverage = leverage * headroom
    price = liquidation_price(lots, cost, 0.001, backing, max_leverage)
    assert price > 0
    notional = notional_micros(lots, 0.001, price)
    equity = backing + notional - cost
    slack = 3 + abs(notional) * 1e-9
    assert equity == pytest.approx(maintenance_margin_micros(notional, max_leverage), abs=slack)
    bankrupt = bankruptcy_price(lots, cost, 0.001, backing)
    assert (price - bankrupt) * lots >= -1e-9 * price * abs(lots)  # liquidated before it is bankrupt


def listed(symbol: str, max_leverage: float) -> Instrument:
    return Instrument(
        symbol=symbol,
        base=symbol,
        quote="USD",
        tick_size=0.01,
        lot_size=1.0,
        min_notional=Micros(0),
        maker_fee_rate=0.0,
        taker_fee_rate=0.0,
        max_leverage=max_leverage,
    )


def held(symbol: str, lots: int, entry: float, **more: int) -> Position:
    return Position(
        symbol=symbol,
        signed_lots=Lots(lots),
        cost=Micros(round(lots * entry * USD)),
        opened_ms=0,
        entry_lots=Lots(abs(lots)),
        **{name: Micros(amount) for name, amount in more.items()},
    )


ONE, OTHER = held("A", 10, 100.0), held("B", -4, 50.0)
ACCOUNT = Account(agent="ann", cash=Micros(300 * USD), positions={"A": ONE, "B": OTHER})
INSTRUMENTS = {"A": listed("A", 20.0), "B": listed("B", 5.0)}
CROSS = MarginTerms(mode=MarginMode.CROSS, leverage=10.0)
ISOLATED = MarginTerms(mode=MarginMode.ISOLATED, leverage=10.0)


def test_behind_a_cross_position_stands_the_account_less_what_the_others_must_keep():
    backing = backing_of(ONE, ACCOUNT, INSTRUMENTS, {"A": 1.0, "B": 60.0}, CROSS)
    # $300 and the other's loss of 4 × $10; it must keep a tenth of 4 × $60.
    assert backing == Backing(equity=Micros(260 * USD), others_maintenance=Micros(24 * USD))
    assert liquidation_price_of(ONE, INSTRUMENTS["A"], backing) == pytest.approx((1_000 - 236) / 9.75)


def test_a_position_elsewhere_that_has_no_mark_yet_counts_at_its_cost():
    backing = backing_of(ONE, ACCOUNT, INSTRUMENTS, {}, CROSS)
    assert backing == Backing(equity=Micros(300 * USD), others_maintenance=Micros(20 * USD))


def test_behind_an_isolated_position_stands_its_own_margin_less_its_funding():
    assert backing_of(ONE, ACCOUNT, INSTRUMENTS, {}, ISOLATED) == Backing(equity=Micros(100 * USD))
    paid = held("A", 10, 100.0, funding=30 * USD)
    assert backing_of(paid, ACCOUNT, INSTRUMENTS, {}, ISOLATED) == Backing(equity=Micros(70 * USD))


def test_nobody_lends_more_than_the_instrument_allows():
    assert backing_of(OTHER, ACCOUNT, INSTRUMENTS, {}, ISOLATED) == Backing(equity=Micros(40 * USD))


def test_an_account_without_debt_is_never_liquidated():
    rich = Account(agent="ann", cash=Micros(1_000 * USD), positions={"A": ONE})
    assert isnan(liquidation_price_of(ONE, INSTRUMENTS["A"], backing_of(ONE, rich, INSTRUMENTS, {}, CROSS)))
