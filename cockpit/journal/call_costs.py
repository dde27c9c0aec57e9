"""What models have cost, in all runs of a journal."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from cockpit.domain.market import Micros
from cockpit.journal.call_events import model_call
from cockpit.journal.schema import connect_reader

_COSTS = (
    "SELECT agent, asked_ms, cost_micros, CASE WHEN cost_micros IS NULL THEN"
    " (SELECT payload FROM events WHERE events.seq = llm_calls.seq) END"
    " FROM llm_calls WHERE attempts > 0 ORDER BY asked_ms, seq"
)


class CallCost(NamedTuple):
    """One call that was made.

    Attributes:
        agent: Whose.
        asked_ms: When, UTC milliseconds of real time.
        cost: Micro-dollars; None where nobody knows.
        request: What was asked, as JSON, where nobody knows what it cost; else empty.
    """

    agent: str
    asked_ms: int
    cost: Micros | None
    request: str


def read_call_costs(path: Path) -> Iterator[CallCost]:
    """Every call for which a request was sent, oldest first.

    They are read one by one: together, the requests of unpriced calls may be more than fits into memory.

    Raises:
        JournalUnavailable, JournalCorrupt: If the file can't be read; at the first of them.
    """
    with closing(connect_reader(path)) as connection:
        for agent, asked_ms, cost, event in connection.execute(_COSTS):
            yield CallCost(agent, asked_ms, cost, "" if event is None else model_call(event).request)
