"""Exposure: what the gate counts and the risk pane shows, whatever the order in which things are kept."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.market import MINUTE_MS
from cockpit.domain.orders import OrderPurpose, OrderStatus
from cockpit.trading.risk import ExposureBook, RiskLimits, refusal_of
from cockpit.trading.risk.exposure import NO_EXPOSURE, Unpriced, at_work, exposure_of, reach_of, worth_of
from cockpit.trading.risk.limits import LIMIT_UNITS
from cockpit.trading.risk.measures import arena_measured, measured
from tests.trading.arena_facts import BTC, ETH, Past, usd
from tests.trading.risk_facts import WIDE, ask, limit, rule


def figures(past, agent="ann", limits=WIDE):
    return {measure.limit: measure.value for measure in measured(past.state, agent, limits)}


def reach(past, agent):
    own = past.state.agents[agent]
    return reach_of(own.account.positions, *at_work(own))


# --- How far an agent reaches


def test_what_works_counts_as_filled_each_way_by_itself(past):
    past.trade("ann", BTC, 100, 50_000.0)
    past.work("ann", BTC, 50)
    past.work("ann", BTC, -30)
    past.work("ann", ETH, -10)
    past.work("ann", BTC, -100, reduce_only=True, purpose=OrderPurpose.STOP)
    past.work("ann", BTC, 500, is_split=True)
    assert reach(past, "ann") == {BTC.symbol: (150, 70), ETH.symbol: (0, -10)}


def test_only_what_is_left_of_an_order_can_still_be_filled(past):
    past.fill(past.work("ann", BTC, 50), 50_000.0, lots=20, fee=0)
    assert reach(past, "ann") == {BTC.symbol: (50, 20)}


def test_what_is_being_closed_makes_no_room_for_an_entry_of_the_other_side(past):
    past.trade("ann", BTC, 100, 50_000.0)
    past.trade("ann", ETH, -100, 2_000.0)
    past.work("ann", BTC, -60, reduce_only=True)
    past.work("ann", BTC, -150)
    past.work("ann", ETH, 100, reduce_only=True, purpose=OrderPurpose.FLATTEN)
    past.work("ann", ETH, 100, reduce_only=True)
    past.work("ann", ETH, 30)
    assert reach(past, "ann") == {BTC.symbol: (100, 40 - 150), ETH.symbol: (30, -100)}


def test_a_turn_round_by_a_close_and_an_entry_is_measured_by_where_it_ends(past):
    limits = replace(WIDE, max_position_notional=usd(6_000))
    past.trade("ann", BTC, 100, 50_000.0)
    past.work("ann", BTC, -100, reduce_only=True)
    assert rule(past, ask(-120), limits) is None
    assert rule(past, ask(-121), limits) == "position_notional"


# --- What the risk pane draws


def test_the_figures_of_an_agent_stand_beside_their_limits(past):
    past.trade("ann", BTC, 100, 50_000.0)
    past.trade("ann", ETH, -150, 2_000.0)
    past.work("ann", ETH, -50)
    past.after(2).mark(50_000.0, 2_000.0, fresh=(True, False))
    past.state.agents["ann"].sent_ms = [past.now_ms]
    assert measured(past.state, "ann", replace(RiskLimits(), leverage=5.0)) == [
        ("max_position_notional", usd(5_000), usd(500_000)),
        ("max_gross_leverage", 0.9, 3.0),
        ("max_margin_use", 0.18, 1.0),
        ("max_concentration", 0.5, 2.0),
        ("max_gross_exposure", usd(9_000), usd(1_000_000)),
        ("max_net_exposure", usd(2_000), usd(1_000_000)),
        ("max_open_orders", 1, 20),
        ("max_orders_per_minute", 1, 60),
        ("max_mark_age_ms", 2 * MINUTE_MS, 10 * MINUTE_MS),
    ]


def test_an_idle_agent_has_figures_of_zero_and_no_age(past):
    idle = figures(past)
    assert idle.pop("max_mark_age_ms") is None
    assert set(idle.values()) == {0}


def test_what_nobody_knows_is_not_zero(past):
    past.trade("ann", BTC, 400, 50_000.0).mark(24_000.0, 2_000.0)
    assert figures(past)["max_gross_leverage"] is None  # no equity is left
    assert figures(past)["max_gross_exposure"] == usd(9_600)
    del past.state.marks[BTC.symbol]
    assert figures(past)["max_gross_exposure"] is None
    assert [each.value for each in arena_measured(past.state, WIDE)] == [None, None]


def test_the_arenas_figures_are_those_of_all_agents(past):
    past.trade("ann", BTC, 100, 50_000.0)
    past.trade("bob", BTC, -100, 50_000.0)
    past.work("bob", ETH, 100)
    assert arena_measured(past.state, RiskLimits()) == [
        ("max_arena_gross_leverage", 0.6, 3.0),
        ("max_arena_net_leverage", 0.1, 3.0),
    ]
    past.work("bob", ETH, 300)
    assert [each.value for each in arena_measured(past.state, WIDE)] == [0.9, 0.4]


@pytest.mark.parametrize(
    "name",
    [
        "max_position_notional",
        "max_gross_leverage",
        "max_margin_use",
        "max_concentration",
        "max_gross_exposure",
        "max_net_exposure",
    ],
)
def test_a_bar_is_full_where_the_gate_begins_to_refuse(past, name):
    past.trade("ann", BTC, 100, 50_000.0)
    reached = past.copy()
    reached.work("ann", BTC, 50)
    full = replace(WIDE, **{name: figures(reached)[name]})
    assert rule(past, ask(50), full) is None
    assert rule(past, ask(51), full) is not None


def test_every_measured_limit_has_a_unit(past):
    names = {*figures(past), *(each.limit for each in arena_measured(past.state, WIDE))}
    assert names < LIMIT_UNITS.keys()
    assert names <= {field.name for field in fields(RiskLimits)}


# --- The book

AGENTS, LISTED = st.sampled_from(["ann", "bob"]), st.sampled_from([BTC, ETH])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["trade", "work"]), AGENTS, LISTED, st.integers(1, 50)),
        st.tuples(st.just("cancel"), AGENTS, st.none(), st.just(0)),
        st.tuples(st.just("mark"), st.none(), st.none(), st.integers(1, 9)),
    ),
    max_size=12,
)


def take(past, what, agent, listed, number):
    lots = number if number % 2 else -number
    if what == "mark":
        past.mark(40_000.0 + 1_000 * number, 2_000.0)
    elif what == "trade":
        past.trade(agent, listed, lots, 50_000.0 if listed is BTC else 2_000.0)
    elif what == "work":
        past.work(agent, listed, lots)
    elif past.state.agents[agent].working:
        past.move(min(past.state.agents[agent].working), OrderStatus.CANCELED)


@settings(max_examples=40)
@given(STEPS, st.booleans())
def test_a_book_that_is_kept_says_what_a_new_one_says(steps, leaves_out):
    past, kept = Past.begun(), ExposureBook()
    for step in steps:
        take(past, *step)
        worth = worth_of(past.state.agreement.instruments, past.state.marks)
        ann, bob = (exposure_of(reach(past, name), worth, 1.0)[:3] for name in ("ann", "bob"))
        assert kept.exposure(past.state)[:3] == tuple(
            one + other for one, other in zip(ann, bob, strict=True)
        )
        if leaves_out:
            assert kept.exposure(past.state, but="bob")[:3] == ann


def test_a_book_forgets_agents_of_another_run(past):
    book = ExposureBook()
    past.trade("ann", BTC, 100, 50_000.0)
    assert book.exposure(past.state)[0] == usd(5_000)
    del past.state.agents["ann"]
    assert book.exposure(past.state) == NO_EXPOSURE


def test_a_book_recovers_from_a_price_that_was_missing(past):
    book = ExposureBook()
    past.trade("ann", BTC, 100, 50_000.0)
    marks = past.state.marks
    past.state.marks = {symbol: mark for symbol, mark in marks.items() if symbol != BTC.symbol}
    with pytest.raises(Unpriced, match=f"{BTC.symbol} has no price"):
        book.exposure(past.state)
    past.state.marks = marks
    assert book.exposure(past.state)[0] == usd(5_000)


# --- What must hold of any past

LIMITS = st.builds(
    RiskLimits,
    max_order_notional=st.integers(1, usd(5_000)),
    max_position_notional=st.integers(1, usd(5_000)),
    max_gross_leverage=st.floats(0.01, 1),
    max_margin_use=st.floats(0.01, 0.1),
    max_concentration=st.floats(0.01, 1),
    max_net_exposure=st.integers(1, usd(5_000)),
    max_open_orders=st.integers(1, 5),
    max_arena_net_leverage=st.floats(0.01, 1),
)


def backwards(past):
    """The same past, with everything that is kept by name in the other order."""
    state = past.copy().state
    state.marks = dict(reversed(state.marks.items()))
    state.agents = dict(reversed(state.agents.items()))
    for agent in state.agents.values():
        agent.working = dict(reversed(agent.working.items()))
        positions = dict(reversed(agent.account.positions.items()))
        agent.account = replace(agent.account, positions=positions)
    return state


@settings(max_examples=60)
@given(STEPS, LIMITS, st.integers(-100, 100).filter(bool), st.sampled_from([BTC, ETH]))
def test_a_verdict_does_not_depend_on_the_order_in_which_things_are_kept(steps, limits, lots, listed):
    past = Past.begun()
    for step in steps:
        take(past, *step)
    for intent in (ask(lots, listed), limit(lots, past.state.marks[listed.symbol], listed)):
        refused, other = (refusal_of(intent, state, limits) for state in (past.state, backwards(past)))
        if refused is not None and refused.rule == "duplicate_order":
            assert other is not None
            assert other.rule == "duplicate_order"  # it names one of several that are alike
        else:
            assert refused == other


@settings(max_examples=40)
@given(STEPS, LIMITS, st.integers(1, 100), st.sampled_from([BTC, ETH]))
def test_no_limit_keeps_a_reduce_only_order_from_reducing(steps, limits, lots, listed):
    past = Past.begun()
    for step in steps:
        take(past, *step)
    held = past.state.agents["ann"].account.positions.get(listed.symbol)
    signed = -lots if held and held.signed_lots > 0 else lots
    refused = refusal_of(ask(signed, listed, reduce_only=True), past.state, limits)
    is_true = held is not None and lots <= abs(held.signed_lots)
    assert (refused is None) == is_true
    assert refused is None or refused.rule == "reduce_only"
