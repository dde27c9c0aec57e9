"""Reads a run's session from a journal, whether or not its bot is running; writes nothing."""

from pathlib import Path

from cockpit.journal.reading import read_events, read_run
from cockpit.report.collector import collect_session
from cockpit.report.session import NothingToReport, Period, Session


def read_session(journal: Path, run_id: str | None = None, period: Period | None = None) -> Session:
    """The session of a run.

    Args:
        journal: The journal's file.
        run_id: Which run; the newest unless given.
        period: What of it; all unless given.

    Raises:
        NothingToReport: If there is no such run, or nothing happened in the period.
        JournalError: If the journal can't be read.
        FoldError: If its events contradict each other.
    """
    if not journal.exists():
        raise NothingToReport(f"there is no journal at {journal}: no bot has run there yet")
    started = read_run(journal, run_id)
    if started is None:
        raise NothingToReport(f"there is no run {run_id or 'yet'} in {journal}")
    return collect_session(read_events(journal, run_id=started.run_id), period)
