"""What models have cost, in all runs of a journal."""

from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from cockpit.domain.market import Micros
from cockpit.journal.schema import connect_reader

_COSTS = (
    "SELECT agent, asked_ms, cost_micros, CASE WHEN cost_micros IS NULL THEN request ELSE '' END"
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


def read_call_costs(path: Path) -> list[CallCost]:
    """Every call for which a request was sent, oldest first.

    Raises:
        JournalUnavailable, JournalCorrupt: If the file can't be read.
    """
    with closing(connect_reader(path)) as connection:
        return [CallCost(*row) for row in connection.execute(_COSTS)]
