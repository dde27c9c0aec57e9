"""Debates in the journal: what was said, what it came to, and how right each role was."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from cockpit.domain.debates import Debate, DebateMessage, Stance, SymbolConsensus, SymbolStance
from cockpit.domain.decisions import FailureKind, ModelCall
from cockpit.domain.events import (
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    ModelCalled,
    OrderCreated,
    RoundOpened,
)
from cockpit.domain.market import MINUTE_MS
from cockpit.journal.journal import Journal
from cockpit.journal.views import JournalReader
from cockpit.trading.forecasts import role_scores
from tests.journal.event_stream import EventStream
from tests.journal.forecast_view import read_forecasts

BTC = "BTC/USDC:USDC"
LONG, SHORT, FLAT = Stance.LONG, Stance.SHORT, Stance.FLAT
HORIZON_MS = 6 * MINUTE_MS


def said(role, stance, turn=1, confidence=0.6, **how):
    stances = () if stance is None else (SymbolStance(symbol=BTC, stance=stance, confidence=confidence),)
    return DebateMessage(turn=turn, role=role, model="x/y", stances=stances, **how)


def debate(mark, *messages, shadow=None):
    view = SymbolConsensus(symbol=BTC, stance=LONG, confidence=0.6, agreement=0.5, opinions=2, mark=mark)
    return Debate(
        symbols=(BTC,),
        messages=messages,
        consensus=(view,),
        agreement=0.5,
        is_disagreed=True,
        shadow=shadow,
        prompt_version="v",
        horizon_ms=HORIZON_MS,
    )


class Story:
    """A run in which debates are held when a test says so."""

    def __init__(self, journal: Journal):
        self.journal = journal
        self.stream = EventStream(agents=2)
        self.rounds = 0
        self.debates = 0
        self.decisions = 0
        self.calls = 0

    async def open(self):
        self.ts_ms, batch = next(self.stream.batches(0))
        await self.journal.commit("run-1", self.ts_ms, batch)

    async def hold(self, minutes, held, *, agent="agent_00", fails=False, calls=0):
        self.rounds += 1
        self.debates += 1
        self.ts_ms += minutes * MINUTE_MS
        whose = {"agent": agent, "round": self.rounds}
        call = ModelCall(role="bull", model="x/y", key="k", request="{}")
        first = self.calls + 1
        events = [RoundOpened(round=self.rounds, view_hash="0")]
        events += [ModelCalled(call_id=first + number, call=call, **whose) for number in range(calls)]
        events += [DebateHeld(debate_id=self.debates, first_call_id=first, debate=held, **whose)]
        self.calls += calls
        if fails:
            events += [DecisionFailed(failure=FailureKind.TIMEOUT, message="late", **whose)]
        else:
            self.decisions += 1
            events += [DecisionMade(decision_id=self.decisions, confidence=None, targets=(), **whose)]
        await self.journal.commit("run-1", self.ts_ms, events)

    async def forecasts(self):
        async with await JournalReader.open(self.journal.path) as reader:
            return await read_forecasts(reader, "run-1")

    def rows(self, query):
        with closing(sqlite3.connect(self.journal.path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]


@pytest.fixture
async def story(journal):
    story = Story(journal)
    await story.open()
    return story


async def test_a_debate_is_there_with_all_that_was_said_and_the_decision_after_it(story):
    bull = said("bull", LONG, signals=("RSI 28",), argument="Up.", tools=("quote",), call=1)
    bear = said("bear", None, failed="too slow", call=2)
    shadow = said("shadow", FLAT, turn=0, call=4)
    await story.hold(3, debate(50_000.0, bull, bear), fails=True)
    await story.hold(3, debate(50_000.0, bull, bear, said("judge", LONG, turn=2), shadow=shadow), calls=5)
    sessions = story.rows(
        "SELECT debate_id, agent, round, agreement, is_disagreed, decision_id FROM debate_sessions_readable"
    )
    whose = {"agent": "agent_00", "agreement": 0.5, "is_disagreed": 1}
    assert sessions == [
        whose | {"debate_id": 1, "round": 1, "decision_id": None},
        whose | {"debate_id": 2, "round": 2, "decision_id": 1},
    ]
    messages = story.rows(
        "SELECT number, turn, role, argument, signals, tools, failed, call_id FROM debate_messages"
        " WHERE debate_id = 2"
    )
    assert [(each["number"], each["turn"], each["role"], each["call_id"]) for each in messages] == [
        (1, 1, "bull", 2), (2, 1, "bear", 3), (3, 2, "judge", None), (4, 0, "shadow", 5),
    ]  # fmt: skip
    first = messages[0]
    assert (first["argument"], json.loads(first["signals"]), json.loads(first["tools"])) == (
        "Up.", ["RSI 28"], ["quote"]
    )  # fmt: skip
    assert messages[1]["failed"] == "too slow"
    [consensus] = story.rows(
        "SELECT symbol, stance, confidence, agreement, opinions, mark FROM debate_consensus"
        " WHERE debate_id = 2"
    )
    assert consensus == {
        "symbol": BTC, "stance": "long", "confidence": 0.6, "agreement": 0.5, "opinions": 2, "mark": 50_000.0
    }  # fmt: skip


async def test_what_became_of_a_debate_s_decision_is_found_through_it(journal, stream):
    for ts_ms, given in stream.batches(60):
        batch = list(given)
        held = next((each for each in batch if isinstance(each, DebateHeld)), None)
        if held is not None:
            made = [each for each in batch if isinstance(each, DecisionMade) and each.agent == held.agent]
            orders = [each for each in batch if isinstance(each, OrderCreated)]
            order = replace(orders[0].order, decision_id=made[-1].decision_id)
            batch[batch.index(orders[0])] = OrderCreated(order=order)
            break
        await journal.commit(stream.run_id, ts_ms, batch)
    await journal.commit(stream.run_id, ts_ms, batch)
    story = Story(journal)
    found = story.rows("SELECT debate_id, decision_id, order_id, symbol FROM debate_outcomes")
    assert found == [
        {"debate_id": 1, "decision_id": order.decision_id, "order_id": order.order_id, "symbol": order.symbol}
    ]


async def test_a_role_s_last_word_counts_against_the_price_at_the_end_of_the_horizon(story):
    speaking = (said("bull", LONG), said("bear", SHORT), said("bull", FLAT, turn=2, confidence=0.9))
    await story.hold(3, debate(100.0, *speaking, shadow=said("shadow", LONG, turn=0)))
    await story.hold(3, debate(200.0, said("bull", LONG)))
    await story.hold(3, debate(101.0, said("bear", SHORT)), agent="agent_01")
    forecasts = await story.forecasts()
    assert [(each.agent, each.role, each.stance, each.mark, each.mark_after) for each in forecasts] == [
        ("agent_00", "bear", SHORT, 100.0, 101.0),
        ("agent_00", "bull", FLAT, 100.0, 101.0),
        ("agent_00", "shadow", LONG, 100.0, 101.0),
        ("agent_00", "bull", LONG, 200.0, None),
        ("agent_01", "bear", SHORT, 101.0, None),
    ]
    scores = {(each.agent, each.role): each for each in role_scores(forecasts)}
    assert scores["agent_00", "bull"].forecasts == 2
    assert scores["agent_00", "bull"].scored == 1
    assert scores["agent_00", "shadow"].hit_rate == 1.0


async def test_a_price_that_comes_too_late_scores_nothing(story):
    await story.hold(3, debate(100.0, said("bull", LONG)))
    await story.hold(13, debate(150.0, said("bull", LONG)))
    assert [each.mark_after for each in await story.forecasts()] == [None, None]


async def test_where_there_was_no_price_the_next_one_counts(story):
    await story.hold(3, debate(100.0, said("bull", LONG)))
    await story.hold(6, debate(None, said("bull", LONG)))
    await story.hold(3, debate(120.0, said("bull", LONG)))
    assert [each.mark_after for each in await story.forecasts()] == [120.0, None, None]


async def test_a_debate_of_another_run_has_no_part_in_it(story):
    await story.hold(3, debate(100.0, said("bull", LONG)))
    async with await JournalReader.open(story.journal.path) as reader:
        assert await read_forecasts(reader, "run-9") == []
        assert len(await read_forecasts(reader, "run-1")) == 1
