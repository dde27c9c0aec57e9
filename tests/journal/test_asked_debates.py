"""Debates that somebody asks for, in the read models: from the asking to what they led to."""

import json
import sqlite3
from contextlib import closing

import pytest

from cockpit.domain.decisions import FailureKind, ModelCall, Target
from cockpit.domain.events import (
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    ModelCalled,
    RoundOpened,
)
from tests.journal.event_stream import EventStream
from tests.trading.test_debate_checks import DEBATE

BTC = "BTC/USDC:USDC"
ANN = "agent_00"
TARGET = Target(symbol=BTC, exposure=0.5, stop=40_000.0, reason="up")


class Story:
    """A run of which a test tells what happens, an event at a time."""

    def __init__(self, journal):
        self.journal = journal

    async def open(self):
        self.ts_ms, batch = next(EventStream(agents=2).batches(0))
        await self.tell(*batch)

    async def tell(self, *events):
        await self.journal.commit("run-1", self.ts_ms, events)

    async def ask(self, number, *, execute=False):
        await self.tell(DebateAsked(debate_id=number, agent=ANN, symbol=BTC, by="alice", execute=execute))

    async def hold(self, number, round_number=0, **told):
        whose = {"agent": ANN, "round": round_number, "first_call_id": 1}
        await self.tell(DebateHeld(debate_id=number, debate=DEBATE, **whose, **told))

    async def decide(self, number, round_number, agent=ANN):
        decision = {"decision_id": number, "confidence": None, "targets": ()}
        await self.tell(DecisionMade(agent=agent, round=round_number, **decision))

    def rows(self, columns, table="debate_sessions"):
        with closing(sqlite3.connect(self.journal.path)) as connection:
            return connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()


@pytest.fixture
async def story(journal):
    story = Story(journal)
    await story.open()
    return story


async def test_one_that_was_asked_for_is_there_before_a_word_is_said(story):
    await story.tell(RoundOpened(round=1, view_hash="0"), RoundOpened(round=2, view_hash="1"))
    await story.ask(1, execute=True)
    columns = 'debate_id, agent, round, symbols, asked, "by", execute, status, asked_ms, horizon_ms, checks'
    assert story.rows(columns) == [
        (1, ANN, 2, f'["{BTC}"]', 1, "alice", 1, "under_way", story.ts_ms, None, "[]")
    ]


async def test_its_end_says_how_it_ended_and_what_it_came_to(story):
    for number in range(1, 4):
        await story.ask(number)
    await story.hold(1, asked=True, proposal=(TARGET,), refused=("ETH: no",), checks=("buy 1: passes",))
    await story.hold(2, asked=True, failed="the judge is mute")
    story.ts_ms += 60_000
    await story.tell(DebateAbandoned(debate_id=3, agent=ANN, reason="the bot was stopped"))
    assert story.rows("debate_id, status, reason, decision_id, agreement, prompt_version") == [
        (1, "held", "", None, None, "v"),
        (2, "failed", "the judge is mute", None, None, "v"),
        (3, "abandoned", "the bot was stopped", None, None, None),
    ]
    _, proposal, refused, checks = story.rows("debate_id, proposal, refused, checks")[0]
    assert json.loads(proposal)[0]["stop"] == 40_000.0
    assert (json.loads(refused), json.loads(checks)) == (["ETH: no"], ["buy 1: passes"])
    ended = story.rows("debate_id, ts_ms - asked_ms, seq > 0")
    assert ended == [(1, 0, 1), (2, 0, 1), (3, 60_000, 1)]
    assert [each[0] for each in story.rows("DISTINCT debate_id", "debate_messages")] == [1, 2]


async def test_its_calls_are_told_from_those_of_rounds(story):
    call = ModelCall(role="judge", model="x/y", key="k", request="{}")
    await story.ask(1)
    for number, debate_id in ((1, None), (2, 1)):
        await story.tell(ModelCalled(call_id=number, agent=ANN, round=0, call=call, debate_id=debate_id))
    assert story.rows("call_id, debate_id", "llm_calls") == [(1, None), (2, 1)]


async def test_debates_of_one_round_are_each_linked_to_what_they_led_to(story):
    await story.tell(RoundOpened(round=1, view_hash="0"))
    await story.ask(1, execute=True)
    await story.hold(2, 1)
    await story.decide(1, 1)
    await story.hold(1, 1, asked=True, proposal=(TARGET,), decision_id=2)
    await story.decide(2, 1)
    await story.decide(3, 1, "agent_01")
    await story.ask(3)
    await story.hold(3, 1, asked=True, proposal=(TARGET,))
    assert story.rows("debate_id, decision_id, status") == [(1, 2, "held"), (2, 1, "held"), (3, None, "held")]


async def test_what_a_debate_led_to_is_not_what_another_of_the_round_failed_to(story):
    await story.tell(RoundOpened(round=1, view_hash="0"))
    await story.ask(1, execute=True)
    await story.hold(2, 1)
    await story.tell(DecisionFailed(agent=ANN, round=1, failure=FailureKind.UNANSWERED, message="no answer"))
    await story.hold(1, 1, asked=True, proposal=(TARGET,), decision_id=1)
    await story.decide(1, 1)
    assert story.rows("debate_id, decision_id, status, reason") == [
        (1, 1, "held", ""),
        (2, None, "failed", "no answer"),
    ]
