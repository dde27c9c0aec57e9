"""An event changes a draft, is made durable, and only then counts and is shown."""

import asyncio
from copy import deepcopy

import pytest

from cockpit.arena import recorder as recorder_module
from cockpit.arena.recorder import LedgerLeak, Recorder
from cockpit.domain.events import CapitalAllocated, JournalOutage, KillSwitchSet, PauseSet
from cockpit.trading.allocation import AllocationError
from cockpit.trading.fold import FoldError, apply
from cockpit.trading.state import ArenaState
from tests.arena.memory_journal import MemoryJournal
from tests.trading.arena_facts import CAPITAL, START_MS, run_started, usd

ON, OFF = KillSwitchSet(on=True, by="a test"), KillSwitchSet(on=False, by="a test")


class Clock:
    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        self.seconds += 0.25
        return self.seconds


@pytest.fixture(autouse=True)
def _hasty(monkeypatch):
    monkeypatch.setattr(recorder_module, "RETRY_SECONDS", 0.001)


@pytest.fixture
def journal():
    return MemoryJournal()


@pytest.fixture
async def recorder(journal):
    begun = Recorder(sink=journal, committed=ArenaState(), monotonic=Clock())
    begun.now_ms = START_MS
    begun.emit(run_started(), run_id="run-1")
    for name in ("ann", "bob"):
        begun.emit(CapitalAllocated(agent=name, amount=CAPITAL))
    await begun.commit()
    return begun


async def test_an_event_changes_the_draft_at_once_and_what_counts_only_once_it_is_durable(recorder, journal):
    recorder.emit(ON)
    assert recorder.draft.killed
    assert not recorder.committed.killed
    assert ON not in journal.events(KillSwitchSet)
    await recorder.commit()
    assert recorder.committed.killed
    assert recorder.committed == recorder.draft


async def test_a_new_run_is_named_by_its_first_event(recorder):
    assert recorder.committed.run_id == "run-1"
    recorder.emit(ON)
    await recorder.commit()
    assert recorder.committed.run_id == "run-1"


async def test_what_was_emitted_since_a_mark_is_dropped_and_what_was_before_it_is_not(recorder, journal):
    recorder.now_ms = START_MS + 60_000
    recorder.emit(ON)
    mark, marked = recorder.mark, deepcopy(recorder.draft)
    recorder.emit(PauseSet(on=True, by="a test"))
    recorder.emit(OFF)
    recorder.rewind(mark)
    assert recorder.draft == marked
    await recorder.commit()
    assert (recorder.committed.killed, recorder.committed.paused) == (True, False)
    assert recorder.committed == recorder.draft
    assert (journal.recorded[-1].event, journal.recorded[-1].ts_ms) == (ON, START_MS + 60_000)


async def test_a_run_that_is_not_durable_yet_keeps_its_name_when_something_after_it_is_dropped(journal):
    begun = Recorder(sink=journal, committed=ArenaState(), monotonic=Clock())
    begun.now_ms = START_MS
    begun.emit(run_started(), run_id="run-1")
    mark = begun.mark
    begun.emit(CapitalAllocated(agent="ann", amount=CAPITAL))
    begun.rewind(mark)
    await begun.commit()
    assert [each.run_id for each in journal.recorded] == ["run-1"]
    assert begun.committed.agents["ann"].capital == 0


async def test_one_commit_has_one_time(recorder, journal):
    recorder.now_ms = START_MS + 60_000
    recorder.emit(ON)
    recorder.emit(OFF)
    await recorder.commit()
    assert [each.ts_ms for each in journal.recorded[-2:]] == [START_MS + 60_000] * 2
    assert recorder.committed.ts_ms == START_MS + 60_000


async def test_the_draft_counts_on_where_the_journal_ends():
    journal = MemoryJournal(first_seq=42)
    recorder = Recorder(sink=journal, committed=ArenaState(seq=41), monotonic=Clock())
    recorder.now_ms = START_MS
    recorder.emit(run_started(), run_id="run-2")
    assert recorder.draft.seq == 42
    await recorder.commit()
    assert recorder.committed == recorder.draft


async def test_nothing_emitted_is_nothing_written(recorder, journal):
    attempts = journal.attempts
    await recorder.commit()
    assert journal.attempts == attempts


async def test_listeners_are_told_of_what_counts_in_order(recorder, journal):
    told = []
    recorder.listen(lambda events: told.append((list(events), recorder.committed.killed)))
    recorder.emit(ON)
    recorder.emit(PauseSet(on=True, by="a test"))
    assert told == []
    await recorder.commit()
    assert told == [(journal.recorded[-2:], True)]


async def test_an_event_that_does_not_fit_is_not_kept(recorder, journal):
    before = deepcopy(recorder.draft)
    with pytest.raises(AllocationError):
        recorder.emit(CapitalAllocated(agent="ann", amount=usd(1)))
    with pytest.raises(FoldError):
        recorder.emit(CapitalAllocated(agent="zoe", amount=usd(1)))
    assert recorder.draft == before
    attempts = journal.attempts
    await recorder.commit()
    assert journal.attempts == attempts


async def test_the_fold_of_the_journal_is_the_committed_state(recorder, journal):
    recorder.emit(ON)
    await recorder.commit()
    replayed = ArenaState()
    for each in journal.recorded:
        apply(replayed, each)
    assert replayed == recorder.committed


# --- A journal that can't be written


async def test_what_can_not_be_written_is_tried_again_and_never_shown_before_it_is(recorder, journal):
    journal.failures = ["disk full", "disk still full"]
    told = []
    recorder.listen(told.append)
    recorder.emit(ON)
    writing = asyncio.create_task(recorder.commit())
    while journal.failures:
        await asyncio.sleep(0)
        if not journal.recorded[3:]:
            assert not recorder.committed.killed
            assert told == []
    await writing
    assert recorder.committed.killed
    assert len(told) == 1
    assert journal.events(KillSwitchSet) == [ON]


async def test_an_outage_is_told_while_it_lasts_and_journaled_when_it_is_over(recorder, journal):
    assert recorder.outage is None
    journal.failures = ["disk full", "database is locked"]
    recorder.emit(ON)
    writing = asyncio.create_task(recorder.commit())
    await journal.has_failed.wait()
    assert recorder.outage.reason == "disk full"
    await writing
    assert recorder.outage is None
    assert journal.events(JournalOutage) == []
    recorder.emit(OFF)
    await recorder.commit()
    assert journal.events(JournalOutage) == [JournalOutage(lasted_ms=250, reason="disk full")]
    assert recorder.committed == recorder.draft


async def test_an_outage_is_written_even_if_nothing_else_happens(recorder, journal):
    journal.failures = ["disk full"]
    recorder.emit(ON)
    await recorder.commit()
    await recorder.commit()
    assert len(journal.events(JournalOutage)) == 1


async def test_cancelled_during_an_outage_the_committed_state_is_as_it_was(recorder, journal):
    before = deepcopy(recorder.committed)
    durable = list(journal.recorded)
    journal.failures = ["disk full"] * 1_000
    recorder.emit(ON)
    writing = asyncio.create_task(recorder.commit())
    await journal.has_failed.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert recorder.committed == before
    assert journal.recorded == durable


async def test_what_was_abandoned_never_happened(recorder, journal):
    before = deepcopy(recorder.committed)
    recorder.now_ms += 60_000
    recorder.emit(ON)
    recorder.abandon()
    assert recorder.draft == recorder.committed == before
    assert recorder.draft is not recorder.committed
    assert recorder.now_ms == START_MS
    attempts = journal.attempts
    await recorder.commit()
    assert journal.attempts == attempts
    recorder.emit(PauseSet(on=True, by="a test"))
    await recorder.commit()
    assert recorder.committed.paused
    assert not recorder.committed.killed


# --- A ledger that leaks


async def test_cash_that_is_not_conserved_stops_everything_before_it_is_written(recorder, journal):
    durable = list(journal.recorded)
    recorder.draft.agents["ann"].realized += 7
    recorder.emit(ON)
    with pytest.raises(LedgerLeak, match="cash is off by -7 micro-units"):
        await recorder.commit()
    assert journal.recorded == durable
    assert not recorder.committed.killed
