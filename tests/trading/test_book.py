"""Walking an order book."""

from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.trading.book import Book, Level, walk

ASKS = (Level(100.0, 5), Level(101.0, 10), Level(103.0, 20))
BIDS = (Level(99.0, 5), Level(98.0, 10), Level(96.0, 20))
BOOK = Book(ts_ms=0, bids=BIDS, asks=ASKS)

# fmt: off
WALKS = [
    # levels  lots  limit   taken  filled  average                    worst
    (ASKS,    3,    nan,    0,     3,      100.0,                     100.0, "within the best level"),
    (ASKS,    5,    nan,    0,     5,      100.0,                     100.0, "all of the best level"),
    (ASKS,    10,   nan,    0,     10,     100.5,                     101.0, "into the second"),
    (ASKS,    40,   nan,    0,     35,     (500 + 1010 + 2060) / 35,  103.0, "more than there is"),
    (ASKS,    40,   101.0,  0,     15,     (500 + 1010) / 15,         101.0, "as far as its limit"),
    (ASKS,    40,   99.0,   0,     0,      nan,                       nan,   "not within its limit"),
    (BIDS,    -10,  nan,    0,     10,     98.5,                      98.0,  "selling, into the second"),
    (BIDS,    -40,  98.0,   0,     15,     (495 + 980) / 15,          98.0,  "selling as far as its limit"),
    (ASKS,    3,    nan,    5,     3,      101.0,                   101.0, "the best level is taken already"),
    (ASKS,    3,    nan,    4,     3,      (100 + 202) / 3,           101.0, "one lot of it is left"),
    (ASKS,    3,    nan,    35,    0,      nan,                       nan,   "everything is taken"),
    (ASKS,    3,    100.0,  5,     0,      nan,                    nan,   "what is left is beyond its limit"),
]
# fmt: on


@pytest.mark.parametrize("row", WALKS, ids=[row[-1] for row in WALKS])
def test_a_taker_walks_from_the_best_price_on(row):
    levels, lots, limit, taken, *expected, _ = row
    found = walk(levels, lots, limit, taken)
    assert found == pytest.approx(tuple(expected), nan_ok=True)


LEVELS = st.lists(st.integers(1, 1_000), min_size=1, max_size=8).map(
    lambda sizes: tuple(Level(100.0 + place, lots) for place, lots in enumerate(sizes))
)


@settings(max_examples=200)
@given(LEVELS, st.lists(st.integers(1, 500), min_size=1, max_size=6))
def test_orders_one_after_the_other_take_what_one_order_would(levels, sizes):
    taken, worth = 0, 0.0
    for lots in sizes:
        filled, average, _ = walk(levels, lots, nan, taken)
        taken += filled
        worth += filled * average if filled else 0.0
    at_once, average, worst = walk(levels, sum(sizes), nan, 0)
    assert taken == at_once == min(sum(sizes), sum(level.lots for level in levels))
    assert worth == pytest.approx(at_once * average)
    assert levels[0].price <= average <= worst


def test_a_buyer_meets_the_asks_and_a_seller_the_bids():
    assert BOOK.against(1) == ASKS
    assert BOOK.against(-1) == BIDS


def test_the_mid_is_halfway_between_the_best_prices():
    assert BOOK.mid() == 99.5
    assert Book(ts_ms=0, bids=(), asks=ASKS).mid() == 100.0
    assert Book(ts_ms=0, bids=(), asks=()).mid() is None


@pytest.mark.parametrize(
    ("bids", "asks", "wrong"),
    [
        (BIDS[::-1], ASKS, "bids of a book must run"),
        (BIDS, ASKS[::-1], "asks of a book must run"),
        (BIDS, (ASKS[0], ASKS[0]), "each price once"),
        (BIDS, (Level(100.0, 0),), "must hold something"),
        ((Level(100.0, 1),), ASKS, "crosses"),
    ],
)
def test_a_book_that_is_none_is_refused(bids, asks, wrong):
    with pytest.raises(ValueError, match=wrong):
        Book(ts_ms=0, bids=bids, asks=asks)
