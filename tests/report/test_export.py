"""The files a run leaves, and the report command."""

import csv
import io
import json
from pathlib import Path

import pytest

from cockpit.report.collector import collect_session
from cockpit.report.export import (
    ReportFormatUnknown,
    ReportUnwritable,
    export_results,
    print_report,
    write_atomically,
    write_report,
)
from cockpit.report.session import NothingToReport, Session

WALL_MS = 1_800_000_000_123
"""2027-01-15T08:00:00.123Z."""


def report(journal: Path, **options) -> str:
    lines: list[str] = []
    chosen = {"day": None, "as_json": False, "output": None} | options
    print_report(journal, echo=lines.append, wall_ms=lambda: WALL_MS, **chosen)
    return "\n".join(lines)


def test_a_run_leaves_its_session_its_leaderboard_and_its_report(finished) -> None:
    paths = export_results(finished, "run-of-arena", wall_ms=WALL_MS)
    assert [path.name for path in paths] == [
        "session_20270115T080000Z.json",
        "leaderboard_20270115T080000Z.csv",
        "report_20270115T080000Z.html",
    ]
    assert {path.parent for path in paths} == {finished.results}
    session, leaderboard, page = (path.read_text(encoding="utf-8") for path in paths)
    document = json.loads(session)
    assert document["wall"]["written"] == "2027-01-15T08:00:00.123Z"
    assert len(list(csv.DictReader(io.StringIO(leaderboard)))) == len(document["agents"]) == 11
    assert "plotly.js v" in page


def test_an_export_in_the_same_second_replaces_nothing(finished) -> None:
    first = export_results(finished, "run-of-arena", wall_ms=WALL_MS + 60_000)
    kept = [path.read_bytes() for path in first]
    second = export_results(finished, "run-of-arena", wall_ms=WALL_MS + 60_001)
    third = export_results(finished, "run-of-arena", wall_ms=WALL_MS + 60_002)
    assert len({*first, *second, *third}) == 9
    assert second[0].name == "session_20270115T080100Z-2.json"
    assert third[0].name == "session_20270115T080100Z-3.json"
    assert [path.read_bytes() for path in first] == kept


def test_an_unknown_run_leaves_nothing(finished) -> None:
    before = sorted(finished.results.iterdir()) if finished.results.exists() else []
    with pytest.raises(NothingToReport, match="run-of-nobody"):
        export_results(finished, "run-of-nobody", wall_ms=WALL_MS)
    assert (sorted(finished.results.iterdir()) if finished.results.exists() else []) == before


def test_the_report_is_printed_as_tables_or_as_json(finished) -> None:
    assert "Sharpe" in report(finished.journal)
    document = json.loads(report(finished.journal, as_json=True))
    assert len(document["agents"]) == 11
    assert document["rounds_closed"] == 40
    assert "fills" in document["arena"]


@pytest.mark.parametrize("suffix", [".json", ".csv", ".html", ".JSON"])
def test_the_files_suffix_says_in_which_form(finished, tmp_path, suffix: str) -> None:
    path = tmp_path / "deep" / f"daily{suffix}"
    assert report(finished.journal, output=path) == f"wrote {path}"
    beginnings = {".json": "{", ".csv": "rank,agent,", ".html": "<!DOCTYPE html>"}
    assert path.read_text(encoding="utf-8").startswith(beginnings[suffix.lower()])


def test_another_suffix_is_refused_before_anything_is_read(tmp_path) -> None:
    with pytest.raises(ReportFormatUnknown, match=r"name it .json, .csv or .html"):
        report(tmp_path / "no-journal.sqlite", output=tmp_path / "daily.xls")
    assert ReportFormatUnknown.exit_code == 2


def test_one_day_of_a_run_is_reported_on(finished) -> None:
    document = json.loads(report(finished.journal, as_json=True, day="2025-01-01"))
    assert document["period"] == {"from": "2025-01-01T00:00:00Z", "to": "2025-01-01T02:00:00Z"}
    with pytest.raises(NothingToReport, match="nothing happened"):
        report(finished.journal, day="2025-01-02")


def test_the_report_needs_a_journal(tmp_path) -> None:
    with pytest.raises(NothingToReport, match="no bot has run there"):
        report(tmp_path / "journal.sqlite")
    assert not (tmp_path / "journal.sqlite").exists()


def test_a_file_is_replaced_as_a_whole_and_nothing_else_is_left(tmp_path) -> None:
    path = tmp_path / "report.json"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_told_in_one_line(tmp_path, session: Session) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(ReportUnwritable, match=r"can't write .*daily\.json: ") as caught:
        write_report(tmp_path / "file" / "daily.json", session, WALL_MS)
    assert "\n" not in str(caught.value)


def test_what_stood_there_survives_a_failed_write(tmp_path, session: Session) -> None:
    path = tmp_path / "daily.json"
    path.mkdir()
    (path / "kept").write_text("still here", encoding="utf-8")
    with pytest.raises(ReportUnwritable):
        write_report(path, session, WALL_MS)
    assert (path / "kept").read_text(encoding="utf-8") == "still here"
    assert list(tmp_path.iterdir()) == [path]


def test_the_same_session_gives_the_same_files(tmp_path, story) -> None:
    for suffix in (".json", ".csv", ".html"):
        for name in ("one", "two"):
            write_report(tmp_path / f"{name}{suffix}", collect_session(story.events), WALL_MS)
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()
