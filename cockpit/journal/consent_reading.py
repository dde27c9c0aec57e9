"""Whether a person has accepted what a run will cost, read whether or not its bot is running."""

import sqlite3
from contextlib import closing
from pathlib import Path

from cockpit.journal.reading import read_run
from cockpit.journal.schema import connect_reader, error_of

_ACCEPTED = (
    "SELECT 1 FROM events WHERE seq >= :seq AND run_id = :run AND kind = 'bot_started'"
    " AND json_extract(payload, '$.cost_accepted') LIMIT 1"
)


def cost_was_accepted(path: Path, run_id: str) -> bool:
    """Whether any of a run's processes was started by a person who accepted its cost.

    Args:
        path: The journal's file, if there is one.
        run_id: Which run.

    Raises:
        JournalUnavailable, JournalCorrupt: If the file can't be read.
    """
    started = read_run(path, run_id) if path.exists() else None
    if started is None:
        return False
    bounds = {"seq": started.seq, "run": run_id}
    with closing(connect_reader(path)) as connection:
        try:
            return connection.execute(_ACCEPTED, bounds).fetchone() is not None
        except sqlite3.Error as error:
            raise error_of(error, path) from error
