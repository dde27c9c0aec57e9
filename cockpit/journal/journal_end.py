"""Where a journal ends, read whether or not its bot is running: in which run, and whether that is over."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cockpit.domain.events import Recorded
from cockpit.journal.reading import read_run
from cockpit.journal.schema import connect_reader, error_of


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEnd:
    """The place after which the next event comes.

    Attributes:
        seq: The last event; 0 where there is none.
        run_id: The newest run; empty before the first.
        ts_ms: Market time of the last event; 0 where there is none.
    """

    seq: int = 0
    run_id: str = ""
    ts_ms: int = 0


def journal_end(path: Path) -> JournalEnd:
    """Where a journal ends; there belongs the next event that no run makes.

    Raises:
        JournalUnavailable, JournalCorrupt: If the file can't be read.
    """
    found = _row(path, "SELECT seq, run_id, ts_ms FROM events ORDER BY seq DESC LIMIT 1", ())
    return JournalEnd() if found is None else JournalEnd(seq=found[0], run_id=found[1], ts_ms=found[2])


def unfinished_run(path: Path) -> Recorded | None:
    """How the newest run began, if it can be gone on with; None where there is none or it is over.

    Raises:
        JournalUnavailable, JournalCorrupt: If the file can't be read.
    """
    started = read_run(path) if path.exists() else None
    if started is None:
        return None
    found = _row(path, "SELECT finished_ms FROM competition_runs WHERE run_id = ?", (started.run_id,))
    return started if found is None or found[0] is None else None


def _row(path: Path, query: str, values: tuple[Any, ...]) -> Any:
    with closing(connect_reader(path)) as connection:
        try:
            return connection.execute(query, values).fetchone()
        except sqlite3.Error as error:
            raise error_of(error, path) from error
