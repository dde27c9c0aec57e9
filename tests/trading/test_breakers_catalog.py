"""The breakers that watch orders, costs, stops, prices and clocks: what each measures, and its defaults."""

import pytest

from cockpit.domain.events import ARENA, BreakerReset, EntriesLocked, FeedMeasured
from cockpit.domain.market import HOUR_MS, MINUTE_MS
from cockpit.domain.orders import OrderKind, OrderPurpose, OrderStatus
from cockpit.trading.agent_state import BreakerStatus
from cockpit.trading.breakers import (
    AGENT_LIMITS,
    ARENA_LIMITS,
    BREAKER_DOCS,
    BREAKERS,
    COOL_DOWN_MS,
    BreakerLimits,
    agent_value,
    arena_value,
    changes,
    cool_down_in_words,
    default_in_words,
    readme_rows,
    value_of,
)
from tests.trading.arena_facts import BTC, ETH, Past, usd

LIMITS = BreakerLimits(agent={}, arena={}, cool_down_ms=COOL_DOWN_MS)


def guarded(breaker, limit, scope="ann"):
    """A run with one breaker and no other."""
    of_agents, of_arena = ({}, {breaker: limit}) if scope == ARENA else ({breaker: limit}, {})
    return Past.begun(agent_limits=of_agents, arena_limits=of_arena)


def step(past):
    """What the arena does after each bar: tells what is due."""
    events = list(changes(past.state, LIMITS))
    past.tell(*events)
    return [
        (type(event).__name__.removeprefix("Breaker").lower(), event.scope, event.breaker) for event in events
    ]


def refused(past, times):
    for number in range(times):
        order_id = past.create("ann", BTC, 1)
        if number % 2:
            past.move(order_id, OrderStatus.DENIED)
        else:
            past.move(order_id, OrderStatus.SUBMITTED, OrderStatus.REJECTED)


def filled_at(past, price):
    past.trade("ann", BTC, 1, price)


def paid(past, dollars):
    past.trade("ann", BTC, 1, 50_000.0, fee=usd(dollars))


def held_without_a_bar(past, minutes):
    past.trade("ann", BTC, 1, 50_000.0)
    past.after(minutes).mark(None, 2_000.0)


def held_without_a_stop(past, minutes):
    past.trade("ann", BTC, 1, 50_000.0)
    for _ in range(minutes):
        past.after(1).mark(50_000.0, 2_000.0)


def silent(past, milliseconds):
    past.tell(FeedMeasured(age_ms=milliseconds, skew_ms=0))


def skewed(past, milliseconds):
    past.tell(FeedMeasured(age_ms=0, skew_ms=milliseconds))


TABLE = [
    # breaker, scope, limit, what happens: just short of it, just there, beyond
    ("consecutive_refusals", "ann", 3.0, refused, 2, 3, 4),
    ("fill_off_mark", "ann", 0.25, filled_at, 62_499.5, 62_500.0, 63_000.0),
    ("fill_off_mark", "ann", 0.25, filled_at, 37_500.5, 37_500.0, 37_000.0),
    ("costs", "ann", 0.05, paid, 499.999999, 500, 501),
    ("costs", ARENA, 0.05, paid, 999.999999, 1_000, 1_001),
    ("blind", "ann", 10.0 * MINUTE_MS, held_without_a_bar, 9, 10, 11),
    ("missing_stop", "ann", 3.0 * MINUTE_MS, held_without_a_stop, 2, 3, 4),
    ("feed_age", ARENA, 60_000.0, silent, 59_999, 60_000, 60_001),
    ("clock_skew", ARENA, 5_000.0, skewed, 4_999, 5_000, 5_001),
    ("clock_skew", ARENA, 5_000.0, skewed, -4_999, -5_000, -5_001),
]


@pytest.mark.parametrize(("name", "scope", "limit", "happens", "short", "there", "beyond"), TABLE)
def test_it_trips_at_its_limit_and_beyond_and_not_just_short_of_it(
    name, scope, limit, happens, short, there, beyond
):
    past = guarded(name, limit, scope)
    happens(past, short)
    assert step(past) == []
    for amount in (there, beyond):
        past = guarded(name, limit, scope)
        happens(past, amount)
        assert step(past) == [("tripped", scope, name)]
        assert value_of(scope, name, past.state) >= limit
        assert step(past) == []


@pytest.mark.parametrize(("name", "scope", "limit", "happens", "short", "there", "beyond"), TABLE)
def test_it_is_armed_again_when_its_cool_down_is_over_and_what_tripped_it_is_too(
    name, scope, limit, happens, short, there, beyond
):
    past = guarded(name, limit, scope)
    happens(past, beyond)
    step(past)
    tripped = (past.state.breakers if scope == ARENA else past.state.agents[scope].breakers)[name]
    if COOL_DOWN_MS[name] is None:
        assert tripped.status is BreakerStatus.TRIPPED
        past.after(10_000).mark(50_000.0, 2_000.0)
        assert step(past) == []
        return
    assert tripped.status is BreakerStatus.COOLING
    past.after(max(0, COOL_DOWN_MS[name] / MINUTE_MS - 1))
    past.tell(FeedMeasured(age_ms=0, skew_ms=0))
    if COOL_DOWN_MS[name]:
        assert step(past) == []
    past.after(1).mark(50_000.0, 2_000.0)
    assert step(past) == [("reset", scope, name)]
    assert step(past) == []


@pytest.mark.parametrize(("name", "scope", "limit", "happens", "short", "there", "beyond"), TABLE)
def test_reset_by_hand_it_trips_again_only_if_the_danger_lasts(
    name, scope, limit, happens, short, there, beyond
):
    past = guarded(name, limit, scope)
    happens(past, beyond)
    step(past)
    past.tell(BreakerReset(scope=scope, breaker=name, by="a person"))
    assert step(past) == ([("tripped", scope, name)] if BREAKERS[name].waits_until_well else [])


# --- Orders refused


def test_an_accepted_order_ends_a_row_of_refusals():
    past = guarded("consecutive_refusals", 3.0)
    refused(past, 2)
    past.work("ann", BTC, 1)
    refused(past, 2)
    assert step(past) == []
    assert agent_value("consecutive_refusals", past.state.agents["ann"]) == 2


def test_another_agent_s_refusals_are_its_own():
    past = guarded("consecutive_refusals", 3.0)
    refused(past, 3)
    assert step(past) == [("tripped", "ann", "consecutive_refusals")]
    assert past.state.agents["ann"].breakers["consecutive_refusals"].reason == (
        "ann's consecutive refusals of 3 reached the limit of 3"
    )
    assert not past.state.agents["bob"].benched


# --- Costs and fills


def test_costs_and_the_worst_fill_begin_anew_with_the_utc_day():
    past = Past.begun(agent_limits={"costs": 0.05, "fill_off_mark": 0.25}, arena_limits={"costs": 0.05})
    past.trade("ann", BTC, 1, 60_000.0, fee=usd(499))
    past.after(12 * 60).mark(50_000.0, 2_000.0)
    assert agent_value("costs", past.state.agents["ann"]) == 0.0
    assert agent_value("fill_off_mark", past.state.agents["ann"]) == 0.0
    assert arena_value("costs", past.state) == 0.0


def test_without_equity_to_begin_the_day_with_costs_are_no_share_of_anything():
    past = guarded("costs", 0.05)
    past.state.agents["ann"].watch.begin(0)
    assert agent_value("costs", past.state.agents["ann"]) is None


def test_funding_that_outweighs_the_costs_is_no_cost():
    past = guarded("costs", 0.05)
    past.state.agents["ann"].costs_today = usd(-3)
    assert agent_value("costs", past.state.agents["ann"]) == 0.0


# --- Blindness


def test_blindness_is_that_of_the_held_symbol_that_has_gone_longest_without_a_bar():
    past = guarded("blind", 10.0 * MINUTE_MS)
    past.trade("ann", BTC, 1, 50_000.0).trade("ann", ETH, 1, 2_000.0)
    past.after(4).mark(None, 2_000.0)
    past.after(5).mark(None, None)
    assert value_of("ann", "blind", past.state) == 9.0 * MINUTE_MS
    past.after(1).mark(None, 2_000.0)
    assert step(past) == [("tripped", "ann", "blind")]
    assert past.state.agents["ann"].breakers["blind"].reason == (
        "ann's blindness of 10 min reached the limit of 10 min"
    )


def test_who_holds_nothing_of_a_silent_symbol_is_not_blind():
    past = guarded("blind", 10.0 * MINUTE_MS)
    past.trade("ann", ETH, 1, 2_000.0)
    past.after(60).mark(None, 2_000.0)
    assert value_of("ann", "blind", past.state) == 0.0
    assert value_of("bob", "blind", past.state) is None
    assert step(past) == []


def test_a_held_symbol_that_never_had_a_bar_is_unseen_since_it_was_bought():
    past = guarded("blind", 10.0 * MINUTE_MS)
    past.after(5).mark(50_000.0, 2_000.0).trade("ann", BTC, 1, 50_000.0)
    past.state.fresh_ms.clear()
    past.after(10).mark(None, None)
    assert step(past) == [("tripped", "ann", "blind")]


def test_blindness_ends_with_a_fresh_bar_of_every_held_symbol_or_without_a_position():
    past = guarded("blind", 10.0 * MINUTE_MS)
    past.trade("ann", BTC, 1, 50_000.0).trade("ann", ETH, 1, 2_000.0)
    past.after(10).mark(None, None)
    assert step(past) == [("tripped", "ann", "blind")]
    past.after(1).mark(None, 2_000.0)
    assert step(past) == []
    gone = past.copy()
    gone.trade("ann", BTC, -1, 50_000.0, reduce_only=True)
    assert step(gone) == [("reset", "ann", "blind")]
    past.after(1).mark(50_000.0, 2_000.0)
    assert step(past) == [("reset", "ann", "blind")]


def test_drawdown_and_daily_loss_never_improve_because_a_price_is_missing():
    past = Past.begun(agent_limits={"drawdown": 0.10, "daily_loss": 0.10}, arena_limits={})
    past.trade("ann", BTC, 100, 50_000.0)  # $5,000
    past.after(1).mark(40_001.0, 2_000.0)
    before = [value_of("ann", name, past.state) for name in ("drawdown", "daily_loss")]
    past.after(1).mark(None, 2_000.0).after(1).mark(None, None)
    assert [value_of("ann", name, past.state) for name in ("drawdown", "daily_loss")] == before
    assert before[0] == pytest.approx(0.09999)
    past.after(1).mark(40_000.0, None)
    assert step(past) == [("tripped", "ann", "drawdown"), ("tripped", "ann", "daily_loss")]


# --- A missing stop

ONE_BAR = 1.0 * MINUTE_MS


def stop_at_work(past):
    given = {"kind": OrderKind.STOP_MARKET, "purpose": OrderPurpose.STOP, "reduce_only": True}
    return past.work("ann", BTC, -1, trigger_price=49_000.0, **given)


def test_a_position_without_its_stop_is_a_breach_within_one_bar():
    past = guarded("missing_stop", ONE_BAR)
    past.trade("ann", BTC, 1, 50_000.0)
    assert step(past) == []
    past.after(1).mark(50_000.0, 2_000.0)
    assert step(past) == [("tripped", "ann", "missing_stop")]
    assert past.state.agents["ann"].breakers["missing_stop"].reason == (
        "ann's time without a stop of 1 min reached the limit of 1 min"
    )


def test_a_position_with_its_stop_is_none_until_the_stop_is_gone():
    past = guarded("missing_stop", ONE_BAR)
    past.trade("ann", BTC, 1, 50_000.0)
    stop = stop_at_work(past)
    past.after(1).mark(50_000.0, 2_000.0)
    assert value_of("ann", "missing_stop", past.state) is None
    past.move(stop, OrderStatus.PENDING_CANCEL, OrderStatus.CANCELED)
    assert step(past) == []
    past.after(1).mark(50_000.0, 2_000.0)
    assert step(past) == [("tripped", "ann", "missing_stop")]


def test_a_stop_that_came_to_work_after_the_bar_counts_at_once():
    past = guarded("missing_stop", ONE_BAR)
    past.trade("ann", BTC, 1, 50_000.0).after(1).mark(50_000.0, 2_000.0)
    stop_at_work(past)
    assert step(past) == []


def test_a_target_is_no_stop():
    past = guarded("missing_stop", ONE_BAR)
    past.trade("ann", BTC, 1, 50_000.0)
    past.work("ann", BTC, -1, kind=OrderKind.TAKE_PROFIT, purpose=OrderPurpose.TARGET, trigger_price=6e4)
    past.after(1).mark(50_000.0, 2_000.0)
    assert step(past) == [("tripped", "ann", "missing_stop")]


def test_stops_are_demanded_of_nobody_unless_settings_say_so():
    past = guarded("missing_stop", AGENT_LIMITS["missing_stop"])
    held_without_a_stop(past, 100)
    assert step(past) == []


# --- Feeds and clocks


def test_a_market_without_a_live_feed_has_no_feed_to_be_late():
    past = guarded("feed_age", 1.0, ARENA)
    assert arena_value("feed_age", past.state) is None
    assert arena_value("clock_skew", past.state) is None
    assert step(past) == []


# --- Names, words and defaults


@pytest.mark.parametrize("name", BREAKERS)
def test_every_breaker_is_explained_in_one_line(name):
    assert BREAKER_DOCS[name]
    assert "\n" not in BREAKER_DOCS[name]
    assert len(BREAKER_DOCS[name]) <= 90


@pytest.mark.parametrize(
    ("name", "default", "again"),
    [
        ("drawdown", "20% (mainnet 10%)", "by hand"),
        ("daily_loss", "10.0%", "after 1d of market time"),
        ("daily_trades", "50; the arena: off", "after 1d of market time"),
        ("consecutive_losses", "8", "after 4h of market time"),
        ("stale_data", "10 min", "once that is over"),
        ("errors", "50.0%", "after 1h of market time"),
        ("consecutive_refusals", "10", "after 1h of market time"),
        ("missing_stop", "off", "by hand"),
        ("fill_off_mark", "10.0%", "after 1d of market time"),
        ("costs", "5.0%", "after 1d of market time"),
        ("blind", "10 min", "once that is over"),
        ("feed_age", "60 s", "once that is over"),
        ("clock_skew", "5 s", "once that is over"),
    ],
)
def test_defaults_in_words(name, default, again):
    assert (default_in_words(name), cool_down_in_words(name)) == (default, again)
    assert (name, default, BREAKER_DOCS[name], again) in list(readme_rows())


def test_an_agent_has_no_feed_and_the_arena_no_row_of_losses():
    past = Past.begun()
    with pytest.raises(KeyError):
        agent_value("feed_age", past.state.agents["ann"], past.state)
    with pytest.raises(KeyError):
        arena_value("consecutive_losses", past.state)


def test_without_the_market_s_time_blindness_can_t_be_told():
    past = guarded("blind", 10.0 * MINUTE_MS)
    held_without_a_bar(past, 60)
    assert agent_value("blind", past.state.agents["ann"]) is None
    assert agent_value("blind", past.state.agents["ann"], past.state) == HOUR_MS


def test_a_locked_agent_is_not_a_benched_one():
    past = Past.begun()
    past.tell(
        EntriesLocked(agent="ann", symbol=None, protection="x", reason="r", until_ms=past.now_ms + HOUR_MS)
    )
    assert step(past) == []
    assert not past.state.agents["ann"].benched


def test_every_breaker_has_a_limit_of_an_agent_or_of_the_arena_and_a_cool_down():
    assert set(AGENT_LIMITS) | set(ARENA_LIMITS) == set(BREAKERS) == set(COOL_DOWN_MS)
