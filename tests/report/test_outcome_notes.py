"""What became of decisions, as a report has it: what the journal's read model says, at any time."""

import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest

from cockpit.domain.orders import OrderStatus
from cockpit.journal.journal import Journal
from cockpit.journal.reading import read_events
from cockpit.report.collector import collect_session
from cockpit.report.documents import session_document
from cockpit.report.outcome_notes import LinkRole, Outcome, OutcomeCounts, OutcomeLink, OutcomeNotes
from cockpit.report.session import Period
from tests.journal import trade_story
from tests.journal.event_stream import EventStream
from tests.report.story import START_MS, Story

MINUTE_MS = 60_000
STORIES = ("bracket", "late_fill", "liquidation", "split", "enlarged_and_flipped", "denied_and_held")


def read_model(path, columns):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT {columns} FROM ai_outcome_links ORDER BY order_id").fetchall()


def noted(events):
    notes = OutcomeNotes()
    for each in events:
        notes.take(each.event)
    decisions = range(1, 100_000)
    links = [link for own in notes.links(decisions).values() for link in own]
    return sorted(links, key=lambda link: link.order_id)


COLUMNS = "order_id, decision_id, agent, symbol, fills, role, outcome, reason, pnl_micros"


def row(link: OutcomeLink):
    whose = (link.order_id, link.decision_id, link.agent, link.symbol)
    return (*whose, len(link.fill_ids), link.role, link.outcome, link.reason, link.pnl)


async def test_the_links_of_a_busy_arena_are_those_of_the_read_model_at_every_stage(tmp_path):
    journal = Journal.open(tmp_path / "journal.sqlite")
    stream = EventStream(seed=11, agents=6)
    try:
        for _ in range(4):
            for ts_ms, batch in stream.batches(50):
                await journal.commit(stream.run_id, ts_ms, batch)
            found = [row(link) for link in noted(read_events(journal.path))]
            assert found == read_model(journal.path, COLUMNS)
    finally:
        journal.close()
    assert {each[5:7] for each in found} >= {
        ("entry", "win"),
        ("entry", "loss"),
        ("entry", "pending"),
        ("exit", "none"),
        (None, "none"),
    }


@pytest.mark.parametrize("name", STORIES)
async def test_each_story_of_orders_ends_as_in_the_read_model(tmp_path, name):
    story = getattr(trade_story, name)()
    journal = Journal.open(tmp_path / "journal.sqlite")
    try:
        for ts_ms, batch in story.batches:
            await journal.commit("run-1", ts_ms, batch)
        assert [row(link) for link in noted(read_events(journal.path))] == read_model(journal.path, COLUMNS)
    finally:
        journal.close()


def test_the_shares_of_a_split_order_name_it_and_are_not_counted_again(tmp_path):
    notes = OutcomeNotes()
    batches = trade_story.split().batches
    for _, batch in batches:
        for event in batch:
            notes.take(event)
    links = [link for own in notes.links(range(10)).values() for link in own]
    assert [(link.order_id, link.split_from) for link in links] == [(1, None), (2, 1), (3, 1)]
    (counts,) = notes.counts(0).values()
    assert counts == OutcomeCounts(intents=1, filled=1, lost=1)


def story() -> Story:
    """Alice wins, then holds; bob's first order is denied, his second loses after midnight of minute 4."""
    told = Story()
    told.rounds([100])
    told.trade("alice", 100, 100.0, decision_id=told.decide("alice", 0.8))
    told.rounds([110])
    told.trade("alice", -100, 110.0, decision_id=told.decide("alice", 0.5, exposure=0.0))
    told.trade("alice", 100, 110.0, decision_id=told.decide("alice", 0.7))
    denied = told.order("bob", 100, told.decide("bob", 0.9))
    told.end_order(denied, OrderStatus.DENIED, "<b>too large</b>\x1b[31m")
    told.trade("bob", 100, 110.0, decision_id=told.decide("bob", 0.9))
    told.rounds([105])
    told.trade("bob", -100, 105.0)
    told.rounds([105])
    return told


def test_a_decision_leads_to_its_orders_their_fills_and_what_they_brought():
    found = session_document(collect_session(story().events), {})["decisions"]
    (order,) = found[0]["orders"]
    assert order == {
        "order_id": 1,
        "split_from": None,
        "client_order_id": "cockpit-1",
        "symbol": "BTC/USDC:USDC",
        "role": LinkRole.ENTRY,
        "fills": [1],
        "outcome": Outcome.WIN,
        "pnl": Decimal("9.79"),  # 10 less fees of 0.10 and 0.11
        "reason": None,
    }
    rest = [
        (each["decision_id"], order["role"], order["fills"], order["outcome"], order["reason"])
        for each in found[1:]
        for order in each["orders"]
    ]
    assert rest == [
        (2, "exit", [2], "none", "it reduced a position and opened none"),
        (3, "entry", [3], "pending", None),
        (4, None, [], "none", "denied: <b>too large</b>"),
        (5, "entry", [4], "loss", None),
    ]


def test_each_agent_has_its_orders_counted_by_what_became_of_them():
    session = collect_session(story().events)
    alice, bob = (each.noted.outcomes for each in session.agents)
    assert alice == OutcomeCounts(intents=3, filled=3, won=1, pending=1)
    assert bob == OutcomeCounts(intents=2, filled=1, lost=1)
    assert session.arena.noted.outcomes == OutcomeCounts(intents=5, filled=4, won=1, lost=1, pending=1)


def test_a_period_tells_its_decisions_as_they_stood_at_its_end():
    """Bob's loss comes a minute later: a report written later on says the same of the period."""
    told = story()
    period = Period(start_ms=START_MS + 2 * MINUTE_MS, end_ms=START_MS + 3 * MINUTE_MS)
    session = collect_session(told.events, period)
    alice, bob = (each.noted.outcomes for each in session.agents)
    assert alice == OutcomeCounts(intents=2, filled=2, pending=1)
    assert bob == OutcomeCounts(intents=2, filled=1, pending=1)
    assert session.links[5][0].outcome is Outcome.PENDING
    until_then = [each for each in told.events if each.ts_ms < period.end_ms]
    assert collect_session(until_then, period) == session
