"""Protections: trades by candle in, locks out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.events import RoundClosed
from cockpit.domain.market import DAY_MS, HOUR_MS, MINUTE_MS
from cockpit.domain.safety_events import protection_words
from cockpit.trading.agent_state import ClosedTrade, EntryLock
from cockpit.trading.protections import (
    PROTECTION_DOCS,
    CooldownPeriod,
    LowProfitPairs,
    MaxDrawdown,
    StoplossGuard,
    is_locked_out,
    locks_due,
)
from tests.trading.arena_facts import BTC, CAPITAL, ETH, START_MS, Past, usd

FIVE_MIN = 5 * MINUTE_MS
B, E = BTC.symbol, ETH.symbol


def run(candle_ms=FIVE_MIN):
    """A run of candles of five minutes: the market's interval, which is what a candle is."""
    return Past.begun(market_interval_ms=candle_ms)


def at(candle):
    """When a candle opens, counted from the run's start."""
    return START_MS + round(candle * FIVE_MIN)


def trades(past, *rows, agent="ann"):
    """Rows of (candle, symbol, return, what closed it[, side])."""
    for candle, symbol, returned, purpose, *side in rows:
        past.state.agents[agent].closed_trades.append(
            ClosedTrade(
                symbol=symbol,
                closed_ms=at(candle),
                pnl=usd(1_000 * returned),
                return_fraction=returned,
                exit_purpose=purpose,
                is_long=side[0] == "long" if side else True,
            )
        )
    return past


def after(past, candle):
    """The state once a candle has closed, marked at unchanged prices."""
    past.now_ms = at(candle + 1)
    return past.mark(50_000.0, 2_000.0)


def due(past, *protections):
    """(agent, symbol, protection in words, candles after the run's start until which it lasts), told to the
    state."""
    events = list(locks_due(past.state, protections))
    past.tell(*events)
    return [
        (
            event.agent,
            event.symbol,
            protection_words(event.protection, event.is_long),
            (event.until_ms - START_MS) / FIVE_MIN,
        )
        for event in events
    ]


def guard(**changes):
    return StoplossGuard(
        **({"lookback_ms": 12 * FIVE_MIN, "trade_limit": 2, "stop_ms": 4 * FIVE_MIN} | changes)
    )


def poor(**changes):
    given = {"lookback_ms": 12 * FIVE_MIN, "trade_limit": 2, "required_profit": 0.0, "stop_ms": 4 * FIVE_MIN}
    return LowProfitPairs(**(given | changes))


def deep(**changes):
    given = {
        "lookback_ms": 12 * FIVE_MIN,
        "trade_limit": 0,
        "max_allowed_drawdown": 0.10,
        "stop_ms": 4 * FIVE_MIN,
    }
    return MaxDrawdown(**(given | changes))


# --- StoplossGuard


@pytest.mark.parametrize(
    ("rows", "locks"),
    [
        # one stop is not too many
        ([(0, B, -0.01, "stop")], []),
        # two are, in whatever pairs; the lock ends four candles after the newer, with the candle it is in
        ([(0, B, -0.01, "stop"), (5, E, -0.01, "stop")], [("ann", None, "StoplossGuard", 10)]),
        # so are a stop and a liquidation
        ([(0, B, -0.01, "stop"), (5, B, -0.01, "liquidation")], [("ann", None, "StoplossGuard", 10)]),
        # what was closed otherwise is no stop
        ([(0, B, -0.01, "stop"), (5, B, -0.01, "rebalance")], []),
        ([(0, B, -0.01, "stop"), (5, B, -0.01, "target")], []),
        ([(0, B, -0.01, "stop"), (5, B, -0.01, "flatten")], []),
        # a stop that did not lose (a trailing one) is none to worry about
        ([(0, B, -0.01, "stop"), (5, B, 0.0, "stop")], []),
        ([(0, B, -0.01, "stop"), (5, B, 0.03, "stop")], []),
    ],
)
def test_stoploss_guard_locks_everything_after_too_many_stops(rows, locks):
    past = after(trades(run(), *rows), 5)
    assert due(past, guard()) == locks


def test_stoploss_guard_counts_stops_below_its_required_profit():
    past = after(trades(run(), (4, B, -0.01, "stop"), (5, B, -0.03, "stop")), 5)
    assert due(past, guard(required_profit=-0.01)) == []
    assert due(past, guard(required_profit=-0.005)) == [("ann", None, "StoplossGuard", 10)]


def test_a_lookback_of_twelve_candles_is_the_twelve_that_closed_last():
    past = trades(run(), (0, B, -0.01, "stop"), (8, B, -0.01, "stop"))
    assert due(after(past, 12), guard(stop_ms=HOUR_MS)) == []
    past = trades(run(), (1, B, -0.01, "stop"), (8, B, -0.01, "stop"))
    assert due(after(past, 12), guard(stop_ms=HOUR_MS)) == [("ann", None, "StoplossGuard", 21)]


def test_a_lock_per_pair_leaves_the_other_pairs_alone():
    past = after(trades(run(), (3, B, -0.01, "stop"), (4, E, -0.01, "stop"), (5, B, -0.01, "stop")), 5)
    assert due(past, guard(only_per_pair=True)) == [("ann", B, "StoplossGuard", 10)]
    locks = past.state.agents["ann"].locks
    assert is_locked_out(locks, B, 1, past.now_ms) is not None
    assert is_locked_out(locks, E, 1, past.now_ms) is None
    assert locks[0].reason == f"2 stops in {B} within 1h returned less than 0.0%; 2 are too many"


def test_a_lock_of_longs_leaves_shorts_alone():
    past = after(
        trades(
            run(),
            (3, B, -0.01, "stop", "long"),
            (4, B, -0.01, "stop", "short"),
            (5, E, -0.01, "stop", "long"),
        ),
        5,
    )
    assert due(past, guard(only_per_side=True)) == [("ann", None, "StoplossGuard (long)", 10)]
    locks = past.state.agents["ann"].locks
    assert [(lock.protection, lock.is_long) for lock in locks] == [("StoplossGuard", True)]
    assert is_locked_out(locks, E, 1, past.now_ms) is not None
    assert is_locked_out(locks, E, -1, past.now_ms) is None


def test_a_lock_that_names_no_side_holds_on_both():
    lock = EntryLock(symbol=None, protection="StoplossGuard", reason="", until_ms=at(10))
    assert is_locked_out([lock], E, 1, at(5)) == is_locked_out([lock], E, -1, at(5)) == lock


def test_a_trade_of_which_nobody_says_the_side_counts_for_both():
    past = trades(run(), (4, B, -0.01, "stop"), (5, B, -0.01, "stop"))
    agent = past.state.agents["ann"]
    agent.closed_trades = [
        ClosedTrade(
            symbol=each.symbol,
            closed_ms=each.closed_ms,
            pnl=each.pnl,
            return_fraction=each.return_fraction,
            exit_purpose=each.exit_purpose,
        )
        for each in agent.closed_trades
    ]
    sides = [name for _, _, name, _ in due(after(past, 5), guard(only_per_side=True))]
    assert sides == ["StoplossGuard (long)", "StoplossGuard (short)"]


def test_each_agent_answers_for_its_own_trades():
    past = trades(run(), (4, B, -0.01, "stop"))
    trades(past, (4, B, -0.01, "stop"), (5, B, -0.01, "stop"), agent="bob")
    assert due(after(past, 5), guard()) == [("bob", None, "StoplossGuard", 10)]


def test_the_same_stops_never_lock_twice_but_another_one_does_while_they_are_looked_back_on():
    past = trades(run(), (0, B, -0.01, "stop"), (1, B, -0.01, "stop"))
    assert due(after(past, 1), guard()) == [("ann", None, "StoplossGuard", 6)]
    for candle in range(2, 9):
        assert due(after(past, candle), guard()) == []
    assert is_locked_out(past.state.agents["ann"].locks, B, 1, past.now_ms) is None
    trades(past, (9, B, 0.01, "stop"))
    assert due(after(past, 9), guard()) == []
    trades(past, (10, B, -0.01, "stop"))
    assert due(after(past, 10), guard()) == [("ann", None, "StoplossGuard", 15)]


def test_a_stop_while_entries_are_locked_makes_the_lock_longer():
    past = trades(run(), (0, B, -0.01, "stop"), (1, B, -0.01, "stop"))
    due(after(past, 1), guard())
    trades(past, (3, B, -0.01, "stop"))
    assert due(after(past, 3), guard()) == [("ann", None, "StoplossGuard", 8)]


def test_midnight_forgives_nothing():
    past = run()
    midnight = DAY_MS // 2 // FIVE_MIN  # the run begins at noon
    trades(past, (midnight - 2, B, -0.01, "stop"), (midnight + 1, B, -0.01, "stop"))
    assert due(after(past, midnight + 1), guard()) == [("ann", None, "StoplossGuard", midnight + 6)]


def test_two_guards_of_a_kind_count_each_for_itself_and_the_longer_lock_is_enough():
    past = after(trades(run(), (4, B, -0.01, "stop"), (5, B, -0.01, "stop")), 5)
    longer, shorter = guard(stop_ms=10 * FIVE_MIN), guard(stop_ms=4 * FIVE_MIN)
    assert due(past.copy(), longer, shorter) == [("ann", None, "StoplossGuard", 16)]
    assert due(past, shorter, longer) == [
        ("ann", None, "StoplossGuard", 10),
        ("ann", None, "StoplossGuard", 16),
    ]


# --- CooldownPeriod


@pytest.mark.parametrize(
    ("closed", "stop_ms", "until"),
    [
        # one candle: who decides when the candle of the trade closes waits, and may at the next close
        (5, FIVE_MIN, 7),
        # a trade within a candle is locked out for the same candles as one at its open
        (5.5, FIVE_MIN, 7),
        (5, 2 * FIVE_MIN, 8),
        # minutes are not candles: the lock ends with the candle in which they are over
        (5, 2 * MINUTE_MS, None),
        (5, 7 * MINUTE_MS, 7),
    ],
)
def test_a_pair_cools_down_after_each_trade_until_the_end_of_a_candle(closed, stop_ms, until):
    past = after(trades(run(), (closed, B, 0.05, "target")), 5)
    expected = [] if until is None else [("ann", B, "CooldownPeriod", until)]
    assert due(past, CooldownPeriod(stop_ms=stop_ms)) == expected


def test_each_pair_cools_down_by_itself_and_after_its_newest_trade():
    past = trades(run(), (2, B, 0.05, "target"), (4, E, -0.01, "stop"), (5, B, 0.01, "rebalance"))
    assert due(after(past, 5), CooldownPeriod(stop_ms=3 * FIVE_MIN)) == [
        ("ann", B, "CooldownPeriod", 9),
        ("ann", E, "CooldownPeriod", 8),
    ]
    assert past.state.agents["ann"].locks[0].reason == f"a trade in {B} closed; the next waits for 15m"
    assert due(after(past, 6), CooldownPeriod(stop_ms=3 * FIVE_MIN)) == []


# --- LowProfitPairs


@pytest.mark.parametrize(
    ("rows", "required", "locks"),
    [
        # one trade proves nothing
        ([(5, B, -0.05, "stop")], 0.0, []),
        # two do, whatever closed them
        ([(4, B, -0.05, "stop"), (5, B, 0.04, "target")], 0.0, [("ann", B, "LowProfitPairs", 10)]),
        # what is required just so is enough
        ([(4, B, -0.05, "stop"), (5, B, 0.05, "target")], 0.0, []),
        ([(4, B, 0.005, "stop"), (5, B, 0.005, "target")], 0.02, [("ann", B, "LowProfitPairs", 10)]),
        # the other pair's trades don't count
        ([(4, B, -0.05, "stop"), (5, E, -0.05, "stop")], 0.0, []),
        # what is older than the lookback doesn't either
        ([(-20, B, -0.05, "stop"), (5, B, -0.05, "stop")], 0.0, []),
    ],
)
def test_a_pair_that_earns_too_little_is_locked(rows, required, locks):
    past = after(trades(run(), *rows), 5)
    assert due(past, poor(required_profit=required)) == locks


def test_a_side_that_has_not_traded_can_t_have_disappointed():
    past = trades(run(), (4, B, -0.01, "stop", "short"), (5, B, -0.01, "stop", "short"))
    assert due(after(past, 5), poor(required_profit=0.02, only_per_side=True)) == [
        ("ann", B, "LowProfitPairs (short)", 10)
    ]
    reason = f"2 trades short in {B} within 1h returned -2.0% together; 2.0% is required"
    assert past.state.agents["ann"].locks[0].reason == reason


# --- MaxDrawdown


def equities(past, *rows):
    """Rows of (candle, dollars): ann's equity at the end of that candle's round."""
    for candle, dollars in rows:
        past.now_ms = at(candle + 1)
        past.state.agents["ann"].watch.equity = usd(dollars)
        past.tell(RoundClosed(round=1, equities=(usd(dollars), CAPITAL)))
    return past


@pytest.mark.parametrize(
    ("rows", "locks"),
    [
        # what is allowed just so is allowed
        ([(0, 10_000), (1, 9_000)], []),
        # the lock begins when equity was deepest
        ([(0, 10_000), (1, 8_999)], [("ann", None, "MaxDrawdown", 7)]),
        ([(0, 10_000), (1, 8_999), (3, 9_500)], [("ann", None, "MaxDrawdown", 7)]),
        ([(0, 10_000), (1, 8_999), (3, 8_500)], [("ann", None, "MaxDrawdown", 9)]),
        # a gain is no fall, and a fall is measured from the peak, not from the start
        ([(0, 10_000), (1, 12_000), (2, 10_800)], []),
        ([(0, 10_000), (1, 12_000), (2, 10_799)], [("ann", None, "MaxDrawdown", 8)]),
    ],
)
def test_a_fall_of_equity_locks_everything(rows, locks):
    assert due(equities(run(), *rows), deep()) == locks


def test_open_positions_count_as_much_as_closed_trades():
    past = run()
    past.trade("ann", BTC, 100, 50_000.0).tell(RoundClosed(round=1, equities=(CAPITAL, CAPITAL)))
    past.now_ms = at(1)
    past.mark(39_000.0, 2_000.0)
    assert past.state.agents["ann"].closed_trades == []
    assert due(past, deep()) == [("ann", None, "MaxDrawdown", 6)]
    reason = past.state.agents["ann"].locks[0].reason
    assert reason == "equity fell by 11.0% within 1h; 10.0% is allowed"


def test_a_fall_needs_as_many_closed_trades_as_asked_for():
    past = equities(trades(run(), (0, B, 0.05, "target")), (0, 10_000), (1, 8_000))
    assert due(past, deep(trade_limit=2)) == []
    trades(past, (1, B, 0.05, "target"))
    assert due(past, deep(trade_limit=2)) == [("ann", None, "MaxDrawdown", 7)]


@pytest.mark.parametrize("gain", [0, 1])
def test_the_same_fall_does_not_lock_again_while_equity_stays_down_nor_after_a_winning_trade(gain):
    past = equities(run(), (0, 10_000), (1, 8_500))
    assert due(past, deep()) == [("ann", None, "MaxDrawdown", 7)]
    for candle in range(2, 20):
        equities(trades(past, (candle, B, 0.001, "target")), (candle, 8_500 + gain * candle))
        assert due(past, deep()) == []
    assert is_locked_out(past.state.agents["ann"].locks, B, 1, past.now_ms) is None


def test_a_peak_before_the_lookback_is_forgotten_but_for_the_last_point_before_it():
    past = equities(run(), (0, 12_000), (10, 10_000), (24, 9_900))
    assert due(past, deep(stop_ms=HOUR_MS)) == []
    past = equities(run(), (0, 12_000), (24, 10_000))  # all that a thinned curve knows
    assert due(past, deep(stop_ms=HOUR_MS)) == [("ann", None, "MaxDrawdown", 38)]


def test_an_agent_without_any_equity_has_no_peak_to_fall_from():
    assert due(equities(run(), (0, 0), (1, 0)), deep(max_allowed_drawdown=0.0)) == []


# --- In general


def test_without_protections_nothing_is_locked():
    past = after(trades(run(), *[(candle, B, -0.5, "liquidation") for candle in range(5)]), 5)
    assert due(past) == []


def test_candles_are_those_of_the_market():
    past = Past.begun(market_interval_ms=HOUR_MS)
    trades(past, (0, B, 0.01, "target"))
    past.now_ms = START_MS + HOUR_MS
    past.mark(50_000.0, 2_000.0)
    (lock,) = locks_due(past.state, [CooldownPeriod(stop_ms=2 * HOUR_MS)])
    assert lock.until_ms == START_MS + 3 * HOUR_MS


def test_a_lock_holds_until_its_time_and_no_longer():
    past = after(trades(run(), (5, B, 0.05, "target")), 5)
    due(past, CooldownPeriod(stop_ms=FIVE_MIN))
    locks = past.state.agents["ann"].locks
    assert is_locked_out(locks, B, 1, at(7) - 1) == locks[0]
    assert is_locked_out(locks, B, -1, at(7) - 1) == locks[0]
    assert is_locked_out(locks, B, 1, at(7)) is None


def test_every_protection_is_explained_in_one_line():
    assert set(PROTECTION_DOCS) == {
        each.__name__ for each in (StoplossGuard, MaxDrawdown, CooldownPeriod, LowProfitPairs)
    }


ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, B, E]),
        st.floats(-0.05, 0.05),
        st.sampled_from(["stop", "target", "liquidation", "rebalance"]),
        st.sampled_from(["long", "short"]),
        st.integers(7_000, 11_000),
    ),
    max_size=40,
)
PROTECTIONS = st.lists(
    st.one_of(
        st.builds(
            guard,
            trade_limit=st.integers(1, 3),
            only_per_pair=st.booleans(),
            only_per_side=st.booleans(),
            stop_ms=st.integers(1, 3 * HOUR_MS),
        ),
        st.builds(deep, stop_ms=st.integers(1, 3 * HOUR_MS), lookback_ms=st.integers(1, 3 * HOUR_MS)),
        st.builds(CooldownPeriod, stop_ms=st.integers(1, 3 * HOUR_MS)),
        st.builds(poor, only_per_side=st.booleans(), stop_ms=st.integers(1, 3 * HOUR_MS)),
    ),
    min_size=1,
    max_size=4,
)


def latest_ends(agent, now_ms):
    ends = {}
    for lock in agent.locks:
        if lock.until_ms > now_ms:
            key = lock.protection, lock.is_long, lock.symbol
            ends[key] = max(ends.get(key, 0), lock.until_ms)
    return ends


@settings(max_examples=60)
@given(rows=ROWS, protections=PROTECTIONS)
def test_locks_never_grow_shorter_are_told_once_and_end_within_their_duration(rows, protections):
    past = run()
    agent = past.state.agents["ann"]
    longest_ms = max(each.stop_ms for each in protections)
    for candle, (symbol, returned, purpose, side, dollars) in enumerate(rows):
        if symbol is not None:
            trades(past, (candle, symbol, returned, purpose, side))
        equities(past, (candle, dollars))
        before = latest_ends(agent, past.now_ms)
        told = list(locks_due(past.state, protections))
        for lock in told:
            assert past.now_ms < lock.until_ms <= past.now_ms + longest_ms + FIVE_MIN
            assert (lock.until_ms - START_MS) % FIVE_MIN == 0
            assert lock.until_ms > before.get((lock.protection, lock.is_long, lock.symbol), 0)
        past.tell(*told)
        now = latest_ends(agent, past.now_ms)
        assert all(now[key] >= end for key, end in before.items())
        assert list(locks_due(past.state, protections)) == []


@settings(max_examples=40)
@given(rows=ROWS, protections=PROTECTIONS)
def test_when_nothing_happens_any_more_every_lock_comes_to_its_end(rows, protections):
    past = run()
    for candle, (symbol, returned, purpose, side, dollars) in enumerate(rows):
        if symbol is not None:
            trades(past, (candle, symbol, returned, purpose, side))
        equities(past, (candle, dollars))
        past.tell(*locks_due(past.state, protections))
    quiet_ms = past.now_ms + max(each.stop_ms for each in protections) + FIVE_MIN
    while past.now_ms < quiet_ms:
        past.tell(*locks_due(past.state, protections))
        past.now_ms += FIVE_MIN
        past.tell(RoundClosed(round=1, equities=(past.state.agents["ann"].watch.equity, CAPITAL)))
    assert list(locks_due(past.state, protections)) == []
    assert latest_ends(past.state.agents["ann"], past.now_ms) == {}
