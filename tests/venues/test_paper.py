"""The paper venue: orders and bars in, executions out."""

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.market import Bar
from cockpit.domain.orders import Liquidity, OrderKind
from cockpit.trading.accounting import fee_micros, notional_micros
from cockpit.venues.paper import PaperVenue
from tests.trading.arena_facts import BTC, ETH, START_MS, instrument, order

NO_SLIPPAGE = PaperVenue(slippage_fraction=0.0)
TEN_BPS = PaperVenue(slippage_fraction=0.001)
MARKET, STOP, TARGET = OrderKind.MARKET, OrderKind.STOP_MARKET, OrderKind.TAKE_PROFIT


def executed(kind, lots, trigger, bar, venue=NO_SLIPPAGE, listed=BTC, part=None):
    asked = order(1, "ann", listed, lots, kind=kind, trigger_price=trigger)
    return venue.execution(asked, lots if part is None else part, listed, Bar(START_MS, *bar, volume=1.0))


# fmt: off
TABLE = [
    # kind  lots  trigger    open      high      low       close     fills at
    (MARKET, 100, None,     (50_000.0, 50_900.0, 49_100.0, 50_500.0), 50_000.0),
    (MARKET, -100, None,    (50_000.0, 50_900.0, 49_100.0, 50_500.0), 50_000.0),
    (STOP, -100, 49_500.0,  (50_000.0, 50_900.0, 49_501.0, 50_500.0), None),
    (STOP, -100, 49_500.0,  (50_000.0, 50_900.0, 49_500.0, 50_500.0), 49_500.0),
    (STOP, -100, 49_500.0,  (50_000.0, 50_900.0, 49_100.0, 50_500.0), 49_500.0),
    (STOP, -100, 49_500.0,  (49_200.0, 50_900.0, 49_100.0, 50_500.0), 49_200.0),
    (STOP, 100, 50_800.0,   (50_000.0, 50_900.0, 49_100.0, 50_500.0), 50_800.0),
    (STOP, 100, 50_800.0,   (50_850.0, 50_900.0, 49_100.0, 50_500.0), 50_850.0),
    (TARGET, -100, 50_800.0, (50_000.0, 50_799.5, 49_100.0, 50_500.0), None),
    (TARGET, -100, 50_800.0, (50_000.0, 50_900.0, 49_100.0, 50_500.0), 50_800.0),
    (TARGET, -100, 50_800.0, (50_850.0, 50_900.0, 49_100.0, 50_500.0), 50_850.0),
    (TARGET, 100, 49_500.0,  (50_000.0, 50_900.0, 49_100.0, 50_500.0), 49_500.0),
    (TARGET, 100, 49_500.0,  (49_200.0, 50_900.0, 49_100.0, 50_500.0), 49_200.0),
]
# fmt: on


@pytest.mark.parametrize(("kind", "lots", "trigger", "bar", "price"), TABLE)
def test_market_orders_fill_at_the_open_stops_and_targets_where_the_bar_reaches_them(
    kind, lots, trigger, bar, price
):
    done = executed(kind, lots, trigger, bar)
    assert (done and done.price) == price


BAR = (50_000.0, 50_900.0, 49_100.0, 50_500.0)


# fmt: off
SLIPPED = [
    (MARKET, 100, None, 50_050.0),
    (MARKET, -100, None, 49_950.0),
    (STOP, -100, 49_500.0, 49_450.5),
    (STOP, 100, 50_800.0, 50_851.0),
    (TARGET, -100, 50_800.0, 50_749.0),
    (TARGET, 100, 49_500.0, 49_549.5),
]
# fmt: on


@pytest.mark.parametrize(("kind", "lots", "trigger", "price"), SLIPPED)
def test_slippage_costs_whoever_takes(kind, lots, trigger, price):
    assert executed(kind, lots, trigger, BAR, TEN_BPS).price == price


def test_a_fill_s_price_is_on_a_tick():
    done = executed(MARKET, 100, None, (50_000.5, 50_900.0, 49_100.0, 50_500.0), TEN_BPS)
    assert done.price == 50_050.5  # 50,050.5005, to half a dollar
    done = executed(MARKET, 100, None, (2_000.0, 2_100.0, 1_900.0, 2_000.0), TEN_BPS, listed=ETH)
    assert done.price == 2_002.0


def test_the_taker_fee_is_charged_on_the_notional_of_the_fill():
    done = executed(MARKET, -100, None, BAR)
    assert done.fee == 2_500_000  # 5 bps of $5,000
    assert done.liquidity is Liquidity.TAKER


def test_an_execution_is_stamped_with_its_bar_s_open_time():
    assert executed(MARKET, 100, None, BAR).ts_ms == START_MS
    assert executed(STOP, -100, 49_500.0, BAR).ts_ms == START_MS


def test_no_more_is_filled_than_the_desk_allows():
    done = executed(STOP, -100, 49_500.0, BAR, part=-40)
    assert done.signed_lots == -40
    assert done.fee == fee_micros(notional_micros(-40, BTC.lot_size, 49_500.0), BTC.taker_fee_rate)


def test_an_order_that_the_bar_does_not_reach_stays_as_it_is():
    assert executed(STOP, -100, 40_000.0, BAR) is None
    assert executed(TARGET, -100, 60_000.0, BAR) is None


def test_the_venue_says_what_it_is():
    assert (NO_SLIPPAGE.name, NO_SLIPPAGE.mode) == ("paper", "paper")


@given(
    tick=st.sampled_from([0.5, 0.01, 0.0001]),
    ticks=st.tuples(*[st.integers(1_000, 100_000)] * 4),
    trigger=st.integers(1_000, 100_000),
    kind=st.sampled_from([MARKET, STOP, TARGET]),
    lots=st.integers(-1_000, 1_000).filter(bool),
    slippage=st.floats(0.0, 0.05),
)
def test_on_the_tick_grid_nobody_ever_fills_better_than_the_bar_offered(
    tick, ticks, trigger, kind, lots, slippage
):
    listed = instrument("X", tick, 1.0)
    opened, one, other, close = (listed.round_price(count * tick) for count in ticks)
    bar = (opened, max(opened, one, other, close), min(opened, one, other, close), close)
    asked_at = None if kind is MARKET else listed.round_price(trigger * tick)
    ideal = executed(kind, lots, asked_at, bar, listed=listed)
    done = executed(kind, lots, asked_at, bar, PaperVenue(slippage_fraction=slippage), listed)
    if ideal is None:
        assert done is None
        return
    assert bar[2] <= ideal.price <= bar[1]
    assert (done.price - ideal.price) * lots >= 0
    assert done.price == listed.round_price(done.price)
    assert done.signed_lots == lots
    assert done.fee >= 0


def test_an_order_without_the_trigger_its_kind_needs_is_impossible():
    with pytest.raises(AssertionError, match="order 1 has no trigger"):
        executed(STOP, -100, None, BAR)
    assert executed(STOP, -100, nan, BAR) is None
