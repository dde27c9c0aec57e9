"""Where a journal ends, told without its bot."""

from pathlib import Path

import pytest

from cockpit.domain.events import BotStopped
from cockpit.journal.journal import Journal
from cockpit.journal.journal_end import JournalEnd, journal_end, unfinished_run
from tests.journal.event_stream import EventStream
from tests.trading.arena_facts import START_MS

BETWEEN = BotStopped(wall_ms=1, reason="enough")


async def test_before_the_first_event_it_ends_where_it_begins(journal: Journal, path: Path) -> None:
    assert journal_end(path) == JournalEnd(seq=0, run_id="", ts_ms=0)
    assert unfinished_run(path) is None
    assert unfinished_run(path.with_name("none.sqlite")) is None


@pytest.mark.parametrize("finish", [False, True])
async def test_it_ends_in_the_newest_run_which_may_be_over(
    journal: Journal, path: Path, finish: bool
) -> None:
    await journal.commit("", 0, (BETWEEN,))
    stream = EventStream(agents=2, first_seq=2)
    last_ms = START_MS
    for ts_ms, batch in stream.batches(2, finish=finish):
        recorded = await journal.commit(stream.run_id, ts_ms, batch)
        last_ms = ts_ms
    assert journal_end(path) == JournalEnd(seq=recorded[-1].seq, run_id=stream.run_id, ts_ms=last_ms)
    begun = unfinished_run(path)
    assert (begun is None) if finish else (begun is not None and begun.seq == 2)
