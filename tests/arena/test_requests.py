"""Requests: each is made once, wholly or not at all, whatever becomes of the step it was taken in."""

import asyncio

import pytest

from cockpit.arena.recorder import Recorder
from cockpit.arena.requests import RequestQueue
from cockpit.domain.events import CapitalAllocated, KillSwitchSet, PauseSet
from cockpit.trading.state import ArenaState
from tests.arena.memory_journal import MemoryJournal
from tests.trading.arena_facts import CAPITAL, START_MS, run_started


class Desk:
    """A queue with its recorder and journal."""

    def __init__(self):
        self.journal = MemoryJournal()
        self.recorder = Recorder(sink=self.journal, committed=ArenaState(), monotonic=lambda: 0.0)
        self.recorder.now_ms = START_MS
        self.recorder.emit(run_started(), run_id="run-1")
        for name in ("ann", "bob"):
            self.recorder.emit(CapitalAllocated(agent=name, amount=CAPITAL))
        self.queue = RequestQueue(recorder=self.recorder)
        self.commit()
        self.tried = 0

    def commit(self):
        asyncio.run(self.recorder.commit())
        self.queue.forget()

    def abandon(self):
        """The step the requests were taken in did not count."""
        self.recorder.abandon()
        self.queue.put_back()

    def kill(self):
        self.recorder.emit(KillSwitchSet(on=True, by="a person"))

    def fail_half_way(self):
        self.tried += 1
        self.recorder.emit(PauseSet(on=True, by="a person"))
        raise ZeroDivisionError("half way")

    def switches(self):
        return len(self.journal.events(KillSwitchSet))


@pytest.fixture
def desk():
    return Desk()


def test_a_request_whose_step_was_abandoned_is_made_in_the_next_one_and_once(desk):
    desk.queue.add(desk.kill)
    desk.queue.take()
    desk.abandon()
    assert not desk.recorder.draft.killed
    desk.queue.take()
    desk.commit()
    assert (desk.recorder.committed.killed, desk.switches()) == (True, 1)
    desk.queue.take()
    desk.commit()
    assert desk.switches() == 1


def test_what_counted_is_not_made_again_when_a_later_step_is_abandoned(desk):
    desk.queue.add(desk.kill)
    desk.queue.take()
    desk.commit()
    desk.abandon()
    desk.queue.take()
    desk.commit()
    assert desk.switches() == 1


def test_one_that_fails_leaves_no_trace_takes_nothing_with_it_and_is_never_tried_again(desk):
    before = desk.queue.add(desk.kill)
    failing = desk.queue.add(desk.fail_half_way)
    after = desk.queue.add(lambda: desk.recorder.emit(KillSwitchSet(on=False, by="a person")))
    desk.queue.take()
    assert isinstance(failing.failure, ZeroDivisionError)
    assert (before.failure, after.failure) == (None, None)
    assert not desk.recorder.draft.paused
    desk.abandon()
    desk.queue.take()
    desk.commit()
    assert desk.tried == 1
    assert [each.on for each in desk.journal.events(KillSwitchSet)] == [True, False]
    assert not desk.journal.events(PauseSet)
