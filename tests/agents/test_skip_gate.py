"""Rounds in which no model is asked: only while nothing has moved, and after a restart the same ones."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.agents.models.model_call import CallFailed, CallFault
from cockpit.agents.skip_gate import LastAsked, SkipRule, gate
from cockpit.domain.decisions import Decision, DecisionFailure, Target, Thesis
from cockpit.domain.formats import time_of
from cockpit.domain.market import HOUR_MS
from cockpit.trading.decision_checks import decision_fault
from cockpit.trading.invalidation import coin_names
from tests.agents.routing_stage import (
    BTC_PRICE,
    ETH_PRICE,
    HOLD,
    OWN,
    ROUND_MS,
    ROUTE,
    ScriptedModels,
    agent_of,
    entry,
    holding,
    view_of,
    words,
)
from tests.trading.arena_facts import BTC, ETH, START_MS

RULE = SkipRule(
    max_move=0.001,
    exit_distance=0.01,
    max_rounds=3,
    round_ms=ROUND_MS,
    names=coin_names((BTC, ETH)),
)
VIEW = view_of()
FLAT = LastAsked.of(VIEW, OWN)
NOTHING = words(BTC=HOLD)


def verdict(view=VIEW, own=OWN, last=FLAT, rule=RULE):
    return gate(rule, last, view, own)


# --- Nothing moved

# fmt: off
MOVES = [
    # BTC, ETH, why it asks (empty: it does not)
    (BTC_PRICE,          ETH_PRICE,          ""),
    (BTC_PRICE * 1.0009, ETH_PRICE * 0.9991, ""),
    (BTC_PRICE * 1.0011, ETH_PRICE,          "BTC moved by 0.110%"),
    (BTC_PRICE * 0.9989, ETH_PRICE,          "BTC moved by 0.110%"),
    (BTC_PRICE,          ETH_PRICE * 1.05,   "ETH moved by 5.000%"),
    (BTC_PRICE * 1.002,  ETH_PRICE * 1.05,   "ETH moved by 5.000%"),
]
# fmt: on


@pytest.mark.parametrize(("btc", "eth", "reason"), MOVES)
def test_a_round_is_skipped_while_no_coin_has_moved(btc, eth, reason):
    found = verdict(view_of(btc, eth))
    assert found.skips is not bool(reason)
    assert reason in found.reason


def test_why_it_is_skipped_is_told_with_figures():
    found = verdict(view_of(BTC_PRICE * 1.0005), last=replace(FLAT, skipped=1))
    assert found.reason == "no coin moved by more than 0.050%, round 2 of at most 3 in a row"


@pytest.mark.parametrize(("skipped", "skips"), [(0, True), (2, True), (3, False), (9, False)])
def test_only_so_many_rounds_in_a_row_are_skipped(skipped, skips):
    assert verdict(last=replace(FLAT, skipped=skipped)).skips is skips


def test_without_an_earlier_decision_it_asks():
    assert not verdict(last=None).skips


@pytest.mark.parametrize(
    "own",
    [
        replace(OWN, lessons=("ETH: leverage 1000 is over 20",)),
        replace(OWN, broken={BTC.symbol: "price < 49000"}),
        holding(100),
    ],
)
def test_it_asks_where_there_is_something_to_tell_or_its_positions_have_changed(own):
    assert not verdict(own=own).skips


def test_a_coin_that_had_no_price_is_news():
    last = replace(FLAT, marks={BTC.symbol: BTC_PRICE})
    assert verdict(last=last).reason == "there is a coin that had no price"


@settings(max_examples=60)
@given(
    moves=st.lists(st.floats(0.99, 1.01), min_size=2, max_size=2),
    last=st.floats(0.98, 1.02),
    skipped=st.integers(0, 4),
)
def test_what_is_skipped_never_moved_further_than_settings_say(moves, last, skipped):
    view = replace(VIEW, marks={BTC.symbol: BTC_PRICE * moves[0], ETH.symbol: ETH_PRICE * moves[1]})
    known = LastAsked(marks={BTC.symbol: BTC_PRICE * last, ETH.symbol: ETH_PRICE}, lots={}, skipped=skipped)
    if verdict(view, last=known).skips:
        assert all(abs(view.marks[each] / known.marks[each] - 1) <= 0.001 for each in view.marks)
        assert skipped < 3


# --- Positions near an exit

# fmt: off
EXITS = [
    # lots, stop, target, which one is near
    (100,  49_000.0, 55_000.0, ""),
    (100,  49_600.0, 55_000.0, "stop"),
    (100,  50_100.0, 55_000.0, "stop"),        # passed already
    (100,  45_000.0, 50_400.0, "target"),
    (100,  45_000.0, 49_900.0, "target"),
    (100,  None,     None,     ""),
    (-100, 51_000.0, 45_000.0, ""),
    (-100, 50_400.0, 45_000.0, "stop"),
    (-100, 55_000.0, 49_600.0, "target"),
]
# fmt: on


@pytest.mark.parametrize(("lots", "stop", "take_profit", "near"), EXITS)
def test_it_asks_while_a_position_is_near_its_stop_or_target(lots, stop, take_profit, near):
    target = Target(symbol=BTC.symbol, exposure=1.0 if lots > 0 else -1.0, stop=stop, take_profit=take_profit)
    own = holding(lots, targets={BTC.symbol: target})
    found = verdict(own=own, last=LastAsked.of(VIEW, own))
    assert found.skips is not bool(near)
    if near:
        assert found.reason == f"BTC is near its {near}"


NOW_MS = VIEW.ts_ms
# fmt: off
INVALIDATIONS = [
    # the mark is 50,000; the position is 15 minutes old, and the next round is in 3
    ("price < 49000",                          False),
    ("price < 49600",                          True),
    ("price < 60000",                          True),    # met: the arena is about to tell
    ("price > 51000",                          False),
    ("price > 50400",                          True),
    ("3m close < 49600",                       True),
    ("3m close < 49000",                       False),
    ("price crosses below 49000",              False),
    ("price breaks above 50300",               True),
    ("ETH price < 1000",                       False),
    ("ETH price < 1990",                       True),
    ("3m RSI < 20",                            True),    # what a price does not tell may always be near
    ("after 48h",                              False),
    ("after 18m",                              True),
    (f"time > {time_of(NOW_MS + HOUR_MS)}",    False),
    (f"time > {time_of(NOW_MS + ROUND_MS)}",   True),
    (f"time < {time_of(NOW_MS + HOUR_MS)} and price < 49600", True),    # it holds so far
    (f"time < {time_of(NOW_MS + HOUR_MS)} and price < 49000", False),
    ("price < 49600 and after 48h",            False),   # both have to come about
    ("price < 49600 and after 15m",            True),
    ("price < 60000 and after 48h",            False),
    ("price < 40000 or after 15m",             True),
    ("price < 40000 or after 48h",             False),
    ("when the mood turns",                    True),    # nobody but the model watches it
    ("",                                       False),
]
# fmt: on


@pytest.mark.parametrize(("text", "near"), INVALIDATIONS)
def test_it_asks_while_what_would_prove_it_wrong_may_come_about(text, near):
    target = Target(symbol=BTC.symbol, exposure=1.0, thesis=Thesis(invalidation=text))
    own = holding(100, targets={BTC.symbol: target})
    assert own.account.positions[BTC.symbol].opened_ms == NOW_MS - 5 * ROUND_MS == START_MS
    found = verdict(own=own, last=LastAsked.of(VIEW, own))
    assert found.skips is not near, found.reason


# --- As an agent does it

PRICES = (1.0, 1.0005, 1.0002, 1.0004, 1.0001, 1.0001, 1.003, 1.0031, 1.0032)
ASKED = (True, False, False, False, True, False, True, False, False)
"""After three skipped rounds it asks; and where BTC has moved by more than 0.1 % since it asked."""


def agent_and_models(*answers, **given):
    models = ScriptedModels().say("large/z", *(answers or [NOTHING] * 20))
    return agent_of(models, skip=RULE, **given), models


def views():
    return [view_of(BTC_PRICE * price, number=5 + index) for index, price in enumerate(PRICES)]


async def test_skipped_rounds_cost_nothing_and_keep_its_word():
    agent, models = agent_and_models()
    answers = [await agent.decide(view, OWN) for view in views()]
    assert tuple(not answer.routing for answer in answers) == ASKED
    assert [purpose.round for _, purpose in models.asked] == [5, 9, 11]
    for answer in answers:
        assert decision_fault(answer, "ann", VIEW.marks, VIEW.instruments) is None
        if answer.routing:
            assert answer == Decision(agent="ann", targets=(), routing=answer.routing)
            assert "in a row" in answer.routing.skipped


@pytest.mark.parametrize("restart_at", range(1, len(PRICES)))
@pytest.mark.parametrize("snapshot_at", [0, 2, 4])
async def test_after_a_restart_it_skips_the_same_rounds(restart_at, snapshot_at):
    agent, _ = agent_and_models()
    memory, given = b"null", views()
    for number, view in enumerate(given[:restart_at]):
        if number == snapshot_at:
            memory = agent.memory()
        await agent.decide(view, OWN)
    again, _ = agent_and_models()
    if snapshot_at < restart_at:
        again.restore(json.loads(memory))
    for view in given[snapshot_at if snapshot_at < restart_at else 0 : restart_at]:
        again.relive(view, OWN)
    assert again.memory() == agent.memory()
    answers = [await again.decide(view, OWN) for view in given[restart_at:]]
    assert tuple(not answer.routing for answer in answers) == ASKED[restart_at:]


async def test_after_a_failure_the_next_round_is_asked():
    down = CallFailed(CallFault.SERVER, "the provider is down")
    agent, models = agent_and_models(down, NOTHING)
    first, second, *_ = views()
    assert isinstance(await agent.decide(first, OWN), DecisionFailure)
    agent.forget()
    assert (await agent.decide(second, OWN)).routing is None
    assert len(models.asked) == 2


async def test_what_it_has_just_done_is_looked_at_once():
    agent, models = agent_and_models(words(BTC=entry()), NOTHING)
    await agent.decide(VIEW, OWN)
    target = Target(symbol=BTC.symbol, exposure=1.0, stop=45_000.0, take_profit=55_000.0)
    own = holding(100, targets={BTC.symbol: target})
    assert (await agent.decide(view_of(number=6), own)).routing is None
    assert (await agent.decide(view_of(number=7), own)).routing.skipped
    assert len(models.asked) == 2


async def test_a_route_and_skipping_go_together():
    models = ScriptedModels().say("small/a", NOTHING)
    agent = agent_of(models, skip=RULE, route=ROUTE)
    first, second, *_ = views()
    assert (await agent.decide(first, OWN)).calls[0].role == "cheap"
    assert (await agent.decide(second, OWN)).routing.skipped


def test_a_strange_memory_is_refused():
    agent, _ = agent_and_models()
    for memory in ({"marks": {}}, [1], "x", {"marks": {"BTC": "much"}, "lots": {}}):
        with pytest.raises(ValueError, match="memory of ann"):
            agent.restore(memory)
