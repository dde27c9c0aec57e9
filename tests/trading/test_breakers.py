"""Circuit breakers: what trips them, what they stop, and how they are armed again."""

import pytest

from cockpit.domain.accounts import Trade
from cockpit.domain.decisions import FailureKind
from cockpit.domain.events import (
    ARENA,
    BreakerReset,
    BreakerTripped,
    DecisionFailed,
    TradeClosed,
    TradingMode,
)
from cockpit.domain.market import DAY_MS, HOUR_MS, MINUTE_MS
from cockpit.trading.agent_state import BreakerStatus
from cockpit.trading.breakers import (
    AGENT_LIMITS,
    ARENA_LIMITS,
    COOL_DOWN_MS,
    DRAWDOWN_LIMITS,
    BreakerLimits,
    agent_value,
    arena_value,
    changes,
    describe,
    describe_limit,
)
from tests.trading.arena_facts import BTC, CAPITAL, START_MS, Past, run_started, usd

LIMITS = BreakerLimits(agent={}, arena={}, cool_down_ms=COOL_DOWN_MS)
"""The limits themselves are agreed when a run starts: `arena_facts.run_started` has them."""

UNGUARDED = {"agent_limits": {}, "arena_limits": {}}


def guarded(breaker, limit, arena=False):
    """A run with one breaker and no other."""
    limits = {"agent_limits": {}, "arena_limits": {}}
    limits["arena_limits" if arena else "agent_limits"] = {breaker: limit}
    return Past.begun(**limits)


def due(past, limits=LIMITS):
    return list(changes(past.state, limits))


def step(past, limits=LIMITS):
    """What the arena does after each step: tells what is due."""
    events = due(past, limits)
    past.tell(*events)
    return [
        (type(event).__name__.removeprefix("Breaker").lower(), event.scope, event.breaker) for event in events
    ]


def lose(past, agent, dollars):
    """Changes an agent's equity through its ledger, by a fee."""
    past.trade(agent, BTC, 1, 50_000.0, fee=usd(dollars))
    past.trade(agent, BTC, -1, 50_000.0, purpose="flatten")
    return past.mark(50_000.0, 2_000.0)


def closes(agent, pnl):
    return TradeClosed(
        trade=Trade(
            agent=agent,
            symbol=BTC.symbol,
            signed_lots=1,
            opened_ms=0,
            closed_ms=1,
            entry_price=1.0,
            exit_price=1.0,
            realized=pnl,
            fees=0,
            funding=0,
            decision_id=None,
            exit_purpose="stop",
        )
    )


def fails(agent):
    return DecisionFailed(agent=agent, round=1, failure=FailureKind.CRASH, message="boom")


# --- Drawdown


def test_drawdown_trips_at_its_limit_and_not_below():
    past = guarded("drawdown", 0.20)
    lose(past, "ann", 1_999.999999)
    assert step(past) == []
    lose(past, "ann", 0.000001)
    assert step(past) == [("tripped", "ann", "drawdown")]
    tripped = past.state.agents["ann"].breakers["drawdown"]
    assert tripped.status is BreakerStatus.TRIPPED
    assert tripped.reason == "ann's drawdown of 20.0% reached the limit of 20.0%"
    assert tripped.stopped == "the agent: flattened and benched"
    assert (tripped.until_ms, tripped.trips, tripped.tripped_ms) == (None, 1, past.now_ms)
    assert past.state.agents["ann"].benched
    assert not past.state.agents["bob"].benched


def test_drawdown_is_measured_from_the_peak_not_from_the_start():
    past = guarded("drawdown", 0.20)
    lose(past, "ann", -10_000)  # a gain: $20,000
    lose(past, "ann", 3_999)
    assert step(past) == []
    lose(past, "ann", 1)
    assert step(past) == [("tripped", "ann", "drawdown")]


def test_the_arena_s_drawdown_is_that_of_all_equity_together():
    past = guarded("drawdown", 0.20, arena=True)
    lose(past, "ann", 3_999)
    assert step(past) == []
    lose(past, "bob", 1)
    assert step(past) == [("tripped", ARENA, "drawdown")]
    assert (
        past.state.breakers["drawdown"].reason == "the arena's drawdown of 20.0% reached the limit of 20.0%"
    )
    assert past.state.breakers["drawdown"].stopped == (
        "whatever adds exposure; positions stay, and may be reduced"
    )
    assert past.state.halted
    assert past.state.trading_mode is TradingMode.REDUCING


def test_a_tripped_breaker_does_not_trip_twice_and_waits_for_a_person():
    past = guarded("drawdown", 0.20)
    lose(past, "ann", 5_000)
    assert step(past) == [("tripped", "ann", "drawdown")]
    past.after(30 * 24 * 60).mark(50_000.0, 2_000.0)
    assert step(past) == []


def test_after_a_reset_by_hand_drawdown_is_measured_from_where_it_stands():
    past = guarded("drawdown", 0.20)
    lose(past, "ann", 5_000)
    step(past)
    past.tell(BreakerReset(scope="ann", breaker="drawdown", by="a person"))
    assert agent_value("drawdown", past.state.agents["ann"]) == 0.0
    assert past.state.agents["ann"].watch.peak == CAPITAL  # what is reported keeps the true peak
    past.mark(50_000.0, 2_000.0)
    assert step(past) == []
    lose(past, "ann", 1_000)
    assert step(past) == [("tripped", "ann", "drawdown")]
    assert past.state.agents["ann"].breakers["drawdown"].trips == 2


def test_after_a_reset_the_arena_s_drawdown_is_measured_anew():
    past = guarded("drawdown", 0.20, arena=True)
    lose(past, "ann", 5_000)
    step(past)
    past.tell(BreakerReset(scope=ARENA, breaker="drawdown", by="a person")).mark(50_000.0, 2_000.0)
    assert step(past) == []
    assert not past.state.halted


def test_without_equity_there_is_no_drawdown_to_measure():
    past = Past.begun(**UNGUARDED)
    past.state.agents["ann"].watch.begin(0)
    assert agent_value("drawdown", past.state.agents["ann"]) is None
    assert agent_value("daily_loss", past.state.agents["ann"]) is None


# --- Daily loss


def test_daily_loss_trips_at_its_limit_and_cools_for_a_day():
    past = guarded("daily_loss", 0.10)
    lose(past, "ann", 999)
    assert step(past) == []
    lose(past, "ann", 1)
    assert step(past) == [("tripped", "ann", "daily_loss")]
    tripped = past.state.agents["ann"].breakers["daily_loss"]
    assert tripped.status is BreakerStatus.COOLING
    assert tripped.until_ms == past.now_ms + 24 * HOUR_MS
    assert tripped.reason == "ann's daily loss of 10.0% reached the limit of 10.0%"


def test_a_cooling_breaker_is_armed_again_when_its_time_is_over_and_not_before():
    past = guarded("daily_loss", 0.10)
    lose(past, "ann", 1_000)
    step(past)
    past.after(24 * 60 - 1 / MINUTE_MS).mark(50_000.0, 2_000.0)
    assert step(past) == []
    past.after(1 / MINUTE_MS).mark(50_000.0, 2_000.0)
    assert step(past) == [("reset", "ann", "daily_loss")]
    assert past.state.agents["ann"].breakers["daily_loss"].status is BreakerStatus.ARMED
    assert step(past) == []


def test_a_gain_is_no_daily_loss():
    past = guarded("daily_loss", 0.10)
    lose(past, "ann", -500)
    assert agent_value("daily_loss", past.state.agents["ann"]) == 0.0


def test_the_daily_loss_begins_anew_at_utc_midnight():
    past = guarded("daily_loss", 0.10)
    lose(past, "ann", 900)
    past.after(12 * 60 - 1).mark(50_000.0, 2_000.0)
    assert agent_value("daily_loss", past.state.agents["ann"]) == 0.09
    past.after(1).mark(50_000.0, 2_000.0)
    assert past.now_ms % DAY_MS == 0
    assert agent_value("daily_loss", past.state.agents["ann"]) == 0.0
    lose(past, "ann", 909)
    assert step(past) == []
    lose(past, "ann", 1)
    assert step(past) == [("tripped", "ann", "daily_loss")]


def test_a_fall_between_the_last_mark_of_a_day_and_the_first_of_the_next_counts_for_the_next():
    past = guarded("daily_loss", 0.10)
    past.trade("ann", BTC, 200, 50_000.0).after(12 * 60 - 1).mark(50_000.0, 2_000.0)
    past.after(1).mark(44_000.0, 2_000.0)
    assert step(past) == [("tripped", "ann", "daily_loss")]


def test_after_a_reset_by_hand_the_daily_loss_begins_where_it_stands():
    past = guarded("daily_loss", 0.10)
    lose(past, "ann", 1_000)
    step(past)
    past.tell(BreakerReset(scope="ann", breaker="daily_loss", by="a person")).mark(50_000.0, 2_000.0)
    assert step(past) == []
    lose(past, "ann", 900)
    assert step(past) == [("tripped", "ann", "daily_loss")]


def test_the_arena_s_daily_loss_is_that_of_all_equity_together():
    past = guarded("daily_loss", 0.10, arena=True)
    lose(past, "ann", 1_999)
    assert step(past) == []
    lose(past, "bob", 1)
    assert step(past) == [("tripped", ARENA, "daily_loss")]
    past.tell(BreakerReset(scope=ARENA, breaker="daily_loss", by="a person")).mark(50_000.0, 2_000.0)
    assert step(past) == []


# --- Daily trades


def test_daily_trades_counts_entries_and_trips_at_its_limit():
    past = guarded("daily_trades", 2.0)
    past.trade("ann", BTC, 1, 50_000.0)
    past.trade("ann", BTC, -1, 50_000.0, reduce_only=True)
    assert step(past) == []
    past.trade("ann", BTC, -1, 50_000.0)
    assert step(past) == [("tripped", "ann", "daily_trades")]
    assert past.state.agents["ann"].breakers["daily_trades"].reason == (
        "ann's daily trades of 2 reached the limit of 2"
    )


def test_daily_trades_begin_anew_at_utc_midnight():
    past = guarded("daily_trades", 2.0)
    past.trade("ann", BTC, 1, 50_000.0).after(12 * 60).mark(50_000.0, 2_000.0)
    assert agent_value("daily_trades", past.state.agents["ann"]) == 0.0
    assert past.state.entries_today == 0
    past.trade("ann", BTC, 1, 50_000.0)
    assert step(past) == []


def test_after_a_reset_by_hand_daily_trades_begin_at_zero():
    past = guarded("daily_trades", 1.0)
    past.trade("ann", BTC, 1, 50_000.0)
    step(past)
    past.tell(BreakerReset(scope="ann", breaker="daily_trades", by="a person"))
    assert step(past) == []


def test_the_arena_s_daily_trades_are_those_of_all_agents():
    past = guarded("daily_trades", 2.0, arena=True)
    past.trade("ann", BTC, 1, 50_000.0)
    assert step(past) == []
    past.trade("bob", BTC, 1, 50_000.0)
    assert step(past) == [("tripped", ARENA, "daily_trades")]
    past.tell(BreakerReset(scope=ARENA, breaker="daily_trades", by="a person"))
    assert step(past) == []
    assert past.state.agents["ann"].entries_today == 1


# --- Losses in a row


def test_consecutive_losses_trip_and_a_win_begins_the_count_anew():
    past = guarded("consecutive_losses", 3.0)
    past.tell(closes("ann", -1), closes("ann", -1), closes("ann", 1), closes("ann", -1), closes("ann", -1))
    assert step(past) == []
    past.tell(closes("bob", -1))
    assert step(past) == []
    past.tell(closes("ann", -1))
    assert step(past) == [("tripped", "ann", "consecutive_losses")]
    tripped = past.state.agents["ann"].breakers["consecutive_losses"]
    assert tripped.reason == "ann's consecutive losses of 3 reached the limit of 3"
    assert tripped.until_ms == past.now_ms + 4 * HOUR_MS


def test_a_trade_without_profit_or_loss_ends_a_row_of_losses():
    past = guarded("consecutive_losses", 2.0)
    past.tell(closes("ann", -1), closes("ann", 0), closes("ann", -1))
    assert step(past) == []


def test_after_its_cool_down_consecutive_losses_begin_at_zero():
    past = guarded("consecutive_losses", 2.0)
    past.tell(closes("ann", -1), closes("ann", -1))
    step(past)
    past.tell(closes("ann", -1))  # its positions are being closed
    past.after(4 * 60)
    assert due(past) == []  # time passes with the market
    past.mark(50_000.0, 2_000.0)
    assert step(past) == [("reset", "ann", "consecutive_losses")]
    assert step(past) == []


# --- Errors


def test_an_error_rate_needs_five_decisions():
    past = guarded("errors", 0.5)
    past.tell(*[fails("ann")] * 4)
    assert agent_value("errors", past.state.agents["ann"]) is None
    assert step(past) == []
    past.tell(fails("ann"))
    assert step(past) == [("tripped", "ann", "errors")]
    tripped = past.state.agents["ann"].breakers["errors"]
    assert tripped.reason == "ann's errors of 100.0% reached the limit of 50.0%"
    assert tripped.until_ms == past.now_ms + HOUR_MS


def test_the_error_rate_trips_at_its_limit_and_not_below():
    past = guarded("errors", 0.5)
    for _ in range(4):
        past.decide("ann")
    past.tell(*[fails("ann")] * 3)
    assert agent_value("errors", past.state.agents["ann"]) == pytest.approx(3 / 7)
    assert step(past) == []
    past.tell(fails("ann"))
    assert step(past) == [("tripped", "ann", "errors")]


def test_the_error_rate_is_measured_over_the_latest_twenty_decisions():
    past = guarded("errors", None)
    past.tell(*[fails("ann")] * 10)
    for _ in range(19):
        past.decide("ann")
    assert agent_value("errors", past.state.agents["ann"]) == 1 / 20
    past.decide("ann")
    assert agent_value("errors", past.state.agents["ann"]) == 0.0


def test_the_arena_s_error_rate_is_over_all_agents():
    past = guarded("errors", 0.5, arena=True)
    past.tell(*[fails("ann")] * 3)
    past.decide("bob")
    assert arena_value("errors", past.state) is None
    past.decide("bob")
    assert arena_value("errors", past.state) == 0.6
    assert step(past) == [("tripped", ARENA, "errors")]


def test_after_a_reset_errors_are_counted_anew():
    past = guarded("errors", 0.5)
    past.tell(*[fails("ann")] * 5, *[fails("bob")] * 4)
    step(past)
    past.tell(BreakerReset(scope="ann", breaker="errors", by="a person"))
    assert step(past) == []
    assert len(past.state.agents["bob"].recent_failures) == 4
    past = guarded("errors", 0.5, arena=True)
    past.tell(*[fails("ann")] * 5, *[fails("bob")] * 4)
    step(past)
    past.tell(BreakerReset(scope=ARENA, breaker="errors", by="a person"))
    assert step(past) == []
    assert past.state.agents["bob"].recent_failures == []


# --- Stale data


def test_stale_data_trips_when_no_instrument_had_a_bar_for_so_long():
    past = guarded("stale_data", 10.0 * MINUTE_MS, arena=True)
    past.after(5).mark(50_000.0, 2_000.0, fresh=(False, True))
    past.after(9).mark(50_000.0, 2_000.0, fresh=(False, False))
    assert arena_value("stale_data", past.state) == 9.0 * MINUTE_MS
    assert step(past) == []
    past.after(1).mark(50_000.0, 2_000.0, fresh=(False, False))
    assert step(past) == [("tripped", ARENA, "stale_data")]
    assert past.state.breakers["stale_data"].reason == (
        "the arena's stale data of 10 min reached the limit of 10 min"
    )
    assert past.state.breakers["stale_data"].status is BreakerStatus.COOLING


def test_stale_data_is_armed_again_by_the_first_fresh_bar():
    past = guarded("stale_data", 10.0 * MINUTE_MS, arena=True)
    past.after(10).mark(50_000.0, 2_000.0, fresh=(False, False))
    step(past)
    past.after(60).mark(50_000.0, 2_000.0, fresh=(False, False))
    assert step(past) == []
    past.after(1).mark(50_000.0, 2_000.0, fresh=(True, False))
    assert step(past) == [("reset", ARENA, "stale_data")]
    assert not past.state.halted


def test_stale_data_that_is_reset_by_hand_trips_again_while_it_is_stale():
    past = guarded("stale_data", 10.0 * MINUTE_MS, arena=True)
    past.after(10).mark(50_000.0, 2_000.0, fresh=(False, False))
    step(past)
    past.tell(BreakerReset(scope=ARENA, breaker="stale_data", by="a person"))
    assert step(past) == [("tripped", ARENA, "stale_data")]


def test_before_the_first_bar_nothing_is_stale():
    past = Past()
    assert arena_value("stale_data", past.state) is None


def test_a_run_that_never_had_a_bar_is_stale_since_it_began():
    past = Past().tell(run_started(agent_limits={}, arena_limits={"stale_data": 10.0 * MINUTE_MS}))
    past.after(9).mark(None, None)
    assert step(past) == []
    past.after(1).mark(None, None)
    assert step(past) == [("tripped", ARENA, "stale_data")]


# --- In general


def test_a_breaker_that_is_off_never_trips():
    past = guarded("drawdown", None)
    lose(past, "ann", 9_999)
    assert agent_value("drawdown", past.state.agents["ann"]) == pytest.approx(0.9999)
    assert step(past) == []


def test_a_cool_down_is_as_long_as_settings_say():
    past = guarded("drawdown", 0.20)
    lose(past, "ann", 2_000)
    limits = BreakerLimits(agent={}, arena={}, cool_down_ms={"drawdown": 5 * MINUTE_MS})
    (tripped,) = due(past, limits)
    assert tripped.until_ms == START_MS + 5 * MINUTE_MS
    assert (tripped.value, tripped.limit) == (0.2, 0.2)


def test_the_arena_s_breakers_speak_before_the_agents_in_start_list_order():
    past = Past.begun(agent_limits={"drawdown": 0.1}, arena_limits={"drawdown": 0.1})
    lose(past, "bob", 2_000)
    lose(past, "ann", 2_000)
    assert step(past) == [
        ("tripped", ARENA, "drawdown"),
        ("tripped", "ann", "drawdown"),
        ("tripped", "bob", "drawdown"),
    ]


def test_a_cool_down_says_that_it_was_no_person():
    past = guarded("consecutive_losses", 1.0)
    past.tell(closes("ann", -1))
    step(past)
    past.after(4 * 60).mark(50_000.0, 2_000.0)
    assert due(past) == [BreakerReset(scope="ann", breaker="consecutive_losses", by="cool-down")]


def test_a_reset_wipes_what_was_told_of_the_trip():
    past = guarded("drawdown", 0.20)
    lose(past, "ann", 2_000)
    step(past)
    past.tell(BreakerReset(scope="ann", breaker="drawdown", by="a person"))
    armed = past.state.agents["ann"].breakers["drawdown"]
    assert (armed.status, armed.reason, armed.stopped) == (BreakerStatus.ARMED, "", "")
    assert (armed.tripped_ms, armed.until_ms, armed.trips) == (None, None, 1)


@pytest.mark.parametrize(
    ("name", "value", "words", "limit"),
    [
        ("drawdown", 0.2, "drawdown of 20.0%", "20.0%"),
        ("daily_loss", 0.0314, "daily loss of 3.1%", "3.1%"),
        ("errors", 1.0, "errors of 100.0%", "100.0%"),
        ("daily_trades", 50.0, "daily trades of 50", "50"),
        ("consecutive_losses", 8.0, "consecutive losses of 8", "8"),
        ("stale_data", 600_000.0, "stale data of 10 min", "10 min"),
        ("consecutive_refusals", 10.0, "consecutive refusals of 10", "10"),
        ("missing_stop", 30_000.0, "time without a stop of 0.5 min", "0.5 min"),
        ("fill_off_mark", 0.1234, "fill off the mark of 12.3%", "12.3%"),
        ("costs", 0.05, "costs of 5.0%", "5.0%"),
        ("blind", 660_000.0, "blindness of 11 min", "11 min"),
        ("feed_age", 61_500.0, "feed age of 61.5 s", "61.5 s"),
        ("clock_skew", 5_000.0, "clock skew of 5 s", "5 s"),
    ],
)
def test_a_value_is_told_with_its_unit(name, value, words, limit):
    assert describe(name, value) == words
    assert describe_limit(name, value) == limit


def test_the_shipped_limits_are_those_of_the_issue():
    assert DRAWDOWN_LIMITS == {"paper": 0.20, "testnet": 0.20, "mainnet": 0.10}
    assert AGENT_LIMITS["daily_trades"] == 50
    assert AGENT_LIMITS["missing_stop"] is None
    assert list(ARENA_LIMITS)[:5] == ["drawdown", "daily_loss", "daily_trades", "stale_data", "errors"]


@pytest.mark.parametrize("scope", ["ann", ARENA])
def test_every_shipped_breaker_can_be_measured(past, scope):
    limits, value_of = (AGENT_LIMITS, agent_value) if scope == "ann" else (ARENA_LIMITS, arena_value)
    measured = past.state.agents["ann"] if scope == "ann" else past.state
    for name in limits:
        value = value_of(name, measured, *([past.state] if scope == "ann" else []))
        assert value is None or value == 0.0


def test_a_breaker_that_trips_by_an_event_alone_counts_its_trips(past):
    event = BreakerTripped(scope="ann", breaker="drawdown", value=1.0, limit=0.2, reason="r", stopped="s")
    past.tell(event, BreakerReset(scope="ann", breaker="drawdown", by="x"), event)
    assert past.state.agents["ann"].breakers["drawdown"].trips == 2
