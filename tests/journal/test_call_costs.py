"""What models have cost is read from the journal, over all of its runs."""

import asyncio

import pytest

from cockpit.domain.decisions import ModelCall
from cockpit.domain.events import ModelCalled
from cockpit.domain.market import Micros
from cockpit.journal.call_costs import CallCost, read_call_costs
from cockpit.journal.errors import JournalUnavailable
from cockpit.journal.journal import Journal
from tests.trading.arena_facts import START_MS, run_started


def call(call_id, agent="ann", **given):
    asked = {"role": "decide", "model": "m/m", "key": "k", "request": '{"model":"m/m"}', "attempts": 1}
    return ModelCalled(call_id=call_id, agent=agent, round=1, call=ModelCall(**(asked | given)))


def test_every_call_that_was_sent_counts_whatever_its_run_the_oldest_first(tmp_path):
    path = tmp_path / "journal.sqlite"
    journal = Journal.open(path)
    runs = {
        "one": [call(1, cost=Micros(700), asked_ms=5_000), call(2, cost=None, asked_ms=6_000)],
        "two": [
            call(1, "bob", cost=Micros(30), asked_ms=2_000),
            call(2, "bob", cost=Micros(0), attempts=0, fault="budget", asked_ms=0),
            call(3, cost=Micros(90), fault="timeout", attempts=3, asked_ms=9_000),
        ],
    }
    for run, calls in runs.items():
        asyncio.run(journal.commit(run, START_MS, [run_started(), *calls]))
    journal.close()
    assert list(read_call_costs(path)) == [
        CallCost("bob", 2_000, Micros(30), ""),
        CallCost("ann", 5_000, Micros(700), ""),
        CallCost("ann", 6_000, None, '{"model":"m/m"}'),
        CallCost("ann", 9_000, Micros(90), ""),
    ]


def test_a_new_journal_has_none_and_a_missing_one_is_said_to_be(tmp_path):
    path = tmp_path / "journal.sqlite"
    with pytest.raises(JournalUnavailable):
        next(read_call_costs(path))
    Journal.open(path).close()
    assert list(read_call_costs(path)) == []
