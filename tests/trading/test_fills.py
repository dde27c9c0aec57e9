"""Where on a bar's path an order meets the market, and at what price."""

from collections import Counter
from math import inf, isnan, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.market import Instrument, Micros
from cockpit.trading.fills import (
    is_marketable,
    nearest_tick,
    queue_uniform,
    resting_event,
    stop_event,
    target_event,
    trailing_event,
)
from cockpit.trading.path import END, path_of

BUY, SELL = 1, -1

FALLS = (100.0, 101.0, 90.0, 96.0)
RISES = (100.0, 99.0, 110.0, 104.0)

# fmt: off
STOPS = [
    # side, trigger   path                           wakes at
    (SELL, 95.0,     (100.0, 101.0, 96.0, 98.0),     (inf, nan),   "the bar stays above"),
    (SELL, 95.0,     (100.0, 101.0, 95.0, 98.0),     (2.0, 95.0),  "the low touches the trigger"),
    (SELL, 95.5,     FALLS,                          (1.5, 95.5),  "the bar passes the trigger"),
    (SELL, 95.0,     (95.0, 96.0, 94.0, 95.0),       (0.0, 95.0),  "the bar opens on the trigger"),
    (SELL, 95.0,    (93.0, 92.0, 97.0, 96.0),    (0.0, 93.0),  "a gap fills at the open, not at the trigger"),
    (BUY,  105.0,    (100.0, 99.0, 104.0, 103.0),    (inf, nan),   "the bar stays below"),
    (BUY,  105.0,    (100.0, 99.0, 105.0, 103.0),    (2.0, 105.0), "the high touches the trigger"),
    (BUY,  104.5,    RISES,                          (1.5, 104.5), "the bar passes the trigger, upwards"),
    (BUY,  105.0,    (105.0, 106.0, 99.0, 104.0),    (0.0, 105.0), "the bar opens on the trigger of a short"),
    (BUY,  105.0,    (107.0, 108.0, 103.0, 105.0),   (0.0, 107.0), "a gap against a short fills at the open"),
]
TARGETS = [
    (SELL, 105.0,    (100.0, 99.0, 104.0, 101.0),    (inf, nan),   "the bar stays below"),
    (SELL, 105.0,    (100.0, 99.0, 105.0, 101.0),    (2.0, 105.0), "the high touches the target"),
    (SELL, 104.5,    RISES,                          (1.5, 104.5), "no more than the target inside a bar"),
    (SELL, 105.0,    (107.0, 108.0, 103.0, 104.0),   (0.0, 107.0), "a gap in favour fills at the open"),
    (BUY,  95.0,     (100.0, 101.0, 96.0, 97.0),     (inf, nan),   "the bar stays above"),
    (BUY,  95.0,     (100.0, 101.0, 95.0, 97.0),     (2.0, 95.0),  "the low touches the target"),
    (BUY,  95.5,     FALLS,                          (1.5, 95.5),  "no more than the target of a short"),
    (BUY,  95.0,   (93.0, 92.0, 97.0, 96.0),    (0.0, 93.0),  "a gap in favour of a short fills at the open"),
]
# fmt: on


def same(found, expected):
    return all(
        one == other or (isnan(one) and isnan(other)) for one, other in zip(found, expected, strict=True)
    )


@pytest.mark.parametrize("row", STOPS, ids=[row[-1] for row in STOPS])
def test_a_stop_wakes_at_its_trigger_or_worse(row):
    side, trigger, path, expected, _ = row
    assert same(stop_event(path, 0.0, path[0], side, trigger), expected)


@pytest.mark.parametrize("row", TARGETS, ids=[row[-1] for row in TARGETS])
def test_a_target_wakes_at_its_trigger_or_better(row):
    side, trigger, path, expected, _ = row
    assert same(target_event(path, 0.0, path[0], side, trigger), expected)


def test_an_order_that_comes_late_sees_only_the_rest_of_the_path():
    assert same(stop_event(FALLS, 2.0, 90.0, SELL, 89.0), (inf, nan))
    assert stop_event(FALLS, 2.0, 90.0, SELL, 91.0) == (2.0, 90.0)  # beyond it on arrival
    assert target_event(FALLS, 2.0, 90.0, SELL, 93.0) == (2.5, 93.0)


# fmt: off
TRAILS = [
    # side  trigger distance path                          wakes                 trigger then
    (SELL,  95.0,   5.0,    (100.0, 101.0, 96.5, 98.0),    (inf, nan),          96.0,  "it follows the high"),
    (SELL,  95.0,   5.0,    (100.0, 99.0, 110.0, 106.0),   (inf, nan),        105.0, "it follows, and holds"),
    (SELL, 95.0, 5.0, (100.0, 99.0, 110.0, 104.0), (2 + 5 / 6, 105.0), 105.0, "it ratchets and fires"),
    (SELL, 95.0, 5.0, (100.0, 104.0, 90.0, 98.0), (1 + 5 / 14, 99.0), 99.0, "up first, then down through it"),
    (SELL,  95.0,   5.0,   (108.0, 102.0, 114.0, 110.0),  (5 / 6, 103.0),   103.0, "the open counts as seen"),
    (SELL,  95.0,   5.0,    (99.0, 98.0, 99.5, 98.5),      (inf, nan),           95.0,  "it never loosens"),
    (SELL,  95.0,   5.0,    (93.0, 92.0, 97.0, 96.0),     (0.0, 93.0),      95.0,  "a gap fills at the open"),
    (SELL,  95.0,   5.0,   (108.0, 107.0, 109.0, 108.0),  (inf, nan),   104.0, "a gap the good way moves it"),
    (SELL,  95.0,   4.996,  (100.0, 101.0, 97.0, 98.0),    (inf, nan),           96.0,  "on a tick"),
    (BUY,  105.0,  5.0,   (100.0, 96.0, 100.5, 99.0),   (inf, nan),   101.0, "it follows a short's low"),
    (BUY, 105.0, 5.0, (100.0, 96.0, 110.0, 104.0), (1 + 5 / 14, 101.0), 101.0, "down, then up through it"),
]
# fmt: on


@pytest.mark.parametrize("row", TRAILS, ids=[row[-1] for row in TRAILS])
def test_a_trailing_stop_follows_the_best_price_and_never_turns_back(row):
    side, trigger, distance, path, expected, moved, _ = row
    position, price, after = trailing_event(path, 0.0, path[0], side, trigger, distance, 0.01)
    assert same((position, price), expected)
    assert after == moved


# fmt: off
RESTING = [
    # side  limit   path                           beyond it         or touching it
    (BUY,   95.5,   FALLS,                         (1.5, 95.5),      (1.5, 95.5),   "traded through"),
    (BUY,   90.0,   FALLS,                         (inf, nan),       (2.0, 90.0),   "merely touched"),
    (BUY,   89.0,   FALLS,                         (inf, nan),       (inf, nan),    "never reached"),
    (BUY, 95.0, (93.0, 92.0, 97.0, 96.0), (0.0, 95.0), (0.0, 95.0), "gapped through"),
    (SELL,  104.5,  RISES,                         (1.5, 104.5),     (1.5, 104.5),  "sold through"),
    (SELL,  110.0,  RISES,                     (inf, nan),       (2.0, 110.0),  "merely touched by the high"),
    (SELL,  105.0,  (107.0, 108.0, 103.0, 104.0),  (0.0, 105.0),     (0.0, 105.0),  "gapped through upwards"),
    (BUY,   100.0,  (100.0, 100.0, 100.0, 100.0),  (inf, nan),      (0.0, 100.0),  "a flat bar at the limit"),
]
# fmt: on


@pytest.mark.parametrize("row", RESTING, ids=[row[-1] for row in RESTING])
def test_a_resting_limit_fills_at_its_limit(row):
    side, limit, path, beyond, touching, _ = row
    assert same(resting_event(path, 0.0, side, limit, False), beyond)
    assert same(resting_event(path, 0.0, side, limit, True), touching)


@pytest.mark.parametrize(
    ("side", "here", "takes"),
    [
        (BUY, 99.0, True),
        (BUY, 100.0, True),
        (BUY, 100.5, False),
        (SELL, 101.0, True),
        (SELL, 100.0, True),
        (SELL, 99.5, False),
    ],
)
def test_a_limit_takes_where_the_price_is_at_it_or_better(side, here, takes):
    assert is_marketable(here, side, 100.0) is takes


TICKS = st.sampled_from([0.5, 0.1, 0.01, 0.00001, 1.0, 5.0])


@settings(max_examples=200)
@given(st.floats(0.0, 1e6), TICKS)
def test_a_tick_is_the_instrument_s_own(price, tick):
    listed = Instrument(
        symbol="X",
        base="X",
        quote="USD",
        tick_size=tick,
        lot_size=1.0,
        min_notional=Micros(0),
        maker_fee_rate=0.0,
        taker_fee_rate=0.0,
        max_leverage=1.0,
    )
    assert nearest_tick(price, tick) == listed.round_price(price)


PRICES = st.integers(100, 100_000).map(lambda cents: cents / 100)
BARS = st.tuples(PRICES, PRICES, PRICES, PRICES).map(
    lambda drawn: (drawn[0], max(drawn), min(drawn), drawn[3])
)
SIDES = st.sampled_from([BUY, SELL])


@settings(max_examples=200)
@given(SIDES, PRICES, BARS, st.booleans())
def test_nothing_wakes_or_fills_outside_its_bar(side, level, bar, rises):
    path = path_of(*bar, rises)
    found = [event(path, 0.0, path[0], side, level) for event in (stop_event, target_event)]
    found.append(trailing_event(path, 0.0, path[0], side, level, 1.0, 0.01)[:2])
    for position, price in found:
        assert isnan(price) == (position == inf)
        assert position == inf or (0.0 <= position <= END and bar[2] <= price <= bar[1])


@settings(max_examples=200)
@given(SIDES, PRICES, BARS, st.booleans())
def test_a_stop_is_never_better_than_its_trigger_and_a_target_never_worse(side, trigger, bar, rises):
    path = path_of(*bar, rises)
    _, stop = stop_event(path, 0.0, path[0], side, trigger)
    _, target = target_event(path, 0.0, path[0], side, trigger)
    assert isnan(stop) or (stop - trigger) * side >= 0
    assert isnan(target) or (target - trigger) * side <= 0


@settings(max_examples=200)
@given(SIDES, PRICES, BARS, st.booleans(), st.floats(0.01, 50.0))
def test_a_trailing_trigger_only_ever_tightens(side, trigger, bar, rises, distance):
    path = path_of(*bar, rises)
    position, _, after = trailing_event(path, 0.0, path[0], side, trigger, distance, 0.01)
    assert (after - trigger) * side <= 0
    assert after == trigger or after == nearest_tick(after, 0.01)
    if position == inf:
        assert (path[3] - after) * side < 0  # the close has not reached it


def test_queue_draws_are_spread_evenly():
    draws = [
        queue_uniform(7, order, minute) for order in range(1, 101) for minute in range(29_000_000, 29_000_100)
    ]
    assert all(0.0 <= draw < 1.0 for draw in draws)
    counts = Counter(int(draw * 20) for draw in draws)
    expected = len(draws) / 20
    chi_square = sum((counts[bin_] - expected) ** 2 / expected for bin_ in range(20))
    assert chi_square < 43.8  # 19 degrees of freedom: 999 in 1,000 even spreads stay below
    assert len(set(draws)) > 0.9999 * len(draws)


def test_neighbouring_orders_and_minutes_draw_independently():
    def correlation(pairs):
        return 12 * sum((one - 0.5) * (other - 0.5) for one, other in pairs) / len(pairs)

    span = range(20_000)
    assert abs(correlation([(queue_uniform(0, n, 5), queue_uniform(0, n + 1, 5)) for n in span])) < 0.03
    assert abs(correlation([(queue_uniform(0, 9, n), queue_uniform(0, 9, n + 1)) for n in span])) < 0.03
    assert abs(correlation([(queue_uniform(n, 9, 5), queue_uniform(n + 1, 9, 5)) for n in span])) < 0.03


def test_a_draw_belongs_to_its_seed_its_order_and_its_bar():
    assert queue_uniform(1, 2, 3) == queue_uniform(1, 2, 3)
    assert (
        len({queue_uniform(*key) for key in [(1, 2, 3), (2, 2, 3), (1, 3, 3), (1, 2, 4), (2**32 + 1, 2, 3)]})
        == 5
    )
