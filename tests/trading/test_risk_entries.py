"""Whether, where and how often an agent may ask for exposure; what only reduces is never asked."""

from dataclasses import replace

import pytest

from cockpit.domain.market import MINUTE_MS, Micros
from cockpit.domain.orders import OrderKind, OrderStatus
from cockpit.trading.agent_state import ClosedTrade, EntryLock
from tests.trading.arena_facts import BTC, ETH
from tests.trading.risk_facts import WIDE, ask, denied, limit, rule, verdict

EXIT = ask(-100, reduce_only=True)


@pytest.fixture
def ann(past):
    return past.state.agents["ann"]


@pytest.fixture
def long(past):
    """Ann holds 100 lots of BTC."""
    return past.trade("ann", BTC, 100, 50_000.0)


# --- Accounts that may not be the venue's


def test_nothing_is_opened_on_an_account_that_is_not_synced(long):
    long.state.agents["ann"].unsynced = "order 4 was overfilled"
    words = "the account is not synced with the venue: order 4 was overfilled"
    assert verdict(long, ask(10)) == denied("account_synced", words)
    assert rule(long, EXIT) is None
    assert rule(long, ask(10, agent="bob")) is None


# --- Locks


@pytest.mark.parametrize(
    ("symbol", "minutes", "listed", "refuses"),
    [
        (None, 1, BTC, True),
        (None, 1, ETH, True),
        (BTC.symbol, 1, BTC, True),
        (BTC.symbol, 1, ETH, False),
        (None, 0, BTC, False),
        (None, -1, BTC, False),
    ],
)
def test_a_lock_holds_on_its_symbol_until_its_time(past, ann, symbol, minutes, listed, refuses):
    until_ms = past.state.ts_ms + minutes * MINUTE_MS
    ann.locks = [EntryLock(symbol=symbol, protection="LowProfitPairs", reason="", until_ms=until_ms)]
    assert rule(past, ask(10, listed)) == ("entry_locks" if refuses else None)


@pytest.mark.parametrize(("is_long", "who"), [(None, "StoplossGuard"), (True, "StoplossGuard (long)")])
def test_a_lock_says_who_locked_and_for_how_long(long, is_long, who):
    until_ms = long.state.ts_ms + 90 * MINUTE_MS
    long.state.agents["ann"].locks = [
        EntryLock(
            symbol=None,
            protection="StoplossGuard",
            reason="4 stops in 1h",
            until_ms=until_ms,
            is_long=is_long,
        )
    ]
    words = f"{who} locks entries for 1h 30m: 4 stops in 1h"
    assert verdict(long, ask(10)) == denied("entry_locks", words)
    assert rule(long, EXIT) is None


# --- Cooldown


def closed(past, minutes_ago, pnl=1, purpose="rebalance", listed=BTC):
    return ClosedTrade(
        symbol=listed.symbol,
        closed_ms=past.state.ts_ms - round(minutes_ago * MINUTE_MS),
        pnl=Micros(pnl),
        return_fraction=0.0,
        exit_purpose=purpose,
    )


COOLING = replace(WIDE, cooldown_after_loss_ms=5 * MINUTE_MS, cooldown_after_stop_ms=10 * MINUTE_MS)


# fmt: off
RESTS = [
    # minutes ago, profit, closed by, refuses
    (4.9, -1, "rebalance",   True), (5.0,  -1, "rebalance", False),
    (9.9,  1, "stop",        True), (10.0,  1, "stop",      False),
    (9.9, -1, "stop",        True), (10.0, -1, "stop",      False),
    (0.0,  1, "rebalance",  False), (0.0,   0, "target",    False),
    (0.0, -1, "liquidation", True),
]
# fmt: on


@pytest.mark.parametrize(("minutes_ago", "pnl", "purpose", "refuses"), RESTS)
def test_a_symbol_rests_after_a_loss_and_after_a_stop(past, ann, minutes_ago, pnl, purpose, refuses):
    ann.closed_trades = [closed(past, minutes_ago, pnl, purpose)]
    assert rule(past, ask(10), COOLING) == ("cooldown" if refuses else None)
    assert rule(past, ask(10, ETH), COOLING) is None


def test_a_cooldown_tells_its_figures(long):
    long.state.agents["ann"].closed_trades = [closed(long, 3, -1, "stop")]
    words = "the last stop in it was 3m ago, entries wait for 10m"
    assert verdict(long, ask(10), COOLING) == denied("cooldown", words, 3 * MINUTE_MS, 10 * MINUTE_MS)
    assert rule(long, EXIT, COOLING) is None


def test_an_earlier_stop_counts_behind_later_trades(past, ann):
    ann.closed_trades = [closed(past, 8, -1, "stop"), closed(past, 6), closed(past, 1, -1, listed=ETH)]
    assert rule(past, ask(10), COOLING) == "cooldown"


def test_no_cooldown_is_none(past, ann):
    ann.closed_trades = [closed(past, 0, -1, "stop")]
    assert rule(past, ask(10)) is None


# --- Symbols


@pytest.mark.parametrize(
    ("symbols", "passes"),
    [
        (None, True),
        ((BTC.symbol,), True),
        (("BTC",), True),
        (("ETH", "BTC"), True),
        (("ETH",), False),
        (("BTC/USDT",), False),
        ((), False),
    ],
)
def test_only_listed_symbols_are_traded(long, symbols, passes):
    limits = replace(WIDE, symbols=symbols)
    assert rule(long, ask(10), limits) == (None if passes else "symbol_list")
    assert rule(long, EXIT, limits) is None


# --- Stale quotes


def test_a_quote_is_fresh_up_to_its_limit(long):
    limits = replace(WIDE, max_mark_age_ms=10 * MINUTE_MS)
    long.after(10).mark(50_000.0, 2_000.0, fresh=(False, True))
    assert rule(long, ask(10), limits) is None
    long.after(0.1).mark(50_000.0, 2_000.0, fresh=(False, True))
    assert rule(long, ask(10), limits) == "stale_quote"
    assert rule(long, EXIT, limits) is None


def test_nobody_opens_anything_while_something_held_has_no_price(long):
    del long.state.marks[BTC.symbol]
    words = f"{BTC.symbol} has no price, so exposure can't be counted"
    assert verdict(long, ask(10, ETH), WIDE) == denied("stale_quote", words)
    assert rule(long, ask(10, ETH, agent="bob")) == "stale_quote"  # the arena's exposure isn't known either
    assert rule(long, EXIT) is None


# --- Open orders


def test_parts_of_a_split_order_count_and_their_parent_does_not(past):
    limits = replace(WIDE, max_open_orders=3)
    past.work("ann", BTC, 30, is_split=True)
    past.work("ann", BTC, 10)
    past.work("ann", BTC, 20)
    assert rule(past, ask(40), limits) is None
    past.work("ann", BTC, 50)
    assert verdict(past, ask(40), limits) == denied(
        "open_orders", "4 orders would be open, the most allowed is 3", 4, 3
    )


# --- Orders per minute


def test_orders_of_the_last_sixty_seconds_count(past, ann):
    limits, now_ms = replace(WIDE, max_orders_per_minute=3), past.state.ts_ms
    ann.sent_ms = [now_ms - MINUTE_MS, now_ms - 59_999, now_ms]
    assert rule(past, ask(10), limits) is None
    ann.sent_ms = [now_ms - 59_999, now_ms - 1, now_ms]
    words = "it would be 4 orders in a minute, the most allowed is 3"
    assert verdict(past, ask(10), limits) == denied("orders_per_minute", words, 4, 3)
    assert rule(past, ask(10, agent="bob"), limits) is None


def test_what_reduces_is_never_too_often(long):
    long.state.agents["ann"].sent_ms = [long.state.ts_ms] * 50
    assert rule(long, EXIT, replace(WIDE, max_orders_per_minute=1)) is None


# --- Duplicates

WORKING = {"kind": OrderKind.LIMIT, "limit_price": 49_000.0}


@pytest.mark.parametrize(
    ("intent", "refuses"),
    [
        (limit(10, 49_000.0), True),
        (limit(10, 49_000.0, decision_id=7), True),
        (limit(11, 49_000.0), False),
        (limit(-10, 49_000.0), False),
        (limit(10, 49_000.5), False),
        (limit(10, 49_000.0, ETH), False),
        (ask(10), False),
        (limit(10, 49_000.0, strategy="cross"), False),
        (limit(10, 49_000.0, agent="bob"), False),
    ],
)
def test_the_same_order_twice_is_a_slip(past, intent, refuses):
    past.work("ann", BTC, 10, **WORKING)
    assert rule(past, intent) == ("duplicate_order" if refuses else None)


def test_triggers_and_trails_tell_orders_apart(past):
    trailing = {"kind": OrderKind.TRAILING_STOP, "trigger_price": 51_000.0}
    past.work("ann", BTC, 10, **trailing, trail_distance=500.0)
    assert rule(past, ask(10, **trailing, trail_distance=500.0)) == "duplicate_order"
    assert rule(past, ask(10, **trailing, trail_distance=500.5)) is None
    assert rule(past, ask(10, **(trailing | {"trigger_price": 51_000.5}), trail_distance=500.0)) is None


def test_an_order_may_replace_one_that_is_being_cancelled(past):
    order_id = past.work("ann", BTC, 10, **WORKING)
    words = f"order {order_id} asks for the same and is still at work"
    assert verdict(past, limit(10, 49_000.0)) == denied("duplicate_order", words)
    past.move(order_id, OrderStatus.PENDING_CANCEL, cancel_ms=past.now_ms)
    assert rule(past, limit(10, 49_000.0)) is None
