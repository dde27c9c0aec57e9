"""Runs and what agents did in them, read from a journal and held against the fold of the same events."""

import json
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from cockpit.domain.decisions import FailureKind, ModelCall
from cockpit.domain.events import (
    AgentGrounded,
    BotStarted,
    CapitalAllocated,
    Contestant,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    ModelCalled,
    OrderMoved,
    RoundClosed,
    RoundOpened,
)
from cockpit.domain.formats import time_of
from cockpit.domain.orders import OrderStatus
from cockpit.journal import agent_views, call_views, library_views, run_views
from cockpit.journal.agent_views import read_reliability
from cockpit.journal.errors import UnknownIdent
from cockpit.journal.journal import Journal
from cockpit.journal.library_views import read_model_figures, read_tool_uses
from cockpit.journal.reading import read_events
from cockpit.journal.run_views import read_run, read_runs
from cockpit.journal.views import JournalReader
from cockpit.journal.writer import JournalWriter
from tests.journal.event_stream import EventStream
from tests.trading.arena_facts import CAPITAL, START_MS, run_started, usd

ROUNDS = 60


@pytest.fixture(scope="module")
def stream():
    """What the newest run came from."""
    return EventStream(agents=4)


@pytest.fixture(scope="module")
def told(tmp_path_factory, stream):
    """A journal of a run that is over, and of one that goes on."""
    path = tmp_path_factory.mktemp("runs") / "journal.sqlite"
    writer = JournalWriter(path)
    for ts_ms, batch in EventStream(seed=1, agents=2, run_id="run-0").batches(3, finish=True):
        writer.append("run-0", ts_ms, batch)
    for ts_ms, batch in stream.batches(ROUNDS):
        writer.append("run-1", ts_ms, batch)
    writer.close()
    return path


@pytest.fixture(scope="module")
def events(told):
    """Market time and event of everything that happened in the newest run."""
    return [(each.ts_ms, each.event) for each in read_events(told) if each.run_id == "run-1"]


@pytest.fixture
async def reader(told):
    async with await JournalReader.open(told) as opened:
        yield opened


def of(events, *types, after_ms=-1):
    return [event for ts_ms, event in events if isinstance(event, types) and ts_ms > after_ms]


async def test_runs_are_told_newest_first_with_how_each_went(reader, events, stream):
    newest, oldest = await read_runs(reader)
    assert (newest["run_id"], oldest["run_id"]) == ("run-1", "run-0")
    assert (oldest["finish_reason"], newest["finish_reason"]) == ("rounds", None)
    assert (newest["agents"], oldest["agents"]) == (4, 2)
    assert newest["began_time"] == time_of(of(events, BotStarted)[0].wall_ms)
    closed_ms = max(ts_ms for ts_ms, event in events if isinstance(event, RoundClosed))
    assert newest["lasted_s"] == (closed_ms - newest["start_ms"]) / 1_000
    assert newest["decisions"] == len(of(events, DecisionMade))
    assert newest["failures"] == len(of(events, DecisionFailed)) > 0
    calls = [each.call for each in of(events, ModelCalled)]
    assert newest["calls"] == len(calls) > 0
    assert newest["unpriced_calls"] == sum(call.cost is None for call in calls) > 0
    assert newest["cost_at_least"] == pytest.approx(sum(call.cost or 0 for call in calls) / 1e6)


async def test_the_limit_keeps_the_newest(reader):
    assert [row["run_id"] for row in await read_runs(reader, 1)] == ["run-1"]


async def test_agents_of_a_run_are_told_with_their_standing_and_what_they_did(reader, events, stream):
    run = await read_run(reader)
    state = stream.state
    cards = {each["agent"]: each for each in run["contestants"]}
    last = of(events, RoundClosed)[-1].equities
    assert list(cards) == list(state.agents)
    for (name, agent), equity in zip(state.agents.items(), last, strict=True):
        card = cards[name]
        assert card["equity"] == equity / 1e6
        assert card["return_percent"] == pytest.approx(100 * (equity - agent.capital) / agent.capital)
        assert (card["decisions"], sum(card["failures"].values())) == (agent.decisions, agent.failures)
        assert (card["refusals"], card["orders"]) == (agent.refused, agent.orders)
        assert (card["trades"], card["wins"]) == (agent.trades, agent.wins)
        assert (card["calls"], card["failed_calls"]) == (agent.model_use.calls, agent.model_use.failed)
    ranks = [cards[name]["rank"] for name in sorted(cards, key=lambda each: -cards[each]["equity"])]
    assert ranks == [1, 2, 3, 4]
    held = Counter(each.agent for each in of(events, DebateHeld) if not each.asked)
    assert {name: card["debates"] for name, card in cards.items() if card["debates"]} == held
    assert any(card["escalations"] for card in cards.values())


async def test_the_last_word_is_that_of_the_last_decision_that_wanted_anything(reader, events):
    for card in (await read_run(reader))["contestants"]:
        made = [
            (ts_ms, event)
            for ts_ms, event in events
            if isinstance(event, DecisionMade) and event.agent == card["agent"] and event.targets
        ]
        ts_ms, event = made[-1]
        assert card["last_word_ms"] == ts_ms
        said = {(each["symbol"], each["reason"]) for each in card["last_words"]}
        assert said == {(each.symbol, each.reason) for each in event.targets}


async def test_an_older_run_is_told_by_its_name_and_an_unknown_one_is_not(reader):
    assert [each["agent"] for each in (await read_run(reader, "run-0"))["contestants"]] == [
        "agent_00",
        "agent_01",
    ]
    with pytest.raises(UnknownIdent, match="no run run-9"):
        await read_run(reader, "run-9")


@pytest.mark.parametrize("rounds_back", [ROUNDS + 1, 20, 1])
async def test_reliability_over_a_stretch_counts_what_happened_in_it(reader, events, rounds_back):
    end_ms = events[-1][0]
    start_ms = end_ms - rounds_back * 3 * 60_000
    found = await read_reliability(reader, "run-1", start_ms, end_ms)
    made = Counter(each.agent for each in of(events, DecisionMade, after_ms=start_ms))
    failed = Counter((each.agent, each.failure) for each in of(events, DecisionFailed, after_ms=start_ms))
    denied = [each for each in of(events, OrderMoved, after_ms=start_ms) if each.after is OrderStatus.DENIED]
    assert {name: row["decisions"] for name, row in found.items() if row["decisions"]} == made
    counted = {(name, kind): n for name, row in found.items() for kind, n in row["failures"].items()}
    assert counted == failed
    assert sum(sum(row["denials"].values()) for row in found.values()) == len(denied)
    assert {rule for row in found.values() for rule in row["denials"]} == {each.rule for each in denied}


async def test_what_a_run_asked_of_models_and_used_of_tools(reader, events):
    figures = await read_model_figures(reader, "run-1")
    calls = [each.call for each in of(events, ModelCalled)]
    for model, row in figures.items():
        own = [call for call in calls if call.model == model]
        latencies = sorted(call.latency_ms for call in own if not call.fault)
        assert (row["calls"], row["failed_calls"]) == (len(own), sum(bool(call.fault) for call in own))
        assert latencies[0] <= row["median_latency_s"] * 1_000 <= latencies[-1]
    assert sum(row["calls"] for row in figures.values()) == len(calls)
    used = Counter(
        (tool, message.role)
        for held in of(events, DebateHeld)
        for message in held.debate.messages
        for tool in message.tools
    )
    uses = await read_tool_uses(reader, "run-1")
    assert {(tool, role): n for tool, roles in uses.items() for role, n in roles.items()} == used
    assert await read_model_figures(reader, "run-9") == {}


async def test_a_median_is_that_of_answered_calls_alone(path):
    latencies = [100, 900, 300, 60_000]
    stream = EventStream(agents=2)
    journal = Journal.open(path)
    for ts_ms, batch in stream.batches(0):
        await journal.commit("run-1", ts_ms, batch)
    asked = {"role": "decide", "model": "x/y", "key": "k", "request": "{}"}
    calls = [
        ModelCall(**asked, latency_ms=each, fault="timeout" if each == 60_000 else "") for each in latencies
    ]
    events = [
        ModelCalled(call_id=number, agent="agent_00", round=1, call=call)
        for number, call in enumerate(calls, start=1)
    ]
    await journal.commit("run-1", START_MS, events)
    journal.close()
    async with await JournalReader.open(path) as reader:
        (row,) = (await read_model_figures(reader, "run-1")).values()
    assert (row["calls"], row["failed_calls"], row["median_latency_s"]) == (4, 1, 0.3)


class Race:
    """A run whose equities a test sets."""

    def __init__(self, *controls: str) -> None:
        names = ("ann", "bob", *controls)
        entries = tuple(
            Contestant(name=each, kind="strategy", summary="", is_control=each in controls) for each in names
        )
        self.events = [
            run_started(contestants=entries, capital_in=CAPITAL * len(names)),
            *(CapitalAllocated(agent=each, amount=CAPITAL) for each in names),
        ]

    def closes(self, *equities: float) -> "Race":
        number = sum(isinstance(each, RoundClosed) for each in self.events) + 1
        self.events.append(RoundOpened(round=number, view_hash="0"))
        self.events.append(RoundClosed(round=number, equities=tuple(map(usd, equities))))
        return self

    async def told(self, path):
        journal = Journal.open(path)
        await journal.commit("run-1", START_MS, self.events)
        journal.close()
        async with await JournalReader.open(path) as reader:
            (row,) = await read_runs(reader)
            return row


@pytest.mark.parametrize(
    ("controls", "equities", "leader", "control"),
    [
        ((), (10_000, 10_100), ("bob", 1.0), (None, None)),
        (("cash",), (9_000, 9_900, 10_000), ("cash", 0.0), ("cash", 0.0)),
        (("cash", "buy_and_hold"), (12_000, 9_900, 10_000, 9_000), ("ann", 20.0), ("buy_and_hold", -10.0)),
        (("cash", "random"), (12_000, 9_900, 9_000, 9_500), ("ann", 20.0), ("random", -5.0)),
        ((), (10_050, 10_050), ("ann", 0.5), (None, None)),
    ],
)
async def test_who_leads_and_what_the_control_earned(path, controls, equities, leader, control):
    row = await Race(*controls).closes(*[5_000] * len(equities)).closes(*equities).told(path)
    assert (row["leader"], row["leader_return_percent"]) == leader
    assert (row["control"], row["control_return_percent"]) == control


async def test_what_cannot_take_part_has_no_rank_and_does_not_lead(path):
    race = Race()
    race.events += [AgentGrounded(agent="bob", reason="no key")]
    row = await race.closes(9_000, 10_000).told(path)
    assert (row["leader"], row["leader_return_percent"]) == ("ann", -10.0)
    async with await JournalReader.open(path) as reader:
        run = await read_run(reader)
    assert {each["agent"]: each["rank"] for each in run["contestants"]} == {"ann": 1, "bob": None}


async def test_who_took_part_before_it_was_grounded_keeps_its_rank(path):
    race = Race()
    race.events += [AgentGrounded(agent="bob", reason="no key")]
    race.events += [DecisionFailed(agent="bob", round=1, failure=FailureKind.TIMEOUT, message="late")]
    assert (await race.closes(9_000, 10_000).told(path))["leader"] == "bob"


async def test_before_a_round_is_closed_nobody_leads_and_nothing_is_zero_that_is_unknown(path):
    row = await Race("cash").told(path)
    assert (row["leader"], row["leader_return_percent"], row["control"]) == (None, None, None)
    assert (row["began_time"], row["cost_at_least"], row["lasted_s"]) == (None, None, 0)
    async with await JournalReader.open(path) as reader:
        run = await read_run(reader)
    assert {(each["rank"], each["equity"], each["pnl"]) for each in run["contestants"]} == {
        (None, None, None)
    }


async def test_a_journal_without_a_run_has_none(path):
    Journal.open(path).close()
    async with await JournalReader.open(path) as reader:
        assert await read_runs(reader) == []
        with pytest.raises(UnknownIdent, match="no run yet"):
            await read_run(reader)


def test_no_prompt_is_read_for_a_figure(told):
    """Questions are long: what sums them up is in an index of their figures."""
    bounds = {"run": "run-1", "runs": json.dumps(["run-1"]), "start_ms": 0, "end_ms": 1, "seq": 1}
    statements = (
        library_views._CALLS,
        library_views._LATENCIES,
        call_views._COSTS_BY_AGENT,
        call_views._COSTS_BY_MODEL,
        run_views._COSTS,
        agent_views._CALLED,
    )
    with closing(sqlite3.connect(told)) as connection:
        for statement in statements:
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", bounds).fetchall()
            (step,) = [row[3] for row in plan if "llm_calls" in row[3]]
            assert "COVERING INDEX" in step, statement
