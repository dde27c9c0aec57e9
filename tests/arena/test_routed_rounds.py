"""Agents with several models in an arena: what is told and counted, and that a restart changes nothing."""

from copy import deepcopy
from dataclasses import replace

import msgspec
import pytest

from cockpit.agents.models.model_call import ModelReply
from cockpit.agents.skip_gate import SkipRule
from cockpit.arena.assembly import assemble
from cockpit.arena.opening import Past
from cockpit.arena.rounds import account_view
from cockpit.domain.decisions import Decision
from cockpit.domain.events import (
    AskingSkipped,
    DecisionFailed,
    DecisionMade,
    EntriesWithheld,
    Escalated,
    ModelCalled,
)
from cockpit.domain.market import Micros
from cockpit.domain.routing import Routing, RoutingMode
from cockpit.journal.codec import encode_state
from cockpit.journal.routing_summary import read_routing
from cockpit.journal.views import JournalReader
from cockpit.settings.resolve import resolve
from cockpit.settings.sources import ConfigInvalid
from cockpit.trading.invalidation import coin_names
from tests.agents.routing_stage import CLOSE, HOLD, THREE, agent_of, entry, words
from tests.arena.conftest import ScriptedAgent, parts_of
from tests.arena.test_recovery import facts, run_until

ROUNDS = 16
FLAGS = {"arena": {"rounds": ROUNDS}, "market": {"symbols": ["BTC", "SOL"], "speed": "max"}}
ROUTED = (ModelCalled, Escalated, EntriesWithheld, AskingSkipped, DecisionMade, DecisionFailed)


class Thumb:
    """Models answer by a rule of thumb: the same to the same request, and mostly the same as each other."""

    async def call(self, request, purpose):
        number = int(request.key(), 16)
        if number % 5:
            number = int(replace(request, model="any").key(), 16)
        buy = entry(quantity=0.001, stop_loss=1, profit_target=9_000_000, confidence=0.3 + number % 7 / 10)
        sell = entry("sell_to_enter", quantity=0.001, stop_loss=9_000_000, profit_target=1)
        said = words(BTC=(buy, sell, CLOSE, buy, *[HOLD] * 4)[number % 8], SOL=HOLD)
        cost = {"large/z": 5_000}.get(request.model, 100)
        return ModelReply(text=said, cost=Micros(cost), latency_ms=500 + number % 900)

    async def aclose(self):
        """Nothing is open."""


def parts(mode=RoutingMode.CHEAP_FIRST, **skip):
    of = parts_of(FLAGS)
    rule = SkipRule(
        **({"max_move": 0.003, "exit_distance": 0.001, "max_rounds": 4} | skip),
        round_ms=of.agreement.round_interval_ms,
        names=coin_names(of.market.instruments),
    )
    agent = agent_of(
        Thumb(),
        route=replace(THREE, mode=mode, max_drawdown=1.0),
        skip=rule,
        instruments=of.market.instruments,
        start_ms=of.agreement.start_ms,
    )
    made = parts_of(FLAGS, agent)
    return replace(made, rules=replace(made.rules, timeouts_s={"ann": 5.0}))


def told(stage, *types, run_id="run-1"):
    return [each.event for each in stage.journal.events(run_id=run_id) if isinstance(each.event, types)]


@pytest.mark.parametrize("mode", list(RoutingMode))
async def test_each_escalation_and_each_skipped_round_is_an_event_and_counted(stage, mode):
    coordinator = await stage.begin(parts(mode))
    await coordinator.run()
    escalated, withheld, skipped = (told(stage, kind) for kind in (Escalated, EntriesWithheld, AskingSkipped))
    assert escalated
    assert skipped
    assert bool(withheld) is (mode is RoutingMode.ESCALATION_ONLY)
    use = coordinator.recorder.committed.agents["ann"].routing
    assert use.escalations == len(escalated)
    assert use.changed == sum(each.escalation.changed is True for each in escalated)
    assert (use.withheld, use.skipped) == (len(withheld), len(skipped))
    asked = {event.round for event in told(stage, ModelCalled)}
    assert asked.isdisjoint(each.round for each in skipped)
    assert len(asked) + len(skipped) == ROUNDS


async def test_who_decided_is_told_after_what_was_asked_and_before_what_was_decided(stage):
    coordinator = await stage.begin(parts())
    await coordinator.run()
    orders = {}
    for event in told(stage, *ROUTED):
        orders.setdefault(event.round, []).append(type(event))
    kinds = {tuple(dict.fromkeys(order)) for order in orders.values()}
    assert kinds <= {
        (ModelCalled, DecisionMade),
        (ModelCalled, DecisionFailed),
        (ModelCalled, Escalated, DecisionMade),
        (ModelCalled, Escalated, DecisionFailed),
        (AskingSkipped, DecisionMade),
    }
    assert (ModelCalled, Escalated, DecisionMade) in kinds
    assert (AskingSkipped, DecisionMade) in kinds


async def test_rounds_that_were_skipped_are_no_invocations(stage):
    coordinator = await stage.begin(parts())
    await coordinator.run()
    state = coordinator.recorder.committed
    asked = {event.round for event in told(stage, ModelCalled)}
    assert account_view(state, "ann").rounds_asked == len(asked)


@pytest.mark.parametrize("mode", list(RoutingMode))
async def test_what_models_cost_and_changed_is_in_the_read_models(stage, mode):
    coordinator = await stage.begin(parts(mode))
    await coordinator.run()
    async with await JournalReader.open(stage.path / "journal.sqlite") as reader:
        (summary,) = (await read_routing(reader, "run-1")).values()
    agent = coordinator.recorder.committed.agents["ann"]
    assert summary.cost == agent.model_use.cost > 0
    assert summary.cheap_cost == 100 * sum(
        event.call.role.startswith("cheap") for event in told(stage, ModelCalled)
    )
    escalations = [event.escalation for event in told(stage, Escalated)]
    assert summary.powerful_cost == sum(each.powerful_cost for each in escalations)
    assert (summary.escalations, summary.changed) == (agent.routing.escalations, agent.routing.changed)
    assert (summary.withheld, summary.skipped) == (agent.routing.withheld, agent.routing.skipped)
    assert summary.rounds + summary.skipped == ROUNDS


@pytest.mark.parametrize(("fraction", "has_snapshot"), [(0.4, False), (0.6, True), (0.9, True)])
async def test_a_run_that_was_killed_goes_on_with_the_same_rounds_skipped(stage, fraction, has_snapshot):
    whole = await stage.begin(parts(), run_id="whole")
    await whole.run()
    uninterrupted = facts(stage.journal, "whole")
    played = parts()
    coordinator = await stage.begin(played)
    first_seq = stage.journal.last_seq
    past = Past()
    if has_snapshot:
        await run_until(coordinator, first_seq + int(fraction * 0.7 * len(uninterrupted)))
        memories = {name: msgspec.json.decode(agent.memory()) for name, agent in played.agents.items()}
        past = Past(state=deepcopy(coordinator.recorder.committed), memories=memories)
    await run_until(coordinator, first_seq + int(fraction * len(uninterrupted)))
    after_seq = past.state.seq if has_snapshot else 0
    past = replace(past, events=stage.journal.events(after_seq=after_seq, run_id="run-1"))
    again = await stage.take_up(parts(), past)
    assert encode_state(again.recorder.committed) == encode_state(coordinator.recorder.committed)
    await again.run()
    assert facts(stage.journal) == uninterrupted


async def test_a_routing_that_can_t_be_written_down_is_a_failed_decision(stage):
    junk = ScriptedAgent("junk", lambda *_: Decision(agent="junk", targets=(), routing=Routing(skipped=7)))
    coordinator = await stage.begin(parts_of({**FLAGS, "arena": {"rounds": 2}}, junk))
    await coordinator.run()
    messages = {event.message for event in told(stage, DecisionFailed)}
    assert messages == {"junk: its routing can't be written down: its reason to skip is int, not text"}


async def test_an_agent_sees_how_far_its_account_is_down(stage):
    coordinator = await stage.begin(parts())
    watch = coordinator.recorder.committed.agents["ann"].watch
    assert account_view(coordinator.recorder.committed, "ann").drawdown == 0
    watch.equity = Micros(watch.guard_peak * 3 // 4)
    assert account_view(coordinator.recorder.committed, "ann").drawdown == pytest.approx(0.25)


# --- From settings


def assembled(agent, environment=None):
    settings = resolve(environment={}, flags={"agents": [{"name": "ann", "kind": "llm"} | agent]}).settings
    return assemble(settings, "test", environment or {}).agents["ann"]


ROUTING = {"cheap": ["deepseek/deepseek-chat", "groq/small"], "mode": "escalation_only"}


def test_an_agent_is_grounded_while_the_key_of_any_of_its_models_is_missing():
    agent = {"model": "openai/gpt-4o", "mind": {"routing": ROUTING}}
    keys = {"DEEPSEEK_API_KEY": "x", "GROQ_API_KEY": "x", "OPENAI_API_KEY": "x"}
    assert assembled(agent, keys).grounded == ""
    for missing in keys:
        others = {name: key for name, key in keys.items() if name != missing}
        assert f"set {missing}" in assembled(agent, others).grounded


def test_it_says_which_models_it_asks():
    told = assembled({"model": "openai/gpt-4o", "mind": {"routing": ROUTING}}).summary
    assert told.startswith(
        "asks deepseek/deepseek-chat, groq/small and, where it takes that, openai/gpt-4o, "
    )
    assert assembled({"mind": {"routing": ROUTING | {"powerful": "openai/gpt-4o"}}}).summary == told


@pytest.mark.parametrize(
    ("agent", "message"),
    [
        ({"mind": {"routing": ROUTING}}, "agent ann: an agent of kind llm needs a model"),
        (
            {"model": "x/y", "mind": {"routing": ROUTING | {"powerful": "x/z"}}},
            "agent ann: its model is x/y and its powerful one x/z",
        ),
        ({"model": "groq/small", "mind": {"routing": ROUTING}}, "groq/small is both cheap and powerful"),
    ],
)
def test_models_that_contradict_each_other_are_refused(agent, message):
    with pytest.raises(ConfigInvalid, match=message):
        assembled(agent)
