"""Leaves a session in files, and prints its report."""

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Protocol

from cockpit.domain.errors import USAGE, CockpitError
from cockpit.report.columns import Preset
from cockpit.report.documents import report_document, session_document
from cockpit.report.extra_columns import extra_columns
from cockpit.report.page import report_page
from cockpit.report.reading import read_session
from cockpit.report.session import Session, utc_day_period
from cockpit.report.sheets import leaderboard_sheet, report_sheet
from cockpit.report.values import encode_document, instant


class ReportUnwritable(CockpitError):
    """A file could not be written; what stood there before still does."""


class ReportFormatUnknown(CockpitError):
    """Nobody knows how to write a report into a file of that name."""

    exit_code = USAGE


class BotFiles(Protocol):
    """Where a bot keeps what is exported, and what it is exported from."""

    @property
    def journal(self) -> Path:
        """The event log."""
        ...

    @property
    def results(self) -> Path:
        """Exports."""
        ...


def export_results(folder: BotFiles, run_id: str, *, wall_ms: int) -> list[Path]:
    """Writes what a run leaves: the session as JSON, the leaderboard as CSV, the report as HTML.

    Args:
        folder: The bot's.
        run_id: Which run.
        wall_ms: Now, UTC milliseconds, for the names of the files.

    Returns:
        The files; their names differ from any that were there.

    Raises:
        NothingToReport: If the journal has no such run.
        JournalError: If it can't be read.
        ReportUnwritable: If a file can't be written.
    """
    session = read_session(folder.journal, run_id)
    contents = {
        "session_{}.json": encode_document(session_document(session, _wall(wall_ms))),
        "leaderboard_{}.csv": leaderboard_sheet(
            session.standings, session.agents, extra_columns(session)
        ).encode(),
        "report_{}.html": _page(session, wall_ms),
    }
    stamp = _free_stamp(folder.results, contents, wall_ms)
    paths = []
    for pattern, content in contents.items():
        paths.append(folder.results / pattern.format(stamp))
        write_atomically(paths[-1], content)
    return paths


def print_report(
    journal: Path,
    *,
    day: str | None,
    as_json: bool,
    output: Path | None,
    columns: Preset = Preset.FULL,
    echo: Callable[[str], None],
    wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
) -> None:
    """What `cockpit report` does.

    Args:
        journal: The journal's file; its newest run is reported on.
        day: A UTC day of market time, such as 2025-01-31; None for the whole run.
        as_json: Whether to print JSON instead of tables.
        output: A .json, .csv or .html file to write instead.
        columns: Of the tables.
        echo: Prints one text.
        wall_ms: The clock.

    Raises:
        NothingToReport: If there is no run, or nothing happened that day.
        DayInvalid: If the day is none.
        ReportFormatUnknown: If the file's suffix is another one.
        ReportUnwritable: If the file can't be written.
        JournalError: If the journal can't be read.
    """
    if output is not None:
        _check_suffix(output)
    session = read_session(journal, period=None if day is None else utc_day_period(day))
    if output is not None:
        write_report(output, session, wall_ms())
        echo(f"wrote {output}")
    elif as_json:
        echo(encode_document(report_document(session, _wall(wall_ms()))).decode().rstrip())
    else:
        from cockpit.report.tables import printed, report_tables  # noqa: PLC0415 - rich, only where needed

        echo(printed(report_tables(session, columns)))


def write_report(path: Path, session: Session, wall_ms: int) -> None:
    """Writes the report in the form that the file's suffix names.

    Raises:
        ReportFormatUnknown: If that is none of .json, .csv and .html.
        ReportUnwritable: If the file can't be written.
    """
    _check_suffix(path)
    write_atomically(path, _WRITERS[path.suffix.lower()](session, wall_ms))


def write_atomically(path: Path, content: bytes) -> None:
    """Replaces a file as a whole: a reader, or a crash, finds the old one or the new one.

    Raises:
        ReportUnwritable: If it can't be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise ReportUnwritable(f"can't write {path}: {error.strerror}") from error


def _check_suffix(path: Path) -> None:
    if path.suffix.lower() not in _WRITERS:
        raise ReportFormatUnknown(f"can't tell the format of {path}: name it .json, .csv or .html")


def _wall(wall_ms: int) -> dict[str, object]:
    return {"written": instant(wall_ms)}


def _page(session: Session, wall_ms: int) -> bytes:
    from plotly.offline import get_plotlyjs  # type: ignore[import-untyped]  # noqa: PLC0415 - pages only

    return report_page(session, get_plotlyjs(), _wall(wall_ms)).encode()


def _free_stamp(folder: Path, patterns: Iterable[str], wall_ms: int) -> str:
    """The UTC time for file names, counted on where two exports fall into one second."""
    stamp = datetime.fromtimestamp(wall_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    for number in count(2):
        if not any((folder / pattern.format(stamp)).exists() for pattern in patterns):
            break
        stamp = f"{stamp.partition('-')[0]}-{number}"
    return stamp


_WRITERS: dict[str, Callable[[Session, int], bytes]] = {
    ".json": lambda session, wall_ms: encode_document(report_document(session, _wall(wall_ms))),
    ".csv": lambda session, wall_ms: report_sheet(session).encode(),
    ".html": _page,
}
